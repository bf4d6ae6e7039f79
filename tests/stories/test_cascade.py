"""The cascade: released, asked, chased, passed over; the next at once; who comes late; open seats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import NotFound, SlotTaken, WrongState
from eventsvc.domain.accounts import ADMINISTRATOR, Actor
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.directory.models import Campus, Expert, Organization, OrganizationKind
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import proposals
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState
from eventsvc.domain.invitations.proposals import ProposedTime
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows import answer_proposals, call_off_event, keep_asking, release_people, replies
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.line_ups import SaidSeat
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.take_steps import give_up_understudies, take_steps
from tests import builders
from tests.conftest import NOW

SLUGS = ("first", "second", "third")


@pytest.fixture
def port(app) -> str:
    """A partner with an office and three experts, a campus, and somebody who plans there and nowhere else."""
    with transaction():
        organization = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
        builders.an_office("port-office", of=organization, mailbox="office@port.example")
        for slug in SLUGS:
            builders.an_expert(slug, of=organization)
        builders.a_campus("campus", of=builders.an_organization("college"))
    return "port"


def college() -> Actor:
    """Who plans for the college, and may release nobody of the port."""
    organization = db.session.scalars(select(Organization.id).where(Organization.slug == "college")).one()
    return Actor("account college", (Held(Role.COORDINATOR, None, frozenset({organization})),))


def partner() -> Actor:
    organization = db.session.scalars(select(Organization.id).where(Organization.slug == "port")).one()
    return Actor("account port", (Held(Role.PARTNER, None, frozenset({organization})),))


def planned(*, then=(), expert="first", actor=ADMINISTRATOR, now=NOW, understudies=()) -> str:
    """An event with one seat and its line-up; its id."""
    with transaction():
        seat = SaidSeat(expert=expert, then=then, understudies=understudies)
        plan = builders.a_plan(_campus(), seats=(seat,))
        return str(plan_event(plan, actor=actor, now=now).public_id)


def _campus():
    return db.session.scalars(select(Campus).where(Campus.slug == "campus")).one()


def states(event_id: str) -> dict[str, str]:
    """Where everybody stands who was ever asked, by slug."""
    query = select(Expert.slug, Invitation.state).join(Invitation, Invitation.expert_id == Expert.id)
    rows = db.session.execute(
        query.join(Event, Event.id == Invitation.event_id).where(Event.public_id == _uuid(event_id))
    )
    return {slug: str(state) for slug, state in rows}


def _uuid(event_id: str):
    return UUID(event_id)


def invitation_of(event_id: str, slug: str) -> Invitation:
    query = (
        select(Invitation).join(Event, Event.id == Invitation.event_id).join(Expert, Expert.id == Invitation.expert_id)
    )
    return db.session.scalars(query.where(Event.public_id == _uuid(event_id), Expert.slug == slug)).one()


def said(event_id: str, slug: str, word: AnswerWord, now: datetime = NOW, reason: str = "") -> None:
    with transaction():
        one = invitation_of(event_id, slug)
        answer_invitation(str(one.public_id), word, turn=one.turn, reason=reason, now=now)


def holder(event_id: str) -> str | None:
    with transaction():
        (seat,) = db.session.scalars(select(Event).where(Event.public_id == _uuid(event_id))).one().seats
        return seat.expert.slug if seat.expert else None


def is_open(event_id: str) -> bool:
    with transaction():
        (seat,) = db.session.scalars(select(Event).where(Event.public_id == _uuid(event_id))).one().seats
        return seat.open_since is not None


def held(slug: str) -> set[str]:
    """In which ways somebody's time is held now."""
    query = select(Reservation.state).join(Resource, Resource.id == Reservation.resource_id)
    query = query.join(Expert, Expert.id == Resource.expert_id).where(Expert.slug == slug)
    live = (State.HELD, State.CONFIRMED, State.SOFT)
    return {str(state) for state in db.session.scalars(query.where(Reservation.state.in_(live)))}


def letters(name: str) -> list[Message]:
    query = select(Message).where(Message.letter == name, Message.state != MessageState.DROPPED)
    return list(db.session.scalars(query.order_by(Message.id)))


