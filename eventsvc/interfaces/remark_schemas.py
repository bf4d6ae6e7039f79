"""A remark of a conversation, as doors read and show it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.conversations.models import Remark
from eventsvc.domain.conversations.remarks import MAX_WORDS
from eventsvc.interfaces.fields import SLUG, Line, an_instant
from eventsvc.interfaces.office_schemas import PersonSchema, person_facts


class RemarkWordsSchema(Schema):
    """What somebody writes to the other offices."""

    words = Line(most=MAX_WORDS, lines=True, required=True, validate=validate.Length(min=1))


class RemarkSchema(Schema):
    """What was written, when, by whom and in the name of which office."""

    id = fields.String()
    words = fields.String()
    at = an_instant()
    author = fields.Nested(
        PersonSchema,
        allow_none=True,
        metadata={"description": "null: the administrator's key, or an invited person"},
    )
    invited = fields.String(
        allow_none=True, metadata={"description": "Name of the invited person who wrote it by mail"}
    )
    office = fields.String(allow_none=True, metadata={**SLUG, "description": "In whose name"})
    office_name = fields.String(allow_none=True)


def remark_facts(remark: Remark) -> dict[str, Any]:
    """A remark as JSON-ready facts."""
    return {
        "id": str(remark.public_id),
        "words": remark.words,
        "at": iso(remark.at),
        "author": person_facts(remark.account) if remark.account else None,
        "invited": remark.expert.name if remark.expert else None,
        "office": remark.office.slug if remark.office else None,
        "office_name": remark.office.name if remark.office else None,
    }
