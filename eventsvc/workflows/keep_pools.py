"""Keep pools: things of which any will do, such as projectors, booths, interpreters. Each unit can be booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Organization, PoolKind
from eventsvc.domain.directory.names import folded
from eventsvc.domain.directory.pools import Pool, PoolUnit
from eventsvc.workflows.keep_organizations import get_organization
from eventsvc.workflows.keep_places import get_campus
from eventsvc.workflows.keeping import Tally, change, clean, count, ensure_known, new_slug, write_down

_FIELDS = ("name", "slug", "quantity", "notice_days", "setup_minutes", "takedown_minutes", "retired_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """What is known of a pool; None is not known.

    `campus` (a slug or name) is where its things are used; a new pool without one is for any place, also online.
    `organization` (slug, name or alias) is whose they are, by default the campus's.
    """

    name: str
    slug: str | None = None
    kind: PoolKind | None = None
    campus: str | None = None
    organization: str | None = None
    quantity: int | None = None
    notice_days: int | None = None
    setup_minutes: int | None = None
    takedown_minutes: int | None = None
    retired_on: date | None = None


def save_pool(row: PoolRow, *, actor: Actor, now: datetime, tally: Tally | None = None) -> Pool:
    """Add a pool and make its units bookable, or update the one of that slug, or of that name in its organization.

    With a smaller quantity the last units go; what is reserved on them moves to those that stay.

    Locks:   the resources of its units, where their number changes.
    Refuses: SignInNeeded, InvalidInput naming each field: a smaller quantity than is reserved at some time ahead, and
             another campus while anything is reserved, name the moment from which it would do.
    """
    ensure_may_run(actor)
    known = clean(Pool, {field: getattr(row, field) for field in _FIELDS}) | ({"kind": row.kind} if row.kind else {})
    campus = get_campus(row.campus, field="campus") if row.campus else None
    organization = _organization(row, campus)
    found = _find_pool(row, organization, campus)
    slug = known.pop("slug", None)
    pool = found or Pool(
        slug=new_slug(Pool, slug, row.name, within=campus.slug if campus else organization.slug),
        organization_id=organization.id,
        kind=PoolKind.EQUIPMENT,
    )
    if campus is not None:
        known["campus"] = campus
    if found:
        _ensure_possible(found, known, now)
    changes = change(pool, known)
    ensure_known(pool, "quantity", why=say("is needed for a new pool"))
    outcome = write_down(pool, changes, is_new=found is None, actor=actor, now=now)
    _register_units(pool)
    count(tally, outcome)
    return pool


def _organization(row: PoolRow, campus: Campus | None) -> Organization:
    by_slug = lookup.find(Pool, row.slug) if row.slug else None
    if row.organization:
        return get_organization(row.organization)
    if by_slug is not None:
        return by_slug.organization
    if campus is None:
        raise InvalidInput({"organization": say("is needed, or a campus that has one")})
    return campus.organization


def _find_pool(row: PoolRow, organization: Organization, campus: Campus | None) -> Pool | None:
    by_slug = lookup.find(Pool, row.slug) if row.slug else None
    if by_slug is not None:
        if by_slug.organization_id != organization.id:
            raise InvalidInput({"slug": say("%(slug)r is a pool of another organization", slug=row.slug)})
        return by_slug
    pools = db.session.scalars(select(Pool).where(Pool.organization_id == organization.id))
    # Two campuses of an organization may each have a pool of that name.
    campus_id = campus.id if campus else None
    same = {pool.campus_id: pool for pool in pools if folded(pool.name) == folded(row.name)}
    return same.get(campus_id) or (next(iter(same.values())) if len(same) == 1 and campus is None else None)


def _ensure_possible(pool: Pool, known: dict[str, object], now: datetime) -> None:
    """Units that go are given up; refuses InvalidInput where they are needed, or where the pool leaves its campus."""
    locked = resources.lock(pool_ids=[pool.id]).units[pool.id]
    units = [one.id for one in locked]
    quantity = known.get("quantity", pool.quantity)
    staying = [one.id for one in locked if one.unit is not None and one.unit.number <= quantity]  # type: ignore[operator]  # an int: clean() has seen to it
    if len(staying) < len(units) and (until := desk.vacate(units, staying, now)):
        raise InvalidInput(
            {
                "quantity": say(
                    "fewer will do from %(moment)s on: until then more are reserved", moment=_wall(pool, until)
                )
            }
        )
    if known.get("campus", pool.campus) is not pool.campus and (until := desk.vacate(units, [], now)):
        raise InvalidInput(
            {
                "campus": say(
                    "can be another from %(moment)s on: until then some are reserved", moment=_wall(pool, until)
                )
            }
        )


def _wall(pool: Pool, moment: datetime) -> str:
    zone = pool.campus.zone if pool.campus else "UTC"
    return f"{to_wall(moment, zone):%Y-%m-%d %H:%M} ({zone})"


def _register_units(pool: Pool) -> None:
    """Units are numbered from 1 and never deleted: one that went comes back when the pool grows again."""
    numbers = set(db.session.scalars(select(PoolUnit.number).where(PoolUnit.pool_id == pool.id)))
    added = [
        PoolUnit(pool_id=pool.id, number=number) for number in range(1, pool.quantity + 1) if number not in numbers
    ]
    db.session.add_all(added)
    db.session.flush()
    for unit in added:
        resources.register(unit_id=unit.id)
