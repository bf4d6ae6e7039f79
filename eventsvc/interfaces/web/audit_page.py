"""The log of who did what: narrowed by day, person, act and thing; the same as a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext

from eventsvc.domain.accounts import authors
from eventsvc.domain.audit import AuditEntry, chain, reading
from eventsvc.domain.audit.reading import Wanted
from eventsvc.interfaces import audited, paging
from eventsvc.interfaces.web import audit_words
from eventsvc.interfaces.web.frame import administrator_only

AT_ONCE = 50
_FILTERS = ("from", "to", "who", "verb", "kind", "subject")


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/audit", view_func=audit)
    blueprint.add_url_rule("/audit.csv", view_func=audit_csv)
    blueprint.add_url_rule("/audit/verified", view_func=audit_verified)


@administrator_only
def audit() -> str:
    """Acts, newest first, a page at a time."""
    typed = _typed()
    acts, before = reading.newest(_wanted(typed), AT_ONCE, before=paging.number_key(request.args.get("cursor")))
    return render_template(
        "audit.html",
        acts=acts,
        people=authors.people_behind(entry.actor for entry, _ in acts),
        typed=typed,
        is_narrowed=bool(typed),
        older={**typed, "cursor": paging.encode(before)} if before else None,
        is_first_page="cursor" not in request.args,
        words_of=audit_words,
        link_to=_link_to,
        values_of=_values_of,
    )


@administrator_only
def audit_csv() -> Response:
    """The same acts as CSV, oldest first, without what may be erased."""
    return audited.as_csv(_wanted(_typed()))


@administrator_only
def audit_verified() -> str:
    """Hold every entry against its seal, now, and a seal that was noted elsewhere against the chain."""
    noted = request.args.get("noted", "").strip()
    return render_template("audit_verified.html", found=chain.verify(noted), noted=noted)


def _typed() -> dict[str, str]:
    """The filters of the address; no entry holds a NUL, and PostgreSQL takes none in any text."""
    typed = {name: request.args.get(name, "").replace("\x00", "").strip() for name in _FILTERS}
    return {name: value for name, value in typed.items() if value}


def _wanted(typed: dict[str, str]) -> Wanted:
    """What to look for; a day that is none does not narrow, as everywhere on the pages."""
    who = typed.get("who", "")
    return Wanted(
        since=_midnight(typed.get("from", "")),
        until=_midnight(typed.get("to", ""), timedelta(days=1)),
        actor=(authors.actor_with(who) or who) if "@" in who else who,
        verb=typed.get("verb", ""),
        subject_kind=typed.get("kind", ""),
        subject=typed.get("subject", ""),
    )


def _midnight(typed: str, later: timedelta = timedelta()) -> datetime | None:
    """The beginning of a day of UTC; the last day that there is has none after it."""
    try:
        return datetime.combine(date.fromisoformat(typed), time(), UTC) + later
    except (ValueError, OverflowError):
        return None


def _link_to(entry: AuditEntry) -> str | None:
    """The page of what was acted on, where it has one."""
    if entry.subject_kind == "event":
        return url_for(".event", event_id=entry.subject)
    if entry.subject_kind == "service":
        return url_for(".reminder_rules")
    return url_for(".series", series_id=entry.subject) if entry.subject_kind == "series" else None


def _values_of(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """Field, before, after; what was erased says so."""
    kept = {value.field: (value.before, value.after) for value in entry.values}
    erased = gettext("erased")
    return [
        (name, *((kept.get(name) or (erased, erased)) if isinstance(change, dict) else change))
        for name, change in sorted(entry.changes.items())
    ]
