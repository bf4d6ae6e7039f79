"""The pictures of the README and of docs/: each is there, is shown somewhere, says what it shows, and is small."""

from __future__ import annotations

import re

from tests.live_demo import CHECKOUT

IMAGES = CHECKOUT / "docs" / "images"
TEXTS = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("**/*.md"))]
MOST_BYTES = 200_000


def shown() -> list[tuple[str, str]]:
    """Each picture in a text: what is said instead of it, and the name of its file."""
    found = []
    for text in TEXTS:
        for words, path in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", text.read_text()):
            assert (text.parent / path).is_file(), f"{text.name} shows {path}, which is not there"
            found.append((words, path.rsplit("/", 1)[1]))
    return found


def test_every_picture_is_there_and_is_shown():
    assert {name for _, name in shown()} == {path.name for path in IMAGES.iterdir()}


def test_every_picture_says_what_it_shows():
    assert [name for words, name in shown() if len(words.split()) < 4] == []


def test_every_picture_is_small():
    assert [path.name for path in IMAGES.iterdir() if path.stat().st_size >= MOST_BYTES] == []
