"""Who is told what about requests, and about employers that wait: both offices, with a link to the page.

The mailbox of an office always gets the letter; who looks after the request there gets it too, or who covers for them.

A letter's key names the request, its version and the office, so that telling twice is telling once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from eventsvc.core.times import Span, iso
from eventsvc.domain.accounts import absences
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.domain.requests import keepers, permits
from eventsvc.domain.requests.employers import EmployerApproval
from eventsvc.domain.requests.models import Request, Side
from eventsvc.domain.requests.offered import OfferedDate
from eventsvc.workflows.in_charge import tell_readers, to_mailbox

News = Literal[
    "asked",
    "withdrawn",
    "planned",
    "offered",
    "taken",
    "refused",
    "claimed",
    "not_this_term",
    "declined",
    "not_granted",
    "reopened",
]


def tell_both(
    request: Request,
    news: News,
    now: datetime,
    *,
    event: Event | None = None,
    offer: OfferedDate | None = None,
) -> None:
    """Both offices learn what has become of a request, and who looks after it there; to whoever did it, a receipt."""
    facts = {
        **request_facts(request),
        "news": news,
        "event": facts_of(event) if event is not None else None,
        "offered": offered_facts(offer) if offer is not None else None,
    }
    for side in Side:
        key = f"request:{request.public_id}:{request.version}:{news}:{side}"
        tell_side(request, side, "request_news", key, {**facts, "side": str(side)}, now)


def tell_side(request: Request, side: Side, letter: str, key: str, facts: dict[str, Any], now: datetime) -> None:
    """Owe one letter about a request to the office of a side, and to who looks after it there."""
    office, about = permits.office_of(request, side), str(request.public_id)
    _to_office(office, letter, key, about, facts, now)
    keeper = keepers.of_requests([request.id]).get((request.id, side))
    readers = [absences.reached(keeper, permits.owner_of(office), now)] if keeper is not None else []
    tell_readers(letter, readers, key=key, about=about, mailbox=office.mailbox, facts=facts, now=now)


def tell_of_employer(approval: EmployerApproval, now: datetime) -> None:
    """The college's offices learn who waits for them; those of the employer, what was said. One letter an office."""
    facts = {
        "college": approval.college.name,
        "college_slug": approval.college.slug,
        "employer": approval.employer.name,
        "state": str(approval.state),
        "reason": approval.reason,
    }
    for side, organization in (("college", approval.college), ("employer", approval.employer)):
        for office in permits.offices_of(organization):
            key = f"employer:{approval.id}:{approval.version}:{approval.state}:{office.slug}"
            _to_office(office, "employer_news", key, "", {**facts, "side": side}, now)


def request_facts(request: Request) -> dict[str, Any]:
    """What letters say of a request; names, no ids but its own."""
    return {
        "request": str(request.public_id),
        "title": request.title,
        "college": request.asker.organization.name,
        "asker": request.asker.name,
        "asker_telephone": request.asker.telephone,
        "partner": request.partner.organization.name,
        "campus": request.campus.name if request.campus else "",
        "topics": [topic.name for topic in request.topics],
        "audience": list(request.audience),
        "expected_heads": request.expected_heads,
        "answer_by": request.answer_by.isoformat(),
        "reason": request.reason,
        "windows": [
            {
                "first_on": one.first_on.isoformat(),
                "last_on": one.last_on.isoformat(),
                "from": one.from_minute,
                "until": one.until_minute,
            }
            for one in request.windows
        ],
    }


def offered_facts(offer: OfferedDate) -> dict[str, Any]:
    """When an offered date is, as letters write times."""
    return {**_when(offer.span, offer.zone), "note": offer.note, "person": offer.expert.name if offer.expert else ""}


def _when(span: Span, zone: str) -> dict[str, Any]:
    return {"starts_at": iso(span.start), "ends_at": iso(span.end), "zone": zone, "all_day": False}


def _to_office(office: Office, letter: str, key: str, about: str, facts: dict[str, Any], now: datetime) -> None:
    to_mailbox(office, letter, key=key, about=about, facts=facts, now=now)
