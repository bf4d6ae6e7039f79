"""`eventsvc ready`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces import college_ready
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.services import services
from eventsvc.workflows import set_up
from eventsvc.workflows.readiness import readiness_of


@click.command()
@click.argument("colleges", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def ready(colleges: tuple[str, ...], as_json: bool) -> None:
    """Say what colleges (slugs of organizations) still lack before their students should see them.

    Without a slug: every college. Exit code 1 while something needed is missing somewhere, or nothing is set up.

    Example: eventsvc ready pasadena-city-college
    """
    with in_app():
        around, now = college_ready.surroundings(), clock.now()
        known = [set_up.get_college(slug, actor=ADMINISTRATOR) for slug in colleges]
        known = known or list(set_up.colleges(actor=ADMINISTRATOR))
        found = [college_ready.facts_of(readiness_of(college, around, now)) for college in known]
        begin = services().links.to("/setup")
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif not found:
        click.echo(f"No college is set up yet. Begin at {begin}")
    else:
        for college in found:
            _print(college)
    sys.exit(0 if found and all(college["is_ready"] for college in found) else 1)


def _print(college: dict[str, Any]) -> None:
    verdict = "ready" if college["is_ready"] else "students should not see this yet"
    click.echo(f"{college['name']} ({college['college']}): {verdict}")
    for check in college["checks"]:
        mark = "done   " if check["is_done"] else "MISSING" if check["is_needed"] else "better "
        click.echo(f"  {mark}  {check['says']}" + ("" if check["is_done"] else f"\n           {check['url']}"))
