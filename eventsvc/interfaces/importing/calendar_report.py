"""What an import of a calendar did, entry by entry: as facts for JSON and pages, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.workflows.import_calendar import Report, Taken
from eventsvc.workflows.import_entry import Outcome

_QUIET = (Outcome.CREATED, Outcome.UNCHANGED)


def facts_of(report: Report, *, is_dry: bool) -> dict[str, Any]:
    """The report as JSON says it; instants are RFC 3339 in UTC, whole days are days."""
    return {
        "is_dry_run": is_dry,
        "counts": counts_of(report),
        "entries": [_entry(one, is_dry=is_dry) for one in report.taken],
        "warnings": [{"line": line, "detail": words} for line, words in report.warnings],
    }


def counts_of(report: Report) -> dict[str, int]:
    """How many entries became what, every outcome named."""
    return {str(outcome): report.counts[outcome] for outcome in Outcome}


def lines_of(report: Report, *, is_dry: bool) -> Iterator[str]:
    """The report, line by line: the file's warnings, each entry about which there is something to say, counts."""
    for line, words in report.warnings:
        yield f"line {line}: {words}"
    for one in report.taken:
        said = [one.reason] if one.reason else []
        if one.outcome not in _QUIET or said or one.warnings:
            words = " ".join([*said, *one.warnings])
            yield f"{_where(one)}: {one.outcome}{': ' if words else '.'}{words}"
    counts = {name: number for name, number in counts_of(report).items() if name != Outcome.GONE or number}
    total = sum(counts.values())
    counted = ", ".join(f"{number} {name}" for name, number in counts.items())
    yield f"{total} dates: {counted}." + (" Dry run: nothing was written." if is_dry else "")


def _where(one: Taken) -> str:
    parts = [f"line {one.line}" if one.line else "not in the file"]
    if one.title:
        parts.append(repr(one.title))
    if one.starts is not None:
        parts.append(_starts(one))
    return " ".join(parts)


def _starts(one: Taken) -> str:
    if isinstance(one.starts, datetime):
        return iso(one.starts)
    return one.starts.isoformat() if one.starts else ""


def _entry(one: Taken, *, is_dry: bool) -> dict[str, Any]:
    is_there = one.event_id is not None and not (is_dry and one.outcome is Outcome.CREATED)
    return {
        "line": one.line or None,
        "uid": one.uid,
        "title": one.title,
        "starts": _starts(one) or None,
        "outcome": str(one.outcome),
        "reason": one.reason,
        "warnings": list(one.warnings),
        "event": str(one.event_id) if is_there else None,
    }
