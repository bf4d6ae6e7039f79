"""`eventsvc calendars …` and `eventsvc leave …`: what blocks from outside."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking import outside
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from eventsvc.ical.reader import file_bytes
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_leave
from eventsvc.workflows import outside_calendars as keep
from eventsvc.workflows.outside_calendars import Known
from eventsvc.workflows.refresh_calendars import Look, refresh_due

_KIND = click.argument("kind", type=click.Choice(["room", "expert", "campus"]))
_SLUG = click.argument("slug")
_PLURAL = {"room": "rooms", "expert": "experts", "campus": "campuses"}


@click.group()
def calendars() -> None:
    """Calendars kept elsewhere (25Live, EMS, Outlook …) that block rooms, experts or campuses.

    Example: eventsvc calendars attach room creveling-lounge https://25live.example.edu/creveling.ics
    """


@calendars.command()
@click.option("--all", "is_all", is_flag=True, help="Look at every one now, due or not.")
def refresh(is_all: bool) -> None:
    """Look at the calendars that are due. The scheduler does so by itself.

    A look that fails leaves what was known as it is; the exit code is then 1.

    Example: eventsvc calendars refresh --all
    """
    with in_app():
        if is_all:
            with transaction():
                outside.make_all_due(clock.now())
        failed = looked = 0
        for look in refresh_due(services().fetcher, clock.now):
            looked += 1
            failed += bool(look.error)
            click.echo(_outcome(look), err=True)
    click.echo(f"{looked} looked at, {failed} failed.")
    if failed:
        sys.exit(1)


@calendars.command("list")
def listed() -> None:
    """Every outside calendar: whose, how old the knowledge is, what failed.

    Example: eventsvc calendars list
    """
    with in_app():
        for known in keep.all_known(actor=ADMINISTRATOR):
            click.echo(_line(known))


@calendars.command()
@_KIND
@_SLUG
@click.argument("source")
def attach(kind: str, slug: str, source: str) -> None:
    """Give a room, an expert or a campus an outside calendar, in place of the one it had.

    SOURCE is an address (https:// or webcal://), which is looked at every half hour, or an .ics file, which is read
    once.

    Example: eventsvc calendars attach expert harbor-water-expert-1 webcal://outlook.example/owa/calendar.ics
    """
    with in_app():
        path, now = Path(source), clock.now()
        if path.suffix.lower() == ".ics" and path.is_file():
            reading = keep.read_upload(_PLURAL[kind], slug, file_bytes(path), actor=ADMINISTRATOR, now=now)
            with transaction():
                known = keep.attach_reading(_PLURAL[kind], slug, reading, actor=ADMINISTRATOR, now=now)
        else:
            with transaction():
                known = keep.attach_by_address(
                    _PLURAL[kind], slug, source, fetcher=services().fetcher, actor=ADMINISTRATOR, now=now
                )
        click.echo(_line(known))


@calendars.command()
@_KIND
@_SLUG
def remove(kind: str, slug: str) -> None:
    """Forget an outside calendar and what it blocks.

    Example: eventsvc calendars remove room creveling-lounge
    """
    with in_app(), transaction():
        keep.detach(_PLURAL[kind], slug, actor=ADMINISTRATOR, now=clock.now())
    click.echo("Forgotten, with what it blocked.")


@click.group()
def leave() -> None:
    """When experts are away.

    Example: eventsvc leave add harbor-water-expert-1 2027-03-01 2027-03-05
    """


@leave.command("add")
@click.argument("expert")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="UNTIL")
@click.option("--cover", help="Slug of an expert of the same organization who may be asked instead.")
def add_leave(expert: str, first: str, last: str, cover: str | None) -> None:
    """From FROM until UNTIL an expert is away: days (the last one counts whole) or local times.

    What is booked then stays as it is; the offices in charge are told.

    Example: eventsvc leave add harbor-water-expert-1 2027-03-01T13:00 2027-03-01T17:00 --cover harbor-water-expert-2
    """
    with in_app():
        with transaction():
            block, told = keep_leave.add_leave(expert, first, last, cover=cover, actor=ADMINISTRATOR, now=clock.now())
        zone = lookup.get(Expert, expert).zone
        click.echo(f"{block.uid}  {_moment(block.starts_at, zone)} to {_moment(block.ends_at, zone)} {zone}")
        if told:
            click.echo(f"{told} booked event{'' if told == 1 else 's'} in it: their offices are told.")


@leave.command("list")
@click.argument("expert")
def list_leave(expert: str) -> None:
    """When an expert is away from now on: a line each, with its id.

    Example: eventsvc leave list harbor-water-expert-1
    """
    with in_app():
        zone = lookup.get(Expert, expert).zone
        for block in keep_leave.leave_of(expert, actor=ADMINISTRATOR, after=clock.now()):
            cover = f"  cover: {block.cover.slug}" if block.cover else ""
            click.echo(f"{block.uid}  {_moment(block.starts_at, zone)} to {_moment(block.ends_at, zone)} {zone}{cover}")


@leave.command("remove")
@click.argument("expert")
@click.argument("leave_id", metavar="ID")
def remove_leave(expert: str, leave_id: str) -> None:
    """The expert is there after all; ID is what `list` shows.

    Example: eventsvc leave remove harbor-water-expert-1 5e8c1f0a-8f0e-4d52-9d7b-1f2f0a6f6f11
    """
    with in_app(), transaction():
        keep_leave.remove_leave(expert, leave_id, actor=ADMINISTRATOR, now=clock.now())
    click.echo("Forgotten.")


def _outcome(look: Look) -> str:
    said = look.error or ("what it blocks has changed" if look.is_changed else "as it was")
    told = f"; {look.told} offices are told" if look.told else ""
    return f"calendar {look.calendar_id}: {said}{told}"


def _line(known: Known) -> str:
    one, zone = known.calendar, keep.owner_zone(known.owner)
    age = f"known as of {_moment(one.fetched_at, zone)} {zone}" if one.fetched_at else "not looked at yet"
    parts = [f"{type(known.owner).__name__.lower()} {known.owner.slug}", one.url or "uploaded", age]
    parts.append(f"{known.blocks} time{'' if known.blocks == 1 else 's'} blocked")
    if one.skipped:
        parts.append(f"{one.skipped} not understood")
    if one.error:
        parts.append(f"failed {one.failures} times, last: {one.error}")
    return "  ".join(parts)


def _moment(instant: datetime, zone: str) -> str:
    return to_wall(instant, zone).isoformat(sep=" ", timespec="minutes")
