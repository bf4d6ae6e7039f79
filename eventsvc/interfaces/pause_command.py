"""`eventsvc outbox pause` and `eventsvc outbox resume`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.shown_owed import owed_facts
from eventsvc.workflows import pause_delivery
from eventsvc.workflows.pause_delivery import Dropped

_MOST = 100_000


@click.command()
def pause() -> None:
    """Let no letter and no call to a webhook leave until `eventsvc outbox resume`; all of them stay owed.

    What is being sent at this moment arrives.

    Example: eventsvc outbox pause
    """
    with in_app(), transaction():
        pause_delivery.begin(ADMINISTRATOR, clock.now())
    click.echo("Delivery is paused. It goes on with: eventsvc outbox resume")


@click.command()
@click.option("--show", is_flag=True, help="List what would leave at once, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="List it as JSON, and change nothing.")
@click.option("--drop", "ids", multiple=True, metavar="ID", help="Stop owing that letter; may be said again.")
@click.option("--drop-before", metavar="INSTANT", help="Stop owing what was due before, such as 2027-01-11T08:00Z.")
def resume(show: bool, as_json: bool, ids: tuple[str, ...], drop_before: str | None) -> None:
    """Let letters leave again, after a restore or a pause; with --drop or --drop-before only stop owing some.

    After a restore see first what would go again: what left after the backup was taken is not known any more.

    Example: eventsvc outbox resume --show
    """
    before = _instant(drop_before) if drop_before else None
    with in_app():
        if show or as_json:
            facts = owed_facts(pause_delivery.owed(ADMINISTRATOR, clock.now(), most=_MOST))
            click.echo(json.dumps(facts, indent=2) if as_json else _lines(facts))
            return
        with transaction():
            if ids or before:
                _drop(ids, before)
                return
            pause_delivery.resume(ADMINISTRATOR, clock.now())
    click.echo("Letters leave again.")


def _drop(ids: tuple[str, ...], before: datetime | None) -> None:
    now = clock.now()
    dropped = Dropped(0, 0)
    if ids:
        dropped = pause_delivery.drop_letters(ids, ADMINISTRATOR, now)
    if before:
        more = pause_delivery.drop_due_before(before, ADMINISTRATOR, now)
        dropped = Dropped(dropped.letters + more.letters, more.reminders)
    click.echo(f"Owed no longer: {dropped.letters} letters, {dropped.reminders} reminders. Delivery is still paused.")


def _instant(typed: str) -> datetime:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise click.BadParameter(f"{typed!r} is no instant with an offset, such as 2027-01-11T08:00Z.")
    return at.astimezone(UTC)


def _lines(facts: dict[str, Any]) -> str:
    stands = facts["pause"]
    lines = ["Delivery is not paused."]
    if stands:
        taken = f", from a backup taken {stands['taken_at']}" if stands["taken_at"] else ""
        lines = [f"Delivery is paused since {stands['since']} ({stands['reason']}{taken})."]
    lines.append(f"Letters that would leave at once: {facts['letters_in_all']}")
    for one in facts["letters"]:
        lines.append(f"  {one['due_at']} {one['id']} {one['letter']} to {one['to']}{_doubt(one)}\n    {one['about']}")
    lines.append(f"Reminders that would be written at once: {facts['reminders_in_all']}")
    for one in facts["reminders"]:
        lines.append(f"  {one['due_at']} {one['to']}{_doubt(one)}\n    {one['about']}")
    return "\n".join(lines)


def _doubt(one: dict[str, Any]) -> str:
    return " (may have left already)" if one["may_have_left"] else ""


COMMANDS = (pause, resume)
