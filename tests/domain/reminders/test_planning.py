"""Reminders: planned by rules, re-planned on a move, dropped on a cancel, never sent when they cannot help."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.reminders.models import Audience, Reminder, ReminderState, Rule, RuleSet
from eventsvc.workflows import call_off_event, confirm_event, move_event, plan_event
from eventsvc.workflows.remind import post_due_reminders
from tests import builders
from tests.conftest import NOW

START = datetime(2027, 2, 10, 22, 0, tzinfo=UTC)
WEEK, DAY, HOURS = timedelta(days=7), timedelta(days=1), timedelta(hours=2)


@pytest.fixture
def event_id(app):
    """A requested event with one expert, two hours in the afternoon of 10 February."""
    with transaction():
        campus = builders.a_campus()
        plan = builders.a_plan(campus, experts=[builders.an_expert("the-expert")])
        event = plan_event.plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    return str(event.public_id)


def accept(now=NOW):
    invitation = db.session.scalars(select(Invitation)).one()
    with transaction():
        confirm_event.answer_invitation(str(invitation.public_id), AnswerWord.ACCEPT, turn=invitation.turn, now=now)


def confirm(event_id, now=NOW):
    accept(now)
    with transaction():
        confirm_event.confirm_as_host(event_id, actor=ADMINISTRATOR, now=now)


def planned():
    db.session.rollback()
    rows = db.session.scalars(select(Reminder).where(Reminder.state == ReminderState.PLANNED))
    return sorted((row.recipient, START - row.due_at) for row in rows)


def states():
    db.session.rollback()
    return sorted((row.recipient, str(row.state)) for row in db.session.scalars(select(Reminder)))


def test_the_offices_is_planned_at_the_request_and_the_experts_at_the_confirmation(event_id):
    assert planned() == [("office", timedelta(days=3))]
    confirm(event_id)
    assert planned() == [
        ("expert:the-expert", HOURS),
        ("expert:the-expert", DAY),
        ("expert:the-expert", WEEK),
        ("office", timedelta(days=3)),
    ]


def test_only_what_is_still_ahead_is_planned(event_id):
    late = START - timedelta(hours=30)
    confirm(event_id, late)
    assert [row for row in planned() if row[0] != "office"] == [
        ("expert:the-expert", HOURS),
        ("expert:the-expert", DAY),
    ]


def test_a_move_plans_anew_and_forgets_the_old(event_id):
    confirm(event_id)
    with transaction():
        time = {"starts_local": datetime(2027, 2, 17, 14, 0)}
        move_event.move_event(event_id, move_event.Destination(time=time), actor=ADMINISTRATOR, now=NOW)
    due = {row.due_at for row in db.session.scalars(select(Reminder).where(Reminder.state == ReminderState.PLANNED))}
    moved = START + timedelta(days=7)
    assert due == {moved - WEEK, moved - DAY, moved - HOURS, moved - timedelta(days=3)}


def test_moving_there_and_back_plans_the_same_once(event_id):
    confirm(event_id)
    before = planned()
    for day in (17, 10):
        with transaction():
            time = {"starts_local": datetime(2027, 2, day, 14, 0)}
            move_event.move_event(event_id, move_event.Destination(time=time), actor=ADMINISTRATOR, now=NOW)
    assert planned() == before


def test_a_cancel_drops_them_and_nothing_is_posted_afterwards(event_id):
    confirm(event_id)
    with transaction():
        call_off_event.cancel_event(event_id, actor=ADMINISTRATOR, now=NOW)
    assert planned() == []
    assert post_due_reminders(START) == 0


def test_each_is_posted_once_at_its_instant_and_not_before(event_id):
    confirm(event_id)
    letters = select(Message).where(Message.letter == "reminder")
    for now, expected in (
        (START - WEEK - timedelta(seconds=1), 0),
        (START - WEEK, 1),
        (START - WEEK, 1),
        (START - DAY, 2),
        (START - HOURS, 3),
        (START, 3),
    ):
        post_due_reminders(now)
        assert len(db.session.scalars(letters).all()) == expected


def test_one_that_comes_due_after_the_start_is_missed_and_never_sent(event_id):
    confirm(event_id)
    assert post_due_reminders(START + timedelta(minutes=1)) == 4
    assert {state for _, state in states()} == {"missed"}
    assert db.session.scalars(select(Message).where(Message.letter == "reminder")).all() == []


def test_after_a_long_silence_one_letter_is_enough(event_id):
    confirm(event_id)
    post_due_reminders(START - HOURS)
    assert states() == [
        ("expert:the-expert", "missed"),
        ("expert:the-expert", "missed"),
        ("expert:the-expert", "posted"),
        ("office", "dropped"),
    ]
    assert len(db.session.scalars(select(Message).where(Message.letter == "reminder")).all()) == 1


def test_who_has_not_answered_is_asked_and_not_told_to_come(event_id):
    confirm(event_id)
    with transaction():
        call_off_event.cancel_event(event_id, actor=ADMINISTRATOR, now=NOW)
    with transaction():
        call_off_event.restore_event(event_id, actor=ADMINISTRATOR, now=NOW)
    post_due_reminders(START - WEEK)
    letter = db.session.scalars(select(Message).where(Message.letter == "reminder")).one()
    assert letter.facts["is_open"] is True


def test_a_reminder_that_has_not_left_is_forgotten_with_a_cancel_or_a_move(event_id):
    confirm(event_id)
    post_due_reminders(START - WEEK)
    with transaction():
        time = {"starts_local": datetime(2027, 2, 17, 14, 0)}
        move_event.move_event(event_id, move_event.Destination(time=time), actor=ADMINISTRATOR, now=START - WEEK)
    letters = select(Message).where(Message.letter.in_(("reminder", "confirmed")))
    assert {str(letter.state) for letter in db.session.scalars(letters)} == {"dropped"}


def test_the_office_is_left_in_peace_when_everybody_has_answered(event_id):
    accept()
    post_due_reminders(START - timedelta(days=3))
    assert states() == [("office", "dropped")]


def test_rules_are_data_and_a_kinds_own_rules_stand_instead_of_the_general_ones(event_id):
    with transaction():
        own = RuleSet(audience=Audience.EXPERT, event_kind=EventKind.INFO_SESSION, scope="expert/kind:info_session")
        db.session.add(own)
        db.session.flush()
        db.session.add(Rule(set_id=own.id, minutes=30))
    confirm(event_id)
    assert [row for row in planned() if row[0] != "office"] == [("expert:the-expert", timedelta(minutes=30))]
