"""Who has been reached after a late change, as JSON and commands show it."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.interfaces.fields import a_word, an_instant
from eventsvc.workflows.show_reached import Row, Standing, WhoIsReached
from eventsvc.workflows.tell_in_time import Role

ROLES = ("person", *get_args(Role))
_LONGEST = 80


class ReachedRowSchema(Schema):
    """A person or an office whom a late change concerns."""

    who = fields.String(metadata={"description": "The id of an invitation, or the slug of an office"})
    role = fields.String(validate=validate.OneOf(ROLES), metadata={"description": "person, or why the office"})
    name = fields.String()
    standing = a_word(Standing)
    is_reached = fields.Boolean(metadata={"description": "Nobody has to telephone"})
    telephone = fields.String(metadata={"description": "Of the office, or of the one that sends the person; or empty"})
    error = fields.String(metadata={"description": "What a mail server said, to those who may change the event"})
    told_at = an_instant(allow_none=True)
    told_by = fields.String(metadata={"description": "A role or an id, never a person's name; or empty"})


class ReachedSchema(Schema):
    """How the newest late change of an event stands; nothing is listed where there is none."""

    changed_at = an_instant(allow_none=True)
    missing = fields.Integer(metadata={"description": "How many have not been reached"})
    items = fields.List(fields.Nested(ReachedRowSchema), metadata={"description": "Who has not been reached first"})


class ToldOneSchema(Schema):
    """Whom somebody has told by word of mouth."""

    who = fields.String(
        required=True,
        validate=validate.Length(min=1, max=_LONGEST),
        metadata={"description": "`who` of one that is listed"},
    )


def reached_facts(found: WhoIsReached | None, *, may_change: bool) -> dict[str, Any]:
    """How a late change stands. Words of a mail server may hold an address, so they go to those who may change it."""
    if found is None:
        return {"changed_at": None, "missing": 0, "items": []}
    rows = [_row(row, may_change=may_change) for row in found.rows]
    return {"changed_at": iso(found.change.changed_at), "missing": found.missing, "items": rows}


def _row(row: Row, *, may_change: bool) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("who", "role", "name", "is_reached", "telephone")},
        "standing": str(row.standing),
        "error": row.error if may_change else "",
        "told_at": iso(row.noted.at) if row.noted else None,
        "told_by": row.noted.noted_by if row.noted else "",
    }
