"""The number that the host says, its parts, and who really spoke; and the two questions afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.versions import tag_of
from eventsvc.domain.attendance import afterwards
from eventsvc.domain.attendance.doors import MOST
from eventsvc.domain.attendance.models import Attendance, Feedback, HeadCount, Speaker, Standing
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.directory.names import folded
from eventsvc.domain.events.models import Event, Status

PARTS = ("students", "families", "community")
LOWEST, HIGHEST = 1, 5
_NO_FEEDBACK = say("This link is not one of ours; it may have been cut off when it was copied.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many came; of them students, families and others of the community, where somebody has looked."""

    heads: int
    students: int | None = None
    families: int | None = None
    community: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All that is known after an event: the row, None before anything is, and who spoke, None while nobody has said."""

    row: Attendance | None
    speakers: list[Expert] | None

    @property
    def standing(self) -> Standing:
        """What nobody was asked about is missing, too: it is not guessed."""
        return self.row.standing if self.row else Standing.MISSING

    @property
    def tag(self) -> str:
        """By which version it is changed."""
        return tag_of(self.row.version if self.row else 0)


def told_of(event: Event) -> Told:
    """What is known of one event, read anew."""
    return told_of_events([event.id])[event.id]


def told_of_events(event_ids: Collection[int]) -> dict[int, Told]:
    """The same of many in two queries, by event id; no entry is missing."""
    mine = select(Attendance).where(Attendance.event_id.in_(event_ids)).execution_options(populate_existing=True)
    rows = {row.event_id: row for row in db.session.scalars(mine)} if event_ids else {}
    speakers: dict[int, list[Expert]] = {event_id: [] for event_id, row in rows.items() if row.is_spoken_for}
    spoke = select(Speaker).where(Speaker.event_id.in_(list(speakers))).options(joinedload(Speaker.expert))
    for one in db.session.scalars(spoke.join(Speaker.expert).order_by(Expert.slug)) if event_ids else ():
        speakers[one.event_id].append(one.expert)
    return {one: Told(rows.get(one), speakers.get(one)) for one in event_ids}


def uncounted_of(office_ids: Collection[int], *, limit: int) -> Sequence[Event]:
    """Events of those offices whose host was asked how many came and has not said it, the oldest first; one query."""
    asked = (Attendance.standing == Standing.AWAITED) & (Attendance.times_asked > 0)
    query = select(Event).join(Attendance, Attendance.event_id == Event.id)
    query = query.where(Event.owner_id.in_(office_ids), asked | (Attendance.standing == Standing.MISSING))
    return db.session.scalars(query.order_by(Event.ends_at, Event.id).limit(limit)).all()


def takes_a_count(event: Event, now: datetime) -> bool:
    """True for an event that takes or took place, from its start on."""
    return event.status in (Status.CONFIRMED, Status.COMPLETED) and event.starts_at <= now


def ensure_takes_a_count(event: Event, now: datetime) -> None:
    """Refuses WrongState for an event that has not begun, and for one that did not take place."""
    if not takes_a_count(event, now):
        words = say("How many came can be said once the event has begun, and only of one that takes place.")
        raise WrongState(words, status_of_event=str(event.status))


def counted_at_door(event_id: int) -> int | None:
    """How many were counted at the door on all days together; None where nobody has counted."""
    return db.session.scalar(select(func.sum(HeadCount.heads)).where(HeadCount.event_id == event_id))


def count(event: Event, said: Count, speakers: Collection[Expert] | None, *, by: str, now: datetime) -> Attendance:
    """Keep what the host says of an event that is locked; said again, it takes the place of what was said before.

    `speakers` None leaves open who spoke. `by`: a role or an id.

    Refuses: WrongState as `ensure_takes_a_count`; InvalidInput for numbers out of range or parts larger than the whole.
    """
    ensure_takes_a_count(event, now)
    _ensure_adds_up(said)
    row = told_of(event).row
    if row is None:
        db.session.add(row := Attendance(event=event, version=0))
    row.standing, row.heads = Standing.COUNTED, said.heads
    row.students, row.families, row.community = said.students, said.families, said.community
    row.counted_at, row.counted_by, row.version = now, by, row.version + 1
    row.due_at = None if row.thanked_at else afterwards.thanks_due(event, now)
    if speakers is not None:
        _let_speak(row, speakers)
    db.session.flush()
    return row


def _ensure_adds_up(said: Count) -> None:
    parts = {name: getattr(said, name) for name in PARTS if getattr(said, name) is not None}
    for name, number in {"heads": said.heads, **parts}.items():
        if not 0 <= number <= MOST:
            raise InvalidInput({name: say("must be between 0 and %(most)s", most=f"{MOST:,}")})
    if sum(parts.values()) > said.heads:
        raise InvalidInput({"heads": say("is less than its parts together")})


def _let_speak(row: Attendance, speakers: Collection[Expert]) -> None:
    row.is_spoken_for = True
    db.session.flush()
    db.session.execute(delete(Speaker).where(Speaker.event_id == row.event_id))
    db.session.add_all(Speaker(event_id=row.event_id, expert_id=number) for number in {one.id for one in speakers})


def of_partners(event: Event) -> list[int]:
    """The organizations among whose people somebody else may have spoken: those who send people, host, or join in."""
    named = {expert.organization_id for expert in event.experts}
    return sorted(named | {event.owner.organization_id} | {one.id for one in event.co_hosts})


def somebody_else(event: Event, names: str) -> list[Expert]:
    """People of the partners by their names in the directory, or their slugs; several are parted by commas.

    Refuses InvalidInput for a name that nobody has there, or that several have.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        return []
    query = select(Expert).where(Expert.organization_id.in_(of_partners(event))).order_by(Expert.id)
    known: dict[str, list[Expert]] = {}
    for expert in db.session.scalars(query):
        for name in {expert.slug, folded(expert.name)}:
            known.setdefault(name, []).append(expert)
    return [_the_one(name, known.get(name) or known.get(folded(name), [])) for name in wanted]


