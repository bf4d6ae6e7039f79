"""Finding requests, offered dates and rounds: for stories (locked) and for doors (pages of them)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain.accounts import Actor, Sight, ensure_somebody, sight_of
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events.models import Event
from eventsvc.domain.requests import permits
from eventsvc.domain.requests.models import Request, RequestEvent, RequestState, Side
from eventsvc.domain.requests.offered import OfferedDate, OfferState
from eventsvc.domain.requests.rounds import Round

_ASKER = joinedload(Request.asker).joinedload(Office.organization)
_PARTNER = joinedload(Request.partner).joinedload(Office.organization)
# Everything that doors show of a request, in a fixed number of queries.
WHOLE = (
    _ASKER,
    _PARTNER,
    joinedload(Request.campus).joinedload(Campus.organization),
    joinedload(Request.round).joinedload(Round.office),
    selectinload(Request.topics),
    selectinload(Request.windows),
    selectinload(Request.events),
)
OFFER_WHOLE = (
    joinedload(OfferedDate.office).joinedload(Office.organization),
    joinedload(OfferedDate.expert),
    joinedload(OfferedDate.request).options(*WHOLE[:2]),
    joinedload(OfferedDate.claimed_by).options(*WHOLE[:2]),
    selectinload(OfferedDate.topics),
)
ROUND_WHOLE = (joinedload(Round.office).joinedload(Office.organization),)


def get_request(request_id: str | UUID, actor: Actor) -> Request:
    """The request with all it shows; refuses SignInNeeded, and NotFound also to those whom it does not concern."""
    ensure_somebody(actor)
    request = public_ids.get(select(Request).options(*WHOLE), Request.public_id, request_id, permits.MISSING)
    permits.ensure_may_see(actor, request)
    return request


def find_submitted(submission: str) -> Request | None:
    """The request that was asked by that very form, or None."""
    return db.session.scalar(select(Request).where(Request.submission == submission).options(*WHOLE))


def claim_request(request_id: str | UUID, side: Side, actor: Actor, expected: Expected | None = None) -> Request:
    """The same, locked, for those who may act for that side; refuses NotAllowed, then Stale.

    Locks: the dates that are offered for it, then the request.
    """
    ensure_somebody(actor)
    own = select(Request.id).where(Request.public_id == public_ids.read(request_id)).scalar_subquery()
    offered = select(OfferedDate.id).where(OfferedDate.request_id == own, OfferedDate.state == OfferState.OPEN)
    db.session.execute(offered.order_by(OfferedDate.id).with_for_update(key_share=True))
    key = public_ids.get(
        select(Request.id).with_for_update(key_share=True), Request.public_id, request_id, permits.MISSING
    )
    request = claimed([key])[0]
    permits.ensure_may_act(actor, request, side)
    ensure_met(expected, tag_of(request.version))
    return request


def claim_request_of_event(event_id: str | UUID) -> Request | None:
    """The request that an event was made of, locked, or None; to be called before the event itself is locked.

    Locks: the dates that are offered for it, then the request.
    """
    own = select(Event.id).where(Event.public_id == public_ids.read(event_id)).scalar_subquery()
    request_id = db.session.scalar(select(RequestEvent.request_id).where(RequestEvent.event_id == own))
    if request_id is None:
        return None
    open_offers_for(request_id)
    return claimed([request_id])[0]


def claimed(ids: Collection[int]) -> list[Request]:
    """Requests by id, locked in that order and read anew."""
    locked = select(Request.id).where(Request.id.in_(ids)).order_by(Request.id)
    db.session.execute(locked.with_for_update(key_share=True))
    query = select(Request).where(Request.id.in_(ids)).order_by(Request.id).options(*WHOLE)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which requests a list shows; empty fields do not narrow. `states` none: all."""

    sight: Sight
    states: tuple[RequestState, ...] = ()
    partner_ids: tuple[int, ...] | None = None
    asker_ids: tuple[int, ...] | None = None
    round_id: int | None = None


def _matching(wanted: Filter) -> list[ColumnElement[bool]]:
    where = [permits.is_seen(wanted.sight)]
    if wanted.states:
        where.append(Request.state.in_(wanted.states))
    if wanted.partner_ids is not None:
        where.append(permits.is_of(Request.partner_id, wanted.partner_ids))
    if wanted.asker_ids is not None:
        where.append(permits.is_of(Request.asker_id, wanted.asker_ids))
    if wanted.round_id is not None:
        where.append(Request.round_id == wanted.round_id)
    return where


def page(
    wanted: Filter, *, after: tuple[datetime, int] | None, limit: int
) -> tuple[Sequence[Request], tuple[datetime, int] | None]:
    """One page of requests, the oldest first, and the key to continue after or None at the end."""
    key = Request.asked_at, Request.id
    query = select(Request).where(*_matching(wanted)).options(*WHOLE).order_by(*key).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*key) > after)
    found = list(db.session.scalars(query))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.asked_at, last.id) if last else None


def waiting_for(office_ids: Collection[int]) -> dict[int, int]:
    """How many requests wait for the answer of each of those partners' offices; those with none are left out."""
    counts = select(Request.partner_id, func.count().label("number")).where(
        Request.partner_id.in_(office_ids), Request.state == RequestState.OPEN
    )
    return {row.partner_id: row.number for row in db.session.execute(counts.group_by(Request.partner_id))}


def get_offer(offer_id: str | UUID, actor: Actor) -> OfferedDate:
    """The offered date with all it shows; refuses SignInNeeded and NotFound."""
    ensure_somebody(actor)
    query = select(OfferedDate).options(*OFFER_WHOLE)
    offer = public_ids.get(query, OfferedDate.public_id, offer_id, permits.OFFER_MISSING)
    permits.ensure_may_see_offer(actor, offer)
    return offer


