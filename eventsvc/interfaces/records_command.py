"""`eventsvc records export`: answer a public-records request."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces import records as answering
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.take_out_command import say_progress
from eventsvc.workflows.record_sheets import request_of

_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group()
def records() -> None:
    """Public records.

    Example: eventsvc records export --from 2027-01-01 --to 2027-06-30 --redacted --into answer.zip
    """


@records.command()
@click.option("--from", "first", required=True, type=_DAY, help="First day (UTC).")
@click.option("--to", "last", required=True, type=_DAY, help="Last day (UTC).")
@click.option("--redacted", is_flag=True, help="Black out names, addresses, telephone numbers and private notes.")
@click.option("--organization", help="Slug of a college: only its bookings, and the letters and log about them.")
@click.option("--person", default="", help="Address of a person: only what concerns them.")
@click.option("--purpose", default="a public-records request", show_default=True, help="For the access log.")
@click.option("--into", default="records.zip", show_default=True, type=_FILE, help="The zip file to write.")
def export(
    first: datetime, last: datetime, redacted: bool, organization: str | None, person: str, purpose: str, into: Path
) -> None:
    """Bookings, letters, log and outside parties in one zip, with a manifest of counts, hashes and what is withheld.

    Example: eventsvc records export --from 2027-01-01 --to 2027-06-30 --redacted
    """
    with in_app(), into.open("wb") as opened:
        asked = request_of(first.date(), last.date(), organization=organization, email=person)
        archive = answering.write(
            opened, asked, is_redacted=redacted, purpose=purpose, actor=ADMINISTRATOR, progress=say_progress
        )
    for file in archive.files:
        click.echo(f"{file.name}: {file.rows} rows, {file.size} bytes, sha256 {file.sha256}")
