"""A college's pages beside its requests: what it can do with an answer, dates to claim, rounds, employers."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.requests import employers, lookup
from eventsvc.domain.requests.employers import EmployerApproval, EmployerState
from eventsvc.domain.requests.offered import OfferedDate
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import admit_employers, answer_request, ask_partner, grant_rounds, keep_accounts, offer_dates
from eventsvc.workflows.answer_request import OtherDate
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.test_pages_ask import builders_world
from tests.interfaces.test_pages_wish import somebody, state
from tests.wishes import WHO, a_request, a_wish, a_world

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def app(still, bare_app: Flask) -> Flask:
    with bare_app.app_context(), transaction():
        a_world()
    return bare_app


@pytest.fixture
def college(app: Flask) -> Browser:
    return somebody(app, Role.COORDINATOR, "careers")


def another_college(app: Flask) -> Browser:
    with app.app_context(), transaction():
        of = builders.an_organization("far")
        builders.an_office("far-careers", of=of)
        builders.a_campus("far-campus", of=of)
    return somebody(app, Role.COORDINATOR, "far-careers")


def offered(app: Flask, title: str = "A tour", at: datetime = datetime(2027, 3, 2, 14, 0), **more: object) -> str:
    """A published date; its path."""
    said = {"office": "outreach", "title": title, "duration_minutes": 60, "expert": "expert-one", "topics": ("ships",)}
    with app.app_context(), transaction():
        made = offer_dates.publish_date(offer_dates.Publication(**{**said, **more}, starts_local=at), **WHO)
        return f"/offered-dates/{made.public_id}"


@pytest.fixture
def wish(app: Flask) -> str:
    with app.app_context(), transaction():
        return f"/requests/{a_request(builders_world()).public_id}"


def other_date(app: Flask, wish: str) -> None:
    with app.app_context(), transaction():
        other = OtherDate(starts_local=datetime(2027, 3, 2, 14, 0), expert="expert-two")
        answer_request.offer_other(wish.rpartition("/")[2], other, **WHO)


def test_every_verb_of_a_college_stands_on_the_page_of_its_request(app, college, wish):
    other_date(app, wish)
    page = college.get(wish)
    buttons = {tag["value"] for tag in page.select("main button[name=act]")}
    assert buttons == {"take", "refuse", "withdraw"}
    assert "It is your turn: take the other date" in college.text
    assert page.select_one(f'main a[href="/requests/new?again={wish.rpartition("/")[2]}"]') is not None
    college.submit("It does not suit us", values={"our_words": "We have exams."})
    assert state(app, wish) == "open"
    assert "We have exams." in college.text
    college.submit("Withdraw the request", values={"our_words": "Found somebody."})
    assert state(app, wish) == "withdrawn"
    assert {tag["value"] for tag in college.page.select("main button[name=act]")} == set()
    college.get(f"/requests/new?again={wish.rpartition('/')[2]}")
    assert college.page.select_one("#f-title")["value"] == "Careers at the port"


def test_a_request_for_another_term_can_still_be_taken_back(app, college, wish):
    with app.app_context(), transaction():
        answer_request.answer_in_words(wish.rpartition("/")[2], answer_request.Step.NOT_THIS_TERM, "", **WHO)
    college.get(wish)
    college.submit("Withdraw the request")
    assert state(app, wish) == "withdrawn"


def test_words_that_are_too_many_stand_beside_their_field(app, college, wish):
    college.get(wish)
    page = college.submit("Withdraw the request", values={"our_words": "a" * 1001})
    assert college.status == 422
    assert "1,001 characters long" in words_of(page.select_one("#e-our_words"))
    assert state(app, wish) == "open"


def test_somebody_who_was_booked_meanwhile_is_not_taken_and_the_page_says_why(app, college, wish):
    other_date(app, wish)
    with app.app_context(), transaction():
        here = builders_world()
        busy = builders.a_plan(here.campus, experts=[here.two], when=builders.at("2027-03-02T14:00"), owner="careers")
        plan_event(busy, **WHO)
    college.get(wish)
    college.submit("Take this date")
    assert college.status == 409
    assert "Expert Two is taken" in college.text
    assert state(app, wish) == "offered"


def test_both_offices_write_on_the_page_of_a_request_and_are_told(app, college, wish):
    college.get(wish)
    college.submit("Write", values={"words": "Is parking needed?"})
    assert "Written. The other office gets a letter." in college.text
    partner = somebody(app, Role.PARTNER, "outreach")
    partner.get(wish)
    assert "Is parking needed?" in partner.text
    page = partner.submit("Write", values={"words": " "})
    assert partner.status == 422
    assert page.select_one("#e-words") is not None
    partner.submit("Write", values={"words": "Two places."})
    college.get(wish)
    assert "Two places." in college.text
    with app.app_context():
        told = select(Message.to_address).where(Message.letter == "request_remarks").order_by(Message.id)
        assert list(db.session.scalars(told)) == ["outreach@port.example", "careers@college.example"]


def test_dates_are_listed_and_one_is_claimed_with_a_form(app, college):
    path = offered(app, closes_on=date(2027, 2, 20), note="Steel-toed boots help.")
    page = college.get("/offered-dates")
    (line,) = page.select(".sessions li")
    assert words_of(line) == (
        "A tour Tuesday, March 2, 2027, 2:00 PM – 3:00 PM (Pacific Standard Time) Port · Expert One · On campus · Ships"
        " To be claimed by Saturday, February 20, 2027."
    )
    page = college.get(path)
    assert "Steel-toed boots help." in college.text
    assert page.select_one("#f-title")["value"] == "A tour"
    college.submit("Claim this date", values={"expected_heads": "25", "audience": "welders", "title": "A tour for us"})
    assert "The date is yours." in college.text
    with app.app_context():
        (event,) = db.session.scalars(select(Event))
        assert (event.title, event.expected_heads, event.audience) == ("A tour for us", 25, ["welders"])
        assert (event.campus.slug, event.owner.slug, event.status) == ("harbor", "careers", Status.REQUESTED)
    college.get("/offered-dates")
    assert "No partner offers a date at present." in college.text


def test_of_two_colleges_the_second_is_told_why_and_what_else_is_free(app, college):
    path, other = offered(app), offered(app, "Another tour", datetime(2027, 3, 3, 14, 0))
    far = another_college(app)
    for browser in (college, far):
        browser.get(path)
    college.submit("Claim this date")
    page = far.submit("Claim this date")
    assert far.status == 409
    assert "Another college was faster" in far.text
    assert [one["href"] for one in page.select("#free-dates ~ ul a")] == [other]
    far.get(other)
    far.submit("Claim this date")
    assert "The date is yours." in far.text
    far.get(path)
    assert "Another college has claimed this date" in far.text
    assert "No other date is offered at present." in far.text


def test_a_claim_that_is_sent_twice_is_one_and_leads_to_what_it_became(app, college):
    path = offered(app)
    college.get(path)
    college.submit("Claim this date")
    college.post(path, {"act": "claim", "campus": "harbor", "asker": "careers"})
    assert "This date is yours already." in college.text
    assert college.path.startswith("/requests/")
    college.get(path)
    assert "Your office has claimed this date." in college.text


def test_what_is_typed_stays_where_a_claim_is_refused(app, college):
    path = offered(app)
    with app.app_context(), transaction():
        here = builders_world()
        plan_event(builders.a_plan(here.campus, experts=[here.one], when=builders.at("2027-03-02T14:00")), **WHO)
    college.get(path)
    page = college.submit("Claim this date", values={"audience": "welders", "expected_heads": "25"})
    assert college.status == 409
    assert "Expert One is taken" in college.text
    assert page.select_one("#f-audience")["value"] == "welders"
    page = college.submit("Claim this date", values={"expected_heads": "many"})
    assert "must be a whole number" in words_of(page.select_one("#e-expected_heads"))
    with app.app_context():
        assert [one.state for one in db.session.scalars(select(OfferedDate))] == ["open"]


def test_a_room_of_the_campus_is_claimed_along(app, college):
    with app.app_context(), transaction():
        builders.a_room("hall", on=builders_world().campus)
    college.get(offered(app))
    college.submit("Claim this date", values={"rooms": ["hall"]})
    assert "The date is yours." in college.text
    with app.app_context():
        assert [room.slug for room in db.session.scalars(select(Event)).one().rooms] == ["hall"]


def test_the_list_of_dates_costs_the_same_at_a_hundred_rows_as_at_one_and_comes_in_pages(app, college):
    def costs() -> int:
        college.get("/offered-dates")
        with counted(app) as run:
            college.get("/offered-dates")
        assert college.status == 200
        return len(run)

    offered(app, "Number 0")
    with_one = costs()
    for number in range(1, 100):
        at = datetime(2027, 3, 1, 9, 0) + timedelta(days=2, hours=number)
        offered(app, f"Number {number}", at, expert=("expert-one", "expert-two")[number % 2])
    assert costs() == with_one
    seen, path = 0, "/offered-dates"
    while path:
        page = college.get(path)
        seen += len(page.select(".sessions li"))
        link = next((one for one in page.select("main a.button") if words_of(one) == "More dates"), None)
        path = link["href"] if link else ""
    assert seen == 100


def test_a_round_says_when_it_closes_takes_wishes_and_shows_what_became_of_them(app, college, still):
    with app.app_context(), transaction():
        made = grant_rounds.open_round("outreach", "Spring", date(2027, 1, 12), **WHO)
        number = str(made.public_id)
    page = college.get("/offered-dates")
    assert page.select_one(f'a[href="/rounds/{number}/ours"]') is not None
    college.get(f"/rounds/{number}/ours")
    assert "It takes requests until the end of Tuesday, January 12, 2027." in college.text
    assert "Your office has asked for nothing in this round." in college.text
    with app.app_context(), transaction():
        ask_partner.ask_partner(a_wish(builders_world(), round=number), **WHO)
    page = college.get(f"/rounds/{number}/ours")
    assert len(page.select(".sessions li")) == 1
    still.shift(timedelta(days=2))
    college = somebody_later(app)
    college.get(f"/rounds/{number}/ours")
    assert "The partner decides about all of them together" in college.text
    with app.app_context(), transaction():
        grant_rounds.grant_round(number, actor=ADMINISTRATOR, now=NOW + timedelta(days=2))
    page = college.get(f"/rounds/{number}/ours")
    assert "It was decided on" in college.text
    assert "Planned" in words_of(page.select_one(".sessions li"))
    assert college.get("/rounds/nothing/ours") is not None
    assert college.status == 404


def somebody_later(app: Flask) -> Browser:
    """A colleague who signs in when the others' sessions are over."""
    with app.app_context(), transaction():
        who = {"actor": ADMINISTRATOR, "now": clock.now()}
        account = keep_accounts.let_in("lee@example.edu", "Lee", role=Role.COORDINATOR, office="careers", **who).account
        cookie = sessions.begin(account, device="", now=clock.now())
    browser = Browser(app)
    browser.set_cookie(COOKIE, cookie)
    return browser


