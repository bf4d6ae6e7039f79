"""Pressed twice, gone back, signed out meanwhile, two at once: nothing is done twice and nothing typed is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import request
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.directory.models import Campus, Expert, Organization, Room, Topic
from eventsvc.domain.events.lookup import find_submitted
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.web import plan_page
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.edit_event import edit_event
from tests import builders
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN, PUBLIC_URL
from tests.interfaces.browser import words_of
from tests.interfaces.pages import PASADENA

WISH = {"title": "Zero-emission careers", "date": "2027-02-10", "time": "14:00", "rooms": "harbor-hall"}
KEPT = "Nothing has been done yet. This is what you had typed: look at it, and send it again."


@pytest.fixture
def form(world, planner):
    """The form, begun at Pasadena."""
    planner.get(f"/plan?campus={PASADENA}")
    return planner


def count(app, table) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def filled(browser, **values) -> dict:
    """What the form on the page would send."""
    return {**browser._filled(browser.page.select_one("form.plan")), **WISH, **values, "act": "plan"}


# --- planning -----------------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_plans_once_and_both_answers_lead_there(form, bare_app):
    sent = filled(form, experts="expert-one")
    form.post("/plan", sent)
    first, letters = form.path, count(bare_app, Message)
    form.get(f"/plan?campus={PASADENA}")
    form.post("/plan", sent)
    assert form.path == first
    assert "This was planned already: here it is." in form.text
    assert (count(bare_app, Event), count(bare_app, Message)) == (1, letters)


def test_a_form_changed_after_going_back_plans_another_event(form, bare_app):
    sent = filled(form)
    form.post("/plan", sent)
    form.get(f"/plan?campus={PASADENA}")
    form.post("/plan", {**sent, "date": "2027-02-17"})
    assert count(bare_app, Event) == 2
    assert "This was planned already" not in form.text


def test_going_back_finds_the_same_form_although_the_browser_fetches_it_anew(form, bare_app):
    address = form.path
    form.submit("Plan", values={**WISH, "rooms": []})
    first = form.path
    form.get(address)
    form.submit("Plan", values={**WISH, "rooms": []})
    assert (form.path, count(bare_app, Event)) == (first, 1)


def test_two_forms_with_the_same_words_are_two_wishes(form, bare_app):
    for _ in range(2):
        form.get(f"/plan?campus={PASADENA}")
        form.submit("Plan", values={**WISH, "rooms": []})
    assert count(bare_app, Event) == 2


def test_a_no_and_a_check_do_not_use_the_form_up(form, world, bare_app):
    world.plan(rooms=("harbor-hall",))
    form.submit("Check only", values=WISH)
    form.submit("Plan")
    assert form.status == 409
    form.submit("Plan", values={"time": "16:00"})
    assert form.path.startswith("/events/")
    assert count(bare_app, Event) == 2


def test_who_lost_the_race_finds_the_event_of_the_winner(world, bare_app, monkeypatch):
    """Both have looked before either has written: the second meets the winner's row, and looks again."""
    looked = []

    def blind_once(submission):
        looked.append(submission)
        return None if len(looked) == 2 else find_submitted(submission)

    monkeypatch.setattr(plan_page, "find_submitted", blind_once)
    (first, is_new), (second, is_second_new) = (send(bare_app) for _ in range(2))
    assert (first, is_new, is_second_new) == (second, True, False)
    assert len(looked) == 3
    assert count(bare_app, Event) == 1


def test_eight_at_once_plan_one_event(world, bare_app):
    barrier = Barrier(8)
    with ThreadPoolExecutor(8) as racers:
        answers = list(racers.map(lambda _: send(bare_app, barrier), range(8)))
    assert len({event_id for event_id, _ in answers}) == 1
    assert [is_new for _, is_new in answers].count(True) == 1
    assert count(bare_app, Event) == 1


def send(app, barrier: Barrier | None = None) -> tuple[str, bool]:
    """The same form by a connection of its own; the event's id and whether this one made it."""
    values = {**WISH, "campus": PASADENA, "kind": "workshop", "duration_minutes": "60", "experts": "expert-one"}
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    values |= {"submission": "the same", "act": "plan"}
    with app.test_request_context("/plan", method="POST", data=values, headers=headers):
        if barrier:
            barrier.wait(timeout=30)
        event, is_new = plan_page.plan_once(Form(request.form))
        return str(event.public_id), is_new


# --- buttons and forms of an event --------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["publish", "confirm", "withdraw", "decline"])
def test_a_button_pressed_twice_is_no_refusal(world, planner, verb):
    event_id = world.plan(published=False)
    planner.get(f"/events/{event_id}")
    for _ in range(2):
        planner.post(f"/events/{event_id}/{verb}", {"reason": "Once"})
        assert (planner.status, planner.path) == (200, f"/events/{event_id}")
        assert planner.page.select_one(".refusal") is None


