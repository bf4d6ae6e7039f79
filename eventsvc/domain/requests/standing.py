"""Where a request stands: which move leads where, by when it must be answered, and how old it is."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from eventsvc.core.errors import WrongState, say
from eventsvc.core.times import local_day
from eventsvc.core.working_days import days_after, days_between
from eventsvc.domain.directory.models import Office
from eventsvc.domain.invitations import settings
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.domain.requests.rounds import RoundStanding


class Step(StrEnum):
    """What can be done with a request; the college withdraws, takes and refuses, the partner does the rest."""

    PLAN = "plan"
    OFFER = "offer"
    NOT_THIS_TERM = "not_this_term"
    DECLINE = "decline"
    TAKE = "take"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"  # nobody's wish: its event was called off


_WAITING = frozenset({RequestState.OPEN, RequestState.OFFERED})
_FROM: dict[Step, frozenset[RequestState]] = {
    Step.PLAN: _WAITING,
    Step.OFFER: _WAITING,
    Step.NOT_THIS_TERM: _WAITING,
    Step.DECLINE: _WAITING,
    Step.TAKE: frozenset({RequestState.OFFERED}),
    Step.REFUSE: frozenset({RequestState.OFFERED}),
    Step.WITHDRAW: _WAITING | {RequestState.NOT_THIS_TERM},
    Step.REOPEN: frozenset({RequestState.PLANNED}),
}
_TO: dict[Step, RequestState] = {
    Step.PLAN: RequestState.PLANNED,
    Step.OFFER: RequestState.OFFERED,
    Step.NOT_THIS_TERM: RequestState.NOT_THIS_TERM,
    Step.DECLINE: RequestState.DECLINED,
    Step.TAKE: RequestState.PLANNED,
    Step.REFUSE: RequestState.OPEN,
    Step.WITHDRAW: RequestState.WITHDRAWN,
    Step.REOPEN: RequestState.OPEN,
}
_SAID: dict[RequestState, str] = {
    RequestState.OPEN: say("The request is open: nobody has offered another date for it."),
    RequestState.OFFERED: say("The partner has offered another date for this request."),
    RequestState.PLANNED: say("An event has been made of this request already."),
    RequestState.DECLINED: say("This request has been declined."),
    RequestState.NOT_THIS_TERM: say("This request has been answered with “not this term”."),
    RequestState.WITHDRAWN: say("This request has been withdrawn."),
}
WAITS = tuple(sorted(_WAITING))


def ensure_can(request: Request, step: Step, now: datetime, *, by_round: bool = False) -> None:
    """Refuses WrongState where the step leads nowhere; until its round is granted, a request is planned by that alone.

    The refusal names the state, so that whoever comes second learns what the first has done.
    """
    if request.state not in _FROM[step]:
        raise WrongState(_SAID[request.state], **_facts(request))
    is_gathered = request.round is not None and request.round.standing(now) is not RoundStanding.GRANTED
    if is_gathered and not by_round and step in (Step.PLAN, Step.OFFER):
        words = say("This request stands in a round: what becomes of it is decided for all of them together.")
        raise WrongState(words, **_facts(request))


def _facts(request: Request) -> dict[str, Any]:
    return {"state": str(request.state), "request": str(request.public_id)}


def make(request: Request, step: Step, now: datetime, *, reason: str = "") -> None:
    """Let the request, which is locked, take the step; `reason` is what the partner says to it."""
    request.state = _TO[step]
    request.version += 1
    if request.state is RequestState.OPEN:
        request.answered_at, request.reason = None, ""
        request.answer_by = answer_by(now, request.partner)
        return
    request.answered_at = now
    request.reason = reason


def answer_by(now: datetime, partner: Office) -> date:
    """The last local day on which the partner's office answers in time; weekends do not count."""
    working_days = settings.of_organization(partner.organization_id).answer_by_working_days
    return days_after(local_day(now, partner.zone), working_days)


def age_in_working_days(request: Request, now: datetime) -> int:
    """How many working days it has waited, or had waited when it was answered; by the partner's days."""
    until = request.answered_at if request.answered_at is not None else now
    zone = request.partner.zone
    return days_between(local_day(request.asked_at, zone), local_day(until, zone))


def working_days_late(request: Request, now: datetime) -> int:
    """How many working days of the partner have passed since its day was over; 0 while it is not late."""
    return days_between(request.answer_by, local_day(now, request.partner.zone)) if is_late(request, now) else 0


def is_late(request: Request, now: datetime) -> bool:
    """True where it waits for the partner, and its day is over."""
    return request.state is RequestState.OPEN and local_day(now, request.partner.zone) > request.answer_by