def a_late_yes(event: str) -> None:
    """The question went out, nobody heard of "first" until it was the next one's turn, and then they said yes."""
    for letter in letters("invitation"):
        letter.state = MessageState.SENT
    db.session.commit()
    for day in range(9):
        take_steps(at(day))
    said(event, "first", AnswerWord.ACCEPT, at(9))


def at(working_days: int, hour: int = 17) -> datetime:
    """So many working days after NOW, a Monday; 17:00 UTC is 9:00 in Los Angeles."""
    weeks, days = divmod(working_days, 5)
    return (NOW + timedelta(weeks=weeks, days=days)).replace(hour=hour)


def test_nobody_is_written_to_before_the_partners_office_has_released_them(port):
    event = planned(actor=college())
    assert states(event) == {"first": "awaits_release"}
    assert held("first") == {"held"}
    assert [one.to_address for one in letters("release_wanted")] == ["office@port.example"]
    assert letters("invitation") == []
    with transaction():
        (mine,) = release_people.awaiting(actor=partner(), now=NOW)
        release_people.release(str(mine.public_id), actor=partner(), now=NOW)
    assert states(event) == {"first": "needs_action"}
    assert [one.to_address for one in letters("invitation")] == ["first@port.example"]


def test_whoever_keeps_the_people_releases_by_naming_and_so_does_an_organization_without_an_office(port):
    assert states(planned(actor=ADMINISTRATOR)) == {"first": "needs_action"}
    with transaction():
        builders.an_expert("alone", of=builders.an_organization("small"))
    assert states(planned(expert="alone", actor=college())) == {"alone": "needs_action"}


def test_a_partner_may_have_its_people_asked_automatically(port):
    with transaction():
        own = keep_asking.keep_asking("port", {"asks_automatically": True}, actor=partner(), now=NOW)
        assert (own.version, own.pass_on_after_working_days) == (1, 8)
    assert states(planned(actor=college())) == {"first": "needs_action"}


def test_only_who_keeps_the_people_releases_them_and_strangers_know_of_nothing(port):
    event = planned(actor=college())
    invitation = str(invitation_of(event, "first").public_id)
    stranger = Actor("account elsewhere", (Held(Role.PARTNER, None, frozenset({10**6})),))
    with pytest.raises(NotFound), transaction():
        release_people.release(invitation, actor=stranger, now=NOW)
    with transaction():
        release_people.release(invitation, actor=partner(), now=NOW)
    with pytest.raises(WrongState, match="decided already"), transaction():
        release_people.release(invitation, actor=partner(), now=NOW)


def test_many_are_released_at_once_or_none(port):
    first, second = planned(actor=college()), planned(expert="second", actor=college())
    ids = [str(invitation_of(first, "first").public_id), str(invitation_of(second, "second").public_id)]
    with pytest.raises(NotFound), transaction():
        release_people.release_all([*ids, "unknown"], actor=partner(), now=NOW)
    assert (states(first), states(second)) == ({"first": "awaits_release"}, {"second": "awaits_release"})
    with transaction():
        release_people.release_all(ids, actor=partner(), now=NOW)
    assert (states(first), states(second)) == ({"first": "needs_action"}, {"second": "needs_action"})


def test_a_partner_that_refuses_somebody_is_asked_for_the_next(port):
    event = planned(then=("second",), actor=college())
    with transaction():
        invitation = str(invitation_of(event, "first").public_id)
        release_people.refuse(invitation, reason="On a ship", actor=partner(), now=NOW)
    assert states(event) == {"first": "declined", "second": "awaits_release"}
    assert (holder(event), held("first"), held("second")) == ("second", set(), {"held"})
    assert [one.facts["next"] for one in letters("passed_on")] == ["Second"]


def test_a_decline_moves_at_once_to_the_next_who_is_free(port):
    event = planned(then=("second", "third"))
    planned(expert="second", now=NOW)  # at the same time: the second is taken
    said(event, "first", AnswerWord.DECLINE, reason="On leave")
    assert states(event) == {"first": "declined", "third": "needs_action"}
    assert (holder(event), held("first"), held("third")) == ("third", set(), {"held"})
    assert {one.facts["next"] for one in letters("answer_declined")} == {"Third"}
    assert {one.to_address for one in letters("invitation")} >= {"third@port.example"}


