"""The partner's board: what waits for an answer, the oldest first, and who could go; a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.domain.accounts import Actor, ensure_somebody, may_plan, sight_of
from eventsvc.domain.directory import lending
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.requests import employers, lookup, permits, standing
from eventsvc.domain.requests.employers import EmployerState
from eventsvc.domain.requests.fairness import Share
from eventsvc.domain.requests.lookup import Filter
from eventsvc.domain.requests.matching import Match
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.workflows.match_experts import roster_for

SUGGESTED = 3
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A request on the board: its age in working days, whether its day is over and how long, who could go, what the
    college has had of the partner within a year, and whether it admits the partner.
    """

    request: Request
    age_working_days: int
    is_late: bool
    working_days_late: int
    suggested: Sequence[Match]
    share: Share
    admits: EmployerState


@dataclass(frozen=True, slots=True)
class Board:
    """An office that lends people, and how many requests wait for it."""

    office: Office
    waiting: int


def boards_of(actor: Actor) -> list[Board]:
    """The boards on which somebody answers: of offices of employers and of whoever lends people, by name; two queries.

    Refuses: SignInNeeded.
    """
    ensure_somebody(actor)
    found = _offices_of(actor)
    counts = lookup.waiting_for([one.id for one in found])
    return [Board(one, counts.get(one.id, 0)) for one in found]


def answers(actor: Actor) -> bool:
    """True for whoever answers requests anywhere: the way to the boards is shown to them."""
    return bool(_offices_of(actor))


def _offices_of(actor: Actor) -> list[Office]:
    return [one for one in lending.offices() if may_plan(actor, permits.owner_of(one))]


def board_of(
    office: str, *, actor: Actor, after: Key | None = None, limit: int, now: datetime
) -> tuple[list[Line], Key | None]:
    """One page of what waits for the answer of a partner's office, the oldest first, and the key to go on after.

    Refuses: SignInNeeded, NotFound, NotAllowed for those who do not plan for that office.
    """
    partner = directory.get(Office, office)
    permits.ensure_may_plan_for(actor, partner)
    wanted = Filter(sight=sight_of(actor), states=(RequestState.OPEN,), partner_ids=(partner.id,))
    requests, last = lookup.page(wanted, after=after, limit=limit)
    roster = roster_for(partner.organization_id, requests, now)
    states = employers.states_of({(one.asker.organization_id, partner.organization) for one in requests})
    lines = [
        Line(
            request,
            standing.age_in_working_days(request, now),
            standing.is_late(request, now),
            standing.working_days_late(request, now),
            roster.best_for(request, most=SUGGESTED),
            roster.shares[request.asker.organization_id],
            states[request.asker.organization_id, partner.organization_id],
        )
        for request in requests
    ]
    return lines, last
