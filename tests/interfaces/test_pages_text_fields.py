"""Every field in which a person can write words, and every page and letter that shows them: words stay words."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.outbox.letters import render_text
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.services import services
from tests.interfaces.pages import PASADENA

WORDS = {
    "no spaces": "W" * 200,
    "right to left": "מפגש קריירה בנמל ‏— يوم التوظيف",
    "emoji": "👩🏽‍🎓🚢⚓️ Careers 🇲🇽",
    "markup": "<script>window.executed=1</script><img src=x onerror=alert(1)>",
    "quotes": "\"'><svg onload=alert(1)> {{ 7*7 }} {% raw %} %(title)s %s",
    "an entity": "&lt;b&gt; &amp; &#x1F6A2;",
}
ANSWER_LIMIT, AUDIENCE_LIMIT = 1000, 60
hostile = pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)


def shown(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def runs_nothing(page: BeautifulSoup) -> None:
    """No element came out of words: no script or handler of theirs, no image, no drawing of theirs."""
    assert page.find("script", src=False) is None
    assert page.find("img") is None
    for tag in page.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")], tag


@hostile
def test_the_words_of_an_event_stay_words_on_every_page_and_in_every_letter(world, planner, visitor, bare_app, words):
    planner.get(f"/plan?campus={PASADENA}")
    group = words[:AUDIENCE_LIMIT].replace(",", " ").strip()
    when = {"date": "2027-02-10", "time": "14:00", "duration_minutes": "60"}
    typed = {"title": words, "audience": group, "description": f"`{words}`", "experts": "expert-one"}
    planner.submit("Plan", values={**when, **typed})
    event_path = planner.path
    assert event_path.startswith("/events/"), planner.text
    planner.submit("Publish")
    event_id = event_path.rsplit("/", 1)[1]
    said = " ".join(words.split())
    for browser, path in (
        (planner, event_path),
        (planner, f"{event_path}/move"),
        (planner, f"{event_path}/edit"),
        (planner, "/requests"),
        (visitor, event_path),
        (visitor, "/"),
        (visitor, "/month/2027-02"),
        (visitor, world.answer_path(event_id)),
    ):
        page = browser.get(path)
        assert browser.status == 200, path
        assert said in shown(page), path
        runs_nothing(page)
    page = planner.get(f"{event_path}/edit")
    fields = {name: page.select_one(f"#f-{name}") for name in ("title", "audience", "description")}
    assert fields["title"]["value"] == words
    assert fields["audience"]["value"] == group
    assert fields["description"].get_text() == f"\n`{words}`"
    assert {field["dir"] for field in fields.values()} == {"auto"}
    assert letters(bare_app) != []
    for text in letters(bare_app):
        assert said in " ".join(text.split())


def letters(app) -> list[str]:
    """The subject and text of each letter, as it would be sent now."""
    with app.app_context():
        rows = db.session.scalars(select(Message)).all()
        return [" ".join(render_text(row, services().links)) for row in rows]


@hostile
def test_a_reason_stays_words_where_planners_read_it(world, planner, visitor, words):
    event_id = world.plan(experts=("expert-one",))
    visitor.get(world.answer_path(event_id))
    page = visitor.submit("No, I cannot come", values={"reason": words})
    assert visitor.status == 200
    runs_nothing(page)
    page = planner.get(f"/events/{event_id}")
    assert " ".join(words.split()) in shown(page.select_one(".panel"))
    runs_nothing(page)


# Each form with each of its fields of words; a refusal gives back what was typed.
PLAN_FIELDS = ("title", "audience", "description", "online_url", "find_expert")


@hostile
@pytest.mark.parametrize("name", PLAN_FIELDS)
def test_a_refused_plan_gives_back_every_field_as_it_was_typed(world, planner, words, name):
    planner.get(f"/plan?campus={PASADENA}")
    page = planner.submit("Plan", values={"title": "A title", "date": "", name: words})
    assert planner.status == 422
    field = page.select_one(f"#f-{name}")
    if field is not None:  # the search for experts is there only where they are many
        assert (field.get_text().removeprefix("\n") if field.name == "textarea" else field["value"]) == words
    runs_nothing(page)


@hostile
@pytest.mark.parametrize("verb", ["Withdraw this request", "Decline this request"])
def test_a_reason_that_is_too_long_is_given_back_with_a_link_to_its_field(world, planner, words, verb):
    event_id = world.plan()
    planner.get(f"/events/{event_id}")
    too_long = (words * ANSWER_LIMIT)[: ANSWER_LIMIT + 1].rstrip() + "x"
    page = planner.submit(verb, values={"reason": too_long})
    assert planner.status == 422
    link = page.select_one(".refusal .errors a")["href"]
    assert page.select_one(link).get_text().removeprefix("\n") == too_long
    assert page.select_one(f"details[open] {link}") is not None
    runs_nothing(page)
