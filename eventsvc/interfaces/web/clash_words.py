"""The no, in words: what is taken, by whom as far as the asker may know, when, and what to change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import get_timezone_name
from flask import url_for
from flask_babel import get_locale, gettext, lazy_gettext, ngettext
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span, zone_named
from eventsvc.domain.directory.models import Campus
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import words
from eventsvc.interfaces.web.clash_picture import Bar, bars
from eventsvc.workflows.explain_clashes import explain

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One clash for people: `headline` says what, `why` when and how much, `wanted` for what, `change` what helps."""

    resource_type: str
    slug: str
    kind: str
    headline: str
    why: str
    wanted: str
    holder: str
    holder_url: str | None
    change: str
    bars: list[Bar]


def in_words(refusal: SlotTaken, zone: str | None = None) -> list[Reason]:
    """Every clash of a refusal; call after the roll-back. `zone` is the zone that the page speaks in."""
    clashes = explain(refusal.clashes, actor=requests.actor())
    slugs = {clash["with"]["campus"] for clash in clashes if clash["with"]}
    rows = db.session.execute(select(Campus.slug, Campus.name).where(Campus.slug.in_(slugs - {None})))
    places = {row.slug: row.name for row in rows}
    return [reason_of(clash, places, zone) for clash in clashes]


def zoned_time(moment: datetime, zone: str) -> str:
    """An hour with the name that the zone has at that instant: 1:30 AM (Pacific Daylight Time)."""
    local = moment.astimezone(zone_named(zone))
    name = get_timezone_name(local, "long", locale=get_locale() or "en")
    return f"{words.clock_time(moment, zone)} ({name})"


def reason_of(clash: Facts, places: Mapping[str, str], zone: str | None = None) -> Reason:
    """An explained clash in words; `places` names the campuses that it speaks of, `zone` is that of the page."""
    clash = {**clash, "hours_suffice": _hours_suffice(clash, zone)}
    headline, why, change = SAYINGS[clash["kind"]](clash, places)
    holder = clash["with"] or {}
    return Reason(
        resource_type=clash["resource"]["type"],
        slug=clash["resource"]["slug"],
        kind=clash["kind"],
        headline=headline,
        why=why,
        wanted=_wanted(clash),
        holder=_holder(holder),
        holder_url=url_for("pages.event", event_id=holder["event"]) if holder.get("event") else None,
        change=change,
        bars=bars(clash),
    )


def _holder(holder: Facts) -> str:
    if not holder:
        return ""
    if holder["title"] is None:
        return str(gettext("Held for an event that is not public; %(office)s knows more.", office=holder["office"]))
    return str(gettext("Held for “%(title)s” (%(office)s)", title=holder["title"], office=holder["office"]))


def _taken(clash: Facts, places: Mapping[str, str]) -> tuple[str, str, str]:
    name, is_room = _name(clash), clash["resource"]["type"] == "room"
    if "free" in clash:
        return _too_few(clash, places)
    why = gettext("Busy %(busy)s.", busy=_in_words(clash, "busy"))
    said = words.clock_time if clash["hours_suffice"] else zoned_time
    ends = said(_span(clash["busy"]).end, clash["busy"]["zone"])
    if is_room:
        change = gettext("Choose another room, or a start whose set-up begins at %(time)s or later.", time=ends)
    else:
        change = gettext("Choose another expert, or a start whose arrival is at %(time)s or later.", time=ends)
    return gettext("%(name)s is taken at that time", name=name), why, change


def _name(clash: Facts) -> str:
    """The room, or the part of a hall that is in the way."""
    if clash["part"] is None:
        return str(clash["resource"]["name"])
    return str(gettext("%(part)s of %(hall)s", part=clash["part"]["name"], hall=clash["resource"]["name"]))


