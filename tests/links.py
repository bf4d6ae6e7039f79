"""Links of a house that stands nowhere, for tests that render letters or make addresses themselves."""

from __future__ import annotations

from eventsvc.core.addresses import Addresses
from eventsvc.core.links import Links
from eventsvc.core.tokens import Signer


def links_of(public_url: str = "https://events.example", key: str = "a key", mail_in: str = "") -> Links:
    """Links signed with one key, which makes the addresses too."""
    return Links(public_url, Signer.from_keys([key]), Addresses.from_keys([key]), mail_in)
