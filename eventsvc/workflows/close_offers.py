"""Ends the dates that were offered in answer to a request, because it has got another answer."""

from __future__ import annotations

from datetime import datetime

from eventsvc.domain.requests import lookup
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.offered import OfferedDate, OfferState


def close_for(request: Request, now: datetime, *, but: OfferedDate | None = None) -> None:
    """Close every open date offered for a request that is locked, and were locked before it."""
    for offer in lookup.open_offers_for(request.id):
        if offer is not but:
            close(offer, now)


def close(offer: OfferedDate, now: datetime) -> None:
    """Offer it no more."""
    offer.state, offer.ended_at = OfferState.CLOSED, now
    offer.version += 1