def _the_one(name: str, found: Sequence[Expert]) -> Expert:
    if not found:
        words = say("%(name)s is nobody of this partner in the directory: write the name as it stands there", name=name)
        raise InvalidInput({"others": words})
    if len(found) > 1:
        raise InvalidInput(
            {"others": say("%(name)s is the name of several people: ask the partner’s office", name=name)}
        )
    return found[0]


def ask_for_feedback(event: Event, expert: Expert | None, now: datetime) -> Feedback:
    """The two questions to the host, or to somebody who spoke, of an event that is locked; asked once."""
    asked = Feedback.expert_id == (expert.id if expert else None)
    found = db.session.scalar(select(Feedback).where(Feedback.event_id == event.id, asked))
    if found is None:
        db.session.add(found := Feedback(event=event, expert=expert, asked_at=now))
        db.session.flush()
    return found


def hosts_feedback(event: Event) -> Feedback | None:
    """The two questions to the host, or None before they are asked."""
    return db.session.scalar(select(Feedback).where(Feedback.event_id == event.id, Feedback.expert_id.is_(None)))


def get_feedback(feedback_id: str | UUID) -> Feedback:
    """The questions of that public id; refuses NotFound."""
    return public_ids.get(select(Feedback), Feedback.public_id, feedback_id, _NO_FEEDBACK)


def give_feedback(asked: Feedback, score: int, comment: str, now: datetime) -> bool:
    """Keep an answer in place of the one before; False when it is the same. Refuses InvalidInput beyond the scale."""
    if not LOWEST <= score <= HIGHEST:
        raise InvalidInput({"score": say("is none of 1 to 5")})
    if (asked.score, asked.comment) == (score, comment):
        return False
    asked.score, asked.comment, asked.given_at = score, comment, now
    db.session.flush()
    return True


def feedback_on(event: Event) -> list[Feedback]:
    """What was answered, the host first."""
    query = select(Feedback).where(Feedback.event_id == event.id, Feedback.given_at.is_not(None))
    found = db.session.scalars(query.options(joinedload(Feedback.expert))).all()
    return sorted(found, key=lambda one: (one.expert_id is not None, one.id))
