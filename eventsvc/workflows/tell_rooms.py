"""Who is told what about a room of another office: the office that grants it, and the host's.

Every letter's key says what is owed about which asking, so that telling twice is telling once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from eventsvc.core.times import iso, local_day
from eventsvc.domain.approvals import asking
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval, Stood
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.outbox import post, timely, waiting
from eventsvc.domain.reminders.models import Reminder
from eventsvc.domain.reminders.offsets import begins_at
from eventsvc.workflows import joint_letters, last_told
from eventsvc.workflows.joint_letters import Owed, Reader, key_of
from eventsvc.workflows.last_told import LastTold
from eventsvc.workflows.tell import Was, to_office

Outcome = Literal["declined", "taken_back", "granted_after_all"]


_QUESTIONS = ("room_request", "room_nudge")


def ask_offices(approvals: Iterable[RoomApproval], was: Was, now: datetime) -> None:
    """Ask for the rooms, for several dates of a series in one letter; it says what the office knows beside it.

    Who has not been sent the old question yet gets the new one in its place; who was sent nothing that we know of reads
    of `was`, the facts asked for before.
    """
    owed = []
    everybody = list(approvals)
    told = last_told.of(everybody)
    for approval in everybody:
        known, earlier = told.get(str(approval.public_id)), _what_stood(approval)
        joint_letters.drop(approval, ["room_off"])
        more: dict[str, Any] = {"was": None}
        if known:
            more["was"] = known.event if not known.is_off or approval.event_id in was else None
        elif joint_letters.have_left(approval, ["room_request"]):
            more["was"] = was.get(approval.event_id)
        leaves_at = _leaves_at(approval, known, now) if known else now
        if not joint_letters.rewrite(approval, ["room_request"], {**_present(approval), **more}, by=leaves_at):
            owed.append(_owed(approval, "room_request", {**more, **earlier}, not_before=leaves_at))
    joint_letters.owe(owed, now)


def stand_again(approval: RoomApproval) -> bool:
    """Where the office is asked again for what it knows and was sent nothing between, its answer to that counts.

    The letters that wait are owed no more. False where it has to be asked.
    """
    known, kept = last_told.find(approval), _what_stood(approval).get("earlier")
    if known is None or known.is_off or kept is None or not known.asks_the_same({"event": facts_of(approval.event)}):
        return False
    earlier, stood = Stood.of(kept), approval.stood
    if earlier.state is ApprovalState.WITHDRAWN:
        return False
    if earlier.turn != known.facts["turn"] or (stood and stood.answered_at and stood.turn != earlier.turn):
        return False  # it has seen what stood between, on a page, and has answered that
    joint_letters.drop(approval, [*_QUESTIONS, "room_off"])
    asking.stand_again(approval, earlier)
    return True


def _what_stood(approval: RoomApproval) -> dict[str, Any]:
    """How it stood when its office was last told something: by the letter that waits, else by the story."""
    for date in joint_letters.waiting_facts(approval, ["room_request", "room_off"]):
        if "earlier" in date:
            return {"earlier": date["earlier"]}
    stood = approval.stood
    return {"earlier": stood.as_json()} if stood is not None and stood.turn >= 0 else {}


def _leaves_at(approval: RoomApproval, known: LastTold | None, now: datetime) -> datetime:
    """When a letter leaves that says a change of what an office knew."""
    return waiting.leaves_at(now, approval.event.starts_at, *([known.starts_at] if known else []))


def nudge_office(approval: RoomApproval, now: datetime) -> bool:
    """Ask once more for the answer; False when that was done today already."""
    day = local_day(now, approval.event.zone).isoformat()
    return joint_letters.owe([_owed(approval, "room_nudge", {}, day=day)], now) > 0


def need_no_longer(approvals: Iterable[RoomApproval], was: Was, now: datetime) -> None:
    """The rooms are not needed; who was never sent the question is not told of its end either.

    The letter names the time that they know; `was` holds the facts before the act, for who was sent nothing. Who knows
    already that its room is not needed reads nothing.
    """
    owed = []
    everybody = list(approvals)
    told = last_told.of(everybody)
    for approval in everybody:
        known, earlier = told.get(str(approval.public_id)), _what_stood(approval)
        joint_letters.drop(approval, _QUESTIONS)
        if known and known.is_off:
            continue
        if joint_letters.have_left(approval, _QUESTIONS) or approval.answered_at is not None:
            event = known.event if known else was.get(approval.event_id)
            more = {**earlier, **({"event": event} if event else {})}
            owed.append(_owed(approval, "room_off", more, not_before=_leaves_at(approval, known, now)))
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
    helps = timely.until(begins_at(event))
    to_office(event.owner, event, "unanswered", f"reminder:{reminder.id}", now, people=people, rooms=asked, **helps)


def _owed(
    approval: RoomApproval, letter: str, more: dict[str, Any], *, day: str = "", not_before: datetime | None = None
) -> Owed:
    """The letter, once for each asking and revision; with a `day`, once on that day."""
    office, key = approval.office, f"{key_of(approval, letter)}{approval.turn}:{day or approval.event.version}"
    reader = Reader(
        slug=approval.room.slug,
        address=office.mailbox if office else "",
        name=office.name if office else "",
        language=office.language if office else "en",
    )
    return Owed(approval, letter, key, reader, {**_present(approval), **more}, not_before=not_before)


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