@pytest.fixture
def employer(still, bare_app: Flask) -> Flask:
    """The same world, in which the partner is no public employer and has asked once."""
    with bare_app.app_context(), transaction():
        a_request(a_world(kind=OrganizationKind.EMPLOYER))
    return bare_app


def standing(app: Flask) -> EmployerState:
    with app.app_context():
        return db.session.scalars(select(EmployerApproval)).one().state


def test_a_college_approves_and_refuses_an_employer_on_its_page(employer):
    college = somebody(employer, Role.COORDINATOR, "careers")
    college.get("/employers")
    assert college.path.endswith("/employers/a-college")
    assert "Port Waits for your answer" in college.text
    college.submit("Approve (Port)", within="ul.sessions")
    assert "Approved. Both sides get a letter." in college.text
    assert standing(employer) is EmployerState.APPROVED
    page = college.get("/employers/a-college?employer=port")
    assert page.select_one("#f-employer option[selected]")["value"] == "port"
    college.submit("Do not admit", values={"reason": "No address."})
    assert standing(employer) is EmployerState.DECLINED
    assert "No address." in college.text
    college.submit("Approve", within="form.form", values={"employer": ""})
    assert "Choose an employer from the list." in words_of(college.page.select_one("#e-employer"))


def test_what_was_answered_meanwhile_is_said_and_not_answered_over(employer):
    college = somebody(employer, Role.COORDINATOR, "careers")
    college.get("/employers/a-college")
    with employer.app_context(), transaction():
        decline = {"reason": "No address", **WHO}
        admit_employers.decide_on_employer("a-college", "port", EmployerState.DECLINED, **decline)
    college.submit("Approve (Port)", within="ul.sessions")
    assert college.status == 412
    assert standing(employer) is EmployerState.DECLINED


