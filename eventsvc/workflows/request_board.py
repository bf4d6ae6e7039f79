"""The partner's board: what waits for an answer, the oldest first, and who could go; a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.domain.accounts import Actor, sight_of
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.requests import lookup, permits, standing
from eventsvc.domain.requests.fairness import Share
from eventsvc.domain.requests.lookup import Filter
from eventsvc.domain.requests.matching import Match
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.workflows.match_experts import roster_for

SUGGESTED = 3
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A request on the board: its age in working days, whether its day is over, who could go, and what the college
    has had of the partner within a year.
    """

    request: Request
    age_working_days: int
    is_late: bool
    suggested: Sequence[Match]
    share: Share


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
    lines = [
        Line(
            request,
            standing.age_in_working_days(request, now),
            standing.is_late(request, now),
            roster.best_for(request, most=SUGGESTED),
            roster.shares[request.asker.organization_id],
        )
        for request in requests
    ]
    return lines, last
