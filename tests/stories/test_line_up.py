"""Who is asked next is changed after the planning: by the story, over JSON, on the event's page, by command."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import SeatRole
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox.letters import render_text
from eventsvc.domain.outbox.models import MessageState
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.services import services
from eventsvc.workflows import call_off_event, keep_line_up, release_people
from eventsvc.workflows.line_ups import SaidSeat
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.take_steps import give_up_understudies
from tests import builders, databases
from tests.conftest import NOW
from tests.interfaces.browser import Browser, words_of
from tests.stories.test_cascade import (
    SLUGS,
    _uuid,
    a_late_yes,
    at,
    college,
    held,
    holder,
    invitation_of,
    is_open,
    letters,
    partner,
    planned,
    port,
    said,
    states,
)

__all__ = ["port"]  # a fixture
WHO = {"actor": ADMINISTRATOR, "now": NOW}


def seat_of(event_id: str, index: int = 0) -> str:
    with transaction():
        return str(_event(event_id).seats[index].public_id)


def _event(event_id: str) -> Event:
    return db.session.scalars(select(Event).where(Event.public_id == _uuid(event_id))).one()


def line(event_id: str, index: int = 0) -> list[str]:
    with transaction():
        return [one.expert.slug for one in _event(event_id).seats[index].candidates]


def kept(event_id: str, *then: str, understudies=(), actor=ADMINISTRATOR, now=NOW) -> None:
    seat = seat_of(event_id)
    with transaction():
        keep_line_up.keep_line_up(event_id, seat, then, understudies, actor=actor, now=now)


def test_somebody_is_put_into_the_line_up_and_asked_in_that_order(port):
    event = planned(then=("second",))
    before = _sequence(event)
    kept(event, "third", "second")
    assert line(event) == ["third", "second"]
    assert _sequence(event) == (before[0], before[1] + 1)  # no calendar changes, the event's version does
    said(event, "first", AnswerWord.DECLINE)
    assert holder(event) == "third"
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "line-up"))
    assert entry.changes == {"then": [["second"], ["third", "second"]]}


def _sequence(event_id: str) -> tuple[int, int]:
    with transaction():
        event = _event(event_id)
        return event.sequence, event.version


def test_what_stays_the_same_is_no_change(port):
    event = planned(then=("second", "third"))
    before = _sequence(event)
    kept(event, "second", "third")
    assert _sequence(event) == before


def test_an_understudy_is_held_softly_and_let_go_when_taken_out(port):
    event = planned()
    kept(event, "second", understudies=("second",))
    assert (states(event)["second"], held("second")) == ("understudy", {"soft"})
    kept(event, "second")  # has not agreed after all, and may be asked as before
    assert (states(event)["second"], held("second")) == ("withdrawn", set())
    kept(event, "second", understudies=("second",))
    assert held("second") == {"soft"}
    kept(event)
    assert (states(event)["second"], held("second"), letters("called_off")) == ("withdrawn", set(), [])


def test_who_said_yes_too_late_and_is_taken_out_is_told(port):
    event = planned(then=("second",))
    a_late_yes(event)
    assert held("first") == {"soft"}
    kept(event, "third", now=at(9))
    assert (states(event)["first"], held("first")) == ("withdrawn", set())
    assert [one.to_address for one in letters("called_off")] == ["first@port.example"]


def test_an_open_seat_asks_whom_it_gets_at_once(port):
    event = planned()
    said(event, "first", AnswerWord.DECLINE)
    assert is_open(event)
    kept(event, "second")
    assert (holder(event), held("second"), is_open(event)) == ("second", {"held"}, False)
    assert "first" in line(event)  # a late yes of theirs still counts
    assert [one.to_address for one in letters("invitation")][-1:] == ["second@port.example"]


def test_who_has_said_no_keeps_a_place_behind_and_is_not_asked_twice(port):
    event = planned(then=("second",))
    said(event, "first", AnswerWord.DECLINE)
    kept(event, "third")
    assert line(event) == ["third", "first"]
    with pytest.raises(InvalidInput) as refused:
        kept(event, "first")
    assert refused.value.facts["errors"][0]["reason"].startswith("was asked for this time already")


@pytest.mark.parametrize(
    ("then", "understudies", "field"),
    [
        (("first",), (), "then[0]"),
        (("second", "second"), (), "then[1]"),
        (("nobody-at-all",), (), "then[0]"),
        (("second",), ("third",), "understudies"),
    ],
)
def test_a_line_up_that_cannot_be_is_refused_by_field(port, then, understudies, field):
    event = planned()
    with pytest.raises(InvalidInput) as refused:
        kept(event, *then, understudies=understudies)
    assert refused.value.facts["errors"][0]["field"] == field
    assert line(event) == []


def test_only_the_office_in_charge_changes_it_while_the_event_is_ahead(port):
    event = planned(actor=college())
    with pytest.raises((NotFound, NotAllowed)):
        kept(event, "second", actor=partner())
    kept(event, "second", actor=college())
    with pytest.raises(NotFound), transaction():
        keep_line_up.keep_line_up(event, "no-seat", (), **WHO)
    with transaction():
        call_off_event.withdraw_event(event, actor=college(), now=NOW)
    with pytest.raises(WrongState):
        kept(event, "third", actor=college())


def test_who_is_put_in_by_whoever_lends_them_is_released_with_it_and_by_others_is_not(port):
    event = planned(actor=college())
    kept(event, "second", actor=college())
    kept(event, "second", "third")  # the administrator keeps everybody's people
    with transaction():
        told = {one.expert.slug: one.released_at is not None for one in _event(event).seats[0].candidates}
    assert told == {"second": True, "third": True}
    other = planned(actor=college(), expert="third")
    kept(other, "second", actor=college())
    with transaction():
        assert [one.released_at for one in _event(other).seats[0].candidates] == [None]


def test_one_more_seat_asks_its_first_or_is_left_open_and_told(port):
    event = planned()
    with transaction():
        keep_line_up.add_seat(event, SaidSeat(role=SeatRole.INTERPRETER, then=("second", "third")), **WHO)
    with transaction():
        assert [seat.expert.slug for seat in _event(event).seats] == ["first", "second"]
    with transaction():
        keep_line_up.add_seat(event, SaidSeat(role=SeatRole.RECRUITER), **WHO)
    with transaction():
        *_, empty = _event(event).seats
        assert (empty.expert, empty.open_since) == (None, NOW)
    assert [one.facts["role"] for one in letters("seat_open")] == ["recruiter"]


def test_a_seat_without_a_name_changes_no_calendar(port):
    event = planned()
    before = _sequence(event)
    with transaction():
        keep_line_up.add_seat(event, SaidSeat(), **WHO)
    assert _sequence(event)[0] == before[0]


def test_a_seat_that_goes_lets_its_people_go(port):
    event = planned(then=("second",), understudies=("second",))
    with transaction():
        keep_line_up.add_seat(event, SaidSeat(expert="third"), **WHO)
    seat = seat_of(event)
    with transaction():
        keep_line_up.take_seat_away(event, seat, **WHO)
    assert (holder(event), held("first"), held("second"), held("third")) == ("third", set(), set(), {"held"})
    assert states(event) == {"first": "withdrawn", "second": "withdrawn", "third": "needs_action"}


def test_a_seat_that_is_freed_asks_the_next_or_is_open(port):
    event = planned(then=("second",))
    seat = seat_of(event)
    with transaction():
        keep_line_up.free_seat(event, seat, **WHO)
    assert (holder(event), states(event)) == ("second", {"first": "withdrawn", "second": "needs_action"})
    with transaction():
        keep_line_up.free_seat(event, seat, **WHO)
    assert (holder(event), is_open(event), len(letters("seat_open"))) == (None, True, 1)
    with transaction():
        keep_line_up.free_seat(event, seat, **WHO)  # nobody is named: nothing changes
    assert len(letters("seat_open")) == 1


def test_a_move_that_takes_back_the_letter_of_an_open_seat_says_it_again(port):
    event = planned(expert=None)
    with transaction():
        builders.a_room("other-room", on=_event(event).campus)
        move_event(event, Destination(rooms=("other-room",)), **WHO)
    assert len(letters("seat_open")) == 1
    assert [
        room["name"] if isinstance(room, dict) else room for room in letters("seat_open")[0].facts["event"]["rooms"]
    ]


def test_the_office_that_loses_an_understudy_to_a_booking_is_told_once_and_may_ask_them_still(port):
    event = planned(then=("second",), understudies=("second",))
    assert give_up_understudies(NOW) == 0
    other = planned(expert="second")
    assert held("second") == {"held"}
    assert give_up_understudies(NOW) == 1
    (letter,) = letters("understudy_lost")
    assert (letter.facts["person"], letter.event) == ("Second", event)
    assert states(event)["second"] == "withdrawn"
    assert give_up_understudies(NOW) == 0
    with transaction():
        call_off_event.withdraw_event(other, **WHO)
    said(event, "first", AnswerWord.DECLINE)
    assert holder(event) == "second"


def test_many_are_refused_at_once_or_none(port):
    first, second = planned(actor=college(), then=("third",)), planned(expert="second", actor=college())
    ids = [str(invitation_of(first, "first").public_id), str(invitation_of(second, "second").public_id)]
    with pytest.raises(NotFound), transaction():
        release_people.refuse_all([*ids, "unknown"], actor=partner(), now=NOW)
    assert (states(first), states(second)) == ({"first": "awaits_release"}, {"second": "awaits_release"})
    with transaction():
        release_people.refuse_all(ids, reason="Strike", actor=partner(), now=NOW)
    assert states(first) == {"first": "declined", "third": "awaits_release"}
    assert (states(second), held("second"), is_open(second)) == ({"second": "declined"}, set(), True)
    assert {one.facts["reason"] for one in letters("passed_on")} == {"Strike"}


@pytest.fixture
def house(bare_app, still):
    """The same people, outside the app's context, for doors."""
    with bare_app.app_context():
        with transaction():
            organization = builders.an_organization("port")
            builders.an_office("port-office", of=organization, mailbox="office@port.example")
            for slug in SLUGS:
                builders.an_expert(slug, of=organization)
            builders.a_campus("campus", of=builders.an_organization("college"))
        event = planned(then=("second",))
        db.session.remove()
    return event


