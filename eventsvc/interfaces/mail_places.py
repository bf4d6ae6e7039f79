"""MAIL_IN_URL when the service starts: what it says, and whether what it needs is installed."""

from __future__ import annotations

from importlib.util import find_spec

from eventsvc.domain.mail.places import ImapPlace, Place, place_of


def read(url: str) -> Place | None:
    """The place; None for an empty address.

    Refuses (ValueError): an address that cannot be read, or IMAP without its package; never says the password.
    """
    place = place_of(url)
    if isinstance(place, ImapPlace) and find_spec("imap_tools") is None:
        raise ValueError("MAIL_IN_URL needs a package: pip install 'eventsvc[imap]'")
    return place
