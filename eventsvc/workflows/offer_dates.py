"""Dates that a partner offers: published for every college, claimed by the first; or offered for one request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.times import Side as DaySide
from eventsvc.core.times import iso, local_day, to_wall
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Expert, Office, Topic
from eventsvc.domain.events import words
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.schedule import When, ensure_ahead
from eventsvc.domain.requests import employers, lookup, permits, standing, windows
from eventsvc.domain.requests.models import Format, Request, RequestState, Side, Window
from eventsvc.domain.requests.offered import OfferedDate, OfferStanding, OfferState
from eventsvc.domain.requests.standing import Step
from eventsvc.workflows import close_offers
from eventsvc.workflows.answer_request import Booking, Choice, Made, ensure_theirs, make_events_of
from eventsvc.workflows.ask_partner import AskedFor, new_request

MOST_NAMED = 5


class OfferGone(Refusal):
    """A date that was offered and can be claimed no more; `free` is what can."""

    slug = "offer-gone"
    title = say("This date is offered no more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A date to offer; names are slugs, the time is on the office's clock."""

    office: str
    title: str
    starts_local: datetime
    duration_minutes: int
    starts_side: DaySide | None = None
    kind: EventKind = EventKind.INFO_SESSION
    format: Format = Format.IN_PERSON
    expert: str | None = None
    topics: tuple[str, ...] = ()
    note: str = ""
    closes_on: date | None = None


def publish_date(said: Publication, *, actor: Actor, now: datetime) -> OfferedDate:
    """Offer a date to every college that admits the partner; it is not reserved before somebody claims it.

    Refuses: SignInNeeded, NotAllowed for another office, InvalidInput naming the field.
    """
    ensure_somebody(actor)
    actor = hold_still(actor)
    office = directory.get_in_use(Office, said.office, field="office")
    permits.ensure_may_plan_for(actor, office, said.kind)
    if said.expert is not None:
        ensure_theirs([said.expert], office.organization_id)
    offer = _new(said, office, now)
    if lookup.is_offered(offer):
        raise InvalidInput({"starts_local": say("is offered already, by that title and for the same person")})
    db.session.add(offer)
    db.session.flush()
    changes: dict[str, audit.Change] = {"title": (None, offer.title), "starts_at": (None, offer.starts_at)}
    audit.record("publish", "offered date", offer.public_id, actor=actor.name, now=now, changes=changes)
    return offer


def _new(said: Publication, office: Office, now: datetime) -> OfferedDate:
    windows.ensure_length(said.duration_minutes)
    when = When(starts_local=said.starts_local, starts_side=said.starts_side, duration_minutes=said.duration_minutes)
    span = when.span(office.zone)
    ensure_ahead(span, now, field="starts_local")
    if said.closes_on is not None and said.closes_on < local_day(now, office.zone):
        raise InvalidInput({"closes_on": say("is in the past")})
    return OfferedDate(
        office=office,
        kind=said.kind,
        title=words.ensure_title(said.title),
        note=words.ensure_advice(said.note, field="note"),
        format=said.format,
        starts_at=span.start,
        ends_at=span.end,
        zone=office.zone,
        expert=directory.get_in_use(Expert, said.expert, field="expert") if said.expert else None,
        closes_on=said.closes_on,
        state=OfferState.OPEN,
        published_at=now,
        version=1,
        topics=directory.get_all_in_use(Topic, said.topics, field="topics"),
    )


