"""The demo's pages: the clock that moves, the people one can be, and that none of it exists elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

import config
from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events import lookup
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.demo.walk import OBSTACLE
from eventsvc.interfaces.scheduler import run_tick
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases
from tests.conftest import NOW
from tests.interfaces.browser import Browser, words_of

STARTS_AT = datetime(2027, 2, 10, 22, 0, tzinfo=UTC)  # 2 p.m. there, thirty days after NOW
WEEK, DAY, TWO_HOURS = timedelta(days=7), timedelta(days=1), timedelta(hours=2)


@pytest.fixture
def browser(demo: Flask) -> Browser:
    return Browser(demo)


def plan_one(app: Flask, title: str = "Careers at the port") -> str:
    """A requested event with one expert, asked at NOW; returns its id."""
    with app.app_context(), transaction():
        campus = builders.a_campus()
        plan = builders.a_plan(campus, experts=[builders.an_expert()], title=title)
        return str(plan_event(plan, actor=ADMINISTRATOR, now=clock.now()).public_id)


def confirm(app: Flask, event_id: str) -> None:
    with app.app_context(), transaction():
        event = db.session.scalar(select(Event).where(Event.title == "Careers at the port"))
        invitation = asking.of_event(event.id)[0]
        answer_invitation(str(invitation.public_id), AnswerWord.ACCEPT, turn=invitation.turn, now=clock.now())
        confirm_as_host(event_id, actor=ADMINISTRATOR, now=clock.now())
    run_tick(app)


def now_in(app: Flask) -> datetime:
    with app.app_context():
        return clock.now()


def letters_in(app: Flask) -> list[tuple[str, datetime]]:
    with app.app_context():
        return [(row.letter, row.created_at) for row in db.session.scalars(select(Message).order_by(Message.id))]


# --- outside a demo -----------------------------------------------------------------------------------------------


def test_no_route_of_the_demo_exists_outside_one(bare_app):
    assert [rule.rule for rule in bare_app.url_map.iter_rules() if rule.rule.startswith("/demo")] == []
    client = bare_app.test_client()
    assert client.get("/demo").status_code == 404
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {databases.ADMIN_TOKEN}"
    assert client.get("/demo").status_code == 404
    assert "Demo clock" not in client.get("/", headers={"Accept": "text/html"}).get_data(as_text=True)


def test_the_clock_cannot_be_moved_outside_a_demo(app):
    with pytest.raises(RuntimeError), transaction():
        clock.advance_demo(timedelta(days=1))


def test_nothing_in_the_environment_makes_a_demo(tmp_path):
    names = ("DEMO", "EVENTSVC_DEMO", "FLASK_DEMO", "IS_DEMO")
    environment = dict.fromkeys(names, "1") | {"SECRET_KEY": "k", "DATABASE_URL": f"sqlite:///{tmp_path}/d.db"}
    app = create_app(config.load(environment))
    assert not app.config.get("DEMO")
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/demo")] == []


# --- the clock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("button", "by"), [("+1 hour", timedelta(hours=1)), ("+1 day", timedelta(days=1))])
def test_a_button_moves_the_clock_and_the_bar_shows_it(demo, browser, button, by):
    browser.get("/")
    page = browser.submit(button)
    assert now_in(demo) == NOW + by
    assert page.select_one(".demo-bar time")["datetime"] == (NOW + by).isoformat()
    assert browser.path == "/"
    assert "No letter came due on the way." in browser.text


def test_to_the_next_due_letter_goes_from_reminder_to_reminder(demo, browser):
    confirm(demo, plan_one(demo))
    written = len(letters_in(demo))
    browser.get("/outbox")
    for before in (WEEK, DAY, TWO_HOURS):
        page = browser.submit("To the next due letter")
        assert "1 letter was written on the way." in browser.text
        subject = page.select_one(".letter-line .subject").get_text()
        assert subject.startswith("Reminder, ")
        assert subject.endswith(": Careers at the port")
        assert now_in(demo) == STARTS_AT - before
    # Three days before, the office would have been told of silence; there was none, so the clock did not stop.
    came = letters_in(demo)[written:]
    assert came == [("reminder", STARTS_AT - before) for before in (WEEK, DAY, TWO_HOURS)]
    # Afterwards its host is asked twice how many came, and everybody is thanked; then nothing is due.
    for _ in range(3):
        browser.submit("To the next due letter")
    assert [letter for letter, _ in letters_in(demo)[written + 3 :]] == ["count_wanted"] * 2 + ["thanks"]
    browser.submit("To the next due letter")
    assert "No letter is due at any time" in browser.text


def test_a_long_step_passes_every_instant_on_the_way(demo, browser):
    confirm(demo, plan_one(demo))
    with demo.app_context(), transaction():
        clock.advance_demo(STARTS_AT - timedelta(hours=12) - NOW)
    browser.get("/demo")
    browser.submit("+1 day")
    # The reminder two hours before was written two hours before, not twelve hours late.
    assert letters_in(demo)[-1] == ("reminder", STARTS_AT - TWO_HOURS)
    with demo.app_context():
        assert db.session.scalar(select(Event.status)) is Status.COMPLETED


def test_a_letter_that_no_mail_server_takes_stays_due_and_holds_the_clock_up_no_longer(database_url, still):
    # Nothing listens on port 1: the letter keeps its moment, and none of it counts as an attempt.
    app = create_app(databases.settings(database_url, DEMO=True, SMTP_URL="smtp://127.0.0.1:1"))
    plan_one(app)
    run_tick(app)
    browser = Browser(app)
    browser.get("/outbox")
    browser.submit("To the next due letter")
    assert now_in(app) == NOW
    browser.submit("+1 hour")
    assert now_in(app) == NOW + timedelta(hours=1)
    with app.app_context():
        message = db.session.scalar(select(Message))
        assert (message.state, message.attempts, message.next_attempt_at) == (MessageState.QUEUED, 0, NOW)
        db.session.remove()
        db.engine.dispose()


def test_the_clock_takes_no_other_step_and_no_forged_form(demo, browser):
    forged = demo.test_client().post("/demo/clock", data={"step": "day"})
    assert forged.status_code == 400
    page = browser.get("/demo")
    token = page.select_one("input[name=csrf_token]")["value"]
    headers = {"Referer": "https://events.example/demo"}
    answer = browser._client.post(
        "/demo/clock", data={"step": "year", "csrf_token": token}, headers=headers, base_url="https://events.example"
    )
    assert answer.status_code == 404
    assert now_in(demo) == NOW


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_moving_the_clock_sends_nobody_to_a_foreign_site(browser, foreign):
    browser.get("/demo")
    browser.submit("+1 hour", values={"back": foreign})
    assert browser.path == "/"


# --- the people ---------------------------------------------------------------------------------------------------


def test_the_coordinator_lands_on_the_plan_and_may_plan(browser):
    browser.get("/demo")
    browser.submit("Plan an event")
    assert browser.path == "/plan"
    assert browser.status == 200
    assert "Plan an event" in browser.text


def test_the_outreach_coordinator_sees_open_requests_and_whose_yes_is_missing(demo, browser):
    plan_one(demo)
    browser.get("/demo")
    page = browser.submit("See open requests")
    assert browser.path == "/requests"
    with demo.app_context():
        event = db.session.scalar(select(Event))
        names = [f"{event.owner.name}: the host’s own yes", f"{event.experts[0].name}: no answer yet"]
        link = f"/events/{event.public_id}"
    assert all(name in browser.text for name in names)
    assert page.select_one(f'main a[href="{link}"]').get_text() == "Careers at the port"
    browser.get(link)
    assert "For planners" in browser.text


def test_open_requests_are_for_planners(browser):
    browser.get("/requests")
    assert browser.path.startswith("/sign-in")


def test_the_expert_lands_on_the_answer_page_of_who_was_asked_last_without_a_planners_cookie(demo, browser):
    plan_one(demo, "Asked first")
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        plan_one(demo, "Asked last")
    browser.get("/demo")
    browser.submit("Plan an event")
    browser.get("/demo")
    browser.submit("Answer an invitation")
    assert browser.path.startswith("/answer/")
    assert browser.status == 200
    assert "Asked last" in browser.text
    browser.get("/plan")
    assert browser.path.startswith("/sign-in")


def test_the_expert_is_told_when_nobody_waits_for_an_answer(browser):
    browser.get("/demo")
    browser.submit("Answer an invitation")
    assert browser.path == "/demo"
    assert "Nobody is waiting for an answer" in browser.text


def test_the_student_has_no_cookie_and_sees_what_is_coming(browser, demo):
    with demo.app_context(), transaction():
        builders.a_campus()  # on an empty database the first page leads through setting up
    browser.get("/demo")
    browser.submit("Plan an event")
    browser.get("/demo")
    browser.submit("See what is coming")
    assert browser.path == "/"
    assert "Upcoming events" in browser.text
    browser.get("/plan")
    assert browser.path.startswith("/sign-in")


def test_nobody_else_can_be_been(browser):
    token = browser.get("/demo").select_one("input[name=csrf_token]")["value"]
    answer = browser._client.post(
        "/demo/be/an-admiral",
        data={"csrf_token": token},
        headers={"Referer": "https://events.example/demo"},
        base_url="https://events.example",
    )
    assert answer.status_code == 404


def test_the_start_page_says_so_when_the_walk_cannot_be_walked(browser):
    browser.get("/demo")
    assert browser.status == 200
    assert "Start the demo again to walk it anew." in browser.text


def test_the_card_of_who_one_is_says_so_and_leads_back_to_nobody(browser):
    page = browser.get("/demo")
    assert page.select(".demo-person.present, .demo-me") == []
    browser.submit("Plan an event")
    page = browser.get("/demo")
    assert [card.h3.get_text() for card in page.select(".demo-person.present")] == ["Career-center coordinator"]
    assert "You are: Career-center coordinator" in page.select_one(".demo-bar").get_text()
    page = browser.submit("Be a visitor again")
    assert browser.path == "/demo"
    assert page.select(".demo-person.present, .demo-me") == []
    browser.get("/plan")
    assert browser.path.startswith("/sign-in")


def test_the_addresses_can_be_copied_and_lead_there(browser):
    page = browser.get("/demo")
    lines = page.select(".demo-addresses > div")
    assert [line.button["data-copy"] for line in lines] == [line.a.get_text() for line in lines]
    assert all(line.button.has_attr("hidden") for line in lines), "they work with scripts only, which show them"
    for path in [line.a["href"] for line in lines]:
        browser.get(path)
        assert browser.status == 200


def test_one_who_signs_out_is_no_person_of_the_demo_any_more(browser):
    browser.get("/demo")
    browser.submit("See what is coming")
    assert "You are: Student" in browser.page.select_one(".demo-bar").get_text()
    browser.get("/demo")
    browser.submit("Plan an event")
    page = browser.submit("Sign out")
    assert page.select(".demo-me") == []


# --- the first walk -----------------------------------------------------------------------------------------------


@pytest.fixture
def walker(demo: Flask, browser: Browser) -> Browser:
    """A browser in a demo that has the walk's obstacle, confirmed: Pelican at Harbor College on February 10."""
    with demo.app_context(), transaction():
        harbor = builders.a_campus("los-angeles-harbor-college")
        pasadena = builders.a_campus("pasadena-city-college")
        builders.a_room("pcc-rose-room", on=pasadena, capacity=60)
        builders.a_way(harbor, pasadena, 70)
        builders.a_topic("zero-emission-operations")
        pelican = builders.an_expert("pelican-example", email="pelican@port.example")
        plan = builders.a_plan(harbor, when=builders.at("2027-02-10T09:00", 90), experts=[pelican], title=OBSTACLE)
        event_id = str(plan_event(plan, actor=ADMINISTRATOR, now=clock.now()).public_id)
        asked = asking.of_event(lookup.get_event(event_id).id)[0]
        answer_invitation(str(asked.public_id), AnswerWord.ACCEPT, turn=asked.turn, now=clock.now())
        confirm_as_host(event_id, actor=ADMINISTRATOR, now=clock.now())
    run_tick(demo)
    return browser


