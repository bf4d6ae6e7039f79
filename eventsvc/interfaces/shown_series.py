"""How doors show a series; only those who plan see one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsvc.domain.accounts import Actor
from eventsvc.domain.events.models import Series
from eventsvc.domain.events.series import counts_of, events_of
from eventsvc.interfaces.series_schemas import SeriesLineSchema, SkippedSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown import list_facts

_LINE, _SKIPPED = SeriesLineSchema(), SkippedSchema(many=True)


def line_facts(series: Series, counts: Mapping[int, int]) -> dict[str, Any]:
    """A series in a list."""
    facts: dict[str, Any] = _LINE.dump(series)
    url = services().links.to(f"/series/{series.public_id}")
    return facts | {"events_count": counts.get(series.id, 0), "url": url}


def series_facts(series: Series, actor: Actor) -> dict[str, Any]:
    """A series with its events by start, and the dates that it lacks."""
    facts = line_facts(series, counts_of([series]))
    skipped = _SKIPPED.dump(series.skipped)
    return facts | {"events": list_facts(events_of(series), actor), "skipped": skipped}
