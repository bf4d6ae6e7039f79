"""Signed links: one purpose, an end, no forgery, and keys that can be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventsvc.core.addresses import Addresses
from eventsvc.core.errors import LinkExpired, NotFound
from eventsvc.core.links import Links
from eventsvc.core.tokens import Signer

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SIGNER = Signer.from_keys(["new key"])


def test_a_token_says_its_subject_until_the_instant_it_expires():
    token = SIGNER.make("answer", "subject 1", LATER)
    assert SIGNER.read("answer", token, NOW) == "subject 1"
    assert SIGNER.read("answer", token, LATER - timedelta(seconds=1)) == "subject 1"
    with pytest.raises(LinkExpired):
        SIGNER.read("answer", token, LATER)


def test_the_same_input_gives_the_same_token():
    assert SIGNER.make("answer", "1", LATER) == SIGNER.make("answer", "1", LATER)


def test_a_token_for_another_purpose_is_not_ours():
    with pytest.raises(NotFound):
        SIGNER.read("check-in", SIGNER.make("answer", "1", LATER), NOW)


def test_a_token_with_any_letter_changed_or_cut_off_is_not_ours():
    token = SIGNER.make("answer", "1", LATER)
    for index, letter in enumerate(token):
        # The last letter of base64 may carry unused bits, so take one that differs in all of them.
        other = "A" if letter in "zyxwvutsrq" else "z"
        with pytest.raises(NotFound):
            SIGNER.read("answer", token[:index] + other + token[index + 1 :], NOW)
        with pytest.raises(NotFound):
            SIGNER.read("answer", token[:index], NOW)


@pytest.mark.parametrize("rubbish", ["", ".", "a.b.c", "\x00", "é", "x" * 100_000, "WzEsMl0"])
def test_rubbish_is_not_ours(rubbish):
    with pytest.raises(NotFound):
        SIGNER.read("answer", rubbish, NOW)


def test_an_old_key_still_verifies_while_it_is_a_fall_back_and_the_new_one_signs():
    old = Signer.from_keys(["old key"]).make("answer", "1", LATER)
    both = Signer.from_keys(["new key", "old key"])
    assert both.read("answer", old, NOW) == "1"
    assert both.make("answer", "1", LATER) == SIGNER.make("answer", "1", LATER)
    with pytest.raises(NotFound):
        SIGNER.read("answer", old, NOW)


@pytest.mark.parametrize("keys", [[], [""], ["", ""]])
def test_there_is_no_signer_without_a_key(keys):
    with pytest.raises(ValueError):
        Signer.from_keys(keys)


def test_links_start_with_the_public_address_and_are_read_back():
    links = Links("https://events.example/", SIGNER, Addresses.from_keys(["a key"]))
    address = links.answer("invitation-1", 3, LATER)
    assert address.startswith("https://events.example/answer/")
    assert links.read_answer(address.rsplit("/", 1)[1], NOW) == ("invitation-1", 3)
    assert links.webcal("campus/harbor") == "webcal://events.example/feeds/campus/harbor.ics"
