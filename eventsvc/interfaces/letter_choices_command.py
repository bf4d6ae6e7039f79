"""`eventsvc letters choices`: which letters reach somebody and how, for whoever runs the machine."""

from __future__ import annotations

import json
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import Expected
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.outbox.streams import Topic
from eventsvc.domain.reminders.models import Channel
from eventsvc.interfaces import languages
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.letter_schemas import choice_facts
from eventsvc.workflows import choose_letters
from eventsvc.workflows.choose_letters import USUAL, Choice, Reader

_AS_RULES_SAY = "rules"
_TOPICS = click.Choice([str(one) for one in Topic])


@click.command()
@click.option("--account", metavar="EMAIL", help="Of somebody who signs in, by their address.")
@click.option("--office", metavar="SLUG", help="Of an office: what goes to its mailbox.")
@click.option("--usual", is_flag=True, help="Have it as at first; the other options count on top of that.")
@click.option("--language", type=click.Choice(list(languages.NAMES)), help="Of letters, and of the account or office.")
@click.option("--stop", multiple=True, type=_TOPICS, help="A kind that is not to come any more; several times.")
@click.option("--start", multiple=True, type=_TOPICS, help="A kind that is to come again; several times.")
@click.option("--mornings", metavar="ZONE", help="One letter at 7:00 in that zone instead of several in a day.")
@click.option("--no-mornings", is_flag=True, help="Each letter by itself.")
@click.option(
    "--channel",
    type=click.Choice([*map(str, Channel), _AS_RULES_SAY]),
    help="By which way reminders come; rules: as those of each event say.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def choices(account: str | None, office: str | None, dry_run: bool, as_json: bool, **said: Any) -> None:
    """Which letters reach an account or an office and how: show it, or change what is said and leave the rest.

    It holds for the address, whoever reads there. Letters that wait already follow.

    Example: eventsvc letters choices --office pcc-career-center --stop monday --mornings America/Los_Angeles
    """
    if (account is None) is (office is None):
        raise click.UsageError("Say whose: --account EMAIL or --office SLUG.")
    if said["mornings"] == "" or (said["mornings"] and said["no_mornings"]):
        raise click.UsageError("--mornings needs a zone, and cannot be said together with --no-mornings.")
    if both := sorted({*said["stop"]} & {*said["start"]}):
        raise click.UsageError(f"{both[0]} cannot be stopped and started at once.")
    with in_app(), transaction(keep=not dry_run):
        address, language, reader = _whose(account, office)
        choice = choose_letters.chosen_by(reader)
        if wish := _wish(choice, **said):
            # What is stopped beside is as it was read just now: a choice made in between is not undone.
            read = Expected(frozenset({choice.tag}))
            choice = choose_letters.choose(reader, wish, expected=read, actor=ADMINISTRATOR, now=clock.now())
        facts = choice_facts(choice, address, language)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        click.echo(f"{name}\t{','.join(value) if isinstance(value, list) else value or ''}".rstrip() or name)


def _whose(account: str | None, office: str | None) -> tuple[str, str, Reader]:
    """Address, language and reader; refuses NotFound."""
    if account is not None:
        person, reader = choose_letters.of_address(account, ADMINISTRATOR)
        return person.email, person.language, reader
    desk, reader = choose_letters.of_office(office or "", ADMINISTRATOR)
    return desk.mailbox, desk.language, reader


def _wish(
    before: Choice,
    *,
    usual: bool,
    language: str | None,
    stop: tuple[str, ...],
    start: tuple[str, ...],
    mornings: str | None,
    no_mornings: bool,
    channel: str | None,
) -> dict[str, Any]:
    """What is to be changed, as the story takes it; empty where nothing was said."""
    wish: dict[str, Any] = dict(USUAL) if usual else {}
    if stop or start:
        present = wish.get("stopped", before.stopped)
        wish["stopped"] = (present | {Topic(one) for one in stop}) - {Topic(one) for one in start}
    if mornings is not None or no_mornings:
        wish["mornings"] = mornings or ""
    if channel is not None:
        wish["channel"] = None if channel == _AS_RULES_SAY else Channel(channel)
    if language is not None:
        wish["language"] = language
    return wish