def test_one_that_has_not_asked_is_approved_and_a_public_one_is_not_admitted(app, college):
    with app.app_context(), transaction():
        builders.an_organization("cranes-and-sons", kind=OrganizationKind.EMPLOYER)
    college.get("/employers/a-college")
    assert "No employer waits for you." in college.text
    college.submit("Approve", values={"employer": "cranes-and-sons"})
    assert standing(app) is EmployerState.APPROVED
    college.submit("Approve", within="form.form", values={"employer": "port"})
    assert college.status == 409
    assert "public employers are admitted everywhere" in college.text
    college.submit("Do not admit", values={"employer": "port", "reason": "A strike."})
    with app.app_context():
        port = builders_world()
        assert employers.state_of(port.college, port.partner) is EmployerState.DECLINED


def test_an_employer_asks_a_college_on_its_page(employer):
    with employer.app_context(), transaction():
        builders.an_office("far-careers", of=builders.an_organization("far"))
    partner = somebody(employer, Role.PARTNER, "outreach")
    partner.get("/employers")
    partner.submit("Ask to be admitted")
    assert "Choose a college from the list." in words_of(partner.page.select_one("#e-college_asked"))
    partner.submit("Ask to be admitted", values={"college_asked": "far"})
    assert "Asked. The college gets a letter" in partner.text
    with employer.app_context():
        found = db.session.scalars(select(EmployerApproval).order_by(EmployerApproval.id)).all()
        assert [(one.college.slug, one.state) for one in found] == [("a-college", "waiting"), ("far", "waiting")]
    partner.get("/employers/a-college")
    assert partner.status == 403


