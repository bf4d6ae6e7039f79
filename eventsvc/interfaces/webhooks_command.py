"""`eventsvc webhooks …`: systems of others that are told what happens, for whoever runs the machine."""

from __future__ import annotations

from collections.abc import Callable

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.webhooks.models import Happening
from eventsvc.domain.webhooks.targets import in_trouble
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_webhooks as keep
from eventsvc.workflows import webhook_log

_ID = click.argument("webhook_id")
_OFFICE = click.option("--office", help="Slug of the office; without it: those that are told of everything.")


def _kinds(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    words = click.Choice([str(one) for one in Happening])
    return click.option("--kind", "kinds", multiple=True, required=required, type=words, help="Of what it is told.")


@click.group()
def webhooks() -> None:
    """Systems of others that are told what happens: docs/webhooks.md.

    Example: eventsvc webhooks make https://sms.college.edu/hooks --office pcc-career-center --kind reminder.due
    """


@webhooks.command("list")
@_OFFICE
@click.option("--failing", is_flag=True, help="Those of everybody that fail now, or are gone.")
def list_all(office: str | None, failing: bool) -> None:
    """Id, state, host, kinds and note of each; of an office, of everything, or those that fail.

    Example: eventsvc webhooks list --office pcc-career-center
    """
    with in_app():
        found = in_trouble() if failing else keep.targets_of(office, actor=ADMINISTRATOR)
        if not found and not failing:  # beside the list, which programs read
            whose = f"of {office}" if office else "for everything; those of one office: --office SLUG"
            click.echo(f"There is none {whose}. One is made by: eventsvc webhooks make", err=True)
        for one in found:
            state = str(one.off_because) if one.off_because else "failing" if one.failing_since else "on"
            click.echo(f"{one.public_id}\t{state}\t{one.host}\t{','.join(one.kinds)}\t{one.note}")


@webhooks.command()
@click.argument("url")
@_OFFICE
@_kinds(required=True)
@click.option("--note", default="", help="What it is for.")
def make(url: str, office: str | None, kinds: tuple[str, ...], note: str) -> None:
    """Register a target and print its secret, this once.

    Example: eventsvc webhooks make https://sms.college.edu/hooks --office pcc-career-center --kind event.moved
    """
    with in_app():
        made = services()
        checked = keep.check_address(url, of=office, fetcher=made.fetcher, actor=ADMINISTRATOR)
        with transaction():
            target = keep.make(office, checked, kinds, note, links=made.links, actor=ADMINISTRATOR, now=clock.now())
        click.echo(keep.secret_in_words(target, made.links))
        click.echo(f"{target.public_id}: give it this secret; it is not shown again.", err=True)


@webhooks.command()
@_ID
@click.option("--overlap-hours", default=24, show_default=True, help="So long the secret before signs as well.")
def turn(webhook_id: str, overlap_hours: int) -> None:
    """Give it a new secret and print it, this once.

    Example: eventsvc webhooks turn 3f6c7f0e-… --overlap-hours 0
    """
    with in_app():
        links = services().links
        with transaction():
            target = keep.turn(webhook_id, overlap_hours, links=links, actor=ADMINISTRATOR, now=clock.now())
        click.echo(keep.secret_in_words(target, links))


@webhooks.command()
@_ID
@click.option("--url", help="What waits goes there as well.")
@_kinds(required=False)
@click.option("--note", help="What it is for.")
def change(webhook_id: str, url: str | None, kinds: tuple[str, ...], note: str | None) -> None:
    """Change what is said of it; what is left out stays, kinds take the place of all that were there.

    Example: eventsvc webhooks change 3f6c7f0e-… --kind event.moved --kind event.cancelled
    """
    with in_app():
        fetcher = services().fetcher
        checked = keep.check_new_address(webhook_id, url, fetcher=fetcher, actor=ADMINISTRATOR) if url else None
        with transaction():
            keep.change(webhook_id, url=checked, kinds=kinds or None, note=note, actor=ADMINISTRATOR, now=clock.now())


@webhooks.command()
@_ID
@click.argument("state", type=click.Choice(["on", "off"]))
def switch(webhook_id: str, state: str) -> None:
    """Switch it on or off; off, it is owed nothing any more.

    Example: eventsvc webhooks switch 3f6c7f0e-… off
    """
    with in_app(), transaction():
        keep.change(webhook_id, is_on=state == "on", actor=ADMINISTRATOR, now=clock.now())


@webhooks.command()
@_ID
def test(webhook_id: str) -> None:
    """Owe it a test; `log` says what it answered.

    Example: eventsvc webhooks test 3f6c7f0e-…
    """
    with in_app(), transaction():
        click.echo(webhook_log.send_test(webhook_id, actor=ADMINISTRATOR, now=clock.now()).public_id)


@webhooks.command()
@_ID
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
def log(webhook_id: str, limit: int) -> None:
    """What it was sent, the newest first: id, state, kind, moment, number of tries, status codes.

    Example: eventsvc webhooks log 3f6c7f0e-…
    """
    with in_app():
        for one in webhook_log.deliveries_of(webhook_id, limit=limit, actor=ADMINISTRATOR)[0]:
            statuses = ",".join(str(each["status"] or "-") for each in one.tries)
            moment = f"{one.happened_at:%Y-%m-%d %H:%M:%SZ}"
            click.echo(f"{one.public_id}\t{one.state}\t{one.kind}\t{moment}\t{one.attempts}\t{statuses}")


@webhooks.command()
@_ID
@click.argument("delivery_id")
def again(webhook_id: str, delivery_id: str) -> None:
    """Send a delivery again, with the same id and bytes.

    Example: eventsvc webhooks again 3f6c7f0e-… 5b1d…
    """
    with in_app(), transaction():
        webhook_log.send_again(webhook_id, delivery_id, actor=ADMINISTRATOR, now=clock.now())


@webhooks.command()
@_ID
def end(webhook_id: str) -> None:
    """Forget a target, its secret and its log.

    Example: eventsvc webhooks end 3f6c7f0e-…
    """
    with in_app(), transaction():
        keep.end(webhook_id, actor=ADMINISTRATOR, now=clock.now())
