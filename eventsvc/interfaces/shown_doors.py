"""How doors show the links for helpers at the door of an event, and how many came."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from eventsvc.core.times import iso
from eventsvc.domain.attendance.models import DoorLink, HeadCount
from eventsvc.interfaces.fields import INSTANT, INSTANT_OR_NULL, an_instant, derived
from eventsvc.interfaces.services import services


class DoorLinkSchema(Schema):
    """A link for a helper at the door of an event on one of its days."""

    id = fields.UUID(attribute="public_id")
    day = fields.Date(metadata={"description": "The local day of the event on which it opens"})
    made_at = derived(lambda link: iso(link.made_at), **INSTANT)
    made_by = fields.String(metadata={"description": "A role or an id, never a person's name"})
    expires_at = derived(lambda link: iso(link.expires_at), **INSTANT)
    ended_at = derived(lambda link: iso(link.revoked_at) if link.revoked_at else None, **INSTANT_OR_NULL)


class NewDoorLinkSchema(DoorLinkSchema):
    """The same as it is made."""

    url = fields.String(
        allow_none=True,
        metadata={
            "format": "uri",
            "description": "The link itself, shown this once: null when it has been, or is none",
        },
    )


class HeadCountSchema(Schema):
    """How many came on a day; never who."""

    day = fields.Date()
    heads = fields.Integer()
    counted_at = an_instant()


_LINK = DoorLinkSchema()


def door_address(link: DoorLink) -> str:
    """What the helper opens: whoever has it counts."""
    return services().links.door(str(link.public_id), link.expires_at)


def door_facts(link: DoorLink) -> dict[str, Any]:
    """A link without what opens the door."""
    facts: dict[str, Any] = _LINK.dump(link)
    return facts


def head_facts(counts: list[HeadCount]) -> list[dict[str, Any]]:
    """How many came, by day."""
    return [{"day": one.day.isoformat(), "heads": one.heads, "counted_at": iso(one.counted_at)} for one in counts]
