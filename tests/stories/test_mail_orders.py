"""Mails in whatever order, twice, changed on their way: each has its effect once, and where it belongs."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.invitations.models import Answer, Invitation
from eventsvc.domain.mail import incoming
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.ical import confined
from eventsvc.ical.imip import Kind, Mail
from eventsvc.workflows import apply_mail, read_mail
from eventsvc.workflows.plan_event import plan_event
from tests import builders, letterbox
from tests.conftest import NOW
from tests.letterbox import a_reply, read
from tests.stories.test_replies import letters, make_world

WHO = {"actor": ADMINISTRATOR, "now": NOW}
WORDS = ("ACCEPTED", "TENTATIVE", "DECLINED", "NEEDS-ACTION", "DELEGATED", "accepted", "")


@pytest.fixture
def world(app: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Two events at different times, a person asked to each."""
    letterbox.read_what_was_put_in(monkeypatch)
    with transaction():
        made = make_world()
        other = builders.an_expert("plover", of=made.invitation.expert.organization)
        plan_event(builders.a_plan(made.campus, experts=[other], when=builders.at("2027-03-10T14:00")), **WHO)
        made.threads = [
            letterbox.a_thread(one) for one in db.session.scalars(select(Invitation).order_by(Invitation.id))
        ]
    return made


ADDRESSES = st.sampled_from(["pelican@port.example", "plover@port.example", "x@y.example", "", "\x00\ud800@x"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "to": st.sampled_from([(), ("events@events.example",), ("\x00+" + 26 * "a" + "@x.example",)]),
        "uid": st.sampled_from(["", "\x00", "{0F8FAD5B-D9CB-469F-A165-70867728950E}", "event\ud800"]),
        "word": st.sampled_from(WORDS),
        "method": st.sampled_from(["REPLY", "COUNTER", "REFRESH", "REQUEST", ""]),
        "sequence": st.one_of(st.none(), st.integers(-(10**12), 10**12), st.integers(0, 3)),
        "attendees": st.lists(ADDRESSES, max_size=3).map(tuple),
        "from_address": ADDRESSES,
        "sent_by": ADDRESSES,
        "delegated_to": ADDRESSES,
        "comment": st.text(max_size=40),
        "subject": st.text(max_size=40),
        "guests": st.integers(0, 10**6),
        "recurrence": st.sampled_from([None, NOW, NOW.date()]),
        "starts": st.sampled_from([None, NOW, NOW.date(), NOW.replace(year=1), NOW + timedelta(days=40)]),
        "is_verified": st.sampled_from([None, True, False]),
        "kind": st.sampled_from(list(Kind)),
        "words": st.text(max_size=40),
        "message_id": st.sampled_from(["<a@x>", "<b@x>", ""]),
        "returned_id": st.text(max_size=40),
        "stamped_at": st.sampled_from([None, NOW, NOW.replace(year=9999), NOW.replace(year=1)]),
    },
)


def what_is_there(thread: object) -> object:
    """All that an answer could change of one invitation and its event."""
    db.session.expire_all()
    invitation, event = thread.invitation, thread.invitation.event
    said = [(one.word, one.reason) for one in invitation.answers]
    return event.version, event.status, event.starts_at, invitation.state, invitation.turn, said


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(CHANGES, st.booleans()), max_size=4), st.randoms(use_true_random=False))
def test_no_mail_touches_another_invitation_and_twice_is_once(world, changes, random):
    mine, other = world.threads
    untouched = what_is_there(other)
    mails = [a_reply(mine, **change) for change, _ in changes]
    again = [mail for mail, (_, is_sent_twice) in zip(mails, changes, strict=True) if is_sent_twice]
    arriving = mails + again
    random.shuffle(arriving)
    rows = read(*arriving)
    assert what_is_there(other) == untouched
    assert MailState.WAITING not in {row.state for row in rows}
    assert all(row.reason not in ("", "failed") for row in rows)
    once = what_is_there(mine)
    applied = [mail for mail, row in zip(arriving, rows, strict=True) if row.state is MailState.APPLIED]
    for row in read(*applied):
        assert row.state is not MailState.APPLIED
    assert what_is_there(mine) == once


def test_a_reader_that_dies_between_reading_and_commit_leaves_the_mail_to_the_next(world, monkeypatch):
    mail = a_reply(world.threads[0])
    with monkeypatch.context() as broken:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        broken.setattr(read_mail, "_end", die)
        with pytest.raises(KeyboardInterrupt):
            read(mail)
    assert db.session.scalars(select(Answer)).all() == []
    (row,) = db.session.scalars(select(ReceivedMail)).all()
    assert (row.state, row.attempts) == (MailState.WAITING, 1)
    later = NOW + incoming.LEASE
    assert read_mail.read_waiting(letterbox.LINKS, "", lambda: NOW) == 0, "the lease holds"
    assert read_mail.read_waiting(letterbox.LINKS, "", lambda: later) == 1
    db.session.refresh(row)
    assert (row.state, row.attempts, len(db.session.scalars(select(Answer)).all())) == (MailState.APPLIED, 2, 1)


def test_what_kills_its_reader_twice_is_put_before_somebody(world, monkeypatch):
    with monkeypatch.context() as broken:

        def fall(*_: object) -> Mail:
            raise RuntimeError("a bug")

        broken.setattr(confined, "read_mail_confined", fall)
        (row,) = read(a_reply(world.threads[0]))
        assert row.state is MailState.WAITING
        read_mail.read_waiting(letterbox.LINKS, "", lambda: NOW + timedelta(hours=1))
        read_mail.read_waiting(letterbox.LINKS, "", lambda: NOW + timedelta(hours=2))
    db.session.refresh(row)
    assert (row.state, row.reason, row.facts["problem"]) == (MailState.REVIEW, "unreadable", "reader-died")


def test_a_bug_in_a_story_is_no_reason_to_stop_at_that_mail(world, monkeypatch):
    bad, good = a_reply(world.threads[0]), a_reply(world.threads[1])
    apply = apply_mail.apply

    def fall_over_one(came: apply_mail.Came, *rest: object) -> object:
        if came.mail.message_id == bad.message_id:
            raise RuntimeError("a bug")
        return apply(came, *rest)

    monkeypatch.setattr(apply_mail, "apply", fall_over_one)
    assert [row.state for row in read(bad, good)] == [MailState.WAITING, MailState.APPLIED]


def test_what_a_story_falls_over_twice_is_put_before_the_office_of_its_event(world, monkeypatch):
    monkeypatch.setattr(apply_mail, "_ACTS", {})
    (row,) = read(a_reply(world.threads[0], comment="See you"))
    assert row.state is MailState.WAITING
    read_mail.read_waiting(letterbox.LINKS, "", lambda: NOW + timedelta(hours=1))
    db.session.refresh(row)
    assert (row.state, row.reason, row.facts["problem"]) == (MailState.REVIEW, "unreadable", "reader-died")
    assert (row.thread, row.facts["comment"]) == (world.threads[0], "See you")
    assert db.session.scalars(select(Answer)).all() == []
    assert letters("mail_review") != []
