"""What invited people say beside yes and no: other times, colleagues, on the day, through an office, and too late."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, SlotTaken, WrongState
from eventsvc.core.times import parse_wall_time
from eventsvc.domain.accounts import ADMINISTRATOR, Role, acting
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking, proposals
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState
from eventsvc.domain.invitations.proposals import ProposedTime
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts, replies
from eventsvc.workflows.answer_on_behalf import answer_on_behalf
from eventsvc.workflows.answer_proposals import decline_proposal, take_proposal
from eventsvc.workflows.briefing import briefing_of
from eventsvc.workflows.call_off_event import cancel_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

WHO = {"actor": ADMINISTRATOR, "now": NOW}
# The event is on Wednesday, February 10, 2027, at 14:00 in Los Angeles, for 90 minutes.
START = parse_wall_time("2027-02-10T14:00")


def make_world() -> SimpleNamespace:
    campus = builders.a_campus("harbor")
    center = builders.an_office("center", of=campus.organization, mailbox="center@college.example")
    center.telephone = "310-555-0100"
    outreach = builders.an_office("outreach", mailbox="outreach@port.example")
    hall = builders.a_room("hall", on=campus)
    crew = [
        builders.an_expert(slug, of=outreach.organization, office=outreach) for slug in ("pelican", "gull", "heron")
    ]
    event = plan_event(builders.a_plan(campus, rooms=[hall], experts=crew[:1], owner=center.slug), **WHO)
    people = {"ana": (Role.COORDINATOR, "center"), "pam": (Role.PARTNER, "outreach")}
    people["zoe"] = (Role.COORDINATOR, builders.an_office("elsewhere").slug)
    for name, (role, office) in people.items():
        keep_accounts.add_account(f"{name}@example.edu", f"{name.title()} Example", **WHO)
        keep_accounts.give_role(f"{name}@example.edu", role, office=office, **WHO)
    db.session.flush()
    actors = {name: acting.actor_of(db.session.scalars(_account(name)).one()) for name in people}
    invitation = db.session.scalars(select(Invitation)).one()
    return SimpleNamespace(event=str(event.public_id), invitation=invitation, hall=hall, campus=campus, **actors)


def _account(name: str) -> Any:
    return select(Account).where(Account.email == f"{name}@example.edu")


@pytest.fixture
def world(story: None) -> SimpleNamespace:
    return make_world()


def say(world: SimpleNamespace, word: AnswerWord, *, now=NOW, **more: Any) -> Invitation:
    facts = {"turn": world.invitation.turn, **more}
    return replies.reply(str(world.invitation.public_id), word, now=now, **facts)


def propose(world: SimpleNamespace, *walls: str, now=NOW, **more: Any) -> list[proposals.Proposal]:
    times = [ProposedTime(parse_wall_time(wall)) for wall in walls]
    facts = {"turn": world.invitation.turn, **more}
    replies.propose_times(str(world.invitation.public_id), times, now=now, **facts)
    return proposals.open_of_event(world.invitation.event_id, now)


def letters(*names: str) -> list[tuple[str, str]]:
    query = select(Message).where(Message.state == MessageState.QUEUED).order_by(Message.id)
    return [(one.letter, one.to_address) for one in db.session.scalars(query) if not names or one.letter in names]


def test_whoever_proposes_times_may_come_and_the_host_takes_one_with_one_press(world):
    made = propose(world, "2027-02-11T14:00", "2027-02-12T09:00", note="I teach on Wednesdays")
    assert world.invitation.state is InvitationState.TENTATIVE
    assert letters("times_proposed") == [("times_proposed", "center@college.example")]
    event = take_proposal(world.event, str(made[1].public_id), actor=world.ana, now=NOW)
    assert event.starts_local == parse_wall_time("2027-02-12T09:00")
    assert (world.invitation.state, world.invitation.turn) == (InvitationState.ACCEPTED, 1)
    assert [str(one.state) for one in made] == ["declined", "taken"]
    # Nobody is asked again for what they proposed themselves.
    assert letters("asked_again", "invitation") == []
    assert letters("proposal_taken") == [("proposal_taken", "pelican@port.example")]


def test_the_host_says_no_in_words(world):
    made = propose(world, "2027-02-11T14:00", "2027-02-12T09:00")
    decline_proposal(world.event, str(made[0].public_id), "The hall is painted", actor=world.ana, now=NOW)
    message = db.session.scalars(select(Message).where(Message.letter == "proposal_declined")).one()
    assert (message.to_address, message.facts["reason"]) == ("pelican@port.example", "The hall is painted")
    assert proposals.open_of_event(world.invitation.event_id, NOW) == []
    assert [str(one.state) for one in briefing_of(world.invitation, NOW).proposals] == ["declined", "declined"]
    with pytest.raises(WrongState):
        take_proposal(world.event, str(made[0].public_id), actor=world.ana, now=NOW)


def test_only_the_office_in_charge_answers_them(world):
    made = propose(world, "2027-02-11T14:00")
    for actor, refusal in ((world.pam, NotAllowed), (world.zoe, NotFound)):
        with pytest.raises(refusal):
            take_proposal(world.event, str(made[0].public_id), actor=actor, now=NOW)


@pytest.mark.parametrize(
    ("walls", "field", "reason"),
    [
        (["2027-01-11T08:00"], "times[0].starts_local", "is in the past"),
        (["2027-02-11T14:00", "2026-02-11T14:00"], "times[1].starts_local", "is in the past"),
        (["2027-02-10T14:00"], "times[0].starts_local", "is the time you are asked for"),
        (["2027-02-11T14:00"] * 2, "times[1].starts_local", "is named twice"),
        (["2027-03-14T02:30"], "times[0].starts_local", None),
        ([f"2027-02-1{day}T14:00" for day in (1, 2, 5, 6)], "times", "must be between 1 and 3"),
        ([], "times", "must be between 1 and 3"),
    ],
)
def test_a_time_that_cannot_be_is_refused_by_name(world, walls, field, reason):
    with pytest.raises(InvalidInput) as refused:
        propose(world, *walls)
    (error,) = refused.value.facts["errors"]
    assert error["field"] == field
    assert reason in (None, error["reason"])


def test_a_time_on_top_of_another_booking_is_refused_by_name_and_nothing_is_sent(bare_app):
    with bare_app.app_context():
        with transaction():
            world = make_world()
            other = builders.a_plan(
                world.campus, when=builders.at("2027-02-11T13:00", 90), experts=[world.invitation.expert], title="Other"
            )
            plan_event(other, **WHO)
            theirs = builders.a_plan(world.campus, when=builders.at("2027-02-12T13:00", 90), rooms=[world.hall])
            plan_event(theirs, **WHO)
        with pytest.raises(SlotTaken) as refused, transaction():
            propose(world, "2027-02-11T14:00", "2027-02-12T14:00", "2027-02-15T14:00")
        assert [(str(one.kind), one.thing.slug) for one in refused.value.clashes] == [
            ("overlap", "pelican"),
            ("overlap", "hall"),
        ]
        invitation = db.session.get_one(Invitation, world.invitation.id)
        assert (invitation.state, letters("times_proposed")) == (InvitationState.NEEDS_ACTION, [])


def test_another_answer_ends_what_was_proposed_and_so_does_a_move(world):
    propose(world, "2027-02-11T14:00")
    say(world, AnswerWord.ACCEPT)
    assert proposals.open_of_event(world.invitation.event_id, NOW) == []
    (made,) = propose(world, "2027-02-12T14:00")
    move_event(world.event, Destination(time={"starts_local": parse_wall_time("2027-02-16T14:00")}), **WHO)
    with pytest.raises(WrongState):
        take_proposal(world.event, str(made.public_id), actor=world.ana, now=NOW)


def test_times_proposed_for_an_older_asking_are_refused(world):
    move_event(world.event, Destination(time={"starts_local": parse_wall_time("2027-02-16T14:00")}), **WHO)
    with pytest.raises(WrongState) as refused:
        propose(world, "2027-02-11T14:00", turn=0)
    assert refused.value.facts["turn"] == 1


def test_a_yes_after_the_organizer_cancelled_is_refused_and_stays_no_yes(world):
    cancel_event_of(world)
    for act in (lambda: say(world, AnswerWord.ACCEPT), lambda: propose(world, "2027-02-11T14:00")):
        with pytest.raises(WrongState, match="cancelled"):
            act()
    assert world.invitation.answers == []


def cancel_event_of(world: SimpleNamespace) -> None:
    confirm_as_host(world.event, **WHO)
    event = get_event(world.event)
    event.status = Status.CONFIRMED
    cancel_event(world.event, **WHO)


def test_an_answer_changes_freely_until_the_cut_off_and_a_decline_is_always_taken(world):
    start = world.invitation.event.starts_at
    say(world, AnswerWord.DECLINE)
    say(world, AnswerWord.ACCEPT, now=start - timedelta(hours=24, minutes=1))
    late = start - timedelta(hours=23)
    with pytest.raises(WrongState, match="310-555-0100"):
        say(world, AnswerWord.TENTATIVE, now=late)
    say(world, AnswerWord.ACCEPT, now=late)
    say(world, AnswerWord.DECLINE, now=late, reason="A fever")
    assert world.invitation.state is InvitationState.DECLINED
    alarmed = {address for name, address in letters("late_decline")}
    assert alarmed == {"center@college.example", "outreach@port.example"}
    with pytest.raises(WrongState):
        say(world, AnswerWord.ACCEPT, now=late)


def test_a_first_yes_and_a_yes_after_perhaps_are_taken_until_the_end(world):
    late = world.invitation.event.starts_at - timedelta(hours=1)
    say(world, AnswerWord.TENTATIVE, now=late)
    say(world, AnswerWord.ACCEPT, now=late)
    assert world.invitation.state is InvitationState.ACCEPTED


def test_on_the_day_somebody_is_late_and_then_there(world):
    say(world, AnswerWord.ACCEPT)
    start = world.invitation.event.starts_at
    who = {"turn": world.invitation.turn}
    with pytest.raises(WrongState):
        replies.say_on_the_day(str(world.invitation.public_id), late_minutes=None, now=start - timedelta(days=1), **who)
    for minutes in (0, 241, -5):
        with pytest.raises(InvalidInput):
            replies.say_on_the_day(str(world.invitation.public_id), late_minutes=minutes, now=start, **who)
    late = replies.say_on_the_day(str(world.invitation.public_id), late_minutes=20, now=start, **who)
    assert (late.late_minutes, late.here_at) == (20, None)
    there = replies.say_on_the_day(
        str(world.invitation.public_id), late_minutes=None, now=start + timedelta(minutes=18), **who
    )
    assert (there.late_minutes, there.here_at) == (None, start + timedelta(minutes=18))


def test_who_declined_is_not_there(world):
    say(world, AnswerWord.DECLINE)
    with pytest.raises(WrongState):
        replies.say_on_the_day(
            str(world.invitation.public_id),
            late_minutes=None,
            turn=world.invitation.turn,
            now=world.invitation.event.starts_at,
        )


def test_a_colleague_who_is_named_stands_next_and_the_partners_office_is_told(world):
    replies.name_colleague(
        str(world.invitation.public_id), "gull", reason="On leave", turn=world.invitation.turn, now=NOW
    )
    assert world.invitation.state is InvitationState.DECLINED
    (asked,) = [one for one in asking.of_event(world.invitation.event_id) if one.expert.slug == "gull"]
    assert asked.state is InvitationState.AWAITS_RELEASE
    assert [one.slug for one in get_event(world.event).experts] == ["gull"]
    # Nothing reached the colleague: the office releases them first.
    assert ("release_wanted", "outreach@port.example") in letters()
    assert [address for _, address in letters() if address == "gull@port.example"] == []
    answer_on_behalf(world.event, "gull", AnswerWord.ACCEPT, actor=world.pam, now=NOW)
    assert asked.state is InvitationState.ACCEPTED


def test_a_colleague_may_be_named_after_the_no_too(world):
    say(world, AnswerWord.DECLINE)
    replies.name_colleague(str(world.invitation.public_id), "heron", turn=world.invitation.turn, now=NOW)
    assert [one.slug for one in get_event(world.event).experts] == ["heron"]


@pytest.mark.parametrize("colleague", ["stranger", "pelican", "nobody"])
def test_nobody_of_another_house_and_nobody_who_is_asked_already_is_named(world, colleague):
    builders.an_expert("stranger")
    with pytest.raises(InvalidInput):
        replies.name_colleague(str(world.invitation.public_id), colleague, turn=world.invitation.turn, now=NOW)
    assert world.invitation.state is InvitationState.NEEDS_ACTION


@pytest.mark.parametrize(("who", "office"), [("ana", "center"), ("pam", "outreach")])
def test_an_office_writes_an_answer_down_and_the_person_learns_of_it(world, who, office):
    actor = getattr(world, who)
    answer_on_behalf(world.event, "pelican", AnswerWord.ACCEPT, actor=actor, now=NOW)
    noted = briefing_of(world.invitation, NOW).on_behalf
    assert (noted.office.slug, noted.account_id) == (office, actor.account_id)
    message = db.session.scalars(select(Message).where(Message.letter == "answered_for_you")).one()
    assert (message.to_address, message.facts["word"]) == ("pelican@port.example", "accept")
    # The person answers for themselves later: then it is theirs.
    say(world, AnswerWord.DECLINE)
    assert briefing_of(world.invitation, NOW).on_behalf is None


def test_nobody_else_answers_for_somebody(world):
    with pytest.raises(NotFound):
        answer_on_behalf(world.event, "pelican", AnswerWord.ACCEPT, actor=world.zoe, now=NOW)
    with pytest.raises(NotFound):
        answer_on_behalf(world.event, "gull", AnswerWord.ACCEPT, actor=world.ana, now=NOW)


def test_the_sheet_says_whom_to_call_and_what_was_last_time(world):
    before = plan_event(
        builders.a_plan(
            world.campus, when=builders.at("2027-01-20T14:00"), experts=[world.invitation.expert], title="Cranes"
        ),
        **WHO,
    )
    before.status = Status.COMPLETED
    db.session.flush()
    sheet = briefing_of(world.invitation, NOW)
    assert (sheet.contact.telephone, sheet.contact.office) == ("310-555-0100", "Center")
    assert sheet.last_time.event.title == "Cranes"
    assert [one.slug for one in sheet.colleagues] == ["gull", "heron"]


def _token(world: SimpleNamespace) -> str:
    invitation = world.invitation
    url = services().links.answer(str(invitation.public_id), invitation.turn, invitation.event.ends_at)
    return url.rsplit("/", 1)[1]


def test_the_same_over_json(bare_app, still, public, admin):
    with bare_app.app_context(), transaction():
        world = make_world()
        token = _token(world)
    path = f"/api/v1/answers/{token}"
    sheet = public.get(path).json
    assert sheet["contact"]["telephone"] == "310-555-0100"
    assert [one["slug"] for one in sheet["colleagues"]] == ["gull", "heron"]
    past = public.post(f"{path}/times", json={"times": [{"starts_local": "2027-01-01T10:00"}]})
    assert (past.status_code, past.json["errors"][0]["field"]) == (422, "times[0].starts_local")
    asked = public.post(f"{path}/times", json={"times": [{"starts_local": "2027-02-11T10:00"}], "note": "Later"})
    assert (asked.status_code, asked.json["state"]) == (200, "tentative")
    (one,) = admin.get(f"/api/v1/events/{world.event}/proposals").json["items"]
    assert (one["note"], one["starts_local"]) == ("Later", "2027-02-11T10:00")
    moved = admin.post(f"/api/v1/events/{world.event}/proposals/{one['id']}/take")
    assert (moved.status_code, moved.json["starts_local"]) == (200, "2027-02-11T10:00")
    assert [answer["state"] for answer in moved.json["answers"]] == ["accepted"]
    older = public.post(path, json={"answer": "decline"})
    assert (older.status_code, older.json["turn"]) == (409, 1)
    told = admin.post(f"/api/v1/events/{world.event}/experts/pelican/answer", json={"answer": "decline"})
    assert told.json["answers"][0]["on_behalf"] is True
    assert "answers" not in public.get(f"/api/v1/events/{world.event}").json
    assert public.post(f"{path}/day", json={"late_minutes": None, "turn": 1}).status_code == 409
    assert public.post(f"{path}/colleague", json={"colleague": "gull", "turn": 1}).json["state"] == "declined"


def test_a_link_of_another_person_answers_for_that_person_alone(bare_app, still, public):
    with bare_app.app_context(), transaction():
        world = make_world()
        token = _token(world)
    tampered = token[:-2] + ("aa" if not token.endswith("aa") else "bb")
    for path in (tampered, f"{tampered}/times", f"{tampered}/colleague", f"{tampered}/day"):
        body = {"answer": "accept", "times": [], "colleague": "gull", "late_minutes": None}
        wanted = {
            "times": {"times": [{"starts_local": "2027-02-11T10:00"}]},
            "colleague": {"colleague": "gull"},
            "day": {"late_minutes": None},
        }.get(path.rsplit("/", 1)[-1], {"answer": body["answer"]})
        assert public.post(f"/api/v1/answers/{path}", json=wanted).status_code == 404
    with bare_app.app_context():
        assert asking.get_invitation(str(world.invitation.public_id)).answers == []
        assert db.session.scalars(select(Event)).one().version >= 1
