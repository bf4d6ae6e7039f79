"""Keep outside calendars: give a room, an expert or a campus one, replace it, take it away.

By address it is looked at by the scheduler, never in a request; an uploaded text is read once, as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eventsvc.core import caps
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.core.fetch import Fetcher, NotFetched
from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.booking import campus_days, outside, resources
from eventsvc.domain.booking.blocks import Block, BlockKind, OutsideCalendar
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.booking.outside import Busy
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.events.lookup import own_uids
from eventsvc.ical.confined import read_confined
from eventsvc.ical.reader import BusyTime, Reading, UnreadableCalendar
from eventsvc.workflows.keeping import ensure_keeps_something, ensure_may_keep, may_keep
from eventsvc.workflows.tell_of_blocks import tell_of_new_blocks

Owner = Room | Expert | Campus
KINDS: dict[str, Any] = {"rooms": Room, "experts": Expert, "campuses": Campus}


@dataclass(frozen=True, slots=True)
class Known:
    """An outside calendar, whose it is, and how many times it blocks."""

    calendar: OutsideCalendar
    owner: Owner
    blocks: int


def attach_by_address(
    owner_kind: str,
    slug: str,
    url: str,
    *,
    fetcher: Fetcher,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> Known:
    """From now on the calendar at that address blocks; it is looked at soon, and what another one blocked goes.

    The same address again keeps what is known and asks for a look soon.

    Locks:   the calendar.
    Refuses: SignInNeeded, NotFound, Stale, InvalidInput: an address that may not be read (see core.fetch).
    """
    owner = _get_owner(owner_kind, slug, actor)
    try:
        url = fetcher.check(url)
    except NotFetched as refusal:
        raise InvalidInput({"url": refusal.detail}) from None
    calendar = _calendar_of(owner, expected)
    if calendar.url != url:
        _start_anew(calendar, owner, url, actor, now)
    calendar.next_at = now
    calendar.failures = 0
    db.session.flush()
    return _known(calendar, owner)


def attach_reading(
    owner_kind: str,
    slug: str,
    reading: Reading,
    *,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> Known:
    """What an uploaded calendar says blocks from now on, in place of what blocked before; it is not looked at again.

    Locks:   the calendar, then the resources that it blocks.
    Refuses: SignInNeeded, NotFound, Stale.
    """
    owner = _get_owner(owner_kind, slug, actor)
    calendar = _calendar_of(owner, expected)
    _start_anew(calendar, owner, "", actor, now)
    take_reading(calendar, reading, now)
    outside.note_success(calendar, now)
    db.session.flush()
    return _known(calendar, owner)


def detach(owner_kind: str, slug: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> None:
    """Forget the calendar and what it blocks. Refuses: SignInNeeded, NotFound, Stale."""
    owner = _get_owner(owner_kind, slug, actor)
    calendar = _find(owner, is_claimed=True)
    if calendar is None:
        raise _none_of(slug)
    ensure_met(expected, tag_of_calendar(calendar))
    outside.remove(calendar)
    _record("detach", owner, {}, actor, now)


def get_known(owner_kind: str, slug: str, *, actor: Actor) -> Known:
    """The outside calendar of a room, an expert or a campus. Refuses: SignInNeeded, NotFound."""
    owner = _get_owner(owner_kind, slug, actor)
    calendar = _find(owner)
    if calendar is None:
        raise _none_of(slug)
    return _known(calendar, owner)


def tag_of_calendar(calendar: OutsideCalendar) -> str:
    """What people have chosen, whatever the looks at it have found since."""
    return str(calendar.edition or "first")


def _none_of(slug: str) -> NotFound:
    return NotFound(say("%(slug)r has no outside calendar.", slug=slug))


def all_known(*, actor: Actor) -> Sequence[Known]:
    """The outside calendars of what one keeps, those that fail first, then by what is known the longest.

    Refuses: SignInNeeded, NotAllowed for those who keep nothing.
    """
    ensure_keeps_something(actor)
    numbers = select(Block.outside_calendar_id, func.count().label("blocks")).group_by(Block.outside_calendar_id)
    counted = numbers.where(Block.outside_calendar_id.is_not(None)).subquery()
    query = (
        select(OutsideCalendar, Room, Expert, Campus, func.coalesce(counted.c.blocks, 0))
        .outerjoin(Resource, Resource.id == OutsideCalendar.resource_id)
        .outerjoin(Room, Room.id == Resource.room_id)
        .outerjoin(Expert, Expert.id == Resource.expert_id)
        .outerjoin(Campus, Campus.id == OutsideCalendar.campus_id)
        .outerjoin(counted, counted.c.outside_calendar_id == OutsideCalendar.id)
        .options(joinedload(Room.campus))
        .order_by(OutsideCalendar.failures.desc(), OutsideCalendar.fetched_at, OutsideCalendar.id)
    )
    found = [Known(row[0], row[1] or row[2] or row[3], row[4]) for row in db.session.execute(query)]
    return [known for known in found if may_keep(actor, known.owner)]


def owner_zone(owner: Owner) -> str:
    """The zone in which an owner's days begin."""
    return owner.campus.zone if isinstance(owner, Room) else owner.zone


