"""Refusals: English text that a door can say in another language."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from eventsvc.core.errors import InvalidInput, Said, SlotTaken, say, say_many

SPANISH = {
    "An event that is %(status)s cannot be moved.": "Un evento que está %(status)s no se puede mover.",
    "confirmed": "confirmado",
    "%(num)d clash": "%(num)d choque",
    "%(num)d clashes": "%(num)d choques",
}


def in_spanish(said: Said) -> str:
    return said.translated(
        lambda text: SPANISH.get(text, text), lambda one, many, num: SPANISH[one if num == 1 else many]
    )


def test_what_is_said_is_its_english_text():
    said = say("%(slug)r is out of use since %(day)s", slug="hall", day="2027-01-02")
    assert said == "'hall' is out of use since 2027-01-02"
    assert json.dumps([said]) == "[\"'hall' is out of use since 2027-01-02\"]"
    assert (said.message, dict(said.facts)) == (
        "%(slug)r is out of use since %(day)s",
        {"slug": "hall", "day": "2027-01-02"},
    )


def test_what_is_said_is_translated_with_the_facts_that_were_said():
    said = say("An event that is %(status)s cannot be moved.", status=say("confirmed"))
    assert in_spanish(said) == "Un evento que está confirmado no se puede mover."


@pytest.mark.parametrize("fact", ["100 %", "%(slug)s", "%s", "%"])
def test_percent_signs_in_facts_are_safe(fact):
    said = say("there is no room %(slug)s", slug=fact)
    assert said == f"there is no room {fact}"
    assert in_spanish(said) == f"there is no room {fact}"


def test_a_sentence_without_facts_may_hold_percent_signs():
    assert say("100 % of it") == "100 % of it"


@pytest.mark.parametrize(("num", "words", "theirs"), [(1, "1 clash", "1 choque"), (2, "2 clashes", "2 choques")])
def test_a_number_of_things_has_its_own_sentence(num, words, theirs):
    said = say_many("%(num)d clash", "%(num)d clashes", num)
    assert said == words
    assert in_spanish(said) == theirs
    assert SlotTaken([None] * num).detail == words


@pytest.mark.parametrize("again", [str, copy.copy, copy.deepcopy, lambda said: pickle.loads(pickle.dumps(said))])
def test_what_was_said_is_still_known_after_it_was_handed_on(again):
    said = again(say("An event that is %(status)s cannot be moved.", status=say("confirmed")))
    assert in_spanish(said) == "Un evento que está confirmado no se puede mover."


def test_invalid_input_keeps_each_reason_as_it_was_said():
    refusal = InvalidInput({"title": say("is empty"), "days": say("is needed")})
    assert refusal.detail == "title: is empty; days: is needed"
    assert [type(error["reason"]) for error in refusal.facts["errors"]] == [Said, Said]
