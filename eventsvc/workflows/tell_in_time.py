"""What changes within 48 hours of an event reaches everybody engaged or hosting by a letter, whichever story did it.

The frame of every change (`changing`) notes how an event stood before; at the end of the story, whatever else it has
changed, time, place and status are compared with that. Who gets a letter of the story itself that says it (asked again,
called off, a room no longer needed …) gets no second one: one letter to a person and change. Calendars are not relied
upon. Helpers at a door have no address: their link shows the event as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm.exc import ObjectDeletedError

from eventsvc.core.db import at_the_end
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.models import granting_room
from eventsvc.domain.directory.lending import first_office, partner_office
from eventsvc.domain.directory.models import Campus, Office, Room
from eventsvc.domain.events import late_changes, urgency
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.urgency import Aspect, Known
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import COUNTED_ON, Invitation, InvitationState
from eventsvc.domain.outbox import post, telling, waiting
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows import joint_letters, last_told, letters_to_people, tell
from eventsvc.workflows.in_charge import tell_too, to_mailbox
from eventsvc.workflows.joint_letters import SUFFIX, key_of
from eventsvc.workflows.last_told import LastTold
from eventsvc.workflows.letters_to_people import Owed, owe

# Why an office gets the letter; the first that fits.
Role = Literal["host", "co_host", "campus", "room", "partner"]
# The letters of stories that say how the event is now.
_SAYING = (
    *("invitation", "asked_again", "changed", "changed_soon", "called_off", "proposal_taken", "understudy_off"),
    *("sent_again", "confirmed", "room_request", "room_off", "room_answer"),
)
# With those of several dates; and the one to offices.
LETTERS = tuple(letter + end for letter in _SAYING for end in ("", SUFFIX))
TO_OFFICES = "office_changed_soon"
_TO_ROOMS = ("room_request", "room_off", "room_request" + SUFFIX, "room_off" + SUFFIX)
_OFF = ("cancelled", "postponed", "declined", "withdrawn")


@dataclass(frozen=True, slots=True)
class _Before:
    """How an event stood before the story: what people knew, and where it was."""

    known: Known
    campus: Campus | None
    rooms: tuple[Room, ...]
    rooms_told: frozenset[str]  # mailboxes of their offices to which a letter waits


@dataclass(eq=False)
class LateChanges:
    """The events that a story has changed, as they stood before it; called at its end, it owes the letters."""

    newest_letter: int = field(default_factory=telling.newest_id)
    before: dict[Event, _Before] = field(default_factory=dict)
    now: datetime | None = None

    def __call__(self) -> None:
        for event, before in self.before.items():
            try:
                known = urgency.known_of(event)
            except ObjectDeletedError:
                continue  # it was planned in this story and went with a savepoint: a date that could not be had
            aspects = urgency.changed(before.known, known)
            assert self.now is not None
            if aspects and urgency.is_urgent(urgency.span_of(before.known), event.span, self.now):
                _tell(event, before, aspects, self.newest_letter, self.now)


def note(events: Iterable[Event], now: datetime) -> None:
    """Remember how these events stand, before the running story changes them; the first time counts.

    A draft is nobody's affair, and what becomes of it is no change of what somebody counts on.
    """
    noted = [event for event in events if event.status is not Status.DRAFT]
    if not noted:
        return
    late = at_the_end(LateChanges)
    late.now = now
    for event in noted:
        if event not in late.before:
            told = frozenset(_waiting_for(event))
            late.before[event] = _Before(urgency.known_of(event), event.campus, tuple(event.rooms), told)


@dataclass(frozen=True, slots=True)
class _Told:
    """Whom letters of the story tell already: invitations by their ids, others by their addresses."""

    invitations: frozenset[str]
    addresses: frozenset[str]


def _tell(event: Event, before: _Before, aspects: list[Aspect], newest_letter: int, now: datetime) -> None:
    told = _told(event, aspects, newest_letter)
    people = [one for one in asking.of_event(event.id) if one.state in COUNTED_ON]
    _tell_people(event, people, before, aspects, told, now)
    mailboxes, unmoved = set(told.addresses), _who_is_back(event, before)
    offices = _offices(event, before, people)
    late_changes.note(event, before.known, _concerned(people, told, offices), now)
    for office, role in offices:
        mailbox = office.mailbox.strip().lower()
        if mailbox in mailboxes:
            continue
        mailboxes.add(mailbox)
        if mailbox in unmoved:
            continue
        _tell_office(office, role, event, before.known, aspects, now)


def _concerned(
    people: Iterable[Invitation], told: _Told, offices: Iterable[tuple[Office, Role]]
) -> list[late_changes.Concerned]:
    """Who is counted on or was let go of by this change, and every office; who awaits a release hears of it there."""
    asked = {str(one.public_id) for one in people if one.state is not InvitationState.AWAITS_RELEASE}
    persons = sorted((asked | told.invitations) - {""})
    return [
        *(late_changes.Concerned(who=one, role="person") for one in persons),
        *(late_changes.Concerned(who=office.slug, role=role) for office, role in offices),
    ]


def _told(event: Event, aspects: Sequence[Aspect], newest_letter: int) -> _Told:
    """By letters of this story, and by those that still wait and were given the present time and place."""
    own = str(event.public_id)
    abouts = [own, *([str(event.series.public_id)] if event.series else [])]
    invitations: set[str] = set()
    addresses: set[str] = set()
    for message in telling.new_or_waiting(abouts, LETTERS, after_id=newest_letter):
        for date in message.facts.get("dates", [message.facts]):
            is_new = message.id > newest_letter
            if date["event"]["id"] == own and (is_new or ("status" not in aspects and says_as_it_is(date, event))):
                invitations.add(date.get("invitation", ""))
                addresses.add(message.to_address.strip().lower())
    return _Told(frozenset(invitations), frozenset(addresses))


def _who_is_back(event: Event, before: _Before) -> set[str]:
    """Mailboxes of rooms' offices for which a letter waited before the story, and is owed no more: all is as it was."""
    asked, present = rooms.of_event(event.id), {"event": facts_of(event)}
    told = {one: last_told.find(one) for one in asked if one.office and one.office.mailbox in before.rooms_told}
    back = {one.office for one, known in told.items() if known and known.asks_the_same(present)}
    return {office.mailbox.strip().lower() for office in back if office} - _waiting_for(event)


