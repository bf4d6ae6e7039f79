"""What doors take and show about webhooks: targets, their secrets, what each was sent."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.webhooks import signing
from eventsvc.domain.webhooks.models import (
    NOTE_LENGTH,
    TEST,
    URL_LENGTH,
    DeliveryState,
    Happening,
    Off,
    WebhookDelivery,
    WebhookTarget,
)
from eventsvc.interfaces.fields import SLUG, Line, Whole, YesOrNo, a_word, an_instant
from eventsvc.interfaces.paging import PageSchema

_URL = {"example": "https://sms.college.edu/hooks", "description": "https://, in the open internet"}
_TYPES = [*(str(kind) for kind in Happening), TEST]


def _kinds(**more: Any) -> fields.List[Happening]:
    told = {"description": "Of what it is told"}
    return fields.List(fields.Enum(Happening, by_value=True), validate=validate.Length(1, 50), metadata=told, **more)


class NewWebhookSchema(Schema):
    """A system to be told what happens."""

    url = fields.String(required=True, validate=validate.Length(1, URL_LENGTH), metadata=_URL)
    kinds = _kinds(required=True)
    note = Line(most=NOTE_LENGTH, load_default="", metadata={"description": "What it is for, in your words"})


class WebhookChangeSchema(Schema):
    """What is to be different; what is left out stays."""

    url = fields.String(validate=validate.Length(1, URL_LENGTH), metadata=_URL)
    kinds = _kinds()
    note = Line(most=NOTE_LENGTH)
    paused = YesOrNo(metadata={"description": "While it is paused it is owed nothing, and what waited is dropped"})


class TurnSchema(Schema):
    """For how long the secret before signs beside the new one."""

    overlap_hours = Whole(
        load_default=signing.OVERLAP_HOURS,
        validate=validate.Range(0, signing.MOST_OVERLAP_HOURS),
        metadata={"description": "0: others have seen the old one, it ends now"},
    )


class WaitingSchema(Schema):
    """What it is owed still."""

    number = fields.Integer()
    oldest_at = an_instant(allow_none=True, metadata={"description": "Since when the oldest is owed; null: none is"})


class WebhookSchema(Schema):
    """A system that is told what happens."""

    id = fields.String(metadata={"format": "uuid"})
    office = fields.String(
        allow_none=True, metadata={**SLUG, "description": "Whose desk it is told of; null: of everything"}
    )
    url = fields.String()
    kinds = fields.List(a_word(Happening))
    note = fields.String()
    paused = fields.Boolean()
    off_because = a_word(
        Off, allow_none=True, metadata={"description": "gone: it answered 410; null: it is told what happens"}
    )
    secret = fields.String(
        allow_none=True, metadata={"description": "Shown once, to who made or turned it; null in every other answer"}
    )
    created_at = an_instant()
    turned_at = an_instant(metadata={"description": "Since when its secret is what it is"})
    both_sign_until = an_instant(allow_none=True, metadata={"description": "Until then the secret before signs too"})
    worked_at = an_instant(allow_none=True, metadata={"description": "When it last took something"})
    failing_since = an_instant(allow_none=True)
    resting_until = an_instant(allow_none=True, metadata={"description": "It fails; nothing is sent to it before"})
    waiting = fields.Nested(WaitingSchema)
    version = fields.Integer()


class DeliveriesQuerySchema(PageSchema):
    """Which deliveries: of one state, or all."""

    state = fields.Enum(DeliveryState, by_value=True)


class TrySchema(Schema):
    """What one try brought."""

    at = an_instant()
    status = fields.Integer(allow_none=True, metadata={"description": "The status answered; null: there was none"})
    said = fields.String(metadata={"description": "How the answer began, or why there was none"})


class DeliverySchema(Schema):
    """One happening that a webhook is or was owed."""

    id = fields.String(metadata={"format": "uuid"})
    webhook_id = fields.String(metadata={"description": "As the header `webhook-id` says it, at every try"})
    type = fields.String(metadata={"enum": _TYPES})
    event = fields.String(allow_none=True, metadata={"format": "uuid"})
    state = a_word(DeliveryState)
    happened_at = an_instant()
    next_try_at = an_instant(allow_none=True, metadata={"description": "null: it has ended"})
    given_up_at = an_instant(allow_none=True, metadata={"description": "It is tried until then; null: it has ended"})
    ended_at = an_instant(allow_none=True, metadata={"description": "When it was taken, given up or dropped"})
    attempts = fields.Integer(metadata={"description": "How often it was tried since it was last owed"})
    tries = fields.List(fields.Nested(TrySchema), metadata={"description": "The last ones, at most 20"})


class WholeDeliverySchema(DeliverySchema):
    """The same with what is sent."""

    body = fields.String(metadata={"description": "Byte for byte what was signed and sent, in ASCII"})


def target_facts(target: WebhookTarget, counts: dict[str, Any]) -> dict[str, Any]:
    """One of them, without its secret; `counts` are those of `deliveries.counts`."""
    waiting = counts.get(DeliveryState.QUEUED, 0) + counts.get(DeliveryState.LEASED, 0)
    moments = ("created_at", "turned_at", "worked_at", "failing_since", "resting_until")
    return {
        "id": str(target.public_id),
        "office": target.office.slug if target.office else None,
        "url": target.url,
        "kinds": target.kinds,
        "note": target.note,
        "paused": not target.is_on,
        "off_because": target.off_because and str(target.off_because),
        "secret": None,
        **{name: _moment(getattr(target, name)) for name in moments},
        "both_sign_until": _moment(target.before_until),
        "waiting": {"number": waiting, "oldest_at": _moment(counts["oldest"])},
        "version": target.version,
    }


def delivery_facts(one: WebhookDelivery) -> dict[str, Any]:
    """One delivery, without its body."""
    has_ended = one.ended_at is not None
    return {
        "id": str(one.public_id),
        "webhook_id": one.webhook_id,
        "type": one.kind,
        "event": one.event or None,
        "state": str(one.state),
        "happened_at": iso(one.happened_at),
        "next_try_at": None if has_ended else iso(one.next_attempt_at),
        "given_up_at": None if has_ended else iso(one.give_up_at),
        "ended_at": _moment(one.ended_at),
        "attempts": one.attempts,
        "tries": one.tries,
    }


def _moment(at: Any) -> str | None:
    return iso(at) if at else None
