"""The catalogue of calendars, putting several together, and the page of each; and the same over JSON and commands."""

from __future__ import annotations

import pytest

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.feeds.saved import SavedFilter
from eventsvc.interfaces.cli import main
from eventsvc.workflows import keep_pairings
from tests import builders, databases
from tests.conftest import NOW
from tests.domain.feeds.test_feeds import published
from tests.interfaces.browser import words_of

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def world(bare_app):
    """A college with a session in Spanish for students, and a school that is paired with it."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("harbor", of=builders.an_organization("harbor-college"))
        builders.an_organization("banning-high", kind=OrganizationKind.SCHOOL)
        topic = builders.a_topic("ships")
        published(builders.a_plan(campus, audience=("Students",), languages=("es",), topics=(topic.slug,)))
        keep_pairings.pair("banning-high", "harbor-college", actor=ADMINISTRATOR, now=NOW)


def saved(app):
    with app.app_context():
        return db.session.query(SavedFilter).count()


def test_several_are_put_together_on_a_page_and_a_get_makes_nothing(bare_app, world, visitor):
    visitor.get("/calendars/combine?campus=harbor&language=es&q=ships")
    ticked = [box["value"] for box in visitor.page.select("input[checked]")]
    assert ticked == ["harbor", "es"]
    assert saved(bare_app) == 0
    for _ in range(2):
        visitor.get("/calendars/combine")
        visitor.post("/calendars/combine", {"campus": "harbor", "language": "es", "q": ""})
        assert (visitor.status, visitor.path.startswith("/calendars/saved/")) == (200, True)
    assert saved(bare_app) == 1
    assert "Spanish" in words_of(visitor.page.select_one("#s-shows").parent)


def test_nothing_chosen_is_refused_beside_its_field(bare_app, world, visitor):
    visitor.get("/calendars/combine")
    visitor.post("/calendars/combine", {})
    assert visitor.status == 422
    assert saved(bare_app) == 0


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [("banning", "/calendars/organization/banning-high"), ("SHIPS", "/calendars/topic/ships")],
)
def test_the_catalogue_finds_what_it_does_not_show(world, visitor, asked, leads_to):
    page = visitor.get(f"/calendars?q={asked}")
    found = page.select_one("#c-found").parent
    assert leads_to in [link["href"] for link in found.select("a")]
    visitor.get(leads_to)
    assert visitor.status == 200


def test_a_school_says_whose_events_its_calendar_includes(world, visitor):
    page = visitor.get("/calendars/organization/banning-high")
    assert "paired with this school" in words_of(page.select_one("main"))


@pytest.mark.parametrize(
    ("chosen", "leads_to"),
    [
        ("?language=ES", "/calendars/language/es"),
        ("?campus=harbor", "/calendars/campus/harbor"),
        ("?campus=harbor&language=es", "/calendars/combine?campus=harbor&language=es"),
        ("?q=port", None),
    ],
)
def test_the_list_leads_to_the_calendar_of_what_it_shows(world, visitor, chosen, leads_to):
    links = [link["href"] for link in visitor.get(f"/{chosen}").select("a") if "this list shows" in words_of(link)]
    assert links == ([leads_to] if leads_to else [])


def test_json_lists_finds_makes_and_reads_feeds(world, public):
    every = public.get("/api/v1/feeds?limit=200").get_json()
    assert every["next"] is None
    paths = [f"{one['of']}/{one['word']}" for one in every["items"]]
    assert paths[0] == "all/"
    assert {"campus/harbor", "language/es", "audience/students", "organization/banning-high"} <= set(paths)
    one_by_one, url = [], "/api/v1/feeds?limit=1"
    while url:
        page = public.get(url.removeprefix("https://events.example")).get_json()
        one_by_one += page["items"]
        url = page["next"]
    assert one_by_one == every["items"]
    asked = {"campus": ["harbor"], "language": ["es", "vi"]}
    first, second = public.post("/api/v1/feeds", json=asked), public.post("/api/v1/feeds", json=asked)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json() == second.get_json() == public.get(first.headers["Location"]).get_json()
    assert first.get_json()["selects"] == asked
    alone = public.post("/api/v1/feeds", json={"campus": ["harbor"]})
    assert (alone.status_code, alone.get_json()["of"]) == (200, "campus")


def test_pairings_are_read_by_everybody_and_made_by_those_who_keep_one_of_the_two(world, admin, public):
    address = "/api/v1/organizations/banning-high/pairings"
    assert [one["slug"] for one in public.get(address).get_json()["items"]] == ["harbor-college"]
    assert public.post(address, json={"with": "harbor-college"}).status_code == 401
    assert admin.post(f"{address}/end", json={"with": "harbor-college"}).get_json() == {"items": []}
    assert admin.post(f"{address}?dry_run=true", json={"with": "harbor-college"}).get_json()["items"]
    assert public.get(address).get_json() == {"items": []}
    for other in ("banning-high", "nobody"):
        refused = admin.post(address, json={"with": other})
        assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "with")


def test_commands_list_and_save_calendars_and_keep_pairings(bare_app, world, database_url, monkeypatch, capsys):
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)
    for command, said in (
        ("feeds list --of campus --words harb", "/feeds/campus/harbor.ics"),
        ("feeds save --campus harbor --language es", "/feeds/saved/"),
        ("pairings list", "banning-high\tharbor-college"),
        ("pairings end banning-high harbor-college", "Ended."),
        ("pairings add banning-high harbor-college", "Paired."),
    ):
        with pytest.raises(SystemExit):
            main(command.split())
        assert said in capsys.readouterr().out
