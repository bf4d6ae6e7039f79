"""When an expert is away: add it, list it, take it back. It refuses no event that is booked; its office is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, Said, say
from eventsvc.core.times import Span, day_start, iso, local_day, parse_wall_time, to_utc
from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_somebody, may
from eventsvc.domain.booking import resources
from eventsvc.domain.booking.blocks import Block, BlockKind, LeaveCover
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.booking.outside import Busy
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from eventsvc.workflows.keeping import ensure_may_keep, may_keep
from eventsvc.workflows.tell_of_blocks import tell_of_new_blocks

LONGEST = timedelta(days=3 * 366)


class CoversThen(InvalidInput):
    """Somebody is to be asked instead of others while they would be away; `covering` lists {expert, from, until}."""

    def __init__(self, covered: Sequence[tuple[Expert, Span]]) -> None:
        super().__init__([("cover", with_days(_asked_instead_of(of), span, of.zone)) for of, span in covered])
        named = [{"expert": of.slug, "from": iso(span.start), "until": iso(span.end)} for of, span in covered]
        self.facts = {**self.facts, "covering": named}


def add_leave(
    slug: str, first: str, last: str, *, cover: str | None = None, actor: Actor, now: datetime
) -> tuple[Block, int]:
    """From `first` until `last` the expert is away; returns it, and how many offices learn that an event lies in it.

    Both are days (the last one counts whole) or local times such as 2027-03-01T13:00, by the expert's clock. `cover` is
    the slug of another expert of that organization, who is named to those who look for somebody else. The same leave
    again is the one that is there, with the cover that is named now.

    Who is asked instead of somebody else then names who is asked in turn: whoever looks for one reads of the next.

    Locks:   the resources of the expert and of the cover, by id.
    Refuses: as `kept_expert`; InvalidInput: unreadable, ends before it begins, is
             longer than three years, or a cover who is of another organization, the same person, or away then;
             CoversThen for one who covers for somebody then, where nobody is named.
    """
    expert = kept_expert(slug, actor=actor)
    span = away(first, last, expert.zone)
    stand_in = lookup.get_in_use(Expert, cover, field="cover") if cover else None
    both = {expert.id, stand_in.id} if stand_in else {expert.id}
    resources.lock(expert_ids=sorted(both))
    resource = db.session.scalars(select(Resource).where(Resource.expert_id == expert.id)).one()
    mine = Block.resource_id == resource.id, Block.kind == BlockKind.LEAVE
    same = Block.starts_at == span.start, Block.ends_at == span.end
    if stand_in is not None:
        _ensure_can_cover(stand_in, expert, span)
    if (known := db.session.scalar(select(Block).where(*mine, *same))) is not None:
        _name_cover(known, stand_in)
        return known, 0
    if stand_in is None:
        _ensure_covers_nobody(expert, span)
    busy = Busy(BlockKind.LEAVE, resource.id, None, span.start, span.end, "", str(uuid4()))
    block = Block(**busy._asdict())
    db.session.add(block)
    db.session.flush()
    _name_cover(block, stand_in)
    _record("add_leave", expert, block, actor, now)
    return block, tell_of_new_blocks([busy], now, cover=stand_in)


def _ensure_can_cover(cover: Expert, expert: Expert, span: Span) -> None:
    if cover.id == expert.id:
        raise InvalidInput({"cover": say("is the same person")})
    if cover.organization_id != expert.organization_id:
        raise InvalidInput({"cover": say("is of another organization")})
    then = Block.kind == BlockKind.LEAVE, Block.starts_at < span.end, Block.ends_at > span.start
    query = select(Block).join(Resource, Resource.id == Block.resource_id).order_by(Block.starts_at)
    if (away_too := db.session.scalar(query.where(Resource.expert_id == cover.id, *then).limit(1))) is not None:
        taken = Span(away_too.starts_at, away_too.ends_at)
        raise InvalidInput({"cover": with_days(say("is away as well"), taken, cover.zone)})


def _ensure_covers_nobody(expert: Expert, span: Span) -> None:
    query = select(Block, Expert).join(LeaveCover, LeaveCover.block_id == Block.id)
    query = query.join(Resource, Resource.id == Block.resource_id).join(Expert, Expert.id == Resource.expert_id)
    query = query.where(LeaveCover.expert_id == expert.id, Block.starts_at < span.end, Block.ends_at > span.start)
    found = db.session.execute(query.order_by(Block.starts_at, Block.id)).all()
    if found:
        raise CoversThen([(of, Span(block.starts_at, block.ends_at)) for block, of in found])


def with_days(words: Said, span: Span, zone: str) -> Said:
    """The words with the first and the last day of a span in that zone."""
    first, last = (local_day(moment, zone).isoformat() for moment in (span.start, span.end - timedelta(minutes=1)))
    return say("%(words)s (%(first)s to %(last)s)", words=words, first=first, last=last)


def kept_expert(slug: str, *, actor: Actor) -> Expert:
    """The expert whose leave one keeps: one's own office's, or oneself.

    Refuses: SignInNeeded; NotAllowed for colleagues of the office who keep no people; NotFound for everybody else's
             expert, as for somebody nobody knows.
    """
    ensure_somebody(actor)
    expert = lookup.get(Expert, slug)
    if may(actor, Permission.SEE_WORK, Owner(expert.office_id, expert.organization_id)):
        ensure_may_keep(actor, expert)
    elif not may_keep(actor, expert):
        raise NotFound(say("There is no expert %(slug)r.", slug=slug))
    return expert


def _asked_instead_of(expert: Expert) -> Said:
    return say("is needed: this expert is asked instead of %(name)s then; name who is asked in turn", name=expert.name)


def _name_cover(block: Block, cover: Expert | None) -> None:
    if cover is not None and block.cover is not cover:
        block.named_cover = None
        db.session.flush()
        block.named_cover = LeaveCover(expert_id=cover.id)
        db.session.flush()


def get_leave(slug: str, leave_id: str, *, actor: Actor) -> Block:
    """One leave of the expert. Refuses: SignInNeeded, NotFound."""
    block = next((one for one in leave_of(slug, actor=actor) if one.uid == leave_id), None)
    if block is None:
        raise NotFound(say("There is no such leave."))
    return block


def tag_of_leave(block: Block) -> str:
    """A leave is there or gone; only its cover may change."""
    return f"covered-by-{block.cover.slug}" if block.cover else "no-cover"


def remove_leave(slug: str, leave_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> None:
    """The expert is there after all.

    Locks: the expert's resource. Refuses: SignInNeeded, NotFound, Stale.
    """
    resources.lock(expert_ids=[kept_expert(slug, actor=actor).id])
    block = get_leave(slug, leave_id, actor=actor)
    ensure_met(expected, tag_of_leave(block))
    _record("remove_leave", lookup.get(Expert, slug), block, actor, now)
    db.session.delete(block)
    db.session.flush()


def leave_of(slug: str, *, actor: Actor, after: datetime | None = None) -> Sequence[Block]:
    """When the expert is away, in order; `after` leaves out what has ended then. Refuses: SignInNeeded, NotFound."""
    expert = kept_expert(slug, actor=actor)
    query = select(Block).join(Resource, Resource.id == Block.resource_id)
    query = query.where(Resource.expert_id == expert.id, Block.kind == BlockKind.LEAVE)
    if after is not None:
        query = query.where(Block.ends_at > after)
    return db.session.scalars(query.order_by(Block.starts_at, Block.id)).all()


def away(first: str, last: str, zone: str) -> Span:
    """The span that two days or local times name; refuses InvalidInput naming the field."""
    start, end = _start(first, zone, "from"), _end(last, zone, "until")
    if end <= start:
        raise InvalidInput({"until": say("is before it begins")})
    if end - start > LONGEST:
        raise InvalidInput({"until": say("is more than three years later")})
    return Span(start, end)


def _start(text: str, zone: str, field: str) -> datetime:
    day = _day(text)
    return _instant(text, zone, field) if day is None else day_start(day, zone)


def _end(text: str, zone: str, field: str) -> datetime:
    day = _day(text)
    return _instant(text, zone, field) if day is None else day_start(day + timedelta(days=1), zone)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2200 else None


def _instant(text: str, zone: str, field: str) -> datetime:
    """A local time; in an hour that comes twice, its first pass."""
    wall = parse_wall_time(text, field=field)
    if not 1970 <= wall.year <= 2200:
        raise InvalidInput({field: say("%(text)r is not a local time such as 2027-02-10T14:00", text=text)})
    return to_utc(wall, zone, "earlier", field=field)


def _record(verb: str, expert: Expert, block: Block, actor: Actor, now: datetime) -> None:
    changes: dict[str, audit.Change] = {"from": (None, block.starts_at), "until": (None, block.ends_at)}
    audit.record(verb, "expert", expert.slug, actor=actor.name, now=now, changes=changes)
