"""Every letter as it leaves the house, kept word for word: `python -m tests.domain.outbox.golden` makes the files anew.

A file holds one letter in one language: the headers that are its own, its text, and what its HTML holds between the
greeting and the end. The frame around that is the same for all and kept once.
"""

from __future__ import annotations

import re
from pathlib import Path

from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.samples import SAMPLES, a_sample
from tests.links import links_of

FOLDER = Path(__file__).parent / "golden"
FRAME = FOLDER / "_frame.html"
LANGUAGES = ("en", "es")
_HEADERS = ("Subject", "To", "Content-Language", "List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To")
# Signatures say nothing of the words, and are long.
_SIGNED = re.compile(r"(events\.example/[a-z-]+/)\.?[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]+")
_LOOK = re.compile(r' style="[^"]*"')


def path_of(letter: str, language: str) -> Path:
    """Where a letter is kept."""
    return FOLDER / f"{letter}.{language}.txt"


def written(letter: str, language: str) -> str:
    """The letter as its file should say it."""
    mail = letters.render(a_sample(letter, language), links_of(), "eventsvc <events@events.example>")
    heads = [f"{name}: {mail[name]}" for name in _HEADERS if name in mail]
    text, html = (part.get_content() if (part := mail.get_body((kind,))) else "" for kind in ("plain", "html"))
    _, column = _parts(html)
    return _SIGNED.sub(r"\1…", "\n".join([*heads, "", text, "---- HTML", _LOOK.sub("", column), ""]))


def frame() -> str:
    """What stands around every letter's HTML."""
    html = letters.render(a_sample("confirmed"), links_of(), "a@b.example").get_body(("html",))
    assert html is not None
    return _parts(html.get_content())[0]


def _parts(html: str) -> tuple[str, str]:
    """The frame, and the column within it."""
    found = re.fullmatch(r'(.*<div role="main"[^>]*>\n)(.*)(\n</div>\n.*)', html, re.DOTALL)
    assert found, "the frame of letters has changed"
    return found[1] + "…" + found[3], found[2]


def main() -> None:
    """Write every file anew, and take away those of letters that are gone."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    FRAME.write_text(frame())
    for letter in SAMPLES:
        for language in LANGUAGES:
            path_of(letter, language).write_text(written(letter, language))


if __name__ == "__main__":
    main()
