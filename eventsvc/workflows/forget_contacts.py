"""Black out mail addresses and telephone numbers in the words of bookings long past, and empty their online links.

For events, for the series they were planned as, and for dates of series that could not be had: of these the whole plan
is kept. Databases do not know the pattern, so each query looks wider, and `has_…` looks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, exists, or_, select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event, Series, SkippedDate
from eventsvc.domain.privacy.people import as_words, without
from eventsvc.domain.privacy.redaction import MAIL_OR_TELEPHONE
from eventsvc.workflows.keep_search import claim_events, index_events

_WORDS = ("title", "description", "bring", "accommodations")
_LOOKS_LIKE_ONE = ("%@%", "%___-____%", "%___.____%")


def events_with_contacts(before: datetime) -> Select[Any]:
    """Events that ended before, and may hold any."""
    words = or_(Event.online_url != "", *(_may_hold(getattr(Event, name)) for name in _WORDS))
    return select(Event).where(Event.ends_at < before, Event.promised_ends_at < before, words)


def has_contacts(event: Event) -> bool:
    """True for an event that does."""
    return bool(event.online_url) or any(MAIL_OR_TELEPHONE.search(getattr(event, name)) for name in _WORDS)


def forget_in_events(rows: Sequence[Event], _: datetime) -> None:
    """Long past, these stand in no feed: nothing is revised for them."""
    events = claim_events([row.id for row in rows])
    for event in events:
        event.online_url = ""
        for name in _WORDS:
            setattr(event, name, without(MAIL_OR_TELEPHONE, getattr(event, name))[: _limit(name)])
        event.version += 1
    db.session.flush()
    index_events(events)


def series_with_contacts(before: datetime) -> Select[Any]:
    """Series that were planned before, of which no event has ended since, and whose title may hold any."""
    is_going_on = exists().where(Event.series_id == Series.id, Event.ends_at >= before)
    return select(Series).where(Series.created_at < before, ~is_going_on, _may_hold(Series.title))


def has_contacts_in_title(series: Series) -> bool:
    """True for a series whose title does."""
    return MAIL_OR_TELEPHONE.search(series.title) is not None


def forget_in_series(rows: Sequence[Series], _: datetime) -> None:
    """The title alone: a rule says days."""
    for series in rows:
        series.title = without(MAIL_OR_TELEPHONE, series.title)[: Series.__table__.c.title.type.length]  # type: ignore[attr-defined]  # a String
        series.version += 1
    db.session.flush()


def skipped_with_contacts(before: datetime) -> Select[Any]:
    """Dates before that could not be had, and whose kept plan may hold any."""
    plan, reasons = cast(SkippedDate.plan, Text), cast(SkippedDate.reasons, Text)
    words = or_(plan.like('%"online_url"%'), _may_hold(plan), _may_hold(reasons))
    return (
        select(SkippedDate).where(SkippedDate.starts_on < before.date(), words).options(joinedload(SkippedDate.series))
    )


def has_contacts_in_plan(skipped: SkippedDate) -> bool:
    """True for a date whose kept plan does."""
    return bool(skipped.plan.get("online_url")) or any(
        MAIL_OR_TELEPHONE.search(as_words(value)) for value in (skipped.plan, skipped.reasons)
    )


def forget_in_skipped(rows: Sequence[SkippedDate], _: datetime) -> None:
    """The plan stays one, without a link; nobody can take a date that is past."""
    for skipped in rows:
        plan = without(MAIL_OR_TELEPHONE, skipped.plan)
        skipped.plan = plan | {"online_url": ""} if "online_url" in plan else plan
        skipped.reasons = without(MAIL_OR_TELEPHONE, skipped.reasons)
    db.session.flush()


def _may_hold(words: ColumnElement[str] | Any) -> ColumnElement[bool]:
    return or_(*(words.like(like) for like in _LOOKS_LIKE_ONE))


def _limit(name: str) -> int | None:
    return getattr(Event.__table__.c[name].type, "length", None)
