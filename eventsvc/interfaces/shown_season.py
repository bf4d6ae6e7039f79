"""How doors show an expert's season: JSON-ready facts, and the address at which each asking is answered."""

from __future__ import annotations

from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.booking.journeys import Leg
from eventsvc.domain.invitations.models import Invitation
from eventsvc.interfaces.services import services
from eventsvc.workflows.show_season import Season


def answer_url(invitation: Invitation) -> str:
    """The briefing of one asking, where it is answered; nothing is said by opening it."""
    return services().links.answer(str(invitation.public_id), invitation.turn, invitation.event.ends_at)


def season_facts(season: Season) -> dict[str, Any]:
    """A season as JSON-ready facts."""
    return {
        "expert": season.expert.slug,
        "first_on": season.first.isoformat(),
        "waiting": [_asking(one) for one in season.waiting],
        "agreed": [_asking(one) for one in season.agreed],
        "other": [_asking(one) for one in season.other],
        "agreed_minutes": season.minutes,
        "leave": [{"starts_at": iso(one.block.starts_at), "ends_at": iso(one.block.ends_at)} for one in season.leave],
        "ways": [_leg(season, way.day.isoformat(), leg) for way in season.ways for leg in way.legs],
    }


def _asking(invitation: Invitation) -> dict[str, Any]:
    event = invitation.event
    return {
        "state": str(invitation.state),
        "title": event.title,
        "status": str(event.status),
        "starts_at": iso(event.starts_at),
        "ends_at": iso(event.ends_at),
        "zone": event.zone,
        "campus": event.campus.slug if event.campus else None,
        "answer_url": answer_url(invitation),
    }


def _leg(season: Season, day: str, leg: Leg) -> dict[str, Any]:
    return {
        "day": day,
        "kind": str(leg.kind),
        "from": season.places[leg.origin_id].slug,
        "to": season.places[leg.destination_id].slug,
        "minutes": leg.way.minutes,
        "is_estimate": leg.way.is_estimate,
        "is_in_time": leg.is_in_time,
    }
