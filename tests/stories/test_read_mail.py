"""What becomes of mails that came in: answers, proposals, words, bounces, and what somebody has to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.conversations import remarks
from eventsvc.domain.invitations import proposals
from eventsvc.domain.invitations.models import AnswerWord, InvitationState
from eventsvc.domain.mail.models import MailState
from eventsvc.ical.imip import Kind
from eventsvc.workflows import replies
from tests import letterbox
from tests.conftest import NOW
from tests.letterbox import a_reply, read
from tests.stories.test_replies import letters

DAY = timedelta(days=1)


@pytest.fixture
def world(app: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    return letterbox.an_invited_person(monkeypatch)


def became(row) -> tuple[MailState, str]:
    return row.state, row.reason


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ACCEPTED", InvitationState.ACCEPTED),
        ("TENTATIVE", InvitationState.TENTATIVE),
        ("DECLINED", InvitationState.DECLINED),
    ],
)
def test_a_button_of_a_calendar_program_is_an_answer(world, word, state):
    (row,) = read(a_reply(world.thread, word, comment="See you\x00 there"))
    assert became(row) == (MailState.APPLIED, "answered")
    assert (row.event, row.thread_id) == (world.event, world.thread.id)
    db.session.refresh(world.invitation)
    assert world.invitation.state is state
    assert world.invitation.answers[-1].reason == "See you there"
    by = db.session.scalars(select(AuditEntry.actor).where(AuditEntry.subject == str(world.invitation.public_id)))
    assert "invited person, by mail" in by.all()


# Every line of what may be wrong with an answer: what is changed in a good one, and what becomes of it.
GOOD = ("to", "answers")
SOMEBODY = "stranger@elsewhere.example"
BAD = [
    ("a spoofed From without the reply address", {"to": ("events@events.example",)}, "review", "needs-check"),
    ("a sender whom our server calls forged", {"is_verified": False}, "review", "not-verified"),
    ("another's ATTENDEE", {"attendees": (SOMEBODY,), "from_address": SOMEBODY}, "review", "another-person"),
    ("two who answer at once", {"attendees": ("pelican@port.example", SOMEBODY)}, "review", "not-one-person"),
    ("nobody who answers", {"attendees": ()}, "review", "not-one-person"),
    ("sent in somebody's name", {"sent_by": SOMEBODY}, "review", "sent-by-another"),
    ("a higher SEQUENCE", {"sequence": 99}, "review", "newer-version"),
    ("a UID of another installation", {"uid": str(uuid4())}, "review", "another-event"),
    ("a UID that is no UUID", {"uid": "040000008200E00074C5B7101A82E008"}, "review", "another-event"),
    ("a date that there is not", {"recurrence": NOW}, "review", "no-such-date"),
    ("a time without a difference", {"method": "COUNTER", "starts": None}, "review", "no-time"),
    ("a day for an event with an hour", {"method": "COUNTER", "starts": NOW.date()}, "review", "no-time"),
    ("a time before all calendars", {"method": "COUNTER", "starts": NOW.replace(year=1)}, "review", "no-time"),
    ("seconds", {"method": "COUNTER", "starts": NOW.replace(second=1)}, "review", "no-time"),
    ("a longer event", {"method": "COUNTER", "starts": NOW + DAY, "ends": NOW + 2 * DAY}, "review", "other-length"),
    ("a time that is past", {"method": "COUNTER", "starts": NOW - DAY, "ends": None}, "review", "refused"),
    ("somebody else instead", {"word": "DELEGATED", "delegated_to": SOMEBODY}, "review", "unknown-delegate"),
    ("no answer at all", {"word": "NEEDS-ACTION"}, "ignored", "no-answer"),
    ("a word that nobody knows", {"word": "X-PERHAPS"}, "ignored", "no-answer"),
    ("delegation to nobody", {"word": "DELEGATED"}, "ignored", "no-answer"),
    ("a task", {"component": "VTODO"}, "ignored", "not-an-event"),
    ("an invitation of somebody else's", {"method": "REQUEST"}, "ignored", "other-method"),
    ("a cancellation sent to us", {"method": "CANCEL"}, "ignored", "other-method"),
    ("an addition", {"method": "ADD"}, "ignored", "other-method"),
    ("300 kB of calendar", {"kind": Kind.UNREADABLE, "problem": "too-large"}, "review", "unreadable"),
    ("a MIME bomb", {"kind": Kind.UNREADABLE, "problem": "too-much"}, "review", "unreadable"),
    ("winmail.dat", {"kind": Kind.UNREADABLE, "problem": "tnef"}, "review", "unreadable"),
    ("a calendar without an entry", {"answers": ()}, "review", "unreadable"),
    ("out of office", {"kind": Kind.AUTOMATIC}, "ignored", "automatic"),
    ("an empty mail", {"kind": Kind.WORDS, "words": " \n"}, "ignored", "nothing-said"),
    (
        "words of somebody else",
        {"kind": Kind.WORDS, "words": "Hi", "from_address": SOMEBODY},
        "review",
        "words-of-another",
    ),
    ("forged words", {"kind": Kind.WORDS, "words": "Hi", "is_verified": False}, "review", "not-verified"),
    ("words to no address", {"kind": Kind.WORDS, "words": "Hi", "to": ()}, "review", "no-address"),
    ("a server that tries on", {"kind": Kind.BOUNCE, "is_final": False}, "noted", "delayed"),
    ("a bounce of nobody's letter", {"kind": Kind.BOUNCE, "to": ()}, "review", "unknown-bounce"),
]


@pytest.mark.parametrize(("bad", "state", "reason"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_wrong_ends_with_its_reason_and_changes_nothing(world, bad, state, reason):
    before = everything(world)
    (row,) = read(a_reply(world.thread, **bad))
    assert (str(row.state), row.reason) == (state, reason)
    assert everything(world) == before
    wants_a_look = [("mail_review", "center@college.example")] if row.event and state == "review" else []
    assert letters("mail_review") == wants_a_look


def everything(world: SimpleNamespace) -> object:
    """What no mail may change by itself."""
    db.session.rollback()
    event, invitation = world.invitation.event, world.invitation
    for one in (event, invitation, world.thread):
        db.session.refresh(one)
    newest = world.thread.answered_sequence, world.thread.answered_stamp
    return (
        (event.version, event.status, event.starts_at, [one.slug for one in event.experts]),
        (invitation.state, invitation.turn, [one.word for one in invitation.answers]),
        [one.words for one in remarks.of_subject(event.public_id)],
        [one.id for one in proposals.open_of_event(event.id, NOW)],
        newest,
    )


def test_the_same_mail_again_is_read_before(world):
    mail = a_reply(world.thread)
    first, second, third = read(mail, mail, replace(mail, message_id="<other@port.example>"))
    assert [became(one) for one in (first, second, third)] == [
        (MailState.APPLIED, "answered"),
        (MailState.IGNORED, "seen-before"),
        (MailState.IGNORED, "seen-before"),
    ]
    assert [one.word for one in everything(world) and world.invitation.answers] == [AnswerWord.ACCEPT]


def test_an_answer_that_was_overtaken_on_its_way_is_left_alone(world):
    early, late = a_reply(world.thread, "DECLINED"), a_reply(world.thread, "ACCEPTED")
    assert [row.reason for row in read(late, early)] == ["answered", "older-answer"]
    assert everything(world)[1][0] is InvitationState.ACCEPTED


def test_a_clock_that_runs_ahead_does_not_silence_later_answers(world):
    ahead = a_reply(world.thread, "ACCEPTED", stamped_at=NOW + 900 * DAY)
    assert read(ahead)[0].reason == "answered"
    later = NOW + timedelta(hours=1)
    assert read(a_reply(world.thread, "DECLINED", stamped_at=later), now=later)[0].reason == "answered"
    assert everything(world)[1][0] is InvitationState.DECLINED


def test_an_answer_written_before_the_one_on_the_page_is_for_people_to_judge(world):
    with transaction():
        replies.reply(str(world.invitation.public_id), AnswerWord.DECLINE, turn=0, now=NOW)
    (row,) = read(a_reply(world.thread, "ACCEPTED", stamped_at=NOW - DAY), now=NOW + DAY)
    assert became(row) == (MailState.REVIEW, "answered-since")
    (row,) = read(a_reply(world.thread, "ACCEPTED", stamped_at=NOW + DAY / 2), now=NOW + DAY)
    assert became(row) == (MailState.APPLIED, "answered")
