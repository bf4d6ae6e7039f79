"""`eventsvc reminders rules | preview | list | quiet`: by which rules people are reminded, who, and what was missed."""

from __future__ import annotations

import json

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.reminders.models import Audience, ReminderState
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.rehearsed_schemas import rehearsed_facts
from eventsvc.interfaces.reminder_schemas import (
    SaidRulesSchema,
    minute_of,
    preview_facts,
    quiet_facts,
    reminder_facts,
    said_rules,
    standing_facts,
)
from eventsvc.workflows import keep_reminders, preview_reminders
from eventsvc.workflows.keep_reminders import Whose
from eventsvc.workflows.preview_reminders import WantedReminders

_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@click.group()
def reminders() -> None:
    """Who is reminded of what, when and by which rules.

    Example: eventsvc reminders list --missed
    """


@reminders.command()
@click.option("--event", default="", help="Of one event: its id.")
@click.option("--organization", default="", help="Of the readers of an organization: its slug.")
@click.option("--kind", type=click.Choice([str(one) for one in EventKind]), help="For events of a kind.")
@click.option("--audience", type=click.Choice([str(one) for one in Audience]), help="For whom; needed to change them.")
@click.option("--set", "said", metavar="JSON", help="Rules to say: a list, [] for nobody, null for the general ones.")
@click.option("--dry-run", is_flag=True, help="Save nothing: show who would be reminded of the next events.")
@click.option("--show", default="", metavar="EVENT", help="Of a dry run: the event to show (its id).")
def rules(
    event: str, organization: str, kind: str | None, audience: str | None, said: str | None, dry_run: bool, show: str
) -> None:
    """Show by which rules people are reminded, or say them for one audience.

    A line each; after those of a dry run one for each event, with who would be reminded when and in whose zone.

    Example: eventsvc reminders rules --kind workshop --audience expert --set '[{"days": 1, "at": "08:00"}]'
    """
    whose = Whose(event=event, organization=organization, kind=EventKind(kind) if kind else None)
    if said is not None and audience is None:
        raise click.UsageError("--set needs --audience.")
    if dry_run and said is None:
        raise click.UsageError("--dry-run needs --set.")
    with in_app(), transaction(keep=not dry_run):
        now = clock.now()
        if said is not None and audience is not None:
            wanted = said_rules(_read(said))
            keep_reminders.keep_rules(whose, Audience(audience), wanted, actor=ADMINISTRATOR, now=now)
        for one in keep_reminders.rules_of(whose, actor=ADMINISTRATOR):
            if audience in (None, one.audience):
                click.echo(json.dumps(standing_facts(one), ensure_ascii=False))
        if dry_run and audience is not None:
            found = preview_reminders.would_remind(whose, Audience(audience), about=show, actor=ADMINISTRATOR, now=now)
            for facts in rehearsed_facts(found):
                click.echo(json.dumps(facts, ensure_ascii=False))


def _read(said: str) -> dict[str, object]:
    try:
        body = {"rules": json.loads(said)}
    except ValueError:
        raise InvalidInput({"rules": say("is not JSON")}) from None
    schema = SaidRulesSchema()
    if errors := schema.validate(body):
        raise click.UsageError(json.dumps(errors, ensure_ascii=False))
    return dict(schema.load(body))


@reminders.command()
@click.argument("event")
@_JSON
def preview(event: str, as_json: bool) -> None:
    """Who is reminded of an EVENT (its id), when in whose zone, and why not.

    Example: eventsvc reminders preview 3f6c7f0e-…
    """
    with in_app():
        facts = preview_facts(preview_reminders.preview(event, actor=ADMINISTRATOR, now=clock.now()))
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for one in facts["items"]:
        moved = f"quiet hours: {one['quiet_hours']}" if one["quiet_hours"] else ""
        words = (one["due_local"], one["zone"], one["name"] or one["recipient"], one["fate"], one["reason"], moved)
        click.echo("\t".join(word for word in words if word))
    if not facts["items"]:
        click.echo("Nobody.")


@reminders.command("list")
@click.option("--missed", "state", flag_value="missed", default=True, help="Those that could no longer help (usual).")
@click.option("--planned", "state", flag_value="planned", help="Those that are ahead.")
@click.option("--posted", "state", flag_value="posted", help="Those that were said.")
@click.option("--dropped", "state", flag_value="dropped", help="Those that nobody needed any more.")
@click.option("--event", default="", help="Of one event: its id.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="At most so many.")
@_JSON
def list_all(state: str, event: str, limit: int, as_json: bool) -> None:
    """Reminders that were missed, and why; or those of another state, the latest first.

    Example: eventsvc reminders list --missed
    """
    wanted = WantedReminders(state=ReminderState(state), event=event)
    with in_app():
        found, _ = preview_reminders.list_reminders(wanted, after=None, limit=limit, actor=ADMINISTRATOR)
        facts = reminder_facts(found)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for one in facts:
        words = (one["due_at"], one["recipient"], one["state"], one["reason"] or "", one["event"], one["title"])
        click.echo("\t".join(words))
    if not facts:
        click.echo("None.")


@reminders.command()
@click.option("--office", default="", help="Of an office and its people: its slug; else everybody's.")
@click.option("--set", "said", nargs=2, metavar="FROM UNTIL", help="Two hours, HH:MM; the same twice: never quiet.")
def quiet(office: str, said: tuple[str, str] | None) -> None:
    """Show when nobody is reminded, on the reader's clock, or change it.

    Example: eventsvc reminders quiet --office port-outreach --set 20:00 07:30
    """
    with in_app(), transaction():
        if said is not None:
            start, until = (_minute(one) for one in said)
            keep_reminders.keep_quiet(office, start, until, actor=ADMINISTRATOR, now=clock.now())
        facts = quiet_facts(keep_reminders.quiet_of(office, actor=ADMINISTRATOR), office)
    click.echo(f"{facts['from']} – {facts['until']}")


def _minute(said: str) -> int:
    try:
        return minute_of(said)
    except ValueError:
        raise InvalidInput({"quiet": say("is an hour such as 09:00")}) from None
