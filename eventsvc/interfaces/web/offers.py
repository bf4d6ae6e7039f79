"""What could be had instead, on the pages: whole offers, each one press away and, for a plan, held meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext
from marshmallow import ValidationError
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import NotFound
from eventsvc.core.times import Span
from eventsvc.domain.booking import holds
from eventsvc.domain.booking.holds import Standing
from eventsvc.domain.booking.models import Hold
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.interfaces import requests
from eventsvc.interfaces.hold_schemas import HoldWishSchema
from eventsvc.interfaces.web import words
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import hold_things
from eventsvc.workflows.hold_things import HoldWish

Facts = dict[str, Any]
# The parts of an offer that a form is filled with; the campus is the form's own.
_FILLED = (
    *("all_day", "starts_on", "days", "starts_local", "starts_side", "duration_minutes"),
    *("campus", "owner", "rooms", "experts", "online_experts", "equipment", "expected_heads"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An offer in words; `value` is what its button sends."""

    value: str
    when: str
    names: str
    reasons: list[str]


def shown(form: Form, find: Callable[[], Sequence[Facts]]) -> list[Shown]:
    """The offers of a form that was refused for clashes; call after the roll-back."""
    found = find() if form.taken else []
    names = {
        slug: name
        for kind, field in ((Room, "rooms"), (Expert, "experts"), (Pool, "equipment"))
        for slug, name in _names(kind, {slug for offer in found for slug in _slugs(offer[field])})
    }
    return [_in_words(offer, names) for offer in found]


def _slugs(named: Sequence[Any]) -> list[str]:
    return [one["slug"] if isinstance(one, dict) else one for one in named]


def _names(kind: type[Room | Expert | Pool], slugs: set[str]) -> list[tuple[str, str]]:
    rows = db.session.execute(select(kind.slug, kind.name).where(kind.slug.in_(slugs))) if slugs else ()
    return [(slug, name) for slug, name in rows]


def _in_words(offer: Facts, names: dict[str, str]) -> Shown:
    span = Span(datetime.fromisoformat(offer["starts_at"]), datetime.fromisoformat(offer["ends_at"]))
    things = [f"{one['quantity']} × {names[one['slug']]}" for one in offer["equipment"]]
    value = {name: offer[name] for name in _FILLED if offer.get(name) not in (None, [])}
    return Shown(
        value=json.dumps(value),
        when=words.span_in_words(span, offer["zone"], all_day="all_day" in offer),
        names=" · ".join([*(names[slug] for slug in (*offer["rooms"], *offer["experts"])), *things]),
        reasons=[_reason(reason) for reason in offer["reasons"] if _is_said(reason)],
    )


def _reason(reason: Facts) -> str:
    """The sentence as every door says it; only a long way is said in hours here, as all lengths on the pages are."""
    if reason["kind"] != "travel":
        return words.translated(reason["detail"])
    facts = {"name": reason["detail"].facts["name"], "length": words.minutes(reason["minutes"])}
    return str(gettext("%(name)s is on the way for %(length)s that day.", **facts))


def _is_said(reason: Facts) -> bool:
    """The day and hour stand above the reasons already; how many weeks away it is does not."""
    return bool(reason["kind"] != "time" or (reason["minutes"] == 0 and reason["days"] % 7 == 0))


def wish_in(form: Form) -> HoldWish | None:
    """What the button that was pressed offers, or None where it is none of ours."""
    try:
        told = json.loads(form.value("offer"))
        wish: HoldWish = HoldWishSchema().load(told)
    except (ValueError, RecursionError, ValidationError):
        return None
    return wish


def filled(form: Form, wanted: HoldWish) -> Form:
    """The form with the time, rooms and people of an offer; all else stays."""
    wish = wanted.wish
    values: dict[str, str | list[str]] = {
        "rooms": list(wish.rooms),
        "experts": list(wish.experts),
        "online_experts": list(wish.online_experts),
    }
    when = wish.when
    if when.all_day and when.starts_on:
        values |= {"lasts": "days", "date": when.starts_on.isoformat(), "days": str(when.days or 1)}
    elif when.starts_local:
        day, clock_time = when.starts_local.date().isoformat(), f"{when.starts_local:%H:%M}"
        values |= {"lasts": "hours", "date": day, "time": clock_time, "starts_side": when.starts_side or ""}
    return form.with_values(**values)


def hold(form: Form, wanted: HoldWish) -> Form:
    """Hold what the form says now, in place of what it held before; refuses as `hold_things` does."""
    actor, now = requests.actor(), clock.now()
    with transaction():
        before = found_hold(form)
        if before is not None:
            hold_things.give_back(str(before.public_id), actor=actor, now=now)
        made = hold_things.hold_things(replace(wanted, note=""), actor=actor, now=now)
        return form.with_values(hold=str(made.public_id))


def found_hold(form: Form) -> Hold | None:
    """The hold that the form names, whatever became of it, or None."""
    try:
        return holds.get_hold(form.value("hold")) if form.value("hold") else None
    except NotFound:
        return None


def live_hold(form: Form) -> str | None:
    """The id of the form's hold while it holds anything."""
    found = found_hold(form)
    return str(found.public_id) if found and found.is_live(clock.now()) else None


def standing_in_words(form: Form, zone: str | None) -> tuple[bool, str] | None:
    """Whether the form's hold still holds, and until when; None where there is none, or where it was used."""
    found = found_hold(form)
    if found is None or zone is None or holds.standing(found, clock.now()) is Standing.USED:
        return None
    until = words.clock_time(found.ended_at or found.hold_until, zone)
    if found.is_live(clock.now()):
        return True, str(gettext("Held for you until %(time)s: nobody else can take it meanwhile.", time=until))
    ended = gettext("The hold ended at %(time)s. “Plan” takes what is still free.", time=until)
    return False, str(ended)
