"""Sentences that are kept in a row and said later, in whatever language they are then wanted in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsvc.core.errors import Said


def keep(sentence: str) -> dict[str, Any]:
    """A sentence as JSON-ready facts; of plain text only the text is left."""
    if not isinstance(sentence, Said):
        return {"message": "%(text)s", "facts": {"text": sentence}}
    kept = {"message": sentence.message, "facts": {name: _fact(one) for name, one in sentence.facts.items()}}
    return {**kept, "plural": sentence.plural, "num": sentence.num} if sentence.plural else kept


def said(kept: Mapping[str, Any]) -> Said:
    """The sentence again, for whoever translates it."""
    facts = {name: said(one) if isinstance(one, dict) else one for name, one in kept["facts"].items()}
    return Said(kept["message"], facts, plural=kept.get("plural", ""), num=kept.get("num", 1))


def _fact(value: Any) -> Any:
    if isinstance(value, Said):
        return keep(value)
    return value if isinstance(value, str | int | float) else str(value)
