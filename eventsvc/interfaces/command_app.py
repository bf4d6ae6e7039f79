"""The app as a command needs it: made by the environment, on a database that is ready."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

import config
from eventsvc import create_app
from eventsvc.core.db import db
from eventsvc.interfaces import in_earnest, memory, schema


@contextmanager
def in_app() -> Iterator[None]:
    """The app on a database that is ready, for a command; nothing of it is left open afterwards."""
    with make_ready_app().app_context():
        memory.settle()
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def make_app(*, host: str = "127.0.0.1") -> Flask:
    """The app as the environment wants it; says in a sentence what is missing, or too weak for others to reach it.

    `host`: the address on which it is going to listen.
    """
    try:
        settings = config.load(os.environ)
        if not settings["SECRET_KEY"]:
            raise click.ClickException(
                "SECRET_KEY is not set. Make one and keep it:\n"
                "  export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
            )
        _make_folder(settings["DATABASE_URL"])
        app = _created(settings)
        in_earnest.ensure(app, host=host)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    return app


def make_ready_app(*, host: str = "127.0.0.1") -> Flask:
    """The app, on a database that can be reached and is at head; says in a sentence what to do otherwise."""
    app = make_app(host=host)
    with app.app_context():
        try:
            is_ready = schema.is_at_head()
        except SQLAlchemyError as error:
            raise unreachable(error) from None
        finally:
            db.engine.dispose()
    if not is_ready:
        raise click.ClickException(
            "The database is not at this version's schema. Run: eventsvc db upgrade"
            " (a backup from before is made by the version that was in use)"
        )
    return app


def unreachable(error: SQLAlchemyError) -> click.ClickException:
    """That there is no database to talk to, and what its driver said: that never holds the password."""
    said = str(getattr(error, "orig", None) or "").strip().splitlines()
    why = f"{type(error).__name__}: {said[-1].strip()}" if said else type(error).__name__
    return click.ClickException(f"The database cannot be reached ({why}).")


def _created(settings: dict[str, Any]) -> Flask:
    try:
        return create_app(settings)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        # The address is not repeated: it may hold a password.
        raise click.ClickException(
            "DATABASE_URL cannot be used. It is sqlite:////path/of/a.file or, with the extra `postgres` installed, "
            "postgresql://user@host/name."
        ) from None


def _make_folder(database_url: str) -> None:
    """Make the folder a SQLite file stands in."""
    if database_url.startswith("sqlite:///"):
        folder = Path(database_url.removeprefix("sqlite:///")).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.ClickException(f"The database's folder {folder} cannot be made: {error.strerror}.") from None
