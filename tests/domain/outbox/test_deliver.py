"""Delivery: what a server says decides, a crash repeats the same bytes, and nothing is sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import config
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.mail.threads import find, name_addresses
from eventsvc.domain.outbox import leasing, post, smtp
from eventsvc.domain.outbox.deliver import Delivered, Delivery, deliver_due
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import SmtpTransport
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.links import links_of
from tests.post_office import PostOffice, open_post_office

LINKS = links_of()
SENDER = "eventsvc <events@events.example>"


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


def owe(key: str, address: str = "one@port.example") -> None:
    with transaction():
        post.post("confirmed", key=key, to_address=address, facts=LETTERS["confirmed"], now=NOW)


def delivered(office: PostOffice, now=NOW) -> Delivered:
    return deliver_due(SmtpTransport(office.url), LINKS, SENDER, lambda: now, name_addresses)


def the_message() -> Message:
    db.session.rollback()
    return db.session.query(Message).one()


def test_a_letter_is_sent_once_however_often_it_is_posted_and_delivered(app, post_office):
    owe("the same")
    owe("the same")
    assert delivered(post_office) == Delivered(sent=1)
    assert delivered(post_office) == Delivered()
    assert len(post_office.raw) == 1
    assert the_message().state is MessageState.SENT


def test_who_lost_the_lease_does_not_mark_what_others_are_just_sending(app, post_office):
    owe("slow")
    now = [NOW]

    class Overtaken(SmtpTransport):
        def send(self, mail, *, bounces_to=""):
            now[0] += leasing.LEASE
            with transaction():
                assert len(leasing.claim(now[0], limit=1)) == 1
            raise smtp.Refused("550 too late to matter")

    deliver_due(Overtaken(post_office.url), LINKS, SENDER, lambda: now[0], name_addresses)
    assert (the_message().state, the_message().attempts) == (MessageState.LEASED, 2)


def test_nobody_is_owed_a_letter_without_an_address(app, post_office):
    owe("nobody", address="")
    assert delivered(post_office) == Delivered()


def test_a_4xx_is_tried_again_later_and_given_up_at_last(app, post_office):
    post_office.refusals["one@port.example"] = "451 come back later"
    owe("put off")
    now = NOW
    assert delivered(post_office, now) == Delivered(put_off=1)
    assert delivered(post_office, now) == Delivered()
    for wait in leasing.BACK_OFF:
        assert the_message().state is MessageState.QUEUED
        now += wait
        assert delivered(post_office, now) == Delivered(put_off=1)
    assert the_message().state is MessageState.FAILED
    assert "451" in the_message().error


def test_a_5xx_is_final_and_says_why_and_the_others_still_go(app, post_office):
    post_office.refusals["gone@port.example"] = "550 no such user"
    owe("gone", address="gone@port.example")
    owe("here")
    assert delivered(post_office) == Delivered(sent=1, failed=1)
    states = {message.key: (str(message.state), message.error) for message in db.session.query(Message)}
    assert states["here"] == ("sent", "")
    assert states["gone"][0] == "failed"
    assert "550 no such user" in states["gone"][1]


@pytest.mark.parametrize("who", ["the sender", "the password"])
def test_a_no_to_ourselves_is_no_fault_of_any_letter(app, post_office, who):
    owe("one")
    owe("two", address="two@port.example")
    url = post_office.url
    if who == "the sender":
        post_office.senders = "550 we do not know you"
    else:
        url = url.replace("smtp://", "smtp://user:wrong@")
    assert deliver_due(SmtpTransport(url), LINKS, SENDER, lambda: NOW, name_addresses) == Delivered(put_off=2)
    post_office.senders = ""
    assert [message.attempts for message in db.session.query(Message)] == [0, 0]
    assert delivered(post_office, NOW + timedelta(minutes=1)) == Delivered(sent=2)


def test_who_lost_the_lease_marks_nothing(app, post_office):
    owe("slow")

    class Overtaken(SmtpTransport):
        def send(self, mail, *, bounces_to=""):
            super().send(mail, bounces_to=bounces_to)
            assert delivered(post_office, NOW + leasing.LEASE) == Delivered(sent=1)
            raise smtp.Refused("550 too late to matter")

    assert deliver_due(Overtaken(post_office.url), LINKS, SENDER, lambda: NOW, name_addresses) == Delivered(failed=1)
    assert the_message().state is MessageState.SENT


def test_a_database_that_goes_away_counts_against_no_letter(app, post_office):
    owe("one")
    owe("two")

    def away(links, messages):
        if len(messages) == 1:
            raise OperationalError("SELECT", {}, OSError("the connection is gone"))

    for _ in range(leasing.MOST_SETBACKS):
        with pytest.raises(OperationalError):
            deliver_due(SmtpTransport(post_office.url), LINKS, SENDER, lambda: NOW, away, delivery := Delivery())
        delivery.note_rest()
    assert [(message.attempts, message.setbacks) for message in db.session.query(Message)] == [(0, 0)] * 2
    assert delivered(post_office) == Delivered(sent=2)


def test_no_server_puts_off_and_loses_nothing(app, post_office):
    owe("waits")
    assert deliver_due(SmtpTransport("smtp://127.0.0.1:1"), LINKS, SENDER, lambda: NOW, name_addresses) == Delivered(
        put_off=1
    )
    assert delivered(post_office, NOW + timedelta(minutes=1)) == Delivered(sent=1)


class Killed(BaseException):
    """The process dies."""


class DiesAfterSending(SmtpTransport):
    def send(self, mail, *, bounces_to=""):
        super().send(mail, bounces_to=bounces_to)
        raise Killed


def test_a_crash_between_send_and_mark_repeats_the_same_bytes_after_the_lease(app, post_office):
    owe("twice at most")
    with pytest.raises(Killed):
        deliver_due(DiesAfterSending(post_office.url), LINKS, SENDER, lambda: NOW, name_addresses)
    assert delivered(post_office, NOW) == Delivered()
    assert delivered(post_office, NOW + leasing.LEASE) == Delivered(sent=1)
    first, second = post_office.raw
    assert first == second


@pytest.mark.parametrize("address", ["josé@port.example", "one@büro.example"])
def test_an_address_outside_ascii_that_was_kept_before_they_were_refused_fails_for_good_and_says_why(
    app, post_office, address
):
    owe("old", address=address)
    owe("other", address="two@port.example")
    assert delivered(post_office) == Delivered(sent=1, failed=1)
    assert delivered(post_office, NOW + timedelta(days=5)) == Delivered()
    old, other = db.session.scalars(select(Message).order_by(Message.id))
    assert (old.state, other.state) == (MessageState.FAILED, MessageState.SENT)
    assert old.error == "no letter can leave for an address with other than ASCII letters"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MAIL_FROM", "Events <events@büro.example>"),
        ("MAIL_IN_ADDRESS", "büro@a.example"),
        ("PUBLIC_URL", "https://büro.example"),
    ],
)
def test_no_setting_holds_an_address_outside_ascii_from_which_every_letter_would_fail(name, text):
    with pytest.raises(ValueError, match=name):
        config.load({name: text})
    assert config.load({"MAIL_FROM": "Büro <events@a.example>"})["MAIL_FROM"] == "Büro <events@a.example>"


@pytest.mark.parametrize(
    ("letter", "facts", "says"),
    [
        ("no-such-letter", {}, "no-such-letter"),
        ("confirmed", {**LETTERS["confirmed"], "event": {}}, "has no attribute"),
        ("confirmed", {}, "has no attribute 'event'"),
    ],
    ids=["no such template", "a missing field", "no facts"],
)
def test_a_letter_that_cannot_be_rendered_is_set_aside_and_the_others_leave(app, post_office, letter, facts, says):
    with transaction():
        post.post(letter, key="broken", to_address="one@port.example", facts=facts, now=NOW)
    owe("whole", address="two@port.example")
    assert delivered(post_office) == Delivered(sent=1, failed=1)
    assert delivered(post_office, NOW + timedelta(days=1)) == Delivered(), "and nobody tries it again by itself"
    broken, whole = db.session.scalars(select(Message).order_by(Message.id))
    assert (broken.state, broken.attempts, whole.state) == (MessageState.SET_ASIDE, 1, MessageState.SENT)
    assert says in broken.error
    with transaction():  # the program is mended
        broken.letter, broken.facts = "confirmed", LETTERS["confirmed"]
        leasing.try_again(broken, NOW + timedelta(days=1))
    assert delivered(post_office, NOW + timedelta(days=1)) == Delivered(sent=1)
    assert post_office.recipients == ["two@port.example", "one@port.example"]


def test_one_letter_whose_thread_is_gone_holds_up_none_of_its_batch(app, post_office):
    """The addresses for answers are made for a batch at once; where that fails, for each alone."""
    with transaction():
        experts = [builders.an_expert(slug, email=f"{slug}@port.example") for slug in ("expert-one", "expert-two")]
        plan_event(builders.a_plan(builders.a_campus(), experts=experts), actor=ADMINISTRATOR, now=NOW)
    with transaction():
        broken, whole = db.session.scalars(select(Message).where(Message.letter == "invitation").order_by(Message.id))
        broken.facts = {**broken.facts, "thread": {**broken.facts["thread"], "id": 0}}
        broken_id, to, thread_id = broken.id, whole.to_address, whole.facts["thread"]["id"]
    links = links_of(mail_in="events@calendar.example")
    done = deliver_due(SmtpTransport(post_office.url), links, SENDER, lambda: NOW, name_addresses)
    assert done == Delivered(sent=1, put_off=1)
    broken = db.session.get_one(Message, broken_id)
    assert (broken.state, broken.setbacks) == (MessageState.QUEUED, 1)
    assert post_office.recipients == [to]
    (mail,) = post_office.mails
    thread = find(mail["Reply-To"].addresses[0].addr_spec)
    assert thread is not None, "an answer to it finds its way"
    assert thread.id == thread_id