def test_an_open_seat_is_told_to_both_offices_in_the_letter_of_the_decline(port):
    event = planned(then=("second",))
    said(event, "first", AnswerWord.DECLINE)
    said(event, "second", AnswerWord.DECLINE)
    told = [one for one in letters("answer_declined") if one.facts["is_open"]]
    assert len(told) == len({one.to_address for one in told}) == 2
    assert is_open(event)
    assert (held("first"), held("second")) == (set(), set())


def test_a_seat_for_which_nobody_is_named_begins_with_its_line_up_and_is_told_where_there_is_none(port):
    event = planned(expert=None, then=("second",))
    assert (holder(event), states(event)) == ("second", {"second": "needs_action"})
    empty = planned(expert=None)
    assert is_open(empty)
    assert len(letters("seat_open")) == 1


def test_silence_is_chased_told_and_passed_on(port):
    event = planned(then=("second",))
    seen = {}
    for day in range(9):
        take_steps(at(day))
        seen[day] = (len(letters("chase")), len(letters("silence")), len(letters("passed_on")))
    assert seen == {
        **dict.fromkeys((0, 1, 2), (0, 0, 0)),
        **dict.fromkeys((3, 4, 5), (1, 0, 0)),
        6: (2, 0, 0),
        7: (2, 1, 0),
        8: (2, 1, 2),
    }
    assert states(event) == {"first": "passed_over", "second": "needs_action"}
    assert (held("first"), held("second")) == (set(), {"held"})


def test_an_office_that_says_nothing_about_a_release_is_chased_and_the_hosts_office_told(port):
    event = planned(then=("second",), actor=college())
    with transaction():
        mailbox = invitation_of(event, "first").event.owner.mailbox
    for day in range(12):
        take_steps(at(day))
    assert [(one.to_address, one.facts["person"]) for one in letters("release_silent")] == [(mailbox, "First")]
    assert (states(event), held("first"), letters("passed_on"), letters("silence")) == (
        {"first": "awaits_release"},
        {"held"},
        [],
        [],
    )


def test_who_proposed_another_time_is_not_chased_before_the_host_has_answered(port):
    event = planned()
    one = invitation_of(event, "first")
    asking = str(one.public_id)
    with transaction():
        time = ProposedTime(datetime(2027, 2, 11, 10))
        replies.propose_times(asking, [time], turn=one.turn, now=NOW)
    with transaction():
        (proposal,) = proposals.open_of_event(invitation_of(event, "first").event_id, NOW)
        proposal_id = str(proposal.public_id)
    take_steps(datetime(2027, 1, 28, 17, tzinfo=UTC))  # 14 days before is a Wednesday
    assert letters("chase") == []
    with transaction():
        answer_proposals.decline_proposal(event, proposal_id, "", actor=ADMINISTRATOR, now=at(14))
    take_steps(datetime(2027, 2, 3, 17, tzinfo=UTC))  # 7 days before
    assert len(letters("chase")) == 1


def test_a_tick_at_night_waits_for_the_morning_of_the_person(port):
    planned()
    take_steps(at(3, hour=9))  # 1:00 in Los Angeles
    assert letters("chase") == []
    late = at(3, hour=9) + timedelta(days=1, hours=18)  # nobody ticked for a day; 19:00
    take_steps(late)
    assert letters("chase") == []
    take_steps(at(5, hour=16))  # Monday's next working morning, 8:00
    assert len(letters("chase")) == 1


def test_two_questions_to_one_person_are_one_chase_a_day(port):
    planned()
    with transaction():
        other = builders.a_plan(_campus(), when=builders.at("2027-02-11T14:00"), seats=(SaidSeat(expert="first"),))
        plan_event(other, actor=ADMINISTRATOR, now=NOW)
    take_steps(at(3))
    (letter,) = letters("chase")
    assert [one["event"]["starts_on"] for one in letter.facts["others"]] == ["2027-02-11"]