def test_over_json(house, admin, public):
    shown = admin.get(f"/api/v1/events/{house}")
    (seat,), tag = shown.json["seats"], {"If-Match": shown.headers["ETag"]}
    put = {"then": ["third", "second"], "understudies": ["third"]}
    path = f"/api/v1/events/{house}/seats/{seat['id']}"
    assert public.put(f"{path}/line-up", json=put).status_code == 401
    assert admin.put(f"{path}/line-up", json=put).status_code == 428
    dry = admin.put(f"{path}/line-up?dry_run=true", json=put, headers=tag)
    done = admin.put(f"{path}/line-up", json=put, headers=tag)
    assert (done.status_code, done.json["seats"]) == (200, dry.json["seats"])
    assert (done.json["seats"][0]["then"], done.json["seats"][0]["understudies"]) == (["third", "second"], ["third"])
    assert admin.put(f"{path}/line-up", json=put, headers=tag).status_code == 412
    assert admin.put(f"{path}/line-up", json={"then": ["nobody-at-all"]}, headers={"If-Match": "*"}).status_code == 422
    added = admin.post(f"/api/v1/events/{house}/seats", json={"role": "recruiter"})
    assert [(one["role"], one["is_open"]) for one in added.json["seats"]] == [("presenter", False), ("recruiter", True)]
    freed = admin.post(f"{path}/free", json={})
    assert freed.json["seats"][0]["expert"] == "third"
    other = f"/api/v1/events/{house}/seats/{added.json['seats'][1]['id']}"
    assert admin.delete(other).status_code == 428
    assert admin.delete(other, headers={"If-Match": freed.headers["ETag"]}).status_code == 204
    assert admin.delete(other, headers={"If-Match": "*"}).status_code == 404
    assert len(admin.get(f"/api/v1/events/{house}").json["seats"]) == 1


