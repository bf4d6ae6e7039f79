"""`eventsvc letters`: what the service writes to people; what they chose of it: `letter_choices_command.py`."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.errors import Refusal
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.outbox import letters as written
from eventsvc.domain.outbox.samples import SAMPLES, a_sample
from eventsvc.domain.outbox.streams import sort_of
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows.monday_letter import as_it_would_be

_LANGUAGES = click.Choice(["en", "es"])


@click.group()
def letters() -> None:
    """What the service writes to people: samples of every letter, and which ones reach whom."""


@letters.command("list")
def list_all() -> None:
    """Every letter: name, stream, what a reader may switch off it by, a line each.

    Example: eventsvc letters list
    """
    for name in sorted(SAMPLES):
        stream, topic = sort_of(name)
        click.echo(f"{name}\t{stream}\t{topic or '-'}")


@letters.command()
@click.option("--office", required=True, metavar="SLUG", help="Whose week.")
def monday(office: str) -> None:
    """The Monday letter of an office as it would be written now; nothing is sent, nothing is noted.

    Example: eventsvc letters monday --office pcc-career-center
    """
    with in_app():
        try:
            message = as_it_would_be(directory.get(Office, office), clock.now())
        except Refusal as refusal:
            raise click.ClickException(refusal.detail) from None
        if message is None:
            click.echo("There is nothing to say this week: no letter would be written.")
            return
        subject, text = written.render_text(message, services().links)
    click.echo(f"{subject}\n\n{text}", nl=False)


@letters.command()
@click.argument("name")
@click.option("--language", type=_LANGUAGES, default="en", show_default=True, help="In which it is written.")
@click.option("--html", is_flag=True, help="The HTML part instead of the plain text.")
def show(name: str, language: str, html: bool) -> None:
    """A sample of the letter NAME: its subject, an empty line, and its text; nothing is sent.

    Example: eventsvc letters show invitation --language es
    """
    with in_app():
        try:
            message = a_sample(name, language)
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.detail} See: eventsvc letters list") from None
        if html:
            part = written.render(message, services().links, services().sender).get_body(("html",))
            click.echo(part.get_content() if part else "", nl=False)
            return
        subject, text = written.render_text(message, services().links)
    click.echo(f"{subject}\n\n{text}", nl=False)