def test_a_late_yes_is_thanked_and_kept_and_asked_first(port):
    event = planned(then=("second", "third"))
    for day in range(9):
        take_steps(at(day))
    said(event, "first", AnswerWord.ACCEPT, at(9))
    assert states(event) == {"first": "understudy", "second": "needs_action"}
    assert (holder(event), held("first")) == ("second", {"soft"})
    assert len(letters("understudy")) == 1
    said(event, "second", AnswerWord.DECLINE, at(9))
    assert (holder(event), states(event)["first"], held("first")) == ("first", "needs_action", {"held"})


def test_a_late_yes_takes_an_open_seat(port):
    event = planned()
    for day in range(9):
        take_steps(at(day))
    assert is_open(event)
    said(event, "first", AnswerWord.ACCEPT, at(9))
    assert (states(event), held("first"), is_open(event)) == ({"first": "accepted"}, {"held"}, False)


def test_an_understudys_time_gives_way_to_a_booking(port):
    event = planned(then=("second",))
    for day in range(9):
        take_steps(at(day))
    said(event, "first", AnswerWord.ACCEPT, at(9))
    planned(expert="first", now=at(9))
    assert held("first") == {"held"}
    said(event, "second", AnswerWord.DECLINE, at(9))
    assert is_open(event)


def test_an_understudy_who_is_lost_to_a_booking_has_the_event_in_the_calendar_no_longer(port):
    event = planned(then=("second",))
    a_late_yes(event)
    planned(expert="first", now=at(9))
    assert give_up_understudies(at(9)) == 1
    (letter,) = letters("called_off")
    assert (letter.to_name, letter.facts["calendar"]["method"], letter.event) == ("First", "CANCEL", event)


def test_a_no_of_somebody_replaced_is_noted_and_changes_nothing(port):
    event = planned(then=("second",))
    for day in range(9):
        take_steps(at(day))
    said(event, "first", AnswerWord.DECLINE, at(9))
    assert states(event) == {"first": "declined", "second": "needs_action"}
    assert holder(event) == "second"
    assert letters("answer_declined") == []


def test_a_late_yes_whose_time_is_gone_is_refused_by_name(port):
    event = planned(then=("second",))
    for day in range(9):
        take_steps(at(day))
    planned(expert="first", now=at(9))
    with pytest.raises(SlotTaken):
        said(event, "first", AnswerWord.ACCEPT, at(9))
    assert states(event)["first"] == "passed_over"


def test_a_yes_after_a_cancel_and_one_for_an_older_time_are_refused(port):
    event = planned()
    with transaction():
        confirm_as_host(event, actor=ADMINISTRATOR, now=NOW)
    said(event, "first", AnswerWord.ACCEPT)
    old = invitation_of(event, "first").turn
    with transaction():
        move_event(event, Destination(time={"starts_local": datetime(2027, 2, 12, 14)}), actor=ADMINISTRATOR, now=NOW)
    one = invitation_of(event, "first")
    assert (one.state, one.has_to_confirm_again) == (InvitationState.NEEDS_ACTION, True)
    with pytest.raises(WrongState, match="has changed"), transaction():
        answer_invitation(str(one.public_id), AnswerWord.ACCEPT, turn=old, now=NOW)
    with transaction():
        call_off_event.cancel_event(event, actor=ADMINISTRATOR, now=NOW)
    with pytest.raises(WrongState), transaction():
        answer_invitation(str(one.public_id), AnswerWord.ACCEPT, turn=one.turn, now=NOW)
    assert held("first") == set()
    assert (
        db.session.scalar(select(func.count()).select_from(Invitation).where(Invitation.next_step_at.is_not(None))) == 0
    )


def test_a_move_lets_understudies_go_and_begins_the_line_up_anew(port):
    event = planned(then=("second",))
    for day in range(9):
        take_steps(at(day))
    said(event, "first", AnswerWord.ACCEPT, at(9))
    with transaction():
        there = Destination(time={"starts_local": datetime(2027, 2, 12, 14)})
        move_event(event, there, actor=ADMINISTRATOR, now=at(9))
    assert states(event) == {"first": "withdrawn", "second": "needs_action"}
    assert (held("first"), len(letters("understudy_off"))) == (set(), 1)
    said(event, "second", AnswerWord.DECLINE, at(9))
    assert holder(event) == "first"


