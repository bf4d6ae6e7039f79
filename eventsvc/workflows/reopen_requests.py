"""What becomes of a request whose event is called off, or brought back: it waits again, as old as it is, or not."""

from __future__ import annotations

from datetime import datetime

from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.requests import standing
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.domain.requests.standing import Step
from eventsvc.workflows import close_offers, tell_of_requests

# What is postponed awaits a new time, and is still the answer to the request.
_OVER = frozenset({Status.CANCELLED, Status.DECLINED, Status.WITHDRAWN})


def reopen_request(request: Request | None, event: Event, actor: Actor, now: datetime) -> None:
    """After its event was called off: the request waits for the partner again, and both offices are told.

    It keeps the day it was asked on, so that it stands on the board by its true age; the day to answer is new. One that
    has another event which is still on stays as it is. The request was locked before the event.
    """
    if request is None or request.state is not RequestState.PLANNED:
        return
    if not all(one.status in _OVER for one in request.events):
        return
    standing.make(request, Step.REOPEN, now)
    _note("reopen", request, event, actor, now)
    tell_of_requests.tell_both(request, "reopened", now)


def plan_again(request: Request | None, event: Event, actor: Actor, now: datetime) -> None:
    """After its event was brought back: a request that waits again is planned by it; any other answer stays."""
    if request is None or request.state not in standing.WAITS:
        return
    close_offers.close_for(request, now)
    standing.make(request, Step.PLAN, now)
    _note("plan", request, event, actor, now)
    tell_of_requests.tell_both(request, "planned", now, event=event)


def _note(verb: str, request: Request, event: Event, actor: Actor, now: datetime) -> None:
    changes: dict[str, audit.Change] = {"event": (None, event.public_id)}
    audit.record(verb, "request", request.public_id, actor=actor.name, now=now, changes=changes)
