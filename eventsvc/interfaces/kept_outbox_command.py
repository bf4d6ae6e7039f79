"""`eventsvc outbox list | state | retry | drop`: letters that are owed, and what to do about those that stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.post import Wanted
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.outbox_schemas import letter_facts, standing_facts
from eventsvc.workflows import delivery_standing, keep_outbox

C = TypeVar("C", bound=Callable[..., Any])
_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
# A hundred years.
_MOST_HOURS = 876_600
_DRY = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


def _filters(command: C) -> C:
    for option in (
        click.option("--state", type=click.Choice([one.value for one in MessageState]), help="What became of them."),
        click.option("--letter", default="", help="Name of the letter, such as invitation."),
        click.option("--to", default="", help="A part of the address."),
        click.option("--event", default="", help="Public id of the event or series."),
        click.option(
            "--older-than",
            "hours",
            type=click.FloatRange(0, _MOST_HOURS),
            default=0.0,
            help="Owed more than so many HOURS ago.",
        ),
    ):
        command = option(command)
    return command


def _wanted(state: str | None, letter: str, to: str, event: str, hours: float, ids: Sequence[str] = ()) -> Wanted:
    before = clock.now() - timedelta(hours=hours) if hours else None
    chosen = MessageState(state) if state else None
    return Wanted(to=to, state=chosen, event=event, letter=letter, owed_before=before, ids=tuple(ids))


@click.command("list")
@_filters
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="No more than so many, the newest first.",
)
@_JSON
def list_(limit: int, as_json: bool, **filters: Any) -> None:
    """Letters, newest first.

    Example: eventsvc outbox list --state failed --to @gmail.com --older-than 24
    """
    with in_app():
        facts = [letter_facts(one) for one in post.newest(limit, wanted=_wanted(**filters))]
    _say(facts, as_json, [_line(one) for one in facts] or ["No letter matches."])


@click.command()
@_JSON
def state(as_json: bool) -> None:
    """Counts, the age of the oldest that is due, what was set aside, and the newest errors.

    Example: eventsvc outbox state --json
    """
    with in_app():
        facts = standing_facts(delivery_standing.standing(ADMINISTRATOR, clock.now()))
    _say(facts, as_json, _standing_lines(facts))


@click.command()
@click.argument("ids", nargs=-1)
@_filters
@click.option("--work", is_flag=True, help="Also reminders and other work that was set aside, all of it.")
@_DRY
@_JSON
def retry(ids: tuple[str, ...], work: bool, dry_run: bool, as_json: bool, **filters: Any) -> None:
    """Let letters that failed or were set aside leave now, as they are: IDS, or those that match.

    \b
    Example: eventsvc outbox retry --state failed --to @port.example --dry-run
             eventsvc outbox retry --work
    """
    if not (work or ids or any(filters.values())):
        raise click.UsageError("Say which: an id, a filter, or --work.")
    with in_app(), transaction(keep=not dry_run):
        now, found, number = clock.now(), [], 0
        if ids or any(filters.values()):
            found = keep_outbox.retry(_wanted(**filters, ids=ids), actor=ADMINISTRATOR, now=now)
            _ensure_all(ids, found, "failed or was set aside")
        if work:
            number = keep_outbox.retry_work(actor=ADMINISTRATOR, now=now)
        facts = [letter_facts(one) for one in found]
    done = "would be tried" if dry_run else "are tried"
    lines = [
        *map(_line, facts),
        f"{len(facts)} letters {done} again.",
        *_more(found),
        *([f"So much other work: {number}."] * work),
    ]
    _say({"letters": facts, "work": number, "dry_run": dry_run}, as_json, lines)


@click.command()
@click.argument("ids", nargs=-1)
@_filters
@_DRY
@_JSON
def drop(ids: tuple[str, ...], dry_run: bool, as_json: bool, **filters: Any) -> None:
    """Stop owing letters that wait, failed or were set aside: IDS, or those that match. Says which.

    Example: eventsvc outbox drop --event 5e8c1f0a-8f0e-4d52-9d7b-1f2f0a6f6f11 --state queued
    """
    if not (ids or any(filters.values())):
        raise click.UsageError("Say which: an id or a filter.")
    with in_app(), transaction(keep=not dry_run):
        found = keep_outbox.drop(_wanted(**filters, ids=ids), actor=ADMINISTRATOR, now=clock.now())
        _ensure_all(ids, found, "waits, failed or was set aside")
        facts = [letter_facts(one) for one in found]
    done = "would be dropped" if dry_run else "are dropped"
    lines = [*map(_line, facts), f"{len(facts)} letters {done}.", *_more(found)]
    _say({"letters": facts, "dry_run": dry_run}, as_json, lines)


def _ensure_all(ids: Sequence[str], found: Sequence[Message], what: str) -> None:
    """Refuse it whole where one that was named is not among them; call it in the transaction."""
    if missing := sorted(set(ids) - {str(one.public_id) for one in found}):
        wrong = "".join(f"\n  {one}" for one in missing)
        raise click.ClickException(f"Nothing was done. No letter that {what}, and matches:{wrong}")


def _more(found: Sequence[Message]) -> list[str]:
    return ["More may match: the same command again goes on."] if len(found) == keep_outbox.MOST else []


def _standing_lines(facts: dict[str, Any]) -> list[str]:
    counts = sorted(facts["counts"].items())
    lines = [f"{name:<10} {number}" for name, number in counts if number] or ["No letter was ever owed."]
    if facts["paused"]:
        lines.append("Delivery is paused.")
    if facts["oldest_due_seconds"] is not None:
        waited = timedelta(seconds=facts["oldest_due_seconds"])
        lines.append(f"The oldest that is due has waited for {waited}.")
    for one in facts["work_set_aside"]:
        about = f" about “{one['title']}”" if one["title"] else ""
        lines.append(f"Set aside: {one['kind']} {one['row']}{about}, tried {one['tries']} times: {one['reason']}")
    lines += [f"Of the webhook {one['webhook']}: {one['set_aside']} set aside" for one in facts["webhooks_set_aside"]]
    lines += [f"{one['letters']} wait, and are tried again: {one['error']}" for one in facts["waiting"]]
    return lines + [_line(one) for one in facts["newest_errors"]]


def _line(one: dict[str, Any]) -> str:
    said = f"{one['id']}  {one['state']:<9}  {one['owed_at']}  {one['letter']} to {one['to']}"
    return f"{said}\n    {one['error']}" if one["error"] else said


def _say(facts: Any, as_json: bool, lines: Sequence[str]) -> None:
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(lines))


COMMANDS = (list_, state, retry, drop)