def steps_done(browser: Browser) -> list[bool]:
    page = browser.get("/demo")
    steps = page.select(".demo-step")
    current = [steps.index(step) for step in steps if step.get("aria-current") == "step"]
    done = ["done" in step["class"] for step in steps]
    assert current == [number for number, is_done in enumerate(done) if not is_done][:1]
    return done


def test_the_walk_ticks_off_what_was_done_and_only_that(walker):
    assert steps_done(walker) == [False] * 5
    walker.submit("Open the filled form")
    walker.submit("Plan")
    assert walker.status == 409
    assert steps_done(walker) == [False] * 5
    walker.submit("Open the filled form")
    walker.submit("Plan", values={"time": "14:00"})
    event = walker.path
    assert steps_done(walker) == [True, True, False, False, False]
    walker.submit("Open the event")
    assert walker.path == event
    walker.submit("Publish")
    assert steps_done(walker) == [True, True, False, False, False]
    assert "It is published; your own yes is missing." in walker.text
    walker.submit("Open the event")
    walker.submit("Record the host’s yes")
    assert steps_done(walker) == [True, True, True, False, False]
    walker.submit("Be the expert who was asked last")
    walker.submit(words_of(walker.page.select_one("button[value=accept]")))
    assert steps_done(walker) == [True, True, True, True, False]
    for _ in range(3):  # both events are reminded of; one letter at a time
        walker.submit("To the next due letter")
    assert steps_done(walker) == [True] * 5
    assert "You have walked all of it." in walker.text


def test_a_plan_that_is_taken_back_unticks_the_walk(walker):
    walker.get("/demo")
    walker.submit("Open the filled form")
    walker.submit("Plan", values={"time": "14:00"})
    walker.submit("Withdraw this request")
    assert steps_done(walker) == [False] * 5


@pytest.mark.parametrize("path", ["/requests", "/outbox"])
def test_a_list_costs_the_same_queries_with_1_and_with_30_rows(demo, path):
    client, counts = demo.test_client(), []
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {databases.ADMIN_TOKEN}"
    for rows in (1, 29):
        for number in range(rows):
            plan_one(demo, f"Event {number}")
        client.get(path)
        counts.append(queries_of(demo, lambda: client.get(path)))
    assert counts[0] == counts[1] > 0


def queries_of(app: Flask, act) -> int:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    try:
        assert act().status_code == 200
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)
    return len(seen)
