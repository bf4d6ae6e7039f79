"""What becomes of private calendars in a hand-over: whoever leaves knows their addresses, so none of these stays.

The colleague holds them without an address until they ask for a new one; what the colleague may not have ends, and so
does a leaver's calendar of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, acting, is_oneself
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.feeds import private
from eventsvc.domain.feeds.private import PrivateFeed, Thing
from eventsvc.workflows.keep_private_feeds import may_have


def count(account: Account, place: Place, now: datetime) -> int:
    """How many addresses somebody holds there."""
    return len(_held(account, place))


def move(giver: Account, taker: Account, place: Place, *, actor: Actor, now: datetime) -> int:
    """Take every address from the giver; returns how many of them are the taker's now. Locks: the rows, by id."""
    old, new, moved = acting.actor_of(giver), acting.actor_of(taker), 0
    for feed in _held(giver, place, is_claimed=True):
        thing = feed.thing
        is_own = isinstance(thing, Expert) and is_oneself(old, thing.id)
        if is_own or not may_have(new, thing):
            private.end(feed, now)
            audit.record("end_calendar", "private_calendar", feed.public_id, actor=actor.name, now=now)
            continue
        private.take_address(feed, now)
        feed.holder_id = taker.id
        moved += 1
        changes: dict[str, audit.Change] = {"holder": (giver.public_id, taker.public_id)}
        audit.record("hand_over", "private_calendar", feed.public_id, actor=actor.name, now=now, changes=changes)
    return moved


def _held(account: Account, place: Place, *, is_claimed: bool = False) -> Sequence[PrivateFeed]:
    query = select(PrivateFeed).where(PrivateFeed.holder_id == account.id, PrivateFeed.ended_at.is_(None))
    query = query.order_by(PrivateFeed.id)
    if is_claimed:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return [feed for feed in db.session.scalars(query) if place.has(_owner(feed.thing))]


def _owner(thing: Thing) -> Owner:
    if isinstance(thing, Office):
        return Owner(thing.id, thing.organization_id)
    return Owner(thing.office_id, thing.campus.organization_id if isinstance(thing, Room) else thing.organization_id)
