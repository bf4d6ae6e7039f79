"""`eventsvc import events FILE.ics`: the entries of a calendar become events."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from eventsvc.core import clock
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events.models import EventKind
from eventsvc.ical.reader import file_bytes
from eventsvc.interfaces.importing.calendar_report import facts_of, lines_of
from eventsvc.interfaces.importing.rehearsal import rehearsal
from eventsvc.workflows.import_calendar import Report, Taken, into_office, read_calendar, take_entries, window
from eventsvc.workflows.import_entry import Into, Outcome

_OF_ROWS = ("profile", "maps", "aliases", "create_rooms", "setup", "takedown", "zone")


def load(file: Path, options: dict[str, Any]) -> None:
    """Import a calendar by the options of the command; exit code 1 where an entry was refused.

    Refuses: InvalidInput for options of rows, unknown offices, campuses and kinds; UnreadableCalendar with the line.
    """
    told = [name for name in _OF_ROWS if options.get(name)]
    if told:
        raise InvalidInput({f"--{told[0].removesuffix('s')}": say("is for rows, not for calendars")})
    now, is_dry = clock.now(), bool(options["dry_run"])
    span = window(now, _day(options["first"]), _day(options["last"]))
    with rehearsal() if is_dry else nullcontext():
        into = into_of(options)
        entries = read_calendar(file_bytes(file), into, span)
        taking = take_entries(entries, into, span, actor=ADMINISTRATOR, now=now)
        report = Report(list(_shown(taking, len(entries.occurrences) + len(entries.refused))), entries.warnings)
    if options["as_json"]:
        click.echo(json.dumps(facts_of(report, is_dry=is_dry), indent=2, ensure_ascii=False))
    else:
        for line in lines_of(report, is_dry=is_dry):
            click.echo(line)
    if report.counts[Outcome.REFUSED]:
        sys.exit(1)


def into_of(options: dict[str, Any]) -> Into:
    """What the options say that entries become. Refuses InvalidInput."""
    return into_office(
        _owner(options),
        campus=options.get("campus"),
        kind=kind_of(options.get("kind")),
        is_published=bool(options.get("publish")),
        actor=ADMINISTRATOR,
    )


def kind_of(words: str | None) -> EventKind | None:
    """A kind by its word, "info session" or "info_session"; refuses InvalidInput."""
    if not words:
        return None
    try:
        return EventKind(words.strip().casefold().replace(" ", "_").replace("-", "_"))
    except ValueError:
        kinds = ", ".join(EventKind)
        raise InvalidInput({"kind": say("%(kind)r is none of %(kinds)s", kind=words, kinds=kinds)}) from None


def _owner(options: dict[str, Any]) -> str:
    """The office named, or the first one of the campus's organization."""
    if options.get("owner"):
        return str(options["owner"])
    if not options.get("campus"):
        raise InvalidInput({"--owner": say("is needed: the office whose events they become")})
    campus = lookup.get_in_use(Campus, options["campus"], field="campus")
    offices, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == campus.organization_id])
    if not offices:
        words = say("%(name)s has no office yet: name the owning office", name=campus.organization.name)
        raise InvalidInput({"--owner": words})
    return offices[0].slug


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _shown(taking: Iterable[Taken], length: int) -> Iterable[Taken]:
    """The entries, with a bar on standard error while they are taken."""
    with click.progressbar(taking, length=length, label="Importing", file=sys.stderr) as bar:
        yield from bar
