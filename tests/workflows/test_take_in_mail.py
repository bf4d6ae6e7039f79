"""Taking mail in: whole, once, and nothing that is no mail."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from eventsvc.core import caps
from eventsvc.core.caps import TooLarge
from eventsvc.core.db import db, is_postgresql, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.taking_in import NoMail
from eventsvc.workflows.take_in_mail import take_in
from tests.conftest import NOW

MAIL = b"From: osprey@port.example\r\nTo: events+abc@calendar.example\r\nSubject: Yes\r\n\r\nI shall come.\r\n"


def test_a_mail_is_kept_whole_and_waits(story):
    mail, is_new = take_in(MAIL, door="http", envelope_to="events+abc@calendar.example", now=NOW)
    assert is_new
    assert (mail.raw, mail.state, mail.door) == (MAIL, MailState.WAITING, "http")
    assert (mail.envelope_to, mail.received_at) == ("events+abc@calendar.example", NOW)


def test_the_same_bytes_twice_are_one_mail(app):
    with transaction():
        first, _ = take_in(MAIL, door="http", now=NOW)
    with transaction():
        second, is_new = take_in(MAIL, door="imap", now=NOW)
        other, other_is_new = take_in(MAIL + b"!", door="imap", now=NOW)
    assert (second.id, is_new) == (first.id, False)
    assert other_is_new
    assert other.id != first.id


def test_two_doors_at_one_moment_keep_one(app):
    """Each in a connection of its own; whoever comes second finds what the first has kept."""
    both, seen = threading.Barrier(2), []

    def come() -> None:
        with app.app_context(), transaction():
            if is_postgresql():  # SQLite lets one writer begin at a time
                both.wait(timeout=20)
            seen.append(take_in(MAIL, door="maildir", now=NOW)[1])

    doors = [threading.Thread(target=come) for _ in range(2)]
    for door in doors:
        door.start()
    for door in doors:
        door.join()
    assert sorted(seen) == [False, True]
    assert db.session.scalar(select(func.count(ReceivedMail.id))) == 1


@pytest.mark.parametrize(
    "raw",
    [
        MAIL,
        b"From osprey@port.example Mon Jan 11 17:00:00 2027\n" + MAIL,
        b"X-A : b\n",
        b"Subject:",
        b"A:" + b"\xff" * 9,
    ],
)
def test_what_begins_with_a_field_is_mail(story, raw):
    assert take_in(raw, door="pipe", now=NOW)[1]


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"Hello, I shall come\r\n", b" Subject: no\r\n", b"\x00\x01", b"From a b\nno field\n", b":x"]
)
def test_what_does_not_is_none(story, raw):
    with pytest.raises(NoMail):
        take_in(raw, door="pipe", now=NOW)


def test_the_longest_mail_is_taken_and_one_byte_more_is_not(story):
    begun = b"Subject: long\r\n\r\n"
    longest = begun + b"x" * (caps.MAIL.most_bytes - len(begun))
    assert take_in(longest, door="pipe", now=NOW)[1]
    with pytest.raises(TooLarge) as refused:
        take_in(longest + b"x", door="pipe", now=NOW)
    assert refused.value.facts == {"kind": "mail", "limit_bytes": 10_000_000}


@pytest.mark.parametrize("address", ["nobody", "a@b@c d", "a@b\x00", "x" * 250 + "@b.example"])
def test_an_envelope_names_an_address_or_nobody(story, address):
    with pytest.raises(InvalidInput):
        take_in(MAIL, door="http", envelope_to=address, now=NOW)
