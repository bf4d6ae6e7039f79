"""What a mail brings about: proposals, colleagues, words, bounces, answers to older times, and what people decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from sqlalchemy import select

from eventsvc.core import kept_words
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import NotAllowed, NotFound, WrongState
from eventsvc.core.times import parse_wall_time
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.conversations import remarks
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.schedule import When
from eventsvc.domain.invitations import asking, proposals
from eventsvc.domain.invitations.models import AnswerWord, InvitationState
from eventsvc.domain.mail import threads
from eventsvc.domain.mail.models import MailState
from eventsvc.domain.outbox.letters import render_text
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.ical.imip import Kind, Mail
from eventsvc.workflows import settle_mail
from eventsvc.workflows.call_off_event import cancel_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from tests import builders, letterbox
from tests.conftest import NOW
from tests.letterbox import LINKS, a_reply, read, words
from tests.stories.test_replies import letters

DAY = timedelta(days=1)
OFFICE = "center@college.example"
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def world(app: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    return letterbox.an_invited_person(monkeypatch)


def became(row) -> tuple[str, str]:
    return str(row.state), row.reason


def a_counter(world: SimpleNamespace, by: timedelta, **more) -> Mail:
    event = world.invitation.event
    told = {"starts": event.starts_at + by, "ends": event.ends_at + by, **more}
    return a_reply(world.thread, "TENTATIVE", method="COUNTER", comment="I teach on Wednesdays", **told)


def move(world: SimpleNamespace, wall: str) -> None:
    """Another time for the event; calendars are told with a higher SEQUENCE."""
    with transaction():
        move_event(world.event, Destination(time={"starts_local": parse_wall_time(wall)}), **WHO)
        if world.thread.asked_sequence < world.thread.invitation.event.sequence:
            threads.next_sequence(world.thread, asks=True)


def test_a_counter_proposal_changes_nothing_until_the_office_takes_it(world):
    (row,) = read(a_counter(world, DAY))
    assert became(row) == ("applied", "proposed")
    (one,) = proposals.open_of_event(world.invitation.event_id, NOW)
    assert (one.starts_local, one.note) == (parse_wall_time("2027-02-11T14:00"), "I teach on Wednesdays")
    assert world.invitation.event.starts_local == parse_wall_time("2027-02-10T14:00")
    assert letters("times_proposed") == [("times_proposed", "center@college.example")]


def test_another_day_is_proposed_for_a_whole_day(world):
    with transaction():
        other = builders.an_expert("plover", of=world.invitation.expert.organization)
        when = When(all_day=True, starts_on=date(2027, 3, 10), days=2)
        event = plan_event(builders.a_plan(world.campus, experts=[other], when=when), **WHO)
        world.thread = letterbox.a_thread(asking.of_event(event.id)[0])
    days = {"starts": date(2027, 3, 17), "ends": date(2027, 3, 19)}
    (row,) = read(a_reply(world.thread, "TENTATIVE", method="COUNTER", **days))
    assert became(row) == ("applied", "proposed")
    (one,) = proposals.open_of_event(event.id, NOW)
    assert one.starts_local.date() == date(2027, 3, 17)


def test_a_counter_proposal_that_clashes_is_put_before_the_office_in_words(world):
    with transaction():
        hall = builders.a_plan(world.campus, rooms=[world.hall], when=builders.at("2027-02-11T15:00"))
        plan_event(hall, **WHO)
    (row,) = read(a_counter(world, DAY))
    assert became(row) == ("review", "slot-taken")
    (why,) = [str(kept_words.said(one)) for one in row.facts["refusal"]["reasons"]]
    assert why.startswith("Hall is taken")
    assert proposals.open_of_event(world.invitation.event_id, NOW) == []
    assert world.invitation.state is InvitationState.NEEDS_ACTION
    message = db.session.scalars(select(Message).where(Message.letter == "mail_review")).one()
    assert [one["person"] for one in message.facts["mails"]] == ["Pelican"]
    told = db.session.scalars(select(Message).where(Message.letter == "proposal_declined")).one()
    assert told.to_name == "Pelican"
    assert told.facts["calendar"]["method"] == "DECLINECOUNTER"
    text = render_text(told, LINKS)[1]
    assert "Hall is taken" in text
    assert "It is not possible then." in text
    assert row.facts["refusal"]["is_told"]


def test_a_counter_proposal_of_a_time_that_is_past_is_answered_with_that(world):
    (row,) = read(a_counter(world, -timedelta(days=400)))
    assert became(row) == ("review", "refused")
    told = db.session.scalars(select(Message).where(Message.letter == "proposal_declined")).one()
    assert "is in the past" in render_text(told, LINKS)[1]


def test_nobody_is_written_to_about_a_proposal_that_our_own_server_calls_forged(world):
    (row,) = read(a_counter(world, -timedelta(days=400), is_verified=False))
    assert row.state is MailState.REVIEW
    assert db.session.scalars(select(Message).where(Message.letter == "proposal_declined")).all() == []


def test_an_answer_to_an_older_time_is_kept_for_that_time_and_the_question_stays_open(world):
    early = a_reply(world.thread, "ACCEPTED")
    with transaction():
        world.was = world.invitation.event.starts_at
        tell_calendar(world)
    move(world, "2027-02-17T14:00")
    (row,) = read(early)
    assert became(row) == ("review", "older-version")
    db.session.refresh(world.invitation)
    assert world.invitation.state is InvitationState.NEEDS_ACTION
    assert [(one.word, one.given_for) for one in world.invitation.answers] == [(AnswerWord.ACCEPT, world.was)]
    assert letters("mail_review") == [("mail_review", "center@college.example")]
    (row,) = read(replace(a_counter(world, DAY), answers=(replace(early.answers[0], method="COUNTER"),)))
    assert row.reason in ("outdated", "seen-before")
    (row,) = read(a_reply(world.thread, "ACCEPTED"))
    assert became(row) == ("applied", "answered")
    assert world.invitation.state is InvitationState.ACCEPTED


def tell_calendar(world: SimpleNamespace, *, key: str = "told") -> Message:
    """A letter with a calendar part that has left."""
    event = world.invitation.event
    when = {"all_day": False, "starts_at": event.starts_at.isoformat(), "id": world.event}
    facts = {
        "event": when,
        "invitation": str(world.invitation.public_id),
        "thread": {"id": world.thread.id, "turn": 0},
        "calendar": {"method": "REQUEST", "sequence": world.thread.sequence},
    }
    message = Message(
        key=key,
        letter="invitation",
        to_address=world.invitation.expert.email,
        to_name="Pelican",
        event=world.event,
        facts=facts,
        state=MessageState.SENT,
        created_at=NOW,
        next_attempt_at=NOW,
        sent_at=NOW,
    )
    db.session.add(message)
    db.session.flush()
    return message


def test_a_delegate_who_is_a_colleague_is_asked_next(world):
    (row,) = read(a_reply(world.thread, "DELEGATED", delegated_to="gull@port.example"))
    assert became(row) == ("applied", "delegated")
    db.session.expire_all()
    assert [one.slug for one in world.invitation.event.experts] == ["gull"]
    assert world.invitation.state is InvitationState.DECLINED


def test_plain_words_go_into_the_conversation_and_to_both_offices(world):
    (row,) = read(words(world.thread, "I would love to.\r\nIs there parking?"))
    assert became(row) == ("noted", "conversation")
    (remark,) = remarks.of_subject(world.invitation.event.public_id)
    assert (remark.author.name, remark.words) == ("Pelican", "I would love to.\nIs there parking?")
    assert letters("remarks") == [("remarks", "center@college.example"), ("remarks", "outreach@port.example")]
    assert world.invitation.state is InvitationState.NEEDS_ACTION


def test_what_is_said_beside_a_yes_reaches_the_offices_and_beside_a_no_stands_in_the_letter_about_it(world):
    read(a_reply(world.thread, "ACCEPTED", comment="I can stay for half an hour"))
    assert letters("remarks") == [("remarks", "center@college.example"), ("remarks", "outreach@port.example")]
    read(a_reply(world.thread, "ACCEPTED", comment="Is there parking?"))
    read(a_reply(world.thread, "DECLINED", comment="My car broke down"))
    read(a_reply(world.thread, "DECLINED", comment="Next week I could"))
    said = [one.words for one in remarks.of_subject(world.invitation.event.public_id)]
    assert said == ["I can stay for half an hour", "Is there parking?", "Next week I could"]
    (told,) = db.session.scalars(
        select(Message).where(Message.letter == "answer_declined", Message.to_address == OFFICE)
    )
    assert told.facts["reason"] == "My car broke down"


def test_links_and_addresses_of_the_letter_below_do_not_reach_others(world):
    links = letterbox.LINKS
    link = links.answer(str(world.invitation.public_id), 0, NOW + DAY)
    season = (
        f"https://safe.example/?url={quote(links.season('pelican', 'pelican@port.example', NOW + DAY), safe='')}&x=1"
    )
    address = letterbox.address_of(world.thread)
    (row,) = read(words(world.thread, f"Yes!\nDe: <{address}>\n{link}\n{season}"))
    assert row.facts["words"] == (
        "Yes!\nDe: <events+…@events.example>\nhttps://events.example/answer/…\n"
        "https://safe.example/?url=https%3A%2F%2Fevents.example%2Fseason%2F…&x=1"
    )
    (remark,) = remarks.of_subject(world.invitation.event.public_id)
    assert remark.words == row.facts["words"]
    rewritten = season.replace("%2F", "_")
    (row,) = read(words(world.thread, rewritten))
    assert row.facts["words"].endswith("events.example_season_…&x=1")
    (row,) = read(a_reply(world.thread, comment=f"Yes {link}"))
    assert row.facts["comment"] == world.invitation.answers[-1].reason == "Yes https://events.example/answer/…"


@pytest.mark.parametrize("end", ["cancelled", "over"])
def test_of_an_event_that_is_off_or_over_an_answer_is_noted_and_nobody_is_written_to(world, end):
    now = NOW
    with transaction():
        confirm_as_host(world.event, **WHO)
    read(a_reply(world.thread, "ACCEPTED"))
    with transaction():
        if end == "cancelled":
            cancel_event(world.event, **WHO)
        else:
            now = NOW + 60 * DAY
    owed = len(letters())
    version = world.invitation.event.version
    (row,) = read(a_reply(world.thread, "DECLINED"), now=now)
    assert became(row) == ("noted", "event-off" if end == "cancelled" else "event-over")
    db.session.refresh(world.invitation.event)
    assert (world.invitation.event.version, len(letters())) == (version, owed)
    assert [one.word for one in world.invitation.answers] == [AnswerWord.ACCEPT]
    tnef = replace(a_reply(world.thread), kind=Kind.UNREADABLE, problem="tnef", answers=())
    assert became(read(tnef, now=now)[0]) == ("review", "unreadable")
    assert letters("unreadable_answer") == []


def test_a_bounce_marks_the_letter_that_came_back_and_the_office_learns_it_once(world):
    with transaction():
        first, second = tell_calendar(world), tell_calendar(world, key="again")
    bounce = Mail(
        kind=Kind.BOUNCE,
        message_id="<dsn@port.example>",
        to=("events@events.example",),
        returned_id=f"<{first.public_id}@events.example>",
        diagnosis="550 5.1.1 no such user",
    )
    by_address = replace(bounce, message_id="<dsn2@x>", to=(letterbox.address_of(world.thread),), returned_id="<x@y>")
    rows = read(bounce, replace(bounce, message_id="<again@port.example>"), by_address)
    assert [became(row) for row in rows] == [("noted", "bounced")] * 3
    assert {row.thread_id for row in rows} == {world.thread.id}
    db.session.refresh(first)
    db.session.refresh(second)
    assert (first.state, first.error) == (MessageState.FAILED, "bounced: 550 5.1.1 no such user")
    assert second.state is MessageState.FAILED
    assert letters("undelivered") == [("undelivered", "center@college.example")] * 2


def test_an_invitation_that_was_lost_is_sent_again_once_an_hour(world):
    rows = read(a_reply(world.thread, method="REFRESH"), a_reply(world.thread, method="REFRESH"))
    assert [became(row) for row in rows] == [("noted", "sent-again"), ("ignored", "sent-again-lately")]
    (later,) = read(a_reply(world.thread, method="REFRESH"), now=NOW + timedelta(hours=1))
    assert became(later) == ("noted", "sent-again")


def test_whoever_sends_what_nobody_can_read_is_shown_the_page_once_a_day(world):
    tnef = replace(a_reply(world.thread), kind=Kind.UNREADABLE, problem="tnef", answers=())
    forged = replace(tnef, message_id="<forged@x>", is_verified=False)
    read(forged)
    assert letters("unreadable_answer") == []
    read(tnef, replace(tnef, message_id="<another@x>"))
    assert letters("unreadable_answer") == [("unreadable_answer", "pelican@port.example")]


def test_guests_are_noted_and_no_word_of_the_mail_reaches_the_event(world):
    event = world.invitation.event
    (row,) = read(a_reply(world.thread, guests=3, subject="Accepted: Something else"))
    assert row.facts["guests"] == 3
    title = db.session.scalar(select(Event.title).where(Event.id == event.id))
    assert title == "Careers at the port"


def test_what_needs_a_look_is_decided_once_by_the_office_in_charge(world):
    (row,) = read(a_reply(world.thread, "DECLINED", to=(), comment="On a trip"))
    assert became(row) == ("review", "needs-check")
    mail_id = str(row.public_id)
    for actor, refusal in ((world.pam, NotAllowed), (world.zoe, NotFound)):
        with pytest.raises(refusal), transaction():
            settle_mail.dismiss(mail_id, actor=actor, now=NOW)
    with transaction():
        settled = settle_mail.apply_as(mail_id, AnswerWord.DECLINE, actor=world.ana, now=NOW)
    assert (settled.state, settled.resolution) == (MailState.SETTLED, "decline")
    assert settled.settled_by_id == world.ana.account_id
    assert (world.invitation.state, world.invitation.answers[-1].reason) == (InvitationState.DECLINED, "On a trip")
    assert letters("answered_for_you") == [("answered_for_you", "pelican@port.example")]
    with pytest.raises(WrongState), transaction():
        settle_mail.dismiss(mail_id, actor=world.ana, now=NOW)


def test_words_of_somebody_else_are_quoted_by_whoever_puts_them_into_the_conversation(world):
    theirs, own = read(
        words(world.thread, "She is ill.", from_address="aide@port.example"),
        words(world.thread, "It is me.", is_verified=False),
    )
    with transaction():
        for row in (theirs, own):
            settle_mail.put_into_conversation(str(row.public_id), actor=world.ana, now=NOW)
    said = [(one.author.name, one.words) for one in remarks.of_subject(world.invitation.event.public_id)]
    assert said == [("Ana Example", "aide@port.example:\nShe is ill."), ("Pelican", "It is me.")]


def test_mail_of_no_event_is_for_those_who_run_the_service(world):
    (row,) = read(words(world.thread, "Buy now", to=()))
    assert became(row) == ("review", "no-address")
    with pytest.raises(NotFound), transaction():
        settle_mail.dismiss(str(row.public_id), actor=world.ana, now=NOW)
    with pytest.raises(WrongState), transaction():
        settle_mail.apply_as(str(row.public_id), AnswerWord.ACCEPT, actor=ADMINISTRATOR, now=NOW)
    with transaction():
        assert settle_mail.dismiss(str(row.public_id), actor=ADMINISTRATOR, now=NOW).resolution == "dismissed"
