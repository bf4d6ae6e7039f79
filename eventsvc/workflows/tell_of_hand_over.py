"""Who learns of a hand-over: both people, and once each office that has a part in what is coming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from eventsvc.core.times import iso
from eventsvc.domain.accounts.models import Account, ApiToken
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.directory.lending import first_office, partner_office
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.outbox import post
from eventsvc.workflows.owned import HandOver

# A letter of more would be read by nobody; the pages show all.
MOST = 50


def tell(over: HandOver, coming: Sequence[Event], moved: dict[str, int], programs: Sequence[ApiToken]) -> list[Office]:
    """Owe the letters; returns the offices that get one, by slug."""
    act = uuid4().hex
    coming = sorted(coming, key=lambda event: (event.starts_at, event.id))
    facts = {
        "from": over.giver.name,
        "to": over.taker.name,
        "is_leaving": over.place.is_everywhere,
        "moved": moved,
        **_listed(coming),
        "programs": [{"name": one.name, "scopes": one.scopes} for one in programs],
    }
    _to_person("handed_over", act, over.taker, facts, over)
    _to_person("handed_on", act, over.giver, facts, over)
    told = []
    for office, events in _concerned(coming):
        if _to_office(act, office, events, over):
            told.append(office)
    return told


def _to_person(letter: str, act: str, account: Account, facts: dict[str, Any], over: HandOver) -> None:
    post.post(
        letter,
        key=f"{letter.replace('_', '-')}:{act}",
        to_address=account.email,
        to_name=account.name,
        language=account.language,
        facts=facts,
        now=over.now,
    )


def _to_office(act: str, office: Office, events: Sequence[Event], over: HandOver) -> bool:
    owed = post.post(
        "new_contact",
        key=f"new-contact:{act}:{office.slug}",
        to_address=office.mailbox,
        to_name=office.name,
        language=office.language,
        facts={"from": over.giver.name, "to": over.taker.name, "at": iso(over.now), **_listed(events)},
        now=over.now,
    )
    return owed is not None


def _listed(events: Sequence[Event]) -> dict[str, Any]:
    return {"events": [facts_of(event) for event in events[:MOST]], "more": max(len(events) - MOST, 0)}


def _concerned(coming: Sequence[Event]) -> list[tuple[Office, list[Event]]]:
    """The offices of partners and rooms that know of the events, each with those it has a part in."""
    known = [event for event in coming if event.status in ON or event.status is Status.POSTPONED]
    approvals = rooms.of_events([event.id for event in known])
    concerned: dict[int, tuple[Office, list[Event]]] = {}
    for event in known:
        lending = [partner_office(expert) for expert in event.experts]
        hosting = [first_office(organization) for organization in event.co_hosts]
        granting = [approval.office for approval in approvals[event.id]] + [room.office for room in event.rooms]
        offices = {office.id: office for office in [*lending, *hosting, *granting] if office is not None}
        for office in offices.values():
            if office.id != event.owner_id:
                concerned.setdefault(office.id, (office, []))[1].append(event)
    return sorted(concerned.values(), key=lambda pair: pair[0].slug)
