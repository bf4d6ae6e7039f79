"""Who would be told what by a change, as JSON and pages show it."""

from __future__ import annotations

from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.outbox import letters
from eventsvc.interfaces.services import services
from eventsvc.workflows.who_is_told import WhoIsTold, WouldTell


def told_facts(found: WhoIsTold) -> list[dict[str, Any]]:
    """A row for each letter, in the order in which they leave; none where nobody is told."""
    return [
        {
            "to": one.to_name,
            "letter": one.letter,
            "subject": subject_of(one),
            "language": one.message.language,
            "leaves_at": iso(one.leaves_at),
            "becomes": one.becomes,
        }
        for one in found.letters
    ]


def subject_of(one: WouldTell) -> str:
    """The subject of the letter as it would leave, in its reader's language."""
    return letters.render_text(one.message, services().links)[0]
