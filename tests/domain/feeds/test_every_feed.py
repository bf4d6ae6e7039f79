"""Every public feed against an oracle that reads all events, whatever is asked for and whatever changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.found_under import groups, tags_found
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import matching
from eventsvc.domain.events.models import Event, EventKind, Series, Visibility
from eventsvc.domain.feeds import dimensions, saved, versions
from eventsvc.domain.feeds.dimensions import DIMENSIONS
from eventsvc.domain.feeds.public import find
from eventsvc.workflows import call_off_event, confirm_event, edit_event, keep_pairings, move_event, publish_event
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.save_filter import save_filter
from tests import builders
from tests.conftest import NOW
from tests.databases import told_at
from tests.domain.feeds.test_feeds import published

pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}
# School → its colleges; the oracle keeps its own book of it.
PAIRED = {"north-high": ("north-college",), "south-high": ("north-college", "south-college")}
MINE = ("north-college", "south-college", "north-high", "south-high", "port")


def on(plan):
    """A confirmed event that everybody sees."""
    return confirm_event.confirm_as_host(published(plan).public_id, **WHO)


def colleges_and_schools():
    """Colleges of a district, schools paired with them, an employer, and events of all sorts; words by dimension."""
    district = builders.an_organization("big-district", kind=OrganizationKind.COLLEGE_DISTRICT)
    places = {}
    for slug in ("north-college", "south-college"):
        organization = builders.an_organization(slug)
        organization.parent = district
        places[slug] = builders.a_campus(f"{slug}-campus", of=organization)
    for slug in ("north-high", "south-high"):
        school = builders.an_organization(slug, kind=OrganizationKind.SCHOOL)
        places[slug] = builders.a_campus(f"{slug}-campus", of=school)
    port = builders.an_office("port-office", of=builders.an_organization("port", kind=OrganizationKind.EMPLOYER))
    ships, trains = builders.a_topic("ships"), builders.a_topic("trains")
    for school, colleges in PAIRED.items():
        for college in colleges:
            keep_pairings.pair(school, college, **WHO)
    said = [
        (places["north-college"], EventKind.WORKSHOP, (ships,), ("Students",), ("es",), ()),
        (places["north-college"], EventKind.INFO_SESSION, (), (), (), ("port",)),
        (places["south-college"], EventKind.WORKSHOP, (ships, trains), ("Alumni", "students"), ("es-MX",), ()),
        (places["south-high"], EventKind.SCHOOL_NIGHT, (trains,), ("Families",), ("en", "vi"), ("north-college",)),
        (places["north-high"], EventKind.MEETING, (), (), (), ()),
    ]
    for number, (campus, kind, topics, audience, languages, beside) in enumerate(said):
        plan = builders.a_plan(
            campus, title=f"Event {number}", topics=tuple(one.slug for one in topics),
            audience=audience, languages=languages, co_hosts=beside,
        )  # fmt: skip
        on(replace(plan, kind=kind))
    on(
        builders.a_plan(None, owner=port.slug, title="Webinar", online_url="https://meet.example/1",
                        audience=("Students",), co_hosts=("south-college",))
    )  # fmt: skip
    hidden = builders.a_plan(places["north-college"], title="Hidden", visibility=Visibility.PRIVATE, topics=("ships",))
    on(hidden)
    gone = on(builders.a_plan(places["south-college"], title="Gone", topics=("trains",), languages=("es",)))
    call_off_event.cancel_event(gone.public_id, reason="", **WHO)
    put_off = on(builders.a_plan(places["north-college"], title="Put off", audience=("Alumni",)))
    call_off_event.postpone_event(put_off.public_id, reason="", **WHO)
    series = db.session.scalars(select(Series)).all()
    assert not series


FILLED = ("colleges_and_schools", told_at(NOW, colleges_and_schools))


@pytest.fixture
def database_url(filled_url):
    return filled_url


@pytest.fixture
def world(bare_app):
    """Inside the app of that world."""
    with bare_app.app_context():
        yield


def words():
    """Every word of every dimension that leads somewhere."""
    return {of: [part.word for part in dimensions.listed(of, limit=50)] for of in DIMENSIONS}


def oracle(asked):
    """Titles of the events that a combination selects, told from each event alone."""
    events = db.session.scalars(select(Event)).all()
    public_ones = [one for one in events if one.published_at is not None and one.visibility == Visibility.PUBLIC]
    return {one.title for one in public_ones if all(set(some) & stands_for(one)[of] for of, some in asked.items())}


def stands_for(event):
    """The words of an event by dimension, said from its own row and the oracle's book of pairings."""
    campus = (
        db.session.get(type(event.campus), event.promised_campus_id)
        if event.status in OFF and event.campus
        else (event.campus)
    )
    hosts = {event.owner.organization, *event.co_hosts} | ({campus.organization} if campus else set())
    slugs = {one.slug for one in hosts}
    schools = {school for school, colleges in PAIRED.items() if slugs & set(colleges)}
    at = {campus.slug} if campus else {f"{event.owner.organization.slug}-campus"}
    return {
        "campus": at | {f"{one.slug}-campus" for one in event.co_hosts},
        "kind": {str(event.kind)},
        "topic": {one.slug for one in event.topics},
        "audience": set(groups(event.audience)),
        "language": tags_found(event.languages),
        "organization": slugs | schools,
        "district": {one.parent.slug for one in hosts if one.parent},
        "series": {str(event.series.public_id)} if event.series else set(),
    }


