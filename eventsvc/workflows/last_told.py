"""What somebody was last told of an event: by the newest letter to them that may have arrived.

Letters about changes say what was by it, and not by what stood in between, which nobody has heard of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsvc.domain.outbox import telling
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows.joint_letters import SUFFIX, Asking

_ENDING = ("called_off", "understudy_off", "room_off")
# By them calendars get a question; answers to a part before the newest of them do not count.
_ASKING = ("invitation", "asked_again", "proposal_taken")
_TIMES = ("starts_at", "ends_at", "all_day")
_PLACES = ("campus", "rooms", "closed_rooms", "awaits_room", "online_url")


@dataclass(frozen=True, slots=True)
class LastTold:
    """The facts of the newest letter, by which the event `is_off` for them for the reason `because`.

    `asked_at` is when the question they know was written, `asked_sequence` its SEQUENCE in their calendar.
    """

    facts: Mapping[str, Any]
    is_off: bool
    because: str
    asked_at: datetime
    asked_sequence: int | None

    @property
    def event(self) -> dict[str, Any]:
        """The event as they know it."""
        known: dict[str, Any] = self.facts["event"]
        return known

    @property
    def starts_at(self) -> datetime:
        """When it begins for them."""
        return datetime.fromisoformat(self.event["starts_at"])

    def asks_the_same(self, present: Mapping[str, Any]) -> bool:
        """True where they were asked for this time, and for the way there; `present` are facts of a letter now."""
        event, known = present["event"], self.event
        is_same_time = all(known[name] == event[name] for name in _TIMES)
        return is_same_time and (_journey(self.facts) == _journey(present) or bool(present.get("is_online")))

    def says_the_same(self, present: Mapping[str, Any]) -> bool:
        """True where time and place are what they know, too."""
        event, known = present["event"], self.event
        is_same_mode = self.facts.get("is_online", False) == present.get("is_online", False)
        return is_same_mode and all(known.get(name) == event[name] for name in (*_TIMES, *_PLACES))


def _journey(facts: Mapping[str, Any]) -> Any:
    campus = facts["event"]["campus"]
    return campus and campus["name"]


def of(askings: Collection[Asking]) -> dict[str, LastTold]:
    """What each was last told, by public id; those missing were told nothing yet. One query."""
    if not askings:
        return {}
    abouts = {str(one.event.public_id) for one in askings}
    abouts |= {str(one.event.series.public_id) for one in askings if one.event.series}
    wanted = {str(one.public_id) for one in askings}
    letters: dict[str, list[tuple[Message, Mapping[str, Any]]]] = {}
    for message in telling.begun(abouts):
        for date in message.facts.get("dates", [message.facts]):
            about = date.get("invitation") or date.get("approval")
            if about in wanted and "event" in date and "turn" in date:
                letters.setdefault(about, []).append((message, date))
    return {about: _of(told) for about, told in letters.items()}


def find(asking: Asking) -> LastTold | None:
    """The same of one."""
    return of([asking]).get(str(asking.public_id))


def _of(told: Sequence[tuple[Message, Mapping[str, Any]]]) -> LastTold:
    newest, facts = told[-1]
    asked = [(message, date) for message, date in told if date["turn"] == facts["turn"]]
    parts = [message.facts["calendar"]["sequence"] for message, _ in told if _asks_calendar(message)]
    return LastTold(
        facts=facts,
        is_off=newest.letter.removesuffix(SUFFIX) in _ENDING,
        because=newest.facts.get("because", ""),
        asked_at=asked[0][0].created_at,
        asked_sequence=max(parts, default=None),
    )


def _asks_calendar(message: Message) -> bool:
    starts = tuple(f"{name.replace('_', '-')}:" for name in _ASKING)
    return "calendar" in message.facts and message.key.startswith(starts)
