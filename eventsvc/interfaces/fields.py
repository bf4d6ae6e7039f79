"""Marshmallow fields of our own: slugs, wall times, whole numbers, and the shapes several doors share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import parse_wall_time
from eventsvc.domain.directory.names import is_slug
from eventsvc.domain.directory.weekly import hours_text
from eventsvc.domain.events.words import ensure_plain


class Slug(fields.String):
    """A lower-case slug such as `pasadena-city-college`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_slug(text):
            raise ValidationError(say("is not a slug such as pasadena-city-college"))
        return text


class Line(fields.String):
    """Words of a person, trimmed and without control characters; with `lines` they may run over several."""

    def __init__(self, *, most: int, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._most, self._lines = most, lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return ensure_plain(text, field="line", limit=self._most, lines=self._lines)
        except InvalidInput as refusal:
            raise ValidationError(refusal.facts["errors"][0]["reason"]) from None


class WallTime(fields.Field[datetime]):
    """A local time such as 2027-02-10T14:00; the campus has the zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError(say("is a local time such as 2027-02-10T14:00"))
        try:
            return parse_wall_time(value)
        except InvalidInput as refusal:
            raise ValidationError(refusal.facts["errors"][0]["reason"]) from None

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat(timespec="minutes")


class Whole(fields.Integer):
    """A whole number as JSON has it; "90", 90.5 and true are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(say("Not a valid integer."))
        return super()._deserialize(value, attr, data, **kwargs)


def slugs(most: int = 50) -> fields.List[str]:
    """A list of slugs."""
    return fields.List(Slug(), validate=validate.Length(max=most))


def heads() -> Whole:
    """A number of people."""
    return Whole(validate=validate.Range(0, 100_000), allow_none=True)


def weekly_hours(description: str) -> fields.Function:
    """Weekly hours as people write them, or null."""
    return fields.Function(
        lambda entry: hours_text(entry.hours) or None,
        metadata={"description": description, "type": ["string", "null"], "example": "Mon-Fri 08:00-17:00"},
    )
