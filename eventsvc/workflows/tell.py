"""Who is told what: turns a change of an event into letters owed.

Every letter's key says what is owed to whom about which revision, so that telling twice is telling once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from eventsvc.core.times import iso
from eventsvc.domain.booking.outside import Busy
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import changes
from eventsvc.domain.invitations.models import ASKED, GIVEN_UP, Invitation, InvitationState
from eventsvc.domain.outbox import post, timely, waiting
from eventsvc.domain.reminders.models import Reminder
from eventsvc.domain.reminders.offsets import begins_at
from eventsvc.domain.webhooks import deliveries
from eventsvc.workflows import calendars_told, joint_letters, last_told, letters_to_people, wishes
from eventsvc.workflows.in_charge import tell_too, to_mailbox
from eventsvc.workflows.joint_letters import key_of
from eventsvc.workflows.last_told import LastTold
from eventsvc.workflows.letters_to_people import Owed, owe

# By the id of an event: its facts as people know them.
Was = Mapping[int, dict[str, Any]]
NOTHING: Was = {}
Because = Literal["cancelled", "postponed", "declined", "withdrawn", "uninvited"]


def ask_people(invitations: Iterable[Invitation], now: datetime) -> None:
    """The first letter of an invitation; for people who await their release it goes to the office that lends them."""
    asked = list(invitations)
    for who in asked:
        if who.turn > 0:  # a question to an earlier time, or before they had said no, that has not left
            joint_letters.drop(who, [*_QUESTIONS, "chase"])
    wishes.wish_for([who for who in asked if who.state is InvitationState.AWAITS_RELEASE], now)
    owe(
        [
            Owed(who, "invitation", f"{key_of(who, 'invitation')}{who.turn}", not_before=max(now, who.asked_at))
            for who in asked
            if who.state is not InvitationState.AWAITS_RELEASE
        ],
        now,
    )


def ask_people_again(invitations: Iterable[Invitation], was: Was, now: datetime) -> None:
    """Ask for the new time; the letter says the one that they know beside it, none where the event came back.

    Who has not been sent the old question yet gets the new one in its place; who was sent nothing that we know of reads
    of `was`, the facts before.
    """
    again, first = [], []
    everybody = list(invitations)
    told = last_told.of(everybody)
    for invitation in everybody:
        joint_letters.drop(invitation, ["called_off", "changed", "changed_soon", "chase", "sent_again"])
        if invitation.state is InvitationState.AWAITS_RELEASE:
            first.append(invitation)
            continue
        known = told.get(str(invitation.public_id))
        more = {"was": was.get(invitation.event_id)}
        if known:
            more["was"] = known.event if not known.is_off or invitation.event_id in was else None
        leaves_at = _leaves_at(invitation, known, now)
        if letters_to_people.rewrite(invitation, *_QUESTIONS, more=more, by=leaves_at, now=now):
            continue
        if not _was_asked(invitation):
            first.append(invitation)
        else:
            key = f"{key_of(invitation, 'asked_again')}{invitation.turn}:{invitation.event.version}"
            again.append(Owed(invitation, "asked_again", key, more, leaves_at))
    ask_people(first, now)
    owe(again, now)


def tell_of_new_place(invitations: Iterable[Invitation], now: datetime) -> None:
    """The place changed and the time did not; nobody is asked again. Who knows the place as it is reads nothing."""
    owed = []
    everybody = list(invitations)
    told = last_told.of(everybody)
    for invitation in everybody:
        known = told.get(str(invitation.public_id))
        if known and not known.is_off and known.says_the_same(letters_to_people.present(invitation)):
            joint_letters.drop(invitation, ["changed", "changed_soon"])
            letters_to_people.rewrite(invitation, *_QUESTIONS, now=now)
            continue
        leaves_at = _leaves_at(invitation, known, now)
        if not letters_to_people.rewrite(invitation, *_QUESTIONS, "changed", "changed_soon", by=leaves_at, now=now):
            key = f"{key_of(invitation, 'changed')}{invitation.event.sequence}:{invitation.event.version}"
            was = {"was": known.event} if known and not known.is_off else {}
            owed.append(Owed(invitation, "changed", key, was, leaves_at))
    owe(owed, now)


def call_off(invitations: Iterable[Invitation], because: Because, now: datetime, *, was: Was = NOTHING) -> None:
    """People who were asked need not come; who was never sent the question is not told of its end either.

    Who was passed over hears of it where the event stands in their calendar; who has said no does not, and nobody who
    knows already that it is off.

    The letter names the time that they know; `was` holds the facts before the act, for who was sent nothing.
    """
    owed = []
    everybody = list(invitations)
    told = last_told.of(everybody)
    wishes.need_no_longer([who for who in everybody if who.released_at is None], now)
    for invitation in everybody:
        joint_letters.drop(invitation, [*_QUESTIONS, "changed", "changed_soon", "chase", "sent_again"])
    silent = calendars_told.with_entry([who for who in everybody if who.state is InvitationState.PASSED_OVER])
    for invitation in everybody:
        known = told.get(str(invitation.public_id))
        if known and known.is_off:
            continue
        if invitation in silent or (invitation.state not in GIVEN_UP and _was_asked(invitation)):
            key = f"{key_of(invitation, 'called_off')}{invitation.event.sequence}:{invitation.event.version}:{because}"
            if not post.knows([key, key + joint_letters.OF_CALENDAR]):
                joint_letters.drop(invitation, ["called_off"])
            event = known.event if known else was.get(invitation.event_id)
            more = {"because": because, **({"event": event} if event else {})}
            owed.append(Owed(invitation, "called_off", key, more, _leaves_at(invitation, known, now)))
    owe(owed, now)


def _leaves_at(invitation: Invitation, known: LastTold | None, now: datetime) -> datetime:
    """When a letter leaves that says a change of what somebody knew."""
    return waiting.leaves_at(now, invitation.event.starts_at, *([known.starts_at] if known else []))


def clear_calendars(invitations: Iterable[Invitation], now: datetime, *, was: Was) -> None:
    """Who was passed over, and may not even come late any more: where the event stands in their calendar, it ends."""
    call_off(calendars_told.with_entry(list(invitations)), "uninvited", now, was=was)


def forget_unsent(event: Event, now: datetime) -> bool:
    """Reminders and confirmations that have not left say what is no longer so: they are not owed any more.

    Nor are reminders by webhook.

    True where one of them said that a seat is open, which may still have to be said.
    """
    stale = ("reminder", "partner_reminder", "unanswered", "confirmed", "not_confirmed", "blocked", *_OF_ANSWERS)
    dropped = post.drop_unsent_letters(str(event.public_id), stale)
    deliveries.drop_reminders(str(event.public_id), now)
    return any(one.letter == "seat_open" or one.facts.get("is_open") for one in dropped)


_OF_ANSWERS = ("silence", "release_silent", "passed_on", "seat_open")
_QUESTIONS = ("invitation", "asked_again")


def _was_asked(invitation: Invitation) -> bool:
    """True when the question has left the house, or was answered: a link can be handed on by other ways too."""
    return joint_letters.have_left(invitation, _QUESTIONS) or bool(invitation.answers)


def tell_offices_of_decline(invitation: Invitation, now: datetime, **then: Any) -> None:
    """Both offices learn that somebody will not come, the host's and the partner's; and who is asked `then`.

    Where the reason came after the no, one letter says both unless the first has left. A no after the cut-off alarms.
    """
    post.drop_unsent(str(invitation.event.public_id), [key_of(invitation, "declined")])
    answer = invitation.answers[-1]
    letter = "late_decline" if changes.is_late(invitation, answer.at) else "answer_declined"
    _to_both_offices(invitation, letter, f"declined:{invitation.public_id}:{answer.id}", now, answer.reason, **then)


def tell_offices_of_change_of_mind(invitation: Invitation, now: datetime) -> None:
    """Somebody who had declined will come after all; where the decline was not sent yet, nobody need know."""
    event, declines = str(invitation.event.public_id), [key_of(invitation, "declined")]
    post.drop_unsent(event, declines)
    if post.has_any_left(event, declines):
        answer = invitation.answers[-1]
        _to_both_offices(invitation, "answer_accepted", f"accepted:{invitation.public_id}:{answer.id}", now, "")


def tell_not_confirmed(event: Event, names: list[str], now: datetime) -> None:
    """Every yes is in, and something that the event needs is gone: the host's office must act."""
    key = f"not-confirmed:{event.public_id}:{event.version}"
    to_office(event.owner, event, "not_confirmed", key, now, names=names)


