"""Setting up a college, step by step. What is done is worked out from what is there; only what was skipped is noted.

The steps themselves are the stories of `keep_directory` and `keep_accounts`; here is their order, who may walk it, and
what stands of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Permission, ensure_may_run, ensure_somebody, may, may_run
from eventsvc.domain.directory import beginnings, lookup
from eventsvc.domain.directory.models import Office, Organization, OrganizationKind
from eventsvc.domain.events.words import ensure_plain
from eventsvc.workflows.college_standing import Standing, standing_of
from eventsvc.workflows.keeping import ensure_may_keep_of, may_keep_of, where_kept
from eventsvc.workflows.readiness import LEAST_PEOPLE, LEAST_ROOMS, Readiness, Surroundings, judged


class Step(StrEnum):
    """The steps, in their order; the last one only looks."""

    OFFICE = "office"
    CAMPUS = "campus"
    ROOMS = "rooms"
    EXPERT = "expert"
    SENDER = "sender"
    COLLEAGUE = "colleague"
    FEED = "feed"
    READY = "ready"


class State(StrEnum):
    """How a step stands."""

    DONE = "done"
    SKIPPED = "skipped"
    OPEN = "open"


STEPS = tuple(Step)
# Without an office there is no college, and looking cannot be skipped.
SKIPPABLE = frozenset(STEPS) - {Step.OFFICE, Step.READY}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a college has come."""

    has: Standing
    readiness: Readiness
    states: dict[Step, State]
    notes: dict[str, str]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(state is State.DONE for state in self.states.values())

    @property
    def following(self) -> Step:
        """The first step that is neither done nor skipped, or the last."""
        return next((step for step in STEPS if self.states[step] is State.OPEN), Step.READY)


def is_empty() -> bool:
    """True on a database in which no organization stands yet: nobody has begun."""
    return not db.session.scalar(select(exists().where(Organization.id.is_not(None))))


def progress_of(college: Organization, around: Surroundings, now: datetime) -> Progress:
    """Which steps are done, skipped or open."""
    has, notes = standing_of(college, around.sender, now), beginnings.skipped(college.id)
    readiness = judged(has, around)
    done = _done(has, readiness)
    states = {step: _state(step, done, notes) for step in STEPS}
    return Progress(has, readiness, states, notes)


def _done(has: Standing, readiness: Readiness) -> set[Step]:
    there = {
        Step.OFFICE: any(office.mailbox for office in has.offices),
        Step.CAMPUS: any(campus.address for campus in has.campuses),
        Step.ROOMS: len(has.rooms) >= LEAST_ROOMS,
        Step.EXPERT: has.experts > 0,
        Step.SENDER: has.is_sender_proved,
        Step.COLLEAGUE: len(has.people) >= LEAST_PEOPLE,
        Step.FEED: bool(has.fetched),
        Step.READY: readiness.is_ready,
    }
    return {step for step, is_there in there.items() if is_there}


def _state(step: Step, done: set[Step], notes: dict[str, str]) -> State:
    if step in done:
        return State.DONE
    return State.SKIPPED if step in notes else State.OPEN


def skip(college: Organization, step: str, note: str, *, actor: Actor, now: datetime) -> None:
    """Leave a step for later, and say why. Refuses: NotFound for what cannot be skipped, InvalidInput for the note."""
    ensure_may_set_up(actor, college)
    if step not in SKIPPABLE:
        raise NotFound(say("There is no such step that can be left for later."))
    words = ensure_plain(note, field="note", limit=beginnings.NOTE_LENGTH)
    beginnings.skip(college.id, step, words, now)
    changes = {"step": (None, step), "reason": (None, words)}
    audit.record("skip", "organization", college.slug, actor=actor.name, now=now, changes=changes)


def ensure_may_begin(actor: Actor) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who keep no college."""
    ensure_somebody(actor)
    if not may(actor, Permission.KEEP_PLACES):
        ensure_may_run(actor)


def ensure_may_set_up(actor: Actor, college: Organization) -> None:
    """Those who run the service, and those who keep the places of that college."""
    ensure_may_keep_of(actor, Permission.KEEP_PLACES, college)


def get_college(slug: str, *, actor: Actor) -> Organization:
    """The college of that slug for who may set it up; refuses SignInNeeded, and NotFound for everybody else."""
    ensure_may_begin(actor)
    college = lookup.find(Organization, slug)
    if college is None or not may_keep_of(actor, Permission.KEEP_PLACES, college):
        raise NotFound(say("There is no college %(slug)r that you set up.", slug=slug))
    return college


def colleges(*, actor: Actor) -> Sequence[Organization]:
    """Every college with an office that the asker may set up, by name; refuses SignInNeeded, NotAllowed."""
    ensure_may_begin(actor)
    with_office = exists().where(Office.organization_id == Organization.id, Office.retired_on.is_(None))
    query = select(Organization).where(Organization.retired_on.is_(None), with_office)
    if may_run(actor):
        query = query.where(Organization.kind == OrganizationKind.COLLEGE)
    else:
        query = query.where(Organization.id.in_(where_kept(actor, Permission.KEEP_PLACES)))
    return db.session.scalars(query.order_by(Organization.name)).all()
