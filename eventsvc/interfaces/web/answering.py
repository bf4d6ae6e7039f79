"""What a partner's office does with a request on its page: choose who fits, plan it, offer another date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput
from eventsvc.core.times import Side, parse_wall_time, side_of, to_utc, to_wall
from eventsvc.domain.directory.models import Room
from eventsvc.domain.requests.matching import Match
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.rounds import RoundStanding
from eventsvc.interfaces.web import forms
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.partner_page import shown_match
from eventsvc.workflows import answer_request
from eventsvc.workflows.answer_request import Choice, OtherDate

MOST = 5
# Two forms stand on one page, so the second has names of its own for what both say.
_OF_OFFER = {"starts_local": "other_local", "duration_minutes": "other_minutes", "experts[0]": "other_expert"}
_OF_PLAN = {"experts[0]": "expert"}


def shown(found: Request, people: Sequence[Match], form: Form, now: datetime) -> dict[str, Any]:
    """What the part of the page needs that only those who answer see."""
    first = next((to_wall(one.span.start, found.zone) for one in people if one.span), None)
    return {
        "matches": [_shown(one, found) for one in people[:MOST]],
        "people": [(one.expert.slug, one.expert.name) for one in people],
        "entries": [{"slug": one.expert.slug, "name": one.expert.name} for one in people],
        "rooms": _rooms(found),
        "first": first.isoformat(timespec="minutes") if first else "",
        "is_gathered": found.round is not None and found.round.standing(now) is not RoundStanding.GRANTED,
        "is_twice": _is_twice(form.value("starts_local"), found.zone),
        "is_other_twice": _is_twice(form.value("other_local"), found.zone),
    }


def _shown(match: Match, found: Request) -> dict[str, Any]:
    """Somebody who fits, with the first start at which they could, as the form sends it."""
    span = match.span
    said = {"starts_local": "", "starts_side": ""}
    if span is not None:
        wall = to_wall(span.start, found.zone).isoformat(timespec="minutes")
        said = {"starts_local": wall, "starts_side": side_of(span.start, found.zone) or ""}
    return {**shown_match(match, found), "slug": match.expert.slug, **said}


def _rooms(found: Request) -> list[Room]:
    if found.campus_id is None:
        return []
    query = select(Room).where(Room.campus_id == found.campus_id, Room.retired_on.is_(None))
    return list(db.session.scalars(query.order_by(Room.name)))


def _is_twice(typed: str, zone: str) -> bool:
    """True for a time that the clock shows twice."""
    try:
        wall = parse_wall_time(typed)
        return to_utc(wall, zone, "earlier") != to_utc(wall, zone, "later")
    except InvalidInput:
        return False


def plan(request_id: str, form: Form, **who: Any) -> None:
    """Make it an event at the time and with the people that the form names."""
    try:
        choice = Choice(
            starts_local=parse_wall_time(form.value("starts_local")),
            starts_side=_side(form, "starts_side"),
            experts=tuple(dict.fromkeys([*filter(None, [form.value("expert")]), *form.all("experts")])),
            online_experts=tuple(form.all("online_experts")),
            rooms=tuple(form.all("rooms")),
        )
        answer_request.plan_request(request_id, choice, **who)
    except InvalidInput as refusal:
        raise _renamed(refusal, _OF_PLAN) from None


def offer(request_id: str, form: Form, **who: Any) -> None:
    """Offer the college the date that the form names."""
    try:
        other = OtherDate(
            starts_local=parse_wall_time(form.value("other_local")),
            starts_side=_side(form, "other_side"),
            duration_minutes=_minutes(form.value("other_minutes")),
            expert=form.value("other_expert") or None,
            note=form.value("note"),
        )
        answer_request.offer_other(request_id, other, **who)
    except InvalidInput as refusal:
        raise _renamed(refusal, _OF_OFFER) from None


_SIDES: dict[str, Side] = {"earlier": "earlier", "later": "later"}


def _side(form: Form, field: str) -> Side | None:
    """Which of two equal hours is meant; other words say nothing."""
    return _SIDES.get(form.value(field))


def _minutes(typed: str) -> int | None:
    """The typed length, None for that of the request; a word is no length, and so refused as none."""
    found = forms.whole(typed)
    if found == "":
        return None
    return found if isinstance(found, int) and found > 0 else -1


def _renamed(refusal: InvalidInput, names: dict[str, str]) -> InvalidInput:
    return InvalidInput([(names.get(one["field"], one["field"]), one["reason"]) for one in refusal.facts["errors"]])
