"""The desk of whoever plans: their requests, the days ahead, and what lies still unless they act on it.

It looks at the offices for which somebody plans, and costs the same few queries however much there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import Span, days_span, local_day
from eventsvc.core.working_days import days_between
from eventsvc.domain.accounts import OF_ALL, Actor, Sight, ensure_may_plan, may_plan, sight_of
from eventsvc.domain.approvals.models import ApprovalState
from eventsvc.domain.attendance import counting
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events import permits as events_permits
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.lookup import LINE
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import proposals, settings, waiting
from eventsvc.domain.invitations.missing import MissingYes
from eventsvc.domain.invitations.models import GIVEN_UP, InvitationState
from eventsvc.domain.invitations.waiting import Waiting
from eventsvc.domain.requests import employers, lookup, permits, standing
from eventsvc.domain.requests.employers import EmployerApproval
from eventsvc.domain.requests.models import Request
from eventsvc.workflows import show_mail

MOST = 50  # of each part; what has waited longest comes first
DAYS_AHEAD = 7
ROOMS_SILENT_AFTER_WORKING_DAYS = 3


class Lack(StrEnum):
    """Why an event needs attention."""

    SEAT_OPEN = "seat_open"  # nobody is named, or who was named does not come
    NOT_RELEASED = "not_released"  # the partner's office has said nothing about somebody
    NO_ANSWER = "no_answer"  # somebody was asked, and is silent
    TIME_PROPOSED = "time_proposed"  # somebody could come at another time
    ROOM_DECLINED = "room_declined"  # its office has said no
    ROOM_NOT_GRANTED = "room_not_granted"  # its office is silent
    COUNT_MISSING = "count_missing"  # nobody has said how many came


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for the office: of which event, whom or what it is about (a name), and since when.

    `of_role`: the name is a role's (`SeatRole`), not a person's.
    """

    lack: Lack
    event: Event
    name: str
    since: datetime
    of_role: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A request of one's own office, and how many working days it has waited."""

    request: Request
    age_working_days: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What an office's person begins the day with; `is_more` where a part of it is longer than is shown.

    `employers` wait until the college says whether it admits them; `mails` for somebody who decides what they mean.
    """

    wishes: Sequence[Wish]
    ahead: Sequence[Event]
    needs: Sequence[Need]
    employers: Sequence[EmployerApproval]
    mails: int
    offices: Sequence[Office]
    span: Span
    zone: str
    is_more: bool


def desk_of(actor: Actor, now: datetime, *, office: str = "") -> Desk:
    """The desk for the offices for which somebody plans, or for that one of them.

    `ahead` is what begins on the present day and the six days after it, where the first of the offices is.

    Refuses: SignInNeeded; NotAllowed for those who do not plan, or not for that office; NotFound for no such office.
    """
    ensure_may_plan(actor)
    offices = _offices(actor, office)
    owned = [one.id for one in offices]
    wishes, more = lookup.page(
        lookup.Filter(sight=sight_of(actor), states=standing.WAITS, asker_ids=tuple(owned)), after=None, limit=MOST
    )
    shown = [Wish(one, standing.age_in_working_days(one, now), standing.is_late(one, now)) for one in wishes]
    zone = offices[0].zone if offices else "UTC"
    span = days_span(local_day(now, zone), DAYS_AHEAD, zone)
    ahead = _ahead(span, _sight(actor, offices if office else ()))
    needs = sorted([*_of_seats_and_rooms(owned, now), *_proposed(owned, now), *_uncounted(owned)], key=_since)
    waiting_there = employers.waiting_of({one.organization_id for one in offices}, limit=MOST + 1)
    is_more = more is not None or max(len(ahead), len(needs), len(waiting_there)) > MOST
    mails = show_mail.number_for_review(actor, office_ids=owned if office else ())
    return Desk(shown, ahead[:MOST], needs[:MOST], waiting_there[:MOST], mails, offices, span, zone, is_more)


def _offices(actor: Actor, office: str) -> list[Office]:
    """Those for which somebody plans, of any kind of event, or that one; in the order of their slugs."""
    if office:
        named = directory.get(Office, office)
        permits.ensure_may_plan_for(actor, named)
        return [named]
    found = db.session.scalars(select(Office).where(Office.retired_on.is_(None)).order_by(Office.slug))
    return [one for one in found if may_plan(actor, permits.owner_of(one))]


def _sight(actor: Actor, only: Sequence[Office]) -> Sight:
    if not only:
        return sight_of(actor)
    return Sight(False, frozenset(one.id for one in only), frozenset(one.organization_id for one in only))


def _ahead(span: Span, sight: Sight) -> list[Event]:
    """What concerns them and is on within those days, by its start; one more than is shown."""
    within = Event.ends_at > span.start, Event.starts_at < span.end, Event.status.in_(ON)
    query = select(Event).where(*within, events_permits.concerns(sight)).options(*LINE)
    return list(db.session.scalars(query.order_by(Event.starts_at, Event.id).limit(MOST + 1)))


def _of_seats_and_rooms(office_ids: Sequence[int], now: datetime) -> Iterator[Need]:
    found = waiting.open_requests(now, sight=OF_ALL, limit=MOST + 1, owner_ids=office_ids)
    patience = _patience(found)
    for one in found:
        for yes, since in one.missing:
            lack = _lack(yes)
            days = patience.get(yes.expert or "", ROOMS_SILENT_AFTER_WORKING_DAYS)
            if lack in _AT_ONCE or (lack and _has_waited(since, days, one.event.owner.zone, now)):
                yield Need(lack, one.event, yes.name or "", since, of_role=yes.who == "seat")


def _patience(found: Sequence[Waiting]) -> dict[str, int]:
    """After how many working days each person's silence is followed up first, as their organization has it."""
    people = {expert.slug: expert.organization_id for one in found for expert in one.event.experts}
    habits = settings.of_organizations(set(people.values()))
    chased = {number: min(habits[number].chase_after_working_days, default=None) for number in habits}
    return {slug: chased[number] or habits[number].tell_after_working_days for slug, number in people.items()}


def _has_waited(since: datetime, working_days: int, zone: str, now: datetime) -> bool:
    return days_between(local_day(since, zone), local_day(now, zone)) >= working_days


def _lack(yes: MissingYes) -> Lack | None:
    """What a missing yes is to an office; its own is not looked for here."""
    if yes.who == "host":
        return None
    if yes.who == "room":
        return Lack.ROOM_DECLINED if yes.state == ApprovalState.DECLINED else Lack.ROOM_NOT_GRANTED
    if yes.who == "seat" or yes.state in _GIVEN_UP:
        return Lack.SEAT_OPEN
    return Lack.NOT_RELEASED if yes.state == InvitationState.AWAITS_RELEASE else Lack.NO_ANSWER


_AT_ONCE = {Lack.SEAT_OPEN, Lack.ROOM_DECLINED}
_GIVEN_UP = set(map(str, GIVEN_UP))


def _proposed(office_ids: Sequence[int], now: datetime) -> Iterator[Need]:
    for one in proposals.open_of_offices(office_ids, now, limit=MOST + 1):
        yield Need(Lack.TIME_PROPOSED, one.invitation.event, one.invitation.expert.name, one.made_at)


def _uncounted(office_ids: Sequence[int]) -> Iterator[Need]:
    for event in counting.uncounted_of(office_ids, limit=MOST + 1):
        yield Need(Lack.COUNT_MISSING, event, "", event.ends_at)


def _since(need: Need) -> tuple[datetime, int]:
    return need.since, need.event.id
