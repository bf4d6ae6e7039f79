"""`eventsvc requests board | show | rehearse | grant | employers | approve`: wishes before events."""

from __future__ import annotations

import json
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.requests import lookup
from eventsvc.domain.requests.employers import EmployerState
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.shown_requests import (
    approval_facts,
    line_facts,
    match_facts,
    outcome_facts,
    request_facts,
    round_facts,
)
from eventsvc.workflows import admit_employers, grant_rounds, match_experts, request_board

_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
MOST = 100


@click.group()
def requests() -> None:
    """Requests of colleges: the partner's board, rounds, and which employers a college admits."""


@requests.command()
@click.argument("office")
@_JSON
def board(office: str, as_json: bool) -> None:
    """What waits for the answer of a partner's OFFICE, the oldest first, and who could go.

    Example: eventsvc requests board port-outreach
    """
    with in_app():
        now = clock.now()
        lines, _ = request_board.board_of(office, actor=ADMINISTRATOR, limit=MOST, now=now)
        facts = line_facts(lines, now)
    _say(facts, as_json, [_board_line(one) for one in facts] or ["Nothing waits."])


@requests.command()
@click.argument("request_id", metavar="ID")
@_JSON
def show(request_id: str, as_json: bool) -> None:
    """One request, and who fits it, best first, with the reasons.

    Example: eventsvc requests show 5e8c1f0a-8f0e-4d52-9d7b-1f2f0a6f6f11
    """
    with in_app():
        now = clock.now()
        facts = request_facts(lookup.get_request(request_id, ADMINISTRATOR), now)
        found, people = match_experts.matches_of(request_id, most=10, actor=ADMINISTRATOR, now=now)
        matches = [match_facts(one, found.zone) for one in people]
    lines = [f"{facts['title']}, {facts['college']} asks {facts['partner']}: {facts['state']}"]
    lines += [f"  {one['first_on']} to {one['last_on']}, {one['from']}-{one['until']}" for one in facts["windows"]]
    lines += [f"  {_match_line(one)}" for one in matches]
    _say({"request": facts, "matches": matches}, as_json, lines)


@requests.command()
@click.argument("round_id", metavar="ROUND")
@_JSON
def rehearse(round_id: str, as_json: bool) -> None:
    """What granting a ROUND would give now; nothing is written.

    Example: eventsvc requests rehearse 5e8c1f0a-8f0e-4d52-9d7b-1f2f0a6f6f11
    """
    with in_app():
        facts = outcome_facts(grant_rounds.rehearse(round_id, actor=ADMINISTRATOR, now=clock.now()))
    _say(facts, as_json, [_outcome_line(one) for one in facts] or ["No request stands in this round."])


@requests.command()
@click.argument("round_id", metavar="ROUND")
@click.option("--dry-run", is_flag=True, help="Do it, show it, and take it back.")
@_JSON
def grant(round_id: str, dry_run: bool, as_json: bool) -> None:
    """Grant a ROUND whose day is over: events are made, and both sides are told.

    Example: eventsvc requests grant 5e8c1f0a-8f0e-4d52-9d7b-1f2f0a6f6f11 --dry-run
    """
    with in_app():
        now = clock.now()
        with transaction(keep=not dry_run):
            found, outcome = grant_rounds.grant_round(round_id, actor=ADMINISTRATOR, now=now)
            facts, shown = round_facts(found, now), outcome_facts(outcome)
    _say(
        {"round": facts, "outcome": shown},
        as_json,
        [_outcome_line(one) for one in shown] or ["No request stood in this round."],
    )


@requests.command()
@click.argument("college")
@_JSON
def employers(college: str, as_json: bool) -> None:
    """What a COLLEGE has said of employers; those that wait come first.

    Example: eventsvc requests employers pasadena-city-college
    """
    with in_app():
        facts = [approval_facts(one) for one in admit_employers.employers_of(college, actor=ADMINISTRATOR)]
    lines = [f"{one['state']:<8}  {one['employer']}  {one['reason']}".rstrip() for one in facts]
    _say(facts, as_json, lines or ["Nobody has asked."])


@requests.command()
@click.argument("college")
@click.argument("employer")
@click.option("--decline", "reason", default=None, metavar="REASON", help="Decline it, and say why.")
def approve(college: str, employer: str, reason: str | None) -> None:
    """Let a COLLEGE admit an EMPLOYER, or decline it.

    Example: eventsvc requests approve pasadena-city-college cranes-and-sons
    """
    state = EmployerState.APPROVED if reason is None else EmployerState.DECLINED
    with in_app(), transaction():
        who = ADMINISTRATOR
        admit_employers.decide_on_employer(college, employer, state, reason=reason or "", actor=who, now=clock.now())
    click.echo("Noted.")


def _say(facts: Any, as_json: bool, lines: list[str]) -> None:
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(lines))


def _board_line(line: dict[str, Any]) -> str:
    one = line["request"]
    late = ", late" if one["is_late"] else ""
    people = "; ".join(_match_line(match) for match in line["suggested"]) or "nobody knows a topic of it"
    age = f"{one['age_working_days']} working days"
    return f"{one['id']}  {one['title']} ({one['college']}), {age}, by {one['answer_by']}{late}: {people}"


def _match_line(match: dict[str, Any]) -> str:
    when = match["starts_local"] or "not free"
    return f"{match['expert']}, {when}"


def _outcome_line(one: dict[str, Any]) -> str:
    got = _match_line(one["granted"]) if one["granted"] else "nothing could be had"
    if not one["is_admitted"]:
        got = "the college has not approved the employer"
    return f"{one['college']} ({one['per_thousand']} for 1,000): {one['title']}: {got}"
