"""Equipment in JSON and in forms: so many things of a pool, by its slug."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from eventsvc.domain.events.models import Event
from eventsvc.interfaces.fields import SLUG, Slug, Whole
from eventsvc.workflows.said_wish import SaidEquipment

MOST_KINDS, MOST_THINGS = 50, 10_000
SHOWN_EQUIPMENT = {
    "type": "object",
    "properties": {"slug": {"type": "string", **SLUG}, "quantity": {"type": "integer", "minimum": 1}},
    "required": ["slug", "quantity"],
}


class SaidEquipmentSchema(Schema):
    """So many of a pool."""

    slug = Slug(required=True)
    quantity = Whole(validate=validate.Range(1, MOST_THINGS), load_default=1)

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> SaidEquipment:
        return SaidEquipment(**values)


def equipment() -> fields.List[Any]:
    """A list of things."""
    return fields.List(fields.Nested(SaidEquipmentSchema), validate=validate.Length(max=MOST_KINDS))


def equipment_facts(event: Event) -> list[dict[str, Any]]:
    """What an event has been asked to have."""
    return [{"slug": one.pool.slug, "quantity": one.quantity} for one in event.equipment]
