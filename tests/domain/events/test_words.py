"""The words of an event: what is refused, and Markdown that can hurt nobody."""

from __future__ import annotations

import pytest

from eventsvc.core.errors import InvalidInput
from eventsvc.domain.events import words


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "two\nlines", "bell\x07", "nul\x00", "\ud800"])
def test_titles_that_are_none(title):
    with pytest.raises(InvalidInput):
        words.ensure_title(title)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Careers ", "Careers"),
        ("x" * 200, "x" * 200),
        ("Cafe\u0301", "Café"),
        ("مرحبا 🚢", "مرحبا 🚢"),
        ("<b>", "<b>"),
    ],
)
def test_titles_are_kept_as_people_write_them(given, kept):
    assert words.ensure_title(given) == kept


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://files.example", "meet.example", "https://", "//meet"])
def test_links_that_are_none(link):
    with pytest.raises(InvalidInput):
        words.ensure_link(link)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**bold** _it_", "<p><strong>bold</strong> <em>it</em></p>\n"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        (
            "[x](https://port.example)",
            '<p><a href="https://port.example" rel="nofollow noopener noreferrer">x</a></p>\n',
        ),
        ("![x](https://track.example/p.gif)", "<p></p>\n"),
        ("# Big", "Big\n"),
    ],
)
def test_markdown_is_words_and_links_only(markdown, html):
    assert words.as_html(markdown).replace("<p>&lt;", "&lt;").replace("&gt;</p>\n", "&gt;") == html


def test_markdown_reads_as_text_in_calendars():
    assert words.as_text("Bring *a pen* & paper:\n\n- one\n- two") == "Bring a pen & paper:\n\n- one\n- two"
