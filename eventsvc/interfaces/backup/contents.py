"""Which tables an archive holds, and which it leaves out because they are made again or must not come back."""

from __future__ import annotations

from sqlalchemy import Table

from eventsvc.interfaces.schema import METADATA

LEFT_OUT = {
    "delivery_pause": "a restored database is paused anew",
    "feed_entries": "made again from the events",
    "search_entries": "made again from events, rooms, experts and pools",
    "sessions": "everybody signs in again: who signed out since must not be signed in by a restore",
    "sign_ins": "links to sign in end within minutes",
}


def tables() -> list[Table]:
    """The tables of an archive, those first to which others point."""
    return [table for table in METADATA.sorted_tables if table.name not in LEFT_OUT]