def test_the_office_sees_who_has_not_confirmed_anew_after_a_move_and_a_new_room_keeps_the_yes(house, admin, bare_app):
    path = f"/api/v1/events/{house}"
    assert admin.post(f"{path}/experts/first/answer", json={"answer": "accept"}).status_code == 200
    with bare_app.app_context(), transaction():
        for letter in letters("invitation"):
            letter.state = MessageState.SENT
        builders.a_room("other-room", on=_event(house).campus)
    (seat,) = admin.post(f"{path}/move", json={"rooms": ["other-room"]}).json["seats"]
    assert (seat["invitation"]["state"], seat["has_to_confirm_again"]) == ("accepted", False)
    (seat,) = admin.post(f"{path}/move", json={"starts_local": "2027-02-11T14:00"}).json["seats"]
    assert (seat["invitation"]["state"], seat["has_to_confirm_again"]) == ("needs_action", True)
    planner = Browser(bare_app)
    planner.sign_in()
    planner.get(f"/events/{house}")
    assert "They said yes to another time, and have not confirmed this one." in planner.text
    with bare_app.app_context():
        (letter,) = letters("asked_again")
        subject, _ = render_text(letter, services().links)
    assert subject.startswith("Rescheduled, please answer again")


def test_on_the_events_page(house, bare_app):
    planner = Browser(bare_app)
    planner.sign_in()
    planner.get(f"/events/{house}")
    assert "Presenter: First" in planner.text
    planner.submit("Put at the end of the line-up", values={"who": "third", "agreed": "yes"})
    assert "The line-up is changed." in planner.text
    assert "Third – would come if needed; the time is held softly" in planner.text
    planner.submit("Has not agreed (Third)")  # who would come if needed is asked first
    planner.submit("Later (Third)")
    planner.submit("Earlier (Third)")
    with bare_app.app_context():
        assert line(house) == ["third", "second"]
        db.session.remove()
    planner.submit("Take out (Third)")
    with bare_app.app_context():
        assert line(house) == ["second"]
        db.session.remove()
    planner.submit("Add the seat", values={"role": "interpreter", "first": ""})
    assert "Interpreter: nobody is named" in planner.text
    assert "Open since" in planner.text
    planner.submit("Ask somebody else (1)")
    assert "Presenter: Second" in planner.text
    planner.submit("Take this seat away (2)")
    assert "Interpreter" not in planner.text
    planner.submit("Put at the end of the line-up", values={"who": "nobody-at-all"})
    assert planner.status == 422
    with bare_app.app_context():
        assert [seat.expert.slug for seat in get_event(house).seats] == ["second"]


