"""`eventsvc feeds`: the calendars that people subscribe to."""

from __future__ import annotations

from time import perf_counter

import click

from eventsvc.core import clock
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows.keep_feeds import render_behind


@click.group()
def feeds() -> None:
    """The calendars that people subscribe to."""


@feeds.command()
def render() -> None:
    """Write the calendar entries that are missing or behind, before anybody asks for them.

    Changes of events need no command. Run it after an upgrade and after a database was filled by other means: it
    spares the first who asks the wait. `eventsvc run-scheduler` does the same within half a minute.

    Example: eventsvc feeds render
    """
    begun, done = perf_counter(), 0
    with in_app():
        for made in render_behind(services().links, clock.now):
            done += made
            click.echo(f"{done:,} entries", err=True)
    click.echo(f"{done:,} calendar entries were written in {perf_counter() - begun:.1f} s.")
