"""Who of each office looks after a request: whoever acted on it last while signed in; handed over with the rest."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor, Permission, Role, may_plan
from eventsvc.domain.accounts.carrying import Lack
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.requests import permits
from eventsvc.domain.requests.models import Request, RequestKeeper, Side


def note(request: Request, side: Side, actor: Actor, now: datetime) -> None:
    """Whoever acts for the own office looks after it there from now on; the request is locked or new."""
    owner = permits.owner_of(permits.office_of(request, side))
    if actor.account_id is None or not any(
        one.covers(owner) for one in actor.held if one.role is not Role.ADMINISTRATOR
    ):
        return
    keeper = db.session.get(RequestKeeper, (request.id, side))
    if keeper is None:
        db.session.add(RequestKeeper(request_id=request.id, side=side, account_id=actor.account_id, since=now))
    elif keeper.account_id != actor.account_id:
        keeper.account_id, keeper.since = actor.account_id, now
    db.session.flush()


def of_requests(request_ids: Collection[int]) -> dict[tuple[int, Side], Account]:
    """Who looks after those and has not left, by request and side."""
    query = select(RequestKeeper).join(RequestKeeper.account).options(joinedload(RequestKeeper.account))
    query = query.where(RequestKeeper.request_id.in_(request_ids), Account.ended_at.is_(None))
    return {(one.request_id, one.side): one.account for one in db.session.scalars(query)}


def count(account_id: int, place: Place) -> int:
    """How many requests of offices there somebody looks after."""
    return len(_of(account_id, place))


def lacks(carrier: Actor, account_id: int, place: Place) -> list[Lack]:
    """Where `carrier` may not plan for the office whose requests that account looks after."""
    kept = [(permits.office_of(_request(one), one.side), _request(one).kind) for one in _of(account_id, place)]
    missing = {
        office.slug: Lack(Permission.PLAN, office.slug)
        for office, kind in kept
        if not may_plan(carrier, permits.owner_of(office), kind)
    }
    return [missing[slug] for slug in sorted(missing)]


def move(account_id: int, to_id: int, place: Place, now: datetime) -> int:
    """Let `to_id` look after them; returns how many."""
    found = _of(account_id, place)
    for one in found:
        one.account_id, one.since = to_id, now
    db.session.flush()
    return len(found)


def _request(keeper: RequestKeeper) -> Request:
    return db.session.get_one(Request, keeper.request_id)


def _of(account_id: int, place: Place) -> list[RequestKeeper]:
    query = select(RequestKeeper).join(Request, Request.id == RequestKeeper.request_id)
    query = query.where(RequestKeeper.account_id == account_id, _is_there(place))
    return list(db.session.scalars(query.order_by(RequestKeeper.request_id, RequestKeeper.side)))


def _is_there(place: Place) -> ColumnElement[bool]:
    return or_(
        and_(RequestKeeper.side == Side.COLLEGE, place.offices(Request.asker_id)),
        and_(RequestKeeper.side == Side.PARTNER, place.offices(Request.partner_id)),
    )