def tell_of_block(event: Event, name: str, busy: Busy, now: datetime, *, cover: str = "") -> bool:
    """Something that the event has is taken at its time after all: its office must act. False: it was told before."""
    # An entry's own id may be as long as its writer likes.
    entry = hashlib.sha256(f"{busy.resource_id} {busy.campus_id} {busy.uid}".encode()).hexdigest()[:16]
    when = {"starts_at": iso(busy.starts_at), "ends_at": iso(busy.ends_at), "zone": event.zone, "all_day": False}
    blocked = {**when, "kind": str(busy.kind), "title": busy.title}
    key = f"blocked:{event.public_id}:{entry}"
    return to_office(event.owner, event, "blocked", key, now, name=name, blocked=blocked, cover=cover)


def _to_both_offices(invitation: Invitation, letter: str, key: str, now: datetime, reason: str, **more: Any) -> None:
    event, expert = invitation.event, invitation.expert
    offices = {office.id: office for office in (event.owner, partner_office(expert)) if office}
    for office in offices.values():
        to_office(office, event, letter, f"{key}:{office.slug}", now, person=expert.name, reason=reason, **more)


def tell_confirmed(events: Sequence[Event], now: datetime) -> None:
    """The last yes is in: the host's office learns it, of several dates of a series in one letter."""
    if len(events) == 1:
        event = events[0]
        key = f"confirmed:{event.public_id}:{event.sequence}:{event.owner.slug}"
        to_office(event.owner, event, "confirmed", key, now)
    elif events:
        _to_owner_of_series(events, "confirmed", now)


