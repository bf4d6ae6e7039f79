"""`eventsvc search` and `eventsvc reindex`."""

from __future__ import annotations

import sys

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC
from eventsvc.domain.directory.models import Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event
from eventsvc.domain.search.models import Kind
from eventsvc.interfaces import found
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.found import Thing
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_search


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Only these.")
@click.option("--public", "is_public", is_flag=True, help="Find only what everybody may.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many lines at most.")
def search(words: tuple[str, ...], kind: str | None, is_public: bool, limit: int) -> None:
    """Find events, rooms, people and pools of things: a line each, what is coming first.

    Each of the words must begin a word of what is found. Where nothing is found, the exit code is 1.

    Example: eventsvc search "port careers" --kind event
    """
    actor = PUBLIC if is_public else ADMINISTRATOR
    kinds = [one for one in found.kinds_for(actor) if kind in (None, str(one))]
    with in_app():
        hits = found.things(" ".join(words), kinds=kinds, actor=actor, now=clock.now(), limit=limit)
        for of_kind, thing in hits:
            click.echo(f"{of_kind:<6}  {_line(thing)}")
    if not hits:
        click.echo("Nothing was found: try fewer words, or only how they begin.", err=True)
        sys.exit(1)


@click.command()
def reindex() -> None:
    """Write the words of the search anew, from what the database holds now.

    They are kept with every change; this is for a database that was changed by other means. Pages go on being
    served meanwhile; on SQLite changes wait until it is done.

    Example: eventsvc reindex
    """
    with in_app(), transaction():
        written = keep_search.rebuild(say=_progress)
    click.echo(f"{written:,} events, rooms, people and pools can be found.")


def _progress(done: int, of: int) -> None:
    click.echo(f"{done:,} of {of:,} events", err=True)


def _line(thing: Thing) -> str:
    if isinstance(thing, Event):
        span, zone = (thing.promised_span, thing.promised["zone"]) if thing.status in OFF else (thing.span, thing.zone)
        starts = to_wall(span.start, zone).isoformat(sep=" ", timespec="minutes")
        return f"{starts} {zone}  {thing.title} ({thing.status})  {services().links.event_page(str(thing.public_id))}"
    if isinstance(thing, Room):
        return f"{thing.slug}  {thing.name}, {thing.campus.name}"
    if isinstance(thing, Pool):
        return f"{thing.slug}  {thing.quantity} × {thing.name}, {(thing.campus or thing.organization).name}"
    return f"{thing.slug}  {thing.name}, {thing.organization.name}"
