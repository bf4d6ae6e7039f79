"""Marshmallow fields of our own: slugs, wall times, whole numbers, and the shapes several doors share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, validate

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import parse_wall_time
from eventsvc.domain.directory.names import LONGEST_SLUG, SLUG_PATTERN, is_slug
from eventsvc.domain.directory.weekly import hours_text
from eventsvc.domain.events.words import ensure_plain

SLUG = {"pattern": f"^{SLUG_PATTERN}$", "maxLength": LONGEST_SLUG}
_PLAIN = {
    False: r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$",
    True: r"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*$",
}
# Every day that a calendar has, and no other: of months of 31, 30 or 28 days, or the 29th of a leap year's February.
_LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = (
    "(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)


def _described(kwargs: dict[str, Any], **schema: Any) -> dict[str, Any]:
    """The arguments of a field, whose entry in the API's document says that too."""
    return {**kwargs, "metadata": {**schema, **kwargs.get("metadata", {})}}


class Slug(fields.String):
    """A lower-case slug such as `pasadena-city-college`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, **SLUG))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_slug(text):
            raise ValidationError(say("is not a slug such as pasadena-city-college"))
        return text


class Line(fields.String):
    """Words of a person, trimmed and without control characters; with `lines` they may run over several."""

    def __init__(self, *, most: int, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, maxLength=most, pattern=_PLAIN[lines]))
        self._most, self._lines = most, lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return ensure_plain(text, field="line", limit=self._most, lines=self._lines)
        except InvalidInput as refusal:
            raise ValidationError(refusal.facts["errors"][0]["reason"]) from None


class WallTime(fields.Field[datetime]):
    """A local time such as 2027-02-10T14:00; the campus has the zone."""

    def __init__(self, **kwargs: Any) -> None:
        pattern = f"^{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
        super().__init__(**_described(kwargs, type="string", pattern=pattern, example="2027-02-10T14:00"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError(say("is a local time such as 2027-02-10T14:00"))
        try:
            return parse_wall_time(value)
        except InvalidInput as refusal:
            raise ValidationError(refusal.facts["errors"][0]["reason"]) from None

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat(timespec="minutes")


class Instant(fields.AwareDateTime):
    """An instant that is asked for, RFC 3339 with any offset; it comes out in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        instant: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return instant.astimezone(UTC)
        except OverflowError:
            raise ValidationError(say("is out of range")) from None


class Whole(fields.Integer):
    """A whole number as JSON Schema has it, 90.0 too; "90", 90.5 and true are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(say("Not a valid integer."))
        return super()._deserialize(value, attr, data, **kwargs)


class YesOrNo(fields.Boolean):
    """true or false as JSON Schema has them; 0, 1 and words are refused, also where Python takes 0 for False."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(say("Not a valid boolean."))
        return value


def a_word(words: type[StrEnum], **kwargs: Any) -> fields.String:
    """A word that is shown: one of those."""
    known: list[str | None] = [str(word) for word in words]
    return fields.String(**_described(kwargs, enum=[*known, None] if kwargs.get("allow_none") else known))


def an_instant(**kwargs: Any) -> fields.String:
    """An instant that is shown, RFC 3339 in UTC."""
    return fields.String(**_described(kwargs, format="date-time", example="2027-02-10T22:00:00Z"))


INSTANT: dict[str, Any] = {"kind": "string", "format": "date-time"}
INSTANT_OR_NULL: dict[str, Any] = {"kind": ("string", "null"), "format": "date-time"}


def derived(read: Callable[[Any], Any], kind: str | Sequence[str], **schema: Any) -> fields.Function:
    """What is worked out of a thing when it is shown, of that JSON type."""
    return fields.Function(read, metadata={"type": kind if isinstance(kind, str) else list(kind), **schema})


def slugs_of(read: Callable[[Any], Iterable[Any]]) -> fields.Function:
    """The slugs of entries that a thing has."""
    items = {"type": "string", **SLUG}
    return derived(lambda thing: [entry.slug for entry in read(thing)], "array", items=items)


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