def test_planning_with_an_employer_that_waits_is_refused_on_the_form_and_by_json(employer, admin):
    college = somebody(employer, Role.COORDINATOR, "careers")
    college.get("/plan?campus=harbor")
    when = {"date": "2027-03-02", "time": "14:00", "duration_minutes": "60"}
    college.submit("Plan", values={**when, "title": "Ships", "experts": ["expert-one"]})
    assert college.status == 409
    assert "Port is new to A College, which has to approve it first." in college.text
    assert college.page.select_one("#f-title")["value"] == "Ships"
    body = {"kind": "info_session", "title": "Ships", "campus": "harbor", "starts_local": "2027-03-02T14:00"}
    body |= {"duration_minutes": 60, "experts": ["expert-one"], "owner": "careers"}
    for path, more in (
        ("/api/v1/events", {}),
        ("/api/v1/series", {"rule": {"kind": "dates", "dates": ["2027-03-02", "2027-03-04"]}}),
    ):
        refused = admin.post(path, json={**body, **more})
        assert (refused.status_code, refused.json.get("state")) == (409, "waiting"), refused.json
        assert refused.json["type"].endswith("employer-not-approved")
    with employer.app_context():
        assert db.session.scalars(select(Event)).all() == []
    college.get("/employers/a-college")
    college.submit("Approve (Port)", within="ul.sessions")
    assert admin.post("/api/v1/events", json=body).status_code == 201


def test_dates_of_an_employer_that_is_new_say_so_and_are_not_claimed(employer):
    college = somebody(employer, Role.COORDINATOR, "careers")
    path = offered(employer)
    college.get("/offered-dates")
    assert "Your college has not approved this employer." in college.text
    college.get(path)
    college.submit("Claim this date")
    assert college.status == 409
    assert "which has to approve it first" in college.text
    with employer.app_context():
        assert lookup.page_of_offers(ADMINISTRATOR, now=NOW, open_only=True, after=None, limit=5)[0] != []


def test_a_request_whose_event_is_called_off_waits_again_by_page_and_by_json(app, college, wish, admin):
    for door in ("page", "json"):
        with app.app_context(), transaction():
            here = answer_request.Choice(starts_local=datetime(2027, 2, 2, 10), experts=("expert-one",))
            event = str(answer_request.plan_request(wish.rpartition("/")[2], here, **WHO).event.public_id)
        assert state(app, wish) == "planned"
        if door == "page":
            college.get(f"/events/{event}")
            college.submit("Withdraw this request")
        else:
            assert admin.post(f"/api/v1/events/{event}/withdraw").status_code == 200
        assert state(app, wish) == "open", door
    college.get("/requests/mine")
    assert "The partner answers. Nothing is reserved until then." in college.text
