"""What all stories that keep the directory share: what a row may say, what changed, and writing it down.

A row says what somebody knows about an entry. What it leaves out (None) is not known and overwrites nothing.
`retired_on` ends the use of an entry at once, so it is a day that has come there; it is never taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.mail_addresses import can_be_written_to, is_mail_address
from eventsvc.core.times import is_zone, local_day
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may, is_oneself, may
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import SLUG_LENGTH, Campus, Expert, Office, Organization, Room, Topic
from eventsvc.domain.directory.names import folded, is_slug, slugged
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.words import ensure_plain
from eventsvc.workflows.keep_search import index_entry

Entry = TypeVar("Entry", Organization, Office, Campus, Room, Expert, Topic, Pool)
Kept = Organization | Office | Campus | Room | Expert | Topic | Pool

# Inclusive bounds of the numbers that rows hold; a room of 100,000 seats is a typing error.
_BOUNDS = {
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "students": (0, 1_000_000),
    "capacity": (1, 100_000),
    "setup_minutes": (0, 1440),
    "takedown_minutes": (0, 1440),
    "lead_minutes": (0, 1440),
    "quantity": (1, 1000),
    "notice_days": (0, 365),
    "max_per_day": (1, 100),
    "max_per_week": (1, 500),
    "max_per_month": (1, 2000),
    "max_travel_minutes": (0, 1440),
    "online_buffer_minutes": (0, 1440),
}
_MAILBOXES = ("mailbox", "email")


def ensure_may_keep(actor: Actor, thing: Room | Expert | Campus) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who keep the people or places of others, or none.

    Experts keep what is their own.
    """
    if isinstance(thing, Expert) and is_oneself(actor, thing.id):
        return
    if isinstance(thing, Expert):
        ensure_may(actor, Permission.KEEP_PEOPLE, Owner(thing.office_id, thing.organization_id))
    elif isinstance(thing, Room):
        ensure_may(actor, Permission.KEEP_PLACES, Owner(thing.office_id, thing.campus.organization_id))
    else:
        ensure_may(actor, Permission.KEEP_PLACES, Owner(None, thing.organization_id))


def ensure_may_keep_of(actor: Actor, permission: Permission, organization: Organization) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who have that permission at none of its offices.

    Those who run the service have it everywhere.
    """
    if not may_keep_of(actor, permission, organization):
        ensure_may(actor, permission, Owner(None, organization.id))


def may_keep_of(actor: Actor, permission: Permission, organization: Organization) -> bool:
    """True for who has that permission in the organization, or at one of its offices: its campuses have no office."""
    if may(actor, permission, Owner(None, organization.id)):
        return True
    offices = db.session.scalars(select(Office.id).where(Office.organization_id == organization.id))
    return any(may(actor, permission, Owner(number, organization.id)) for number in offices)


def where_kept(actor: Actor, permission: Permission) -> set[int]:
    """The organizations (ids) at whose offices, or in which, somebody has a role with that permission.

    Of those who run the service, who have it everywhere, only where they have another role as well.
    """
    numbers = {number for one in actor.held for number in one.organization_ids}
    at = [one.office_id for one in actor.held if one.office_id is not None]
    numbers |= set(db.session.scalars(select(Office.organization_id).where(Office.id.in_(at))))
    rows = db.session.scalars(select(Organization).where(Organization.id.in_(numbers)))
    return {row.id for row in rows if may_keep_of(actor, permission, row)}


def may_keep(actor: Actor, thing: Room | Expert | Campus) -> bool:
    """The same as a question, for lists."""
    try:
        ensure_may_keep(actor, thing)
    except Refusal:
        return False
    return True


def ensure_keeps_something(actor: Actor) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who keep neither people nor places, nor are experts."""
    if not keeps_something(actor):
        ensure_may(actor, Permission.KEEP_PLACES)


def keeps_something(actor: Actor) -> bool:
    """The same as a question, for the way to the page."""
    keeps = (may(actor, permission) for permission in (Permission.KEEP_PEOPLE, Permission.KEEP_PLACES))
    return any(keeps) or any(is_oneself(actor, expert_id) for expert_id in actor.expert_ids)


class Outcome(StrEnum):
    """What saving a row did."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


# A caller who wants to know what saving did hands one in: each save adds 1 for its row.
Tally = Counter[Outcome]


def clean(kind: type[Kept], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says about an entry's own columns, without what it leaves out.

    Refuses: InvalidInput naming every field that is too long, out of bounds, no zone or no mail address.
    """
    errors: dict[str, str] = {}
    known: dict[str, Any] = {}
    for field, value in values.items():
        if value is None:
            continue
        try:
            known[field] = _clean(kind, field, value)
        except InvalidInput as refusal:
            errors |= {error["field"]: error["reason"] for error in refusal.facts["errors"]}
    if errors:
        raise InvalidInput(errors)
    return known