def _to_owner_of_series(events: Sequence[Event], letter: str, now: datetime) -> None:
    series, office = events[0].series, events[0].owner
    assert series is not None
    joint, key = letter + joint_letters.SUFFIX, joint_letters.key_of_joint(letter, series, office.slug)
    about, facts = str(series.public_id), joint_letters.facts_of(series, [{"event": facts_of(one)} for one in events])
    to_mailbox(office, joint, key=key, about=about, facts=facts, now=now)
    tell_too(joint, events, key=key, about=about, mailbox=office.mailbox, facts=facts, now=now)


def remind_people(due: Iterable[tuple[Reminder, Invitation]], now: datetime) -> None:
    """Reminders of one's duty, or of the answer that is still open: each is a letter, of one event to each person."""
    owe(
        [
            Owed(
                who,
                "reminder",
                f"reminder:{reminder.id}",
                {"is_open": who.state in ASKED, **timely.until(begins_at(reminder.event))},
            )
            for reminder, who in due
        ],
        now,
    )


def remind_partner(reminder: Reminder, office: Office, people: Iterable[Invitation], now: datetime) -> None:
    """The office that lends people learns which of its own come, and who has not said so; of nobody else."""
    coming = [
        {"person": one.expert.name, "is_open": one.state in (InvitationState.AWAITS_RELEASE, *ASKED)} for one in people
    ]
    helps = timely.until(begins_at(reminder.event))
    to_office(office, reminder.event, "partner_reminder", f"reminder:{reminder.id}", now, coming=coming, **helps)


def to_office(office: Office, event: Event, letter: str, key: str, now: datetime, **more: Any) -> bool:
    """Owe an office a letter about an event, and whoever is in charge of it there; False when both are owed it already.

    An office without a mailbox gets none.
    """
    about, facts = str(event.public_id), {"event": facts_of(event), **more}
    message = to_mailbox(office, letter, key=key, about=about, facts=facts, now=now)
    is_owed = message is not None
    if office.id == event.owner_id:
        is_owed |= tell_too(letter, [event], key=key, about=about, mailbox=office.mailbox, facts=facts, now=now)
    return is_owed
