"""After a late change: who has been reached, who has not, and by which telephone number; and noting a call.

What a letter has done is read from the outbox: only one that says how the event is now counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events import late_changes, urgency
from eventsvc.domain.events.late_changes import LateChange, Reached
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.urgency import Known
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import ASKED, Invitation
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows.letters_to_people import address_of
from eventsvc.workflows.tell_in_time import LETTERS, TO_OFFICES, says_as_it_is


class Standing(StrEnum):
    """How far somebody has been reached."""

    CALLED = "called"  # somebody said that they have told them
    ANSWERED = "answered"  # they have answered since
    SENT = "sent"  # a mail server has taken the letter
    NO_ANSWER = "no_answer"  # the same, and the letter asks something that is not answered
    WAITS = "waits"
    FAILED = "failed"  # it came back, or no server takes it
    NO_LETTER = "no_letter"  # nothing that says it was owed to them
    NO_ADDRESS = "no_address"


# Nobody has to telephone these.
REACHED = frozenset({Standing.CALLED, Standing.ANSWERED, Standing.SENT})
# Letters that say that it is over for their reader.
_ENDING = ("called_off", "understudy_off", "room_off")


@dataclass(frozen=True, slots=True)
class Row:
    """One person or office. `telephone` is the office's own, or that of the office which lends the person.

    `error`: what a mail server said of a letter that did not arrive; it may hold an address.
    """

    who: str
    role: str
    name: str
    standing: Standing
    telephone: str
    error: str
    noted: Reached | None

    @property
    def is_reached(self) -> bool:
        """Whether nobody has to telephone."""
        return self.standing in REACHED


@dataclass(frozen=True, slots=True)
class WhoIsReached:
    """The newest late change of an event, and how everybody whom it concerns stands; the unreached come first."""

    change: LateChange
    rows: Sequence[Row]

    @property
    def missing(self) -> int:
        """How many have not been reached."""
        return sum(not row.is_reached for row in self.rows)


def who_is_reached(event: Event, now: datetime) -> WhoIsReached | None:
    """How the newest late change stands; None where there is none, or the event is over by its old and new time.

    For those who see the work of the event.
    """
    change = next(iter(late_changes.urgent_of(event, now)), None)
    if change is None:
        return None
    persons = {str(one.public_id): one for one in asking.everybody(event.id)}
    slugs = [one["who"] for one in change.concerned if one["role"] != "person"]
    offices = {one.slug: one for one in db.session.scalars(select(Office).where(Office.slug.in_(slugs)))}
    by_invitation, by_address = _newest_letters(event)
    noted = late_changes.reached(change)
    rows = []
    for one in change.concerned:
        who, role = one["who"], one["role"]
        if role == "person" and who in persons:
            rows.append(_person(persons[who], change, by_invitation.get(who), noted.get(who)))
        elif who in offices:
            office = offices[who]
            letter = by_address.get(office.mailbox.strip().lower())
            standing = _standing(letter, has_address=bool(office.mailbox), asks=False, noted=noted.get(who))
            rows.append(_row(who, role, office.name, standing, office.telephone, letter, noted.get(who)))
    return WhoIsReached(change, sorted(rows, key=lambda row: row.is_reached))


def believed(event: Event, now: datetime) -> list[Known]:
    """What people may still believe of an event that has changed late: each other time and place, the oldest first.

    Of what can be seen at a door alone. Empty where there is no late change, or all is again as it was.
    """
    present = urgency.known_of(event)
    found: list[Known] = []
    for change in reversed(late_changes.urgent_of(event, now)):
        was = {**change.was, "online_url": present["online_url"]}
        if urgency.changed(was, present) and was not in found:
            found.append(was)
    return found


def note_reached(
    event_id: str, who: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> WhoIsReached:
    """Note that somebody was told of the newest late change by word of mouth; noting it twice is once.

    Locks:   the event.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale; WrongState where no change is that late any more; InvalidInput
             for who has nothing to do with it.
    """
    event = claim_to_change(event_id, actor, expected)
    found = who_is_reached(event, now)
    if found is None:
        raise WrongState(say("Nothing of this event has changed so late that somebody would have to be telephoned."))
    if who not in {row.who for row in found.rows}:
        raise InvalidInput({"who": say("is nobody whom the late change concerns")})
    if not late_changes.note_reached(found.change, who, actor.name, now):
        return found
    audit.record("reach", "event", event.public_id, actor=actor.name, now=now, changes={"who": (None, who)})
    noted = who_is_reached(event, now)
    assert noted is not None
    return noted


def _person(invitation: Invitation, change: LateChange, letter: Message | None, noted: Reached | None) -> Row:
    office = partner_office(invitation.expert)
    has_answered = any(answer.at > change.changed_at for answer in invitation.answers)
    asks = invitation.state in ASKED
    standing = _standing(letter, has_address=bool(address_of(invitation.expert)), asks=asks, noted=noted)
    if noted is None and has_answered:
        standing = Standing.ANSWERED
    telephone = office.telephone if office else ""
    return _row(str(invitation.public_id), "person", invitation.expert.name, standing, telephone, letter, noted)


def _row(
    who: str, role: str, name: str, standing: Standing, telephone: str, letter: Message | None, noted: Reached | None
) -> Row:
    error = letter.error if letter is not None and standing is Standing.FAILED else ""
    return Row(who, role, name, standing, telephone, error, noted)


def _standing(letter: Message | None, *, has_address: bool, asks: bool, noted: Reached | None) -> Standing:
    if noted is not None:
        return Standing.CALLED
    if letter is None:
        return Standing.NO_LETTER if has_address else Standing.NO_ADDRESS
    if letter.state is MessageState.SENT:
        return Standing.NO_ANSWER if asks else Standing.SENT
    return Standing.WAITS if letter.state in (MessageState.QUEUED, MessageState.LEASED) else Standing.FAILED


def _newest_letters(event: Event) -> tuple[dict[str, Message], dict[str, Message]]:
    """The newest letter of each, where it says how the event is now, by invitation and by address in small letters."""
    abouts = [str(event.public_id), *([str(event.series.public_id)] if event.series else [])]
    by_invitation: dict[str, Message] = {}
    by_address: dict[str, Message] = {}
    for message in post.about(abouts, [*LETTERS, TO_OFFICES]):
        for date in message.facts.get("dates", [message.facts]):
            if date.get("event", {}).get("id") == str(event.public_id):  # that of somebody erased is empty
                says = _says(message, date, event)
                _put(by_address, message.to_address.strip().lower(), message, says=says)
                _put(by_invitation, date.get("invitation", ""), message, says=says)
    return by_invitation, by_address


def _put(letters: dict[str, Message], reader: str, message: Message, *, says: bool) -> None:
    if says:
        letters[reader] = message
    else:
        letters.pop(reader, None)


def _says(message: Message, date: Mapping[str, Any], event: Event) -> bool:
    """Who was told that it is over for them knows enough."""
    if message.letter.startswith(_ENDING):
        return True
    return says_as_it_is(date, event) and (event.status not in OFF or date.get("status") == event.status)