@pytest.mark.parametrize("verb", ["postpone", "cancel"])
def test_calling_a_confirmed_event_off_twice_and_bringing_it_back_twice_is_no_refusal(world, planner, verb):
    event_id = world.plan()
    planner.get(f"/events/{event_id}")
    for step in ("confirm", verb, verb, *(("restore", "restore") if verb == "cancel" else ())):
        planner.post(f"/events/{event_id}/{step}", {})
        assert planner.page.select_one(".refusal") is None, step


def test_a_draft_requested_twice_is_no_refusal(form, bare_app):
    form.submit("Keep as a draft", values=WISH)
    path = form.path
    for _ in range(2):
        form.post(f"{path}/request", {})
        assert form.page.select_one(".refusal") is None
    assert "This was done already" in form.text


def test_a_move_sent_twice_moves_once_and_says_so(world, planner):
    event_id = world.plan(experts=("expert-one",))
    planner.get(f"/events/{event_id}/move")
    sent = {**filled(planner, date="2027-02-11", experts="expert-one", rooms=[]), "act": "move"}
    planner.post(f"/events/{event_id}/move", sent)
    assert "Moved. Everybody concerned is told by mail." in planner.text
    planner.post(f"/events/{event_id}/move", sent)
    assert "The event stands at this time and place already; nothing was changed." in planner.text


def test_an_edit_sent_twice_is_fine_although_the_version_is_old_by_then(world, planner):
    event_id = world.plan()
    planner.get(f"/events/{event_id}/edit")
    sent = {**planner._filled(planner.page.select_one("form.plan")), "title": "New words"}
    for _ in range(2):
        planner.post(f"/events/{event_id}/edit", sent)
        assert planner.path == f"/events/{event_id}"
        planner.get(f"/events/{event_id}/edit")


def test_two_who_edit_at_once_both_keep_their_words(world, planner):
    event_id = world.plan(description="As it was", audience=("students",))
    planner.get(f"/events/{event_id}/edit")
    world.run(edit_event, event_id, edits={"title": "Their title", "audience": ["alumni"], "expected_heads": 5})
    page = planner.submit("Save the words", values={"title": "My title", "description": "My description"})
    assert planner.status == 412
    said = {words_of(part.find("dt")): words_of(part.find("dd")) for part in page.select(".versions")[0].select("div")}
    assert said == {"Theirs, saved now": "Their title", "Yours, in the form below": "My title"}
    assert page.select_one("#f-title")["value"] == "My title"
    assert page.select_one("#f-description").get_text().strip() == "My description"
    # What only the other one had changed is not undone by saving mine.
    assert page.select_one("#f-audience")["value"] == "alumni"
    assert page.select_one("#f-expected_heads")["value"] == "5"
    planner.submit("Save the words")
    assert words_of(planner.page.find("h1")) == "My title"
    assert "alumni" in planner.text
    assert "My description" in planner.text


# --- signed out, or the form's own token too old --------------------------------------------------------------------


def test_what_was_typed_survives_an_expired_sign_in(form, bare_app):
    sent = filled(form, description="Long\r\nwords — ünïcode 🎓", experts=["expert-one", "expert-two"])
    form._client.delete_cookie("session", domain="events.example")
    page = form._show("/plan", form._client.post("/plan", data=sent, **form._as_browser()))
    assert form.status == 401
    assert "What you typed is kept on this page" in form.text
    page = form.submit("Sign in", values={"token": "wrong"})
    assert form.status == 401
    page = form.submit("Sign in", values={"token": ADMIN_TOKEN})
    assert KEPT in form.text
    assert count(bare_app, Event) == 0
    assert page.select_one("#f-title")["value"] == WISH["title"]
    assert page.select_one("#f-description").get_text().split() == ["Long", "words", "—", "ünïcode", "🎓"]
    ticked = [box["value"] for box in page.select("input[type=checkbox][checked]")]
    assert ticked == ["harbor-hall", "expert-one", "expert-two"]
    form.submit("Plan")
    assert form.path.startswith("/events/")


def test_a_token_of_an_older_session_brings_the_form_back_filled_and_does_nothing(form, bare_app):
    sent = {**filled(form), "csrf_token": "of another session"}
    page = form._show("/plan", form._client.post("/plan", data=sent, **form._as_browser()))
    assert form.status == 400
    assert KEPT in form.text
    assert page.select_one("#f-title")["value"] == WISH["title"]
    assert count(bare_app, Event) == 0
    form.submit("Plan")
    assert form.path.startswith("/events/")


@pytest.mark.parametrize(("path", "button"), [("move", "Move"), ("edit", "Save the words")])
def test_moves_and_edits_come_back_filled_too(world, planner, path, button):
    event_id = world.plan()
    address = f"/events/{event_id}/{path}"
    planner.get(address)
    sent = {**planner._filled(planner.page.select_one("form.plan")), "title": "Typed", "date": "2027-02-11"}
    planner._client.delete_cookie("session", domain="events.example")
    planner._show(address, planner._client.post(address, data={**sent, "act": "move"}, **planner._as_browser()))
    page = planner.submit("Sign in", values={"token": ADMIN_TOKEN})
    field, value = ("#f-date", "2027-02-11") if path == "move" else ("#f-title", "Typed")
    assert page.select_one(field)["value"] == value
    planner.submit(button)
    assert planner.path == f"/events/{event_id}"
    assert ("February 11" if path == "move" else "Typed") in planner.text