@pytest.fixture
def softly(house, bare_app):
    """The second would come to the event if needed."""
    with bare_app.app_context():
        kept(house, "second", understudies=("second",))
        db.session.remove()
    return house


WISH = {"campus": "campus", "date": "2027-02-10", "time": "14:30", "duration_minutes": "60", "experts": "second"}
TAKES = "Second would step in at “Careers at the port” then (2:00 PM – 3:30 PM), if needed. Once booked here, no longer"


def test_what_is_only_set_aside_for_a_while_takes_no_understudy(softly, admin, bare_app):
    when = {"campus": "campus", "starts_local": "2027-02-10T14:00", "duration_minutes": 60, "minutes": 10}
    assert admin.post("/api/v1/holds", json={**when, "experts": ["second"]}).status_code == 201
    with bare_app.app_context():
        assert held("second") == {"held", "soft"}


def test_the_glance_the_board_and_the_form_warn_of_an_understudy_and_refuse_nothing(softly, bare_app):
    planner = Browser(bare_app)
    planner.sign_in()
    planner.get("/plan?campus=campus")
    planner.post("/plan/day", WISH)
    (warning,) = planner.page.select(".glance-lines .warning")
    assert TAKES in words_of(warning)
    assert "Everything that you chose can be had then." in words_of(planner.page.select_one("[role=status]"))
    assert planner.page.select(".strip .part-soft")
    planner.get("/plan?campus=campus")
    planner.submit("Check only", values={**WISH, "title": "Elsewhere"})
    assert TAKES in words_of(planner.page.select_one("#free"))
    planner.get("/experts/second/week?day=2027-02-10")
    assert "Would step in if needed: Careers at the port" in planner.text
    planner.get("/plan?campus=campus")
    planner.submit("Plan", values={**WISH, "title": "Elsewhere"})
    with bare_app.app_context():
        assert held("second") == {"held"}


