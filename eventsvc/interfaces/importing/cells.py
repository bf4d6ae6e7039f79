"""Marshmallow fields for cells: text from a CSV file, or the value that JSON has."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields

from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.directory.names import folded
from eventsvc.domain.directory.weekly import parse_hours
from eventsvc.domain.events.schedule import YEARS, out_of_years
from eventsvc.domain.events.words import ensure_plain
from eventsvc.workflows.said_wish import SaidEquipment

# In this order: what is more particular comes first. Words in brackets do not count.
_KIND_RULES: tuple[tuple[str, OrganizationKind], ...] = (
    (r"public employer|\bport\b|harbor department", OrganizationKind.PUBLIC_EMPLOYER),
    (r"college district", OrganizationKind.COLLEGE_DISTRICT),
    (r"school district|k 12 district", OrganizationKind.K12_DISTRICT),
    (r"college|university", OrganizationKind.COLLEGE),
    (r"\bschool\b", OrganizationKind.SCHOOL),
    (r"labor|labour|union\b|trades", OrganizationKind.LABOR_COUNCIL),
    (r"hospital", OrganizationKind.HOSPITAL),
    (r"\bstate\b", OrganizationKind.STATE_OFFICE),
    (r"\bcity\b|county|elected officials|legislative", OrganizationKind.CITY),
    (r"employer|company|business", OrganizationKind.EMPLOYER),
)


def organization_kind(text: str, name: str = "") -> OrganizationKind | None:
    """Our kind for somebody's words, or None: "K-12 school district (Brown Act board)" is a K-12 district.

    An employer whose name says hospital is one. Bodies of a city, elected officials among them, count as the city.
    """
    if text in set(OrganizationKind):
        return OrganizationKind(text)
    words = folded(re.sub(r"\([^)]*\)", " ", text))
    kind = next((kind for pattern, kind in _KIND_RULES if re.search(pattern, words)), None)
    if kind is OrganizationKind.EMPLOYER and "hospital" in folded(name).split():
        return OrganizationKind.HOSPITAL
    return kind


def member_kind(parent: str | None) -> OrganizationKind | None:
    """What belongs to a parent of that name: a college to a college district, a school to a school district."""
    words = folded(parent or "")
    if "college district" in words:
        return OrganizationKind.COLLEGE
    return OrganizationKind.SCHOOL if words.endswith("school district") else None


class Text(fields.Field[str]):
    """A line of text; JSON numbers are taken as they are written."""

    def __init__(self, *, limit: int = 300, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit, self.lines = limit, lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return plain(value, limit=self.limit, lines=self.lines)


def plain(value: Any, *, limit: int, lines: bool = False) -> str:
    """A cell as text; raises ValidationError for lists, objects, control characters and what is too long."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValidationError(say("is not text"))
    try:
        return ensure_plain(str(value), field="cell", limit=limit, lines=lines)
    except Refusal as refusal:
        raise ValidationError(reasons(refusal)[0][1]) from None


def reasons(refusal: Refusal) -> list[tuple[str, str]]:
    """Field and reason of each error in a refusal; the whole of it where it names no field."""
    if isinstance(refusal, InvalidInput):
        return [(error["field"], error["reason"]) for error in refusal.facts["errors"]]
    return [("", refusal.detail)]


class Website(Text):
    """An address; one without a scheme is taken to be https."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        return text if re.match(r"https?://", text) else f"https://{text}"


class Number(fields.Field[float]):
    """A number with a decimal point."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        try:
            return float(plain(value, limit=40))
        except ValueError:
            raise ValidationError(say("%(value)r is not a number", value=value)) from None


class Count(fields.Field[int]):
    """A whole number; "1,200" is one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        found = re.fullmatch(r"(-?(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}))(\.0+)?", plain(value, limit=20))
        if found is None:
            raise ValidationError(say("%(value)r is not a whole number", value=value))
        return int(found[1].replace(",", ""))


class Students(fields.Field[tuple[int, bool]]):
    """A head count, or a band of which the lower bound counts: "10,000-19,999", "20,000+" (then True)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int, bool]:
        text = plain(value, limit=40).replace(",", "").replace(" ", "")
        found = re.fullmatch(r"([0-9]{1,9})(\.0+)?(\+|[-–][0-9]{1,9})?", text)
        if found is None:
            raise ValidationError(say("%(value)r is neither a number nor a band such as 10,000-19,999", value=value))
        return int(found[1]), found[3] is not None


class YesNo(fields.Field[bool]):
    """yes or no, true or false, Y or N, 1 or 0."""

    _WORDS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        word = str(value).strip().casefold()
        if word not in self._WORDS:
            raise ValidationError(say("%(value)r is neither yes nor no", value=value))
        return self._WORDS[word]


class Several(fields.Field[tuple[str, ...]]):
    """Several things: "one; two" in CSV, a list in JSON."""

    def __init__(self, *, most: int = 50, limit: int = 200, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most, self.limit = most, limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        parts = value if isinstance(value, list) else plain(value, limit=10_000).split(";")
        if len(parts) > self.most:
            raise ValidationError(say("are %(count)s; at most %(most)s are possible", count=len(parts), most=self.most))
        texts = [plain(part, limit=self.limit) for part in parts]
        return tuple(text for text in texts if text)


class Things(Several):
    """Things by their slugs, each with how many if it is more than one: "projector x 2; interpreter"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[SaidEquipment, ...]:  # type: ignore[override]  # a list of things, where its parent reads words
        return tuple(_thing(text) for text in super()._deserialize(value, attr, data, **kwargs))


def _thing(text: str) -> SaidEquipment:
    found = re.fullmatch(r"(?P<slug>\S+?)(?:(?:\s+[x×]\s*|\s*:\s*)(?P<quantity>[0-9]{1,5}))?", text)
    if found is None:
        raise ValidationError(say("%(value)r is not a thing such as projector x 2", value=text))
    return SaidEquipment(found["slug"], int(found["quantity"] or 1))


class OneOf(fields.Field[Any]):
    """One of our words: "Info session" is info_session."""

    def __init__(self, words: type[StrEnum], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        word = folded(plain(value, limit=60)).replace(" ", "_")
        if word not in set(self.words):
            raise ValidationError(say("%(value)r is none of %(words)s", value=value, words=", ".join(self.words)))
        return self.words(word)


class Weekly(fields.Field[list[list[int]]]):
    """Weekly hours: "Mon-Fri 08:00-17:00; Sat 09:00-13:00"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[list[int]]:
        try:
            # As JSON gives them back, so that the same hours compare equal.
            return [list(window) for window in parse_hours(plain(value, limit=300))]
        except InvalidInput as refusal:
            raise ValidationError(reasons(refusal)[0][1]) from None


class Day(fields.Field[date]):
    """A day such as 2027-02-10."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            day = date.fromisoformat(plain(value, limit=40))
        except ValueError:
            raise ValidationError(say("%(value)r is not a day such as 2027-02-10", value=value)) from None
        return day


class Moment(fields.Field[datetime]):
    """A time such as 2027-02-10T14:00, with or without an offset, or a day; seconds are dropped."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        text = plain(value, limit=40)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(say("%(value)r is not a time such as 2027-02-10T14:00", value=value)) from None
        if moment.year not in YEARS:
            raise ValidationError(out_of_years())
        return moment.replace(second=0, microsecond=0)
