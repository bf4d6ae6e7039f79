"""Rows of a campus's calendar: some days, and what they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, post_load

from eventsvc.core.errors import say
from eventsvc.domain.booking import campus_days
from eventsvc.interfaces.importing.cells import OneOf, Text
from eventsvc.workflows.keep_campus_days import CampusDayKind, CampusDayRow


class CampusDaySchema(Schema):
    """Some days of a campus; without a kind, the title says what they are, and without an end they are one day."""

    kind = OneOf(CampusDayKind)
    title = Text(limit=200, required=True)
    first = Text(limit=40, required=True)
    last = Text(limit=40)
    uid = Text(limit=200)

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> CampusDayRow:
        last = cells.get("last", cells["first"])
        kind = cells.get("kind") or _kind(cells["title"], cells["first"], last)
        if kind is None:
            raise ValidationError(say("%(title)r does not say it: give one, or --kind", title=cells["title"]), "kind")
        return CampusDayRow(**{**cells, "last": last, "kind": kind})


def _kind(title: str, first: str, last: str) -> CampusDayKind | None:
    try:
        days = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).days + 1
    except (ValueError, TypeError):  # no days, or one of the two with an offset: refused by whoever reads them
        days = 0
    if campus_days.is_term(title, days):
        return CampusDayKind.TERM
    found = campus_days.kind_of(title)
    return CampusDayKind(found.value) if found else None
