"""`eventsvc mail-in` takes one mail from a mail server; `eventsvc mail …` shows whether and how mail comes in."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

import click

from eventsvc.core import caps, clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.mail.places import CannotRead, Place
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows.look_for_mail import look_for_mail, waiting_at
from eventsvc.workflows.read_mail import read_waiting
from eventsvc.workflows.take_in_mail import take_in

log = logging.getLogger("eventsvc.mail")


@click.command("mail-in")
@click.option("--to", default="", metavar="ADDRESS", help="RCPT TO: for whom the mail server was given the mail.")
def mail_in(to: str) -> None:
    """Take in the mail on standard input, and read it; for the pipe transport of a mail server (docs/mail.md).

    Exit code 0: it is kept. 65: it is no mail, or longer than 10 MB. 75: not now, the mail server tries again.

    Example: eventsvc mail-in --to events+token@calendar.example < message
    """
    raw = sys.stdin.buffer.read(caps.MAIL.most_bytes + 1)
    try:
        with in_app():
            with transaction():
                take_in(raw, door="pipe", envelope_to=to.strip().strip("<>"), now=clock.now())
            _read_at_once()
    except Refusal as refusal:
        _end(os.EX_DATAERR, f"{refusal.title}: {refusal.detail}")
    except click.ClickException as error:
        _end(os.EX_TEMPFAIL, error.format_message())
    except Exception as error:  # noqa: BLE001  # whatever it is, the mail is not at fault: the mail server keeps it
        _end(os.EX_TEMPFAIL, f"The mail cannot be kept now ({type(error).__name__}); it may be tried again.")


def _read_at_once() -> None:
    """The mail is kept: whatever happens now, the scheduler reads what is left."""
    made = services()
    try:
        read_waiting(made.links, made.mail_authserv_id, clock.now)
    except Exception:
        log.exception("mail was kept and could not be read; the scheduler reads it")


def _end(code: int, words: str) -> NoReturn:
    click.echo(words, err=True)
    sys.exit(code)


@click.group()
def mail() -> None:
    """Mail that comes in: whether it can, and what waits.

    Example: eventsvc mail check
    """


@mail.command()
def check() -> None:
    """Try out how mail comes in; nothing is taken or marked. Exit code 1 where something is in its way.

    Example: MAIL_IN_URL=imaps://events:…@mail.example/INBOX eventsvc mail check
    """
    with in_app():
        made = services()
        address = made.links.mail_in or "nowhere; MAIL_IN_ADDRESS is not set, so letters ask for their buttons"
        click.echo(f"Answers go to: {address}")
        said = made.mail_authserv_id or "nobody; MAIL_AUTHSERV_ID is not set, so no sender is ever verified"
        click.echo(f"Senders are verified by: {said}")
        if made.mail_in_secret:
            click.echo(f"A relay may bring mail: {made.links.to('/inbound/mail')}")
        if made.mail_place is not None:
            click.echo(_checked(made.mail_place))
        elif not made.mail_in_secret:
            click.echo("No mailbox is read and no relay is let in: only `eventsvc mail-in` takes mail.")


def _checked(place: Place) -> str:
    try:
        number = waiting_at(place)
    except CannotRead as cannot:
        raise click.ClickException(f"The mailbox cannot be read: {cannot.why}.") from None
    return f"The mailbox can be read ({place.door}); {number} mail{'' if number == 1 else 's'} waiting in it."


@mail.command()
def fetch() -> None:
    """Take in what waits in the mailbox, now, and read it. The scheduler does so every half minute.

    Example: eventsvc mail fetch
    """
    with in_app():
        place = services().mail_place
        if place is None:
            raise click.ClickException("MAIL_IN_URL is not set: there is no mailbox to look into.")
        seen = look_for_mail(place, clock.now)
        _read_at_once()
    click.echo(f"{seen.taken.read} taken in, {seen.taken.left} left there with a flag.")
    if seen.why:
        raise click.ClickException(f"The mailbox cannot be read: {seen.why}.")
