"""`eventsvc desk`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.shown_desk import desk_facts
from eventsvc.workflows.show_desk import desk_of


@click.command()
@click.option("--office", default="", help="Slug of one office; without it: all of them.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def desk(office: str, as_json: bool) -> None:
    """Say what an office begins the day with: requests that wait, the next seven days, what needs attention.

    It changes nothing.

    Example: eventsvc desk --office pcc-career-center
    """
    with in_app():
        facts = desk_facts(desk_of(ADMINISTRATOR, clock.now(), office=office))
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        _print(facts)


def _print(facts: dict[str, Any]) -> None:
    click.echo(f"Requests that wait: {len(facts['requests'])}")
    for one in facts["requests"]:
        late = ", LATE" if one["is_late"] else ""
        age = f"{one['age_working_days']} working days, answer by {one['answer_by']}{late}"
        click.echo(f"  {one['title']} ({one['partner']}, {one['state']}, {age})\n    {one['url']}")
    click.echo(f"The next seven days: {len(facts['events'])}")
    for one in facts["events"]:
        click.echo(f"  {_event(one)}\n    {one['url']}")
    click.echo(f"Needs attention: {len(facts['needs']) + len(facts['employers']) + facts['mails']}")
    if facts["mails"]:
        click.echo(f"  mails that wait for a decision: {facts['mails']} (eventsvc mail review)")
    for one in facts["needs"]:
        click.echo(f"  {one['kind']}: {_event(one['event'])}\n    {one['says']} {one['url']}")
    for one in facts["employers"]:
        click.echo(
            f"  employer waits: {one['name']} (at {one['college']}, since {one['since'][:10]})\n    {one['url']}"
        )
    if facts["is_more"]:
        click.echo("There is more than is shown: narrow it to one office.")


def _event(event: dict[str, Any]) -> str:
    wall = to_wall(datetime.fromisoformat(event["starts_at"]), event["zone"])
    return f"{event['title']} ({wall:%Y-%m-%d %H:%M} {event['zone']}, {event['status']})"
