"""`eventsvc import …`: one command a kind of row."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.importing import calendar_events, campus_calendars, columns, files, subscribing
from eventsvc.interfaces.importing.event_rows import EventOptions, load_events
from eventsvc.interfaces.importing.files import Line, Table
from eventsvc.interfaces.importing.loading import Import, load_directory
from eventsvc.interfaces.importing.rehearsal import rehearsal
from eventsvc.interfaces.importing.report import Report
from eventsvc.interfaces.importing.rooms import Making
from eventsvc.interfaces.importing.schemas import fields_of
from eventsvc.workflows.keep_campus_days import campuses_of

C = TypeVar("C", bound=Callable[..., Any])
_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("import")
def importing() -> None:
    """Load rows from .csv or .jsonl files; importing again updates.

    Sends nothing. Each row is loaded in whole or not at all; the report says which line was refused and why, and
    the exit code is then 1. The columns of each kind stand in docs/imports.md.

    Example: eventsvc import campuses colleges.csv --dry-run
    """


def _of_every_import(command: C) -> C:
    for option in (
        click.option("--profile", metavar="NAME", help="Use the mapping of that name, or keep --map under it."),
        click.option("--map", "maps", multiple=True, metavar="'THEIRS=OURS'", help="Their column is ours; repeatable."),
        click.option(
            "--dry-run",
            is_flag=True,
            help="Say what would happen: import into a copy and drop it.",
        ),
        click.argument("file", type=_FILE),
    ):
        command = option(command)
    return command


def _fill(name: str, what: str) -> Callable[[C], C]:
    return click.option(f"--{name}", metavar=name.upper(), help=f"{what} where the file does not say.")


_ZONE = _fill("zone", "The IANA zone, such as America/Los_Angeles,")
_CAMPUS = _fill("campus", "The campus (slug)")
_KIND = _fill("kind", "The kind")


@importing.command()
@_KIND
@_of_every_import
def organizations(file: Path, **options: Any) -> None:
    """Employers, colleges, districts, schools, councils.

    Example: eventsvc import organizations partners.csv
    """
    _load_directory("organizations", file, options)


@importing.command()
@_ZONE
@_of_every_import
def offices(file: Path, **options: Any) -> None:
    """Desks with a mailbox.

    Example: eventsvc import offices offices.csv --zone America/Los_Angeles
    """
    _load_directory("offices", file, options)


@importing.command()
@_KIND
@_ZONE
@_of_every_import
def campuses(file: Path, **options: Any) -> None:
    """Places with an address, their organization, and an office where it has none.

    Example: eventsvc import campuses partners.csv --zone America/Los_Angeles
    """
    _load_directory("campuses", file, options)


@importing.command()
@_CAMPUS
@_of_every_import
def rooms(file: Path, **options: Any) -> None:
    """Rooms on a campus.

    Example: eventsvc import rooms rooms.csv --campus pasadena-city-college
    """
    _load_directory("rooms", file, options)


@importing.command()
@_CAMPUS
@_KIND
@_of_every_import
def pools(file: Path, **options: Any) -> None:
    """Things of which any will do: equipment, booths, access services.

    Example: eventsvc import pools projectors.csv --campus pasadena-city-college --kind equipment
    """
    _load_directory("pools", file, options)


@importing.command()
@_ZONE
@_of_every_import
def experts(file: Path, **options: Any) -> None:
    """People whom employers lend.

    Example: eventsvc import experts experts.csv --map 'Company=organization' --profile port-roster
    """
    _load_directory("experts", file, options)


@importing.command()
@_of_every_import
def topics(file: Path, **options: Any) -> None:
    """Subjects, opportunities and activities.

    Example: eventsvc import topics pathways.csv
    """
    _load_directory("topics", file, options)


@importing.command()
@_of_every_import
def travel(file: Path, **options: Any) -> None:
    """Minutes from one place to another, a row a direction.

    Example: eventsvc import travel travel.csv
    """
    _load_directory("travel", file, options)


@importing.command("campus-calendar")
@_KIND
@click.option("--organization", metavar="SLUG", help="All campuses of that organization.")
@click.option("--campus", metavar="SLUG", help="That campus.")
@_of_every_import
def campus_calendar(file: Path, campus: str | None, organization: str | None, **options: Any) -> None:
    """Terms, holidays, finals weeks and blackouts of a campus: rows, or the .ics that the registrar publishes.

    Without a kind, titles say what entries are; those that say nothing of it are refused. Booked events stay.

    Example: eventsvc import campus-calendar academic-2027.ics --campus pasadena-city-college --dry-run
    """

    def read(path: Path) -> Table:
        return campus_calendars.read(path, campuses_of(campus=campus, organization=organization)[0].zone)

    def load(task: Import, lines: list[Line]) -> Report:
        found = campuses_of(campus=campus, organization=organization)
        return campus_calendars.load(task, lines, found, _progress)

    _run("campus-calendar", file, options, load, read)


for _command in subscribing.COMMANDS:
    importing.add_command(_command)


@importing.command()
@click.option("--alias", "aliases", multiple=True, metavar="'THEIRS=OURS'", help="Their room is ours; remembered.")
@click.option("--takedown", type=click.IntRange(0, 1440), metavar="MINUTES", help="Of the rooms made.")
@click.option("--setup", type=click.IntRange(0, 1440), metavar="MINUTES", help="Of the rooms made.")
@click.option("--create-rooms", is_flag=True, help="Make the rooms that nobody knows yet.")
@click.option("--publish", is_flag=True, help="Publish what is added, unless it is cancelled.")
@click.option("--json", "as_json", is_flag=True, help="Of an .ics: the whole report as JSON.")
@click.option("--until", "last", type=_DAY, help="Of an .ics: the last day, by default 430 days after the first.")
@click.option("--from", "first", type=_DAY, help="Of an .ics: the first day, by default 30 days ago.")
@_fill("owner", "The owning office (slug)")
@_KIND
@_ZONE
@_CAMPUS
@_of_every_import
def events(file: Path, **options: Any) -> None:
    """Events: past ones become completed history, the others are confirmed; nobody is written to.

    An .ics is imported entry by entry: what repeats is worked out, a known UID is brought up to date, and who was asked
    for an event that moves is told.

    \b
    Example: eventsvc import events sessions.jsonl --campus main-campus --create-rooms --setup 30 --takedown 30
    Example: eventsvc import events career-center.ics --owner career-center --campus main-campus --dry-run
    """
    if file.suffix.lower() == ".ics":
        _in_words(lambda: calendar_events.load(file, options))
        return
    for name in ("first", "last", "as_json"):
        options.pop(name)
    making = Making(
        is_wanted=options.pop("create_rooms"),
        setup_minutes=options.pop("setup"),
        takedown_minutes=options.pop("takedown"),
    )
    aliases, is_published = options.pop("aliases"), options.pop("publish")

    def load(task: Import, lines: list[Line]) -> Report:
        pairs = columns.parse_pairs(aliases, option="--alias")
        chosen = EventOptions(is_published=is_published, aliases=pairs, making=making)
        return load_events(task, chosen, lines, _progress)

    _run("events", file, options, load)


def _load_directory(kind: str, file: Path, options: dict[str, Any]) -> None:
    _run(kind, file, options, lambda task, lines: load_directory(task, lines, _progress))


def _run(
    kind: str,
    file: Path,
    options: dict[str, Any],
    load: Callable[[Import, list[Line]], Report],
    read: Callable[[Path], Table] = files.read,
) -> None:
    """Read, match columns, load, report; a refusal of the whole file is a sentence and exit code 1."""
    is_dry_run = options["dry_run"]
    with in_app():
        try:
            table = read(file)
            task = _task(kind, table.columns, options)
            with rehearsal() if is_dry_run else nullcontext():
                report = load(task, table.lines)
        except Refusal as refusal:
            raise click.ClickException(refusal.detail) from None
    for line in report.lines(is_dry_run=is_dry_run):
        click.echo(line)
    if report.refused:
        sys.exit(1)


def _in_words(act: Callable[[], None]) -> None:
    """Do it within the app; a refusal is a sentence and exit code 1."""
    with in_app():
        try:
            act()
        except Refusal as refusal:
            line = refusal.facts.get("line")
            raise click.ClickException(f"line {line}: {refusal.detail}" if line else refusal.detail) from None


def _task(kind: str, file_columns: list[str], options: dict[str, Any]) -> Import:
    is_dry_run = options.pop("dry_run")
    profile, given = options.pop("profile"), columns.parse_pairs(options.pop("maps"), option="--map")
    columns.ensure_in_file(given, file_columns)
    mapping = _mapping(profile, given)
    fills = {name: text for name, text in options.items() if text}
    fields = fields_of(kind)
    needed = [name for name, field in fields.items() if field.required and name not in fills]
    matched = columns.match(kind, file_columns, fields, mapping, needed)
    if profile and given and not is_dry_run:
        with transaction():
            columns.keep_profile(profile, mapping)
    return Import(kind=kind, columns=matched, actor=ADMINISTRATOR, now=clock.now(), fills=fills)


def _mapping(profile: str | None, given: dict[str, str]) -> dict[str, str]:
    """What the profile knows and what is given beside it; refuses a profile that nobody has made yet."""
    kept = columns.find_profile(profile) if profile else None
    if profile and kept is None and not given:
        names = ", ".join(columns.profile_names()) or "none yet"
        raise files.refusal(f"there is no profile {profile!r} (kept: {names}); give --map with it to make it")
    return {**(kept or {}), **given}


def _progress(lines: list[Line]) -> Iterable[Line]:
    """The lines, with a bar on standard error while they are loaded."""
    with click.progressbar(lines, label="Loading", file=sys.stderr) as bar:
        yield from bar
