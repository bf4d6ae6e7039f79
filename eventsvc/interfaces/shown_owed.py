"""What would leave at once, as JSON."""

from __future__ import annotations

from typing import Any

from eventsvc.core.times import iso
from eventsvc.workflows.pause_delivery import Owed


def owed_facts(owed: Owed) -> dict[str, Any]:
    """Facts for the command: the pause that stands, letters and reminders, the longest due first."""
    stands = owed.pause
    return {
        "pause": stands
        and {
            "since": iso(stands.since),
            "reason": str(stands.reason),
            "by": stands.by_whom,
            "taken_at": iso(stands.taken_at) if stands.taken_at else None,
        },
        "letters_in_all": owed.letters_in_all,
        "letters": [
            {
                "id": str(one.public_id),
                "letter": one.letter,
                "to": one.to_address,
                "about": str((one.facts.get("event") or {}).get("title") or one.facts.get("title", "")),
                "event": one.event or None,
                "due_at": iso(one.next_attempt_at),
                "may_have_left": owed.may_have_left(one.next_attempt_at),
            }
            for one in owed.letters
        ],
        "reminders_in_all": owed.reminders_in_all,
        "reminders": [
            {
                "to": one.expert.slug if one.expert else one.recipient,
                "about": one.event.title,
                "event": str(one.event.public_id),
                "due_at": iso(one.due_at),
                "may_have_left": owed.may_have_left(one.due_at),
            }
            for one in owed.reminders
        ],
    }
