"""What an import did, row by row, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from eventsvc.workflows.keep_directory import Outcome, Tally


@dataclass(slots=True)
class Report:
    """Counts, and a sentence for each row that was not taken; lines count from 1 as an editor shows them."""

    tally: Tally = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self, *, is_dry_run: bool) -> Iterator[str]:
        """The report, line by line: notes, rows in file order, columns not used, counts."""
        yield from self.notes
        rows = [(line, "skipped", why) for line, why in self.skipped]
        rows += [(line, "refused", why) for line, why in self.refused]
        for line, word, why in sorted(rows):
            yield f"line {line}: {word}: {why}"
        if self.unused:
            yield f"not used: {', '.join(self.unused)}"
        yield self.counts() + (" Dry run: nothing was written." if is_dry_run else "")

    def counts(self) -> str:
        """ "363 rows: 300 added, 0 updated, 0 unchanged, 0 skipped, 63 refused." """
        numbers = {str(outcome): self.tally[outcome] for outcome in Outcome}
        numbers |= {"skipped": len(self.skipped), "refused": len(self.refused)}
        total = sum(numbers.values())
        counts = ", ".join(f"{number} {word}" for word, number in numbers.items())
        return f"{total} row{'' if total == 1 else 's'}: {counts}."
