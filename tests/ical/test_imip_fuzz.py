"""Whatever is done to a good answer, it is read or refused: no error, and nobody answers who did not write."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from eventsvc.ical.imip import Kind, Mail, read_mail
from tests.ical.mails import ANA, NAMES, UID, a_mail
from tests.ical.test_imip import ANSWERS, mixed

SAMPLES = {name: a_mail(name, word="TENTATIVE") for name in NAMES}
CALENDAR_BEGINS = b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n"
PLACES = st.integers(0, 10_000)
# Bytes in the places of others; the letters of an address could make another address, which is no mistake of reading.
STROKES = b';:,="\\ \t\r\n\x00\xff<>-=()'
BYTES = st.sampled_from(list(STROKES))


def nobody_new(mail: Mail) -> None:
    """Nobody but Ana has an answer in it, and not the one she did not give."""
    for answer in mail.answers:
        for person in answer.attendees:
            assert is_hers(person), person
        assert answer.word != "ACCEPTED"
    assert mail.kind is Kind.UNREADABLE or not mail.problem


def is_hers(address: str) -> bool:
    """True for Ana's with what strokes do to it: gone on after it, or letters lost, also those of "mailto:" before.

    A byte that is no UTF-8 is read as Latin-1.
    """
    written = iter(f"mailto:{ANA}")
    others = (letter for letter in address if letter.encode("latin-1", "replace") not in STROKES)
    return ANA in address or all(letter in written for letter in others)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(NAMES), strokes=st.lists(st.tuples(PLACES, BYTES), max_size=8))
def test_bytes_that_are_changed_accept_nothing(name, strokes):
    raw = bytearray(SAMPLES[name])
    for place, byte in strokes:
        raw[place % len(raw)] = byte
    nobody_new(read_mail(bytes(raw), authserv_id="mx.example"))


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(NAMES), moves=st.lists(st.tuples(PLACES, PLACES, st.booleans()), max_size=6))
def test_lines_that_are_lost_doubled_or_swapped_accept_nothing(name, moves):
    lines = SAMPLES[name].split(b"\r\n")
    for place, other, swaps in moves:
        here, there = place % len(lines), other % len(lines)
        if swaps:
            lines[here], lines[there] = lines[there], lines[here]
        else:
            lines[here : here + 1] = [] if place % 2 else [lines[here], lines[there]]
    nobody_new(read_mail(b"\r\n".join(lines)))


@settings(max_examples=100, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=4), nested=st.booleans())
def test_mails_within_mails_accept_nothing(names, nested):
    parts = [SAMPLES[name] if nested else b"Content-Type: message/rfc822\r\n\r\n" + SAMPLES[name] for name in names]
    mail = read_mail(mixed(*parts))
    nobody_new(mail)
    assert {answer.uid for answer in mail.answers} <= {UID}
    assert nested or mail.answers == ()


@settings(max_examples=200, deadline=None)
@given(
    raw=st.binary(max_size=300), head=st.sampled_from([b"", b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"])
)
def test_any_bytes_are_read_or_refused(raw, head):
    nobody_new(read_mail(head + raw))