def _too_few(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    why = gettext("%(free)s of %(quantity)s are free then.", free=clash["free"], quantity=clash["quantity"])
    change = gettext("Ask for fewer, or choose another time.")
    return gettext("%(name)s: not enough of them", name=_name(clash)), why, change


_CLOSED = {
    "holiday": lazy_gettext("Holiday: %(title)s, %(busy)s."),
    "finals": lazy_gettext("Finals week: %(title)s, %(busy)s."),
    "blackout": lazy_gettext("%(title)s, %(busy)s."),
}


def _closed(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    headline = gettext("%(name)s cannot be had at that time", name=_name(clash))
    change = gettext("Choose another time, or override the rule and say why.")
    if clash["because"] != "hours":
        why = _CLOSED[clash["because"]] % {"title": clash["title"], "busy": _in_words(clash, "busy")}
        return headline, _with_age(why, clash), change
    windows = ", ".join("–".join(window) for window in clash["hours"])
    if windows:
        return headline, gettext("On that weekday the hours are %(windows)s.", windows=windows), change
    return headline, gettext("It is closed on that weekday."), change


def _away(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    why = gettext("Away %(busy)s.", busy=_in_words(clash, "busy"))
    return gettext("%(name)s is away", name=_name(clash)), why, gettext("Choose another time, or another expert.")


def _with_age(why: str, clash: Facts) -> str:
    """The reason, and how old it is where it comes from a calendar that is kept elsewhere."""
    if not clash["as_of"]:
        return why
    known = words.instant(datetime.fromisoformat(clash["as_of"]), clash["wanted"]["zone"])
    return f"{why} {gettext('We last read that calendar %(moment)s.', moment=known)}"


def _elsewhere(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    why = gettext("Taken in another calendar: %(busy)s.", busy=_in_words(clash, "busy"))
    headline = gettext("%(name)s is busy elsewhere", name=_name(clash))
    return headline, _with_age(why, clash), gettext("Choose another time, or ask those who keep that calendar.")


def _same_students(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    why = gettext(
        "Another employer meets the same students (%(audience)s): %(busy)s.",
        audience=clash["audience"],
        busy=_in_words(clash, "busy"),
    )
    change = gettext("Choose another time, or override the rule and say why.")
    return gettext("%(name)s has another employer then", name=_name(clash)), why, change


def _short_notice(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    notice = ngettext(
        "It must be asked for %(num)d day before.", "It must be asked for %(num)d days before.", clash["notice_days"]
    )
    left = ngettext("%(num)d day is left.", "%(num)d days are left.", clash["days_left"])
    change = gettext("Choose a later day, or call those who provide it and override the rule.")
    return gettext("%(name)s: more notice is needed", name=_name(clash)), f"{notice} {left}", change


def _wanted(clash: Facts) -> str:
    """The time that was asked for, where it explains the clash: it is longer than the event itself."""
    if clash["kind"] not in ("overlap", "travel"):
        return ""
    span = _in_words(clash, "wanted")
    if clash["resource"]["type"] != "expert":
        return str(gettext("You need it %(span)s, set-up and take-down included.", span=span))
    return str(gettext("You need them %(span)s, early arrival included.", span=span))


def _too_far(clash: Facts, places: Mapping[str, str]) -> tuple[str, str, str]:
    name, travel, gap = clash["resource"]["name"], clash["travel_minutes"], max(clash["gap_minutes"], 0)
    place = places.get(clash["with"]["campus"] if clash["with"] else "", gettext("another place"))
    facts = {"place": place, "busy": _in_words(clash, "busy"), "travel": words.minutes(travel)}
    facts["gap"] = words.minutes(gap)
    why = gettext("Booked at %(place)s: %(busy)s. The way takes %(travel)s, and %(gap)s are left.", **facts)
    if clash.get("is_estimate"):
        why = gettext(
            "Booked at %(place)s: %(busy)s. The way takes about %(travel)s (an estimate by distance), and %(gap)s "
            "are left.",
            **facts,
        )
    by = words.minutes(travel - clash["gap_minutes"])
    if clash["busy"]["from"] < clash["wanted"]["from"]:
        change = gettext("Start at least %(by)s later, or choose another expert.", by=by)
    else:
        change = gettext("End at least %(by)s earlier, or choose another expert.", by=by)
    return gettext("%(name)s cannot get there in time", name=name), why, change


def _often_enough(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    name, limit = clash["resource"]["name"], clash["limit"]
    headline = gettext("%(name)s is booked as often as agreed", name=name)
    if clash["per"] == "travel":
        most, total = words.minutes(limit), words.minutes(clash["travel_minutes"])
        why = gettext("At most %(most)s on the way in a day; with this it would be %(total)s.", most=most, total=total)
        return headline, why, gettext("Choose another day, or another expert.")
    booked = clash["booked"]
    if clash["per"] == "day":
        why = ngettext("At most %(num)d event a day", "At most %(num)d events a day", limit)
        change = gettext("Choose another day, or another expert.")
    elif clash["per"] == "month":
        why = ngettext("At most %(num)d event a month", "At most %(num)d events a month", limit)
        change = gettext("Choose another month, or another expert.")
    else:
        why = ngettext("At most %(num)d event a week", "At most %(num)d events a week", limit)
        change = gettext("Choose another week, or another expert.")
    already = ngettext("%(num)d is booked already.", "%(num)d are booked already.", booked)
    return headline, f"{why}; {already}", change


def _too_small(clash: Facts, _: Mapping[str, str]) -> tuple[str, str, str]:
    why = gettext(
        "It seats %(capacity)s, and %(heads)s people are expected.",
        capacity=clash["capacity"],
        heads=clash["expected_heads"],
    )
    change = gettext("Choose a larger room, add another one, or expect fewer people.")
    return gettext("%(name)s is too small", name=clash["resource"]["name"]), why, change


SAYINGS: dict[str, Callable[[Facts, Mapping[str, str]], tuple[str, str, str]]] = {
    "overlap": _taken,
    "closed": _closed,
    "leave": _away,
    "busy_elsewhere": _elsewhere,
    "audience": _same_students,
    "notice": _short_notice,
    "travel": _too_far,
    "limit": _often_enough,
    "capacity": _too_small,
}


def _span(facts: Facts) -> Span:
    return Span(datetime.fromisoformat(facts["from"]), datetime.fromisoformat(facts["until"]))


def _hours_suffice(clash: Facts, zone: str | None) -> bool:
    """True where everything lies on one day, in the page's own zone, and the clock is not changed in between."""
    if clash["busy"] is None or clash["busy"]["zone"] != zone:
        return False
    moments = [moment for name in ("wanted", "busy") for moment in (_span(clash[name]).start, _span(clash[name]).end)]
    local = [moment.astimezone(zone_named(zone)) for moment in moments]
    return len({(moment.date(), moment.utcoffset()) for moment in local}) == 1


def _in_words(clash: Facts, name: str) -> str:
    said = words.hours_of if clash["hours_suffice"] else words.span_in_words
    return said(_span(clash[name]), clash[name]["zone"])
