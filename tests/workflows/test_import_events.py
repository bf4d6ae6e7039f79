"""Importing one event: history, cancellations, again, and what an import must not do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, SignInNeeded, SlotTaken, WrongState
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.booking.models import Reservation, State
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.events.schedule import When
from eventsvc.domain.feeds import versions
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.missing import missing_yes
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.reminders.models import Reminder
from eventsvc.workflows.call_off_event import cancel_event, restore_event
from eventsvc.workflows.import_events import EventRow, import_event, is_to_be_announced, without_cancellation
from eventsvc.workflows.keeping import Outcome
from tests import builders
from tests.builders import at
from tests.conftest import NOW

WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture(autouse=True)
def world(app):
    """A campus with one room that needs half an hour before and after."""
    with transaction():
        campus = builders.a_campus("harbor-college")
        builders.a_room("lounge", on=campus, setup=30, takedown=30)
        builders.a_room("hall", on=campus)
        builders.an_expert("expert-one")
        yield


def a_row(wall="2026-10-01T14:00", minutes=60, **more) -> EventRow:
    row = {
        "source_uid": "uid-1",
        "kind": EventKind.INFO_SESSION,
        "title": "Careers",
        "when": at(wall, minutes),
        "campus": "harbor-college",
        "rooms": ("lounge",),
    }
    return EventRow(**{**row, **more})


AHEAD = "2027-02-10T14:00"


def live() -> list[Reservation]:
    return [row for row in db.session.scalars(select(Reservation)) if row.is_live(NOW)]


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("FreshBooks - **CANCELLED**", "FreshBooks"),
        ("ThoughtWorks **CANCELLED**", "ThoughtWorks"),
        ("PDT Partners, LLC **CANCELLED**", "PDT Partners, LLC"),
        ("Big Viking Games - CANCELLED*", "Big Viking Games"),
        ("CANCELLED: Hulu", "Hulu"),
        ("*Canceled* Hulu", "Hulu"),
        ("Hulu (cancelled)", "Hulu"),
        ("Hulu – cancelled", "Hulu"),
        ("Hulu CANCELLED", "Hulu"),
    ],
)
def test_a_cancellation_typed_into_a_title_is_found(title, clean):
    assert without_cancellation(title) == (clean, True)


@pytest.mark.parametrize(
    "title",
    [
        "Hulu",
        "Microsoft*",
        "How the fair got cancelled",
        "How the fair got cancelled.",
        "Cancelled flights: what to do",
        "HOW THE FAIR WAS CANCELLED",
        "Hulu - NOT CANCELLED",
        "CANCELLED",
        "The uncancelled",
        "Cancelledness",
        "",
    ],
)
def test_other_titles_stay_as_they_are(title):
    assert without_cancellation(title) == (title, False)


@pytest.mark.parametrize("room", ["", " ", "TBD", "TBD*", "tbd", "TBA", "To be announced"])
def test_no_room_yet(room):
    assert is_to_be_announced(room)
    assert not is_to_be_announced("TBD Hall")


def test_only_who_may_write_imports():
    with pytest.raises(SignInNeeded):
        import_event(a_row(), actor=PUBLIC, now=NOW)


def test_the_past_is_completed_history_with_its_rooms_and_silence():
    event = import_event(a_row(experts=("expert-one",)), is_published=True, **WHO)
    assert event.status is Status.COMPLETED
    assert event.published_at == event.host_confirmed_at == NOW
    assert {row.state for row in live()} == {State.CONFIRMED}
    assert len(live()) == 2
    assert count(Message) == count(Reminder) == 0
    assert asking.of_event(event.id) == []
    verbs = db.session.scalars(
        select(AuditEntry.verb).where(AuditEntry.subject == str(event.public_id)).order_by(AuditEntry.id)
    )
    assert list(verbs) == ["import"]


def test_what_is_ahead_is_confirmed_and_published_only_when_asked():
    event = import_event(a_row(AHEAD, experts=("expert-one",)), **WHO)
    assert (event.status, event.published_at) == (Status.CONFIRMED, None)
    assert versions.read("all") == (0, None)
    assert count(Message) == count(Reminder) == 0
    assert [missing.expert for missing in missing_yes(event, [], [])] == ["expert-one"], "the file cannot say yes"
    other = import_event(a_row("2027-02-11T14:00", source_uid="uid-2"), is_published=True, **WHO)
    assert (other.status, other.published_at) == (Status.CONFIRMED, NOW)
    assert versions.read("all")[0] == versions.read("campus:harbor-college")[0] == 1


def test_a_cancelled_row_takes_nothing_and_can_be_restored():
    event = import_event(a_row(AHEAD, is_cancelled=True), is_published=True, **WHO)
    assert (event.status, event.published_at, live()) == (Status.CANCELLED, None, [])
    assert [room.slug for room in event.rooms] == ["lounge"]
    import_event(a_row(AHEAD, source_uid="uid-2"), **WHO)
    with pytest.raises(SlotTaken), db.session.begin_nested():
        restore_event(str(event.public_id), actor=ADMINISTRATOR, now=NOW)


def test_a_clash_with_set_up_and_take_down_is_refused_and_touching_is_not():
    import_event(a_row("2026-10-01T14:00"), **WHO)
    with pytest.raises(SlotTaken) as refused, db.session.begin_nested():
        import_event(a_row("2026-10-01T15:59", source_uid="uid-2"), **WHO)
    assert [clash.kind for clash in refused.value.clashes] == ["overlap"]
    assert count(Event) == 1
    import_event(a_row("2026-10-01T16:00", source_uid="uid-2"), **WHO)
    assert len(live()) == 2


@pytest.mark.parametrize("minutes", [0, -30])
def test_a_length_that_is_none_is_refused(minutes):
    with pytest.raises(InvalidInput), db.session.begin_nested():
        import_event(a_row(minutes=minutes), **WHO)
    assert count(Event) == 0


@pytest.mark.parametrize("wall", ["2026-10-01T14:00", AHEAD])
def test_importing_again_unchanged_changes_nothing(wall):
    row = a_row(wall, topics=(), audience=("Students",), description="Words", expected_heads=20)
    tally = Counter()
    event = import_event(row, is_published=True, tally=tally, **WHO)
    before = event.version, event.revised_at, event.sequence, versions.read("all"), count(AuditEntry)
    rows = {reservation.id for reservation in live()}
    later = NOW + timedelta(hours=1)
    again = import_event(row, is_published=True, actor=ADMINISTRATOR, now=later, tally=tally)
    assert again is event
    assert (event.version, event.revised_at, event.sequence, versions.read("all"), count(AuditEntry)) == before
    assert {reservation.id for reservation in live()} == rows
    assert tally == {Outcome.ADDED: 1, Outcome.UNCHANGED: 1}


def test_importing_again_updates_words_and_moves():
    tally = Counter()
    event = import_event(a_row(AHEAD), is_published=True, **WHO)
    uid, sequence, version = event.public_id, event.sequence, versions.read("all")[0]
    import_event(a_row(AHEAD, title="Careers at sea", expected_heads=30), tally=tally, **WHO)
    assert (event.title, event.expected_heads, event.sequence) == ("Careers at sea", 30, sequence)
    assert versions.read("all")[0] > version
    import_event(a_row("2027-02-10T16:00", rooms=("hall",)), tally=tally, **WHO)
    assert (event.public_id, event.sequence) == (uid, sequence + 1)
    assert event.promised_span == event.span
    assert [row.resource.room.slug for row in live()] == ["hall"]
    assert event.title == "Careers", "the file wins"
    assert tally == {Outcome.UPDATED: 2}
    assert count(Message) == 0


def test_importing_again_moves_into_a_clash_never():
    import_event(a_row(AHEAD), **WHO)
    event = import_event(a_row("2027-02-10T18:00", source_uid="uid-2"), **WHO)
    with pytest.raises(SlotTaken), db.session.begin_nested():
        import_event(a_row("2027-02-10T14:30", source_uid="uid-2"), **WHO)
    db.session.refresh(event)
    assert event.starts_local.hour == 18
    assert len(live()) == 2


def test_a_room_announced_here_survives_a_file_that_still_says_tbd():
    event = import_event(a_row(AHEAD, rooms=None), **WHO)
    assert (event.campus is not None, event.rooms) == (True, [])
    import_event(a_row(AHEAD), **WHO)
    import_event(a_row(AHEAD, rooms=None), **WHO)
    assert [room.slug for room in event.rooms] == ["lounge"]


def test_a_cancellation_that_arrives_later_gives_the_room_back():
    event = import_event(a_row(AHEAD), is_published=True, **WHO)
    version = versions.read("all")[0]
    import_event(a_row(AHEAD, is_cancelled=True), **WHO)
    assert (event.status, live()) == (Status.CANCELLED, [])
    assert versions.read("all")[0] > version


def test_what_was_cancelled_here_stays_cancelled():
    event = import_event(a_row(AHEAD), **WHO)
    cancel_event(str(event.public_id), actor=ADMINISTRATOR, now=NOW)
    import_event(a_row("2027-02-11T14:00", title="New words"), **WHO)
    assert (event.status, event.title, event.starts_local.day) == (Status.CANCELLED, "New words", 10)
    assert live() == []


def test_history_may_be_corrected_but_not_brought_back_to_life_or_cancelled():
    event = import_event(a_row(), **WHO)
    import_event(a_row("2026-10-02T14:00"), **WHO)
    assert (event.status, event.starts_local.day) == (Status.COMPLETED, 2)
    for row in (a_row(AHEAD), a_row("2026-10-02T14:00", is_cancelled=True)):
        with pytest.raises(WrongState), db.session.begin_nested():
            import_event(row, **WHO)


def test_what_is_ahead_may_turn_out_to_be_past():
    event = import_event(a_row(AHEAD), **WHO)
    import_event(a_row("2026-10-02T14:00"), **WHO)
    assert event.status is Status.COMPLETED


def test_an_event_that_people_were_asked_for_is_not_moved_behind_their_backs():
    event = import_event(a_row(AHEAD, experts=("expert-one",)), **WHO)
    asking.ask(event, ADMINISTRATOR, NOW)
    for row in (a_row("2027-02-12T14:00"), a_row(AHEAD, is_cancelled=True)):
        with pytest.raises(WrongState), db.session.begin_nested():
            import_event(row, **WHO)
    import_event(a_row(AHEAD, title="New words"), **WHO)
    assert event.title == "New words"


def test_a_uid_of_another_campus_is_refused():
    builders.a_campus("hill-college")
    import_event(a_row(), **WHO)
    with pytest.raises(InvalidInput):
        import_event(a_row(campus="hill-college", rooms=None), **WHO)


def test_an_event_of_whole_days_is_imported():
    when = When(all_day=True, starts_on=(NOW + timedelta(days=30)).date(), days=2)
    event = import_event(replace(a_row(), when=when), **WHO)
    assert (event.all_day, event.days, len(live())) == (True, 2, 1)
