"""`eventsvc tokens …`: what programs act with."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.accounts.roles import Scope
from eventsvc.interfaces.command_app import in_app
from eventsvc.workflows import keep_tokens as keep

_EMAIL = click.argument("email")


@click.group()
def tokens() -> None:
    """API tokens: what programs act with in somebody's name, as far as that person's roles and the scopes go.

    Example: eventsvc tokens make lee@pcc.example --name "web site" --scope read --days 90
    """


@tokens.command()
@_EMAIL
@click.option("--name", required=True, help="What it is for.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([str(scope) for scope in Scope]))
@click.option("--days", default=90, show_default=True, help="How long it is good, a year at most.")
def make(email: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token and print it, once.

    Example: eventsvc tokens make lee@pcc.example --name "web site" --scope read --scope book
    """
    with in_app(), transaction():
        wanted = [Scope(word) for word in scopes]
        token, secret = keep.make_token(email, name, wanted, days=days, actor=ADMINISTRATOR, now=clock.now())
        until = token.expires_at
    click.echo(secret)
    click.echo(f"Good until {until:%Y-%m-%d}. It is shown this once: keep it like a password.", err=True)


@tokens.command("list")
@_EMAIL
def list_all(email: str) -> None:
    """Somebody's tokens that are still good, and when each was last used.

    Example: eventsvc tokens list lee@pcc.example
    """
    with in_app():
        found = keep.tokens_of(email, actor=ADMINISTRATOR, now=clock.now())
        for token in found:
            used = f"{token.last_used_at:%Y-%m-%d %H:%M} UTC" if token.last_used_at else "never"
            scopes = ",".join(token.scopes)
            click.echo(f"{token.public_id}\t{token.name}\t{scopes}\tuntil {token.expires_at:%Y-%m-%d}\tused {used}")
    if not found:
        click.echo("None. Make one: eventsvc tokens make EMAIL --name … --scope read")


@tokens.command()
@_EMAIL
@click.argument("token_id")
def end(email: str, token_id: str) -> None:
    """Make a token worthless; `list` says its id.

    Example: eventsvc tokens end lee@pcc.example 3f6c7f0e-…
    """
    with in_app(), transaction():
        keep.end_token(email, token_id, actor=ADMINISTRATOR, now=clock.now())
    click.echo("It is worthless now.")
