"""Requests: asked, answered in every way there is, and what each side may do."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, SlotTaken, Stale, WrongState
from eventsvc.core.versions import these
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Actor, Role
from eventsvc.domain.accounts.acting import actor_of
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Status
from eventsvc.domain.events.seats import SeatRole
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.requests import lookup, standing
from eventsvc.domain.requests.employers import EmployerState, NotAdmitted
from eventsvc.domain.requests.models import Format, Request, RequestState
from eventsvc.domain.requests.offered import OfferedDate, OfferState
from eventsvc.domain.requests.standing import Step
from eventsvc.workflows import (
    admit_employers,
    answer_request,
    ask_partner,
    call_off_event,
    confirm_event,
    converse_about_request,
    keep_absences,
    keep_accounts,
    keep_line_up,
    move_event,
    offer_dates,
    plan_event,
    request_board,
)
from eventsvc.workflows.answer_request import Choice, OtherDate
from eventsvc.workflows.line_ups import SaidSeat
from eventsvc.workflows.move_event import Destination
from tests import builders, wishes
from tests.conftest import NOW
from tests.wishes import World, a_request, a_wish, a_world, days

pytestmark = pytest.mark.usefixtures("story")
AT = datetime(2027, 2, 2, 10, 0)
STRANGER = Actor("coordinator", (Held(Role.COORDINATOR, 999_999, frozenset()),))


@pytest.fixture
def world(story) -> World:
    return a_world()


def news(request: Request) -> list[tuple[str, str]]:
    """What was said to whom of a request, in order."""
    about = select(Message).where(Message.event == str(request.public_id)).order_by(Message.id)
    return [(message.to_address, message.facts["news"]) for message in db.session.scalars(about)]


BOTH = ("careers@college.example", "outreach@port.example")


def both(*outcomes: str) -> list[tuple[str, str]]:
    return [(address, outcome) for outcome in outcomes for address in BOTH]


def plan(world: World, request: Request, at: datetime = AT, expert: str = "expert-one", **more) -> answer_request.Made:
    choice = Choice(starts_local=at, experts=(expert,))
    return answer_request.plan_request(
        str(request.public_id), choice, actor=more.pop("actor", world.of_partner), now=NOW, **more
    )


def test_a_request_waits_five_working_days_and_both_sides_are_told(world):
    request = a_request(world, windows=(days(0, 4), days(7, 11), days(14, 18, (8, 12), (1, 3))))
    assert (request.state, request.answer_by) == (RequestState.OPEN, date(2027, 1, 18))
    assert [(one.rank, one.weekdays) for one in request.windows] == [(1, []), (2, []), (3, [1, 3])]
    assert news(request) == both("asked")
    assert standing.age_in_working_days(request, NOW + timedelta(days=9)) == 7
    assert [standing.is_late(request, NOW + timedelta(days=number)) for number in (7, 8)] == [False, True]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"windows": ()}, "windows"),
        ({"windows": (days(0, 1),) * 4}, "windows"),
        ({"windows": (days(3, 1),)}, "windows[0].last_on"),
        ({"windows": (days(-40, -30),)}, "windows[0].last_on"),
        ({"windows": (days(0, 1, (17, 9)),)}, "windows[0].until"),
        ({"windows": (days(0, 1, (9, 10)),), "duration_minutes": 90}, "windows[0].until"),
        ({"windows": (days(0, 1, weekdays=(5,)),)}, "windows[0].weekdays"),
        ({"campus": None}, "campus"),
        ({"topics": ("nothing",)}, "topics[0]"),
        ({"partner": "a-college"}, "partner"),
        ({"partner_office": "careers"}, "partner_office"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"title": " "}, "title"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_its_field(world, more, field):
    with pytest.raises(InvalidInput) as refusal:
        a_request(world, **more)
    assert [one["field"] for one in refusal.value.facts["errors"]] == [field]


def test_a_request_becomes_an_event_of_the_college_with_the_chosen_person(world):
    request = a_request(world)
    made = plan(world, request)
    event = made.event
    assert (event.owner, event.campus, event.status) == (world.asker, world.campus, Status.REQUESTED)
    assert [expert.slug for expert in event.experts] == ["expert-one"]
    assert [one.slug for one in event.co_hosts] == ["port"]
    assert (event.starts_local, event.duration_minutes, event.expected_heads) == (AT, 60, 30)
    assert (request.state, request.answered_at, list(request.events)) == (RequestState.PLANNED, NOW, [event])
    assert news(request) == both("asked", "planned")


def test_a_time_in_none_of_the_windows_and_somebody_elses_people_are_refused(world):
    request, other = a_request(world), builders.an_expert("of-others")
    with pytest.raises(InvalidInput, match="none of the windows"):
        plan(world, request, AT.replace(hour=16, minute=30))
    with pytest.raises(InvalidInput, match="another organization"):
        plan(world, request, expert=other.slug)
    assert request.state is RequestState.OPEN


def test_who_is_booked_cannot_be_chosen_twice_and_nothing_is_half_done(world):
    first, second = a_request(world), a_request(world)
    plan(world, first)
    with pytest.raises(SlotTaken), db.session.begin_nested():
        plan(world, second, AT + timedelta(minutes=30))
    db.session.refresh(second)
    assert (second.state, list(second.events)) == (RequestState.OPEN, [])


def test_what_is_answered_is_answered_once(world):
    request = a_request(world)
    plan(world, request)
    for again in (
        lambda: plan(world, request, AT + timedelta(days=1)),
        lambda: ask_partner.withdraw_request(str(request.public_id), actor=world.of_college, now=NOW),
        lambda: answer_request.answer_in_words(
            str(request.public_id), Step.DECLINE, "No.", actor=world.of_partner, now=NOW
        ),
    ):
        with pytest.raises(WrongState) as refusal:
            again()
        assert refusal.value.facts["state"] == "planned"
    assert news(request) == both("asked", "planned")


def test_another_offer_is_taken(world):
    request = a_request(world)
    other = OtherDate(starts_local=datetime(2027, 3, 2, 14, 0), expert="expert-two", note="In March?")
    answer_request.offer_other(str(request.public_id), other, actor=world.of_partner, now=NOW)
    assert (request.state, request.reason) == (RequestState.OFFERED, "In March?")
    (offer,) = lookup.offers_of([request.id])[request.id]
    made = offer_dates.claim_date(str(offer.public_id), offer_dates.Claim(), actor=world.of_college, now=NOW)
    assert made.request is request
    assert (request.state, offer.state, offer.claimed_by) == (RequestState.PLANNED, OfferState.CLAIMED, request)
    assert (made.event.starts_local, made.event.experts) == (datetime(2027, 3, 2, 14, 0), [world.two])
    assert news(request) == both("asked", "offered", "taken")


def test_another_offer_that_does_not_suit_opens_the_request_again(world):
    request, later = a_request(world), NOW + timedelta(days=2)
    other = OtherDate(starts_local=datetime(2027, 3, 2, 14, 0))
    answer_request.offer_other(str(request.public_id), other, actor=world.of_partner, now=NOW)
    answer_request.refuse_offer(str(request.public_id), reason="Finals", actor=world.of_college, now=later)
    assert (request.state, request.answered_at, request.answer_by) == (RequestState.OPEN, None, date(2027, 1, 20))
    assert [one.state for one in lookup.offers_of([request.id])[request.id]] == [OfferState.CLOSED]
    assert news(request) == both("asked", "offered", "refused")


def test_not_this_term_and_a_decline_say_why(world):
    first, second = a_request(world), a_request(world)
    with pytest.raises(InvalidInput, match="reason"):
        answer_request.answer_in_words(str(first.public_id), Step.DECLINE, " ", actor=world.of_partner, now=NOW)
    answer_request.answer_in_words(str(first.public_id), Step.DECLINE, "We are few.", actor=world.of_partner, now=NOW)
    answer_request.answer_in_words(str(second.public_id), Step.NOT_THIS_TERM, "", actor=world.of_partner, now=NOW)
    assert [(one.state, one.reason) for one in (first, second)] == [
        (RequestState.DECLINED, "We are few."),
        (RequestState.NOT_THIS_TERM, ""),
    ]
    assert (news(first), news(second)) == (both("asked", "declined"), both("asked", "not_this_term"))


def test_a_withdrawn_request_takes_offers_with_it(world):
    request = a_request(world)
    other = OtherDate(starts_local=datetime(2027, 3, 2, 14, 0))
    answer_request.offer_other(str(request.public_id), other, actor=world.of_partner, now=NOW)
    (offer,) = lookup.offers_of([request.id])[request.id]
    ask_partner.withdraw_request(str(request.public_id), actor=world.of_college, now=NOW)
    with pytest.raises(offer_dates.OfferGone) as refusal:
        offer_dates.claim_date(str(offer.public_id), offer_dates.Claim(), actor=world.of_college, now=NOW)
    assert refusal.value.facts["standing"] == "closed"


def test_each_side_does_its_own_and_strangers_know_of_nothing(world):
    request = a_request(world)
    key = str(request.public_id)
    with pytest.raises(NotAllowed):
        plan(world, request, actor=world.of_college)
    with pytest.raises(NotAllowed):
        ask_partner.withdraw_request(key, actor=world.of_partner, now=NOW)
    with pytest.raises(NotFound):
        plan(world, request, actor=STRANGER)
    with pytest.raises(NotFound):
        lookup.get_request(key, STRANGER)
    with pytest.raises(NotAllowed):
        ask_partner.ask_partner(a_wish(world), actor=STRANGER, now=NOW)
    assert lookup.get_request(key, world.of_college) is lookup.get_request(key, world.of_partner)


def test_whoever_answers_an_older_version_is_told(world):
    request = a_request(world)
    with pytest.raises(Stale):
        plan(world, request, expected=these(request.version - 1))
    plan(world, request, expected=these(request.version))


def test_an_online_request_needs_no_campus(world):
    request = a_request(world, campus=None, format=Format.ONLINE)
    event = plan(world, request).event
    assert (event.campus, event.owner, event.zone) == (None, world.asker, world.asker.zone)


def test_an_employer_new_to_the_college_waits_for_it(story):
    world = a_world(kind=OrganizationKind.EMPLOYER)
    request = a_request(world)
    with pytest.raises(NotAdmitted) as refusal:
        plan(world, request)
    assert refusal.value.facts["state"] == "waiting"
    (waiting,) = admit_employers.employers_of("a-college", actor=world.of_college)
    assert (waiting.employer, waiting.state) == (world.partner, EmployerState.WAITING)
    with pytest.raises(NotAllowed):
        admit_employers.decide_on_employer("a-college", "port", EmployerState.APPROVED, actor=world.of_partner, now=NOW)
    admit_employers.decide_on_employer("a-college", "port", EmployerState.APPROVED, actor=world.of_college, now=NOW)
    assert plan(world, request).event.status is Status.REQUESTED
    letters = db.session.scalars(select(Message).where(Message.letter == "employer_news").order_by(Message.id))
    assert [(one.to_address, one.facts["state"]) for one in letters] == [
        (address, state) for state in ("waiting", "approved") for address in BOTH
    ]


def test_an_employer_that_was_declined_cannot_even_be_asked(story):
    world = a_world(kind=OrganizationKind.EMPLOYER)
    a_request(world)
    admit_employers.decide_on_employer(
        "a-college", "port", EmployerState.DECLINED, reason="No address", actor=world.of_college, now=NOW
    )
    with pytest.raises(NotAdmitted, match="declined"):
        a_request(world)


def test_the_board_is_oldest_first_with_who_could_go(world):
    oldest = ask_partner.ask_partner(a_wish(world), actor=world.of_college, now=NOW - timedelta(days=12))
    newest = a_request(world, topics=("cranes",))
    plan(world, a_request(world))
    lines, last = request_board.board_of("outreach", actor=world.of_partner, limit=10, now=NOW)
    assert [line.request for line in lines] == [oldest, newest]
    assert ([line.age_working_days for line in lines], [line.is_late for line in lines]) == ([8, 0], [True, False])
    assert [[match.expert.slug for match in line.suggested] for line in lines] == [
        ["expert-one", "expert-two"],
        ["expert-two", "expert-one"],
    ]
    assert (lines[0].share.sessions, last) == (1, None)
    with pytest.raises(NotAllowed):
        request_board.board_of("outreach", actor=world.of_college, limit=10, now=NOW)


def test_a_published_date_is_the_first_colleges_and_others_are_told_what_is_free(world):
    said = {"office": "outreach", "title": "A tour", "duration_minutes": 60, "expert": "expert-one"}
    first, second = (
        offer_dates.publish_date(
            offer_dates.Publication(**said, starts_local=datetime(2027, 2, day, 10, 0)), actor=world.of_partner, now=NOW
        )
        for day in (3, 4)
    )
    claim = offer_dates.Claim(campus="harbor", asker="careers", expected_heads=20)
    made = offer_dates.claim_date(str(first.public_id), claim, actor=world.of_college, now=NOW)
    assert (made.request.state, made.event.experts, made.event.owner) == (
        RequestState.PLANNED,
        [world.one],
        world.asker,
    )
    assert news(made.request) == both("claimed")
    with pytest.raises(offer_dates.OfferGone) as refusal:
        offer_dates.claim_date(str(first.public_id), claim, actor=world.of_college, now=NOW)
    assert refusal.value.facts["standing"] == "claimed"
    assert [one["id"] for one in refusal.value.facts["free"]] == [str(second.public_id)]
    offer_dates.take_back_date(str(second.public_id), actor=world.of_partner, now=NOW)
    with pytest.raises(offer_dates.OfferGone) as refusal:
        offer_dates.claim_date(str(second.public_id), claim, actor=world.of_college, now=NOW)
    assert (refusal.value.facts["standing"], refusal.value.facts["free"]) == ("closed", [])


def test_a_date_can_be_claimed_until_its_last_day_is_over(world):
    said = offer_dates.Publication(
        office="outreach",
        title="A tour",
        starts_local=datetime(2027, 2, 3, 10, 0),
        duration_minutes=60,
        closes_on=date(2027, 1, 20),
    )
    offer = offer_dates.publish_date(said, actor=world.of_partner, now=NOW)
    late = datetime(2027, 1, 21, 8, 0, tzinfo=NOW.tzinfo)
    with pytest.raises(offer_dates.OfferGone) as refusal:
        offer_dates.claim_date(
            str(offer.public_id), offer_dates.Claim(campus="harbor"), actor=world.of_college, now=late
        )
    assert refusal.value.facts["standing"] == "lapsed"
    in_time = late - timedelta(minutes=1)
    offer_dates.claim_date(
        str(offer.public_id), offer_dates.Claim(campus="harbor"), actor=world.of_college, now=in_time
    )
    assert db.session.scalars(select(OfferedDate.state)).all() == [OfferState.CLAIMED]


def test_strangers_are_asked_to_sign_in(world):
    from eventsvc.core.errors import SignInNeeded

    request = a_request(world)
    for act in (
        lambda: lookup.get_request(str(request.public_id), PUBLIC),
        lambda: ask_partner.ask_partner(wishes.a_wish(world), actor=PUBLIC, now=NOW),
        lambda: plan(world, request, actor=PUBLIC),
    ):
        with pytest.raises(SignInNeeded):
            act()


@pytest.mark.parametrize("call_off", [call_off_event.withdraw_event, call_off_event.decline_event])
def test_a_request_whose_event_is_called_off_waits_again_as_old_as_it_is(world, call_off):
    request = ask_partner.ask_partner(a_wish(world), actor=world.of_college, now=NOW - timedelta(days=12))
    event = plan(world, request).event
    call_off(str(event.public_id), actor=world.of_college, now=NOW)
    assert (request.state, request.answered_at, request.answer_by) == (RequestState.OPEN, None, date(2027, 1, 18))
    assert standing.age_in_working_days(request, NOW) == 8
    lines, _ = request_board.board_of("outreach", actor=world.of_partner, limit=10, now=NOW)
    assert [line.request for line in lines] == [request]
    assert news(request) == both("asked", "planned", "reopened")
    assert plan(world, request, AT + timedelta(hours=2)).request.state is RequestState.PLANNED


def test_a_postponed_event_is_still_the_answer_and_a_restored_one_is_it_again(world):
    request = a_request(world)
    event = str(plan(world, request).event.public_id)
    confirmed(event)
    call_off_event.postpone_event(event, actor=world.of_college, now=NOW)
    assert request.state is RequestState.PLANNED
    call_off_event.cancel_event(event, actor=world.of_college, now=NOW)
    assert request.state is RequestState.OPEN
    other = OtherDate(starts_local=datetime(2027, 3, 2, 14, 0))
    answer_request.offer_other(str(request.public_id), other, actor=world.of_partner, now=NOW)
    call_off_event.restore_event(event, actor=world.of_college, now=NOW)
    assert request.state is RequestState.PLANNED
    assert [one.state for one in lookup.offers_of([request.id])[request.id]] == [OfferState.CLOSED]
    assert news(request) == both("asked", "planned", "reopened", "offered", "planned")


def test_a_request_that_got_another_answer_meanwhile_keeps_it(world):
    request = a_request(world)
    event = str(plan(world, request).event.public_id)
    confirmed(event)
    call_off_event.cancel_event(event, actor=world.of_college, now=NOW)
    answer_request.answer_in_words(str(request.public_id), Step.DECLINE, "No.", actor=world.of_partner, now=NOW)
    call_off_event.restore_event(event, actor=world.of_college, now=NOW)
    assert request.state is RequestState.DECLINED
    call_off_event.cancel_event(event, actor=world.of_college, now=NOW)
    assert request.state is RequestState.DECLINED


def confirmed(event_id: str) -> None:
    """Every yes is in."""
    confirm_event.confirm_as_host(event_id, actor=ADMINISTRATOR, now=NOW)
    for one in asking.of_event(get_event(event_id).id):
        more = {"turn": one.turn, "actor": ADMINISTRATOR, "now": NOW}
        confirm_event.answer_invitation(str(one.public_id), AnswerWord.ACCEPT, **more)
    assert get_event(event_id).status is Status.CONFIRMED


def test_letters_reach_who_looks_after_a_request_and_who_covers_for_them(world):
    ana = keep_accounts.let_in("ana@college.example", "Ana", role=Role.COORDINATOR, office="careers", **wishes.WHO)
    keep_accounts.let_in("ben@college.example", "Ben", role=Role.COORDINATOR, office="careers", **wishes.WHO)
    her = actor_of(ana.account)
    request = ask_partner.ask_partner(a_wish(world), actor=her, now=NOW)
    assert [address for address, _ in news(request)] == [BOTH[0], "ana@college.example", BOTH[1]]
    who = {"actor": ADMINISTRATOR, "now": NOW}
    keep_absences.add_absence("ana@college.example", "2027-01-11", "2027-01-15", cover="ben@college.example", **who)
    later = {"actor": world.of_partner, "now": NOW + timedelta(hours=1)}
    answer_request.answer_in_words(str(request.public_id), Step.NOT_THIS_TERM, "", **later)
    assert news(request)[3:] == [(one, "not_this_term") for one in (BOTH[0], "ben@college.example", BOTH[1])]
    converse_about_request.write_about_request(str(request.public_id), "Perhaps in fall?", **later)
    about = select(Message).where(Message.letter == "request_remarks").order_by(Message.id)
    told = [(message.to_address, message.facts.get("in_charge")) for message in db.session.scalars(about)]
    assert told == [(BOTH[0], None), ("ben@college.example", {"instead_of": "Ana"})]


@pytest.mark.parametrize("state", list(EmployerState))
def test_an_employers_people_come_to_what_the_college_plans_by_itself_unless_it_said_otherwise(story, state):
    world = a_world(kind=OrganizationKind.EMPLOYER)
    more = {"actor": world.of_college, "now": NOW}
    admit_employers.ask_to_be_admitted("a-college", "port", **more)
    if state is not EmployerState.WAITING:
        admit_employers.decide_on_employer("a-college", "port", state, reason="So", **more)
    wish = builders.a_plan(world.campus, experts=[world.one], owner="careers")
    draft = plan_event.plan_event(wish, is_draft=True, **more)
    asked = [
        lambda: plan_event.request_event(str(draft.public_id), **more),
        lambda: plan_event.plan_event(wish, **more),
    ]
    for ask in asked:
        if state is EmployerState.APPROVED:
            assert ask().status is Status.REQUESTED
            break
        with pytest.raises(NotAdmitted) as refusal, db.session.begin_nested():
            ask()
        assert refusal.value.facts["state"] == str(state)


def test_a_college_that_plans_by_itself_with_a_new_employer_has_said_yes_and_nobody_else_can_say_it(story):
    world = a_world(kind=OrganizationKind.EMPLOYER)
    wish = builders.a_plan(world.campus, experts=[world.one])
    assert plan_event.plan_event(wish, actor=world.of_college, now=NOW).status is Status.REQUESTED
    theirs = builders.a_plan(world.campus, experts=[world.two], owner="outreach")
    with pytest.raises(NotAdmitted, match="new to"):
        plan_event.plan_event(theirs, actor=world.of_partner, now=NOW)
    online = builders.a_plan(None, experts=[world.two], owner="outreach")
    assert plan_event.plan_event(online, actor=world.of_partner, now=NOW).status is Status.REQUESTED


def test_whoever_is_asked_next_and_where_an_event_moves_count_too(story):
    world = a_world(kind=OrganizationKind.EMPLOYER)
    of_others = builders.an_expert("of-others")
    more = {"actor": world.of_college, "now": NOW}
    admit_employers.ask_to_be_admitted("a-college", "port", **more)
    seats = (SaidSeat(role=SeatRole.PRESENTER, expert=of_others.slug, then=("expert-one",)),)
    with pytest.raises(NotAdmitted), db.session.begin_nested():
        plan_event.plan_event(builders.a_plan(world.campus, seats=seats), **more)
    planned = plan_event.plan_event(builders.a_plan(world.campus, experts=[of_others]), **more)
    event, seat = str(planned.public_id), str(planned.seats[0].public_id)
    with pytest.raises(NotAdmitted), db.session.begin_nested():
        keep_line_up.keep_line_up(event, seat, ["expert-one"], **more)
    with pytest.raises(NotAdmitted), db.session.begin_nested():
        move_event.move_event(event, Destination(experts=("expert-one",)), **more)
    admit_employers.decide_on_employer("a-college", "port", EmployerState.APPROVED, **more)
    db.session.expire_all()
    move_event.move_event(event, Destination(experts=("expert-one",)), actor=ADMINISTRATOR, now=NOW)
    admit_employers.decide_on_employer("a-college", "port", EmployerState.DECLINED, reason="So", **more)
    confirmed(event)
    call_off_event.cancel_event(event, **more)
    with pytest.raises(NotAdmitted, match="declined"):
        call_off_event.restore_event(event, **more)
