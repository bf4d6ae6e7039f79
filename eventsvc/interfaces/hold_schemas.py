"""Schemas of holds: what to set aside for a while, and how it is shown."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from eventsvc.domain.booking.holds import Standing
from eventsvc.domain.events.schedule import When
from eventsvc.interfaces.equipment import equipment
from eventsvc.interfaces.fields import Line, Slug, Whole, a_word, an_instant, heads, slugs
from eventsvc.interfaces.schemas import PlanSchema, WhenSchema, time_in, with_tuples
from eventsvc.workflows.hold_things import HOLD_MINUTES, MOST_HOLD_MINUTES, HoldWish
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.said_wish import SaidWish


class SaidWishSchema(WhenSchema):
    """Rooms, people and things at a time."""

    campus = Slug(allow_none=True)
    owner = Slug(metadata={"description": "The office whose clock is meant, where there is no campus"})
    rooms = slugs()
    experts = slugs()
    online_experts = slugs()
    equipment = equipment()
    expected_heads = heads()

    @staticmethod
    def wish_in(values: dict[str, Any]) -> SaidWish:
        """The wish that the values say."""
        when = When(**time_in(values))
        return SaidWish(when=when, **with_tuples(values))


class HoldWishSchema(SaidWishSchema):
    """What to hold, and for how many minutes."""

    note = Line(most=200)
    minutes = Whole(load_default=HOLD_MINUTES, metadata={"minimum": 1, "maximum": MOST_HOLD_MINUTES})

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> HoldWish:
        told = {name: values.pop(name) for name in ("note", "minutes") if name in values}
        return HoldWish(wish=self.wish_in(values), **told)


class HoldSchema(SaidWishSchema):
    """A hold: what it says, until when it holds it, and what became of it."""

    id = fields.UUID()
    standing = a_word(Standing)
    hold_until = an_instant()
    starts_at = an_instant()
    ends_at = an_instant()
    event = fields.UUID(allow_none=True, metadata={"description": "The event that it became"})
    note = fields.String()


class HoldingPlanSchema(PlanSchema):
    """A plan that may take over a hold."""

    hold = fields.UUID(metadata={"description": "A hold whose things are given back for this event"})

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> tuple[Plan, bool, str | None]:
        hold = values.pop("hold", None)
        return *super()._made(values), str(hold) if hold else None
