"""What is said after an event, and how doors show it: how many came, who spoke, two questions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.attendance.counting import HIGHEST, LOWEST, Count, Told
from eventsvc.domain.attendance.models import Feedback, Standing
from eventsvc.interfaces.fields import SLUG, Line, Slug, Whole, a_word, an_instant
from eventsvc.interfaces.fields import heads as people

_MOST = 100_000


def _part() -> Whole:
    description = {"description": "Of them; null: not said"}
    return Whole(validate=validate.Range(0, _MOST), allow_none=True, load_default=None, metadata=description)


class CountSchema(Schema):
    """How many came, and who spoke."""

    heads = Whole(required=True, validate=validate.Range(0, _MOST), metadata={"description": "How many came"})
    students = _part()
    families = _part()
    community = _part()


class SaidSchema(CountSchema):
    """The same over JSON."""

    spoke = fields.List(
        Slug(),
        validate=validate.Length(max=50),
        allow_none=True,
        load_default=None,
        metadata={"description": "Slugs of who really spoke: those named, or others of a partner; null: not said"},
    )


class SaidOnPageSchema(CountSchema):
    """The same from a page: who else spoke, by name."""

    others = Line(most=400, load_default="")


class FeedbackSchema(Schema):
    """Two questions: a scale, and a line."""

    score = Whole(
        required=True, validate=validate.Range(LOWEST, HIGHEST), metadata={"description": "1: not at all, 5: very"}
    )
    comment = Line(most=1000, lines=True, load_default="")


class ShownFeedbackSchema(FeedbackSchema):
    """What the host (`expert` null) or somebody who spoke has answered."""

    expert = fields.String(allow_none=True, metadata=SLUG)
    given_at = an_instant()


class AttendanceSchema(Schema):
    """How many came to an event; never who."""

    standing = a_word(
        Standing, metadata={"description": "missing: the host was asked twice and has not said; it is never guessed"}
    )
    heads = people()
    students = people()
    families = people()
    community = people()
    spoke = fields.List(
        fields.String(metadata=SLUG), allow_none=True, metadata={"description": "Who really spoke; null: not said"}
    )
    counted_at = an_instant(allow_none=True)


class WholeAttendanceSchema(AttendanceSchema):
    """The same with what was counted at the door, and what both offices read: the answers to the two questions."""

    at_door = people()
    feedback = fields.List(fields.Nested(ShownFeedbackSchema))


def count_of(body: dict[str, Any]) -> Count:
    """The numbers of what the schema has read."""
    return Count(**{name: body[name] for name in ("heads", "students", "families", "community")})


def attendance_facts(told: Told) -> dict[str, Any]:
    """What is known after an event, as JSON-ready facts."""
    row, spoke = told.row, told.speakers
    numbers = ("heads", "students", "families", "community")
    return {
        "standing": str(told.standing),
        **{name: getattr(row, name, None) for name in numbers},
        "spoke": None if spoke is None else [expert.slug for expert in spoke],
        "counted_at": iso(row.counted_at) if row and row.counted_at else None,
    }


def feedback_facts(given: Feedback) -> dict[str, Any]:
    """One answer to the two questions, as JSON-ready facts."""
    return {
        "expert": given.expert.slug if given.expert else None,
        "score": given.score,
        "comment": given.comment,
        "given_at": iso(given.given_at) if given.given_at else None,
    }
