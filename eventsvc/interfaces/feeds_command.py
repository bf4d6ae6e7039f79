"""`eventsvc feeds`: the calendars that people subscribe to."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.feeds import catalogue
from eventsvc.domain.feeds.dimensions import DIMENSIONS
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.feed_statistics import facts_of
from eventsvc.interfaces.private_feeds_command import private
from eventsvc.interfaces.services import services
from eventsvc.workflows import count_polls
from eventsvc.workflows.keep_feeds import render_behind
from eventsvc.workflows.save_filter import save_filter


@click.group()
def feeds() -> None:
    """The calendars that people subscribe to."""


@feeds.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def statistics(as_json: bool) -> None:
    """How public calendars are asked for: by which programs, how often, when last, how soon they see a change.

    The usual lag is the median over changes of the time until the quickest program of a family had fetched each.

    Example: eventsvc feeds statistics
    """
    with in_app():
        found = [facts_of(one, services().links) for one in count_polls.show_statistics(ADMINISTRATOR)]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        lag, times = one["usual_lag_seconds"], f"{one['polls']:,} polls, {one['not_modified']:,} not modified"
        usual = f"usually within {lag:,} s of a change ({one['lags']})" if lag else "no lag known"
        click.echo(f"{one['feed']}  {one['family']}: {times}, last {one['last_at']}, {usual}")
    if not found:
        click.echo("No program has asked for a calendar yet.")


@feeds.command("list")
@click.option("--of", "dimension", type=click.Choice(DIMENSIONS), help="By what it selects.")
@click.option("--words", default="", help="Part of a name.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
def list_all(dimension: str | None, words: str, limit: int) -> None:
    """The public calendars: address and name, a line each.

    Example: eventsvc feeds list --of campus --words harbor
    """
    with in_app():
        found, more = catalogue.page(of=dimension, words=words, limit=limit)
        for one in found:
            click.echo(f"{services().links.feed(one.path)}\t{one.name}")
    if more is not None:
        click.echo("There are more; say --of, --words or --limit.", err=True)


def _choosing(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each dimension, to be said several times."""
    for of in reversed(DIMENSIONS):
        command = click.option(f"--{of}", of, multiple=True, help="May be said several times.")(command)
    return command


@feeds.command()
@_choosing
def save(**chosen: tuple[str, ...]) -> None:
    """Make a calendar of several choices; of one kind any is enough, and every kind that is named narrows.

    The same choices always give the same address, and it lasts.

    Example: eventsvc feeds save --campus pasadena-city-college --campus harbor --kind workshop --language es
    """
    with in_app(), transaction():
        one, is_new = save_filter({of: words for of, words in chosen.items() if words}, clock.now())
        click.echo(f"{services().links.feed(one.path)}\t{one.name}")
    click.echo("It is new." if is_new else "It was known already.", err=True)


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


feeds.add_command(private)
