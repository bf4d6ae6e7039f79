"""Holds: things set aside for a while without an event.

From `hold_until` on a hold is free for everyone, whether or not anything ran: every reader compares with `now`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import HoldEnded, NotFound, say
from eventsvc.core.times import Span, iso
from eventsvc.domain.accounts import Actor, may_run
from eventsvc.domain.booking.models import IS_BOOKED, Hold, Reservation

_MISSING = say("There is no such hold.")
_CLAIM = select(Hold).with_for_update(key_share=True).execution_options(populate_existing=True)


class Standing(StrEnum):
    """What became of a hold."""

    HELD = "held"
    LAPSED = "lapsed"
    USED = "used"
    GIVEN_BACK = "given_back"


def tag_of_hold(hold: Hold, now: datetime) -> str:
    """A hold changes once, by what becomes of it."""
    return str(standing(hold, now))


def standing(hold: Hold, now: datetime) -> Standing:
    """What became of it by now."""
    if hold.event_id is not None:
        return Standing.USED
    if hold.ended_at is not None:
        return Standing.GIVEN_BACK
    return Standing.HELD if hold.is_live(now) else Standing.LAPSED


def get_hold(hold_id: str) -> Hold:
    """The hold of that public id; refuses NotFound."""
    return public_ids.get(select(Hold), Hold.public_id, hold_id, _MISSING)


def claim_hold(hold_id: str) -> Hold:
    """The same, locked until the transaction ends; it comes before its resources."""
    return public_ids.get(_CLAIM, Hold.public_id, hold_id, _MISSING)


def claim_own(hold_id: str, actor: Actor) -> Hold:
    """What somebody holds themselves, locked until the transaction ends; refuses NotFound."""
    hold = claim_hold(hold_id)
    ensure_own(hold, actor)
    return hold


def ensure_own(hold: Hold, actor: Actor) -> None:
    """Refuses NotFound for what others hold, as for what nobody holds; those who run the service find every hold."""
    # Whoever made it in a browser may look at it by a token of the same account.
    if hold.held_by.split(" token ")[0] != actor.name.split(" token ")[0] and not may_run(actor):
        raise NotFound(_MISSING)


def resource_ids(hold: Hold) -> list[int]:
    """What it holds, or held when it lapsed: to be locked before it is given back."""
    query = select(Reservation.resource_id).where(Reservation.hold_id == hold.id, IS_BOOKED)
    return list(db.session.scalars(query.order_by(Reservation.resource_id)))


def presence_of(hold: Hold) -> Span:
    """The time it was made for."""
    query = select(Reservation.starts_at, Reservation.ends_at).where(Reservation.hold_id == hold.id).limit(1)
    return Span(*db.session.execute(query).one())


_ENDED = {
    Standing.LAPSED: say("This hold ended at %(ended_at)s: what it held is free for everybody again."),
    Standing.USED: say("This hold has become an event already."),
    Standing.GIVEN_BACK: say("This hold was given back at %(ended_at)s."),
}


def ensure_held(hold: Hold, now: datetime) -> None:
    """Refuses HoldEnded naming the hold when it has lapsed, was used or was given back."""
    found = standing(hold, now)
    if found is not Standing.HELD:
        ended_at = iso((hold.ended_at or hold.hold_until).replace(microsecond=0))
        words = say(_ENDED[found], ended_at=ended_at)
        raise HoldEnded(words, hold=str(hold.public_id), standing=str(found), ended_at=ended_at)
