"""The facts behind the engagement register, read in a fixed number of queries.

A partner is an organization whose people were asked, named, or spoke; the college is whose campus it is, or, online,
whose office is in charge. An asking counts on the day on which it was asked, an event on the day on which it was held,
both on the calendar of the office that asks. Days until the answer are working days; holidays are not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from eventsvc.core.db import db
from eventsvc.core.times import day_start, local_day
from eventsvc.core.working_days import days_between
from eventsvc.domain.attendance.models import Attendance, Speaker, Standing
from eventsvc.domain.directory.models import Campus, Expert, Office
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations.models import Answer, AnswerWord, Invitation, InvitationState
from eventsvc.domain.reports.lines import Asking, Serving
from eventsvc.domain.requests.models import Request, RequestEvent, RequestState

_A_DAY = timedelta(days=1)
_Owner, _Asker, _Partner = aliased(Office), aliased(Office), aliased(Office)
_AnyAsked = aliased(Invitation)
_COLLEGE = func.coalesce(Campus.organization_id, _Owner.organization_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of the register: whole local days, and what is seen of it; None does not narrow.

    `concerning`: whoever is partner or college is one of these.
    """

    first: date
    last: date
    concerning: frozenset[int] | None = None
    partner_id: int | None = None
    college_id: int | None = None

    def has(self, partner_id: int, college_id: int, day: date) -> bool:
        """True for what belongs to it."""
        is_seen = self.concerning is None or bool({partner_id, college_id} & self.concerning)
        is_theirs = self.partner_id in (None, partner_id) and self.college_id in (None, college_id)
        return is_seen and is_theirs and self.first <= day <= self.last


def askings(wanted: Wanted) -> list[Asking]:
    """Every asking: requests, and events that were planned without one."""
    found = [*_by_request(wanted), *_by_event(wanted)]
    return [one for one in found if wanted.has(one.partner_id, one.college_id, one.asked_on)]


def _roughly(column: Any, wanted: Wanted) -> ColumnElement[bool]:
    """Wider than the local days by a day on either side, which the caller cuts off."""
    since, until = day_start(wanted.first - _A_DAY, "UTC"), day_start(wanted.last + 2 * _A_DAY, "UTC")
    return and_(column >= since, column < until)


def _by_request(wanted: Wanted) -> Iterator[Asking]:
    query = (
        select(Request, _Asker.zone, func.coalesce(Campus.organization_id, _Asker.organization_id), _Partner)
        .select_from(Request)
        .join(_Asker, _Asker.id == Request.asker_id)
        .join(_Partner, _Partner.id == Request.partner_id)
        .outerjoin(Campus, Campus.id == Request.campus_id)
        .where(_roughly(Request.asked_at, wanted))
        .order_by(Request.id)
    )
    for request, zone, college_id, partner in db.session.execute(query):
        is_answered = request.state not in (RequestState.OPEN, RequestState.WITHDRAWN)
        answered_at = request.answered_at if is_answered else None
        yield Asking(
            partner_id=partner.organization_id,
            college_id=college_id,
            asked_on=local_day(request.asked_at, zone),
            answered_after=_working_days(request.asked_at, answered_at, zone),
            request_id=request.id,
        )


