"""What somebody may not know of is not there: where roles refuse a call about it, the answer is 404 and not 403.

Stories say NotFound themselves where the roles would do elsewhere. But who may never do such a thing is refused before
anything is looked up, and must not learn by the address either whether there is such a thing.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from eventsvc.core.errors import NotAllowed, NotFound, Refusal, say
from eventsvc.domain.accounts import Actor, colleagues
from eventsvc.domain.booking import holds
from eventsvc.domain.events import series
from eventsvc.domain.requests import lookup
from eventsvc.interfaces import requests
from eventsvc.interfaces.shown import get_visible_event
from eventsvc.workflows import choose_letters

_UNKNOWN = say("There is no such thing, or none that you may know of.")


def as_far_as_known(refusal: Refusal) -> Refusal:
    """The refusal; NotFound in place of NotAllowed, where the address names what the asker may not know of."""
    if not isinstance(refusal, NotAllowed):
        return refusal
    actor, told = requests.actor(), request.view_args or {}
    named = [(find, told[name]) for name, find in _FINDING.items() if name in told]
    try:
        for find, public_id in named:
            find(public_id, actor)
    except (NotFound, NotAllowed):
        return NotFound(_UNKNOWN)
    return refusal


def _own_hold(hold_id: str, actor: Actor) -> object:
    hold = holds.get_hold(hold_id)
    holds.ensure_own(hold, actor)
    return hold


def _account(account_id: str, actor: Actor) -> object:
    return choose_letters.own(actor) if account_id == choose_letters.OWN else colleagues.get(account_id, actor)


def _letter(message_id: str, actor: Actor) -> object:
    raise NotFound(_UNKNOWN)  # whoever is refused is none of those who read letters


# By the parameter of an address: finds the thing for the asker, or refuses.
_FINDING: dict[str, Callable[[str, Actor], object]] = {
    "event_id": get_visible_event,
    "series_id": series.get_known,
    "account_id": _account,
    "hold_id": _own_hold,
    "message_id": _letter,
    "request_id": lookup.get_request,
    "offer_id": lookup.get_offer,
}
