"""Changes are told once: they wait, merge into one letter of what was known and what is so, and back again is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import config
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.asking import RoomAnswer
from eventsvc.domain.approvals.models import ApprovalState, RoomWord
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord, InvitationState
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox import deliver
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import InboxOnly, PutOff, Transport
from eventsvc.workflows import answer_room
from eventsvc.workflows.call_off_event import cancel_event, postpone_event, restore_event
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.letterbox import LINKS
from tests.post_office import WAITED

PERSON, GRANTING = "coming@port.example", "granting@a.example"
CHANGED = ("asked_again", "changed", "changed_soon", "called_off", "room_request", "room_off")


def make(days_ahead: int = 60) -> SimpleNamespace:
    """A confirmed event with a person who has said yes and a room that was granted; all letters have left."""
    with transaction():
        port, college = builders.an_organization(), builders.an_organization()
        campus, elsewhere = builders.a_campus(of=college), builders.a_campus(of=college)
        hall, den = builders.a_room(on=campus), builders.a_room(on=campus)
        far = builders.a_room(on=elsewhere)
        hall.needs_approval, hall.office = True, builders.an_office(of=college, mailbox=GRANTING)
        host = builders.an_office(of=college, mailbox="host@a.example")
        coming = builders.an_expert(of=port, email=PERSON)
        starts = (NOW + timedelta(days=days_ahead)).replace(hour=22, minute=0)
        plan = builders.a_plan(campus, rooms=[hall], experts=[coming], when=builders.at(local(starts)), owner=host.slug)
        event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
        made = SimpleNamespace(
            id=str(event.public_id), number=event.id, hall=hall.slug, den=den.slug, campus=campus.slug
        )
        made.elsewhere, made.far, made.starts, made.coming = elsewhere.slug, far.slug, starts, coming.slug
        made.starts_local = local(starts)
        builders.an_expert(of=port, email="other@port.example")
    left(NOW)
    with transaction():
        made.approval = str(rooms.of_event(made.number)[0].public_id)
        answer_room.answer_room(made.approval, RoomAnswer(word=RoomWord.GRANT, reference="R-1"), now=NOW)
        made.invitation = str(asking.of_event(made.number)[0].public_id)
        answer_invitation(made.invitation, AnswerWord.ACCEPT, turn=0, now=NOW)
    with transaction():
        confirm_as_host(made.id, actor=ADMINISTRATOR, now=NOW)
    left(NOW + WAITED)
    return made


def local(at: datetime) -> str:
    return (at - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")


def left(now: datetime, transport: Transport | None = None) -> None:
    """Everything that is due then leaves, or is tried."""
    deliver.deliver_due(transport or InboxOnly(), LINKS, "events@events.example", lambda: now, threads.name_addresses)


def newest_id() -> int:
    return max(db.session.scalars(select(Message.id)), default=0)


def letters_to(address: str, *, after: int) -> list[Message]:
    told = select(Message).where(Message.to_address == address, Message.id > after, Message.letter.in_(CHANGED))
    return list(db.session.scalars(told.where(Message.state != MessageState.DROPPED).order_by(Message.id)))


Act = Callable[[SimpleNamespace, datetime], Any]


def moved(**to: Any) -> Act:
    return lambda made, now: move_event(
        made.id, Destination(**{name: said(made) for name, said in to.items()}), actor=ADMINISTRATOR, now=now
    )


def by(days: int) -> Act:
    return moved(time=lambda made: {"starts_local": datetime.fromisoformat(local(made.starts + timedelta(days=days)))})


BACK = by(0)
TO_DEN, TO_HALL = moved(rooms=lambda made: (made.den,)), moved(rooms=lambda made: (made.hall,))
AWAY = moved(campus=lambda made: made.elsewhere, is_campus_told=lambda _: True, rooms=lambda made: (made.far,))
HOME = moved(campus=lambda made: made.campus, is_campus_told=lambda _: True, rooms=lambda made: (made.hall,))
WITHOUT, WITH = moved(experts=lambda _: ()), moved(experts=lambda made: (made.coming,))


def verb(act: Callable[..., Any]) -> Act:
    return lambda made, now: act(made.id, actor=ADMINISTRATOR, now=now)


def edited(**words: Any) -> Act:
    return lambda made, now: edit_event(made.id, words, actor=ADMINISTRATOR, now=now)


CANCEL, RESTORE, POSTPONE = verb(cancel_event), verb(restore_event), verb(postpone_event)
LINK, OTHER_LINK = edited(online_url="https://a.example/1"), edited(online_url="")


def told(made: SimpleNamespace, acts: tuple[Act, ...], *, at: datetime) -> int:
    """Play the acts, a minute apart; the newest letter before."""
    before = newest_id()
    for number, act in enumerate(acts):
        with transaction():
            act(made, at + timedelta(minutes=number))
    return before


LATER = NOW + timedelta(days=1)
STORIES: dict[str, tuple[tuple[Act, ...], list[str], list[str]]] = {
    "moved": ((by(1),), ["asked_again"], ["room_request"]),
    "moved twice": ((by(1), by(2)), ["asked_again"], ["room_request"]),
    "moved and back": ((by(1), BACK), [], []),
    "moved twice and back": ((by(1), by(2), BACK), [], []),
    "moved, then cancelled": ((by(1), CANCEL), ["called_off"], ["room_off"]),
    "cancelled, then restored": ((CANCEL, RESTORE), [], []),
    "cancelled, restored and moved": ((CANCEL, RESTORE, by(1)), ["asked_again"], ["room_request"]),
    "cancelled, restored, in another room": ((CANCEL, RESTORE, TO_DEN), ["changed"], ["room_off"]),
    "another room": ((TO_DEN,), ["changed"], ["room_off"]),
    "another room and back": ((TO_DEN, TO_HALL), [], []),
    "time and room, then the time back": ((by(1), TO_DEN, BACK), ["changed"], ["room_off"]),
    "another campus and back": ((AWAY, HOME), [], []),
    "a link, and none again": ((LINK, OTHER_LINK), [], []),
    "a link, then moved": ((LINK, by(1)), ["asked_again"], ["room_request"]),
    "put off": ((POSTPONE,), ["called_off"], ["room_off"]),
    "put off, then at a new time": ((POSTPONE, by(3)), ["asked_again"], ["room_request"]),
    "put off, and at its time after all": ((POSTPONE, BACK), [], []),
    "no longer needed": ((WITHOUT,), ["called_off"], []),
    "no longer needed, and needed again": ((WITHOUT, WITH), [], []),
    "a corrected title": ((edited(title="Careers!"),), [], []),
}


@pytest.mark.parametrize("what", STORIES)
def test_changes_within_the_wait_are_one_letter_of_what_was_known_and_what_is_so(app, what):
    acts, to_person, to_office = STORIES[what]
    made = make()
    before = told(made, acts, at=LATER)
    assert [one.letter for one in letters_to(PERSON, after=before)] == to_person
    assert [one.letter for one in letters_to(GRANTING, after=before)] == to_office
    for letter in letters_to(PERSON, after=before):
        assert letter.next_attempt_at == letter.created_at + WAITED
        known = letter.facts["event"] if letter.letter == "called_off" else letter.facts["was"]
        assert known["starts_at"] == made.starts.isoformat().replace("+00:00", "Z")
    left(LATER + timedelta(minutes=9))
    assert all(one.state is MessageState.QUEUED for one in letters_to(PERSON, after=before))
    left(LATER + timedelta(minutes=len(acts)) + WAITED)
    assert all(one.state is MessageState.SENT for one in letters_to(PERSON, after=before))


@pytest.mark.parametrize("acts", [(by(1), BACK), (CANCEL, RESTORE), (WITHOUT, WITH), (POSTPONE, BACK), (AWAY, HOME)])
def test_back_at_what_was_known_the_answers_to_it_count_and_its_links_work(app, acts):
    made = make()
    told(made, acts, at=LATER)
    invitation, approval = asking.get_invitation(made.invitation), rooms.get_approval(made.approval)
    assert (invitation.state, invitation.turn) == (InvitationState.ACCEPTED, 0)
    assert (approval.state, approval.turn, approval.reference) == (ApprovalState.GRANTED, 0, "R-1")
    with transaction():
        answer_invitation(made.invitation, AnswerWord.DECLINE, turn=0, reason="Ill", now=LATER + WAITED)
    assert asking.get_invitation(made.invitation).state is InvitationState.DECLINED
    with transaction():  # and the next change asks anew
        by(2)(made, LATER + WAITED)
    assert [one.letter for one in letters_to(GRANTING, after=0)][-1] == "room_request"


def test_who_has_seen_on_a_page_what_was_between_is_told_that_it_is_back(app):
    made = make()
    before = told(made, (by(1),), at=LATER)
    with transaction():
        answer_invitation(made.invitation, AnswerWord.ACCEPT, turn=1, now=LATER + timedelta(minutes=2))
    told(made, (BACK,), at=LATER + timedelta(minutes=3))
    assert [one.letter for one in letters_to(PERSON, after=before)] == ["asked_again"]
    assert asking.get_invitation(made.invitation).state is InvitationState.NEEDS_ACTION


def test_what_begins_within_a_day_or_would_have_is_told_at_once(app):
    made = make()
    at = made.starts - timedelta(hours=23)
    before = told(made, (by(5),), at=at)
    assert {one.next_attempt_at for one in letters_to(PERSON, after=before)} == {at}
    made = make()
    before = told(made, (by(9),), at=made.starts - timedelta(days=9))
    told(made, (by(-8),), at=made.starts - timedelta(days=9) + timedelta(minutes=5))
    [letter] = letters_to(PERSON, after=before)
    assert letter.next_attempt_at == made.starts - timedelta(days=9) + timedelta(minutes=5)


def test_within_two_days_letters_wait_too_and_going_back_is_none(app):
    made = make()
    at = made.starts - timedelta(hours=47)
    before = told(made, (by(1), BACK), at=at)
    assert [(one.letter, one.facts) for one in letters_to(PERSON, after=before)] == []
    office = select(Message).where(Message.letter == "office_changed_soon", Message.state != MessageState.DROPPED)
    assert [(one.facts["changes"], one.to_address) for one in db.session.scalars(office)] == []


class PuttingOff(InboxOnly):
    def send(self, mail: object, *, bounces_to: str = "") -> None:
        raise PutOff("450 not now")


@pytest.mark.parametrize("transport", [InboxOnly(), PuttingOff()], ids=["it has left", "it was put off"])
def test_a_letter_that_was_tried_keeps_its_words_and_another_one_tells_the_rest(app, transport):
    made = make()
    before = told(made, (by(1),), at=LATER)
    [first] = letters_to(PERSON, after=before)
    words = dict(first.facts)
    left(LATER + WAITED, transport)
    told(made, (by(2),), at=LATER + 2 * WAITED)
    first, second = letters_to(PERSON, after=before)
    assert (first.facts["event"], first.facts["was"]) == (words["event"], words["was"])
    assert second.facts["was"]["starts_at"] == words["event"]["starts_at"]


def test_the_calendar_is_told_the_final_state_with_a_higher_revision(app):
    made = make()
    before = told(made, (by(1), by(2), CANCEL), at=LATER)
    [letter] = letters_to(PERSON, after=before)
    asked = db.session.scalars(select(Message).where(Message.letter == "invitation")).one()
    assert letter.facts["calendar"]["method"] == "CANCEL"
    assert letter.facts["calendar"]["sequence"] > asked.facts["calendar"]["sequence"]


def test_the_wait_is_a_setting(app):
    assert config.load({})["CHANGES_WAIT_MINUTES"] == 10
    db.engine.update_execution_options(
        changes_wait_minutes=config.load({"CHANGES_WAIT_MINUTES": "0"})["CHANGES_WAIT_MINUTES"]
    )
    made = make()
    before = told(made, (by(1),), at=LATER)
    assert [one.next_attempt_at for one in letters_to(PERSON, after=before)] == [LATER]
    with pytest.raises(ValueError, match="CHANGES_WAIT_MINUTES"):
        config.load({"CHANGES_WAIT_MINUTES": "-1"})


ACTS = {"1": by(1), "2": by(2), "0": BACK, "den": TO_DEN, "hall": TO_HALL, "away": AWAY, "home": HOME}
ACTS |= {"cancel": CANCEL, "restore": RESTORE, "put off": POSTPONE, "without": WITHOUT, "with": WITH}
ACTS |= {"link": LINK, "no link": OTHER_LINK}


def state_of(event: Event, slug: str) -> tuple[Any, ...] | None:
    """What somebody must know: None where it is off or goes without them. The oracle, beside the rules."""
    is_off = str(event.status) == "cancelled" or event.awaits_time
    if is_off or slug not in [expert.slug for expert in event.experts]:
        return None
    sure = sorted(room.name for room in event.sure_rooms)
    return (event.starts_at.isoformat(), event.campus.name if event.campus else None, sure, event.online_url)


def state_in(facts: dict[str, Any]) -> tuple[Any, ...]:
    campus = facts["campus"] and facts["campus"]["name"]
    return (datetime.fromisoformat(facts["starts_at"]).isoformat(), campus, sorted(facts["rooms"]), facts["online_url"])


@settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.lists(st.sampled_from(sorted(ACTS)), max_size=5), min_size=1, max_size=3))
def test_any_changes_leave_each_person_at_most_one_letter_from_what_they_knew_to_what_is_so(app, rounds):
    made = make()
    at, knows = LATER, state_of(get_event(made.id), made.coming)
    last_known = knows
    for names in rounds:
        before = newest_id()
        for number, name in enumerate(names):
            try:
                with transaction():
                    ACTS[name](made, at + timedelta(minutes=number))
            except Refusal:
                db.session.rollback()
        left(at + WAITED + timedelta(minutes=len(names)))
        db.session.expire_all()
        final = state_of(get_event(made.id), made.coming)
        letters = letters_to(PERSON, after=before)
        if final == knows:
            assert letters == []
        else:
            [letter] = letters
            assert (letter.letter == "called_off") == (final is None)
            if final is None:
                assert state_in(letter.facts["event"]) == knows
            else:
                assert state_in(letter.facts["event"]) == final
                was = letter.facts["was"] and state_in(letter.facts["was"])
                assert was in ((knows,) if knows else (None, last_known))
        last_known, knows = knows or last_known, final
        at += timedelta(hours=1)
