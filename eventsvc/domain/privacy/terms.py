"""How long each kind of record is kept, and the kinds in words."""

from __future__ import annotations

from collections.abc import Mapping

from eventsvc.domain.privacy.kinds import KINDS


def kept_days(overrides: Mapping[str, int]) -> dict[str, int]:
    """Days for which each kind that ends is kept, with other numbers than ours where the house says so.

    Raises ValueError for a kind that nobody knows, one that never ends, or a number below 1.
    """
    known = {kind.name: kind.kept_days for kind in KINDS if kind.kept_days is not None}
    for name, days in overrides.items():
        if name not in known or days < 1:
            raise ValueError(f"RETENTION_DAYS: {name}={days} (known: {', '.join(known)}; at least 1)")
    return known | dict(overrides)


def as_markdown() -> str:
    """The kinds as the table of docs/privacy.md."""
    lines = ["| Kind | What | Why | On which ground | Who sees it | How long | Erased on request |"]
    lines.append("|" + "---|" * 7)
    for kind in KINDS:
        days = f"{kind.kept_days} days after {kind.kept_from}; then {kind.at_the_end}" if kind.kept_days else "kept"
        cells = (f"`{kind.name}`", kind.what, kind.purpose, kind.basis, kind.seen_by, days, kind.erased)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