def _clean(kind: type[Kept], field: str, value: Any) -> Any:
    if field in _BOUNDS:
        low, high = _BOUNDS[field]
        if not low <= value <= high:
            raise InvalidInput({field: say("must be between %(low)s and %(high)s", low=f"{low:,}", high=f"{high:,}")})
    if type(value) is not str:
        return list(value) if isinstance(value, tuple) else value
    text = ensure_plain(value, field=field, limit=kind.__table__.c[field].type.length)  # type: ignore[attr-defined]  # every one of them is a String
    if field == "zone" and not is_zone(text):
        raise InvalidInput({field: say("%(text)r is not an IANA zone such as America/Los_Angeles", text=text)})
    if field == "slug" and not is_slug(text):
        raise InvalidInput({field: say("%(text)r is not a slug such as pasadena-city-college", text=text)})
    if field in _MAILBOXES and text and not is_mail_address(text):
        raise InvalidInput({field: say("is not a mail address")})
    if field in _MAILBOXES and not can_be_written_to(text):
        raise InvalidInput(
            {field: say("no letter can be written to it: only unaccented letters, digits and signs are possible")}
        )
    if field == "name" and not text:
        raise InvalidInput({field: say("is empty")})
    return text


def ensure_known(entry: Kept, *fields: str, why: str) -> None:
    """Refuses InvalidInput for each field that a new entry needs and its row leaves out."""
    missing = [field for field in fields if getattr(entry, field) is None]
    if missing:
        raise InvalidInput(dict.fromkeys(missing, why))


def change(entry: Kept, known: Mapping[str, Any]) -> dict[str, audit.Change]:
    """Put on the entry what differs from it; returns field → (before, after), entries named by their slugs."""
    changes: dict[str, audit.Change] = {}
    for field, after in known.items():
        before = getattr(entry, field)
        if before != after:
            changes[field] = (_named(before), _named(after))
            setattr(entry, field, after)
    return changes


def _named(value: Any) -> Any:
    if isinstance(value, list):
        return [_named(one) for one in value]
    return getattr(value, "slug", value)


def new_slug(kind: type[Entry], wanted: str | None, name: str, *, within: str = "") -> str:
    """A slug for a new entry: the one wanted, else one made from its name, told apart where it is taken.

    Refuses: InvalidInput where no slug can be made from the name (it has no Latin letter or digit).
    """
    if wanted:
        return wanted
    if not folded(name):
        raise InvalidInput({"slug": say("is needed: none can be made from this name")})
    tried, number = slugged(name), 1
    longer = within if within.endswith(tried) else slugged(f"{within} {name}")
    while lookup.find(kind, tried) is not None:
        tried = longer if number == 1 else f"{longer[: SLUG_LENGTH - 5]}-{number}"
        number += 1
    return tried


def write_down(
    entry: Kept, changes: Mapping[str, audit.Change], *, is_new: bool, actor: Actor, now: datetime
) -> Outcome:
    """Add a new entry or raise a changed one's version, found by its words and audited; says which of three it was.

    Refuses: InvalidInput for an entry to be retired on a day yet to come.
    """
    if not is_new and not changes:
        return Outcome.UNCHANGED
    if entry.retired_on is not None and entry.retired_on > local_day(now, _zone_of(entry)):
        raise InvalidInput(
            {"retired_on": say("%(day)s has not come yet: say so on that day or later", day=entry.retired_on)}
        )
    if is_new:
        db.session.add(entry)
    else:
        entry.version += 1
    db.session.flush()
    index_entry(entry)
    verb = "add" if is_new else "edit"
    audit.record(verb, type(entry).__name__.lower(), entry.slug, actor=actor.name, now=now, changes=changes)
    return Outcome.ADDED if is_new else Outcome.UPDATED


def _zone_of(entry: Kept) -> str:
    """Whose day it is: the entry's own, a room's campus's, and UTC's for what stands nowhere."""
    if isinstance(entry, Room):
        return db.session.get_one(Campus, entry.campus_id).zone
    if isinstance(entry, Pool):
        return entry.campus.zone if entry.campus else "UTC"
    return "UTC" if isinstance(entry, Organization | Topic) else entry.zone


def count(tally: Tally | None, *outcomes: Outcome) -> None:
    """Add 1 for a row whose own outcome stands first; it is updated too when anything it touched was."""
    if tally is None:
        return
    own = outcomes[0]
    touched = any(outcome is not Outcome.UNCHANGED for outcome in outcomes)
    tally[Outcome.UPDATED if touched and own is Outcome.UNCHANGED else own] += 1
