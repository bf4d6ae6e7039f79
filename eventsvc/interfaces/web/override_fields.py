"""The part of a planning form in which somebody takes a soft rule on themselves: which rules, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext

from eventsvc.domain.accounts import may_override
from eventsvc.domain.booking.conflicts import SOFT, ClashKind
from eventsvc.interfaces import requests

KINDS = {
    ClashKind.CLOSED: lazy_gettext("Although it is closed, or outside the hours"),
    ClashKind.LIMIT: lazy_gettext("Beyond the limit that was agreed"),
    ClashKind.AUDIENCE: lazy_gettext("Beside another employer for the same students"),
    ClashKind.NOTICE: lazy_gettext("With less notice than is needed"),
}


def offered(kinds: Iterable[str]) -> list[tuple[str, Any]]:
    """Those of the kinds that may be overridden, each with what overriding it means; nothing for who may not."""
    if not may_override(requests.actor()):
        return []
    asked = {*kinds} & SOFT
    return [(str(kind), words) for kind, words in KINDS.items() if kind in asked]
