"""Two employers for one programme at one college at one time: each would take the other's students away.

It is about meetings, not about rooms: the desk cannot see it. It looks at events that are requested or confirmed at the
same campus, that overlap, that name the same audience, and that no employer has in common. No constraint stands behind
it, so whoever is about to take locks the audiences of the campus first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, exists, select, text

from eventsvc.core.db import db, is_postgresql
from eventsvc.core.times import Span
from eventsvc.domain.booking.blocks import Override
from eventsvc.domain.booking.conflicts import Clash, ClashKind
from eventsvc.domain.directory.models import EMPLOYERS, Campus, Expert, Organization
from eventsvc.domain.events.models import Event, EventCoHost, Status
from eventsvc.domain.events.schedule import MAX_DAYS
from eventsvc.domain.events.seats import Seat

# No event is longer: what began earlier is over.
_LONGEST = timedelta(days=MAX_DAYS + 1)
# The first number says what is locked: nothing else takes locks of this number, the second is the campus.
_CLAIM = text("SELECT pg_advisory_xact_lock(4, id) FROM unnest(CAST(:campus_ids AS integer[])) AS id")


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the rule looks at: `words` is the audience, folded -> as written; `employers` are ids of organizations."""

    event_id: int | None
    campus_id: int
    span: Span
    words: dict[str, str]
    employers: frozenset[int]


def meeting_of(event: Event) -> Meeting | None:
    """The event for this rule; None where the rule has nothing to say of it."""
    sending = [*(expert.organization for expert in event.experts), *event.co_hosts]
    campus_id = event.campus.id if event.campus else None
    return meeting(event.id, campus_id, event.span, event.audience, sending)


def meeting(
    event_id: int | None, campus_id: int | None, span: Span, audience: Sequence[str], sending: Iterable[Organization]
) -> Meeting | None:
    """The same for what is no event yet; `sending` are the organizations that send somebody or are co-hosts."""
    employers = frozenset(one.id for one in sending if one.kind in EMPLOYERS)
    if campus_id is None or not audience or not employers:
        return None
    return Meeting(event_id, campus_id, span, _folded(audience), employers)


def claim(campus_ids: Collection[int]) -> None:
    """Let nobody else take for an audience at those campuses before this transaction ends.

    Locks: one lock a campus, all at once and in id order; resources come before. It is not the campus's own row: who
           edits a campus has locked that row and then wants its events. On SQLite the transaction holds everything.
    """
    if campus_ids and is_postgresql():
        db.session.connection().execute(_CLAIM, {"campus_ids": sorted(campus_ids)})


def claim_meeting(event: Event) -> Meeting | None:
    """The event for this rule, if it has anything to say of it: until the transaction ends it stays as true as it is.

    Locks: as `claim`.
    """
    meeting = meeting_of(event)
    claim([meeting.campus_id] if meeting else [])
    return meeting


def against(meeting: Meeting) -> list[Clash]:
    """Every other employer's event for the same audience at the same campus and time, by its start.

    One that was overridden, on either side, is no clash any more.
    """
    others = _meetings(
        Event.campus_id == meeting.campus_id,
        Event.starts_at < meeting.span.end,
        Event.starts_at > meeting.span.start - _LONGEST,
        Event.ends_at > meeting.span.start,
    )
    clashing = [other for other in others if other.event_id != meeting.event_id and _same_students(meeting, other)]
    return [_clash(meeting, other) for other in clashing]


def among_all(window: Span) -> Iterator[tuple[int, Clash]]:
    """Each event that starts in the window with each clash that it has with one that starts no later."""
    meetings = list(_meetings(Event.starts_at < window.end, Event.starts_at > window.start - _LONGEST))
    meetings.sort(key=lambda one: (one.campus_id, one.span.start))
    for _, of_campus in groupby(meetings, key=lambda one: one.campus_id):
        open_ones: list[Meeting] = []
        for meeting in of_campus:
            open_ones = [one for one in open_ones if one.span.end > meeting.span.start]
            for other in open_ones:
                if meeting.span.start >= window.start and _same_students(meeting, other):
                    assert meeting.event_id is not None
                    yield meeting.event_id, _clash(meeting, other)
            open_ones.append(meeting)


def _same_students(one: Meeting, other: Meeting) -> bool:
    return bool(one.words.keys() & other.words.keys()) and one.employers.isdisjoint(other.employers)


def _clash(meeting: Meeting, other: Meeting) -> Clash:
    campus = db.session.get_one(Campus, meeting.campus_id)
    shared = ", ".join(sorted(word for folded, word in meeting.words.items() if folded in other.words))
    return Clash(
        ClashKind.AUDIENCE,
        campus,
        meeting.span,
        busy=other.span,
        event_id=other.event_id,
        place_id=campus.id,
        facts=(("audience", shared),),
    )


def _folded(audience: Iterable[str]) -> dict[str, str]:
    return {" ".join(word.casefold().split()): word for word in audience}


_IS_ON = Event.status.in_((Status.REQUESTED, Status.CONFIRMED))
_IS_OVERRIDDEN = (
    exists()
    .where(Override.event_id == Event.id, Override.starts_at == Event.starts_at)
    .where(Override.kind == ClashKind.AUDIENCE.value)
)


def _meetings(*where: ColumnElement[bool]) -> list[Meeting]:
    """Events with an audience and an employer that are on and were not overridden, by their start."""
    employers = _employers_of(where)
    query = (
        select(Event.id, Event.campus_id, Event.starts_at, Event.ends_at, Event.audience)
        .where(*where, _IS_ON, ~_IS_OVERRIDDEN, Event.campus_id.is_not(None))
        .order_by(Event.starts_at, Event.id)
    )
    return [
        Meeting(row.id, row.campus_id, Span(row.starts_at, row.ends_at), _folded(row.audience), employers[row.id])
        for row in db.session.execute(query)
        if row.audience and row.id in employers
    ]


def _employers_of(where: Sequence[ColumnElement[bool]]) -> dict[int, frozenset[int]]:
    """The employers of those events, by the events' ids: who sends an expert, and who is a co-host."""
    sent = select(Event.id, Organization.id).select_from(Event).join(Seat).join(Expert).join(Expert.organization)
    beside = select(Event.id, Organization.id).select_from(Event).join(EventCoHost).join(Organization)
    found: defaultdict[int, set[int]] = defaultdict(set)
    for query in (sent, beside):
        for event_id, organization_id in db.session.execute(
            query.where(*where, _IS_ON, Organization.kind.in_(EMPLOYERS))
        ):
            found[event_id].add(organization_id)
    return {event_id: frozenset(ids) for event_id, ids in found.items()}
