"""`eventsvc release …` and `partner-settings …`: who awaits a release, and how partners' people are asked."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces.command_app import in_app
from eventsvc.workflows import keep_asking, release_people


@click.group()
def release() -> None:
    """People who are wished for and whose office has not released them yet.

    Example: eventsvc release list
    """


@release.command("list")
def list_all() -> None:
    """Who awaits a release, the next event first.

    Example: eventsvc release list
    """
    with in_app():
        found = release_people.awaiting(actor=ADMINISTRATOR, now=clock.now())
        for one in found:
            click.echo(f"{one.public_id}\t{iso(one.event.starts_at)}\t{one.expert.name}\t{one.event.title}")
    if not found:
        click.echo("Nobody.")


@release.command()
@click.argument("invitations", nargs=-1, required=True)
def give(invitations: tuple[str, ...]) -> None:
    """Release people, all or none, by the ids that `list` says: they are asked at once.

    Example: eventsvc release give 3f6c7f0e-… 9b1d2c4a-…
    """
    with in_app(), transaction():
        done = release_people.release_all(invitations, actor=ADMINISTRATOR, now=clock.now())
    click.echo(f"Released: {len(done)}. They are asked by letter.")


@release.command()
@click.argument("invitations", nargs=-1, required=True)
@click.option("--reason", default="", help="Why, for the host's office.")
def refuse(invitations: tuple[str, ...], reason: str) -> None:
    """Do not lend people, all or none: nobody writes to them, and the next of each line-up is looked for.

    Example: eventsvc release refuse 3f6c7f0e-… --reason "On a ship that week"
    """
    with in_app(), transaction():
        done = release_people.refuse_all(invitations, reason=reason, actor=ADMINISTRATOR, now=clock.now())
    click.echo(f"Refused: {len(done)}.")


@click.command("partner-settings")
@click.argument("organization")
@click.option("--automatic/--with-release", default=None, help="Ask its people without its office's release.")
@click.option("--tell-after", type=int, help="Working days of silence until its office is told.")
@click.option("--pass-on-after", type=int, help="Working days of silence until the next is asked.")
@click.option("--answer-by", type=int, help="Working days in which requests are to be answered.")
def partner_settings(
    organization: str,
    automatic: bool | None,
    tell_after: int | None,
    pass_on_after: int | None,
    answer_by: int | None,
) -> None:
    """Show how the people of ORGANIZATION (a slug) are asked, or change it.

    Example: eventsvc partner-settings port-of-los-angeles --automatic
    """
    told = {
        "asks_automatically": automatic,
        "tell_after_working_days": tell_after,
        "pass_on_after_working_days": pass_on_after,
        "answer_by_working_days": answer_by,
    }
    said = {name: value for name, value in told.items() if value is not None}
    with in_app(), transaction():
        own = keep_asking.keep_asking(organization, said, actor=ADMINISTRATOR, now=clock.now())
        for name in keep_asking.FIELDS:
            click.echo(f"{name}: {getattr(own, name)}")
