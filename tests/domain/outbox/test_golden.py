"""Every letter in both languages is what it was when somebody last looked at it (tests/domain/outbox/golden)."""

from __future__ import annotations

import re

import pytest

from eventsvc.domain.outbox.samples import SAMPLES
from tests.domain.outbox import golden

ANEW = "look at the difference; if it is meant: python -m tests.domain.outbox.golden"


@pytest.mark.parametrize("letter", sorted(SAMPLES))
@pytest.mark.parametrize("language", golden.LANGUAGES)
def test_a_letter_says_what_it_said(letter, language):
    path = golden.path_of(letter, language)
    assert path.exists(), ANEW
    assert golden.written(letter, language) == path.read_text(), ANEW


def test_the_frame_of_letters_is_what_it_was_and_fetches_nothing():
    frame = golden.frame()
    assert frame == golden.FRAME.read_text(), ANEW
    assert re.findall(r"https?:|url\(|<script|<img|<link|src=", frame) == []


def test_no_file_is_left_of_a_letter_that_is_gone():
    kept = {path.name for path in golden.FOLDER.glob("*.txt")}
    assert kept == {golden.path_of(letter, language).name for letter in SAMPLES for language in golden.LANGUAGES}


@pytest.mark.parametrize("letter", sorted(SAMPLES))
def test_no_letter_fetches_anything_when_it_is_read(letter):
    for language in golden.LANGUAGES:
        _, _, html = golden.written(letter, language).partition("---- HTML")
        assert re.findall(r"url\(|<script|<img|<link|<form|src=|javascript:", html) == []
