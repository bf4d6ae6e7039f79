"""What somebody owns: one registry, in the order of the domain, by which a hand-over counts and moves it.

A kind is added here when its part of the domain learns to belong to a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, absences
from eventsvc.domain.accounts.carrying import Lack
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.approvals import takers
from eventsvc.domain.events import coordinators
from eventsvc.domain.invitations import following
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox import post
from eventsvc.domain.requests import keepers
from eventsvc.workflows import hand_over_calendars


@dataclass(frozen=True, slots=True)
class HandOver:
    """From whom to whom, from what place on, and who says so."""

    giver: Account
    taker: Account
    place: Place
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of thing that belongs to people.

    `move` gives it to the taker and returns how many there were; it locks what it moves, after the kinds before it.
    `lacks` names what the taker's own roles would have to allow.
    """

    name: str
    count: Callable[[Account, Place, datetime], int]
    move: Callable[[HandOver], int]
    lacks: Callable[[Actor, Account, Place], list[Lack]] = lambda taker, giver, place: []


def _count_covers(account: Account, place: Place, now: datetime) -> int:
    return len(absences.covered_by(account.id, place, now))


def _move_covers(over: HandOver) -> int:
    """Who was covered is covered by the taker; the taker's own absence is covered by nobody any more."""
    covered = absences.covered_by(over.giver.id, over.place, over.now)
    for one in covered:
        one.cover_id = None if one.account_id == over.taker.id else over.taker.id
    return len(covered)


def _count_events(account: Account, place: Place, now: datetime) -> int:
    return coordinators.count(account.id, place)


def _move_events(over: HandOver) -> int:
    """Each event gets a new version: what it shows to colleagues has changed."""
    events = coordinators.claim(over.giver.id, over.place)
    coordinators.put(events, over.taker.id, over.now)
    for event in events:
        event.version += 1
        names: dict[str, audit.Change] = {"coordinator": (over.giver.public_id, over.taker.public_id)}
        audit.record("hand_over", "event", event.public_id, actor=over.actor.name, now=over.now, changes=names)
    return len(events)


def _event_lacks(taker: Actor, giver: Account, place: Place) -> list[Lack]:
    return coordinators.lacks(taker, giver.id, place)


def _count_approvals(account: Account, place: Place, now: datetime) -> int:
    return takers.count(account.id, place)


def _move_approvals(over: HandOver) -> int:
    return takers.move(over.giver.id, over.taker.id, over.place, over.now)


def _approval_lacks(taker: Actor, giver: Account, place: Place) -> list[Lack]:
    return takers.lacks(taker, giver.id, place)


def _count_requests(account: Account, place: Place, now: datetime) -> int:
    return keepers.count(account.id, place)


def _move_requests(over: HandOver) -> int:
    return keepers.move(over.giver.id, over.taker.id, over.place, over.now)


def _request_lacks(taker: Actor, giver: Account, place: Place) -> list[Lack]:
    return keepers.lacks(taker, giver.id, place)


def _count_chases(account: Account, place: Place, now: datetime) -> int:
    return following.count(account.id, place, now)


def _move_chases(over: HandOver) -> int:
    """They stand at the events, and go with them; letters about them that wait for the giver reach the taker."""
    events = coordinators.claim(over.giver.id, over.place)
    number = following.count(over.giver.id, over.place, over.now)
    post.hand_on(
        [str(event.public_id) for event in events],
        giver=str(over.giver.public_id),
        taker=str(over.taker.public_id),
        to_address=over.taker.email,
        to_name=over.taker.name,
        language=over.taker.language,
    )
    return number


def _count_addresses(account: Account, place: Place, now: datetime) -> int:
    return threads.count_addresses(account.id, place, now)


def _move_addresses(over: HandOver) -> int:
    """They stand at the invitations, and what comes by them goes to whoever is in charge of the event."""
    return threads.count_addresses(over.giver.id, over.place, over.now)


def _move_calendars(over: HandOver) -> int:
    return hand_over_calendars.move(over.giver, over.taker, over.place, actor=over.actor, now=over.now)


# The chases and addresses are counted before the events that they stand at have moved.
KINDS = (
    Kind("covers", _count_covers, _move_covers),
    Kind("chases", _count_chases, _move_chases),
    Kind("reply_addresses", _count_addresses, _move_addresses),
    Kind("events", _count_events, _move_events, _event_lacks),
    Kind("approvals", _count_approvals, _move_approvals, _approval_lacks),
    Kind("requests", _count_requests, _move_requests, _request_lacks),
    Kind("private_calendars", hand_over_calendars.count, _move_calendars),
)


def counts(account: Account, place: Place, now: datetime) -> dict[str, int]:
    """How much of each kind somebody owns there."""
    return {kind.name: kind.count(account, place, now) for kind in KINDS}
