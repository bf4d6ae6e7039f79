"""Letters about an event to whoever is in charge of it, beside the office's mailbox.

The mailbox always gets the letter: it outlives people. The person in charge gets it too, so that somebody acts; while
they are away, who covers gets it in their place. Where no person is named, the mailbox alone does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from eventsvc.domain.accounts import absences
from eventsvc.domain.accounts.absences import Reached
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events import coordinators
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.permits import whose
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message


def to_mailbox(
    office: Office,
    letter: str,
    *,
    key: str,
    about: str,
    facts: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
) -> Message | None:
    """Owe an office a letter in its language; None where it is owed already, and for one without a mailbox."""
    return post.post(
        letter,
        key=key,
        to_address=office.mailbox,
        to_name=office.name,
        language=office.language,
        event=about,
        facts=facts,
        now=now,
        not_before=not_before,
    )


def readers_of(events: Iterable[Event], now: datetime) -> list[Reached]:
    """Whom letters about those events reach beside the mailbox of their office, each once."""
    known = {event.id: event for event in events}
    found = coordinators.of_events(list(known))
    readers = [absences.reached(account, whose(known[event_id]), now) for event_id, account in found.items()]
    return list({reader.account.id: reader for reader in readers}.values())


def tell_too(
    letter: str,
    events: Iterable[Event],
    *,
    key: str,
    about: str,
    mailbox: str,
    facts: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
) -> bool:
    """Owe the letter to them too; False when nobody is owed it anew."""
    readers = readers_of(events, now)
    return tell_readers(
        letter, readers, key=key, about=about, mailbox=mailbox, facts=facts, now=now, not_before=not_before
    )


def tell_readers(
    letter: str,
    readers: Iterable[Reached],
    *,
    key: str,
    about: str,
    mailbox: str,
    facts: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
) -> bool:
    """Owe a letter to people beside the mailbox of their office; False when nobody is owed it anew."""
    is_new = False
    for reader, instead_of in readers:
        if reader.email == mailbox.strip().lower():
            continue
        owed = post.post(
            letter,
            key=f"{key}:{reader.public_id}",
            to_address=reader.email,
            to_name=reader.name,
            language=reader.language,
            event=about,
            facts={**facts, "in_charge": {"instead_of": instead_of.name if instead_of else ""}},
            now=now,
            not_before=not_before,
        )
        is_new = is_new or owed is not None
    return is_new
