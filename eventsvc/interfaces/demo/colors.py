"""The colors of the stylesheet as they are: read from it, with the contrast of every pair that the pages use.

The ratio is that of WCAG 2.2 (1.4.3, 1.4.11): text keeps 4.5 to 1 on its ground, edges of fields, buttons and the
focus 3 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LIGHT, DARK = "light", "dark"
Palette = Mapping[str, str]

TEXT, EDGE = 4.5, 3.0
KINDS = (
    "info_session",
    "recruitment_fair",
    "convening",
    "workshop",
    "site_visit",
    "research_activity",
    "school_night",
    "meeting",
)
# What stands on what in the pages, and the contrast that it owes. A color that is on no list is in DECORATION.
_USED: tuple[tuple[float, tuple[str, ...], tuple[str, ...]], ...] = (
    (TEXT, ("ink",), ("ground", "paper", "tint", "bad-tint", "good-tint", "warn-tint", "mark")),
    (TEXT, ("soft",), ("ground", "paper", "bad-tint")),
    (TEXT, ("accent", "accent-strong"), ("ground", "paper", "tint")),
    (TEXT, ("accent",), ("good-tint", "warn-tint")),
    (TEXT, ("on-accent",), ("accent", "accent-strong")),
    (TEXT, ("bad", "good", "warn"), ("ground", "paper")),
    (TEXT, ("bad",), ("bad-tint",)),
    (TEXT, ("good",), ("good-tint",)),
    (TEXT, ("warn",), ("warn-tint",)),
    (TEXT, ("paper",), ("good", "ink")),
    (TEXT, KINDS, ("ground", "paper")),
    (EDGE, ("edge",), ("ground", "paper", "tint")),
    (EDGE, ("focus",), ("ground", "paper", "tint", "bad-tint", "good-tint", "warn-tint")),
)
# Lines between things that are told apart without them.
DECORATION = frozenset({"line"})
_PROPERTY = re.compile(r"--([\w-]+):\s*([^;]+);")
_DARK = re.compile(r"@media [^{]*\(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", re.DOTALL)
_ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pair:
    """A color on a ground: the least contrast that it owes, and what it has in each scheme."""

    color: str
    ground: str
    least: float
    light: float
    dark: float

    @property
    def keeps(self) -> bool:
        """True when both schemes keep what is owed."""
        return min(self.light, self.dark) >= self.least


def pairs(static: Path) -> Iterator[Pair]:
    """Every pair that the pages use, computed from the stylesheets in that folder."""
    light, dark = palettes(static)[LIGHT], palettes(static)[DARK]
    for least, colors, grounds in _USED:
        for color in colors:
            for ground in grounds:
                on_light, on_dark = (contrast(each[color], each[ground]) for each in (light, dark))
                yield Pair(color, ground, least, on_light, on_dark)


def palettes(static: Path) -> dict[str, Palette]:
    """Each scheme's colors by name, as #rrggbb."""
    tokens = dict(_PROPERTY.findall((static / "vendor" / "uswds-tokens.css").read_text(encoding="utf-8")))
    sheet = (static / "style.css").read_text(encoding="utf-8")
    dark = _DARK.search(sheet)
    root = _ROOT.search(sheet)
    assert root, "style.css names its colors in :root"
    assert dark, "style.css names the dark colors in a :root of their own"
    plain = dict(_PROPERTY.findall(root[1]))
    return {LIGHT: _resolved(plain, tokens), DARK: _resolved({**plain, **dict(_PROPERTY.findall(dark[1]))}, tokens)}


def _resolved(named: Mapping[str, str], tokens: Mapping[str, str]) -> dict[str, str]:
    values = {name: _value(text, tokens) for name, text in named.items()}
    return {name: value for name, value in values.items() if value}


def _value(text: str, tokens: Mapping[str, str]) -> str:
    """A color as #rrggbb, or nothing for a property that is no color."""
    token = re.fullmatch(r"var\(--([\w-]+)\)", text.strip())
    plain = tokens.get(token[1], "") if token else text.strip()
    if re.fullmatch(r"#[0-9a-fA-F]{3}", plain):
        return "#" + "".join(digit * 2 for digit in plain[1:])
    return plain if re.fullmatch(r"#[0-9a-fA-F]{6}", plain) else ""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
