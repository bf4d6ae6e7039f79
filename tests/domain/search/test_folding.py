"""How words are folded before any database sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsvc.domain.search.folding import words_asked, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Careers at the Port", ["careers", "at", "the", "port"]),
        ("Cafés & CAREERS", ["cafes", "careers"]),
        ("Feria de Señoras", ["feria", "de", "senoras"]),
        ("zero-emission/e-bus", ["zero", "emission", "e", "bus"]),
        ("TC 2218, Wing_B", ["tc", "2218", "wing", "b"]),
        ("the expert’s day, O'Brien", ["the", "experts", "day", "obrien"]),
        ("Straße ﬁne İzmir", ["strasse", "fine", "izmir"]),
        ("car\u00adreer \u202eport\u202c", ["carreer", "port"]),
        ("ענבל بيت", ["ענבל", "بيت"]),
        ("fair 🎉🎉", ["fair"]),
        ("\x00'\"*():^-+~ \ud800", []),
        ("a" * 100, ["a" * 64]),
    ],
)
def test_a_text_is_its_folded_words(text, words):
    assert words_in(text) == words


@given(st.text())
def test_folded_words_fold_to_themselves(text):
    words = words_in(text)
    assert words_in(" ".join(words)) == words


@given(st.text())
def test_a_folded_word_holds_no_mark_of_any_query_language(text):
    assert all(mark.isalnum() for word in words_in(text) for mark in word)


def test_a_question_is_cut_to_what_narrows():
    assert words_asked("a b a B") == ("a", "b")
    assert len(words_asked(" ".join(str(number) for number in range(100)))) == 12
    assert words_asked("x" * 10_000) == ("x" * 64,)
