"""Whatever is done to a good answer on its way, it changes no other event and nobody else's invitation."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.matching import judge
from eventsvc.domain.mail.verdicts import Act, Standing
from eventsvc.ical.imip import read_mail
from tests.ical.mails import ANA, HOUR, STAMPED, STARTS, UID, a_mail
from tests.ical.test_imip import ANSWERS

SAMPLES = {name: a_mail(name, word="TENTATIVE", sequence=3) for name in ANSWERS}
PLACES = st.integers(0, 10_000)
STROKES = st.lists(st.tuples(PLACES, st.integers(0, 255)), max_size=6)
SWAPPED, DOUBLED = st.tuples(PLACES, PLACES), st.lists(st.tuples(PLACES, PLACES), max_size=4)
CHANGING = {Act.ANSWER, Act.RECORD, Act.PROPOSE, Act.DELEGATE}
HERS = Standing(
    uid=UID,
    address=ANA,
    is_by_address=True,
    sequence=3,
    asked_sequence=0,
    dates=frozenset({STARTS}),
    starts=STARTS,
    ends=STARTS + HOUR,
)
OF_ANOTHER_EVENT = replace(HERS, uid="7d444840-9dc0-11d1-b245-5ffdce74fad2")
OF_ANOTHER_PERSON = replace(HERS, address="bo.lind@partner.example", others=frozenset({ANA}))
# All else equal: the address in the letter is not that of the invitation, only the UID is known.
BY_UID_ALONE = replace(HERS, is_by_address=False)


def spoilt(
    raw: bytes, strokes: list[tuple[int, int]], swapped: tuple[int, int], doubled: list[tuple[int, int]]
) -> bytes:
    """Two parts in each other's places, headers twice and elsewhere, and bytes that are others."""
    pieces = re.split(rb"(?<=\r\n)(?=--)", raw)
    here, there = (place % len(pieces) for place in swapped)
    if here and there:
        pieces[here], pieces[there] = pieces[there], pieces[here]
    head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    for place, where in doubled:
        lines.insert(where % (len(lines) + 1), lines[place % len(lines)])
    whole = bytearray(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    for place, byte in strokes:
        whole[place % len(whole)] = byte
    return bytes(whole)


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(sorted(SAMPLES)), strokes=STROKES, swapped=SWAPPED, doubled=DOUBLED)
def test_a_spoilt_answer_changes_at_most_what_it_was_about(name, strokes, swapped, doubled):
    mail = read_mail(spoilt(SAMPLES[name], strokes, swapped, doubled))
    hers = judge(mail, HERS, STAMPED + HOUR)
    assert hers.word is not AnswerWord.ACCEPT, "nobody said yes"
    assert judge(mail, OF_ANOTHER_EVENT, STAMPED + HOUR).act not in CHANGING
    assert judge(mail, OF_ANOTHER_PERSON, STAMPED + HOUR).act not in {*CHANGING, Act.WORDS, Act.REFRESH}
    assert judge(mail, BY_UID_ALONE, STAMPED + HOUR).act not in {*CHANGING, Act.WORDS, Act.REFRESH}


def test_the_samples_change_what_they_are_about_when_nothing_happens_to_them():
    acts = {name: judge(read_mail(raw), HERS, STAMPED + HOUR).act for name, raw in SAMPLES.items()}
    assert set(acts.values()) == {Act.ANSWER, Act.PROPOSE, Act.DELEGATE}, acts
