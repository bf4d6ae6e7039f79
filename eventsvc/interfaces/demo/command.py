"""`eventsvc demo`: a fresh database, the demo's events, the pages and the scheduler, in one process."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import flask_migrate
import waitress
from flask import Flask

import config
from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.core.errors import Refusal, say
from eventsvc.interfaces import memory, scheduler
from eventsvc.interfaces.demo import mail
from eventsvc.interfaces.demo.build import build
from eventsvc.interfaces.demo.folder import DemoFolder
from eventsvc.interfaces.services import services

HOST = "127.0.0.1"
# How many ports behind a taken one are tried.
PORTS_TRIED = 50
# A newcomer's terminal shows what went wrong, not every request; and letters come while one watches.
_DEFAULTS = {"LOG_LEVEL": "WARNING", "TICK_SECONDS": "3", "MAIL_FROM": "eventsvc <events@eventsvc.example>"}


class NoPort(Refusal):
    """No port could be had."""

    slug = "no-port"
    title = say("No free port")


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port to listen on; 0 takes any free one.")
@click.option(
    "--data",
    default="eventsvc-demo",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for the demo's database and key; the database is made anew at each start.",
)
def demo(port: int, data: Path) -> None:
    """Look around: the whole service with made-up events, until Ctrl+C.

    It listens on this computer only. All letters are read in the demo's inbox; with SMTP_URL set, those
    written from the start on are sent there too.

    Example: eventsvc demo --port 8080 --data /tmp/demo
    """
    folder = DemoFolder(data)
    with closing(folder), closing(listen(port)) as listener:
        folder.take()
        bound = listener.getsockname()[1]
        if port not in (0, bound):
            click.echo(f"Port {port} is taken; the demo uses {bound} instead.")
        try:
            app = create_app(settings(folder, bound, os.environ))
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        click.echo("Making the demo's events …")
        fill(app)
        with suppress(KeyboardInterrupt), ended_by_signals():
            click.echo(welcome(app, is_token_ours=not os.environ.get("EVENTSVC_ADMIN_TOKEN")))
            serve(app, listener)
        click.echo("\nThe demo has ended.")


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End as Ctrl+C does also on SIGTERM, and where a shell started us in the background with SIGINT ignored."""

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def settings(folder: DemoFolder, port: int, environ: Mapping[str, str]) -> dict[str, Any]:
    """The environment's settings with what makes a demo of them; the database and the key are always the demo's."""
    told = config.load({**_DEFAULTS, **{name: text for name, text in environ.items() if text}})
    return {
        **told,
        "DEMO": True,
        "SECRET_KEY": folder.secret_key(),
        "SECRET_KEY_FALLBACKS": (),
        "DATABASE_URL": folder.database_url,
        "PUBLIC_URL": environ.get("PUBLIC_URL") or f"http://{HOST}:{port}",
        # Answers "arrive" by the buttons beside letters in the inbox.
        "MAIL_IN_ADDRESS": told["MAIL_IN_ADDRESS"] or mail.MAILBOX,
        "EVENTSVC_ADMIN_TOKEN": told["EVENTSVC_ADMIN_TOKEN"] or secrets.token_urlsafe(24),
    }


def fill(app: Flask) -> None:
    """Bring the empty database to head and play the demo's history up to now."""
    with app.app_context():
        flask_migrate.upgrade()
        made = services()
        build(clock.now(), links=made.links, sender=made.sender)
        db.session.remove()


def listen(port: int) -> socket.socket:
    """A socket bound to that port of this computer, or to the next free one behind it.

    Refuses: NoPort when none of them can be had.
    """
    candidates = [0] if port == 0 else range(port, min(port + PORTS_TRIED, 65_536))
    for candidate in candidates:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            # Without it a port stays taken for a minute after the last demo; Windows means something else by it.
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, candidate))
            listener.listen()
        except (OSError, OverflowError):
            listener.close()
            continue
        return listener

    raise NoPort(
        say(
            "Neither port %(port)s nor the next %(tried)s can be had. Name another with --port.",
            port=port,
            tried=PORTS_TRIED - 1,
        )
    )


def welcome(app: Flask, *, is_token_ours: bool) -> str:
    """What the terminal says when the demo is ready."""
    links = app.extensions["eventsvc"].links
    token = app.config["EVENTSVC_ADMIN_TOKEN"] if is_token_ours else "the one of EVENTSVC_ADMIN_TOKEN"
    return (
        "\nThe demo is running. Ctrl+C ends it.\n\n"
        f"  Start here     {links.to('/demo')}\n"
        f"  Events         {links.to('/')}\n"
        f"  Calendar feed  {links.feed('all')}\n"
        f"  Inbox          {links.to('/outbox')}\n"
        f"  Admin token    {token}\n\n"
        "Try first: open the start page and take the first walk (a plan that is refused, changed,\n"
        "published, answered and seen in the feed), then move the clock to the next due letter.\n"
    )


def serve(app: Flask, listener: socket.socket) -> None:
    """Answer requests and do what is due until the process is stopped."""
    heartbeat = scheduler.in_background(app)
    memory.settle()
    server = waitress.create_server(app, sockets=[listener], threads=8)
    try:
        server.run()
    finally:
        heartbeat.shutdown(wait=False)
        server.close()
