"""The words under which events are found: groups of people by slug, languages by tag."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events import found_under
from eventsvc.domain.events.found_under import EventAudience, EventLanguage, ensure_languages, slug_of, tags_found
from eventsvc.domain.events.lookup import Filter, matching
from eventsvc.domain.events.models import Event
from eventsvc.workflows import edit_event
from tests import builders, poured
from tests.conftest import NOW
from tests.domain.feeds.test_feeds import published, titles

pytestmark = pytest.mark.usefixtures("still")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Students", "  students "), ("First-year students", "first year  STUDENTS"), ("Señoras", "señoras")],
)
def test_a_group_has_one_slug_however_it_is_written(one, other):
    assert slug_of(one) == slug_of(other)


def test_groups_that_differ_only_in_letters_that_no_slug_holds_have_slugs_of_their_own():
    words = ["学生", "老师", "学生 A", "老师 A", "a", "...", "!?", "студенты", "x" * 60]
    slugs = [slug_of(word) for word in words]
    assert len(set(slugs)) == len(words)
    assert all(0 < len(slug) <= 80 and slug.isascii() for slug in slugs)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("ES", "es"), ("es-mx", "es-MX"), (" zh-hant ", "zh-Hant"), ("es-419", "es-419")],
)
def test_a_tag_is_written_as_bcp_47_has_it(typed, said):
    assert ensure_languages([typed, typed]) == [said]


@pytest.mark.parametrize(
    "typed", ["", "spanish", "xx", "es_MX", "es-", "../es", "e\x00s", "es-latn-mx-x", "e s", "es" * 9]
)
def test_what_names_no_language_is_refused_by_name(typed):
    with pytest.raises(InvalidInput) as refused:
        ensure_languages(["en", typed])
    assert [error["field"] for error in refused.value.facts["errors"]] == ["languages.1"]


def test_spanish_of_mexico_is_spanish_and_what_nobody_said_is_english():
    assert tags_found(["es-MX", "zh-Hant"]) == {"es", "es-mx", "zh", "zh-hant"}
    assert tags_found([]) == {"en"}


@pytest.fixture
def world(bare_app):
    with bare_app.app_context():
        poured.told("four sessions at one campus", four_sessions)


def four_sessions():
    with transaction():
        campus = builders.a_campus("west-los-angeles-college")
        for title, audience, languages in (
            ("Unsaid", (), ()),
            ("Both", ("Students", "First-generation families"), ("en", "es")),
            ("Mexico", ("students",), ("es-MX",)),
            ("Alumni", ("Alumni",), ("vi",)),
        ):
            published(builders.a_plan(campus, title=title, audience=audience, languages=languages))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("language/en", {"Unsaid", "Both"}),
        ("language/es", {"Both", "Mexico"}),
        ("language/es-mx", {"Mexico"}),
        ("language/vi", {"Alumni"}),
        ("language/ko", set()),
        ("audience/students", {"Both", "Mexico"}),
        ("audience/first-generation-families", {"Both"}),
        ("audience/alumni", {"Alumni"}),
    ],
)
def test_feeds_and_lists_find_by_group_and_by_language(world, public, path, shown):
    of, word = path.split("/")
    assert set(titles(public, f"/feeds/{path}.ics")) == shown
    items = public.get(f"/api/v1/events?{of}={word}").get_json()["items"]
    assert {item["title"] for item in items} == shown
    page = public.get(f"/?{of}={word}").get_data(as_text=True)
    assert {title for title in ("Unsaid", "Both", "Mexico", "Alumni") if f">{title}</a>" in page} == shown


@pytest.mark.parametrize(
    "path", ["language/xx", "language/ES", "language/spanish", "audience/nobody", "audience/..%2fx"]
)
def test_a_feed_of_no_language_or_of_no_group_is_not_found(world, public, path):
    assert public.get(f"/feeds/{path}.ics").status_code == 404


@pytest.mark.parametrize("query", ["language=spanish", "language=", "audience=No%20Slug", "language=" + "e" * 300])
def test_a_list_by_what_is_no_language_or_slug_is_refused(world, public, query):
    answer = public.get(f"/api/v1/events?{query}")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, query.partition("=")[0])


def test_an_edit_moves_the_event_from_one_group_and_language_to_another(bare_app, world, public):
    with bare_app.app_context():
        alumni = str(db.session.scalar(select(Event.public_id).where(Event.title == "Alumni")))
    assert titles(public, "/feeds/audience/alumni.ics") == ["Alumni"]
    with bare_app.app_context(), transaction():
        edits = {"audience": ["Counselors"], "languages": ["KO", "en"]}
        edit_event.edit_event(alumni, edits, actor=ADMINISTRATOR, now=NOW)
    assert public.get("/feeds/audience/alumni.ics").status_code == 404
    assert titles(public, "/feeds/audience/counselors.ics") == ["Alumni"]
    assert titles(public, "/feeds/language/vi.ics") == []
    assert public.get(f"/api/v1/events/{alumni}").get_json()["languages"] == ["ko", "en"]
    assert "Korean, English" in public.get(f"/events/{alumni}").get_data(as_text=True)


def test_rows_to_search_are_those_of_the_present_words_after_every_way_of_writing(bare_app, world):
    with bare_app.app_context():
        for event in db.session.scalars(select(Event)):
            rows = db.session.execute(select(EventAudience.slug, EventAudience.word).filter_by(event_id=event.id))
            assert dict(map(tuple, rows)) == found_under.groups(event.audience)
            tags = set(db.session.scalars(select(EventLanguage.tag).filter_by(event_id=event.id)))
            assert tags == (tags_found(event.languages) if event.languages else set())


def test_groups_of_what_is_not_public_are_named_to_nobody(bare_app, world, public):
    with bare_app.app_context(), transaction():
        event = db.session.scalars(select(Event).where(Event.title == "Alumni")).one()
        edit_event.edit_event(event.public_id, {"visibility": "private"}, actor=ADMINISTRATOR, now=NOW)
        assert "alumni" not in dict(found_under.groups_of(matching(Filter()), most=50))
    assert "Alumni" not in public.get("/").get_data(as_text=True)
