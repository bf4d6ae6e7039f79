"""Systems of others are told what happens: which of them, of what, and each once, whatever they answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.core.fetch import Fetcher
from eventsvc.core.links import mark_of_reader
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.asking import RoomAnswer
from eventsvc.domain.approvals.models import RoomWord
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.reminders import channels
from eventsvc.domain.reminders.models import Audience, Channel, Reason, Reminder, ReminderState, Rule
from eventsvc.domain.reminders.saying import SaidRule
from eventsvc.domain.webhooks import targets
from eventsvc.domain.webhooks.deliveries import LEASE
from eventsvc.domain.webhooks.models import DeliveryState, WebhookDelivery, WebhookTarget
from eventsvc.interfaces.scheduler import run_webhooks
from eventsvc.interfaces.services import NAME, services
from eventsvc.workflows import call_off_event
from eventsvc.workflows import keep_webhooks as keep
from eventsvc.workflows import webhook_log as log
from eventsvc.workflows.answer_room import answer_room
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.keep_reminders import Whose, keep_rules
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event, request_event
from eventsvc.workflows.remind import post_due_reminders
from tests import builders
from tests.conftest import NOW
from tests.receiver import Receiver, is_ours, receiving
from tests.webhooks import EVERYTHING, delivered, links_of_app, registered, way_to

AT = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def house(app) -> SimpleNamespace:
    """A college with two offices, a room that one of them grants, and an office of a port that lends somebody."""
    with transaction():
        college = builders.an_organization("college")
        port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
        builders.an_office("careers", of=college)
        granting = builders.an_office("granting", of=college)
        outreach = builders.an_office("outreach", of=port)
        builders.an_office("stranger")
        campus = builders.a_campus("campus", of=college)
        hall, stage = (builders.a_room(slug, on=campus) for slug in ("hall", "stage"))
        stage.office, stage.needs_approval = granting, True
        expert = builders.an_expert("speaker", of=port, office=outreach)
        return SimpleNamespace(campus=campus, hall=hall, stage=stage, expert=expert)


def planned(house: SimpleNamespace, *, is_draft: bool = False, with_stage: bool = False, **more: object) -> str:
    chosen = [house.hall, *([house.stage] if with_stage else [])]
    plan = builders.a_plan(house.campus, owner="careers", rooms=chosen, experts=[house.expert], **more)
    with transaction():
        return str(plan_event(plan, is_draft=is_draft, **AT).public_id)


def answered(event_id: str, word: AnswerWord = AnswerWord.ACCEPT, now: datetime = NOW) -> None:
    with transaction():
        event = get_event(event_id)
        invitation = asking.of_event(event.id)[0]
        answer_invitation(str(invitation.public_id), word, turn=invitation.turn, now=now)


def to(wall: str, minutes: int, **more: object) -> Destination:
    time = {"starts_local": datetime.fromisoformat(wall), "duration_minutes": minutes}
    return Destination(time=time, **more)


def owed() -> list[WebhookDelivery]:
    return list(db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def kinds() -> list[str]:
    return [row.kind for row in owed()]


def test_what_a_day_brings_is_told_in_bodies_that_name_event_and_version(app, house, receiver):
    _, secret = registered(app, receiver, "careers")
    event = planned(house)
    answered(event)
    with transaction():
        confirm_as_host(event, **AT)
    with transaction():
        move_event(event, to("2027-02-11T14:00", 90), **AT)
    with transaction():
        call_off_event.cancel_event(event, **AT)
    delivered(app, way_to(receiver))
    told = [(call.said["type"], call.said["data"]["event"]["status"]) for call in receiver.calls]
    assert Counter(told) == Counter(
        [
            ("event.created", "requested"),
            ("answer.received", "requested"),
            ("event.confirmed", "confirmed"),
            ("event.moved", "confirmed"),
            ("event.cancelled", "cancelled"),
        ]
    )
    assert {call.said["data"]["event"]["id"] for call in receiver.calls} == {event}
    by_version = sorted(receiver.calls, key=lambda call: call.said["data"]["event"]["version"])
    assert [call.said["type"] for call in by_version][-1] == "event.cancelled"
    moved = next(call.said["data"] for call in receiver.calls if call.said["type"] == "event.moved")
    assert (moved["was"]["starts_at"], moved["event"]["starts_at"]) == ("2027-02-10T22:00:00Z", "2027-02-11T22:00:00Z")
    assert all(is_ours(secret, call, now=NOW.timestamp()) for call in receiver.calls)
    assert not any(is_ours(secret, call, now=NOW.timestamp() + 301) for call in receiver.calls)
    assert {row.state for row in owed()} == {DeliveryState.DONE}


def test_a_draft_is_nobodys_affair_and_a_new_title_is_no_happening(app, house, receiver):
    registered(app, receiver, "careers")
    event = planned(house, is_draft=True)
    with transaction():
        edit_event(event, {"title": "Another title"}, **AT)
    assert kinds() == []
    with transaction():
        request_event(event, **AT)
    assert kinds() == ["event.created"]
    with transaction():
        edit_event(event, {"title": "A third title"}, **AT)
    assert kinds() == ["event.created"]


def test_a_room_that_is_granted_is_an_answer_and_a_new_place(app, house, receiver):
    registered(app, receiver, "granting", kinds=("answer.received", "event.moved"))
    event = planned(house, with_stage=True)
    with transaction():
        approval = rooms.of_event(get_event(event).id)[0]
        answer_room(str(approval.public_id), RoomAnswer(word=RoomWord.GRANT), now=NOW)
    delivered(app, way_to(receiver))
    told = {call.said["type"]: call.said["data"] for call in receiver.calls}
    said = {**told["answer.received"]["answer"]}
    assert said.pop("id") == str(approval.public_id)
    assert said == {
        **{"of": "room", "room": "stage", "expert": None, "organization": "college"},
        **{"word": "grant", "standing": "granted", "at": iso(NOW)},
    }
    assert told["event.moved"]["was"]["rooms"] == ["hall"]
    assert told["event.moved"]["event"]["rooms"] == ["hall", "stage"]


def test_a_reminder_names_who_is_to_be_reminded_by_slug_alone(app, house, receiver):
    registered(app, receiver, "outreach", kinds=("reminder.due",))
    with transaction():
        db.session.execute(update(Rule).values(channel=Channel.BOTH))
    event = planned(house, title="Zero-emission careers")
    with transaction():
        start = get_event(event).starts_at
        house.expert.name, house.expert.email = "Full Name", "own@port.example"
    answered(event)
    with transaction():
        confirm_as_host(event, **AT)
    for hours in range(8 * 24, 0, -6):
        post_due_reminders(start - timedelta(hours=hours))
    delivered(app, way_to(receiver), start - timedelta(minutes=1))
    persons = [one.said["data"]["reminder"] for one in receiver.calls if one.said["data"]["reminder"]["of"] == "person"]
    assert persons[0] == {
        **{"of": "person", "expert": "speaker", "organization": "port", "office": None, "needs_answer": False}
    }
    everything = b"".join(call.body for call in receiver.calls)
    assert all(word not in everything for word in (b"Full Name", b"own@port", b"/answer/", b"token"))
    assert house.expert.id in {row.expert_id for row in owed()}
    assert len({call.id for call in receiver.calls}) == len(receiver.calls)


def reminded_in_hundred_minutes(app, house, receiver) -> tuple[str, datetime]:
    """An event and its start: a rule reminds its speaker a hundred minutes before, by webhook alone."""
    registered(app, receiver, "outreach", kinds=("reminder.due",))
    event = planned(house)
    answered(event)
    with transaction():
        confirm_as_host(event, **AT)
        rule = SaidRule(minutes=100, channel=Channel.WEBHOOK)
        keep_rules(Whose(event=event), Audience.EXPERT, [rule], **AT)
    start = get_event(event).starts_at
    post_due_reminders(start - timedelta(minutes=100))
    return event, start


@pytest.mark.parametrize(
    ("works_again_after", "taken", "fate"),
    [
        (timedelta(minutes=99), 1, (ReminderState.POSTED, None)),
        (timedelta(minutes=100), 0, (ReminderState.MISSED, Reason.TOO_LATE)),
    ],
)
def test_a_system_that_is_away_is_told_of_a_reminder_until_the_start_and_never_after(
    app, house, receiver, works_again_after, taken, fate
):
    _, start = reminded_in_hundred_minutes(app, house, receiver)
    receiver.answer = lambda call: (503, {})
    due_at = start - timedelta(minutes=100)
    for minutes in range(0, 40, 2):
        delivered(app, way_to(receiver), due_at + timedelta(minutes=minutes))
    receiver.answer = lambda call: (204, {})
    for later in (timedelta(), timedelta(days=1)):
        delivered(app, way_to(receiver), due_at + works_again_after + later)
    assert len(receiver.taken) == taken
    mine = db.session.scalars(select(Reminder).where(Reminder.recipient == "expert:speaker", Reminder.due_at == due_at))
    assert [(one.state, one.reason) for one in mine] == [fate]


def test_a_reminder_that_waits_for_a_system_is_forgotten_with_a_cancel(app, house, receiver):
    event, start = reminded_in_hundred_minutes(app, house, receiver)
    with transaction():
        call_off_event.cancel_event(event, actor=ADMINISTRATOR, now=start - timedelta(hours=1))
    delivered(app, way_to(receiver), start - timedelta(minutes=59))
    assert receiver.calls == []
    assert [str(row.state) for row in owed()] == ["dropped"]


@pytest.mark.parametrize(
    ("wanted", "target", "ways"),
    [
        (None, "outreach", {"letter"}),
        (Channel.MAIL, "outreach", {"letter"}),
        (Channel.WEBHOOK, "outreach", {"webhook"}),
        (Channel.BOTH, "outreach", {"letter", "webhook"}),
        (Channel.WEBHOOK, "stranger", {"letter"}),  # nobody is left without any reminder
        (Channel.WEBHOOK, None, {"letter"}),
    ],
)
def test_a_reader_says_by_which_way_reminders_come_and_the_rule_for_all_others(
    app, house, receiver, wanted, target, ways
):
    if target is not None:
        registered(app, receiver, target, kinds=("reminder.due",))
    event = planned(house)
    answered(event)
    with transaction():
        confirm_as_host(event, **AT)
        channels.choose(mark_of_reader(house.expert.email), wanted)
    for hours in range(8 * 24, 0, -6):
        post_due_reminders(get_event(event).starts_at - timedelta(hours=hours))
    mails = db.session.scalars(select(Message).where(Message.letter == "reminder")).all()
    persons = [row for row in owed() if json.loads(row.body)["data"]["reminder"]["of"] == "person"]
    assert len(owed()) == len(persons)
    assert {*(["letter"] if mails else []), *(["webhook"] if persons else [])} == ways


@pytest.mark.parametrize(
    ("office", "is_told"),
    [(None, True), ("careers", True), ("outreach", True), ("granting", False), ("stranger", False)],
)
def test_an_office_is_told_of_what_stands_on_its_desk_alone(app, house, receiver, office, is_told):
    registered(app, receiver, office)
    planned(house)
    assert kinds() == (["event.created"] if is_told else [])


def test_an_office_learns_that_an_event_has_left_its_desk_and_not_what_becomes_of_it(app, house, receiver):
    registered(app, receiver, "outreach", kinds=("event.cancelled", "event.moved"))
    registered(app, receiver, "granting", kinds=("event.created", "event.moved"))
    event = planned(house)
    with transaction():
        there = to("2027-02-12T09:00", 60, experts=(), rooms=("stage",))
        move_event(event, there, **AT)
    delivered(app, way_to(receiver))
    left, came = sorted((call.said for call in receiver.calls), key=lambda said: said["type"])
    assert left["type"] == "event.cancelled"
    assert (left["data"].keys(), left["data"]["event"].keys()) == (
        {"event", "was", "has_left_your_desk"},
        {"id", "version"},
    )
    assert left["data"]["was"]["starts_at"] == "2027-02-10T22:00:00Z"
    assert (came["type"], came["data"]["was"], came["data"]["event"]["location"]) == (
        "event.created",
        None,
        "Room requested, Campus",
    )


def test_a_target_that_is_off_or_wants_other_things_and_an_office_out_of_use_are_owed_nothing(app, house, receiver):
    off, _ = registered(app, receiver, "careers")
    registered(app, receiver, "careers", kinds=("event.cancelled",))
    registered(app, receiver, "outreach")
    with transaction():
        keep.change(off, is_on=False, **AT)
        house.expert.office.retired_on = NOW.date()
    planned(house)
    assert kinds() == []


def test_a_receiver_that_fails_for_an_hour_gets_each_id_once_after_it_recovered(app, house, receiver):
    _, secret = registered(app, receiver, "careers")
    receiver.answer = lambda call: (503, {})
    fetcher = way_to(receiver)
    events = [planned(house, when=builders.at(f"2027-02-{day:02}T14:00", 60)) for day in range(10, 16)]
    rounds(app, fetcher, NOW, minutes=60)
    assert receiver.taken == []
    assert len(receiver.calls) < 60  # it was left in peace
    receiver.answer = lambda call: (200, {})
    rounds(app, fetcher, NOW + timedelta(hours=1), minutes=80)
    assert Counter(call.id for call in receiver.taken) == Counter(row.webhook_id for row in owed())
    assert {call.said["data"]["event"]["id"] for call in receiver.taken} == set(events)
    assert all(is_ours(secret, call) for call in receiver.calls)
    assert {(call.id, call.body) for call in receiver.calls} == {(call.id, call.body) for call in receiver.taken}
    times = {call.headers["webhook-timestamp"] for call in receiver.calls if call.id == receiver.taken[0].id}
    assert len(times) > 3  # each try says its own time
    assert db.session.scalars(select(WebhookTarget.failing_since)).all() == [None]


def rounds(app, fetcher: Fetcher, first: datetime, *, minutes: int) -> None:
    for number in range(0, minutes * 60, 15):
        delivered(app, fetcher, first + timedelta(seconds=number))


def test_410_switches_off_once_and_its_office_reads_why(app, house, receiver):
    target, _ = registered(app, receiver, "careers")
    planned(house)
    planned(house, when=builders.at("2027-02-18T14:00", 60))
    receiver.answer = lambda call: (410, {})
    delivered(app, way_to(receiver))
    with transaction():
        known = targets.get_target(target)
        assert (known.is_on, str(known.off_because)) == (False, "gone")
    letters = db.session.scalars(select(Message).where(Message.letter == "webhook_trouble")).all()
    assert [(one.to_address, one.facts["is_gone"]) for one in letters] == [("careers@college.example", True)]
    assert "key=theirs" not in str(letters[0].facts)
    planned(house, when=builders.at("2027-02-19T14:00", 60))
    delivered(app, way_to(receiver), NOW + timedelta(days=1))
    assert len(receiver.calls) == 2
    with transaction():
        keep.change(target, is_on=True, **AT)
        log.send_again(target, str(owed()[0].public_id), **AT)
    receiver.answer = lambda call: (204, {})
    assert delivered(app, way_to(receiver)).done == 1
    assert receiver.taken[0].id == receiver.calls[0].id or receiver.taken[0].id == receiver.calls[1].id


def test_a_target_that_fails_for_a_day_is_told_of_once_and_given_up_after_three(app, house, receiver):
    target, _ = registered(app, receiver, "careers")
    planned(house)
    receiver.answer = lambda call: (500, {})
    for number in range(80):
        delivered(app, way_to(receiver), NOW + timedelta(hours=number))
    (row,) = owed()
    assert (row.state, row.ended_at) == (DeliveryState.FAILED, NOW + timedelta(hours=72))
    assert {one["status"] for one in row.tries} == {500}
    assert row.tries[0]["said"].startswith("said <b>by the system</b> xxx")
    assert len(row.tries[0]["said"]) <= 300
    letters = db.session.scalars(select(Message).where(Message.letter == "webhook_trouble")).all()
    assert [one.facts["is_gone"] for one in letters] == [False]
    assert targets.get_target(target).is_on


ANSWERS: list[tuple[int, dict[str, str], DeliveryState]] = [
    (200, {}, DeliveryState.DONE),
    (299, {}, DeliveryState.DONE),
    (301, {"Location": "/elsewhere"}, DeliveryState.QUEUED),
    (400, {}, DeliveryState.QUEUED),
    (404, {}, DeliveryState.QUEUED),
    (429, {"Retry-After": "7200"}, DeliveryState.QUEUED),
    (500, {}, DeliveryState.QUEUED),
    (0, {}, DeliveryState.QUEUED),
]


@pytest.mark.parametrize(("status", "headers", "state"), ANSWERS)
def test_what_each_answer_leads_to(app, house, receiver, status, headers, state):
    registered(app, receiver, "careers")
    planned(house)
    receiver.answer = lambda call: (status, headers)
    delivered(app, way_to(receiver, seconds=0.4 if status == 0 else 5))
    (row,) = owed()
    assert (row.state, row.attempts, len(receiver.calls)) == (state, 1, 1)
    assert row.tries[0]["status"] == (status or None)
    if status == 0:
        assert row.tries[0]["said"] == "It took too long to answer."
    if "Retry-After" in headers:
        assert row.next_attempt_at >= NOW + timedelta(hours=2)


def test_a_server_that_hangs_holds_up_no_other(app, house, receiver):
    with receiving() as hanging:
        registered(app, hanging, "careers")
        for day in range(10, 16):
            planned(house, when=builders.at(f"2027-02-{day:02}T14:00", 60))
        registered(app, receiver, "careers")
        planned(house, when=builders.at("2027-02-17T14:00", 60))
        hanging.answer = lambda call: (0, {})
        delivered(app, way_to(receiver, hanging, seconds=0.4))
        assert len(receiver.taken) == 1
        assert len(hanging.calls) <= 3


INSIDE = [
    "http://events.example/in",
    "https://127.0.0.1/in",
    "https://10.1.2.3/in",
    "https://[::1]/in",
    "ftp://a.example/",
]
INSIDE += ["https://user:secret@a.example/in", "webcal://a.example/in", "https://intranet/in", "//", "https://[/", ""]


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_that_leads_inside_or_is_not_https_is_refused(app, house, url):
    with pytest.raises(InvalidInput) as refusal:
        keep.check_address(
            url, of="careers", fetcher=Fetcher(resolver=lambda host, port: ["8.8.8.8"]), actor=ADMINISTRATOR
        )
    assert [one["field"] for one in refusal.value.facts["errors"]] == ["url"]


# Within, a cloud's own machine, this one in other coats, and one of several.
INNER = ["10.0.0.7"], ["169.254.169.254"], ["127.0.0.1"], ["::1"], ["::ffff:10.0.0.7"], ["8.8.8.8", "192.168.0.1"]


@pytest.mark.parametrize("inner", INNER, ids=" ".join)
def test_where_a_name_leads_is_looked_at_when_it_is_registered_or_changed_and_again_at_each_try(app, house, inner):
    leads = {"to": inner}
    fetcher = Fetcher(resolver=lambda host, port: leads["to"])
    with pytest.raises(InvalidInput):
        keep.check_address("https://sms.example/in", of="careers", fetcher=fetcher, actor=ADMINISTRATOR)
    leads["to"] = ["8.8.8.8"]
    checked = keep.check_address("https://sms.example/in", of="careers", fetcher=fetcher, actor=ADMINISTRATOR)
    with transaction():
        target = str(keep.make("careers", checked, EVERYTHING, links=links_of_app(app), **AT).public_id)
    planned(house)
    leads["to"] = inner  # its owner lets the name lead elsewhere now
    with pytest.raises(InvalidInput):
        keep.check_new_address(target, "https://other.example/in", fetcher=fetcher, actor=ADMINISTRATOR)
    assert delivered(app, fetcher).failed == 1
    (row,) = owed()
    said = "sms.example is not an address in the open internet, and only such addresses are used."
    assert row.tries == [{"at": iso(NOW), "status": None, "said": said}]


def test_a_name_that_nobody_knows_yet_may_be_registered(app, house):
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    fetcher = Fetcher(resolver=unknown)
    checked = keep.check_address("https://new.example/in", of=None, fetcher=fetcher, actor=ADMINISTRATOR)
    assert checked.url == "https://new.example/in"


def test_while_a_secret_turns_both_sign_and_afterwards_the_new_one_alone(app, house, receiver):
    target, first = registered(app, receiver, "careers")
    with transaction():
        turned = keep.turn(target, 24, links=links_of_app(app), **AT)
        second = keep.secret_in_words(turned, links_of_app(app))
    planned(house)
    delivered(app, way_to(receiver), NOW + timedelta(hours=23))
    planned(house, when=builders.at("2027-02-18T14:00", 60))
    delivered(app, way_to(receiver), NOW + timedelta(hours=24))
    during, after = receiver.taken
    assert [is_ours(secret, during) for secret in (first, second)] == [True, True]
    assert [is_ours(secret, after) for secret in (first, second)] == [False, True]
    with transaction():
        third = keep.secret_in_words(keep.turn(target, 0, links=links_of_app(app), **AT), links_of_app(app))
    planned(house, when=builders.at("2027-02-19T14:00", 60))
    delivered(app, way_to(receiver), NOW + timedelta(hours=25))
    assert [is_ours(secret, receiver.taken[-1]) for secret in (first, second, third)] == [False, False, True]


def test_a_death_between_the_answer_and_its_mark_repeats_the_same_id_and_bytes(app, house, receiver):
    registered(app, receiver, "careers")
    planned(house)

    class Killed(BaseException):
        pass

    def dying(*call: object) -> None:
        way_to(receiver).post(*call)
        raise Killed

    with pytest.raises(Killed):
        delivered(app, SimpleNamespace(post=dying))
    delivered(app, way_to(receiver), NOW + LEASE - timedelta(seconds=1))
    assert len(receiver.calls) == 1  # somebody may still be at it
    delivered(app, way_to(receiver), NOW + LEASE)
    first, second = receiver.calls
    assert (first.id, first.body) == (second.id, second.body)
    assert delivered(app, way_to(receiver), NOW + timedelta(days=1)).done == 0


def test_what_kills_whoever_sends_it_is_set_aside_and_the_rest_goes_on(app, house, receiver):
    target, _ = registered(app, receiver, "careers")
    planned(house)

    class Killed(BaseException):
        pass

    def dying(*call: object) -> None:
        raise Killed

    for number in range(5):
        with pytest.raises(Killed):
            delivered(app, SimpleNamespace(post=dying), NOW + number * LEASE)
    planned(house, when=builders.at("2027-02-18T14:00", 60))
    later = NOW + timedelta(hours=1)
    delivered(app, way_to(receiver), later)
    assert [row.state for row in owed()] == [DeliveryState.SET_ASIDE, DeliveryState.DONE]
    with transaction():
        log.send_again(target, str(owed()[0].public_id), actor=ADMINISTRATOR, now=later)
    assert delivered(app, way_to(receiver), later).done == 1


def test_a_body_that_cannot_be_sent_is_tried_again_like_any_other_failure(app, house, receiver):
    registered(app, receiver, "careers")
    planned(house)

    def broken(*call: object) -> None:
        raise ValueError("https://secret.example/")

    assert delivered(app, SimpleNamespace(post=broken)).failed == 1
    assert owed()[0].tries[0]["said"] == "ValueError"
    assert delivered(app, way_to(receiver), NOW + timedelta(hours=1)).done == 1


def test_a_test_says_nothing_of_any_event_and_goes_to_this_target_alone(app, house, receiver):
    target, secret = registered(app, receiver, "careers", kinds=("event.cancelled",))
    registered(app, receiver, "careers")
    with transaction():
        log.send_test(target, **AT)
    delivered(app, way_to(receiver))
    (call,) = receiver.calls
    assert call.said == {"type": "webhook.test", "timestamp": iso(NOW), "data": {"webhook": target}}
    assert is_ours(secret, call)


def test_the_schedulers_own_job_delivers_by_the_clock_of_the_service(app, house, receiver, still):
    registered(app, receiver, "careers")
    planned(house)
    app.extensions[NAME] = replace(services(), fetcher=way_to(receiver))
    assert run_webhooks(app).done == 1
    assert [call.said["type"] for call in receiver.taken] == ["event.created"]


def test_nothing_leaves_while_delivery_is_paused(app, house, receiver):
    from eventsvc.domain.outbox import pause

    registered(app, receiver, "careers")
    planned(house)
    with transaction():
        db.session.add(pause.DeliveryPause(id=1, since=NOW, reason=pause.PauseReason.BY_HAND, by_whom="administrator"))
    assert delivered(app, way_to(receiver)).done == 0
    assert receiver.calls == []


CUTS: list[Callable[[str], object]] = [
    lambda target: keep.change(target, is_on=False, **AT),
    lambda target: keep.end(target, **AT),
]


@pytest.mark.parametrize("cut", CUTS)
def test_a_target_that_goes_while_it_is_sent_something_leaves_no_trace_of_a_fault(app, house, receiver, cut):
    target, _ = registered(app, receiver, "careers")
    planned(house)

    def meanwhile(*call: object) -> object:
        return way_to(receiver).post(*call)

    receiver.answer = lambda call: (500, {})
    with app.app_context():
        delivered(app, SimpleNamespace(post=meanwhile))
        with transaction():
            cut(target)
        planned(house, when=builders.at("2027-02-18T14:00", 60))
        delivered(app, way_to(receiver), NOW + timedelta(days=1))
    assert len(receiver.calls) == 1
    assert {row.state for row in owed()} <= {DeliveryState.DROPPED}


DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(), re.DOTALL)


def shape(value: object) -> object:
    """Names and kinds of values, in their order; null may be there in place of anything."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return "null" if value is None else type(value).__name__