def claim_offer(offer_id: str | UUID, actor: Actor, expected: Expected | None = None) -> OfferedDate:
    """The same, locked for the rest of the transaction, before any request; refuses Stale, too."""
    ensure_somebody(actor)
    locked = select(OfferedDate.id).with_for_update(key_share=True)
    key = public_ids.get(locked, OfferedDate.public_id, offer_id, permits.OFFER_MISSING)
    query = select(OfferedDate).where(OfferedDate.id == key).options(*OFFER_WHOLE)
    offer = db.session.scalars(query.execution_options(populate_existing=True)).one()
    permits.ensure_may_see_offer(actor, offer)
    ensure_met(expected, tag_of(offer.version))
    return offer


def open_offers_for(request_id: int) -> list[OfferedDate]:
    """The dates offered in answer to a request that nobody has taken or closed, the newest first; locked."""
    query = select(OfferedDate).where(OfferedDate.request_id == request_id, OfferedDate.state == OfferState.OPEN)
    return list(db.session.scalars(query.order_by(OfferedDate.id.desc()).with_for_update(key_share=True)))


def is_offered(offer: OfferedDate) -> bool:
    """True where its office offers the same to everybody already: title, start and person."""
    same = select(OfferedDate.id).where(
        OfferedDate.office_id == offer.office.id,
        OfferedDate.request_id.is_(None),
        OfferedDate.state == OfferState.OPEN,
        OfferedDate.starts_at == offer.starts_at,
        OfferedDate.title == offer.title,
        OfferedDate.expert_id == (offer.expert.id if offer.expert else None),
    )
    return db.session.scalar(same.limit(1)) is not None


def offers_of(request_ids: Collection[int]) -> dict[int, list[OfferedDate]]:
    """The dates offered in answer to requests, the newest first, by request; one query."""
    query = select(OfferedDate).where(OfferedDate.request_id.in_(request_ids)).order_by(OfferedDate.id.desc())
    found: dict[int, list[OfferedDate]] = {}
    for one in db.session.scalars(query.options(joinedload(OfferedDate.expert), joinedload(OfferedDate.office))):
        if one.request_id is not None:
            found.setdefault(one.request_id, []).append(one)
    return found


def page_of_offers(
    actor: Actor, *, now: datetime, open_only: bool, after: tuple[datetime, int] | None, limit: int
) -> tuple[Sequence[OfferedDate], tuple[datetime, int] | None]:
    """One page of offered dates that somebody may know of, by their start, and the key to continue after."""
    key = OfferedDate.starts_at, OfferedDate.id
    query: Select[Any] = select(OfferedDate).where(permits.offers_seen(actor, sight_of(actor)))
    if open_only:
        query = query.where(OfferedDate.state == OfferState.OPEN, OfferedDate.starts_at > now)
    query = query.options(*OFFER_WHOLE).order_by(*key).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*key) > after)
    found = list(db.session.scalars(query))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.starts_at, last.id) if last else None


def page_of_office(
    office: Office, *, now: datetime, open_only: bool, after: tuple[datetime, int] | None, limit: int
) -> tuple[Sequence[OfferedDate], tuple[datetime, int] | None]:
    """One page of the dates that an office offers, to everybody or in answer to a request, by their start."""
    key = OfferedDate.starts_at, OfferedDate.id
    query = select(OfferedDate).where(OfferedDate.office_id == office.id).options(*OFFER_WHOLE)
    if open_only:
        query = query.where(OfferedDate.state == OfferState.OPEN, OfferedDate.starts_at > now)
    if after is not None:
        query = query.where(tuple_(*key) > after)
    found = list(db.session.scalars(query.order_by(*key).limit(limit + 1)))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.starts_at, last.id) if last else None


def get_round(round_id: str | UUID) -> Round:
    """The round of that public id; refuses NotFound."""
    return public_ids.get(select(Round).options(*ROUND_WHOLE), Round.public_id, round_id, permits.ROUND_MISSING)


def claim_round(round_id: str | UUID, expected: Expected | None = None) -> Round:
    """The same, locked, before any request; refuses Stale, too."""
    locked = select(Round.id).with_for_update(key_share=True)
    key = public_ids.get(locked, Round.public_id, round_id, permits.ROUND_MISSING)
    query = select(Round).where(Round.id == key).options(*ROUND_WHOLE)
    found = db.session.scalars(query.execution_options(populate_existing=True)).one()
    ensure_met(expected, tag_of(found.version))
    return found


def in_rounds(round_ids: Collection[int]) -> dict[int, dict[RequestState, int]]:
    """How many requests of each state stand in those rounds; one query."""
    counts = select(Request.round_id, Request.state, func.count().label("number"))
    counts = counts.where(Request.round_id.in_(round_ids)).group_by(Request.round_id, Request.state)
    found: dict[int, dict[RequestState, int]] = {number: {} for number in round_ids}
    for row in db.session.execute(counts):
        found[row.round_id][row.state] = row.number
    return found


def rounds(*, after: int | None, limit: int, office: Office | None = None) -> tuple[Sequence[Round], int | None]:
    """One page of rounds, of all offices or of one, the newest first."""
    query = select(Round).options(*ROUND_WHOLE).order_by(Round.id.desc()).limit(limit + 1)
    if office is not None:
        query = query.where(Round.office_id == office.id)
    if after is not None:
        query = query.where(Round.id < after)
    found = list(db.session.scalars(query))
    return found[:limit], found[limit - 1].id if len(found) > limit else None