def test_json_and_the_command_warn_of_an_understudy(softly, admin, database_url):
    then = {"campus": "campus", "starts_local": "2027-02-10T14:30", "duration_minutes": 60}
    experts = admin.get("/api/v1/availability", query_string=then).json["experts"]
    assert {one["slug"]: (one["is_free"], one["is_understudy"]) for one in experts}["second"] == (True, True)
    assert not any(one["is_understudy"] for one in experts if one["slug"] != "second")
    later = admin.get("/api/v1/availability", query_string={**then, "starts_local": "2027-02-10T18:00"}).json["experts"]
    assert not any(one["is_understudy"] for one in later)
    command = ["availability", "campus", "2027-02-10T14:30", "--minutes", "60"]
    said = CliRunner().invoke(cli, command, env=databases.environment(database_url))
    assert "free  second  would step in elsewhere then, if needed" in said.output


def test_a_move_onto_an_understudy_warns_when_it_is_checked_and_not_of_its_own(softly, bare_app):
    with bare_app.app_context():
        other = planned(expert="third")
        db.session.remove()
    planner = Browser(bare_app)
    planner.sign_in()
    planner.get(f"/events/{other}/move")
    planner.submit("Check only", values={"experts": ["third", "second"]})
    assert TAKES in words_of(planner.page.select_one("#free"))
    planner.get(f"/events/{softly}/move")
    planner.submit("Check only", values={"experts": ["first", "second"]})
    assert planner.page.select("#free .warning") == []
    assert planner.page.select("#free")


def test_on_the_command_line(house, database_url):
    run = CliRunner(env=databases.environment(database_url))

    def said_by(*words: str) -> list[list[str]]:
        done = run.invoke(cli, ["seats", *words])
        assert done.exit_code == 0, done.output
        return [line.split("\t") for line in done.output.splitlines()]

    assert said_by("show", house) == [["1", "presenter", "first (needs_action)", "then: second"]]
    (seat,) = said_by("line-up", house, "1", "third", "second", "--understudy", "second")
    assert seat[-1] == "then: second*, third"
    assert said_by("add", house, "--role", "recruiter")[1] == ["2", "recruiter", "nobody OPEN", "then: nobody"]
    assert said_by("remove", house, "2")[-1][0] == "1"
    assert said_by("free", house, "1")[0][2] == "second (needs_action)"
    assert run.invoke(cli, ["seats", "free", house, "7"]).exit_code != 0


def test_somebody_without_a_say_sees_no_buttons(house, bare_app):
    visitor = Browser(bare_app)
    visitor.get("/sign-in")
    visitor.post(f"/events/{house}/seats", {"role": "recruiter"})
    assert visitor.path.startswith("/sign-in") or visitor.status in (401, 403)
    with bare_app.app_context():
        assert len(get_event(house).seats) == 1
