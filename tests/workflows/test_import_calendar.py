"""Calendars of other systems become events: once, again after a change, called off, gone, and what is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, SignInNeeded
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Actor
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office, Room
from eventsvc.domain.events.models import Event, EventKind, Status, Visibility
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows import import_calendar
from eventsvc.workflows.call_off_event import cancel_event, postpone_event
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.import_calendar import Taken, into_office, read_calendar, take_entries, window
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from tests import builders, poured
from tests.conftest import NOW
from tests.ical.calendars import calendar, entry, timed

# 10 February 2027, 14:00 to 15:00 in Los Angeles.
TWO = ("20270210T220000Z", "20270210T230000Z")
THREE = ("20270210T230000Z", "20270211T000000Z")


@pytest.fixture(autouse=True)
def world(app):
    """A college with a hall, a chapel that another office grants, and an office that plans."""
    poured.told("a college with a chapel", a_college)


def a_college():
    with transaction():
        college = builders.an_organization("harbor-college")
        builders.an_office("career-center", of=college)
        campus = builders.a_campus("main-campus", of=college)
        builders.a_room("hall", on=campus)
        chapel = builders.a_room("chapel", on=campus)
        chapel.office_id, chapel.needs_approval = builders.an_office("other-office").id, True


def take(*parts, head=(), keep=True, actor=ADMINISTRATOR, now=NOW, **into) -> list[Taken]:
    db.session.rollback()
    wish = into_office("career-center", actor=actor, **{"campus": "main-campus", **into})
    span = window(now)
    entries = read_calendar(calendar(*parts, head=head), wish, span)
    return list(take_entries(entries, wish, span, actor=actor, now=now, keep=keep))


def outcomes(taken: list[Taken]) -> list[tuple[str, str]]:
    return [(str(one.outcome), one.reason) for one in taken]


def events() -> list[Event]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Event).order_by(Event.starts_at, Event.id)))


def the_event() -> Event:
    (event,) = events()
    return event


def test_an_entry_becomes_a_confirmed_event_of_the_office_and_nobody_is_written_to():
    (done,) = take(
        timed(*TWO, "SUMMARY:Careers in water", "LOCATION:hall", "DESCRIPTION:Come all", "CATEGORIES:Workshop",
              "URL:https://college.example/water", "CONFERENCE;VALUE=URI:https://meet.example/a"),
        is_published=True,
    )  # fmt: skip
    event = the_event()
    assert (str(done.outcome), done.line, done.event_id, done.title) == (
        "created",
        4,
        event.public_id,
        "Careers in water",
    )
    assert (event.title, event.kind, event.status) == ("Careers in water", EventKind.WORKSHOP, Status.CONFIRMED)
    assert (event.owner.slug, event.campus.slug) == ("career-center", "main-campus")
    assert [room.slug for room in event.rooms] == ["hall"]
    assert event.description == "Come all\n\nMore: <https://college.example/water>"
    assert event.online_url == "https://meet.example/a"
    assert event.starts_local.isoformat() == "2027-02-10T14:00:00"
    assert event.published_at == NOW
    assert db.session.scalars(select(Message)).all() == []


def test_the_same_file_again_changes_nothing():
    weekly = timed(*TWO, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=3", "LOCATION:hall")
    assert [one for one, _ in outcomes(take(weekly))] == ["created"] * 3
    versions = [event.version for event in events()]
    assert [one for one, _ in outcomes(take(weekly))] == ["unchanged"] * 3
    assert [event.version for event in events()] == versions


def test_an_import_that_was_cut_off_goes_on_where_it_was():
    parts = [timed(*TWO, "SUMMARY:One", uid="one"), timed(*THREE, "SUMMARY:Two", uid="two")]
    wish = into_office("career-center", actor=ADMINISTRATOR)
    entries = read_calendar(calendar(*parts), wish, window(NOW))
    next(take_entries(entries, wish, window(NOW), actor=ADMINISTRATOR, now=NOW))
    assert [event.title for event in events()] == ["One"]
    assert [one for one, _ in outcomes(take(*parts, campus=None))] == ["unchanged", "created"]


def test_a_changed_entry_moves_the_event_and_its_words():
    take(timed(*TWO, "SUMMARY:Old", "LOCATION:hall"))
    before = the_event()
    uid, sequence = before.public_id, before.sequence
    assert outcomes(take(timed(*THREE, "SUMMARY:New", "LOCATION:hall", "SEQUENCE:1"))) == [("updated", "")]
    event = the_event()
    assert (event.public_id, event.title, event.starts_local.hour) == (uid, "New", 15)
    assert event.sequence > sequence


def test_who_was_asked_for_it_is_told_of_a_move(app):
    take(timed(*TWO, "SUMMARY:Old"))
    event_id = str(the_event().public_id)
    with transaction():
        builders.an_expert("expert-one")
        move_event(event_id, Destination(experts=("expert-one",)), actor=ADMINISTRATOR, now=NOW)
    (before,) = db.session.scalars(select(Message.facts)).all()
    take(timed(*THREE, "SUMMARY:Old", "SEQUENCE:1"))
    (after,) = db.session.scalars(select(Message.facts)).all()
    # The letter had not left yet, so there is one, and it says the new time.
    assert ("T22:00" in str(before), "T23:00" in str(after)) == (True, True)


def test_what_was_changed_here_stays_until_the_source_changes():
    take(timed(*TWO, "SUMMARY:Theirs"))
    with transaction():
        edit_event(str(the_event().public_id), {"title": "Ours"}, actor=ADMINISTRATOR, now=NOW)
    assert outcomes(take(timed(*TWO, "SUMMARY:Theirs"))) == [("unchanged", "")]
    assert the_event().title == "Ours"


@pytest.mark.parametrize(
    ("first", "again", "is_taken"),
    [
        (["SEQUENCE:2"], ["SEQUENCE:1"], False),
        (["SEQUENCE:2"], ["SEQUENCE:2"], True),
        (["LAST-MODIFIED:20270102T000000Z"], ["LAST-MODIFIED:20270101T000000Z"], False),
        (["LAST-MODIFIED:20270102T000000Z"], ["LAST-MODIFIED:20270103T000000Z"], True),
        (["SEQUENCE:2", "LAST-MODIFIED:20270102T000000Z"], ["SEQUENCE:1", "LAST-MODIFIED:20270103T000000Z"], True),
        (["SEQUENCE:2", "LAST-MODIFIED:20270102T000000Z"], ["SEQUENCE:3", "LAST-MODIFIED:20270101T000000Z"], True),
    ],
)
def test_an_older_state_is_left_out(first, again, is_taken):
    take(timed(*TWO, "SUMMARY:First", *first))
    (done,) = take(timed(*TWO, "SUMMARY:Again", *again))
    if is_taken:
        assert (the_event().title, str(done.outcome)) == ("Again", "updated")
    else:
        assert (the_event().title, done.reason) == ("First", "It is an older state than the one that is known.")


def test_a_cancelled_entry_calls_the_event_off_and_it_comes_back():
    take(timed(*TWO, "SUMMARY:One", "LOCATION:hall"))
    assert outcomes(take(timed(*TWO, "SUMMARY:One", "LOCATION:hall", "STATUS:CANCELLED"))) == [("cancelled", "")]
    assert the_event().status is Status.CANCELLED
    assert outcomes(take(timed(*TWO, "SUMMARY:One", "LOCATION:hall", "STATUS:CANCELLED"))) == [("unchanged", "")]
    assert outcomes(take(timed(*TWO, "SUMMARY:One", "LOCATION:hall"))) == [("updated", "")]
    assert the_event().status is Status.CONFIRMED


def test_a_calendar_of_cancellations_calls_off():
    take(timed(*TWO, "SUMMARY:One"))
    assert [one for one, _ in outcomes(take(timed(*TWO, "SUMMARY:One"), head=("METHOD:CANCEL",)))] == ["cancelled"]


def test_what_was_called_off_or_put_off_here_stays_so():
    take(timed(*TWO, "SUMMARY:One", uid="one"), timed(*THREE, "SUMMARY:Two", uid="two"))
    one, two = events()
    with transaction():
        cancel_event(str(one.public_id), actor=ADMINISTRATOR, now=NOW)
        postpone_event(str(two.public_id), actor=ADMINISTRATOR, now=NOW)
    assert outcomes(take(timed(*TWO, "SUMMARY:1", uid="one"), timed(*THREE, "SUMMARY:2", uid="two"))) == [
        ("skipped", "It was called off here, and stays so."),
        ("skipped", "It was put off here: give it its new time here."),
    ]


def test_what_was_cancelled_before_it_was_known_is_not_made():
    assert outcomes(take(timed(*TWO, "SUMMARY:One", "STATUS:CANCELLED"))) == [
        ("skipped", "It is called off there, and was never here.")
    ]
    assert outcomes(take(timed(*TWO, "SUMMARY:CANCELLED: One"))) == [
        ("skipped", "It is called off there, and was never here.")
    ]
    assert events() == []


def test_a_date_that_is_taken_out_of_its_series_is_called_off():
    weekly = [*TWO, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=3"]
    take(timed(*weekly))
    done = take(timed(*weekly, "EXDATE:20270217T220000Z"))
    assert [(str(one.outcome), one.line, one.reason) for one in done] == [
        ("unchanged", 4, ""),
        ("unchanged", 4, ""),
        ("cancelled", 0, "The date is gone from its series."),
    ]
    assert [event.status for event in events()] == [Status.CONFIRMED, Status.CANCELLED, Status.CONFIRMED]
    assert [one for one, _ in outcomes(take(timed(*weekly)))] == ["unchanged", "updated", "unchanged"]
    assert {event.status for event in events()} == {Status.CONFIRMED}


def test_a_moved_date_of_a_series_stays_the_same_event():
    weekly = [*TWO, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=2"]
    take(timed(*weekly))
    ids = [event.public_id for event in events()]
    moved = timed("20270217T230000Z", "20270218T000000Z", "SUMMARY:Weekly", "RECURRENCE-ID:20270217T220000Z")
    assert [one for one, _ in outcomes(take(timed(*weekly), moved))] == ["unchanged", "updated"]
    assert [event.public_id for event in events()] == ids
    assert events()[1].starts_local.hour == 15


def test_a_series_whose_hour_changes_moves_and_is_not_made_anew():
    take(timed(*TWO, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=3"))
    ids = [event.public_id for event in events()]
    later = timed(*THREE, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=3", "SEQUENCE:1")
    assert [one for one, _ in outcomes(take(later))] == ["updated"] * 3
    assert [event.public_id for event in events()] == ids
    assert {event.starts_local.hour for event in events()} == {15}
    assert [one for one, _ in outcomes(take(later))] == ["unchanged"] * 3


def test_one_entry_that_begins_to_repeat_keeps_its_event():
    take(timed(*TWO, "SUMMARY:One"))
    first = the_event().public_id
    take(timed(*TWO, "SUMMARY:One", "RRULE:FREQ=WEEKLY;COUNT=2"))
    assert [event.public_id == first for event in events()] == [True, False]


def test_what_a_file_does_not_hold_is_left_alone():
    take(timed(*TWO, "SUMMARY:One", uid="one"), timed(*THREE, "SUMMARY:Two", uid="two"))
    take(timed(*TWO, "SUMMARY:One", uid="one"))
    assert {event.status for event in events()} == {Status.CONFIRMED}


def test_half_a_series_calls_nothing_off():
    """An entry of it that cannot be read may be the one that is missed."""
    weekly = timed(*TWO, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20270217T220000Z")
    take(timed(*TWO, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=3"))
    broken = entry("DTSTART:nonsense", "RECURRENCE-ID:20270217T220000Z")
    assert "cancelled" not in [one for one, _ in outcomes(take(weekly, broken))]


def test_a_clash_refuses_that_entry_alone_and_names_it():
    with transaction():
        plan_event(
            builders.a_plan(
                lookup.get(Campus, "main-campus"),
                when=builders.at("2027-02-10T14:00"),
                rooms=[lookup.get(Room, "hall")],
                title="Board",
            ),
            actor=ADMINISTRATOR,
            now=NOW,
        )
    done = take(timed(*TWO, "SUMMARY:Clashes", "LOCATION:hall", uid="one"), timed(*THREE, "SUMMARY:Free", uid="two"))
    assert [str(one.outcome) for one in done] == ["refused", "created"]
    assert done[0].reason.startswith("Hall is taken Wed Feb 10, 2027, 14:00–15:00")
    assert [event.title for event in events()] == ["Board", "Free"]


def test_a_move_onto_what_is_taken_changes_nothing_and_is_tried_again():
    take(
        timed(*TWO, "SUMMARY:One", "LOCATION:hall", uid="one"), timed(*THREE, "SUMMARY:Two", "LOCATION:hall", uid="two")
    )
    moved = timed(*THREE, "SUMMARY:Moved", "LOCATION:hall", uid="one")
    assert [one for one, _ in outcomes(take(moved))] == ["refused"]
    assert [event.title for event in events()] == ["One", "Two"]
    off = timed(*THREE, "STATUS:CANCELLED", uid="two")
    assert [one for one, _ in outcomes(take(off, moved))] == [
        "cancelled",
        "updated",
    ]


def test_rooms_that_others_grant_are_not_taken_and_unknown_places_stand_in_the_description():
    take(
        timed(*TWO, "SUMMARY:One", "LOCATION:chapel", uid="one"),
        timed(*TWO, "SUMMARY:Two", "LOCATION:Pier 9", uid="two"),
    )
    one, two = events()
    assert ([*one.rooms], one.description) == ([], "Where: chapel")
    assert ([*two.rooms], two.description) == ([], "Where: Pier 9")


def test_a_campus_is_known_by_its_name_or_by_where_it_lies():
    with transaction():
        far = builders.a_campus("far-college")
        far.latitude, far.longitude = 33.78, -118.26
    take(
        timed(*TWO, "SUMMARY:One", f"LOCATION:Library\\, {far.name}", uid="one"),
        timed(*TWO, "SUMMARY:Two", "GEO:33.7801;-118.2601", uid="two"),
        timed(*TWO, "SUMMARY:Three", uid="three"),
    )
    assert [event.campus.slug for event in events()] == ["far-college", "far-college", "main-campus"]


def test_private_entries_are_not_public_and_tentative_ones_not_yet():
    parts = (
        timed(*TWO, "SUMMARY:Private", "CLASS:CONFIDENTIAL", uid="one"),
        timed(*THREE, "SUMMARY:Maybe", "STATUS:TENTATIVE", uid="two"),
    )
    take(*parts, is_published=True)
    private, maybe = events()
    assert private.visibility is Visibility.PRIVATE
    assert maybe.published_at is None
    take(parts[0], timed(*THREE, "SUMMARY:Sure", "STATUS:CONFIRMED", uid="two"), is_published=True)
    assert events()[1].published_at == NOW


def test_what_is_over_is_history_and_stays_as_it_was():
    past = (
        (NOW - timedelta(days=3)).strftime("%Y%m%dT%H%M%SZ"),
        (NOW - timedelta(days=3) + timedelta(hours=1)).strftime("%Y%m%dT%H%M%SZ"),
    )
    assert outcomes(take(timed(*past, "SUMMARY:Past"))) == [("created", "It is over: it stands as completed.")]
    assert the_event().status is Status.COMPLETED
    assert outcomes(take(timed(*past, "SUMMARY:Other"))) == [("skipped", "It is over, and stays as it was.")]
    assert the_event().title == "Past"


def test_our_own_events_do_not_come_back():
    take(timed(*TWO, "SUMMARY:One"))
    own = str(the_event().public_id)
    assert outcomes(take(timed(*TWO, "SUMMARY:One", uid=own))) == [
        ("skipped", "It is an event of this service: a feed does not come back as events.")
    ]


def test_whole_days_stay_days():
    take(entry("DTSTART;VALUE=DATE:20270210", "DTEND;VALUE=DATE:20270213", "SUMMARY:Fair", "CATEGORIES:Career Fairs"))
    event = the_event()
    assert (event.all_day, event.days, event.starts_on.isoformat()) == (True, 3, "2027-02-10")
    assert event.kind is EventKind.RECRUITMENT_FAIR


def test_an_entry_that_we_could_not_hold_is_refused_with_the_reason():
    (done,) = take(timed("20270210T220000Z", "20270310T220000Z", "SUMMARY:Too long"))
    assert (str(done.outcome), done.reason) == ("refused", "duration_minutes: must be between 1 and 20160")


def test_a_dry_run_says_the_same_and_keeps_nothing():
    assert [one for one, _ in outcomes(take(timed(*TWO, "SUMMARY:One"), keep=False))] == ["created"]
    assert events() == []


def test_strangers_and_those_who_plan_elsewhere_import_nothing():
    with pytest.raises(SignInNeeded):
        take(timed(*TWO), actor=PUBLIC)
    elsewhere = Actor("account", (Held(Role.COORDINATOR, office_id=lookup.get(Office, "other-office").id),))
    with pytest.raises(NotAllowed):
        take(timed(*TWO), actor=elsewhere)
    fairs = Actor("account", (Held(Role.FAIR_MANAGER, office_id=lookup.get(Office, "career-center").id),))
    done = take(
        timed(*TWO, "SUMMARY:Meeting", "CATEGORIES:Meeting", uid="one"),
        timed(*TWO, "SUMMARY:Fair", uid="two"),
        actor=fairs,
        kind=EventKind.RECRUITMENT_FAIR,
    )
    assert [str(one.outcome) for one in done] == ["refused", "created"]


def test_unknown_offices_and_campuses_are_refused():
    with pytest.raises(NotFound):
        into_office("nowhere", actor=ADMINISTRATOR)
    with pytest.raises(InvalidInput):
        into_office("career-center", campus="nowhere", actor=ADMINISTRATOR)


def test_the_window_is_bounded():
    with pytest.raises(InvalidInput):
        window(NOW, NOW.date(), NOW.date() - timedelta(days=1))
    with pytest.raises(InvalidInput):
        window(NOW, NOW.date(), NOW.date() + timedelta(days=3_000))
    assert window(NOW).end - NOW == import_calendar.AHEAD
