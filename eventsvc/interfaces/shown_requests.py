"""How doors show requests, matches, offered dates, rounds and approvals of employers: JSON-ready facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from eventsvc.core.times import Span, iso, to_wall
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.requests import employers, lookup, standing
from eventsvc.domain.requests.employers import EmployerApproval
from eventsvc.domain.requests.matching import Match, Reason
from eventsvc.domain.requests.models import Request, Window
from eventsvc.domain.requests.offered import OfferedDate
from eventsvc.domain.requests.rounds import Round
from eventsvc.interfaces.match_words import reason_in_words, turn_in_words
from eventsvc.interfaces.request_schemas import WEEKDAYS
from eventsvc.interfaces.services import services
from eventsvc.workflows.grant_rounds import Outcome
from eventsvc.workflows.request_board import Line


def request_facts(request: Request, now: datetime) -> dict[str, Any]:
    """A request as JSON-ready facts."""
    return requests_facts([request], now)[0]


def requests_facts(requests: Sequence[Request], now: datetime) -> list[dict[str, Any]]:
    """The facts of a page of requests, in a number of queries that does not grow with it."""
    offers = lookup.offers_of([one.id for one in requests])
    pairs = {(one.asker.organization_id, one.partner.organization) for one in requests}
    states = employers.states_of(pairs)
    return [
        {
            **_facts(one, now),
            "employer_state": str(states[one.asker.organization_id, one.partner.organization_id]),
            "offered": [offer_facts(offer, now) for offer in offers.get(one.id, ())],
        }
        for one in requests
    ]


def _facts(request: Request, now: datetime) -> dict[str, Any]:
    return {
        "id": str(request.public_id),
        "state": str(request.state),
        "partner": request.partner.organization.slug,
        "partner_office": request.partner.slug,
        "college": request.asker.organization.slug,
        "asker": request.asker.slug,
        "campus": request.campus.slug if request.campus else None,
        "round": str(request.round.public_id) if request.round else None,
        "kind": str(request.kind),
        "title": request.title,
        "description": request.description,
        "audience": list(request.audience),
        "level": str(request.level) if request.level else None,
        "language": request.language,
        "format": str(request.format),
        "duration_minutes": request.duration_minutes,
        "expected_heads": request.expected_heads,
        "accommodations": request.accommodations,
        "topics": [topic.slug for topic in request.topics],
        "windows": [_window(one) for one in request.windows],
        "zone": request.zone,
        "asked_at": iso(request.asked_at),
        "answer_by": request.answer_by.isoformat(),
        "is_late": standing.is_late(request, now),
        "age_working_days": standing.age_in_working_days(request, now),
        "answered_at": iso(request.answered_at) if request.answered_at else None,
        "reason": request.reason,
        "events": [str(event.public_id) for event in request.events],
        "version": request.version,
        "url": services().links.request_page(str(request.public_id)),
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "rank": window.rank,
        "first_on": window.first_on.isoformat(),
        "last_on": window.last_on.isoformat(),
        "from": clock_text(window.from_minute),
        "until": clock_text(window.until_minute),
        "weekdays": [WEEKDAYS[day] for day in window.weekdays],
    }


def match_facts(match: Match, zone: str) -> dict[str, Any]:
    """Somebody who comes into question, with the reasons as facts and in words."""
    span = match.span
    return {
        "expert": match.expert.slug,
        "name": match.expert.name,
        "is_free": match.is_free,
        "lacks_topic": match.lacks_topic,
        "window": match.window.rank if match.window else None,
        "starts_at": iso(span.start) if span else None,
        "starts_local": to_wall(span.start, zone).isoformat(timespec="minutes") if span else None,
        "points": round(match.points, 3),
        "reasons": [
            {"kind": str(one.kind), "facts": _plain(one), "words": reason_in_words(one)} for one in match.reasons
        ],
    }


def _plain(reason: Reason) -> Mapping[str, Any]:
    return {
        name: {"starts_at": iso(value.start), "ends_at": iso(value.end)} if isinstance(value, Span) else value
        for name, value in reason.facts.items()
    }


def line_facts(lines: Sequence[Line], now: datetime) -> list[dict[str, Any]]:
    """A page of the board."""
    shown = requests_facts([line.request for line in lines], now)
    return [
        {
            "request": facts,
            "suggested": [match_facts(match, line.request.zone) for match in line.suggested],
            "sessions": line.share.sessions,
            "per_thousand": round(line.share.per_thousand, 3),
        }
        for line, facts in zip(lines, shown, strict=True)
    ]


def offer_facts(offer: OfferedDate, now: datetime) -> dict[str, Any]:
    """An offered date."""
    return {
        "id": str(offer.public_id),
        "office": offer.office.slug,
        "organization": offer.office.organization.slug,
        "request": str(offer.request.public_id) if offer.request else None,
        "kind": str(offer.kind),
        "title": offer.title,
        "note": offer.note,
        "format": str(offer.format),
        "topics": [topic.slug for topic in offer.topics],
        "expert": offer.expert.slug if offer.expert else None,
        "starts_at": iso(offer.starts_at),
        "ends_at": iso(offer.ends_at),
        "starts_local": to_wall(offer.starts_at, offer.zone).isoformat(timespec="minutes"),
        "zone": offer.zone,
        "duration_minutes": int((offer.ends_at - offer.starts_at).total_seconds() // 60),
        "closes_on": offer.closes_on.isoformat() if offer.closes_on else None,
        "standing": str(offer.standing(now)),
        "version": offer.version,
    }


def round_facts(found: Round, now: datetime) -> dict[str, Any]:
    """A round."""
    return {
        "id": str(found.public_id),
        "office": found.office.slug,
        "organization": found.office.organization.slug,
        "title": found.title,
        "closes_on": found.closes_on.isoformat(),
        "closes_at": iso(found.closes_at),
        "standing": str(found.standing(now)),
        "granted_at": iso(found.granted_at) if found.granted_at else None,
        "version": found.version,
    }


def outcome_facts(outcome: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What the requests of a round get, in the order of their turns."""
    return [
        {
            "request": str(one.request.public_id),
            "title": one.request.title,
            "college": one.request.asker.organization.slug,
            "per_thousand": round(one.share.per_thousand, 3),
            "sessions": one.share.sessions,
            "students": one.share.students,
            "travel_minutes": one.travel_minutes,
            "words": turn_in_words(one.share, one.travel_minutes),
            "is_admitted": one.is_admitted,
            "granted": match_facts(one.match, one.request.zone) if one.match else None,
            "event": str(one.made.event.public_id) if one.made else None,
        }
        for one in outcome
    ]


def approval_facts(approval: EmployerApproval) -> dict[str, Any]:
    """Where an employer stands with a college."""
    return {
        "college": approval.college.slug,
        "employer": approval.employer.slug,
        "name": approval.employer.name,
        "state": str(approval.state),
        "asked_at": iso(approval.asked_at),
        "decided_at": iso(approval.decided_at) if approval.decided_at else None,
        "reason": approval.reason,
        "version": approval.version,
    }