def test_the_docs_show_bodies_as_they_are_and_a_check_that_works(app, house, receiver):
    _, secret = registered(app, receiver, "careers")
    with transaction():
        db.session.execute(update(Rule).values(channel=Channel.BOTH))
    event = planned(house)
    answered(event)
    with transaction():
        confirm_as_host(event, **AT)
    with transaction():
        move_event(event, to("2027-02-11T14:00", 90), **AT)
    answered(event)
    start = get_event(event).starts_at
    for hours in range(8 * 24, 0, -6):
        post_due_reminders(start - timedelta(hours=hours))
    delivered(app, way_to(receiver), start - timedelta(minutes=1))
    said = {call.said["type"]: call.said for call in receiver.calls}
    persons = [call.said for call in receiver.calls if call.said["data"].get("reminder", {}).get("of") == "person"]
    moved, answer, reminder = (json.loads(block) for block in blocks("json"))
    assert shape(said["event.moved"]) == shape(moved)
    assert shape(said["answer.received"]["data"]["answer"]) == shape(answer["answer"])
    assert shape(persons[0]["data"]["reminder"]) == shape(reminder["reminder"])
    assert [list(one) for one in (said["event.moved"]["data"]["event"],)] == [list(moved["data"]["event"])]
    known: dict[str, Any] = {}
    exec(blocks("python")[0], known)
    known["time"] = SimpleNamespace(time=start.timestamp)
    call = receiver.calls[0]
    assert known["is_genuine"](secret, call.headers, call.body)
    assert not known["is_genuine"](secret, call.headers, call.body + b" ")
    known["time"] = SimpleNamespace(time=lambda: start.timestamp() + 301)
    assert not known["is_genuine"](secret, call.headers, call.body)


def test_the_receiver_of_the_docs_takes_each_id_once_and_refuses_forgeries(app, house, monkeypatch, capsys):
    *lines, last = "".join(blocks("python")).strip().splitlines()
    assert last == 'HTTPServer(("127.0.0.1", 9000), Receiver).serve_forever()'
    with receiving() as place:  # its address alone: what the docs show answers there
        target, secret = registered(app, place, "careers")
        monkeypatch.setenv("WEBHOOK_SECRET", secret)
        known: dict[str, Any] = {}
        exec("\n".join(lines), known)
        known["time"] = SimpleNamespace(time=NOW.timestamp)
        known["Receiver"].log_message = lambda *_: None
        place.RequestHandlerClass = known["Receiver"]
        planned(house)
        assert delivered(app, way_to(place)).done == 1
        with transaction():
            log.send_again(target, str(owed()[0].public_id), **AT)
        assert delivered(app, way_to(place)).done == 1
        known["SECRET"] = "whsec_" + "A" * 32
        planned(house, when=builders.at("2027-02-18T14:00", 60))
        assert delivered(app, way_to(place)).failed == 1
    assert owed()[1].tries[0]["status"] == 401
    assert capsys.readouterr().out.count("event.created") == 1
