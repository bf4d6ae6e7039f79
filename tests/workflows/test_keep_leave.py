"""When experts are away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotFound, SignInNeeded, SlotTaken
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows.keep_leave import add_leave, away, leave_of, remove_leave
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW


def add(first: str, last: str):
    with transaction():
        return add_leave("expert-one", first, last, actor=ADMINISTRATOR, now=NOW)


@pytest.fixture
def expert(app):
    with transaction():
        return builders.an_expert("expert-one")


def plan(expert, wall: str):
    with transaction():
        wish = builders.a_plan(builders.a_campus(), when=builders.at(wall), experts=[expert])
        return plan_event(wish, actor=ADMINISTRATOR, now=NOW)


def test_who_is_away_cannot_be_booked_and_the_last_day_counts_whole(expert):
    block, told = add("2027-03-01", "2027-03-05")
    assert (block.starts_at, block.ends_at) == (
        datetime(2027, 3, 1, 8, tzinfo=UTC),
        datetime(2027, 3, 6, 8, tzinfo=UTC),
    )
    assert told == 0
    with pytest.raises(SlotTaken) as refusal:
        plan(expert, "2027-03-05T20:00")
    assert [clash.kind for clash in refusal.value.clashes] == [ClashKind.LEAVE]
    plan(expert, "2027-03-06T09:00")


def test_an_afternoon_off_leaves_the_morning(expert):
    add("2027-03-01T13:00", "2027-03-01T17:00")
    plan(expert, "2027-03-01T11:00")
    with pytest.raises(SlotTaken):
        plan(expert, "2027-03-01T16:30")


def test_leave_over_a_booked_event_refuses_nothing_and_tells_its_office(expert):
    event = plan(expert, "2027-03-02T14:00")
    _, told = add("2027-03-01", "2027-03-05")
    (letter,) = db.session.scalars(select(Message).where(Message.letter == "blocked"))
    assert (told, letter.to_address, letter.facts["blocked"]["kind"]) == (1, event.owner.mailbox, "leave")


def test_the_log_does_not_say_when_anybody_is_away(expert):
    """The log is for ever; what is known of leave ends, and so do the values that stand beside the log."""
    add("2027-03-01", "2027-03-05")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "add_leave")).one()
    assert "2027-03" not in str(entry.changes)
    assert [str(value.after)[:7] for value in entry.values] == ["2027-03", "2027-03"]


def test_the_same_leave_again_is_the_one_that_is_there(expert):
    first, _ = add("2027-03-01", "2027-03-05")
    again, told = add("2027-03-01", "2027-03-05")
    assert (again.id, told) == (first.id, 0)
    assert len(leave_of("expert-one", actor=ADMINISTRATOR)) == 1


def test_leave_is_listed_from_a_moment_on_and_taken_back(expert):
    past, _ = add("2026-12-01", "2026-12-05")
    coming, _ = add("2027-03-01", "2027-03-05")
    assert [one.uid for one in leave_of("expert-one", actor=ADMINISTRATOR, after=NOW)] == [coming.uid]
    assert [one.uid for one in leave_of("expert-one", actor=ADMINISTRATOR)] == [past.uid, coming.uid]
    with transaction():
        remove_leave("expert-one", coming.uid, actor=ADMINISTRATOR, now=NOW)
    plan(expert, "2027-03-02T14:00")
    with pytest.raises(NotFound), transaction():
        remove_leave("expert-one", coming.uid, actor=ADMINISTRATOR, now=NOW)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2027-03-05", "2027-03-01", "until"),
        ("2027-03-01T10:00", "2027-03-01T10:00", "until"),
        ("2027-03-01", "2031-03-01", "until"),
        ("soon", "2027-03-01", "from"),
        ("2027-03-01", "", "until"),
        ("2027-03-14T02:30", "2027-03-15", "from"),
        ("0001-01-01", "2027-03-15", "from"),
        ("9999-12-31", "9999-12-31", "from"),
        ("2027-03-01T10:00Z", "2027-03-02", "from"),
    ],
)
def test_what_is_no_leave_is_refused_by_its_field(first, last, field):
    with pytest.raises(InvalidInput) as refusal:
        away(first, last, "America/Los_Angeles")
    assert [error["field"] for error in refusal.value.facts["errors"]] == [field]


def test_only_planners_know_of_leave(expert):
    with pytest.raises(SignInNeeded):
        leave_of("expert-one", actor=PUBLIC)
    with pytest.raises(SignInNeeded):
        add_leave("expert-one", "2027-03-01", "2027-03-05", actor=PUBLIC, now=NOW)
    with pytest.raises(NotFound):
        leave_of("nobody", actor=ADMINISTRATOR)