def titles_of(wanted):
    return set(db.session.scalars(select(Event.title).where(*matching(wanted))))


def test_each_feed_of_one_word_shows_what_the_oracle_says(world):
    tried = 0
    for of, some in words().items():
        for word in some:
            assert titles_of(find(of, word).wanted) == oracle({of: [word]}), (of, word)
            tried += 1
    assert tried > 25
    assert oracle({"organization": ["south-high"]}) == {
        "Event 0", "Event 1", "Event 2", "Event 3", "Webinar", "Gone", "Put off"
    }  # fmt: skip


@pytest.fixture
def any_combination(world):
    known = words()
    several = {of: st.lists(st.sampled_from(some), max_size=4, unique=True) for of, some in known.items() if some}
    return st.fixed_dictionaries({}, optional=several)


def test_a_saved_filter_shows_what_the_oracle_says_whatever_is_combined(any_combination, world):
    seen = {}

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(asked=any_combination, order=st.randoms())
    def holds(asked, order):
        asked = {of: some for of, some in asked.items() if some}
        if not asked or sum(map(len, asked.values())) > saved.MOST_WORDS:
            return
        with transaction():
            listed, _ = save_filter(asked, NOW)
            mixed = {of: order.sample(asked[of], len(asked[of])) for of in order.sample(list(asked), len(asked))}
            again, is_new = save_filter(mixed, NOW)
        assert (again, is_new) == (listed, False)
        canonical = tuple(sorted((of, tuple(sorted(some))) for of, some in asked.items()))
        assert seen.setdefault(listed.path, canonical) == canonical
        assert titles_of(find(listed.of, listed.word).wanted) == oracle(asked)

    holds()
    assert len(seen) > 20


def every_feed():
    """All feeds of one word, and two saved ones, by address."""
    combined = [{"campus": ["north-college-campus"], "topic": ["ships", "trains"]}, {"organization": list(MINE)}]
    with transaction():
        some = [save_filter(asked, NOW)[0] for asked in combined]
    paths = [(of, word) for of, found in words().items() for word in found] + [(one.of, one.word) for one in some]
    return {f"{of}/{word}": find(of, word) for of, word in paths}


