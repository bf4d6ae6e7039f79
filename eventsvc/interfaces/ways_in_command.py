"""`eventsvc accounts password | unlink | providers`: ways to sign in besides the letter."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import ADMINISTRATOR, passwords
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_passwords

_EMAIL = click.argument("email")


@click.command()
@_EMAIL
@click.option("--remove", is_flag=True, help="Take the password away.")
def password(email: str, remove: bool) -> None:
    """Give an administrator a local password; it is asked for here and shown nowhere.

    Only where LOCAL_PASSWORD=on. Fifteen characters at least; a sentence of your own is best.

    Example: LOCAL_PASSWORD=on eventsvc accounts password ada@example.edu
    """
    with in_app():
        if remove:
            with transaction():
                keep_passwords.remove_password(email, actor=ADMINISTRATOR, now=clock.now())
            click.echo(f"{email} has no password any more.")
            return
        if not services().takes_passwords:
            raise click.ClickException("Passwords are switched off. Set LOCAL_PASSWORD=on, for here and for `serve`.")
        typed = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        passwords.ensure_good(typed, email)
        hashed = passwords.hashed(typed)
        with transaction():
            keep_passwords.set_password(email, hashed, actor=ADMINISTRATOR, now=clock.now())
    click.echo(f"{email} may sign in by that password, as long as LOCAL_PASSWORD=on.")


@click.command()
@_EMAIL
def unlink(email: str) -> None:
    """Forget who somebody is at providers; the next sign-in there by their address counts anew.

    Example: eventsvc accounts unlink lee@pcc.example
    """
    with in_app(), transaction():
        forgotten = keep_passwords.unlink(email, actor=ADMINISTRATOR, now=clock.now())
    click.echo(f"{email} was known at {forgotten} provider(s), and is at none now.")


@click.command()
def providers() -> None:
    """The OpenID Connect providers of OIDC_PROVIDERS, and whether each answers.

    Example: eventsvc accounts providers
    """
    with in_app():
        places = services().sign_in_places
        for slug, place in places.items():
            try:
                place.client.sign_out_address("")
                state = "answers"
            except Refusal as refusal:
                state = refusal.detail
            back = services().links.to(f"/sign-in/with/{slug}/back")
            click.echo(f"{slug}\t{place.provider.name}\t{place.provider.issuer}\t{state}\tredirect URI: {back}")
    if not places:
        click.echo("None. docs/sign-in.md shows how to name one.")
