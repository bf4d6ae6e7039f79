"""`eventsvc feeds private …`: addresses of private calendars, for whoever runs the machine."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.feeds.private import PrivateFeed, Shows
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown_private_feeds import address_for
from eventsvc.workflows import keep_private_feeds as keep

_KIND = click.argument("kind", type=click.Choice(list(keep.KINDS)))
_SLUG = click.argument("slug")
_ID = click.argument("calendar_id")


@click.group()
def private() -> None:
    """Private calendars of experts, rooms and offices: whoever has an address sees the calendar.

    Example: eventsvc feeds private make rooms creveling-lounge --for "screen at the door"
    """


@private.command("list")
@_KIND
@_SLUG
def list_all(kind: str, slug: str) -> None:
    """The addresses there are of an expert, a room or an office; those that people hold are shown to them alone.

    Example: eventsvc feeds private list offices career-center
    """
    with in_app():
        found = keep.feeds_of(kind, slug, actor=ADMINISTRATOR)
        for feed in found:
            held = address_for(feed, ADMINISTRATOR) or ("held by an account" if feed.holder_id else "no address")
            click.echo(f"{feed.public_id}\t{feed.shows}\t{feed.made_for}\tsince {feed.turned_at:%Y-%m-%d}\t{held}")
    if not found:
        click.echo("None. Make one: eventsvc feeds private make KIND SLUG --for …")


@private.command()
@_KIND
@_SLUG
@click.option("--for", "made_for", required=True, help="Which person or program it is for.")
@click.option(
    "--shows", type=click.Choice([str(word) for word in Shows]), default=str(Shows.DETAILS), show_default=True
)
def make(kind: str, slug: str, made_for: str, shows: str) -> None:
    """Make an address and print it.

    Example: eventsvc feeds private make experts harbor-water-expert-3 --for "a telephone" --shows busy
    """
    with in_app(), transaction():
        links = services().links
        feed = keep.make(kind, slug, made_for, Shows(shows), links=links, actor=ADMINISTRATOR, now=clock.now())
        _tell(feed)


@private.command()
@_ID
def turn(calendar_id: str) -> None:
    """Give a calendar a new address and print it; the one before leads nowhere at once. `list` says the id.

    Example: eventsvc feeds private turn 3f6c7f0e-…
    """
    with in_app(), transaction():
        _tell(keep.turn(calendar_id, links=services().links, actor=ADMINISTRATOR, now=clock.now()))


@private.command()
@_ID
def end(calendar_id: str) -> None:
    """Let an address lead nowhere for ever.

    Example: eventsvc feeds private end 3f6c7f0e-…
    """
    with in_app(), transaction():
        keep.end(calendar_id, actor=ADMINISTRATOR, now=clock.now())
    click.echo("It leads nowhere now.")


def _tell(feed: PrivateFeed) -> None:
    click.echo(address_for(feed, ADMINISTRATOR))
    click.echo(f"{feed.public_id}: whoever has this address sees the calendar, without signing in.", err=True)
