"""Loading a table: every row in whole or not at all, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal, SlotTaken, say
from eventsvc.domain.accounts import Actor
from eventsvc.interfaces.importing.cells import reasons
from eventsvc.interfaces.importing.columns import Columns
from eventsvc.interfaces.importing.files import Line
from eventsvc.interfaces.importing.report import Report
from eventsvc.interfaces.importing.schemas import schema_of
from eventsvc.workflows import keep_directory as keep
from eventsvc.workflows.explain_clashes import explain

Progress = Callable[[list[Line]], Iterable[Line]]

_SAVE: dict[str, Callable[..., object]] = {
    "organizations": keep.save_organization,
    "offices": keep.save_office,
    "campuses": keep.save_campus,
    "rooms": keep.save_room,
    "pools": keep.save_pool,
    "experts": keep.save_expert,
    "topics": keep.save_topic,
    "travel": keep.save_travel,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import: what is loaded, by whom, and what fills the cells that a file lacks (ours → text)."""

    kind: str
    columns: Columns
    actor: Actor
    now: datetime
    fills: Mapping[str, str] = field(default_factory=dict)

    def who(self) -> dict[str, Any]:
        """Actor and instant, as every workflow wants them."""
        return {"actor": self.actor, "now": self.now}

    def read(self, line: Line) -> Any:
        """The row of a line; raises ValidationError naming each cell that cannot be read."""
        if line.problem:
            raise ValidationError(line.problem)
        cells = {self.columns.ours[their]: cell for their, cell in line.cells.items() if their in self.columns.ours}
        known = {field: cell for field, cell in cells.items() if not _is_blank(cell)}
        return schema_of(self.kind).load({**self.fills, **known})


def load_directory(task: Import, lines: list[Line], progress: Progress) -> Report:
    """Load rows of a directory kind; the report says what became of each."""
    report = Report(unused=task.columns.unused)
    save = _SAVE[task.kind]
    for line in progress(lines):
        with noting(task, report, line):
            row = task.read(line)
            why_not = _no_place(row)
            if why_not:
                report.skipped.append((line.number, why_not))
                continue
            with transaction():
                save(row, **task.who(), tally=report.tally)
    return report


@contextmanager
def noting(task: Import, report: Report, line: Line) -> Iterator[None]:
    """Run one row; when it is refused, the report says why and the import goes on."""
    try:
        yield
    except ValidationError as error:
        report.refused.append((line.number, _sentence(_pairs(error.messages))))
    except SlotTaken as refusal:
        clashes = explain(refusal.clashes, actor=task.actor)
        report.refused.append((line.number, " ".join(_clash(clash) for clash in clashes)))
    except Refusal as refusal:
        report.refused.append((line.number, _sentence(reasons(refusal))))


def _no_place(row: Any) -> str:
    """Why a row is no campus, or nothing."""
    if isinstance(row, keep.CampusRow) and not row.address and (row.latitude is None or row.longitude is None):
        return say("%(name)s has neither an address nor coordinates, so it is no place", name=row.name)
    return ""


def _is_blank(cell: Any) -> bool:
    return cell is None or cell == [] or (isinstance(cell, str) and not cell.strip())


def _pairs(messages: Any) -> list[tuple[str, str]]:
    if isinstance(messages, dict):
        return [(str(name), str(text)) for name, texts in messages.items() for text in texts]
    return [("", str(text)) for text in messages]


def _sentence(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(reason if field in ("", "_schema") else f"{field}: {reason}" for field, reason in pairs)


def _clash(clash: dict[str, Any]) -> str:
    """ "overlap: TC 2218 is taken Mon Sep 9, 11:00–14:00 (Hulu)." """
    holder = clash["with"]["title"] if clash["with"] else None
    detail = clash["detail"]
    return f"{clash['kind']}: {detail.removesuffix('.')} ({holder})." if holder else f"{clash['kind']}: {detail}"
