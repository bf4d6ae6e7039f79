"""A series in words: its rule, and each of its dates with what became of it or what stands against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.lists import format_list
from flask_babel import get_locale, gettext, ngettext
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import Event, Series, SkippedDate
from eventsvc.interfaces.web import clash_words, field_words, repeat_words, words


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRow:
    """One date: when and where in words, and every reason against it as a headline and a sentence; none when free."""

    when: str
    place: str
    reasons: Sequence[tuple[str, str]] = ()
    skipped: str = ""


def rule_in_words(series: Series) -> str:
    """How it repeats, in a sentence."""
    rule = series.rule
    if rule["kind"] in ("dates", "campaign"):
        return str(gettext("On chosen days") if rule["kind"] == "dates" else gettext("A campaign of several stops"))
    names, interval = dict(repeat_words.weekday_names()), rule.get("interval", 1)
    if rule["kind"] == "monthly":
        which, weekday = str(repeat_words.WHICH[str(rule["which"])]), names[rule["weekday"]]
        said = ngettext(
            "On the %(which)s %(weekday)s of every month",
            "On the %(which)s %(weekday)s of every %(num)d months",
            interval,
            which=which,
            weekday=weekday,
        )
    elif rule.get("weekdays"):
        days = format_list([names[weekday] for weekday in rule["weekdays"]], locale=get_locale() or "en")
        said = ngettext("Every week on %(days)s", "Every %(num)d weeks on %(days)s", interval, days=days)
    else:
        said = ngettext("Every week", "Every %(num)d weeks", interval)
    return f"{said}, {_end(rule)}"


def _end(rule: Mapping[str, Any]) -> str:
    if rule.get("until"):
        return str(gettext("until %(day)s", day=words.day(date.fromisoformat(rule["until"]), "long")))
    return str(ngettext("%(num)d time", "%(num)d times", rule["count"]))


def free_row(event: Event) -> DateRow:
    """A date that can be had, or is."""
    return DateRow(when=words.own_when(event), place=event.campus.name if event.campus else "")


def skipped_rows(skipped: Iterable[SkippedDate]) -> list[DateRow]:
    """Dates that a series lacks."""
    kept = [(one, {**one.reasons, **one.plan["when"], "campus": one.plan.get("campus")}) for one in skipped]
    rows = refused_rows([facts for _, facts in kept])
    return [
        DateRow(when=row.when, place=row.place, reasons=row.reasons, skipped=str(one.public_id))
        for (one, _), row in zip(kept, rows, strict=True)
    ]


def refused_rows(dates: Sequence[Mapping[str, Any]]) -> list[DateRow]:
    """Dates that were refused, from their facts (see `series_dates.reasons_of`); two queries, however many."""
    slugs = {date["campus"] for date in dates} | {
        clash["with"]["campus"] for date in dates for clash in date["clashes"] if clash["with"]
    }
    rows = db.session.execute(select(Campus.slug, Campus.name).where(Campus.slug.in_(slugs - {None})))
    places = {row.slug: row.name for row in rows}
    return [
        DateRow(when=_when(date), place=places.get(date["campus"], ""), reasons=_reasons(date, places))
        for date in dates
    ]


def _when(facts: Mapping[str, Any]) -> str:
    if facts.get("starts_local"):
        wall = datetime.fromisoformat(facts["starts_local"])
        return f"{words.day(wall.date())}, {words.wall_time(wall.time())}"
    return words.day(date.fromisoformat(facts["starts_on"]))


def _reasons(facts: Mapping[str, Any], places: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        *(_clash(clash, places) for clash in facts["clashes"]),
        *((field_words.sentence(error["field"], error["reason"]), "") for error in facts["errors"]),
    ]


def _clash(clash: Mapping[str, Any], places: Mapping[str, str]) -> tuple[str, str]:
    reason = clash_words.reason_of(clash, places)
    sibling = clash.get("sibling")
    if not sibling:
        return reason.headline, " ".join(filter(None, (reason.why, reason.holder)))
    day = words.day(datetime.fromisoformat(sibling).date(), "long")
    why = gettext("That is the date on %(day)s of this series.", day=day)
    return reason.headline, f"{reason.why} {why}"
