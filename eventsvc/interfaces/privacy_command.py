"""`eventsvc privacy …`: what is known of somebody, erasing it, how long things are kept, and legal holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask import current_app

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.privacy import holds, terms
from eventsvc.domain.privacy.models import LegalHold
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_holds
from eventsvc.workflows.erase_person import erase_person
from eventsvc.workflows.export_person import export_person
from eventsvc.workflows.keep_access_log import all_accesses
from eventsvc.workflows.keep_retention import end_old_records

_EMAIL = click.option("--email", required=True, help="Address of the person.")
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def privacy() -> None:
    """What is known of people. docs/privacy.md says of each kind of record why, how long, and who sees it.

    Example: eventsvc privacy export --email ada@example.edu
    """


@privacy.command()
def kinds() -> None:
    """The kinds of records, as the table of docs/privacy.md.

    Example: eventsvc privacy kinds
    """
    click.echo(terms.as_markdown(), nl=False)


@privacy.command()
@_EMAIL
@click.option("--purpose", default="the person asked for it", show_default=True, help="What it is needed for.")
@click.option("--into", type=_FILE, help="File for the JSON; else standard output.")
@click.option("--ics", type=_FILE, help="File for the calendar of the events they take part in.")
def export(email: str, purpose: str, into: Path | None, ics: Path | None) -> None:
    """Everything that is held on a person, as JSON. It is noted in the access log.

    Example: eventsvc privacy export --email ada@example.edu --into ada.json --ics ada.ics
    """
    with in_app(), transaction():
        found = export_person(email, purpose=purpose, links=services().links, actor=ADMINISTRATOR, now=clock.now())
    text = json.dumps(found.document, indent=2, ensure_ascii=False)
    if into:
        into.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)
    if ics:
        ics.write_bytes(found.calendar)


@privacy.command()
@_EMAIL
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and write nothing.")
def erase(email: str, dry_run: bool) -> None:
    """Erase a person: her rows say nothing of her, and words of others black her name and address out.

    Bookings stay as public records, and the audit log stays valid. A legal hold refuses.

    Example: eventsvc privacy erase --email ada@example.edu --dry-run
    """
    with in_app(), transaction(keep=not dry_run):
        erased = erase_person(email, actor=ADMINISTRATOR, now=clock.now())
    for table, number in sorted(erased.rows.items()):
        click.echo(f"{table}: {number}")
    for words in erased.kept:
        click.echo(words)
    click.echo("Nothing was written: this was a dry run." if dry_run else "Erased.")


@privacy.command()
def retain() -> None:
    """End at once what has been kept long enough; the scheduler does so every night.

    Example: RETENTION_DAYS=letters=365 eventsvc privacy retain
    """
    with in_app():
        ended = end_old_records(current_app.config["RETENTION_DAYS"], clock.now())
    for kind, number in sorted(ended.items()):
        click.echo(f"{kind}: {number}")
    click.echo(f"{sum(ended.values())} ended.")


@privacy.command("holds")
def list_holds() -> None:
    """Every legal hold, the newest first.

    Example: eventsvc privacy holds
    """
    with in_app():
        found = holds.all_holds()
        lines = [_line(hold) for hold in found]
    for line in lines or ["No legal hold stands."]:
        click.echo(line)


@privacy.command()
@click.option("--reason", required=True, help="Why; whoever asks for erasing is told.")
@click.option("--email", default="", help="A person.")
@click.option("--office", help="Slug of an office.")
@click.option("--organization", help="Slug of an organization.")
@click.option("--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--to", "ends_on", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
def hold(reason: str, **scope: Any) -> None:
    """Keep records for the law's sake: of a person, an office, an organization, a span of days, or all of these.

    Example: eventsvc privacy hold --office pcc-career-center --from 2027-01-01 --to 2027-06-30 --reason "case 27-114"
    """
    with in_app(), transaction():
        placed = keep_holds.place_hold(reason=reason, **_with_days(scope), actor=ADMINISTRATOR, now=clock.now())
    click.echo(f"Placed: {placed.public_id}")


@privacy.command()
@click.argument("hold_id")
def lift(hold_id: str) -> None:
    """Lift a legal hold: what it covered ends with time again.

    Example: eventsvc privacy lift 6f0c…
    """
    with in_app(), transaction():
        keep_holds.lift_hold(hold_id, actor=ADMINISTRATOR, now=clock.now())
    click.echo("Lifted.")


@privacy.command()
def accesses() -> None:
    """Who took persons' names out of the service, when and why; the newest first.

    Example: eventsvc privacy accesses
    """
    with in_app():
        lines = [
            f"{iso(one.at)}\t{one.by}\t{one.records}\t{one.number}\t{one.purpose}"
            for one in all_accesses(actor=ADMINISTRATOR)
        ]
    for line in lines or ["Nobody took names out."]:
        click.echo(line)


def _with_days(scope: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: scope[name].date() if scope[name] else None for name in ("starts_on", "ends_on")}
    return {**scope, **days}


def _line(hold: LegalHold) -> str:
    slugs = [place.slug for place in (hold.office, hold.organization) if place]
    span = [f"{hold.starts_on} to {hold.ends_on}"] if hold.starts_on else []
    scope = ", ".join([*([hold.email] if hold.email else []), *slugs, *span])
    state = f"lifted {hold.lifted_at.date()}" if hold.lifted_at else "stands"
    return f"{hold.public_id}\t{state}\t{scope}\t{hold.reason}"
