"""`eventsvc accounts …`: who may sign in, and with which roles."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, colleagues
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.roles import BY_LINK, Role
from eventsvc.interfaces.command_app import in_app
from eventsvc.workflows import keep_accounts as keep

# More than any service has.
_ALL = 1_000_000
_ROLES = click.Choice([str(role) for role in Role if role not in BY_LINK])
_EMAIL = click.argument("email")
_ROLE = click.argument("role", type=_ROLES)
_OFFICE = click.option("--office", help="Slug of the office where the role counts.")
_ORGANIZATION = click.option("--organization", help="Slug of the organization, instead of an office.")


@click.group()
def accounts() -> None:
    """People who sign in, by a letter and without a password.

    Example: eventsvc accounts add ada@example.edu --name "Ada Example" --role administrator
    """


@accounts.command("list")
def list_all() -> None:
    """Everybody who may sign in, and their roles.

    Example: eventsvc accounts list
    """
    with in_app():
        everybody, _ = colleagues.page(ADMINISTRATOR, limit=_ALL)
        for account in everybody:
            click.echo(f"{account.email}\t{account.name}\t{_roles(account)}")
    if not everybody:
        click.echo("Nobody yet. Let yourself in: eventsvc accounts add you@example.edu --name … --role administrator")


@accounts.command()
@_EMAIL
@click.option("--name", required=True, help="As letters greet them.")
@click.option("--language", default="en", show_default=True, help="Of letters, a BCP 47 tag.")
@click.option("--role", type=_ROLES, help="A first role.")
@_OFFICE
@_ORGANIZATION
@click.option("--may-override", is_flag=True, help="With the role: override soft rules, by name and with a reason.")
def add(
    email: str,
    name: str,
    language: str,
    role: str | None,
    office: str | None,
    organization: str | None,
    may_override: bool,
) -> None:
    """Let somebody sign in; with a role they get a letter that says how.

    Example: eventsvc accounts add lee@pcc.example --name "Lee Example" --role coordinator --office pcc-career-center
    """
    with in_app(), transaction():
        account = keep.add_account(email, name, language=language, actor=ADMINISTRATOR, now=clock.now())
        if role:
            _let_in(email, role, office, organization, may_override)
    click.echo(f"{account.email} may sign in.")


@accounts.command()
@_EMAIL
@_ROLE
@_OFFICE
@_ORGANIZATION
@click.option("--may-override", is_flag=True, help="Override soft rules, by name and with a reason.")
def give(email: str, role: str, office: str | None, organization: str | None, may_override: bool) -> None:
    """Give somebody a role; they get a letter that says so.

    Example: eventsvc accounts give lee@pcc.example coordinator --office pcc-career-center --may-override
    """
    with in_app(), transaction():
        _let_in(email, role, office, organization, may_override)
    click.echo(f"{email} is {role}{_at(office or organization)}.")


@accounts.command()
@_EMAIL
@_ROLE
@_OFFICE
@_ORGANIZATION
def take(email: str, role: str, office: str | None, organization: str | None) -> None:
    """Take a role away; it counts no more from the next request on.

    Example: eventsvc accounts take lee@pcc.example coordinator --office pcc-career-center
    """
    with in_app(), transaction():
        place = {"office": office, "organization": organization}
        keep.take_role(email, Role(role), **place, actor=ADMINISTRATOR, now=clock.now())
    click.echo(f"{email} is no {role}{_at(office or organization)} any more.")


@accounts.command()
@_EMAIL
def end(email: str) -> None:
    """Let somebody go: their roles end, and they are signed out everywhere.

    Example: eventsvc accounts end lee@pcc.example
    """
    with in_app(), transaction():
        keep.end_account(email, actor=ADMINISTRATOR, now=clock.now())
    click.echo(f"{email} may not sign in any more.")


def _roles(account: Account) -> str:
    return ", ".join(_role(grant) for grant in account.grants if grant.ended_at is None) or "no role"


def _role(grant: Grant) -> str:
    place = grant.office or grant.organization
    return f"{grant.role}{_at(place.slug if place else None)}{' (may override)' if grant.may_override else ''}"


def _at(slug: str | None) -> str:
    return f" at {slug}" if slug else ""


def _let_in(email: str, role: str, office: str | None, organization: str | None, may_override: bool) -> None:
    keep.let_in(
        email,
        role=Role(role),
        office=office,
        organization=organization,
        may_override=may_override,
        actor=ADMINISTRATOR,
        now=clock.now(),
    )
