"""The Monday letter: every office reads on Monday at 7:00 what its week holds, and what still stands in the way.

It says what the desk says (`show_desk`). An office with nothing to say gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from eventsvc.core.db import db, transaction
from eventsvc.core.times import local_day
from eventsvc.core.versions import Expected
from eventsvc.domain.accounts import ADMINISTRATOR, Actor
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.streams import Topic
from eventsvc.domain.reminders import mondays
from eventsvc.workflows import choose_letters
from eventsvc.workflows.in_charge import to_mailbox
from eventsvc.workflows.show_desk import DAYS_AHEAD, Lack, Need, desk_of

# Of each part; a letter of more would be read by nobody, and the desk shows all.
MOST = 20
LETTER = "monday"
PARTS = {
    "unanswered": (Lack.NO_ANSWER, Lack.NOT_RELEASED),
    "rooms": (Lack.ROOM_NOT_GRANTED, Lack.ROOM_DECLINED),
    "seats": (Lack.SEAT_OPEN,),
    "counts": (Lack.COUNT_MISSING,),
}


def write_monday_letters(clock: Callable[[], datetime]) -> int:
    """Owe their letters to the offices for which it is Monday morning; returns how many. Opens its own transactions.

    Each office's row and letter are committed together: whoever dies leaves the others, and nothing is written twice.
    """
    owed = 0
    for office_id, monday in mondays.due(clock()):
        with transaction():
            if mondays.claim(office_id, monday):
                owed += _owe(db.session.get_one(Office, office_id), monday, clock()) is not None
    return owed


def _owe(office: Office, monday: date, now: datetime) -> Message | None:
    facts = facts_of_week(office, now)
    if facts is None:
        return None
    return to_mailbox(office, LETTER, key=f"monday:{office.slug}:{monday}", about="", facts=facts, now=now)


@dataclass(frozen=True, slots=True)
class MondayLetter:
    """An office's letter as it would be written now (None: nothing to say), and whether its mailbox wants it.

    `is_on` is None where the office has no mailbox; `tag` belongs to the choice.
    """

    office: Office
    message: Message | None
    next_at: datetime
    is_on: bool | None
    tag: str


def seen_by(actor: Actor, slug: str, now: datetime) -> MondayLetter:
    """The letter of an office, for who plans for it. Refuses: NotFound, SignInNeeded, NotAllowed."""
    office, reader = choose_letters.of_office(slug, actor)
    choice = choose_letters.chosen_by(reader)
    is_on = Topic.MONDAY not in choice.stopped if office.mailbox else None
    return MondayLetter(office, as_it_would_be(office, now), mondays.next_after(now, office.zone), is_on, choice.tag)


def switch_monday(slug: str, *, on: bool, expected: Expected | None = None, actor: Actor, now: datetime) -> None:
    """Let an office get its letter on Mondays, or not. Refuses as `seen_by`, and as `choose_letters.choose`."""
    _, reader = choose_letters.of_office(slug, actor)
    choose_letters.switch(reader, Topic.MONDAY, on=on, expected=expected, actor=actor, now=now)


def as_it_would_be(office: Office, now: datetime) -> Message | None:
    """The letter as it would be written now, which no table holds; None when there is nothing to say."""
    facts = facts_of_week(office, now)
    if facts is None:
        return None
    return Message(
        public_id=UUID(int=0),
        key="",
        letter=LETTER,
        to_address=office.mailbox,
        to_name=office.name,
        language=office.language,
        event="",
        facts=facts,
        created_at=now,
    )


def facts_of_week(office: Office, now: datetime) -> dict[str, Any] | None:
    """What the letter to an office says of the present day and the six after it; None when that is nothing."""
    desk = desk_of(ADMINISTRATOR, now, office=office.slug)
    parts = {name: _part(desk.needs, lacks) for name, lacks in PARTS.items()}
    if not desk.ahead and not any(part["items"] for part in parts.values()):
        return None
    first = local_day(now, desk.zone)
    week = {
        "office": office.name,
        "organization": office.organization.name,
        "first_on": first.isoformat(),
        "last_on": (first + timedelta(days=DAYS_AHEAD - 1)).isoformat(),
        "events": {
            "items": [{"event": facts_of(one)} for one in desk.ahead[:MOST]],
            "more": max(len(desk.ahead) - MOST, 0),
        },
        **parts,
    }
    return {"week": week}


def _part(needs: Sequence[Need], lacks: Sequence[Lack]) -> dict[str, Any]:
    mine = [one for one in needs if one.lack in lacks]
    items = [{"event": facts_of(one.event), "name": one.name, "lack": str(one.lack)} for one in mine[:MOST]]
    return {"items": items, "more": max(len(mine) - MOST, 0)}
