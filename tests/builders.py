"""Builders: plain functions with one line of defaults. Call them inside an app context; they commit nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import TypeVar

from eventsvc.core.db import db
from eventsvc.domain.booking import resources
from eventsvc.domain.directory.models import (
    Campus,
    Expert,
    Office,
    Organization,
    OrganizationKind,
    PoolKind,
    Room,
    Topic,
    Travel,
)
from eventsvc.domain.directory.pools import Pool, PoolUnit
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.schedule import When
from eventsvc.workflows.keep_search import index_entry
from eventsvc.workflows.plan_event import Plan

T = TypeVar("T")
_numbers = count(1)
PACIFIC = "America/Los_Angeles"


def _named(word: str, slug: str | None) -> dict[str, str]:
    slug = slug or f"{word}-{next(_numbers)}"
    return {"slug": slug, "name": slug.replace("-", " ").title()}


def _added(thing: T) -> T:
    db.session.add(thing)
    db.session.flush()
    return thing


def an_organization(slug: str | None = None, *, kind: OrganizationKind = OrganizationKind.COLLEGE) -> Organization:
    return _added(Organization(**_named("organization", slug), kind=kind))


def an_office(
    slug: str | None = None, *, of: Organization | None = None, mailbox: str | None = None, zone: str = PACIFIC
) -> Office:
    named = _named("office", slug)
    mailbox = f"{named['slug']}@college.example" if mailbox is None else mailbox
    return _added(Office(**named, organization=of or an_organization(), mailbox=mailbox, zone=zone))


def a_campus(slug: str | None = None, *, of: Organization | None = None, zone: str = PACIFIC) -> Campus:
    """A campus whose organization has an office."""
    organization = of or an_organization()
    an_office(of=organization, zone=zone)
    return _added(Campus(**_named("campus", slug), organization=organization, zone=zone))


def a_room(
    slug: str | None = None, *, on: Campus, setup: int = 0, takedown: int = 0, capacity: int | None = 40
) -> Room:
    named = _named("room", slug)
    room = _added(Room(**named, campus=on, capacity=capacity, setup_minutes=setup, takedown_minutes=takedown))
    resources.register(room_id=room.id)
    index_entry(room)
    return room


def a_pool(
    slug: str | None = None,
    *,
    quantity: int = 3,
    on: Campus | None = None,
    setup: int = 0,
    takedown: int = 0,
    notice_days: int = 0,
    kind: PoolKind = PoolKind.EQUIPMENT,
) -> Pool:
    """A pool with a resource for each of its units."""
    pool = _added(
        Pool(
            **_named("pool", slug),
            kind=kind,
            organization=on.organization if on else an_organization(),
            campus=on,
            quantity=quantity,
            setup_minutes=setup,
            takedown_minutes=takedown,
            notice_days=notice_days,
        )
    )
    for number in range(1, quantity + 1):
        resources.register(unit_id=_added(PoolUnit(pool=pool, number=number)).id)
    db.session.flush()
    index_entry(pool)
    return pool


def a_topic(slug: str | None = None) -> Topic:
    return _added(Topic(**_named("topic", slug)))


def an_expert(
    slug: str | None = None,
    *,
    of: Organization | None = None,
    office: Office | None = None,
    topics: Sequence[Topic] = (),
    lead: int = 15,
    buffer: int = 0,
    email: str | None = None,
    max_per_day: int | None = None,
    max_per_week: int | None = None,
    zone: str = PACIFIC,
) -> Expert:
    named = _named("expert", slug)
    organization = of or an_organization(kind=OrganizationKind.PUBLIC_EMPLOYER)
    expert = _added(
        Expert(
            **named,
            organization=organization,
            office=office,
            email=f"{named['slug']}@port.example" if email is None else email,
            topics=list(topics),
            lead_minutes=lead,
            online_buffer_minutes=buffer,
            max_per_day=max_per_day,
            max_per_week=max_per_week,
            zone=zone,
        )
    )
    resources.register(expert_id=expert.id)
    index_entry(expert)
    return expert


def a_way(origin: Campus, destination: Campus, minutes: int) -> None:
    """Minutes between two places, in both directions."""
    for a, b in ((origin, destination), (destination, origin)):
        _added(Travel(from_campus_id=a.id, to_campus_id=b.id, minutes=minutes))


def at(wall: str, minutes: int = 60) -> When:
    """ "2027-02-10T14:00" for so many minutes."""
    return When(starts_local=datetime.fromisoformat(wall), duration_minutes=minutes)


def a_plan(
    campus: Campus | None,
    *,
    when: When | None = None,
    rooms: Sequence[Room] = (),
    experts: Sequence[Expert] = (),
    title: str = "Careers at the port",
    **more: object,
) -> Plan:
    return Plan(
        kind=EventKind.INFO_SESSION,
        title=title,
        when=when or at("2027-02-10T14:00", 90),
        campus=campus.slug if campus else None,
        rooms=tuple(room.slug for room in rooms),
        experts=tuple(expert.slug for expert in experts),
        **more,
    )