def read_upload(owner_kind: str, slug: str, raw: bytes, *, actor: Actor, now: datetime) -> Reading:
    """What an uploaded calendar says, read by the owner's clock; ends what the session has read, writes nothing.

    Refuses: SignInNeeded, NotFound, TooLarge, InvalidInput with the reason why it cannot be read.
    """
    zone = owner_zone(_get_owner(owner_kind, slug, actor))
    caps.CALENDAR.ensure(len(raw))
    db.session.rollback()  # nothing stays open while the text is read
    try:
        return read_confined(raw, outside.window(now), zone)
    except UnreadableCalendar as refusal:
        raise InvalidInput({"text": refusal.detail}) from None


def take_reading(calendar: OutsideCalendar, reading: Reading, now: datetime) -> tuple[int, int]:
    """Let what was read block in place of what did; returns how many times are new and how many offices are told.

    Our own events come back in people's calendars: those do not block.

    Locks: the resources that are blocked; the calendar's row before them, by the caller.
    """
    owner = outside.owner_of(calendar)
    if isinstance(owner, Room | Expert):
        is_room = isinstance(owner, Room)
        resources.lock(room_ids=[owner.id] if is_room else [], expert_ids=[] if is_room else [owner.id])
    own = own_uids({time.uid for time in reading.times})
    wanted = _busy_times(calendar, owner, [time for time in reading.times if time.uid not in own])
    new = outside.replace_blocks(calendar, wanted)
    calendar.read_until, calendar.skipped = outside.window(now).end, reading.skipped
    return len(new), tell_of_new_blocks(new, now)


def _busy_times(calendar: OutsideCalendar, owner: Owner, times: Sequence[BusyTime]) -> list[Busy]:
    """What entries block: a campus, or each resource of the owner. What a person does elsewhere is not kept."""
    if isinstance(owner, Campus):
        return [_busy(time, _closing(time), None, owner.id, time.summary) for time in times]
    ids = outside.blocked_resources(calendar)
    title = isinstance(owner, Room)
    return [
        _busy(time, BlockKind.BUSY_ELSEWHERE, id, None, time.summary if title else "") for time in times for id in ids
    ]


def _busy(time: BusyTime, kind: BlockKind, resource_id: int | None, campus_id: int | None, title: str) -> Busy:
    return Busy(kind, resource_id, campus_id, time.span.start, time.span.end, title, time.uid)


def _closing(time: BusyTime) -> BlockKind:
    return campus_days.kind_of(time.summary) or BlockKind.BLACKOUT


def _get_owner(owner_kind: str, slug: str, actor: Actor) -> Owner:
    ensure_somebody(actor)
    owner: Owner = lookup.get(KINDS[owner_kind], slug)
    ensure_may_keep(actor, owner)
    return owner


def _find(owner: Owner, *, is_claimed: bool = False) -> OutsideCalendar | None:
    query = select(OutsideCalendar)
    if is_claimed:
        query = query.with_for_update(of=OutsideCalendar).execution_options(populate_existing=True)
    if isinstance(owner, Campus):
        return db.session.scalar(query.where(OutsideCalendar.campus_id == owner.id))
    mine = Resource.room_id == owner.id if isinstance(owner, Room) else Resource.expert_id == owner.id
    return db.session.scalar(query.join(Resource, Resource.id == OutsideCalendar.resource_id).where(mine))


def _calendar_of(owner: Owner, expected: Expected | None) -> OutsideCalendar:
    """The owner's calendar, locked, or a new one. Refuses: Stale."""
    found = _find(owner, is_claimed=True)
    ensure_met(expected, tag_of_calendar(found) if found is not None else None)
    if found is not None:
        return found
    calendar = OutsideCalendar(url="", etag="", last_modified="", failures=0, error="", skipped=0)
    if isinstance(owner, Campus):
        calendar.campus_id = owner.id
    else:
        is_room = isinstance(owner, Room)
        thing = resources.register(room_id=owner.id) if is_room else resources.register(expert_id=owner.id)
        db.session.flush()
        calendar.resource_id = thing.id
    db.session.add(calendar)
    db.session.flush()
    return calendar


def _start_anew(calendar: OutsideCalendar, owner: Owner, url: str, actor: Actor, now: datetime) -> None:
    """Another source: nothing is known of it yet, and what the old one blocked is free."""
    before, calendar.edition = calendar.url, uuid4()
    outside.replace_blocks(calendar, [])
    calendar.url, calendar.etag, calendar.last_modified = url, "", ""
    calendar.fetched_at = calendar.read_until = calendar.next_at = None
    calendar.failures, calendar.error, calendar.skipped = 0, "", 0
    _record("attach", owner, {"url": (before, url)}, actor, now)


def _known(calendar: OutsideCalendar, owner: Owner) -> Known:
    query = select(func.count()).select_from(Block).where(Block.outside_calendar_id == calendar.id)
    return Known(calendar, owner, db.session.scalar(query) or 0)


def _record(verb: str, owner: Owner, changes: dict[str, audit.Change], actor: Actor, now: datetime) -> None:
    kind = type(owner).__name__.lower()
    audit.record(verb, f"{kind}_calendar", owner.slug, actor=actor.name, now=now, changes=changes)
