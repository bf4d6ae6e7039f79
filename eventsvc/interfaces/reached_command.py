"""`eventsvc reached`: who knows of a late change of an event, whom to telephone, and noting that they were told."""

from __future__ import annotations

import json

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.reached_schemas import reached_facts
from eventsvc.workflows.keep_reminders import ensure_sees_work
from eventsvc.workflows.show_reached import note_reached, who_is_reached


@click.command()
@click.argument("event")
@click.option("--told", metavar="WHO", help="Note that somebody was told: the first word of their line.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def reached(event: str, told: str | None, as_json: bool) -> None:
    """Who has been reached after a change of an EVENT (its id) within 48 hours of its start; the others first.

    Example: eventsvc reached 3f6c7f0e-… --told port-outreach
    """
    with in_app():
        now = clock.now()
        found = who_is_reached(ensure_sees_work(event, ADMINISTRATOR), now)
        if told is not None:
            with transaction():
                found = note_reached(event, told, actor=ADMINISTRATOR, now=now)
        facts = reached_facts(found, may_change=True)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for one in facts["items"]:
        words = (one["who"], one["role"], one["name"], one["standing"], one["telephone"], one["error"])
        click.echo("\t".join(word for word in words if word))
    if not facts["items"]:
        click.echo("Nothing has changed so late that somebody would have to be telephoned.")
