"""`eventsvc import subscribe …`: calendars elsewhere whose entries are kept up as events of an office."""

from __future__ import annotations

import json

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events import subscriptions
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.subscriptions import EventSubscription
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.importing.calendar_events import kind_of
from eventsvc.interfaces.importing.calendar_report import lines_of
from eventsvc.interfaces.services import services
from eventsvc.interfaces.subscription_schemas import subscription_facts
from eventsvc.workflows import keep_subscriptions as keep
from eventsvc.workflows.refresh_subscriptions import Look, refresh_due

_ID = click.argument("subscription_id", metavar="ID")


@click.command()
@click.argument("url")
@click.option("--owner", required=True, metavar="OFFICE", help="Whose events its entries become (slug).")
@click.option("--campus", metavar="SLUG", help="Where they take place if they name no other campus.")
@click.option("--kind", metavar="KIND", help=f"What they are if no category says: {', '.join(EventKind)}.")
@click.option("--publish", is_flag=True, help="Publish what is added.")
@click.option(
    "--minutes", type=int, default=subscriptions.USUAL_MINUTES, show_default=True, help="How often it is looked at."
)
def subscribe(url: str, owner: str, campus: str | None, kind: str | None, publish: bool, minutes: int) -> None:
    """Subscribe an office to a calendar (https:// or webcal://). The scheduler looks at it.

    Example: eventsvc import subscribe webcal://calendar.example.edu/career.ics --owner career-center --publish
    """
    with in_app(), transaction():
        wish = keep.Subscribing(
            office=owner,
            url=url,
            campus=campus,
            kind=kind_of(kind),
            is_published=publish,
            refresh_minutes=minutes,
        )
        made = keep.subscribe(wish, fetcher=services().fetcher, actor=ADMINISTRATOR, now=clock.now())
        click.echo(_line(made))


@click.command("subscriptions")
@click.option("--json", "as_json", is_flag=True, help="With the last report of each.")
def listed(as_json: bool) -> None:
    """Every subscription: whose, how old the knowledge is, what failed.

    Example: eventsvc import subscriptions
    """
    with in_app():
        found = subscriptions.subscriptions_of(None)
        if as_json:
            gone = keep.gone_of(found)
            facts = [subscription_facts(one, gone[one.id]) for one in found]
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        for one in found:
            click.echo(_line(one))


@click.command()
@click.option("--all", "is_all", is_flag=True, help="Look at every one now that is not paused, due or not.")
def refresh(is_all: bool) -> None:
    """Look at the subscribed calendars that are due. The scheduler does so by itself.

    A look that fails changes no event; the exit code is then 1.

    Example: eventsvc import refresh --all
    """
    failed = looked = 0
    with in_app():
        if is_all:
            with transaction():
                subscriptions.make_due(clock.now())
        for look in refresh_due(services().fetcher, clock.now):
            looked += 1
            failed += bool(look.error)
            _tell(look)
    click.echo(f"{looked} looked at, {failed} failed.")
    if failed:
        raise SystemExit(1)


@click.command()
@_ID
@click.option("--go-on", is_flag=True, help="Look at it again.")
def pause(subscription_id: str, go_on: bool) -> None:
    """Look at a subscription no more until told to go on; its events stay.

    Example: eventsvc import pause 0f7c2f3e-8f6e-4b60-9b0a-7d1d7f0e2a11
    """
    with in_app(), transaction():
        changes = {"is_paused": not go_on}
        click.echo(_line(keep.change_subscription(subscription_id, changes, actor=ADMINISTRATOR, now=clock.now())))


@click.command()
@_ID
def unsubscribe(subscription_id: str) -> None:
    """End a subscription; its events stay.

    Example: eventsvc import unsubscribe 0f7c2f3e-8f6e-4b60-9b0a-7d1d7f0e2a11
    """
    with in_app(), transaction():
        keep.end_subscription(subscription_id, actor=ADMINISTRATOR, now=clock.now())
    click.echo("Ended. Its events stay.")


COMMANDS = (subscribe, listed, refresh, pause, unsubscribe)


def _tell(look: Look) -> None:
    click.echo(
        f"subscription {look.subscription_id}: {look.error or ('read' if look.report else 'as it was')}", err=True
    )
    if look.report is not None:
        for line in lines_of(look.report, is_dry=False):
            click.echo(f"  {line}", err=True)


def _line(one: EventSubscription) -> str:
    parts = [str(one.public_id), one.office.slug, one.url]
    parts.append(f"read {iso(one.read_at)}" if one.read_at else "not read yet")
    if one.is_paused:
        parts.append("paused")
    if one.error:
        parts.append(f"failed {one.failures} times, last: {one.error}")
    return "  ".join(parts)
