"""Keeping the directory: adding, updating, what makes two spellings one, and what a change does to calendars."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, SignInNeeded
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import (
    Campus,
    Expert,
    Office,
    Organization,
    OrganizationKind,
    Room,
    Topic,
    TopicKind,
)
from eventsvc.domain.feeds import versions
from eventsvc.workflows import keep_directory as keep
from eventsvc.workflows.keep_directory import Outcome
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("story")

WHO = {"actor": ADMINISTRATOR, "now": NOW}
COLLEGE = OrganizationKind.COLLEGE


def a_college(**more):
    row = {"name": "Harbor College", "kind": COLLEGE, "zone": "America/Los_Angeles", "address": "1 Pier Street", **more}
    return keep.CampusRow(**row)


def verbs() -> list[str]:
    db.session.flush()
    return list(db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


def test_only_who_may_write_keeps_anything():
    for save, row in (
        (keep.save_organization, keep.OrganizationRow(name="Somewhere", kind=COLLEGE)),
        (keep.save_topic, keep.TopicRow(name="Maritime")),
        (keep.save_campus, a_college()),
        (keep.save_travel, keep.TravelRow(origin="a", destination="b", minutes=1)),
    ):
        with pytest.raises(SignInNeeded):
            save(row, actor=PUBLIC, now=NOW)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_a_district_is_one_however_it_is_written_and_in_whatever_order_it_comes(order):
    rows = [
        keep.OrganizationRow(name="Los Angeles City College", kind=COLLEGE, parent="Los Angeles CCD"),
        keep.OrganizationRow(
            slug="laccd", name="Los Angeles Community College District", kind=OrganizationKind.COLLEGE_DISTRICT
        ),
        keep.OrganizationRow(name="Los Angeles Harbor College", kind=COLLEGE, parent="los angeles ccd"),
    ]
    for index in order:
        keep.save_organization(rows[index], **WHO)
    found = {
        lookup.find_organization(words)
        for words in ("Los Angeles CCD", "laccd", "LACCD", "Los Angeles Community College District", "los-angeles-ccd")
    }
    assert len(found) == 1
    assert db.session.scalar(select(func.count()).select_from(Organization)) == 3
    district = found.pop()
    assert district.kind is OrganizationKind.COLLEGE_DISTRICT
    assert lookup.get(Organization, "los-angeles-city-college").parent is district


def test_a_school_district_is_one_however_it_is_written():
    school = keep.OrganizationRow(name="Harbor High", kind=OrganizationKind.SCHOOL, parent="Los Angeles Unified")
    keep.save_organization(school, **WHO)
    row = keep.OrganizationRow(
        slug="lausd", name="Los Angeles Unified School District", kind=OrganizationKind.K12_DISTRICT
    )
    district = keep.save_organization(row, **WHO)
    assert lookup.get(Organization, "harbor-high").parent is district
    assert lookup.find_organization("lausd") is lookup.find_organization("Los Angeles USD") is district
    assert district.slug == "los-angeles-unified", "a slug lasts"
    assert district.name == "Los Angeles Unified School District"


def test_saving_again_updates_what_is_known_and_blank_overwrites_nothing():
    tally = Counter()
    keep.save_campus(a_college(students=10_000, students_is_lower_bound=True), tally=tally, **WHO)
    keep.save_campus(a_college(), tally=tally, **WHO)
    campus = keep.save_campus(a_college(address=None, zone=None, city="Wilmington"), tally=tally, **WHO)
    assert tally == {Outcome.ADDED: 1, Outcome.UNCHANGED: 1, Outcome.UPDATED: 1}
    assert (campus.address, campus.city, campus.students, campus.version) == ("1 Pier Street", "Wilmington", 10_000, 2)
    assert campus.students_is_lower_bound
    assert verbs() == ["add", "add", "add", "edit"], "organization, campus and office, then the city"


def test_a_campus_makes_its_organization_and_one_office_for_it():
    campus = keep.save_campus(a_college(mailbox="events@harbor.example"), **WHO)
    keep.save_campus(a_college(name="North Site", organization="Harbor College"), **WHO)
    offices = db.session.scalars(select(Office)).all()
    assert [(office.organization, office.mailbox) for office in offices] == [
        (campus.organization, "events@harbor.example")
    ]
    assert {one.slug for one in db.session.scalars(select(Campus))} == {"harbor-college", "north-site"}


def test_a_campus_whose_organization_has_another_slug_is_found_again():
    keep.save_organization(keep.OrganizationRow(slug="hc", name="Harbor College", kind=COLLEGE), **WHO)
    tally = Counter()
    for _ in range(2):
        campus = keep.save_campus(a_college(slug="harbor-college"), tally=tally, **WHO)
    assert campus.organization.slug == "hc"
    assert tally == {Outcome.ADDED: 1, Outcome.UNCHANGED: 1}
    assert lookup.find_organization("harbor-college").slug == "hc"


def test_two_schools_of_one_name_in_two_districts_are_two():
    tally = Counter()
    for _ in range(2):
        for district in ("North Unified", "South Unified"):
            row = a_college(name="Lincoln High", kind=OrganizationKind.SCHOOL, parent=district)
            keep.save_campus(row, tally=tally, **WHO)
    campuses = db.session.scalars(select(Campus).order_by(Campus.id)).all()
    assert [campus.organization.parent.name for campus in campuses] == ["North Unified", "South Unified"]
    assert [campus.slug for campus in campuses] == ["lincoln-high", "south-unified-lincoln-high"]
    assert tally == {Outcome.ADDED: 2, Outcome.UNCHANGED: 2}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (a_college(zone="Pacific"), "zone"),
        (a_college(zone=None), "zone"),
        (a_college(kind=None), "kind"),
        (a_college(latitude=91.0), "latitude"),
        (a_college(students=-1), "students"),
        (a_college(slug="No Slug"), "slug"),
        (a_college(name="x" * 201), "name"),
        (a_college(name="a\x07b"), "name"),
        (a_college(name=""), "name"),
        (a_college(name="東京"), "slug"),
        (a_college(mailbox="nobody"), "mailbox"),
        (a_college(kind=OrganizationKind.EMPLOYER, parent="Nobody knows"), "parent"),
    ],
)
def test_a_campus_that_cannot_be_is_refused_with_its_field(row, field):
    with pytest.raises(InvalidInput) as refused:
        keep.save_campus(row, **WHO)
    assert [error["field"] for error in refused.value.facts["errors"]] == [field]


def test_a_spelling_of_another_organization_is_refused():
    keep.save_organization(keep.OrganizationRow(name="Harbor College", kind=COLLEGE, aliases=("HC",)), **WHO)
    keep.save_organization(keep.OrganizationRow(name="Hill College", kind=COLLEGE), **WHO)
    with pytest.raises(InvalidInput):
        keep.save_organization(keep.OrganizationRow(name="Hill College", aliases=("H.C.", "hc")), **WHO)
    with pytest.raises(InvalidInput):
        keep.save_organization(keep.OrganizationRow(slug="hill-college", name="Harbor College"), **WHO)


def test_no_organization_belongs_to_itself_by_any_way_round():
    city = OrganizationKind.CITY
    for name, parent in (("One", None), ("Two", "One"), ("Three", "Two")):
        keep.save_organization(keep.OrganizationRow(name=name, kind=city, parent=parent), **WHO)
    for parent in ("One", "Two", "Three"):
        with pytest.raises(InvalidInput) as refused:
            keep.save_organization(keep.OrganizationRow(name="One", parent=parent), **WHO)
        assert refused.value.facts["errors"][0]["field"] == "parent"


def test_an_organization_found_by_an_alias_keeps_its_name():
    keep.save_organization(keep.OrganizationRow(name="Harbor College", kind=COLLEGE, aliases=("HC",)), **WHO)
    found = keep.save_organization(keep.OrganizationRow(name="HC", website="https://harbor.example"), **WHO)
    assert (found.name, found.website) == ("Harbor College", "https://harbor.example")


def test_rooms_and_experts_are_bookable_and_found_again():
    keep.save_campus(a_college(), **WHO)
    keep.save_topic(keep.TopicRow(name="Maritime industry", slug="maritime", kind=TopicKind.TOPIC), **WHO)
    tally = Counter()
    for _ in range(2):
        room = keep.save_room(
            keep.RoomRow(
                name="Laurel Room",
                campus="harbor-college",
                capacity=40,
                equipment=("projector", "captions"),
                step_free=True,
                setup_minutes=30,
                aliases=("SCH Laurel",),
            ),
            tally=tally,
            **WHO,
        )
        expert = keep.save_expert(
            keep.ExpertRow(
                name="Expert One",
                organization="Harbor College",
                home="Harbor College",
                topics=("Maritime Industry",),
                languages=("en", "es"),
                max_per_day=2,
            ),
            tally=tally,
            **WHO,
        )
    assert tally == {Outcome.ADDED: 2, Outcome.UNCHANGED: 2}
    assert (room.slug, room.setup_minutes, room.takedown_minutes) == ("laurel-room", 30, 0)
    assert (expert.slug, expert.zone, [topic.slug for topic in expert.topics]) == (
        "harbor-college-expert-1",
        "America/Los_Angeles",
        ["maritime"],
    )
    assert {resource.thing for resource in db.session.scalars(select(Resource))} == {room, expert}
    assert lookup.find_room_on(room.campus, "sch laurel") is room


def test_rooms_of_one_name_on_two_campuses_are_two():
    for name in ("Harbor College", "Hill College"):
        keep.save_campus(a_college(name=name), **WHO)
    slugs = [
        keep.save_room(keep.RoomRow(name="Lounge", campus=campus), **WHO).slug
        for campus in ("harbor-college", "hill-college")
    ]
    assert slugs == ["lounge", "hill-college-lounge"]


def test_an_experts_slug_is_a_number_and_never_made_from_the_name():
    port = builders.an_organization("port")
    builders.an_expert("port-expert-2", of=port)

    def save(name, slug=None):
        row = keep.ExpertRow(name=name, organization="port", slug=slug, zone="America/Los_Angeles")
        return keep.save_expert(row, **WHO).slug

    assert [save("Example Pelican"), save("Example Heron"), save("Example Gull", "gull")] == [
        "port-expert-1",
        "port-expert-3",
        "gull",
    ]
    assert save("example  PELICAN") == "port-expert-1"
    assert [save("Пример Один"), save("Пример Два"), save("Пример Один")] == [
        "port-expert-4",
        "port-expert-5",
        "port-expert-4",
    ]


def test_the_number_of_an_expert_fits_behind_the_longest_slug():
    builders.an_organization("x" * 66 + "-" + "y" * 13)
    row = keep.ExpertRow(name="Example Pelican", organization="x" * 66 + "-" + "y" * 13, zone="America/Los_Angeles")
    assert keep.save_expert(row, **WHO).slug == "x" * 66 + "-expert-1"


@pytest.mark.parametrize(("day", "is_over"), [(date(2027, 1, 10), True), (date(2027, 1, 11), True), (None, False)])
def test_what_is_retired_is_in_no_list_and_chosen_for_nothing_new(day, is_over):
    campus = keep.save_campus(a_college(retired_on=day), **WHO)
    known = {"organization": "Harbor College", "retired_on": day}
    keep.save_organization(keep.OrganizationRow(name="Hill College", kind=COLLEGE, retired_on=day), **WHO)
    keep.save_office(keep.OfficeRow(name="Hill", zone="America/Los_Angeles", **known), **WHO)
    keep.save_room(keep.RoomRow(name="Hill", campus=campus.slug, retired_on=day), **WHO)
    keep.save_topic(keep.TopicRow(name="Hill", retired_on=day), **WHO)
    expert = keep.save_expert(keep.ExpertRow(name="Hill", zone="America/Los_Angeles", **known), **WHO)
    slugs = {Organization: "hill-college", Campus: campus.slug, Expert: expert.slug}
    for kind in (Organization, Office, Campus, Room, Topic, Expert):
        slug = slugs.get(kind, "hill")
        listed = {entry.slug for entry in lookup.page(kind, after_slug=None, limit=9)[0]}
        assert (slug in listed) is not is_over
        if is_over:
            with pytest.raises(InvalidInput) as refused:
                lookup.get_in_use(kind, slug, field="it")
            assert f"is out of use since {day}" in refused.value.detail
        else:
            assert lookup.get_in_use(kind, slug, field="it").slug == slug


def test_a_day_has_come_when_it_has_come_there():
    tomorrow = NOW.date() + timedelta(days=1)  # in Los Angeles; in Kiritimati it is that day since three hours
    row = keep.RoomRow(name="Barn", campus=keep.save_campus(a_college(), **WHO).slug, retired_on=tomorrow)
    with db.session.begin_nested() as attempt:
        with pytest.raises(InvalidInput) as refused:
            keep.save_room(row, **WHO)
        attempt.rollback()
    assert refused.value.facts["errors"][0]["field"] == "retired_on"
    there = keep.save_campus(a_college(name="Far Site", zone="Pacific/Kiritimati"), **WHO)
    assert keep.save_room(keep.RoomRow(name="Barn", campus=there.slug, retired_on=tomorrow), **WHO)


def test_an_alias_is_turned_over_but_never_takes_a_rooms_own_name():
    keep.save_campus(a_college(), **WHO)
    one, two = (keep.save_room(keep.RoomRow(name=name, campus="harbor-college"), **WHO) for name in ("One", "Two"))
    assert keep.remember_room_alias(one, "The hall", **WHO)
    assert not keep.remember_room_alias(one, "the HALL", **WHO)
    assert keep.remember_room_alias(two, "The hall", **WHO)
    assert lookup.find_room_on(one.campus, "the hall") is two
    with pytest.raises(InvalidInput):
        keep.remember_room_alias(two, "one", **WHO)


def test_travel_is_one_row_a_direction_and_may_be_said_again():
    for name in ("Harbor College", "Hill College"):
        keep.save_campus(a_college(name=name), **WHO)
    tally = Counter()
    for minutes in (30, 30, 35):
        row = keep.TravelRow(origin="harbor-college", destination="Hill College", minutes=minutes, method="by bus")
        travel = keep.save_travel(row, tally=tally, **WHO)
    assert (travel.minutes, travel.method) == (35, "by bus")
    assert tally == {Outcome.ADDED: 1, Outcome.UNCHANGED: 1, Outcome.UPDATED: 1}
    for origin, minutes, field in (
        ("harbor-college", -1, "minutes"),
        ("hill-college", 5, "minutes"),
        ("nowhere", 5, "origin"),
    ):
        with pytest.raises(InvalidInput) as refused:
            keep.save_travel(keep.TravelRow(origin=origin, destination="hill-college", minutes=minutes), **WHO)
        assert refused.value.facts["errors"][0]["field"] == field


def test_a_renamed_room_campus_office_or_topic_revises_the_events_that_show_it():
    campus = keep.save_campus(a_college(), **WHO)
    room = keep.save_room(keep.RoomRow(name="Lounge", campus=campus.slug), **WHO)
    topic = keep.save_topic(keep.TopicRow(name="Maritime", slug="maritime"), **WHO)
    plan = builders.a_plan(campus, rooms=[room], topics=("maritime",))
    event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    publish_event(str(event.public_id), actor=ADMINISTRATOR, now=NOW)
    office = event.owner
    for save, row in (
        (keep.save_room, keep.RoomRow(name="The Lounge", slug="lounge", campus=campus.slug)),
        (keep.save_campus, a_college(address="2 Pier Street")),
        (keep.save_topic, keep.TopicRow(name="Maritime industry", slug="maritime")),
        (
            keep.save_office,
            keep.OfficeRow(name="Career Center", slug=office.slug, organization="Harbor College"),
        ),
    ):
        sequence, revised_at, version = event.sequence, event.revised_at, versions.read("all")[0]
        save(row, **WHO)
        assert event.sequence == sequence
        assert event.revised_at > revised_at
        assert versions.read("all")[0] > version
        assert versions.read(f"campus:{campus.slug}")[0] > 0
    revised_at = event.revised_at
    keep.save_room(keep.RoomRow(name="The Lounge", campus=campus.slug, capacity=20), **WHO)
    assert event.revised_at == revised_at, "no calendar shows the number of seats"
    assert db.session.scalars(select(Topic)).one() is topic
