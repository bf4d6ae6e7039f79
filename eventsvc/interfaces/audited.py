"""The audit log as doors show it: one question, one shape, one table of columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Response, stream_with_context
from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.audit import reading
from eventsvc.domain.audit.reading import Sealed, Wanted
from eventsvc.interfaces import csv_text
from eventsvc.interfaces.fields import Instant

COLUMNS = ("at", "actor", "verb", "subject_kind", "subject", "changes", "seal_number", "seal")


class WantedSchema(Schema):
    """Which acts; `from` is the first instant, `to` the one before which they happened."""

    since = Instant(data_key="from", metadata={"example": "2027-01-01T00:00:00Z"})
    until = Instant(data_key="to", metadata={"example": "2027-02-01T00:00:00Z"})
    actor = fields.String(
        validate=validate.Length(1, 120), metadata={"description": "`account …` finds what its tokens did, too"}
    )
    verb = fields.String(validate=validate.Length(1, 40), metadata={"example": "move"})
    subject_kind = fields.String(validate=validate.Length(1, 40), metadata={"example": "event"})
    subject = fields.String(validate=validate.Length(1, 80), metadata={"description": "Its id or slug"})


class ActSchema(Schema):
    """One act, and its seal where it has one by now."""

    at = fields.String()
    actor = fields.String(metadata={"description": "A role or an id, never a person's name"})
    verb = fields.String()
    subject_kind = fields.String()
    subject = fields.String(metadata={"description": "Its id or slug"})
    changes = fields.Dict(metadata={"description": "Field → [before, after], or the digests of personal values"})
    seal_number = fields.Integer(allow_none=True)
    seal = fields.String(allow_none=True)


class NotedSchema(Schema):
    """A seal that somebody noted elsewhere when it was the last one."""

    noted = fields.String(
        load_default="",
        validate=validate.Length(max=64),
        metadata={"description": "A seal that was the last one once: tells a log that was cut off, and sealed anew"},
    )


class VerifiedSchema(Schema):
    """What holding the log against its seals has found."""

    sealed = fields.Integer()
    waiting = fields.Integer(metadata={"description": "Written, and not sealed yet"})
    last_seal = fields.String()
    wrong = fields.List(fields.String(), metadata={"description": "What was altered or is gone; empty is good news"})


def facts_of(one: Sealed) -> dict[str, Any]:
    """An act without personal values: those stand in `changes` as salted digests, and may be erased."""
    entry, seal = one
    return {
        "at": iso(entry.at),
        "actor": entry.actor,
        "verb": entry.verb,
        "subject_kind": entry.subject_kind,
        "subject": entry.subject,
        "changes": entry.changes,
        "seal_number": seal.number if seal else None,
        "seal": seal.seal if seal else None,
    }


def as_csv(wanted: Wanted) -> Response:
    """Every act as a file that comes as it is read; `changes` is JSON."""
    body = stream_with_context(csv_lines(wanted))
    return Response(body, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="audit.csv"'})


def csv_lines(wanted: Wanted) -> Iterator[str]:
    """The file, line by line."""
    return csv_text.lines(COLUMNS, _rows(wanted))


def _rows(wanted: Wanted) -> Iterator[list[Any]]:
    for one in reading.every(wanted):
        facts = facts_of(one)
        yield [*(facts[name] if name != "changes" else json.dumps(facts[name], sort_keys=True) for name in COLUMNS)]