def _waiting_for(event: Event) -> set[str]:
    """Mailboxes of rooms' offices to which a letter about them waits."""
    abouts = [str(event.public_id), *([str(event.series.public_id)] if event.series else [])]
    waiting_letters = telling.new_or_waiting(abouts, _TO_ROOMS, after_id=telling.newest_id())
    return {one.to_address.strip().lower() for one in waiting_letters}


def says_as_it_is(date: Mapping[str, Any], event: Event) -> bool:
    """True where the facts of a letter have the present time and place; of the status they say nothing."""
    present = facts_of(event)
    names = ("starts_at", "ends_at", "all_day", "campus", "rooms", "awaits_room", "online_url")
    return all(date["event"].get(name) == present[name] for name in names)


def _tell_people(
    event: Event, people: list[Invitation], before: _Before, aspects: list[Aspect], told: _Told, now: datetime
) -> None:
    """Those who were asked and come, or may; whose office was not done deciding has not heard of the event yet.

    Each reads what became of what they know; who knows it as it is reads nothing.
    """
    untold = [
        one
        for one in people
        if one.state is not InvitationState.AWAITS_RELEASE and str(one.public_id) not in told.invitations
    ]
    told_last, present = last_told.of(untold), urgency.known_of(event)
    for one in untold:  # each by itself, also those of one series: each names what was
        was = _as_known(before.known, told_last.get(str(one.public_id)), present)
        changes = urgency.changed(was, present)
        if not changes:
            joint_letters.drop(one, ["changed", "changed_soon"])
        elif aspects == changes == ["place"]:
            tell.tell_of_new_place([one], now)
        else:
            more = {"was": dict(was), "changes": changes, **_is(event)}
            leaves_at = waiting.leaves_at(now, event.starts_at, urgency.span_of(was).start)
            if not letters_to_people.rewrite(one, "changed_soon", more=more, by=leaves_at, now=now):
                key = f"{key_of(one, 'changed_soon')}{event.version}"
                owe([Owed(one, "changed_soon", key, more, leaves_at)], now)


def _as_known(before: Known, told: LastTold | None, present: Known) -> Known:
    """What somebody knew: time and place by the newest letter to them, else as they stood before the story.

    Letters that ask say no status; who was not told that the event is off knows of no other than the present one.
    """
    if told is None:
        return before
    status = before["status"]
    if told.because in _OFF:
        status = told.because
    elif before["status"] in _OFF:
        status = present["status"]
    known = {name: told.event[name] for name in before if name in told.event}
    if known["campus"]:  # where to park is no place
        known["campus"] = {name: said for name, said in known["campus"].items() if name != "parking"}
    return {**before, **known, "status": status}


def _offices(event: Event, before: _Before, people: Iterable[Invitation]) -> list[tuple[Office, Role]]:
    """Who hosts, beside whom, on whose campus and in whose rooms, before or now; and who sends people. Each once."""
    found: dict[int, tuple[Office, Role]] = {}

    def add(office: Office | None, role: Role) -> None:
        if office is not None:
            found.setdefault(office.id, (office, role))

    add(event.owner, "host")
    for organization in event.co_hosts:
        add(first_office(organization), "co_host")
    hosting = {event.owner.organization_id, *(organization.id for organization in event.co_hosts)}
    for campus in (event.campus, before.campus):
        if campus is not None and campus.organization_id not in hosting:
            add(first_office(campus.organization), "campus")
    for room in (*event.rooms, *before.rooms):
        add((granting_room(room) or room).office, "room")
    for invitation in people:
        add(partner_office(invitation.expert), "partner")
    return list(found.values())


def _tell_office(office: Office, role: Role, event: Event, was: Known, aspects: list[Aspect], now: datetime) -> None:
    about, start = str(event.public_id), f"changed-soon:{event.public_id}:{office.slug}:"
    leaves_at = waiting.leaves_at(now, event.starts_at, urgency.span_of(was).start)
    if unsent := post.rewrite_unsent(about, [start], {"event": facts_of(event), **_is(event)}):
        _renew(unsent, event)
        telling.hasten(unsent, leaves_at)
        return
    facts = {"event": facts_of(event), "was": dict(was), "changes": aspects, "role": role, **_is(event)}
    key = f"{start}{event.version}"
    to_mailbox(office, TO_OFFICES, key=key, about=about, facts=facts, now=now, not_before=leaves_at)
    if role == "host":
        mailbox = office.mailbox
        tell_too(TO_OFFICES, [event], key=key, about=about, mailbox=mailbox, facts=facts, now=now, not_before=leaves_at)


def _is(event: Event) -> dict[str, Any]:
    """What `facts_of` leaves out."""
    known = urgency.known_of(event)
    return {name: known[name] for name in ("status", "closed_rooms")}


def _renew(unsent: Sequence[Message], event: Event) -> None:
    """Letters that have not left say what is so now, and what was before the first change; back again is no change."""
    known = urgency.known_of(event)
    for message in unsent:
        aspects = urgency.changed(message.facts["was"], known)
        if aspects:
            message.facts = {**message.facts, "changes": aspects}
        else:
            post.drop([message])
