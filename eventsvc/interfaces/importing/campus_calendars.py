"""Loading a campus's calendar: a table, or the .ics that the registrar publishes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import say
from eventsvc.core.times import Span, local_day, to_wall
from eventsvc.domain.directory.models import Campus
from eventsvc.ical.confined import read_confined
from eventsvc.ical.reader import BusyTime, UnreadableCalendar, file_bytes
from eventsvc.interfaces.importing import files
from eventsvc.interfaces.importing.files import Line, Table
from eventsvc.interfaces.importing.loading import Import, Progress, noting
from eventsvc.interfaces.importing.report import Report
from eventsvc.workflows.keep_campus_days import CampusDayRow, forget_moved, save_campus_day
from eventsvc.workflows.keeping import count

_COLUMNS = ["title", "first", "last", "uid"]
_BACK, _AHEAD = timedelta(days=366), timedelta(days=3 * 366)


def read(path: Path, zone: str) -> Table:
    """The rows of a .csv or .jsonl file, or the entries of an .ics file as rows, whole days by the clock of `zone`.

    Refuses: InvalidInput for a file that cannot be read.
    """
    if path.suffix.lower() != ".ics":
        return files.read(path)
    now = clock.now()
    try:
        reading = read_confined(file_bytes(path), Span(now - _BACK, now + _AHEAD), zone, also_free=True)
    except UnreadableCalendar as refusal:
        raise files.refusal(refusal.detail) from None
    lines = [Line(number, _cells(time, zone)) for number, time in enumerate(reading.times, start=1)]
    lines += [Line(0, problem=say("an entry cannot be understood"))] * reading.skipped
    return Table(_COLUMNS, lines)


def _cells(time: BusyTime, zone: str) -> dict[str, str]:
    if time.days is None:
        wall = [to_wall(moment, zone).isoformat(timespec="minutes") for moment in (time.span.start, time.span.end)]
    else:
        # Noon: the calendar may be kept by another clock, where midnight comes some hours earlier or later.
        first = local_day(time.span.start + timedelta(hours=12), zone)
        wall = [first.isoformat(), (first + timedelta(days=time.days - 1)).isoformat()]
    return {"title": time.summary, "first": wall[0], "last": wall[1], "uid": time.uid}


def load(task: Import, lines: list[Line], campuses: Sequence[Campus], progress: Progress) -> Report:
    """Put every line into the calendar of every campus; what a named entry closed at another time before is dropped."""
    report = Report(unused=task.columns.unused)
    ids = [campus.id for campus in campuses]
    seen: defaultdict[tuple[int, str], set[datetime]] = defaultdict(set)
    events_there = 0
    for line in progress(lines):
        with noting(task, report, line):
            row: CampusDayRow = task.read(line)
            with transaction():
                saved = {id: save_campus_day(row, id, **task.who()) for id in ids}
            count(report.tally, *(one.outcome for one in saved.values()))
            events_there += sum(one.events_there for one in saved.values())
            for id, one in saved.items():
                if row.uid and one.starts_at:
                    seen[id, row.uid].add(one.starts_at)
    with transaction():
        moved = sum(forget_moved(id, uid, starts, task.now) for (id, uid), starts in seen.items())
    report.notes += _notes(moved, events_there)
    return report


def _notes(moved: int, events_there: int) -> list[str]:
    notes = [f"{moved} closed at another time before and moved with their entries"] if moved else []
    if events_there:
        notes.append(f"{events_there} booked events lie in what is closed now: eventsvc doctor lists them")
    return notes
