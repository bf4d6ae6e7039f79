"""Rounds: requests are gathered until a day, and then granted by fairness; first rehearsed, then committed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.times import Span, local_day, side_of, to_wall
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events import words
from eventsvc.domain.events.schedule import When
from eventsvc.domain.requests import employers, fairness, lookup, matching, permits, standing
from eventsvc.domain.requests.employers import EmployerState
from eventsvc.domain.requests.fairness import Share, Turn
from eventsvc.domain.requests.matching import Match
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.rounds import Round, RoundStanding
from eventsvc.domain.requests.standing import Step
from eventsvc.workflows import close_offers, tell_of_requests
from eventsvc.workflows.answer_request import Booking, Choice, Made, make_events_of
from eventsvc.workflows.match_experts import Roster, roster_for, wanted_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request gets of its round, in the order of turns; `match` None: nothing could be had."""

    request: Request
    match: Match | None
    share: Share  # what its college had had when its turn came
    travel_minutes: int | None  # the shortest way of anybody, None where none is known
    is_admitted: bool = True
    made: Made | None = None


def open_round(office: str, title: str, closes_on: date, *, actor: Actor, now: datetime) -> Round:
    """Take requests until the end of a local day of the partner's office.

    Refuses: SignInNeeded, NotAllowed for another office, InvalidInput for a day that is over.
    """
    ensure_somebody(actor)
    actor = hold_still(actor)
    owner = directory.get_in_use(Office, office, field="office")
    permits.ensure_may_plan_for(actor, owner)
    if closes_on < local_day(now, owner.zone):
        raise InvalidInput({"closes_on": say("is in the past")})
    opened = Round(office=owner, title=words.ensure_title(title), closes_on=closes_on, opened_at=now, version=1)
    db.session.add(opened)
    db.session.flush()
    changes: dict[str, audit.Change] = {"title": (None, opened.title), "closes_on": (None, closes_on)}
    audit.record("open", "round", opened.public_id, actor=actor.name, now=now, changes=changes)
    return opened


def rehearse(round_id: str, *, actor: Actor, now: datetime) -> list[Outcome]:
    """What granting a round would give now; nothing is written, and nobody told.

    Refuses: SignInNeeded, NotFound, NotAllowed for another office.
    """
    ensure_somebody(actor)
    found = lookup.get_round(round_id)
    permits.ensure_may_plan_for(actor, found.office)
    return _decided(found, _waiting(found), now)


def grant_round(
    round_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> tuple[Round, list[Outcome]]:
    """Grant a round whose day is over: events are made of what can be had, in one transaction; both sides are told.

    What could not be had stays open, and can be answered by itself from then on. It is what `rehearse` shows, unless
    something else was booked or asked in between.

    Locks:   the account, the round, its requests by id, then the resources of all that is booked, at once.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale; WrongState before its day is over, and once it is granted.
    """
    actor = hold_still(actor)
    ensure_somebody(actor)
    found = lookup.claim_round(round_id)
    permits.ensure_may_plan_for(actor, found.office)
    ensure_met(expected, tag_of(found.version))
    _ensure_closed(found, now)
    requests = lookup.claimed([one.id for one in _waiting(found)])
    outcome = _decided(found, requests, now)
    found.granted_at = now
    found.version += 1
    db.session.flush()
    granted = _carried_out(outcome, actor, now)
    audit.record(
        "grant", "round", found.public_id, actor=actor.name, now=now, changes={"granted": (None, _count(granted))}
    )
    return found, granted


def _count(outcome: list[Outcome]) -> int:
    return sum(one.made is not None for one in outcome)


def _ensure_closed(found: Round, now: datetime) -> None:
    stands = found.standing(now)
    if stands is RoundStanding.OPEN:
        words_of = say("This round takes requests until the end of %(day)s.", day=found.closes_on)
        raise WrongState(words_of, state=str(stands))
    if stands is RoundStanding.GRANTED:
        raise WrongState(say("This round has been granted already."), state=str(stands))


def _waiting(found: Round) -> list[Request]:
    query = select(Request).where(Request.round_id == found.id, Request.state.in_(standing.WAITS))
    return list(db.session.scalars(query.order_by(Request.id).options(*lookup.WHOLE)))


def _decided(found: Round, requests: list[Request], now: datetime) -> list[Outcome]:
    partner = found.office.organization
    roster = roster_for(partner.id, requests, now)
    pairs = {(one.asker.organization_id, partner) for one in requests}
    states = employers.states_of(pairs)
    by_id = {one.id: one for one in requests}
    had: dict[int, Share] = {}

    def grant(turn: Turn) -> Match | None:
        request = by_id[turn.request_id]
        had[request.id] = replace(roster.shares[turn.college_id])
        if states[turn.college_id, partner.id] is not EmployerState.APPROVED:
            return None
        best = roster.best_for(request, most=1)
        if not best or not best[0].is_free:
            return None
        roster.suppose(request, best[0])
        return best[0]

    turns = [_turn(request, roster) for request in requests]
    return [
        Outcome(
            by_id[turn.request_id],
            match,
            had[turn.request_id],
            turn.travel_minutes,
            states[turn.college_id, partner.id] is EmployerState.APPROVED,
        )
        for turn, match in fairness.grant_in_turn(turns, roster.shares, grant)
    ]


def _turn(request: Request, roster: Roster) -> Turn:
    place_id = wanted_of(request).place_id
    ways = [matching.travel_minutes(one, place_id, roster.diary) for one in roster.experts] if place_id else []
    known = [minutes for minutes in ways if minutes is not None]
    return Turn(request.id, request.asker.organization_id, request.asked_at, min(known) if known else None)


def _carried_out(outcome: list[Outcome], actor: Actor, now: datetime) -> list[Outcome]:
    """Book what can be had, all of it as one act; the rest is told, and waits."""
    bookings = {
        one.request.id: _booking(one.request, one.match, one.match.span, now)
        for one in outcome
        if one.match is not None and one.match.span is not None
    }
    made = {one.request.id: one for one in make_events_of(list(bookings.values()), actor=actor, now=now)}
    for one in outcome:
        if one.request.id not in made:
            _put_off(one, now)
    return [replace(one, made=made.get(one.request.id)) for one in outcome]


def _put_off(one: Outcome, now: datetime) -> None:
    """Nothing could be had for it: it waits for the partner by itself."""
    one.request.answer_by = standing.answer_by(now, one.request.partner)
    one.request.version += 1
    tell_of_requests.tell_both(one.request, "not_granted", now)


def _booking(request: Request, match: Match, span: Span, now: datetime) -> Booking:
    standing.ensure_can(request, Step.PLAN, now, by_round=True)
    close_offers.close_for(request, now)
    local, side = to_wall(span.start, request.zone), side_of(span.start, request.zone)
    when = When(starts_local=local, starts_side=side, duration_minutes=request.duration_minutes)
    return Booking(request=request, when=when, choice=Choice(starts_local=local, experts=(match.expert.slug,)))
