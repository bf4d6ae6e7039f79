"""What a person typed, what was refused of it, and how it becomes the values that the JSON door takes.

Forms and JSON share one set of schemas; a form only differs in that a browser sends text. A refused form is shown
again as it was filled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from eventsvc.core.errors import DatesTaken, InvalidInput, Refusal, SlotTaken
from eventsvc.core.times import parse_wall_time, to_utc
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import clash_words, field_words, override_fields, series_words, words
from eventsvc.interfaces.web.clash_words import Reason
from eventsvc.interfaces.web.series_words import DateRow
from eventsvc.workflows.series_dates import reasons_of

# How many of a thing: the field is named by its pool.
THINGS = "equipment-"
# Both ways of saying when share the input of the day.
_SHOWN_AT = {"starts_local": "date", "starts_on": "date"}
_NEEDED = {
    "title": "is empty",
    "starts_local": "is needed, for instance 2027-02-10T14:00",
    "duration_minutes": "is needed, in minutes",
    "starts_on": "an all-day event needs its first day",
    "days": "is needed",
}


class Form:
    """The values of a form and what stands against them."""

    def __init__(self, values: MultiDict[str, str] | None = None) -> None:
        self.values = values if values is not None else MultiDict()
        self.errors: dict[str, list[str]] = {}
        self.clashes: list[Reason] = []
        self.taken: list[Clash] = []
        self.refused_dates: list[DateRow] = []
        self.sentence = ""

    def value(self, name: str, default: str = "") -> str:
        """The text of a field."""
        return self.values.get(name, default)

    def all(self, name: str) -> list[str]:
        """Every ticked value of a field, each once."""
        return list(dict.fromkeys(self.values.getlist(name)))

    def with_values(self, **told: str | list[str]) -> Form:
        """The same form with other values, and nothing against it."""
        values = self.values.copy()
        for name, value in told.items():
            values.setlist(name, [value] if isinstance(value, str) else value)
        return Form(values)

    def clash_of(self, kind: str, slug: str) -> Reason | None:
        """What stands against a room or an expert, or None."""
        found = (reason for reason in self.clashes if (reason.resource_type, reason.slug) == (kind, slug))
        return next(found, None)

    def refuse(self, refusal: Refusal, zone: str | None = None) -> None:
        """Note a no: beside its fields, as clashes, or as a sentence. `zone` is the zone that the page speaks in."""
        if isinstance(refusal, InvalidInput):
            for error in refusal.facts["errors"]:
                self._note(error["field"], error["reason"])
        elif isinstance(refusal, DatesTaken):
            self.sentence = words.translated(refusal.detail)
            self.refused_dates = series_words.refused_rows(reasons_of(refusal.occurrences, requests.actor()))
        elif isinstance(refusal, SlotTaken):
            self.clashes, self.taken = clash_words.in_words(refusal, zone), refusal.clashes
        else:
            self.sentence = words.translated(refusal.detail)

    def _note(self, path: str, reason: str) -> None:
        field = re.split(r"[.\[]", path)[0]
        sentence = field_words.sentence(field, reason)
        at = self.errors.setdefault(_SHOWN_AT.get(field, field), [])
        if sentence not in at:
            at.append(sentence)

    @property
    def overridable(self) -> list[tuple[str, Any]]:
        """The soft rules that somebody may break here, with their words: those in the way, and those ticked before."""
        kinds = [*(reason.kind for reason in self.clashes), *self.all("override")]
        return override_fields.offered(kinds) if kinds else []

    @property
    def is_refused(self) -> bool:
        """True when something stands against it."""
        return bool(self.errors or self.clashes or self.sentence)


def load(schema: Schema, values: Mapping[str, Any], *, needed: Sequence[str] = ()) -> Any:
    """What the schema makes of the values.

    Refuses InvalidInput, field by field; what is `needed` and empty is said in the same breath, although the domain
    would refuse it too, so that a person is not sent round twice.
    """
    empty = [(name, _NEEDED[name]) for name in needed if values.get(name) in (None, "")]
    try:
        loaded = schema.load(values)
    except ValidationError as error:
        raise InvalidInput([*empty, *_pairs(dict(error.messages_dict))]) from None
    if empty:
        raise InvalidInput(empty)
    return loaded


def _pairs(messages: Mapping[Any, Any], field: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, inner in messages.items():
        name = f"{field}.{key}" if field else str(key)
        pairs += _pairs(inner, name) if isinstance(inner, Mapping) else [(name, str(message)) for message in inner]
    return pairs


def when_values(form: Form) -> dict[str, Any]:
    """The time: a day and hour with a length, or whole days."""
    day = form.value("date")
    if form.value("lasts") == "days":
        values = {"all_day": True, "starts_on": day, "days": whole(form.value("days", "1"))}
        return {name: value for name, value in values.items() if value != ""}
    at = form.value("time")
    values = {
        "all_day": False,
        "starts_local": f"{day}T{at}" if day and at else "",
        "duration_minutes": whole(form.value("duration_minutes")),
        "starts_side": form.value("starts_side"),
    }
    return {name: value for name, value in values.items() if value != ""}


def when_fields(form: Form) -> tuple[str, str]:
    """Which fields say when it starts and how long it lasts."""
    return ("starts_on", "days") if form.value("lasts") == "days" else ("starts_local", "duration_minutes")


def word_values(form: Form) -> dict[str, Any]:
    """The words that can be edited without booking anew; every one of them, so that emptying a field empties it."""
    return {
        "title": form.value("title"),
        "description": form.value("description"),
        "bring": form.value("bring"),
        "accommodations": form.value("accommodations"),
        "accommodations_due_on": form.value("accommodations_due_on") or None,
        "online_url": form.value("online_url"),
        "visibility": form.value("visibility", "public"),
        "audience": _groups(form.value("audience")),
        "languages": form.all("languages"),
        "topics": form.all("topics"),
        "co_hosts": form.all("co_hosts"),
        "expected_heads": whole(form.value("expected_heads")) if form.value("expected_heads") else None,
    }


def _groups(text: str) -> list[str]:
    """The groups of an audience, each once in whatever case it was typed."""
    groups = {" ".join(word.split()).casefold(): " ".join(word.split()) for word in reversed(text.split(","))}
    return [group for group in reversed(groups.values()) if group]


def booking_values(form: Form) -> dict[str, Any]:
    """The place, people and things: the forms show everything, so everything is said."""
    experts = form.all("experts")
    return {
        "campus": form.value("campus") or None,
        "rooms": form.all("rooms"),
        "experts": experts,
        # The box beside somebody who is not to come says nothing.
        "online_experts": [slug for slug in form.all("online_experts") if slug in experts],
        "equipment": equipment_values(form),
    }


def equipment_values(form: Form) -> list[dict[str, Any]]:
    """Each thing with how many of it; an empty field, or 0, is none."""
    typed = {name.removeprefix(THINGS): form.value(name).strip() for name in form.values if name.startswith(THINGS)}
    return [{"slug": slug, "quantity": whole(text)} for slug, text in typed.items() if whole(text) not in ("", 0)]


def plan_values(form: Form) -> dict[str, Any]:
    """A whole plan."""
    values = {
        **when_values(form),
        **word_values(form),
        **booking_values(form),
        "kind": form.value("kind"),
    }
    if form.value("owner"):
        values["owner"] = form.value("owner")
    # A draft reserves nothing: there is nothing to override yet.
    return values if form.value("act") == "draft" else values | override_values(form)


def move_values(form: Form) -> dict[str, Any]:
    """Where to move an event: the form shows everything that can move, so everything is said."""
    return {**when_values(form), **booking_values(form), **override_values(form)}


def override_values(form: Form) -> dict[str, Any]:
    """The rules that were ticked to be broken, and why; nothing where nothing was ticked."""
    kinds = form.all("override")
    return {"override": {"kinds": kinds, "reason": form.value("override_reason")}} if kinds else {}


def whole(text: str) -> int | str:
    """The number a person typed, or the text itself for the schema to refuse."""
    plain = text.strip()
    return int(plain) if re.fullmatch(r"-?[0-9]{1,9}", plain) else plain


def filled_from(event: Event, *, with_time: bool = True) -> Form:
    """A form that says what the event says; a copy leaves the day out, since it would be the old one."""
    values: list[tuple[str, str]] = [
        ("kind", event.kind),
        ("title", event.title),
        ("description", event.description),
        ("bring", event.bring),
        ("accommodations", event.accommodations),
        ("campus", event.campus.slug if event.campus else ""),
        ("owner", event.owner.slug),
        ("lasts", "days" if event.all_day else "hours"),
        ("days", str(event.days)),
        ("duration_minutes", str(event.duration_minutes or "")),
        ("time", f"{event.starts_local:%H:%M}" if event.starts_local else ""),
        ("visibility", event.visibility),
        ("audience", ", ".join(event.audience)),
        ("expected_heads", "" if event.expected_heads is None else str(event.expected_heads)),
        ("online_url", event.online_url),
        *_slugs("rooms", event.rooms),
        *_slugs("experts", event.experts),
        *_slugs("online_experts", event.online_experts),
        *((THINGS + one.pool.slug, str(one.quantity)) for one in event.equipment),
        *(("languages", tag) for tag in event.languages),
        *_slugs("topics", event.topics),
        *_slugs("co_hosts", event.co_hosts),
    ]
    if with_time:
        due_on = event.accommodations_due_on
        values += [("date", event.starts_on.isoformat()), ("starts_side", event.starts_side or "")]
        values += [("accommodations_due_on", due_on.isoformat() if due_on else "")]
    return Form(MultiDict(values))


def _slugs(name: str, entries: Sequence[Any]) -> list[tuple[str, str]]:
    return [(name, entry.slug) for entry in entries]


def starts(form: Form, zone: str | None) -> list[datetime]:
    """The instants that the typed day and time can mean: none, one, or two where the clock shows it twice."""
    if zone is None or form.value("lasts") == "days":
        return []
    try:
        wall = parse_wall_time(f"{form.value('date')}T{form.value('time')}")
        return sorted({to_utc(wall, zone, "earlier"), to_utc(wall, zone, "later")})
    except InvalidInput:
        return []


def sides(form: Form, zone: str | None) -> list[dict[str, str]]:
    """The two instants that the typed time can mean where the clock shows it twice; otherwise nothing."""
    possible = starts(form, zone)
    if zone is None or len(possible) < 2:
        return []
    earlier, later = possible
    return [
        {"side": "earlier", "words": clash_words.zoned_time(earlier, zone)},
        {"side": "later", "words": clash_words.zoned_time(later, zone)},
    ]
