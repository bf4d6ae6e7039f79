"""`eventsvc audit list` and `eventsvc audit verify`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from eventsvc.domain.accounts import authors
from eventsvc.domain.audit import chain
from eventsvc.domain.audit.reading import Wanted
from eventsvc.interfaces import audited
from eventsvc.interfaces.command_app import in_app


@click.group()
def audit() -> None:
    """The log of who did what.

    Example: eventsvc audit verify
    """


@audit.command("list")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day, UTC.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="The day before which it happened, UTC.")
@click.option("--who", "actor", default="", help="An actor as the log names it, or an e-mail address.")
@click.option("--verb", default="", help="What was done, such as move.")
@click.option("--kind", "subject_kind", default="", help="To what, such as event.")
@click.option("--subject", default="", help="Its id or slug.")
def acts(since: datetime | None, until: datetime | None, actor: str, **narrowed: str) -> None:
    """Print acts as CSV, oldest first, without what may be erased.

    Example: eventsvc audit list --from 2027-01-01 --verb move > moves.csv
    """
    with in_app():
        known = authors.actor_with(actor) if "@" in actor else actor
        if known is None:
            raise click.ClickException(f"Nobody has ever signed in with {actor}.")
        wanted = Wanted(since=_utc(since), until=_utc(until), actor=known, **narrowed)
        for line in audited.csv_lines(wanted):
            click.echo(line, nl=False)


def _utc(day: datetime | None) -> datetime | None:
    return day and day.replace(tzinfo=UTC)


@audit.command()
@click.option("--noted", default="", help="A seal that was the last one once, as noted elsewhere then.")
def verify(noted: str) -> None:
    """Hold every entry of the log against its seal; exit code 1 when one was altered or is gone.

    The scheduler seals; entries younger than its last tick wait. Note the last seal elsewhere from time to time, and
    hand it in later: by it alone one can tell a log that was cut off or rewritten, and sealed anew.

    Example: eventsvc audit verify
    """
    with in_app():
        found = chain.verify(noted.strip())
    for words in found.wrong:
        click.echo(words)
    click.echo(f"{found.sealed} sealed, {found.waiting} waiting; last seal {found.last_seal}")
    if found.wrong:
        click.echo(f"{len(found.wrong)} wrong.", err=True)
        sys.exit(1)
