"""Who is told what about a room of another office: the office that grants it, and the host's.

Every letter's key says what is owed about which asking, so that telling twice is telling once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from eventsvc.core.times import iso, local_day
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.outbox import post
from eventsvc.domain.reminders.models import Reminder
from eventsvc.workflows.tell import to_office

Outcome = Literal["declined", "taken_back", "granted_after_all"]


def ask_office(approvals: Iterable[RoomApproval], was: dict[str, Any] | None, now: datetime) -> None:
    """Ask for the room; `was` holds the facts of the time asked for before.

    Who has not been sent the old question yet gets the new one in its place.
    """
    for approval in approvals:
        asked = [_key(approval, "room-asked")]
        if not post.rewrite_unsent(_event_of(approval), asked, _present(approval)):
            had_left = post.has_any_left(_event_of(approval), asked)
            _to_rooms_office(approval, "room_request", "room-asked", now, was=was if had_left else None)


def nudge_office(approval: RoomApproval, now: datetime) -> bool:
    """Ask once more for the answer; False when that was done today already."""
    day = local_day(now, approval.event.zone).isoformat()
    return _to_rooms_office(approval, "room_nudge", f"room-nudge-{day}", now) is not None


def need_no_longer(approvals: Iterable[RoomApproval], was: dict[str, Any] | None, now: datetime) -> None:
    """The room is not needed; who was never sent the question is not told of its end either.

    `was` holds the facts as the office knows them, where the event has changed in the same act.
    """
    for approval in approvals:
        letters = [_key(approval, "room-asked"), _key(approval, "room-nudge")]
        post.drop_unsent(_event_of(approval), letters)
        if post.has_any_left(_event_of(approval), letters) or approval.answered_at is not None:
            known = {"event": was} if was else {}
            _to_rooms_office(approval, "room_off", "room-off", now, **known)


def tell_host(approval: RoomApproval, outcome: Outcome, now: datetime) -> None:
    """The host's office learns that it has lost a room, or has got one after all; the newest is what counts."""
    post.drop_unsent(_event_of(approval), [_key(approval, "room-answer")])
    event, key = approval.event, f"{_key(approval, 'room-answer')}{approval.turn}:{approval.event.version}"
    facts = {**_room(approval), "outcome": outcome, "reason": approval.reason, "reference": approval.reference}
    to_office(event.owner, event, "room_answer", key, now, **facts)


def remind_host_of_silence(
    reminder: Reminder, people: list[str], unheard: Iterable[RoomApproval], now: datetime
) -> None:
    """The host's office learns whose answers are still missing: people's, and those of rooms' offices."""
    event = reminder.event
    asked = [
        {
            "room": one.room.name,
            "office": office.name if office else "",
            "telephone": office.telephone if office else "",
        }
        for one in unheard
        for office in [one.office]
    ]
    to_office(event.owner, event, "unanswered", f"reminder:{reminder.id}", now, people=people, rooms=asked)


def _to_rooms_office(approval: RoomApproval, letter: str, name: str, now: datetime, **more: Any) -> Any:
    office = approval.office
    return post.post(
        letter,
        key=f"{_key(approval, name)}{approval.turn}",
        to_address=office.mailbox if office else "",
        to_name=office.name if office else "",
        language=office.language if office else "en",
        event=_event_of(approval),
        facts={**_present(approval), **more},
        now=now,
    )


def _present(approval: RoomApproval) -> dict[str, Any]:
    """What is so now: the event, the room, for how long it is busy, and how long the link is good for."""
    event, room = approval.event, approval.room
    return {
        "event": facts_of(event),
        **_room(approval),
        "approval": str(approval.public_id),
        "turn": approval.turn,
        "expires_at": iso(event.ends_at),
        "setup_minutes": room.setup_minutes,
        "takedown_minutes": room.takedown_minutes,
        "accommodations": event.accommodations,
        "reference": approval.reference,
        "was": None,
    }


def _room(approval: RoomApproval) -> dict[str, Any]:
    room, office = approval.room, approval.office
    return {
        "room": room.name,
        "layout": room.layout,
        "outside_reference": room.outside_reference,
        "rooms_office": office.name if office else "",
        "rooms_telephone": office.telephone if office else "",
    }


def _key(approval: RoomApproval, name: str) -> str:
    """How the keys of those letters about that room begin."""
    return f"{name}:{approval.public_id}:"


def _event_of(approval: RoomApproval) -> str:
    return str(approval.event.public_id)
