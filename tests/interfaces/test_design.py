"""The colors keep their contrast, computed from the stylesheet itself; the component sheet shows every part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import eventsvc
from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.demo import colors
from tests.interfaces.browser import Browser

STATIC = Path(eventsvc.__file__).parent / "static"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # the well-known gray that just fails
        ("#767676", "#ffffff", 4.54),
    ],
)
def test_the_contrast_is_that_of_wcag(one, other, ratio):
    assert round(colors.contrast(one, other), 2) == ratio
    assert colors.contrast(one, other) == colors.contrast(other, one)


def test_every_text_and_edge_keeps_its_contrast_in_light_and_dark():
    found = list(colors.pairs(STATIC))
    assert len(found) > 30
    weak = [f"{p.color} on {p.ground}: {p.light:.2f} / {p.dark:.2f}, owes {p.least}" for p in found if not p.keeps]
    assert weak == []


def test_every_color_of_the_stylesheet_is_computed_or_mere_decoration():
    palettes = colors.palettes(STATIC)
    named = set(palettes[colors.LIGHT])
    used = {name for pair in colors.pairs(STATIC) for name in (pair.color, pair.ground)}
    assert named - used == colors.DECORATION
    assert set(palettes[colors.DARK]) == named
    assert set(colors.KINDS) == set(EventKind)


def test_stylesheets_use_the_named_colors_only():
    """A color written out would be dark on dark somewhere. Paper, and letters that are black on white, are apart."""
    for sheet in sorted(STATIC.glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        if sheet.name == "style.css":
            text = text[text.index("*, *::before") : text.index("@media print")]
        written = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", text)
        assert written == (["#fff"] if sheet.name == "outbox.css" else []), sheet.name


@pytest.fixture
def sheet(demo: Flask) -> Browser:
    browser = Browser(demo)
    browser.get("/design")
    assert browser.status == 200
    return browser


def test_the_sheet_shows_each_kind_and_status_and_every_pair_of_colors(sheet):
    assert {tag for kind in EventKind for tag in sheet.page.select(f".tags .kind-{kind}")}
    words = sheet.text
    for status in Status:
        if status not in (Status.CONFIRMED, Status.COMPLETED):  # the usual case needs no tag
            assert sheet.page.select(f"#s-{status} .tag"), status
    rows = sheet.page.select("#colors-table tbody tr")
    assert len(rows) == len(list(colors.pairs(STATIC)))
    assert "fails" not in words


def test_each_swatch_has_its_rule_in_the_stylesheet(sheet):
    text = (STATIC / "design.css").read_text(encoding="utf-8")
    names = {name for swatch in sheet.page.select(".pair") for name in swatch["class"] if name != "pair"}
    assert len(names) > 20
    assert [name for name in sorted(names) if f".{name} {{" not in text] == []


def test_no_two_parts_of_the_sheet_share_an_id(sheet):
    ids = [tag["id"] for tag in sheet.page.select("[id]")]
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_what_the_sheet_shows_is_stored_nowhere(demo, sheet):
    with demo.app_context():
        for table in (Event, Campus, Message):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_the_sheet_exists_in_a_demo_only(bare_app):
    assert bare_app.test_client().get("/design").status_code == 404