def test_a_reason_comes_back_too_and_nothing_is_called_off(world, planner):
    event_id = world.plan()
    address = f"/events/{event_id}/withdraw"
    planner.get(f"/events/{event_id}")
    sent = {"reason": "The bus is broken", "csrf_token": "old"}
    page = planner._show(address, planner._client.post(address, data=sent, **planner._as_browser()))
    assert page.select_one("details[open] textarea").get_text().strip() == "The bus is broken"
    planner.submit("Withdraw this request")
    assert "Withdrawn." in planner.text


def test_a_button_of_a_page_from_before_signing_in_does_nothing_and_says_so_beside_itself(world, planner):
    event_id = world.plan(published=False)
    address = f"/events/{event_id}/publish"
    planner._show(address, planner._client.post(address, data={"csrf_token": "old"}, **planner._as_browser()))
    assert planner.path == f"/events/{event_id}"
    assert "Nothing was done" in planner.text
    planner.submit("Publish")
    assert "Published." in planner.text


@pytest.mark.parametrize(
    "carried",
    [
        "",
        "{",
        "[]",
        '["/sign-out", []]',
        '["/demo/clock", [["step", "day"]]]',
        '["//evil.example/", [["a", "b"]]]',
        "7",
    ],
)
def test_a_carried_form_that_is_not_of_our_making_leads_where_the_person_was_going(world, visitor, carried):
    visitor.get("/sign-in?next=/calendars")
    visitor.submit("Sign in", values={"token": ADMIN_TOKEN, "kept": carried})
    assert visitor.path == "/calendars"


@pytest.mark.parametrize("half", ['"title", "\\ud83d"', '"\\ud83d", ""'])
def test_half_a_character_in_a_carried_form_breaks_no_page(world, visitor, half):
    sent = {"token": "guess", "kept": f'["/plan", [[{half}]]]'}
    visitor.get("/sign-in")
    visitor.submit("Sign in", values=sent)
    assert visitor.status == 401
    assert visitor.page.select_one("input[name=kept]") is None


def test_a_browser_without_cookies_is_told_so_and_reads_and_answers_all_the_same(world, bare_app):
    event_id = world.plan(experts=("expert-one",))
    client = bare_app.test_client(use_cookies=False)
    headers = {"Accept": "text/html"}
    for path in ("/", "/month/2027-02", "/calendars", f"/events/{event_id}", world.answer_path(event_id)):
        assert client.get(path, headers=headers, base_url=PUBLIC_URL).status_code == 200, path
    answered = client.post(world.answer_path(event_id), data={"answer": "accept"}, base_url=PUBLIC_URL)
    assert answered.status_code == 303
    tried = client.post("/sign-in", data={"token": ADMIN_TOKEN}, headers=headers, base_url=PUBLIC_URL)
    assert tried.status_code == 400
    assert "your browser keeps no cookies of this site" in tried.get_data(as_text=True)


def test_a_button_that_no_longer_fits_is_still_refused(world, planner):
    """Somebody else withdrew it: declining it is not what was done."""
    event_id = world.plan()
    planner.get(f"/events/{event_id}")
    world.run(withdraw_event, event_id)
    planner.submit("Decline this request")
    assert planner.status == 409
    assert planner.page.select_one(".refusal") is not None


def test_a_copy_is_a_form_of_its_own(world, planner, bare_app):
    event_id = world.plan(builders.at("2027-02-10T14:00"))
    for day in ("2027-02-17", "2027-02-17"):
        planner.get(f"/plan?copy={event_id}")
        planner.submit("Plan", values={"date": day})
    assert count(bare_app, Event) == 3


@pytest.mark.parametrize(
    ("kind", "slug", "path", "name", "button"),
    [
        (Campus, PASADENA, "move", "campus", "Move"),
        (Room, "harbor-hall", "move", "rooms", "Move"),
        (Expert, "expert-one", "move", "experts", "Move"),
        (Topic, "stewardship", "edit", "topics", "Save the words"),
        (Organization, "port-of-los-angeles", "edit", "co_hosts", "Save the words"),
    ],
)
def test_what_went_out_of_use_is_not_given_up_unseen(world, planner, kind, slug, path, name, button):
    more = {"rooms": ("harbor-hall",), "experts": ("expert-one",), "co_hosts": ("port-of-los-angeles",)}
    event = world.plan(topics=("stewardship",), **more)
    with world.app.app_context(), transaction():
        db.session.scalars(select(kind).where(kind.slug == slug)).one().retired_on = NOW.date()
    planner.get(f"/events/{event}/{path}")
    planner.submit(button)
    assert planner.status == 422
    assert planner.page.select_one(f"#f-{name}") is not None
    assert "not in use" in words_of(planner.page.select_one("#refusal"))