def test_a_new_room_on_the_same_campus_keeps_answers(port):
    event = planned()
    said(event, "first", AnswerWord.ACCEPT)
    with transaction():
        builders.a_room("other-room", on=_campus())
        move_event(event, Destination(rooms=("other-room",)), actor=ADMINISTRATOR, now=NOW)
    assert states(event) == {"first": "accepted"}


def test_another_campus_at_the_same_time_asks_again_who_comes_there_and_only_them(port):
    with transaction():
        builders.a_campus("elsewhere", of=_campus().organization)
        there = SaidSeat(expert="first", then=("third",), understudies=("third",))
        plan = builders.a_plan(_campus(), seats=(there, SaidSeat(expert="second", is_online=True)))
        event = str(plan_event(plan, actor=ADMINISTRATOR, now=NOW).public_id)
    said(event, "first", AnswerWord.ACCEPT)
    said(event, "second", AnswerWord.ACCEPT)
    for letter in db.session.scalars(select(Message)):
        letter.state = MessageState.SENT
    db.session.commit()
    with transaction():
        move_event(event, Destination(campus="elsewhere", is_campus_told=True), actor=ADMINISTRATOR, now=NOW)
    assert states(event) == {"first": "needs_action", "second": "accepted", "third": "withdrawn"}
    assert invitation_of(event, "first").has_to_confirm_again
    assert (held("first"), held("third")) == ({"held"}, set())
    asked, told, let_go = letters("asked_again"), letters("changed"), letters("understudy_off")
    assert [[one.facts["person"] for one in found] for found in (asked, told, let_go)] == [
        ["First"],
        ["Second"],
        ["Third"],
    ]


def test_who_said_no_to_one_campus_is_asked_for_another_unless_they_join_online(port):
    with transaction():
        builders.a_campus("elsewhere", of=_campus().organization)
        plan = builders.a_plan(_campus(), seats=(SaidSeat(expert="first"), SaidSeat(expert="second", is_online=True)))
        event = str(plan_event(plan, actor=ADMINISTRATOR, now=NOW).public_id)
    said(event, "first", AnswerWord.DECLINE)
    said(event, "second", AnswerWord.DECLINE)
    with transaction():
        move_event(event, Destination(campus="elsewhere", is_campus_told=True), actor=ADMINISTRATOR, now=NOW)
    assert states(event) == {"first": "needs_action", "second": "declined"}
    assert (held("first"), held("second")) == ({"held"}, set())


def test_an_event_that_goes_online_altogether_asks_nobody_again(port):
    event = planned()
    said(event, "first", AnswerWord.ACCEPT)
    with transaction():
        move_event(event, Destination(is_campus_told=True), actor=ADMINISTRATOR, now=NOW)
    assert states(event) == {"first": "accepted"}


def test_an_event_that_is_called_off_before_the_release_is_told_to_the_office(port):
    event = planned(actor=college())
    with transaction():
        call_off_event.withdraw_event(event, actor=college(), now=NOW)
    assert letters("release_wanted") == []
    other = planned(actor=college())
    for letter in letters("release_wanted"):
        letter.state = MessageState.SENT
    db.session.commit()
    with transaction():
        call_off_event.withdraw_event(other, actor=college(), now=NOW)
    assert [one.to_address for one in letters("release_off")] == ["office@port.example"]


def test_an_understudy_who_agreed_beforehand_is_held_softly_and_asked_first(port):
    event = planned(then=("second", "third"), understudies=("third",))
    assert states(event) == {"first": "needs_action", "third": "understudy"}
    assert (held("second"), held("third"), letters("understudy")) == (set(), {"soft"}, [])
    said(event, "first", AnswerWord.DECLINE)
    assert (holder(event), held("third")) == ("third", {"held"})


def test_everything_that_was_held_softly_is_given_back_with_the_event(port):
    event = planned(then=("second",), understudies=("second",))
    with transaction():
        call_off_event.withdraw_event(event, actor=ADMINISTRATOR, now=NOW)
    assert held("second") == set()
