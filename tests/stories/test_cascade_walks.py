"""Random walks through weeks: silences, answers, moves, cancels, releases, hand-overs, line-ups, bookings, crashes.

At every instant all promises hold.

Each walk is told by its seed; one that fails fails again.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import Refusal
from eventsvc.core.times import local_day, to_wall
from eventsvc.core.working_hours import WorkingHours
from eventsvc.domain.accounts import ADMINISTRATOR, Actor
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, OrganizationKind
from eventsvc.domain.events import coordinators
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking, line_up
from eventsvc.domain.invitations.models import COUNTED_ON, GIVEN_UP, HOLDING, AnswerWord, Invitation, InvitationState
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders import tries
from eventsvc.workflows import (
    call_off_event,
    cascade,
    hand_over,
    keep_accounts,
    keep_line_up,
    release_people,
    take_steps,
)
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.line_ups import SaidSeat
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.put_in_charge import put_in_charge
from tests import builders
from tests.conftest import NOW

PEOPLE = ("ann", "ben", "cem", "dia", "eve")
LIVE = (State.HELD, State.CONFIRMED)
OFFICE_HOURS = WorkingHours(builders.PACIFIC)
# What the cascade itself writes to people; what a planner does by hand is told at once.
BY_ITSELF = ("chase", "understudy")
STEPS = 60


COORDINATORS = ("ana@college.example", "bea@college.example")
ABOUT_THE_CASCADE = ("passed_on", "seat_open", "release_silent", "understudy_lost", "answer_declined")
# Where a process may die: between what a step does.
CRASHES = (
    (cascade.tell_cascade, "tell_passed_over"),
    (cascade.tell_cascade, "chase"),
    (cascade.tell_cascade, "tell_of_silence"),
    (cascade.tell_cascade, "tell_understudy_lost"),
    (cascade, "move_on"),
    (cascade, "take_back"),
    (cascade.soft, "release"),
    (cascade.tell, "ask_people"),
    (take_steps.wishes, "wish_for"),
)
_ASKED_NEXT = select(AuditEntry).where(AuditEntry.verb == "ask-next")


class Crash(BaseException):
    """The process died between two steps."""


class Walk:
    """A world of two events with line-ups over five people, and somebody with dice."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now = random.Random(seed), NOW
        self.moves, self.crashes = Counter[str](), Counter[str]()
        self.booked = 0
        self.released: set[str] = set()
        with transaction():
            port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
            builders.an_office("port-office", of=port, mailbox="office@port.example")
            for slug in PEOPLE:
                builders.an_expert(slug, of=port)
            builders.a_campus("campus", of=builders.an_organization("college"))
            office = db.session.scalars(select(Office).where(Office.slug != "port-office")).one().slug
            for email in COORDINATORS:
                keep_accounts.add_account(email, email.split("@")[0].title(), actor=ADMINISTRATOR, now=NOW)
                self._give_role(email, office)
        self.office, self.in_charge = office, COORDINATORS[0]
        self.events = [self._planned(day, who) for day, who in ((10, PEOPLE[:3]), (10, PEOPLE[2:]), (17, PEOPLE[::-1]))]

    def _planned(self, day: int, who: tuple[str, ...]) -> str:
        first, *then = who
        actor = self.dice.choice((ADMINISTRATOR, self._college()))
        with transaction():
            campus = db.session.scalars(select(Campus)).one()
            when = builders.at(f"2027-02-{day}T{9 + 3 * self.dice.randrange(3):02}:00")
            seats = (SaidSeat(expert=self.dice.choice((first, None)), then=tuple(then)),)
            if seats[0].expert is None:
                seats = (SaidSeat(then=tuple(who)),)
            event = plan_event(builders.a_plan(campus, when=when, seats=seats), actor=actor, now=self.now)
            put_in_charge(str(event.public_id), self.in_charge, actor=ADMINISTRATOR, now=self.now)
            return str(event.public_id)

    def _give_role(self, email: str, office: str) -> None:
        keep_accounts.give_role(email, Role.COORDINATOR, office=office, actor=ADMINISTRATOR, now=self.now)

    def _college(self) -> Actor:
        college = db.session.scalars(select(Organization.id).where(Organization.slug == "college")).one()
        return Actor("account college", (Held(Role.COORDINATOR, None, frozenset({college})),))

    def step(self) -> None:
        """Time passes, the scheduler ticks (and may die in between), and somebody does something."""
        self.now += timedelta(minutes=self.dice.choice((15, 60, 240, 600, 1440, 2880)))
        self._tick()
        often = (self._silence, self._answer, self._answer, self._decide, self._move, self._call_off)
        act = self.dice.choice((*often, *often, self._hand_over, self._hand_over, self._line_up, self._book))
        try:
            act()
        except Refusal:
            db.session.rollback()
        self._tick()

    def _tick(self) -> None:
        """Until nothing is due; now and then the process dies in the middle of a step and another one goes on."""
        if self.dice.random() < 0.7:
            self._die_in_a_step()
        take_steps.take_steps(self.now)
        take_steps.give_up_understudies(self.now)

    def _die_in_a_step(self) -> None:
        """Before or after one of the things that a step is made of, at its first or second time."""
        module, name = self.dice.choice(CRASHES)
        real, is_after, left = getattr(module, name), self.dice.random() < 0.5, self.dice.choice((1, 1, 2))

        def dying(*args: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left:
                return real(*args, **named)
            if is_after:
                real(*args, **named)
            raise Crash

        setattr(module, name, dying)
        try:
            take_steps.take_steps(self.now)
            take_steps.give_up_understudies(self.now)
        except Crash:
            db.session.rollback()
            self.crashes[name] += 1
            self.now += tries.LEASE
        finally:
            setattr(module, name, real)

    def _silence(self) -> None:
        self.now += timedelta(days=self.dice.randrange(4))

    def _answer(self) -> None:
        """Somebody who was ever asked says something, now and then for a time that is past."""
        with transaction():
            asked = list(db.session.scalars(select(Invitation).order_by(Invitation.id)))
            one = self.dice.choice(asked)
            turn = max(0, one.turn - (self.dice.random() < 0.1))
            answer_invitation(str(one.public_id), self.dice.choice(list(AnswerWord)), turn=turn, now=self.now)

    def _decide(self) -> None:
        with transaction():
            waiting = release_people.awaiting(actor=ADMINISTRATOR, now=self.now)
            if waiting:
                one = str(self.dice.choice(waiting).public_id)
                verb = self.dice.choice((release_people.release, release_people.release, release_people.refuse))
                verb(one, actor=ADMINISTRATOR, now=self.now)

    def _move(self) -> None:
        event = self.dice.choice(self.events)
        local = datetime(2027, 2, self.dice.randrange(8, 27), 9 + 3 * self.dice.randrange(3))
        with transaction():
            move_event(event, Destination(time={"starts_local": local}), actor=ADMINISTRATOR, now=self.now)
        self.moves[event] += 1

    def _call_off(self) -> None:
        if self.dice.random() < 0.7:
            with transaction():
                confirm_as_host(self.dice.choice(self.events), actor=ADMINISTRATOR, now=self.now)
            return
        event = self.dice.choice(self.events)
        verbs = (call_off_event.cancel_event, call_off_event.postpone_event, call_off_event.restore_event)
        with transaction():
            self.dice.choice(verbs)(event, actor=ADMINISTRATOR, now=self.now)
        self.moves[event] += 1

    def _hand_over(self) -> None:
        """Who is in charge leaves the office, and comes back some day."""
        giver = self.in_charge
        taker = next(one for one in COORDINATORS if one != giver)
        with transaction():
            hand_over.hand_over(giver, taker, office=self.office, actor=ADMINISTRATOR, now=self.now)
            self._give_role(giver, self.office)
        self.in_charge = taker

    def _line_up(self) -> None:
        """Somebody is put in, out, or elsewhere in line, and may have agreed beforehand."""
        with transaction():
            event = db.session.scalars(
                select(Event).where(Event.public_id == UUID(self.dice.choice(self.events)))
            ).one()
            asked = {one.expert.slug for one in asking.of_event(event.id) if one.state in HOLDING | GIVEN_UP}
            then = [slug for slug in PEOPLE if slug not in asked and self.dice.random() < 0.7]
            self.dice.shuffle(then)
            agreed = [slug for slug in then if self.dice.random() < 0.3]
            keep_line_up.keep_line_up(
                str(event.public_id),
                str(event.seats[0].public_id),
                then,
                agreed,
                actor=ADMINISTRATOR,
                now=self.now,
            )

    def _book(self) -> None:
        """Something else is planned with somebody, who may be an understudy, and takes it from nobody who comes."""
        self.booked += 1
        with transaction():
            event = db.session.scalars(
                select(Event).where(Event.public_id == UUID(self.dice.choice(self.events)))
            ).one()
            local = to_wall(event.starts_at, event.zone).replace(tzinfo=None)
            when = builders.at(local.isoformat(timespec="minutes"))
            seats = (SaidSeat(expert=self.dice.choice(PEOPLE)),)
            plan = builders.a_plan(event.campus, when=when, seats=seats)
            self.events.append(str(plan_event(plan, actor=ADMINISTRATOR, now=self.now).public_id))
            put_in_charge(self.events[-1], self.in_charge, actor=ADMINISTRATOR, now=self.now)

    # what must hold

    def check(self) -> None:
        """Every promise, now."""
        with transaction():
            for public_id in self.events:
                event = db.session.scalars(select(Event).where(Event.public_id == UUID(public_id))).one()
                invitations = asking.of_event(event.id)
                self._seats_have_one_holder(event, invitations)
                self._nothing_is_held_for_nobody(event, invitations)
                self._open_seats_are_announced(event, invitations)
                self._steps_lie_ahead(event, invitations)
                in_charge = coordinators.of_event(event)
                assert in_charge is not None, "an event that nobody looks after"
                assert in_charge.email == self.in_charge
            self._letters()

    def _seats_have_one_holder(self, event: Event, invitations: list[Invitation]) -> None:
        holders = [seat.expert_id for seat in event.seats if seat.expert_id is not None]
        assert len(holders) == len(set(holders))
        counted_on = {one.expert_id for one in invitations if one.state in HOLDING}
        assert counted_on <= set(holders), "somebody is counted on and holds no seat"

    def _nothing_is_held_for_nobody(self, event: Event, invitations: list[Invitation]) -> None:
        query = select(Resource.expert_id, Reservation.state, Reservation.starts_at).join(Resource)
        states = (*LIVE, State.SOFT, State.EXPIRED)
        rows = db.session.execute(query.where(Reservation.event_id == event.id, Reservation.state.in_(states))).all()
        coming = {one.expert_id for one in invitations if one.state in HOLDING}
        understudies = {one.expert_id for one in invitations if one.state is InvitationState.UNDERSTUDY}
        held = [row for row in rows if row.expert_id is not None and row.state is not State.EXPIRED]
        firm = Counter(row.expert_id for row in held if row.state in LIVE)
        if event.status is Status.COMPLETED:
            return
        # A request holds for two weeks; from then on its time is whoever's who books it.
        lapsed = {row.expert_id for row in rows if row.state is State.EXPIRED and event.status is Status.REQUESTED}
        assert coming - lapsed <= set(firm) <= coming if event.holds_resources else not firm
        assert set(firm.values()) <= {1}
        softly = {row.expert_id for row in held if row.state is State.SOFT}
        assert softly <= (understudies if event.holds_resources else set())
        if event.holds_resources and event.starts_at > self.now:
            assert softly == understudies, "an understudy whose time is not held"

    def _open_seats_are_announced(self, event: Event, invitations: list[Invitation]) -> None:
        for seat in event.seats:
            if not event.holds_resources or event.starts_at <= self.now or not line_up.is_open(seat, invitations):
                continue
            assert seat.open_since is not None
            told = [one for one in self._of_event(event) if one.letter in ("seat_open", "passed_on", "answer_declined")]
            told += [one for one in self._of_event(event) if one.letter == "late_decline"]
            is_open = [one for one in told if one.facts.get("is_open", True)]
            near = [one for one in is_open if abs(one.created_at - seat.open_since) <= timedelta(hours=1)]
            assert near, "an open seat that nobody was told of"

    def _of_event(self, event: Event) -> list[Message]:
        owed = Message.event == str(event.public_id), Message.state != MessageState.DROPPED
        return list(db.session.scalars(select(Message).where(*owed)))

    def _steps_lie_ahead(self, event: Event, invitations: list[Invitation]) -> None:
        for one in invitations:
            if one.next_step_at is not None:
                assert one.next_step_at > self.now, "a step that is due was left"
                assert one.state in COUNTED_ON

    def _letters(self) -> None:
        owed = db.session.scalars(select(Message).where(Message.state != MessageState.DROPPED)).all()
        chases = [one for one in owed if one.letter == "chase"]
        days = Counter((one.to_address, local_day(one.created_at, builders.PACIFIC)) for one in chases)
        assert set(days.values()) <= {1}, "two chases to one person on one day"
        for one in owed:
            if one.letter in BY_ITSELF:
                assert OFFICE_HOURS.works_at(one.next_attempt_at), (one.letter, one.next_attempt_at)
        questions = [one for one in owed if one.letter in ("invitation", "asked_again")]
        asked_next = {(one.subject, one.at) for one in db.session.scalars(_ASKED_NEXT)}
        for one in questions:
            if (one.facts["invitation"], one.created_at) in asked_next:
                assert OFFICE_HOURS.works_at(one.next_attempt_at), "the next was asked outside working hours"
        to_people = [one for one in owed if one.to_address in COORDINATORS and one.letter in ABOUT_THE_CASCADE]
        assert {one.to_address for one in to_people} <= {self.in_charge}, "a letter waits for who has left"
        asked = Counter((one.to_address, one.event, one.facts["turn"]) for one in questions)
        assert set(asked.values()) <= {1}, "somebody was asked twice for the same time"
        released = select(Expert.email).join(Invitation, Invitation.expert_id == Expert.id)
        known = set(db.session.scalars(released.where(Invitation.released_at.is_not(None))))
        assert {one.to_address for one in questions} <= known | self.released, "asked without a release"
        self.released |= known


SEEN = ("accepted", "declined", "passed_over", "understudy", "tentative", "awaits_release", "needs_action", "withdrawn")


NEXT = pytest.param(range(4, 8), marks=pytest.mark.matrix, id="next four")


@pytest.mark.parametrize("seeds", [pytest.param(range(4), id="first four"), NEXT])
def test_at_every_instant_the_promises_hold(app, seeds):
    seen: set[str] = set()
    died = Counter[str]()
    for seed in seeds:
        with transaction():
            for table in reversed(db.metadata.sorted_tables):
                db.session.execute(table.delete())
        seen |= walked(seed, died)
    assert seen >= set(SEEN), "the walks no longer meet everything that can happen"
    assert len(died) >= 3, "processes no longer die in different places"


def walked(seed: int, died: Counter[str]) -> set[str]:
    """Walk; returns the states that were met, and the names of letters that were owed."""
    walk, seen = Walk(seed), set[str]()
    walk.check()
    for _ in range(STEPS):
        walk.step()
        walk.check()
        seen |= {str(state) for state in db.session.scalars(select(Invitation.state))}
    died += walk.crashes
    return seen | set(db.session.scalars(select(Message.letter)))