def _by_event(wanted: Wanted) -> Iterator[Asking]:
    """One for each partner whose people an event asked."""
    asked = exists().where(_AnyAsked.event_id == Event.id, _roughly(_AnyAsked.asked_at, wanted))
    without_request = ~exists().where(RequestEvent.event_id == Event.id)
    query = (
        select(Invitation.id, Invitation.state, Invitation.asked_at, Event.id, _Owner.zone, Expert.organization_id)
        .add_columns(_COLLEGE)
        .select_from(Event)
        .join(Invitation, Invitation.event_id == Event.id)
        .join(Expert, Expert.id == Invitation.expert_id)
    )
    query = _with_college(query).where(asked, without_request).order_by(Invitation.id)
    answers = _answers(asked, without_request)
    theirs: defaultdict[tuple[int, int, int, str], list[_Asked]] = defaultdict(list)
    for number, state, asked_at, event_id, zone, partner_id, college_id in db.session.execute(query):
        said = [one for one in answers[number] if one[1] >= asked_at]
        theirs[event_id, partner_id, college_id, zone].append(_Asked(state, asked_at, said))
    for (event_id, partner_id, college_id, zone), people in theirs.items():
        asked_at = min(one.asked_at for one in people)
        yield Asking(
            partner_id=partner_id,
            college_id=college_id,
            asked_on=local_day(asked_at, zone),
            answered_after=_working_days(asked_at, _answered_at(people), zone),
            event_id=event_id,
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One person who was asked, and what they said since, each word with its moment."""

    state: InvitationState
    asked_at: datetime
    said: list[tuple[AnswerWord, datetime]]


def _answers(*where: ColumnElement[bool]) -> defaultdict[int, list[tuple[AnswerWord, datetime]]]:
    query = select(Answer.invitation_id, Answer.word, Answer.at).join(Invitation, Invitation.id == Answer.invitation_id)
    found: defaultdict[int, list[tuple[AnswerWord, datetime]]] = defaultdict(list)
    query = query.join(Event, Event.id == Invitation.event_id)
    for invitation_id, word, at in db.session.execute(query.where(*where).order_by(Answer.id)):
        found[invitation_id].append((word, at))
    return found


def _answered_at(people: Iterable[_Asked]) -> datetime | None:
    """The first yes of anybody; else, where nobody is left who could say yes, the last no."""
    said = [word for one in people for word in one.said]
    if accepted := [at for word, at in said if word is AnswerWord.ACCEPT]:
        return min(accepted)
    declined = [at for word, at in said if word is AnswerWord.DECLINE]
    over = (InvitationState.DECLINED, InvitationState.WITHDRAWN, InvitationState.PASSED_OVER)
    return max(declined) if declined and all(one.state in over for one in people) else None


def _working_days(asked_at: datetime, answered_at: datetime | None, zone: str) -> int | None:
    return None if answered_at is None else days_between(local_day(asked_at, zone), local_day(answered_at, zone))


def servings(wanted: Wanted) -> list[Serving]:
    """Every event that took place, once for each partner whose people spoke: as the host says, else who was named."""
    where = Event.status == Status.COMPLETED, Event.starts_on >= wanted.first, Event.starts_on <= wanted.last
    told = {row.event_id: row for row in db.session.scalars(select(Attendance).join(Attendance.event).where(*where))}
    spoke = _partners(Speaker.event_id, Speaker.expert_id, *where)
    named = _partners(Seat.event_id, Seat.expert_id, *where)
    found = []
    query: Any = select(Event.id, Event.starts_on, _COLLEGE).select_from(Event)
    events = db.session.execute(_with_college(query).where(*where).order_by(Event.starts_on, Event.id))
    for event_id, held_on, college_id in events.all():
        row = told.get(event_id)
        partners = spoke[event_id] if row is not None and row.is_spoken_for else named[event_id]
        found += [
            Serving(
                partner_id=partner_id,
                college_id=college_id,
                event_id=event_id,
                held_on=held_on,
                standing=row.standing if row else Standing.MISSING,
                heads=row.heads if row else None,
            )
            for partner_id in sorted(partners)
        ]
    return [one for one in found if wanted.has(one.partner_id, one.college_id, one.held_on)]


def _partners(event_id: Any, expert_id: Any, *where: ColumnElement[bool]) -> defaultdict[int, set[int]]:
    """The organizations of the experts of events, by event."""
    query = select(event_id, Expert.organization_id).select_from(event_id.class_).join(Expert, Expert.id == expert_id)
    found: defaultdict[int, set[int]] = defaultdict(set)
    for event, partner in db.session.execute(query.join(Event, Event.id == event_id).where(*where)):
        found[event].add(partner)
    return found


def _with_college(query: Select[Any]) -> Select[Any]:
    return query.join(_Owner, _Owner.id == Event.owner_id).outerjoin(Campus, Campus.id == Event.campus_id)
