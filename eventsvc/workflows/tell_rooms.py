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
from eventsvc.workflows import joint_letters
from eventsvc.workflows.joint_letters import Owed, Reader, key_of
from eventsvc.workflows.tell import Was, to_office

Outcome = Literal["declined", "taken_back", "granted_after_all"]


_QUESTIONS = ("room_request", "room_nudge")


def ask_offices(approvals: Iterable[RoomApproval], was: Was, now: datetime) -> None:
    """Ask for the rooms, for several dates of a series in one letter; `was` holds the facts asked for before.

    Who has not been sent the old question yet gets the new one in its place.
    """
    owed = []
    for approval in approvals:
        if not joint_letters.rewrite(approval, ["room_request"], _present(approval)):
            had_left = joint_letters.have_left(approval, ["room_request"])
            known = was.get(approval.event_id) if had_left else None
            owed.append(_owed(approval, "room_request", {"was": known}))
    joint_letters.owe(owed, now)


def nudge_office(approval: RoomApproval, now: datetime) -> bool:
    """Ask once more for the answer; False when that was done today already."""
    day = local_day(now, approval.event.zone).isoformat()
    return joint_letters.owe([_owed(approval, "room_nudge", {}, day=day)], now) > 0


def need_no_longer(approvals: Iterable[RoomApproval], was: Was, now: datetime) -> None:
    """The rooms are not needed; who was never sent the question is not told of its end either.

    `was` holds the facts as the offices know them, where an event has changed in the same act.
    """
    owed = []
    for approval in approvals:
        joint_letters.drop(approval, _QUESTIONS)
        if joint_letters.have_left(approval, _QUESTIONS) or approval.answered_at is not None:
            known = {"event": was[approval.event_id]} if approval.event_id in was else {}
            owed.append(_owed(approval, "room_off", known))
    joint_letters.owe(owed, now)


def tell_host(approval: RoomApproval, outcome: Outcome, now: datetime) -> None:
    """The host's office learns that it has lost a room, or has got one after all; the newest is what counts."""
    event, answers = approval.event, key_of(approval, "room_answer")
    post.drop_unsent(str(event.public_id), [answers])
    key = f"{answers}{approval.turn}:{event.version}"
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


def _owed(approval: RoomApproval, letter: str, more: dict[str, Any], *, day: str = "") -> Owed:
    """The letter, once for each asking; with a `day`, once on that day."""
    office, key = approval.office, f"{key_of(approval, letter)}{approval.turn}"
    reader = Reader(
        slug=approval.room.slug,
        address=office.mailbox if office else "",
        name=office.name if office else "",
        language=office.language if office else "en",
    )
    return Owed(approval, letter, f"{key}:{day}" if day else key, reader, {**_present(approval), **more})


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
