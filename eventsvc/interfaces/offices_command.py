"""`eventsvc accounts hand-over | away | back`: offices outlive people."""

from __future__ import annotations

import json
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.accounts.absences import Absence
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.office_schemas import handed_over_facts
from eventsvc.workflows import keep_absences
from eventsvc.workflows.hand_over import hand_over

_OFFICE = click.option("--office", help="Slug: from the duties at that office alone.")
_ORGANIZATION = click.option("--organization", help="Slug: from the duties in that organization alone.")


@click.command("hand-over")
@click.argument("giver", metavar="FROM")
@click.argument("taker", metavar="TO")
@_OFFICE
@_ORGANIZATION
@click.option("--dry-run", is_flag=True, help="Say what would move, end, and be written, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def hand_over_command(
    giver: str, taker: str, office: str | None, organization: str | None, dry_run: bool, as_json: bool
) -> None:
    """All that FROM owns becomes TO's (two addresses): events, approvals, covers; sign-ins, tokens and roles end.

    Without a place FROM leaves: the account ends. Both are told, and each office that has a part in what is coming.

    Example: eventsvc accounts hand-over ana@pcc.example ben@pcc.example --dry-run
    """
    with in_app():
        place = {"office": office, "organization": organization}
        with transaction(keep=not dry_run):
            facts = handed_over_facts(hand_over(giver, taker, **place, actor=ADMINISTRATOR, now=clock.now()))
        click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(_lines(facts, is_dry=dry_run)))


@click.command()
@click.argument("email")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="UNTIL")
@click.option("--cover", required=True, help="Address of the colleague who covers.")
@_OFFICE
@_ORGANIZATION
def away(email: str, first: str, last: str, cover: str, office: str | None, organization: str | None) -> None:
    """From FROM until UNTIL somebody is away and a colleague covers: days (the last one counts whole) or local times.

    Example: eventsvc accounts away ana@pcc.example 2027-03-01 2027-03-12 --cover ben@pcc.example
    """
    with in_app():
        with transaction():
            place = {"office": office, "organization": organization}
            added = keep_absences.add_absence(
                email, first, last, cover=cover, **place, actor=ADMINISTRATOR, now=clock.now()
            )
        click.echo(_line(added))


@click.command("who-is-away")
def who_is_away() -> None:
    """Who is away, now and later, and who covers: a line each, with its id.

    Example: eventsvc accounts who-is-away
    """
    with in_app():
        found = keep_absences.absences_seen(actor=ADMINISTRATOR, now=clock.now())
        for one in found:
            click.echo(_line(one))
    if not found:
        click.echo("Nobody.")


@click.command()
@click.argument("absence_id", metavar="ID")
def back(absence_id: str) -> None:
    """Somebody is there after all, or back early; ID is what `who-is-away` shows.

    Example: eventsvc accounts back 5e8c1f0a-8f0e-4d52-9d7b-1f2f0a6f6f11
    """
    with in_app(), transaction():
        keep_absences.end_absence(absence_id, actor=ADMINISTRATOR, now=clock.now())
    click.echo("Noted.")


COMMANDS = (hand_over_command, away, who_is_away, back)


def _lines(facts: dict[str, Any], *, is_dry: bool) -> list[str]:
    """The outcome in words; nobody's address is printed."""
    done = "Would hand over" if is_dry else "Handed over"
    place = f" at {facts['at']}" if facts["at"] else ", who leaves"
    moved = ", ".join(f"{number} {kind}" for kind, number in facts["moved"].items())
    lines = [f"{done} from {facts['from']['name']}{place} to {facts['to']['name']}: {moved}."]
    lines += [f"  {one['starts_at']}  {one['title']}" for one in facts["events"]]
    lines += [f"  ends: {one['role']} at {one['at'] or 'everywhere'}" for one in facts["roles"]]
    lines += [f"  ends: token {one['name']!r} ({', '.join(one['scopes'])})" for one in facts["programs"]]
    lines.append(f"  ends: {facts['sessions']} sign-ins")
    told = ", ".join(office["slug"] for office in facts["told"]) or "no other office"
    return [*lines, f"  told: both, and {told}"]


def _line(one: Absence) -> str:
    cover = one.present_cover.name if one.present_cover else "nobody"
    first, last = (to_wall(moment, one.zone).isoformat(" ", "minutes") for moment in (one.starts_at, one.ends_at))
    place = f" at {one.place.name}" if one.place.name else ""
    return f"{one.public_id}  {one.account.name}{place}: {first} to {last} {one.zone}, cover: {cover}"
