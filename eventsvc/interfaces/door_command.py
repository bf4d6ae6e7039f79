"""`eventsvc door …`: links for helpers at the door of an event, and how many came."""

from __future__ import annotations

from datetime import datetime

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.shown_doors import door_address
from eventsvc.workflows import keep_door

_EVENT = click.argument("event")
_DAY = click.option("--day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="A local day of the event.")


@click.group()
def door() -> None:
    """Helpers at the door: one event, one day, by a link and without an account; EVENT is the event's id.

    Example: eventsvc door link 3f6c7f0e-… --day 2027-02-10
    """


@door.command()
@_EVENT
@_DAY
def link(event: str, day: datetime) -> None:
    """Make a link and print it, once. Whoever has it counts who comes, on that day.

    Example: eventsvc door link 3f6c7f0e-… --day 2027-02-10
    """
    with in_app(), transaction():
        made = keep_door.make_door_link(event, day.date(), actor=ADMINISTRATOR, now=clock.now())
        address, until, link_id = door_address(made), made.expires_at, made.public_id
    click.echo(address)
    click.echo(
        f"It opens on that day, until {until:%Y-%m-%d %H:%M} UTC. To end it: eventsvc door end {event} {link_id}",
        err=True,
    )


@door.command("list")
@_EVENT
def list_all(event: str) -> None:
    """The links of an event that open still, or will on their day.

    Example: eventsvc door list 3f6c7f0e-…
    """
    with in_app():
        found = keep_door.links_in_force(event, actor=ADMINISTRATOR, now=clock.now())
        for one in found:
            click.echo(f"{one.public_id}\t{one.day}\tuntil {one.expires_at:%Y-%m-%d %H:%M} UTC\tby {one.made_by}")
    if not found:
        click.echo(f"None. Make one: eventsvc door link {event} --day …")


@door.command()
@_EVENT
@click.argument("link_id")
def end(event: str, link_id: str) -> None:
    """Make a link worthless from now on; `list` says its id.

    Example: eventsvc door end 3f6c7f0e-… 9b1d2c4a-…
    """
    with in_app(), transaction():
        keep_door.end_door_link(event, link_id, actor=ADMINISTRATOR, now=clock.now())
    click.echo("It opens nothing any more.")


@door.command()
@_EVENT
def heads(event: str) -> None:
    """How many came, by day.

    Example: eventsvc door heads 3f6c7f0e-…
    """
    with in_app():
        counted = keep_door.heads_counted(event, actor=ADMINISTRATOR)
        for one in counted:
            click.echo(f"{one.day}\t{one.heads}")
    if not counted:
        click.echo("Nobody has counted.")
