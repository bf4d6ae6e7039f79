"""What a partner makes of a request: an event, another offer, "not this term", or a decline in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import Side as DaySide
from eventsvc.core.times import Span
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events import needs, words
from eventsvc.domain.events.found_under import said_in
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.schedule import When, ensure_ahead
from eventsvc.domain.requests import employers, keepers, lookup, standing, windows
from eventsvc.domain.requests.models import Format, Request, RequestEvent, Side
from eventsvc.domain.requests.offered import OfferedDate, OfferState
from eventsvc.domain.requests.standing import Step
from eventsvc.workflows import close_offers, tell_of_requests
from eventsvc.workflows.plan_event import (
    Plan,
    ensure_is_ahead,
    new_event,
    note_planned,
    request_reserved,
    reserve,
    tell_asked,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """When it shall be, within a window of the request, and who comes; names are slugs."""

    starts_local: datetime
    experts: tuple[str, ...] = ()
    online_experts: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    starts_side: DaySide | None = None


class Made(NamedTuple):
    """A request, and the event made of it."""

    request: Request
    event: Event


def plan_request(
    request_id: str, choice: Choice, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Made:
    """Make an event of a request: its time and people are reserved and asked, or nothing happens.

    The event is the college's, whose wish it was; the partner's people may be named by whoever plans for the partner.

    Locks:   the account, the dates offered for it, the request, then as `plan_event`.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale; WrongState where it was answered, or stands in a round;
             NotAdmitted; InvalidInput for a time in none of its windows and for people of others; SlotTaken.
    """
    actor = hold_still(actor)
    request = lookup.claim_request(request_id, Side.PARTNER, actor, expected)
    standing.ensure_can(request, Step.PLAN, now)
    when = When(
        starts_local=choice.starts_local,
        starts_side=choice.starts_side,
        duration_minutes=request.duration_minutes,
    )
    span = when.span(request.zone)
    if windows.holding(request.windows, span, request.zone) is None:
        words_of = say("lies in none of the windows that were wished for: offer it as another date")
        raise InvalidInput({"starts_local": words_of})
    close_offers.close_for(request, now)
    (made,) = make_events_of([Booking(request=request, when=when, choice=choice)], actor=actor, now=now)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A request that is locked and may be planned, and what is to become of it; `step` None: just made for this."""

    request: Request
    when: When
    choice: Choice
    step: Step | None = Step.PLAN
    news: tell_of_requests.News = "planned"
    side: Side = Side.PARTNER
    offer: OfferedDate | None = None


def make_events_of(bookings: Sequence[Booking], *, actor: Actor, now: datetime) -> list[Made]:
    """Make an event of each: the time and people of all are reserved and asked, or nothing happens.

    Locks:   the resources of all of them at once; the requests come before them.
    Refuses: NotAdmitted, InvalidInput, SlotTaken.
    """
    made = [_drafted(one, actor, now) for one in bookings]
    events = [one.event for one in made]
    needs.claim_all(events)
    for event in events:
        reserve(event, actor, now)
    asked = request_reserved(events, actor, now)
    for one, (request, event) in zip(bookings, made, strict=True):
        if one.step is not None:
            standing.make(request, one.step, now)
        keepers.note(request, one.side, actor, now)
        changes: dict[str, audit.Change] = {"event": (None, event.public_id), "starts_at": (None, event.starts_at)}
        audit.record("plan", "request", request.public_id, actor=actor.name, now=now, changes=changes)
    db.session.flush()
    tell_asked([asked], now)
    for one, (request, event) in zip(bookings, made, strict=True):
        db.session.expire(request, ["events"])
        tell_of_requests.tell_both(request, one.news, now, event=event, offer=one.offer)
    return made


def _drafted(one: Booking, actor: Actor, now: datetime) -> Made:
    request, choice = one.request, one.choice
    employers.ensure_admitted(request.asker.organization, request.partner.organization)
    ensure_theirs([*choice.experts, *choice.online_experts], request.partner.organization_id)
    event = new_event(_plan(request, one.when, choice), now)
    ensure_is_ahead(event, now)
    note_planned(event, actor, now)
    db.session.add(RequestEvent(request_id=request.id, event_id=event.id))
    return Made(request, event)


def _plan(request: Request, when: When, choice: Choice) -> Plan:
    is_online = request.format is Format.ONLINE
    people = tuple(dict.fromkeys((*choice.experts, *choice.online_experts)))
    return Plan(
        kind=request.kind,
        title=request.title,
        when=when,
        campus=None if is_online or request.campus is None else request.campus.slug,
        owner=request.asker.slug,
        rooms=choice.rooms,
        experts=people,
        online_experts=() if is_online else choice.online_experts,
        topics=tuple(topic.slug for topic in request.topics),
        co_hosts=(request.partner.organization.slug,),
        audience=tuple(request.audience),
        languages=said_in(request.language),
        description=request.description,
        accommodations=request.accommodations,
        expected_heads=request.expected_heads,
    )