def take_back_date(offer_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> OfferedDate:
    """Offer a date no more; one that was claimed or closed before is refused by name.

    Dates that answer a request are closed by another answer to it.

    Locks:   the offered date.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, OfferGone.
    """
    actor = hold_still(actor)
    offer = lookup.claim_offer(offer_id, actor, expected)
    permits.ensure_may_plan_for(actor, offer.office, offer.kind)
    if offer.state is not OfferState.OPEN or offer.request is not None:
        raise _gone(offer, now)
    close_offers.close(offer, now)
    audit.record("take_back", "offered date", offer.public_id, actor=actor.name, now=now)
    return offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who claims a date, for which campus, and what is needed there; names are slugs."""

    campus: str | None = None
    asker: str | None = None
    rooms: tuple[str, ...] = ()
    title: str | None = None
    description: str = ""
    audience: tuple[str, ...] = ()
    expected_heads: int | None = None
    accommodations: str = ""


def claim_date(offer_id: str, claim: Claim, *, expected: Expected | None = None, actor: Actor, now: datetime) -> Made:
    """Take an offered date: it becomes an event of the college's office, or nothing happens.

    Of all who claim it at once one gets it. A date that answers a request is for the office that asked; what the
    request said counts then.

    Locks:   the account, the offered date, the request, then as `plan_event`.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale; OfferGone with what else is free; NotAdmitted, InvalidInput,
             SlotTaken.
    """
    actor = hold_still(actor)
    offer = lookup.claim_offer(offer_id, actor)
    if offer.standing(now) is not OfferStanding.OPEN:
        raise _gone(offer, now)
    choice = Choice(
        starts_local=to_wall(offer.starts_at, offer.zone),
        experts=(offer.expert.slug,) if offer.expert else (),
        rooms=claim.rooms,
    )
    request = _claiming(offer, claim, expected, actor, now)
    # A college may lie in another zone than the partner; the instant is what was offered.
    when = When(
        starts_local=to_wall(offer.starts_at, request.zone),
        starts_side=_side(offer, request.zone),
        duration_minutes=int((offer.ends_at - offer.starts_at).total_seconds() // 60),
    )
    offer.state, offer.ended_at, offer.claimed_by = OfferState.CLAIMED, now, request
    offer.version += 1
    db.session.flush()
    is_answer = offer.request is not None
    audit.record("claim", "offered date", offer.public_id, actor=actor.name, now=now)
    booking = Booking(
        request=request,
        when=when,
        choice=choice,
        step=Step.TAKE if is_answer else None,
        news="taken" if is_answer else "claimed",
        side=Side.COLLEGE,
        offer=offer,
    )
    (made,) = make_events_of([booking], actor=actor, now=now)
    return made


def _side(offer: OfferedDate, zone: str) -> DaySide | None:
    """Which of two equal wall times the offered instant is, where the clock shows it twice."""
    return "later" if to_wall(offer.starts_at, zone).fold else "earlier"


def _claiming(offer: OfferedDate, claim: Claim, expected: Expected | None, actor: Actor, now: datetime) -> Request:
    """The request that takes it: the one that it answers, or one that is made for it."""
    if offer.request is not None:
        request = lookup.claim_request(offer.request.public_id, Side.COLLEGE, actor, expected)
        standing.ensure_can(request, Step.TAKE, now)
        return request
    request = new_request(_asked(offer, claim), actor, now, is_claim=True)
    employers.ensure_admitted(request.asker.organization, request.partner.organization)
    minutes = to_wall(offer.starts_at, request.zone)
    day, begins = minutes.date(), minutes.hour * 60 + minutes.minute
    lasts = min(request.duration_minutes, 24 * 60 - begins)
    only = Window(rank=1, first_on=day, last_on=day, from_minute=begins, until_minute=begins + lasts, weekdays=[])
    request.windows = [only]
    request.state, request.answered_at = RequestState.PLANNED, now
    db.session.add(request)
    db.session.flush()
    return request


def _asked(offer: OfferedDate, claim: Claim) -> AskedFor:
    return AskedFor(
        partner=offer.office.organization.slug,
        partner_office=offer.office.slug,
        title=claim.title or offer.title,
        windows=(),
        asker=claim.asker,
        campus=claim.campus,
        kind=offer.kind,
        description=claim.description,
        audience=claim.audience,
        format=offer.format,
        duration_minutes=int((offer.ends_at - offer.starts_at).total_seconds() // 60),
        expected_heads=claim.expected_heads,
        accommodations=claim.accommodations,
        topics=tuple(topic.slug for topic in offer.topics),
    )


_WHY = {
    OfferStanding.CLAIMED: say("Another college was faster: this date was claimed at %(at)s."),
    OfferStanding.CLOSED: say("The partner offers this date no more, since %(at)s."),
    OfferStanding.LAPSED: say("This date could be claimed until %(at)s."),
    OfferStanding.OPEN: say("This date answers a request: give that another answer."),
}


def _gone(offer: OfferedDate, now: datetime) -> OfferGone:
    stands = offer.standing(now)
    ended = offer.open_until if stands is OfferStanding.LAPSED else offer.ended_at or now
    at = to_wall(ended, offer.office.zone).isoformat(" ", "minutes")
    return OfferGone(say(_WHY[stands], at=at), standing=str(stands), free=free_beside(offer, now))


def free_beside(gone: OfferedDate, now: datetime) -> list[dict[str, Any]]:
    """Other dates that can be claimed, those of the same office and those near it first."""
    query = select(OfferedDate).where(
        OfferedDate.state == OfferState.OPEN, OfferedDate.request_id.is_(None), OfferedDate.starts_at > now
    )
    found = [one for one in db.session.scalars(query.limit(200)) if one.standing(now) is OfferStanding.OPEN]
    found.sort(key=lambda one: (one.office_id != gone.office_id, abs(one.starts_at - gone.starts_at), one.id))
    return [
        {"id": str(one.public_id), "title": one.title, "starts_at": iso(one.starts_at), "ends_at": iso(one.ends_at)}
        for one in found[:MOST_NAMED]
    ]
