"""`eventsvc doctor`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces import examined
from eventsvc.interfaces.command_app import in_app
from eventsvc.workflows import doctor as doctoring


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Re-verify every reservation that lies ahead, and list what is not as it should be.

    Overlaps (in the rows themselves too), travel, closed days and hours, leave, other calendars, limits, rooms that are
    too small, employers for the same students, missing yeses of hosts, people and rooms' offices, and reservations that
    are missing, left over or at another time; offices where nobody is left, or that no letter reaches. It changes
    nothing. Exit code 1 when something was found; what was overridden is listed apart and is no finding, and neither
    is an office for which nobody signs in yet.

    Example: eventsvc doctor --json | jq '.findings[].detail'
    """
    with in_app():
        now = clock.now()
        facts = examined.facts_of(doctoring.examine(now, progress=_progress), actor=ADMINISTRATOR, now=now)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        _print(facts)
    sys.exit(1 if facts["findings"] or _gaps(facts) else 0)


def _progress(done: int, of: int) -> None:
    if of > 100:
        click.echo(f"{done} of {of} rooms, people and things looked at", err=True)


def _print(facts: dict[str, Any]) -> None:
    for one in facts["findings"]:
        click.echo(f"{one['kind']}: {_event(one['event'])}\n  {one['detail']}\n  {one['event']['url']}")
    for one in facts["overridden"]:
        click.echo(f"overridden ({one['kind']}): {_event(one['event'])}\n  {one['reason']}")
    for one in facts["offices"]:
        office = one["office"] or one["organization"]
        click.echo(f"{one['kind']}: {office['name']} ({office['slug']})\n  {one['to_do']}")
        for event in one["events"]:
            click.echo(f"  {event['title']} {event['url']}")
        for room in one["rooms"]:
            click.echo(f"  {room['name']} ({room['slug']})")
    count = len(facts["findings"]) + _gaps(facts)
    click.echo(f"{count} thing{'' if count == 1 else 's'} found." if count else "Everything is in order.")


def _gaps(facts: dict[str, Any]) -> int:
    """Offices where somebody must act; those that never had anybody are listed and are no finding."""
    return sum(one["is_finding"] for one in facts["offices"])


def _event(event: dict[str, Any]) -> str:
    wall = to_wall(datetime.fromisoformat(event["starts_at"]), event["zone"])
    return f"{event['title']} ({wall:%Y-%m-%d %H:%M} {event['zone']}, {event['office']})"
