"""What could be had instead, added to a refusal once it has rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from marshmallow import fields, validate

from eventsvc.core.errors import SlotTaken
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows.offer_alternatives import MOST_OFFERS


class AlternativesSchema(DryRunSchema):
    """Whether to answer without writing, and how many alternatives a refusal carries."""

    alternatives = fields.Integer(
        load_default=MOST_OFFERS,
        validate=validate.Range(0, MOST_OFFERS),
        metadata={"description": "How many offers a refusal carries at most; 0 leaves them out"},
    )


@contextmanager
def offering(find: Callable[..., list[dict[str, Any]]], *, most: int) -> Iterator[None]:
    """Let a refusal of what is done within carry offers.

    It must stand outside of the transaction, so that they are looked for after the roll-back.
    """
    try:
        yield
    except SlotTaken as refusal:
        if most:
            refusal.offers = find(most=most)
        raise
