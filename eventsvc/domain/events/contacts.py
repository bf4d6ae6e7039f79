"""Whom to call about an event on its day: the person in charge, or who covers, by the telephone of their office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.domain.accounts import absences
from eventsvc.domain.events import coordinators, permits
from eventsvc.domain.events.models import Event


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call on the day; `name` is empty where nobody by name is in charge."""

    name: str
    office: str
    telephone: str
    mailbox: str


def contact_of(event: Event, now: datetime) -> Contact:
    """The person in charge, or who covers, by the telephone of the office in charge."""
    return contacts_of([event], now)[event.id]


def contacts_of(events: Sequence[Event], now: datetime) -> dict[int, Contact]:
    """The same of many events in two queries, by their ids."""
    in_charge = coordinators.of_events([event.id for event in events])
    away = absences.now_away({account.id for account in in_charge.values()}, now)
    found: dict[int, Contact] = {}
    for event in events:
        account, office = in_charge.get(event.id), event.owner
        gaps = away.get(account.id, []) if account else []
        absence = next((one for one in gaps if one.place.has(permits.whose(event))), None)
        reader = (absence.present_cover if absence else None) or account
        found[event.id] = Contact(reader.name if reader else "", office.name, office.telephone, office.mailbox)
    return found
