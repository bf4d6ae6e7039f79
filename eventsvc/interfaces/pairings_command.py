"""`eventsvc pairings`: which colleges a school is paired with."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import pairings as kept
from eventsvc.interfaces.command_app import in_app
from eventsvc.workflows import keep_pairings


@click.group()
def pairings() -> None:
    """Schools and the colleges whose events their calendars show too."""


@pairings.command("list")
def list_all() -> None:
    """Every pairing: the school's slug and the college's, a line each.

    Example: eventsvc pairings list
    """
    with in_app():
        for school, college in kept.all_of_them():
            click.echo(f"{school}\t{college}")


@pairings.command()
@click.argument("school")
@click.argument("college")
def add(school: str, college: str) -> None:
    """Pair SCHOOL (a slug) with COLLEGE (a slug, name or alias).

    Example: eventsvc pairings add banning-high los-angeles-harbor-college
    """
    with in_app(), transaction():
        _, is_new = keep_pairings.pair(school, college, actor=ADMINISTRATOR, now=clock.now())
    click.echo("Paired." if is_new else "They were paired already.")


@pairings.command()
@click.argument("school")
@click.argument("college")
def end(school: str, college: str) -> None:
    """End the pairing of SCHOOL and COLLEGE.

    Example: eventsvc pairings end banning-high los-angeles-harbor-college
    """
    with in_app(), transaction():
        was = keep_pairings.end(school, college, actor=ADMINISTRATOR, now=clock.now())
    click.echo("Ended." if was else "They were not paired.")
