"""Which of a partner's people fit requests: what the ranking needs is read at once, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db
from eventsvc.core.times import Span
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking import diary, resources
from eventsvc.domain.booking.diary import Booked, Diary
from eventsvc.domain.booking.models import Resource, State
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.requests import lookup, matching, permits, sessions, windows
from eventsvc.domain.requests.fairness import Share
from eventsvc.domain.requests.matching import Candidate, Match, Said, Wanted
from eventsvc.domain.requests.models import Format, Request, Side

# Limits count by month at most, and no way takes longer than two days.
_AROUND = timedelta(days=33)
MOST = 50


@dataclass(frozen=True, slots=True)
class Roster:
    """A partner's people, what is booked of them around some requests, and what colleges have had of them."""

    experts: Sequence[Expert]
    resources: dict[int, Resource]
    said: dict[int, Said]
    diary: Diary
    visits: dict[tuple[int, int], int]
    shares: dict[int, Share]
    now: datetime

    def best_for(self, request: Request, *, most: int | None = None) -> list[Match]:
        """Who fits that request, best first; the request is one of those that were read for."""
        college_id = request.asker.organization_id
        candidates = [
            Candidate(one, self.resources[one.id], self.visits.get((one.id, college_id), 0), self.said[one.id])
            for one in self.experts
        ]
        return matching.ranked(wanted_of(request), candidates, self.diary, now=self.now, most=most)

    def suppose(self, request: Request, match: Match) -> None:
        """Go on as if that had been granted."""
        if match.span is None:
            return
        resource = self.resources[match.expert.id]
        place_id = wanted_of(request).place_id
        lead = match.expert.lead_minutes if place_id is not None else match.expert.online_buffer_minutes
        busy = match.span.widened(before_minutes=lead)
        booked = Booked(
            busy_from=busy.start,
            busy_until=busy.end,
            id=0,
            resource_id=resource.id,
            event_id=None,
            hold_id=None,
            state=State.CONFIRMED,
            starts_at=match.span.start,
            ends_at=match.span.end,
            place_id=place_id,
            hold_until=None,
            asked_room_id=None,
        )
        self.diary.suppose(booked)
        key = match.expert.id, request.asker.organization_id
        self.visits[key] = self.visits.get(key, 0) + 1


def wanted_of(request: Request) -> Wanted:
    """What a request asks of a person."""
    return Wanted(
        topics={topic.id: topic.name for topic in request.topics},
        language=request.language,
        level=request.level,
        place_id=None if request.format is Format.ONLINE else request.campus_id,
        windows=request.windows,
        minutes=request.duration_minutes,
        zone=request.zone,
    )


def roster_for(partner_id: int, requests: Sequence[Request], now: datetime) -> Roster:
    """What is known of the people of that organization around those requests.

    Reads people, their topics, resources, reservations, blocks, ways, places, visits and shares: once each, whatever
    the number of requests.
    """
    query = select(Expert).where(Expert.organization_id == partner_id, Expert.retired_on.is_(None))
    query = query.options(selectinload(Expert.topics), joinedload(Expert.home_campus)).order_by(Expert.slug)
    experts = list(db.session.scalars(query))
    found = resources.find(expert_ids=[one.id for one in experts])
    by_expert = {one.expert_id: one for one in found.experts if one.expert_id is not None}
    colleges = {request.asker.organization_id for request in requests}
    places = {request.campus_id for request in requests if request.campus_id is not None}
    homes = {one.home_campus_id for one in experts if one.home_campus_id is not None}
    return Roster(
        experts=[one for one in experts if one.id in by_expert],
        resources=by_expert,
        said={one.id: matching.said_of(one) for one in experts},
        diary=diary.read(found.experts, _window(requests, now), campus_ids=places | homes, now=now),
        visits=sessions.visits(partner_id, colleges, now),
        shares=sessions.shares_of(partner_id, colleges, now),
        now=now,
    )


def _window(requests: Sequence[Request], now: datetime) -> Span:
    reaches = [windows.reach(window, request.zone) for request in requests for window in request.windows]
    first = min([now, *(span.start for span in reaches)])
    return Span(max(first, now - _AROUND) - _AROUND, max([now, *(span.end for span in reaches)]) + _AROUND)


def matches_of(request_id: str, *, most: int = MOST, actor: Actor, now: datetime) -> tuple[Request, list[Match]]:
    """Who fits a request, best first, for those who answer it.

    Refuses: SignInNeeded, NotFound, NotAllowed for the college's office: who is busy is the partner's affair.
    """
    request = lookup.get_request(request_id, actor)
    permits.ensure_may_act(actor, request, Side.PARTNER)
    roster = roster_for(request.partner.organization_id, [request], now)
    return request, roster.best_for(request, most=most)
