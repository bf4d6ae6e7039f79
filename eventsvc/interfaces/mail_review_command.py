"""`eventsvc mail review`, `show`, `settle`, `log` and `clients`: mail that came in, as people see it and decide."""

from __future__ import annotations

import json
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces import mail_words, settling
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.shown_mail import clients_facts, log_facts, mail_facts, whole_mail_facts
from eventsvc.workflows import show_mail

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_MOST = 200


@click.command()
@click.option("--event", default="", help="id of one event; without it: all.")
@_AS_JSON
def review(event: str, as_json: bool) -> None:
    """Mail that waits for a decision, the oldest first; 200 at most.

    Example: eventsvc mail review
    """
    with in_app():
        found, more = show_mail.mails_for_review(ADMINISTRATOR, after=None, limit=_MOST, event_id=event)
        shown = [mail_facts(one) for one in found]
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    for one in shown:
        click.echo(_line_of_mail(one))
    click.echo(f"{len(shown)}{' and more' if more else ''} wait{'s' if len(shown) == 1 else ''} for a decision.")


@click.command()
@click.argument("mail_id")
@click.option("--source", is_flag=True, help="The mail as it came in (RFC 5322), instead.")
@_AS_JSON
def show(mail_id: str, source: bool, as_json: bool) -> None:
    """One mail: what was read in it, and what became of it.

    Example: eventsvc mail show 3f6c7f0e-…
    """
    with in_app():
        if source:
            click.echo(show_mail.bytes_of(mail_id, ADMINISTRATOR), nl=False)
            return
        facts = whole_mail_facts(show_mail.show_mail(mail_id, ADMINISTRATOR))
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(_line_of_mail(facts))
    for name, value in facts["calendar"].items():
        click.echo(f"  {name}: {', '.join(value) if isinstance(value, list) else value}")
    for refusal in facts["refusals"]:
        click.echo(f"  {refusal}")
    if facts["words"]:
        click.echo(facts["words"])
    if facts["ends"]:
        click.echo(f"Decide: eventsvc mail settle {facts['id']} {'|'.join(facts['ends'])}")


@click.command()
@click.argument("mail_id")
@click.argument("end", type=click.Choice(mail_words.ENDS))
def settle(mail_id: str, end: str) -> None:
    """Decide what a mail counts as: an answer of the invited person, words for the conversation, or nothing to do.

    Example: eventsvc mail settle 3f6c7f0e-… accept
    """
    with in_app():
        with transaction():
            settling.settle(mail_id, end, actor=ADMINISTRATOR, now=clock.now())
        facts = mail_facts(show_mail.show_mail(mail_id, ADMINISTRATOR))
    click.echo(_line_of_mail(facts))


@click.command()
@click.argument("event")
@_AS_JSON
def log(event: str, as_json: bool) -> None:
    """What went to the invited people of an event, and what came from them.

    Example: eventsvc mail log 3f6c7f0e-…
    """
    with in_app():
        facts = log_facts(show_mail.mail_log(event, ADMINISTRATOR))
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for person in facts["people"]:
        click.echo(f"{person['name'] or 'nobody who was asked'} ({person['state'] or '-'})")
        for line in person["lines"]:
            way = "to" if line["way"] == "out" else "from"
            said = f": {line['says']}" if line["says"] else ""
            click.echo(f"  {line['at']} {line['state']} {line['what']} {way} {line['address'] or '-'}{said}")


@click.command()
@_AS_JSON
def clients(as_json: bool) -> None:
    """By which mail programs and ways people answer, counted.

    Example: eventsvc mail clients
    """
    with in_app():
        facts = clients_facts(show_mail.clients(ADMINISTRATOR))
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for ways in facts["answers"]:
        by_others = f"by link {ways['by_link']}, on behalf {ways['on_behalf']}"
        click.echo(f"{ways['word']}: by mail {ways['by_mail']}, {by_others}")
    for one in facts["families"]:
        reasons = ", ".join(f"{why['reason']} {why['number']}" for why in one["reasons"] if why["reason"])
        click.echo(f"{one['family'] or 'not read yet'}: {one['mails']} mails, {one['verified']} verified; {reasons}")


def _line_of_mail(facts: dict[str, Any]) -> str:
    about = facts["event"]["title"] if facts["event"] else "no event"
    end = f" ({facts['resolution']})" if facts["resolution"] else ""
    lines = [
        f"{facts['id']}  {facts['received_at']}  {facts['state']}{end}",
        f"  {facts['subject'] or '(no subject)'}, from {facts['from_address'] or '-'}, about {about}",
        f"  {facts['reason']}: {facts['says']}",
    ]
    return "\n".join(lines)


COMMANDS = (review, show, settle, log, clients)
