"""`eventsvc backup` and `eventsvc restore`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from eventsvc.core import clock
from eventsvc.interfaces.backup import archive, beside, taking
from eventsvc.interfaces.backup.manifest import BadArchive, Manifest
from eventsvc.interfaces.backup.restoring import NotEmpty
from eventsvc.interfaces.command_app import in_app, make_app

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOUND = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


class _WritesByItself(click.Group):
    """A group whose first word may be the name of a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["write", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_WritesByItself)
def backup() -> None:
    """Write all that the database holds into one archive, or check one: backup [FILE], backup verify FILE.

    The archive is the same from SQLite and PostgreSQL and can be restored onto either. The service may go on meanwhile.
    It holds personal data.

    Example: eventsvc backup /var/backups/eventsvc/monday.zip
    """


@backup.command()
@click.argument("file", type=_FILE, required=False)
def write(file: Path | None) -> None:
    """Write the archive FILE; without it, one named after the time, here.

    It holds personal data: it is readable by you alone, and whoever gets it has the names, addresses and letters of
    everybody. Nothing is left where writing fails, and no file is overwritten.

    Example: eventsvc backup write monday.zip
    """
    with in_app(), _said():
        now = clock.now()
        path = file or Path(f"eventsvc-backup-{now:%Y%m%dT%H%M%SZ}.zip")
        manifest = taking.take(path, now, _progress)
    click.echo(f"{path}: {_counts(manifest)}, {path.stat().st_size:,} bytes.")
    click.echo("It holds personal data: keep it like the database; encrypt it before it leaves this machine.", err=True)


@backup.command()
@click.argument("file", type=_FOUND)
def verify(file: Path) -> None:
    """Read all of an archive, hold it against its digests, and say what it holds. It needs no database.

    Example: eventsvc backup verify monday.zip
    """
    with _said():
        manifest = archive.verify(file)
    click.echo(f"{file} is whole: {_counts(manifest)}.")
    click.echo(f"Taken {_instant(manifest.taken_at)} from {manifest.engine} by eventsvc {manifest.eventsvc}.")
    click.echo(f"Schema {manifest.revision}. Left out:")
    for table, why in manifest.left_out:
        click.echo(f"  {table}: {why}")


@click.command()
@click.argument("file", type=_FOUND)
@click.option("--move-aside", is_flag=True, help="Put a database that is not empty aside; stop the service first.")
def restore(file: Path, move_aside: bool) -> None:
    """Fill the empty database of DATABASE_URL from an archive, all of it or nothing.

    Afterwards no letter leaves until somebody has seen what would go again: eventsvc outbox resume --show

    Example: DATABASE_URL=postgresql://user@host/eventsvc eventsvc restore monday.zip
    """
    with _said():
        taken = archive.verify(file)
        app = make_app()
        kept = beside.restore(app, file, _progress, move_aside=move_aside)
    click.echo(f"Restored as of {_instant(taken.taken_at)}: {_counts(taken)}.")
    if kept:
        click.echo(f"What was there before is kept as {kept}.")
    click.echo("Delivery is paused. Next:\n  eventsvc doctor\n  eventsvc audit verify\n  eventsvc outbox resume --show")


def _progress(name: str, rows: int) -> None:
    if rows:
        click.echo(f"{name}: {rows} rows", err=True)


def _counts(manifest: Manifest) -> str:
    return f"{sum(one.rows for one in manifest.tables):,} rows of {len(manifest.tables)} tables"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


@contextmanager
def _said() -> Iterator[None]:
    """What goes wrong, as a sentence and exit code 1."""
    try:
        yield
    except (BadArchive, NotEmpty, beside.InUse) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise click.ClickException(f"{error.filename or 'The file'} cannot be used: {reason}.") from None
