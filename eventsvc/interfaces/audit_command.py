"""`eventsvc audit verify`."""

from __future__ import annotations

import sys

import click

from eventsvc.domain.audit import chain
from eventsvc.interfaces.command_app import in_app


@click.group()
def audit() -> None:
    """The log of who did what.

    Example: eventsvc audit verify
    """


@audit.command()
def verify() -> None:
    """Hold every entry of the log against its seal; exit code 1 when one was altered or is gone.

    The scheduler seals; entries younger than its last tick wait. Note the last seal elsewhere from time to time: by it
    one can tell a log that was rewritten whole.

    Example: eventsvc audit verify
    """
    with in_app():
        found = chain.verify()
    for words in found.wrong:
        click.echo(words)
    click.echo(f"{found.sealed} sealed, {found.waiting} waiting; last seal {found.last_seal}")
    if found.wrong:
        click.echo(f"{len(found.wrong)} wrong.", err=True)
        sys.exit(1)