def ensure_theirs(slugs: list[str], organization_id: int) -> None:
    """Refuses InvalidInput naming each that is none of that organization's people."""
    people = directory.get_all_in_use(Expert, list(dict.fromkeys(slugs)), field="experts")
    errors = [
        (f"experts[{number}]", say("%(slug)r is an expert of another organization", slug=one.slug))
        for number, one in enumerate(people)
        if one.organization_id != organization_id
    ]
    if errors:
        raise InvalidInput(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDate:
    """A date in place of those that were wished."""

    starts_local: datetime
    starts_side: DaySide | None = None
    duration_minutes: int | None = None
    expert: str | None = None
    note: str = ""


def offer_other(
    request_id: str, other: OtherDate, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Request:
    """Offer the college another date, which it may take or refuse; one that was offered before is offered no more.

    Locks:   the account, the dates offered for it, the request.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState, InvalidInput.
    """
    actor = hold_still(actor)
    request = lookup.claim_request(request_id, Side.PARTNER, actor, expected)
    standing.ensure_can(request, Step.OFFER, now)
    span = _span(other, request, now)
    close_offers.close_for(request, now)
    offer = _offered(other, span, request, now)
    db.session.add(offer)
    standing.make(request, Step.OFFER, now, reason=offer.note)
    keepers.note(request, Side.PARTNER, actor, now)
    db.session.flush()
    changes: dict[str, audit.Change] = {"starts_at": (None, offer.starts_at), "note": (None, offer.note)}
    audit.record("offer", "request", request.public_id, actor=actor.name, now=now, changes=changes)
    tell_of_requests.tell_both(request, "offered", now, offer=offer)
    return request


def _span(other: OtherDate, request: Request, now: datetime) -> Span:
    minutes = request.duration_minutes if other.duration_minutes is None else other.duration_minutes
    windows.ensure_length(minutes)
    when = When(
        starts_local=other.starts_local,
        starts_side=other.starts_side,
        duration_minutes=minutes,
    )
    span = when.span(request.zone)
    ensure_ahead(span, now, field="starts_local")
    return span


def _offered(other: OtherDate, span: Span, request: Request, now: datetime) -> OfferedDate:
    if other.expert is not None:
        ensure_theirs([other.expert], request.partner.organization_id)
    expert = directory.get_in_use(Expert, other.expert, field="expert") if other.expert else None
    return OfferedDate(
        office=request.partner,
        request=request,
        kind=request.kind,
        title=request.title,
        note=words.ensure_advice(other.note, field="note"),
        format=request.format,
        starts_at=span.start,
        ends_at=span.end,
        zone=request.zone,
        expert=expert,
        state=OfferState.OPEN,
        published_at=now,
        version=1,
        topics=list(request.topics),
    )


_ANSWERS: dict[Step, tuple[str, tell_of_requests.News]] = {
    Step.NOT_THIS_TERM: ("not_this_term", "not_this_term"),
    Step.DECLINE: ("decline", "declined"),
}


def answer_in_words(
    request_id: str, step: Step, reason: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Request:
    """Answer "not this term", or decline; a decline says why.

    Locks:   the account, the dates offered for it, the request.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState; InvalidInput for a decline without a word.
    """
    actor = hold_still(actor)
    request = lookup.claim_request(request_id, Side.PARTNER, actor, expected)
    standing.ensure_can(request, step, now)
    said = words.ensure_advice(reason, field="reason")
    if step is Step.DECLINE and not said:
        raise InvalidInput({"reason": say("is needed: the college should learn why")})
    close_offers.close_for(request, now)
    standing.make(request, step, now, reason=said)
    keepers.note(request, Side.PARTNER, actor, now)
    verb, news = _ANSWERS[step]
    audit.record(verb, "request", request.public_id, actor=actor.name, now=now, changes={"reason": (None, said)})
    tell_of_requests.tell_both(request, news, now)
    return request


def refuse_offer(
    request_id: str, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Request:
    """The college does not take the other date: the request waits for the partner again, with days anew.

    Locks:   the account, the dates offered for it, the request.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState where nothing is offered.
    """
    actor = hold_still(actor)
    request = lookup.claim_request(request_id, Side.COLLEGE, actor, expected)
    standing.ensure_can(request, Step.REFUSE, now)
    close_offers.close_for(request, now)
    standing.make(request, Step.REFUSE, now)
    request.reason = words.ensure_advice(reason, field="reason")
    keepers.note(request, Side.COLLEGE, actor, now)
    changes: dict[str, audit.Change] = {"reason": (None, request.reason)}
    audit.record("refuse", "request", request.public_id, actor=actor.name, now=now, changes=changes)
    tell_of_requests.tell_both(request, "refused", now)
    return request
