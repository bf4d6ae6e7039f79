"""The engagement register as doors ask for it and show it: the same for JSON, CSV, the page and the command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from marshmallow import Schema, fields

from eventsvc.domain.reports.lines import Line
from eventsvc.domain.reports.periods import By
from eventsvc.interfaces import csv_text
from eventsvc.interfaces.fields import SLUG, Slug, a_word
from eventsvc.workflows.engagement_register import Behind, Number, Register, Wish

NUMBERS = ("asked", "answered", "median_working_days", "served", "people_reached", "counted", "awaited", "missing")
HEADER = ("from", "until", "partner", "partner_name", "college", "college_name", *NUMBERS)


class RegisterQuerySchema(Schema):
    """Which register: whole local days, from the first of this year up to today unless said otherwise."""

    first = fields.Date(data_key="from", load_default=None)
    last = fields.Date(data_key="until", load_default=None)
    of = Slug(load_default=None, metadata={"description": "Whose: a partner or a college"})
    partner = Slug(load_default=None)
    college = Slug(load_default=None)
    by = fields.Enum(By, by_value=True, load_default=By.WHOLE, metadata={"description": "Lines for each of these"})


class BehindQuerySchema(RegisterQuerySchema):
    """Behind which number to look."""

    number = fields.Enum(Number, by_value=True, load_default=Number.SERVED)


class SumsSchema(Schema):
    """The numbers of a line; served is counted, awaited and missing together."""

    asked = fields.Integer(metadata={"description": "Requests, and events planned without one"})
    answered = fields.Integer()
    median_working_days = fields.Float(allow_none=True, metadata={"description": "Until the answer; null: none yet"})
    served = fields.Integer(metadata={"description": "Events that took place with people of the partner"})
    people_reached = fields.Integer(metadata={"description": "As hosts counted; what is missing is not guessed"})
    counted = fields.Integer()
    awaited = fields.Integer(metadata={"description": "Events whose host is still asked how many came"})
    missing = fields.Integer(metadata={"description": "Events whose number nobody has said"})


class RegisterLineSchema(SumsSchema):
    """One partner and one college in one period."""

    first = fields.Date(data_key="from")
    last = fields.Date(data_key="until")
    partner = fields.String(metadata=SLUG)
    partner_name = fields.String()
    college = fields.String(metadata=SLUG)
    college_name = fields.String()


class RegisterSchema(Schema):
    """The register: its lines, and all together."""

    items = fields.List(fields.Nested(RegisterLineSchema))
    next = fields.String(allow_none=True, metadata={"description": "null: all of it is here"})
    total = fields.Nested(
        SumsSchema, metadata={"description": "An event of two partners stands in both lines and once here"}
    )


class BehindSchema(Schema):
    """One asking or event behind a number."""

    day = fields.Date()
    partner = fields.String(metadata=SLUG)
    college = fields.String(metadata=SLUG)
    event = fields.UUID(allow_none=True, metadata={"description": "null: a request, or an event you may not see"})
    title = fields.String()
    standing = a_word(Number, allow_none=True)
    heads = fields.Integer(allow_none=True)
    answered_after_working_days = fields.Integer(allow_none=True)


def wish_of(query: dict[str, Any], today: date) -> Wish:
    """What was asked for, with this year up to today where no days were named."""
    last = query["last"] or (today if query["first"] is None else max(today, query["first"]))
    first = query["first"] or last.replace(month=1, day=1)
    return Wish(
        first=first, last=last, of=query["of"], partner=query["partner"], college=query["college"], by=query["by"]
    )


def line_facts(line: Line, register: Register) -> dict[str, Any]:
    """A line as JSON-ready facts."""
    partner, college = register.names[line.partner_id], register.names[line.college_id]
    return {
        "from": line.first.isoformat(),
        "until": line.last.isoformat(),
        "partner": partner.slug,
        "partner_name": partner.name,
        "college": college.slug,
        "college_name": college.name,
        **sums_facts(line.sums),
    }


def sums_facts(sums: Any) -> dict[str, Any]:
    """The numbers under the names that leave the house."""
    numbers = asdict(sums)
    numbers["median_working_days"] = numbers.pop("median_days")
    numbers["people_reached"] = numbers.pop("reached")
    return {name: numbers[name] for name in NUMBERS}


def behind_facts(row: Behind) -> dict[str, Any]:
    """One asking or event as JSON-ready facts."""
    return {
        "day": row.day.isoformat(),
        "partner": row.partner.slug,
        "college": row.college.slug,
        "event": str(row.event.public_id) if row.event else None,
        "title": row.title,
        "standing": str(row.standing) if row.standing else None,
        "heads": row.heads,
        "answered_after_working_days": row.answered_after,
    }


def as_csv(register: Register) -> Iterator[str]:
    """The lines as CSV."""
    facts = (line_facts(line, register) for line in register.lines)
    return csv_text.lines(HEADER, ([one[name] for name in HEADER] for one in facts))
