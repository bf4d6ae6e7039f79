"""The command line: `eventsvc serve | scheduler | db upgrade | import … | demo`, each with `--help` and an example."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import flask_migrate
from sqlalchemy.exc import DBAPIError, OperationalError

import config
from eventsvc.core.db import db, is_busy
from eventsvc.core.errors import Busy, Refusal
from eventsvc.interfaces import mail_review_command, memory, offices_command
from eventsvc.interfaces.accounts_command import accounts
from eventsvc.interfaces.asking_command import partner_settings, release
from eventsvc.interfaces.audit_command import audit
from eventsvc.interfaces.availability_command import availability
from eventsvc.interfaces.backup.command import backup, restore
from eventsvc.interfaces.calendars_command import calendars, leave
from eventsvc.interfaces.command_app import make_app, make_ready_app, unreachable
from eventsvc.interfaces.demo.command import demo
from eventsvc.interfaces.desk_command import desk
from eventsvc.interfaces.doctor_command import doctor
from eventsvc.interfaces.door_command import door
from eventsvc.interfaces.feeds_command import feeds
from eventsvc.interfaces.importing.command import importing
from eventsvc.interfaces.letter_choices_command import choices
from eventsvc.interfaces.letters_command import letters
from eventsvc.interfaces.mail_command import mail, mail_in
from eventsvc.interfaces.outbox_command import outbox
from eventsvc.interfaces.pairings_command import pairings
from eventsvc.interfaces.privacy_command import privacy
from eventsvc.interfaces.reached_command import reached
from eventsvc.interfaces.ready_command import ready
from eventsvc.interfaces.records_command import records
from eventsvc.interfaces.register_command import register
from eventsvc.interfaces.reminders_command import reminders
from eventsvc.interfaces.requests_command import requests
from eventsvc.interfaces.search_command import reindex, search
from eventsvc.interfaces.seats_command import seats
from eventsvc.interfaces.take_out_command import take_out
from eventsvc.interfaces.tokens_command import tokens
from eventsvc.interfaces.ways_in_command import password, providers, unlink
from eventsvc.interfaces.webhooks_command import webhooks
from eventsvc.interfaces.zones_command import zones

if TYPE_CHECKING:
    from eventsvc.interfaces.heartbeat import Tick


PORT = click.IntRange(0, 65535)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """eventsvc plans information sessions, recruitment fairs and convenings.

    Settings come from the environment; config.py lists them all. To look around, run: eventsvc demo
    """


@cli.group("db")
def database() -> None:
    """The database's schema."""


@database.command()
def upgrade() -> None:
    """Bring the database to this version's schema.

    Example: DATABASE_URL=postgresql://user@host/eventsvc eventsvc db upgrade
    """
    app = make_app()
    with app.app_context():
        try:
            db.engine.connect().close()  # what goes wrong later is no matter of reaching it
        except OperationalError as error:
            raise unreachable(error) from None
        flask_migrate.upgrade()
        address = db.engine.url.render_as_string(hide_password=True)
        db.engine.dispose()
    click.echo(f"The database is at head: {address}")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes (gunicorn only).")
@click.option("--threads", type=click.IntRange(1), default=8, show_default=True, help="Threads of each process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages, the API and the feeds.

    Uses gunicorn where the `prod` extra is installed, waitress otherwise. Letters and reminders need
    `eventsvc scheduler` beside it.

    Example: SECRET_KEY=… EVENTSVC_ADMIN_TOKEN=… eventsvc serve --port 8000
    """
    app = make_ready_app(host=host)
    try:
        import gunicorn  # noqa: F401  # only to see whether it is there
    except ImportError:
        import waitress

        try:
            listener = socket.create_server((host, port))
        except OSError as error:
            raise click.ClickException(f"Port {port} on {host} cannot be had: {error.strerror}.") from None
        click.echo(f"Serving http://{host}:{port} with waitress; Ctrl+C ends it. Letters need: eventsvc scheduler")
        memory.settle()
        waitress.serve(app, sockets=[listener], threads=threads)
        return
    # gunicorn wants a process of its own; the settings reach it through the environment.
    arguments = ["--bind", f"{host}:{port}", "--workers", str(workers), "--threads", str(threads)]
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-class", "gthread"]
    os.chdir(Path(config.__file__).parent)
    if app.config["METRICS_TOKEN"]:
        # Where the workers add up what they count: a folder of this start alone.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="eventsvc-metrics-")
        command += ["--config", "python:eventsvc.interfaces.gunicorn_settings"]
    os.execv(sys.executable, [*command, *arguments, "wsgi:app"])


@cli.command()
@click.option("--metrics-port", type=PORT, help="Show Prometheus its ticks at that port of 127.0.0.1; 0: a free one.")
def scheduler(metrics_port: int | None) -> None:
    """Send what is due: reminders and letters, until stopped.

    Any number of these may run. Example: SMTP_URL=smtp://127.0.0.1:25 eventsvc scheduler
    """
    from eventsvc.interfaces.scheduler import forever, run_tick

    app = make_ready_app()
    tick = run_tick if metrics_port is None else _measured(metrics_port)
    click.echo("Doing what is due, at its moment; Ctrl+C ends it.")
    forever(app, tick)


def _measured(port: int) -> Tick:
    from eventsvc.interfaces.scheduler import run_tick

    try:
        from eventsvc.interfaces.figures import SchedulerFigures
    except ImportError:
        raise click.ClickException("--metrics-port needs prometheus-client: pip install 'eventsvc[prod]'") from None
    figures = SchedulerFigures()
    try:
        taken = figures.serve(port)
    except OSError as error:
        raise click.ClickException(f"Port {port} on 127.0.0.1 cannot be had: {error.strerror}.") from None
    click.echo(f"Its figures: http://127.0.0.1:{taken}/metrics")
    return figures.measured(run_tick)


for way_in in (password, unlink, providers):
    accounts.add_command(way_in)
cli.add_command(accounts)
for one in offices_command.COMMANDS:
    accounts.add_command(one)
cli.add_command(audit)
cli.add_command(backup)
cli.add_command(restore)
cli.add_command(tokens)
cli.add_command(privacy)
letters.add_command(choices)
cli.add_command(letters)
cli.add_command(records)
cli.add_command(take_out)
cli.add_command(door)
cli.add_command(register)
cli.add_command(demo)
cli.add_command(feeds)
cli.add_command(importing)
cli.add_command(calendars)
cli.add_command(pairings)
cli.add_command(outbox)
cli.add_command(webhooks)
cli.add_command(reminders)
cli.add_command(reached)
cli.add_command(leave)
cli.add_command(desk)
cli.add_command(doctor)
cli.add_command(ready)
cli.add_command(zones)
cli.add_command(search)
cli.add_command(availability)
cli.add_command(reindex)
cli.add_command(release)
cli.add_command(seats)
cli.add_command(partner_settings)
cli.add_command(requests)
for one in mail_review_command.COMMANDS:
    mail.add_command(one)
cli.add_command(mail)
cli.add_command(mail_in)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; a refusal is a sentence and exit code 1, and so is somebody else's lock."""
    try:
        return cli(args=arguments)
    except Refusal as refusal:
        return _refuse(refusal)
    except DBAPIError as error:
        if not is_busy(error):
            raise
        return _refuse(Busy())


def _refuse(refusal: Refusal) -> NoReturn:
    click.echo(f"{refusal.title}: {refusal.detail}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
