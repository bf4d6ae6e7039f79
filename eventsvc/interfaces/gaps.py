"""Where somebody is missing, as the doors show it: the same facts for JSON, the pages and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext

from eventsvc.core.times import iso
from eventsvc.interfaces.services import services
from eventsvc.workflows.examine_offices import Gap, Missing

# Enough to know what it is about; the lists show all.
MOST = 20

KINDS = {
    Missing.NOBODY_LEFT: lazy_gettext("Nobody is left"),
    Missing.NO_MAILBOX: lazy_gettext("No mailbox"),
    Missing.UNDELIVERABLE: lazy_gettext("Its mailbox takes no letters"),
    Missing.NO_OFFICE: lazy_gettext("No office"),
    Missing.NOBODY_YET: lazy_gettext("Nobody yet"),
}
TO_DO = {
    Missing.NOBODY_LEFT: lazy_gettext(
        "Nobody who may act there can sign in any more. Let a colleague in, then hand over to them."
    ),
    Missing.NO_MAILBOX: lazy_gettext("Letters to this office go nowhere. Give it a shared mailbox."),
    Missing.UNDELIVERABLE: lazy_gettext(
        "The newest letter to this mailbox could not be delivered. Check the address with the office, and correct it."
    ),
    Missing.NO_OFFICE: lazy_gettext(
        "This partner’s people are to come, and there is no office to turn to. Add an office with a mailbox."
    ),
    Missing.NOBODY_YET: lazy_gettext(
        "Nobody of this office can sign in yet; others act for it. Let a coordinator in when it wants to act itself."
    ),
}


def facts_of(gaps: Iterable[Gap]) -> list[dict[str, Any]]:
    """The gaps as JSON-ready facts, in the language of whoever asks."""
    return [_facts(gap) for gap in gaps]


def _facts(gap: Gap) -> dict[str, Any]:
    links = services().links
    events = [
        {
            "id": str(event.public_id),
            "title": event.title,
            "starts_at": iso(event.starts_at),
            "zone": event.zone,
            "url": links.event_page(str(event.public_id)),
        }
        for event in gap.events[:MOST]
    ]
    return {
        "kind": str(gap.kind),
        "is_finding": gap.is_finding,
        "organization": {"slug": gap.organization.slug, "name": gap.organization.name},
        "office": {"slug": gap.office.slug, "name": gap.office.name} if gap.office else None,
        "what": str(KINDS[gap.kind]),
        "to_do": str(TO_DO[gap.kind]),
        "events": events,
        "events_in_all": len(gap.events) + gap.unseen,
        "rooms": [{"slug": room.slug, "name": room.name} for room in gap.rooms[:MOST]],
    }
