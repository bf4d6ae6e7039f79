"""`eventsvc zones refresh`."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces.command_app import in_app
from eventsvc.workflows.explain_clashes import explain
from eventsvc.workflows.refresh_zones import Shifted, refresh_zones


@click.group()
def zones() -> None:
    """The rules of the world's clocks."""


@zones.command()
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def refresh(dry_run: bool) -> None:
    """After a new tz database: put every event ahead where its wall time is now.

    The hour that people were told stays. Where another instant is meant by it, rooms and people are reserved anew and
    calendars follow. An event whose new time is taken is left as it was and listed; exit code 1 then. Nobody is
    written to, for on the clock of the campus nothing has changed.

    Example: pip install --upgrade tzdata && eventsvc zones refresh --dry-run
    """
    with in_app(), transaction(keep=not dry_run):
        shifted = refresh_zones(actor=ADMINISTRATOR, now=clock.now())
        lines = [line for one in shifted for line in _lines(one)]
    for line in lines:
        click.echo(line)
    left = sum(one.is_left for one in shifted)
    would = "would be " if dry_run else ""
    click.echo(f"{len(shifted) - left} {would}moved, {left} left as before; tz database {_tz_version()}.")
    sys.exit(1 if left else 0)


def _lines(one: Shifted) -> list[str]:
    name = f"{one.event.title} ({one.event.zone}, {one.event.public_id})"
    if not one.is_left:
        return [f"moved: {name}: {iso(one.was.start)} is now {iso(one.event.starts_at)}"]
    reasons = [clash["detail"] for clash in explain(one.clashes, actor=ADMINISTRATOR)] or [one.reason]
    goes = f" instead of {iso(one.is_at.start)}" if one.is_at else ""
    return [f"left as before: {name}: stays at {iso(one.was.start)}{goes}", *(f"  {reason}" for reason in reasons)]


def _tz_version() -> str:
    try:
        return version("tzdata")
    except PackageNotFoundError:  # the system's own is used
        return "of this system"
