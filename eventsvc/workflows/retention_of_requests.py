"""What ends with time of requests, offered dates and approvals of employers; the rounds are in `retention_rules`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from eventsvc.domain.privacy.holds import Concern
from eventsvc.domain.requests.employers import EmployerApproval
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.offered import OfferedDate
from eventsvc.workflows import concerns

EMPTY_REQUEST: Mapping[str, Any] = {"title": "", "description": "", "accommodations": "", "reason": "", "audience": []}
EMPTY_OFFER: Mapping[str, Any] = {"title": "", "note": ""}
EMPTY_APPROVAL: Mapping[str, Any] = {"reason": ""}


def requests(before: datetime) -> Select[Any]:
    """Those that were answered before, or withdrawn, and say something still."""
    return select(Request).where(Request.answered_at < before, _is_left(Request, EMPTY_REQUEST))


def offers(before: datetime) -> Select[Any]:
    """Offered dates that were over before."""
    return select(OfferedDate).where(OfferedDate.ends_at < before, _is_left(OfferedDate, EMPTY_OFFER))


def approvals(before: datetime) -> Select[Any]:
    """What colleges said of employers before."""
    return select(EmployerApproval).where(
        EmployerApproval.decided_at < before, _is_left(EmployerApproval, EMPTY_APPROVAL)
    )


def _is_left(table: Any, empty: Mapping[str, Any]) -> ColumnElement[bool]:
    return or_(*(getattr(table, name) != nothing for name, nothing in empty.items() if nothing == ""))


def of_requests(rows: Sequence[Any]) -> list[Concern]:
    """Whom those requests concern."""
    return [concerns.of_request(row) for row in rows]


def of_offers(rows: Sequence[Any]) -> list[Concern]:
    """Whom those offered dates concern."""
    return [concerns.of_offer(row) for row in rows]


def of_approvals(rows: Sequence[Any]) -> list[Concern]:
    """Whom those approvals concern."""
    return [
        Concern(organization_ids=frozenset({row.college_id, row.employer_id}), at=row.decided_at, emails=frozenset())
        for row in rows
    ]
