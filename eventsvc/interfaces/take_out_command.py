"""`eventsvc take-out`: an office takes everything out."""

from __future__ import annotations

from pathlib import Path

import click

from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces import taking_out
from eventsvc.interfaces.command_app import in_app

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("take-out")
@click.option("--office", required=True, help="Slug of the office.")
@click.option("--to", "target", required=True, type=_FILE, help="The zip file to write.")
@click.option("--purpose", default="the office takes its records out", show_default=True, help="For the access log.")
def take_out(office: str, target: Path, purpose: str) -> None:
    """Everything of an office in one zip: CSV files and a calendar; docs/take-out.md names every column.

    Example: eventsvc take-out --office pcc-career-center --to pcc.zip
    """
    with in_app(), target.open("wb") as opened:
        archive = taking_out.write(opened, office, purpose=purpose, actor=ADMINISTRATOR, progress=say_progress)
    for file in archive.files:
        click.echo(f"{file.name}: {file.rows} rows, {file.size} bytes, sha256 {file.sha256}")


def say_progress(name: str, number: int) -> None:
    """Tell whoever waits at the terminal."""
    click.echo(f"{name}: {number:,} …", err=True)
