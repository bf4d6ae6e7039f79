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
    ("link", "named"),
    [
        ("https://meet.example/a b", "a space"),
        ("https://meet.example/\u00a0b", "a space"),
        ('https://meet.example/"onclick="x', "'\"'"),
        ("https://meet.example/<b>", "'<'"),
        ("https://meet.example/b>", "'>'"),
        ("https://meet.example/a\\b", "'\\\\'"),
        ("https://meet.example/{room}", "'{'"),
        ("https://meet.example/100%", "'%'"),
        ("https://meet.example/año", "'ñ'"),
    ],
)
def test_a_link_with_a_character_that_no_address_may_hold_is_refused_by_that_character(link, named):
    with pytest.raises(InvalidInput) as refused:
        words.ensure_link(link)
    assert refused.value.facts["errors"] == [
        {
            "field": "online_url",
            "reason": f"holds {named}, which no web address may; copy it from a browser’s address line",
        }
    ]


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://meet.example",
        "http://[2001:db8::1]:8080/a",
        "https://meet.example/j/8?pwd=a-b_c.d~e%2Fé".replace("é", "%C3%A9"),
        "https://meet.example/l/19%3ameeting@thread.v2/0?c={}#!$&'()*+,;=:".replace("{}", "%7b%7d"),
    ],
)
def test_links_are_kept_as_they_are(link):
    assert words.ensure_link(f" {link} ") == link


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