CHANGES = {
    "title": lambda one: edit_event.edit_event(one, {"title": "Another"}, **WHO),
    "groups": lambda one: edit_event.edit_event(one, {"audience": ["Alumni", "Families"]}, **WHO),
    "languages": lambda one: edit_event.edit_event(one, {"languages": ["vi", "ko"]}, **WHO),
    "topics": lambda one: edit_event.edit_event(one, {"topics": ["ships"]}, **WHO),
    "co-hosts": lambda one: edit_event.edit_event(one, {"co_hosts": ["south-college", "south-high"]}, **WHO),
    "hidden": lambda one: edit_event.edit_event(one, {"visibility": Visibility.PRIVATE}, **WHO),
    "cancelled": lambda one: call_off_event.cancel_event(one, reason="", **WHO),
    "moved": lambda one: move_event.move_event(
        one, Destination(campus="north-high-campus", is_campus_told=True, rooms=()), **WHO
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("title", ["Event 3", "Webinar"])
def test_a_change_raises_the_version_of_every_feed_the_event_stood_in_or_stands_in(world, change, title):
    if (change, title) in {("moved", "Webinar")}:
        change = "cancelled"
    event = db.session.scalars(select(Event).where(Event.title == title)).one()
    number, one = event.id, str(event.public_id)

    def standing():
        feeds = every_feed().items()
        mine = select(Event.id).where(Event.id == number)
        return {path for path, feed in feeds if db.session.scalar(mine.where(*matching(feed.wanted)))}

    def numbers():
        return {path: versions.read(*feed.keys)[0] for path, feed in every_feed().items()}

    before, stood = numbers(), standing()
    with transaction():
        CHANGES[change](one)
    after, stands = numbers(), standing()
    assert stood
    assert {path for path in stood | stands if path in after and after[path] <= before.get(path, 0)} == set()


def test_a_pairing_made_and_ended_changes_the_calendar_of_the_school_at_once(bare_app, world, public):
    def shown():
        answer = public.get("/feeds/organization/north-high.ics")
        return "SUMMARY:Event 2" in answer.text, answer.headers["ETag"]

    with_out, first = shown()
    with transaction():
        assert keep_pairings.pair("south-college", "north-high", **WHO)[1]
        assert not keep_pairings.pair("north-high", "south-college", **WHO)[1]
    with_it, second = shown()
    with transaction():
        assert keep_pairings.end("north-high", "south-college", **WHO)
        assert not keep_pairings.end("north-high", "south-college", **WHO)
    at_last, third = shown()
    assert (with_out, with_it, at_last) == (False, True, False)
    assert first != second != third


def test_a_saved_filter_is_a_calendar_and_follows_what_happens(bare_app, world, public):
    with transaction():
        listed, is_new = save_filter({"topic": ["trains", "ships"], "language": ["ES"]}, NOW)
    assert (is_new, len(listed.word), listed.word.isalpha(), listed.word.islower()) == (True, 12, True, True)
    address = f"/feeds/saved/{listed.word}.ics"
    first = public.get(address)
    assert ["SUMMARY:Event 0" in first.text, "SUMMARY:Event 3" in first.text] == [True, False]
    event = str(db.session.scalar(select(Event.public_id).where(Event.title == "Event 3")))
    with transaction():
        edit_event.edit_event(event, {"languages": ["es"]}, actor=ADMINISTRATOR, now=clock.now())
    second = public.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, "SUMMARY:Event 3" in second.text) == (200, True)
    assert public.get(address, headers={"If-None-Match": second.headers["ETag"]}).status_code == 304
    with transaction():  # a district's, a campus's or a topic's new name is the calendar's too
        versions.touch({"topic:ships"}, NOW + timedelta(minutes=1))
    assert versions.read(*saved.of_saved(listed.word).keys)[0] > 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "campus"),
        ({"campus": []}, "campus"),
        ({"topic": [f"topic-{number}" for number in range(100)]}, "topic"),
        ({"topic": ["ships", "ships"], "kind": ["party"]}, "kind.0"),
        ({"campus": ["nowhere"]}, "campus.0"),
        ({"campus": ["north-college-campus", "../../etc/passwd"]}, "campus.1"),
        ({"district": ["north-college"]}, "district.0"),
        ({"language": ["xx"]}, "language.0"),
        ({"audience": ["nobody"]}, "audience.0"),
        ({"series": ["not-an-id"]}, "series.0"),
        ({"series": ["3f6c7f0e-0000-4000-8000-000000000000"]}, "series.0"),
        ({"organization": ["\x00"]}, "organization.0"),
        ({"planet": ["mars"]}, "planet"),
    ],
)
def test_what_cannot_be_combined_is_refused_with_the_field_named(world, public, asked, field):
    with pytest.raises(InvalidInput) as refused, transaction():
        save_filter(asked, NOW)
    assert [error["field"] for error in refused.value.facts["errors"]] == [field]
    answer = public.post("/api/v1/feeds", json=asked)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"].startswith(field.partition(".")[0])


@pytest.mark.parametrize(
    "path",
    ["saved/abcdefghijkl", "saved/short", "saved/" + "a" * 80, "saved/..%2fall", "kind/party", "campus/NORTH",
     "event/1", "series/x", "planet/mars", "organization/nobody"],
)  # fmt: skip
def test_addresses_of_nothing_are_not_found(world, public, path):
    assert public.get(f"/feeds/{path}.ics").status_code == 404
    assert public.get(f"/api/v1/feeds/{path}").status_code == 404


def test_two_combinations_never_share_an_address_even_where_the_first_choice_of_one_is_taken(world):
    with transaction():
        mine, _ = save_filter({"kind": ["workshop", "meeting"]}, NOW)
        row = db.session.get(saved.SavedFilter, mine.word)
        row.digest = "0" * 64  # as if another combination had come to that address first
        db.session.flush()
        other, is_new = save_filter({"kind": ["workshop", "meeting"]}, NOW)
    assert is_new
    assert other.word != mine.word


def test_a_series_is_a_dimension_too(world, admin):
    assert words()["series"] == []
    said = {
        "kind": "info_session", "title": "Every Wednesday", "campus": "north-college-campus",
        "starts_local": "2027-02-10T14:00", "duration_minutes": 60,
        "rule": {"kind": "weekly", "weekdays": ["wednesday"], "count": 3},
    }  # fmt: skip
    word = admin.post("/api/v1/series", json=said).get_json()["id"]
    with transaction():
        for event in db.session.scalars(select(Event.public_id).where(Event.series_id.is_not(None))):
            publish_event.publish_event(event, **WHO)
    assert words()["series"] == [word]
    assert titles_of(find("series", word).wanted) == oracle({"series": [word]}) != set()
