"""What the doors of privacy take and show. Nothing is required here: first one is asked who one is."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.privacy.models import Access, LegalHold
from eventsvc.interfaces.fields import Line, Slug
from eventsvc.workflows.name_lists import Names


class PurposeSchema(Schema):
    """What it is for, in words: it is noted, and the persons concerned can read it."""

    purpose = Line(most=500, load_default="")


class OnePersonSchema(PurposeSchema):
    """Whose records."""

    email = Line(most=254, load_default="")


class ExportedSchema(Schema):
    """Everything on a person; the members of rows are the columns of the database."""

    email = fields.String()
    exported_at = fields.String()
    events = fields.List(fields.Dict())
    names_taken_out = fields.List(fields.Dict())
    records = fields.Dict(metadata={"description": "Her own rows by table"})
    mentions = fields.List(
        fields.Dict(), metadata={"description": "In which tables others wrote of her; for administrators the rows"}
    )


class ErasedSchema(Schema):
    """How many rows of each table were changed or deleted, and in words what stays."""

    rows = fields.Dict()
    kept = fields.List(fields.String())


class NamesSchema(PurposeSchema):
    """Which list: of an office, or of everybody."""

    records = fields.Enum(Names, by_value=True, load_default=Names.EXPERTS)
    office = Slug(load_default=None, allow_none=True)


class RecordsSchema(PurposeSchema):
    """A public-records request, from day to day (UTC)."""

    first = fields.Date(load_default=None, metadata={"example": "2027-01-01"})
    last = fields.Date(load_default=None, metadata={"example": "2027-06-30"})
    redacted = fields.Boolean(truthy={True}, falsy={False}, load_default=True)
    organization = Slug(load_default=None, allow_none=True)
    person = Line(most=254, load_default="")


class NewLegalHoldSchema(Schema):
    """What is to be kept, and why: what fits every part that is filled in."""

    reason = Line(most=500, lines=True, load_default="")
    email = Line(most=254, load_default="")
    office = Slug(load_default=None, allow_none=True)
    organization = Slug(load_default=None, allow_none=True)
    starts_on = fields.Date(load_default=None, allow_none=True)
    ends_on = fields.Date(load_default=None, allow_none=True)


class LegalHoldSchema(Schema):
    """A legal hold."""

    id = fields.String()
    email = fields.String()
    office = fields.String(allow_none=True)
    organization = fields.String(allow_none=True)
    starts_on = fields.String(allow_none=True)
    ends_on = fields.String(allow_none=True)
    reason = fields.String()
    placed_at = fields.String()
    placed_by = fields.String()
    lifted_at = fields.String(allow_none=True)


class AccessSchema(Schema):
    """Somebody took records with names out."""

    at = fields.String()
    by = fields.String(metadata={"description": "A role or an id, never a person's name"})
    records = fields.String()
    purpose = fields.String()
    office = fields.String(allow_none=True)
    number = fields.Integer(validate=validate.Range(0))


class TakenNamesSchema(Schema):
    """A list of names, one object a person or office."""

    number = fields.Integer()
    rows = fields.List(fields.Dict())


def hold_facts(hold: LegalHold) -> dict[str, Any]:
    """A legal hold, JSON-ready."""
    return {
        "id": str(hold.public_id),
        "email": hold.email,
        "office": hold.office.slug if hold.office else None,
        "organization": hold.organization.slug if hold.organization else None,
        "starts_on": str(hold.starts_on) if hold.starts_on else None,
        "ends_on": str(hold.ends_on) if hold.ends_on else None,
        "reason": hold.reason,
        "placed_at": iso(hold.placed_at),
        "placed_by": hold.placed_by,
        "lifted_at": iso(hold.lifted_at) if hold.lifted_at else None,
    }


def access_facts(access: Access) -> dict[str, Any]:
    """A line of the access log, JSON-ready."""
    return {
        "at": iso(access.at),
        "by": access.by,
        "records": access.records,
        "purpose": access.purpose,
        "office": access.office.slug if access.office else None,
        "number": access.number,
    }
