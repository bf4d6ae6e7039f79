"""Search through its doors: the page, JSON and the command line."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from click.testing import CliRunner

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, PoolKind
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import call_off_event, confirm_event
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.databases import environment
from tests.interfaces.browser import words_of
from tests.interfaces.pages import PASADENA


def headings(page) -> list[str]:
    return [words_of(heading) for heading in page.select("#results h2")]


def links(page) -> list[str]:
    return [words_of(link) for link in page.select("#results h3 a")]


def test_the_page_shows_events_and_rooms_with_when_and_where(visitor, world):
    event = world.plan(rooms=("harbor-hall",), description="We hire **deckhands**.")
    page = visitor.get("/search?q=harb")
    assert headings(page) == ["Upcoming events 1", "Rooms 2"]
    assert links(page) == ["Careers at the port", "Harbor Hall", "Seahawk Center"]
    card = words_of(page.select_one("#results .card"))
    assert "Harbor Hall, Pasadena City College" in card
    assert "Wed, Feb 10, 2027 2:00 PM" in card
    assert page.select_one("#results h3 a")["href"] == f"/events/{event}"
    assert page.select_one("[role=status]").text.strip() == "3 results"
    assert page.title.text.startswith("Search: harb")


def test_what_was_asked_stands_in_the_field_and_in_the_address(visitor, world):
    visitor.get("/search")
    page = visitor.submit("Search", values={"q": 'Señor "x" <b>'}, within=".search-form")
    assert page.select_one("#search-words")["value"] == 'Señor "x" <b>'
    assert page.select_one("form.search-form")["method"] == "get"
    assert "<b>" not in visitor.response.get_data(as_text=True)


def test_matching_words_are_marked_and_nothing_of_a_title_is_run(visitor, world):
    world.plan(title="<script>Pórt</script> & careers", description="All about the port, and more.")
    page = visitor.get("/search?q=port")
    title = page.select_one("#results h3 a")
    assert words_of(title) == "<script> Pórt </script> & careers"
    assert [mark.text for mark in title.select("mark")] == ["Pórt"]
    page = visitor.get("/search?q=about port")
    assert [mark.text for mark in page.select("#results .excerpt mark")] == ["about", "port"]


def test_a_long_description_is_shown_around_the_word(visitor, world):
    world.plan(description=f"{'Words before it. ' * 40}The deckhand is here. {'Words behind it. ' * 40}")
    excerpt = words_of(visitor.get("/search?q=deckh").select_one("#results .excerpt"))
    assert excerpt.startswith("… ")
    assert excerpt.endswith(" …")
    assert "The deckhand is here." in excerpt
    assert len(excerpt) < 210


def test_past_events_come_after_the_coming_ones(visitor, world, still):
    world.plan(builders.at("2027-01-12T10:00"), title="Soon past port")
    world.plan(builders.at("2027-03-12T10:00"), title="Later port")
    still.move_to(NOW.replace(month=2))
    page = visitor.get("/search?q=port")
    assert headings(page) == ["Upcoming events 1", "Past events 1"]
    assert links(page) == ["Later port", "Soon past port"]


def test_everybody_finds_what_is_public_and_no_people(visitor, world, planner):
    world.plan(experts=("expert-one",))
    world.plan(builders.at("2027-02-11T10:00"), title="Port, not yet announced", published=False)
    assert headings(visitor.get("/search?q=port")) == ["Upcoming events 1"]
    assert headings(visitor.get("/search?q=expert")) == []
    assert headings(planner.get("/search?q=port")) == ["Upcoming events 2", "People 3"]
    page = planner.get("/search?q=expert+one")
    assert headings(page) == ["Upcoming events 1", "People 1"]
    assert page.select("#results h3 a")[1]["href"] == "/?expert=expert-one"


def test_an_event_that_is_off_is_shown_at_the_place_it_was_promised_for(visitor, world):
    event = world.plan(rooms=("harbor-hall",))
    world.run(confirm_event.confirm_as_host, event)
    world.run(call_off_event.cancel_event, event)
    page = visitor.get("/search?q=careers")
    assert "Cancelled" in words_of(page.select_one("#results .card"))
    assert "Harbor Hall" in words_of(page.select_one("#results .place"))


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "Type a word, and what it leads to appears here."),
        ("zebra", "Nothing was found for “zebra”."),
        ("?!", "There is no word in this."),
        ("🎉", "There is no word in this."),
    ],
)
def test_an_empty_answer_says_what_to_do_next(visitor, world, planner, question, says):
    visitor.get(f"/search?q={quote(question)}")
    assert visitor.status == 200
    assert says in visitor.text
    assert [words_of(link) for link in visitor.page.select("#results .empty a")] == ["See all upcoming events"]
    planner.get(f"/search?q={quote(question)}")
    assert "Plan an event" in words_of(planner.page.select_one("#results .empty"))


HOSTILE = [
    '"',
    "'; DROP TABLE search_entries",
    "NEAR(a b)",
    "*",
    "title:port",
    "\x00",
    "x" * 10_000,
    "🎉",
    "\u202ea",
    "%%",
]


@pytest.mark.parametrize("question", HOSTILE, ids=lambda text: repr(text[:12]))
def test_no_question_breaks_a_door(visitor, world, public, question):
    for path in (f"/search?q={quote(question)}", "/search?q=%ff%fe", "/search?q=a&q=b"):
        visitor.get(path)
        assert visitor.status == 200, path
    for path in ("/api/v1/search", "/api/v1/events"):
        answer = public.get(path, query_string={"q": question})
        assert answer.status_code == (422 if len(question) > 500 else 200), path


def test_a_name_that_runs_right_to_left_and_one_of_emoji_are_shown_whole(visitor, world):
    world.plan(title="ענבל بيت 🎉 port")
    page = visitor.get(f"/search?q={quote('ענב')}")
    assert words_of(page.select_one("#results h3 a")) == "ענבל بيت 🎉 port"
    assert page.select_one("#results h3")["dir"] == "auto"


def test_a_large_group_says_how_to_see_all_of_it(visitor, world):
    for number in range(22):
        world.plan(builders.at(f"2027-02-{1 + number:02}T10:00"), title=f"Port {number}")
    page = visitor.get("/search?q=port")
    assert headings(page) == ["Upcoming events 22"]
    assert len(links(page)) == 10
    assert page.select("#results section > p a")[0]["href"] == "/?q=port"


def test_json_gives_events_then_rooms_and_to_planners_people(world, public, admin):
    event = world.plan(rooms=("harbor-hall",), experts=("expert-one",))
    items = public.get("/api/v1/search?q=ha").json["items"]
    assert [item["kind"] for item in items] == ["event", "room", "room"]
    assert items[0] == {"kind": "event", "event": public.get(f"/api/v1/events/{event}").json}
    assert items[1] == {"kind": "room", "room": public.get("/api/v1/rooms/harbor-hall").json}
    assert public.get("/api/v1/search?q=expert").json == {"items": [], "next": None}
    people = admin.get("/api/v1/search?q=expert&kind=expert").json["items"]
    assert [item["expert"]["name"] for item in people] == ["Expert One", "Expert Three", "Expert Two"]
    assert admin.get("/api/v1/search?q=expert").json["items"][0]["kind"] == "event"


@pytest.fixture
def pools(bare_app, world) -> None:
    with bare_app.app_context(), transaction():
        builders.a_pool("beamers", quantity=4, on=directory.get(Campus, PASADENA))
        builders.a_pool("asl-interpreters", quantity=2, kind=PoolKind.ACCESS)


def test_pools_are_found_by_those_who_plan_and_lead_to_a_plan_with_them(visitor, world, planner, pools):
    page = planner.get("/search?q=beam")
    assert headings(page) == ["Equipment and services 1"]
    card = page.select_one("#results .card")
    assert card.h3.text == "Beamers"
    assert "there are 4" in words_of(card)
    form = planner.get(card.select_one(".ways-on a")["href"])
    assert form.select_one("#pool-beamers")["value"] == "1"
    assert form.select_one("#f-campus, [name=campus]") is not None
    everywhere = planner.get("/search?q=access").select_one("#results .card")
    assert "At any campus, also online" in words_of(everywhere)
    planner.get(everywhere.select_one(".ways-on a")["href"])
    assert planner.status == 200
    assert headings(visitor.get("/search?q=beam")) == []


def test_json_and_the_command_find_pools_for_those_who_plan(world, public, admin, pools, command):
    (item,) = admin.get("/api/v1/search?q=pasadena+beam").json["items"]
    assert item == {"kind": "pool", "pool": admin.get("/api/v1/pools/beamers").json}
    assert [one["pool"]["slug"] for one in admin.get("/api/v1/search?q=access&kind=pool").json["items"]] == [
        "asl-interpreters"
    ]
    assert public.get("/api/v1/search?q=beam").json["items"] == []
    assert public.get("/api/v1/search?q=beam&kind=pool").status_code == 401
    assert command("search", "beam").stdout == "pool    beamers  4 × Beamers, Pasadena City College\n"
    assert command("search", "beam", "--public").exit_code == 1


def test_json_refuses_what_is_not_for_everybody_or_not_a_question(world, public):
    assert public.get("/api/v1/search?q=expert&kind=expert").status_code == 401
    for query in ("", "q=", "q=a&kind=campus", "q=a&limit=0", "q=a&words=b"):
        assert public.get(f"/api/v1/search?{query}").status_code == 422, query
    for cursor in ("nonsense", "W10", "WyIyMDI3IiwgMV0"):
        assert public.get(f"/api/v1/search?q=a&cursor={cursor}").status_code == 400, cursor


def test_pages_of_json_join_also_when_time_goes_by(world, public, still):
    for day in (12, 13, 14, 15, 16):
        world.plan(builders.at(f"2027-01-{day}T10:00"), title=f"Port {day}")
    answer = public.get("/api/v1/search?q=port&limit=2").json
    found = answer["items"]
    still.move_to(NOW.replace(day=20))
    while answer["next"]:
        answer = public.get(answer["next"].removeprefix("https://events.example")).json
        found += answer["items"]
    assert [item["event"]["title"] for item in found] == [f"Port {day}" for day in (12, 13, 14, 15, 16)]


def test_a_list_of_events_is_narrowed_by_words_and_by_room(world, public, admin):
    hall = world.plan(rooms=("harbor-hall",), experts=("expert-one",))
    other = world.plan(builders.at("2027-02-11T10:00"), title="A fair")

    def ids(asker, query: str) -> list[str]:
        return [item["id"] for item in asker.get(f"/api/v1/events?{query}").json["items"]]

    assert ids(public, "q=port") == [hall]
    assert ids(public, "q=pasadena") == [hall, other]
    assert ids(public, "q=fair&topic=zero-emission") == []
    assert ids(public, "q=expert") == []
    assert ids(admin, "q=expert") == [hall]
    assert ids(public, "room=harbor-hall") == [hall]
    world.run(call_off_event.withdraw_event, hall)
    assert ids(public, "room=harbor-hall") == []
    assert public.get("/api/v1/events?room=nowhere").status_code == 404


def test_the_openapi_document_describes_the_search(public):
    document = public.get("/api/v1/openapi.json").json
    search = document["paths"]["/api/v1/search"]["get"]
    assert {parameter["name"] for parameter in search["parameters"]} == {"q", "kind", "limit", "cursor"}
    assert "q" in {parameter["name"] for parameter in document["paths"]["/api/v1/events"]["get"]["parameters"]}


def one_more(number: int) -> None:
    campus = builders.a_campus()
    topic = builders.a_topic()
    expert = builders.an_expert(topics=[topic])
    when = builders.at(f"2027-02-{1 + number // 2:02}T{9 + number % 2 * 6:02}:00")
    room = builders.a_room(on=campus)
    plan = builders.a_plan(campus, when=when, title="Room expert", rooms=[room], experts=[expert], topics=(topic.slug,))
    publish_event(str(plan_event(plan, actor=ADMINISTRATOR, now=NOW).public_id), actor=ADMINISTRATOR, now=NOW)


@pytest.mark.parametrize("path", ["/search?q=room", "/search?q=expert", "/api/v1/search?q=room&limit=200"])
@pytest.mark.parametrize("who", ["planner", "visitor"])
def test_a_search_costs_the_same_queries_with_1_and_with_30_of_each(bare_app, still, request, who, path):
    browser = request.getfixturevalue(who)

    def queries() -> int:
        with counted(bare_app) as run:
            browser.get(path)
        assert browser.status == 200
        return len(run)

    with bare_app.app_context(), transaction():
        one_more(0)
    with_one = queries()
    with bare_app.app_context(), transaction():
        for number in range(1, 30):
            one_more(number)
    assert queries() == with_one


@pytest.fixture
def command(database_url, bare_app):
    def run(*arguments: str):
        return CliRunner().invoke(cli, arguments, env=environment(database_url))

    return run


def test_the_command_finds_and_says_so_in_lines(command, world):
    world.plan(rooms=("harbor-hall",), experts=("expert-one",))
    answer = command("search", "harb", "hall")
    assert answer.exit_code == 0
    lines = answer.stdout.splitlines()
    assert lines[0].startswith("event   2027-02-10 14:00 America/Los_Angeles  Careers at the port (requested)  http")
    assert lines[1:] == ["room    harbor-hall  Harbor Hall, Pasadena City College"]
    assert command("search", "expert one", "--kind", "expert").stdout == (
        "expert  expert-one  Expert One, Port Of Los Angeles\n"
    )


def test_the_command_finds_only_what_is_public_when_asked_to(command, world):
    world.plan(experts=("expert-one",), published=False)
    assert command("search", "expert").exit_code == 0
    answer = command("search", "expert", "--public")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "Nothing was found" in answer.stderr


def test_reindexing_mends_what_was_changed_by_other_means(command, world, bare_app):
    world.plan()
    with bare_app.app_context(), transaction():
        from sqlalchemy import text

        from eventsvc.core.db import db

        db.session.execute(text("UPDATE events SET title = 'Sailors wanted'"))
    assert command("search", "sailors").exit_code == 1
    answer = command("reindex")
    assert answer.stdout == "7 events, rooms, people and pools can be found.\n"
    assert answer.stderr == "1 of 1 events\n"
    assert "Sailors wanted" in command("search", "sailors").stdout


def test_a_room_that_was_found_leads_to_its_events_and_a_person_does_so_for_planners(visitor, world, planner):
    world.plan(rooms=("harbor-hall",), title="In the hall", experts=("expert-one",))
    world.plan(builders.at("2027-02-11T10:00"), title="Elsewhere")
    page = visitor.get(visitor.get("/search?q=harbor+hall").select("#results h3 a")[-1]["href"])
    assert "Only events in Harbor Hall, Pasadena City College." in visitor.text
    assert [words_of(link) for link in page.select(".cards h3 a")] == ["In the hall"]
    visitor.submit("Show", values={"q": "hall"})
    assert visitor.page.select_one("input[name=room]")["value"] == "harbor-hall"
    page = planner.get(planner.get("/search?q=expert+one").select("#results h3 a")[-1]["href"])
    assert "Only events with Expert One." in planner.text
    assert [words_of(link) for link in page.select(".cards h3 a")] == ["In the hall"]


def test_the_lists_do_not_tell_everybody_who_comes_where(visitor, world):
    world.plan(experts=("expert-one",), title="With one")
    world.plan(builders.at("2027-02-11T10:00"), title="With nobody")
    page = visitor.get("/?expert=expert-one")
    assert [words_of(link) for link in page.select(".cards h3 a")] == ["With one", "With nobody"]
    assert "Expert One" not in visitor.response.get_data(as_text=True)
