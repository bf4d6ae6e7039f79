"""From an empty database to a college that students may see, through the pages, with letters really delivered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office, Organization, OrganizationKind
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.scheduler import run_tick
from eventsvc.workflows import keep_accounts, keep_directory
from eventsvc.workflows.college_standing import looks_like_a_try, offices_of, rooms_of
from eventsvc.workflows.keep_directory import CampusRow, OfficeRow, OrganizationRow
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders, databases
from tests.conftest import NOW
from tests.interfaces.browser import Browser
from tests.post_office import PostOffice, open_post_office, words_of

SLUG = "harbor-example-college"
HERS, COLLEAGUE = "ada@harbor.example", "lee@harbor.example"
OFFICE = {"college": "Harbor Example College", "mailbox": "careers@harbor.example", "telephone": "555 0100"}
CAMPUS = {
    "address": "1111 Figueroa Place",
    "city": "Wilmington",
    "postal_code": "90744",
    "coordinates": "33.7849, -118.2831",
    "hours": "Mon-Fri 08:00-21:00",
}
EXPERT = {
    "employer_name": "Port of Example",
    "employer_mailbox": "outreach@port.example",
    "expert_name": "Pelican Example",
    "topic_words": "Zero-emission work,  Clean water, zero-emission work",
}


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture
def served(database_url: str, post_office: PostOffice, still: time_machine.Coordinates) -> Iterator[Flask]:
    """The app with a mail server."""
    app = create_app(databases.settings(database_url, SMTP_URL=post_office.url.replace("//", "//ada:s3cret@")))
    app.extensions["eventsvc"] = _without_sign_in(app, post_office.url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _without_sign_in(app: Flask, url: str) -> object:
    """The test's mail server wants no password."""
    return replace(app.extensions["eventsvc"], smtp_url=url)


def at(step: str = "") -> str:
    return f"/setup/{SLUG}/{step}".rstrip("/")


def begun(app: Flask) -> Browser:
    """Somebody with the key who has taken the first step."""
    browser = Browser(app)
    browser.sign_in()
    browser.get("/setup/new")
    browser.submit("Save and go on", values=OFFICE)
    assert browser.path.endswith(at("campus")), browser.text
    return browser


def with_rooms(app: Flask) -> Browser:
    browser = begun(app)
    browser.submit("Save and go on", values=CAMPUS)
    browser.submit("Save the room", values={"room_name": "Seahawk Hall", "capacity": "120"})
    browser.submit("Save the room", values={"room_name": "Room 101", "capacity": "30"})
    return browser


def checks(browser: Browser) -> dict[str, str]:
    """What the page of what is missing says: each sentence with its mark."""
    browser.get(at("ready"))
    lines = browser.page.select(".ready-checks li")
    return {
        " ".join(line.select_one("[dir=auto]").get_text().split()): line.select_one(".tag").get_text() for line in lines
    }


def test_from_an_empty_database_to_a_college_that_students_may_see(served, post_office, still):
    visitor = Browser(served)
    visitor.get("/")
    assert "Nothing is here yet" in visitor.text
    link = visitor.page.find("a", string="Set up the first college")["href"]
    visitor.get(link)
    assert visitor.path.startswith("/sign-in")
    visitor.submit("Sign in", values={"token": databases.ADMIN_TOKEN})
    assert visitor.path == "/setup/new"
    assert "Step 1 of 8" in visitor.text
    admin = visitor
    admin.submit("Save and go on", values=OFFICE)
    assert "Step 2 of 8 · 1 of 8 are done" in admin.text
    admin.submit("Save and go on", values=CAMPUS)
    assert "The first room" in admin.text
    admin.submit("Save the room", values={"room_name": "Seahawk Hall", "capacity": "120"})
    assert "The second room" in admin.text
    admin.submit("Save the room", values={"room_name": "Room 101", "capacity": "30", "hours": "Mon-Fri 08:00-17:00"})
    assert "Step 4 of 8 · 3 of 8 are done" in admin.text
    admin.submit("Save and go on", values=EXPERT)
    assert "Pelican Example of Port of Example can be asked from now on." in admin.text

    assert "s3cret" not in admin.text
    admin.submit(
        "Save the sender", values={"sender_name": "Career events", "address": "events@harbor.example", "to": ""}
    )
    admin.submit("Send a test letter", values={"to": HERS})
    assert "Waits to be sent" in admin.text
    run_tick(served)
    (letter,) = post_office.to(HERS)
    assert parseaddr(letter["From"]) == ("Career events", "events@harbor.example")
    assert "Harbor Example College" in words_of(letter)
    admin.get(at("sender"))
    assert "The mail server has taken it" in admin.text

    admin.get(at("colleague"))
    assert "Let yourself in first" in admin.text
    admin.submit("Let them in", values={"person_name": "Ada Example", "person_email": HERS})
    assert "The second person" in admin.text
    admin.submit("Let them in", values={"person_name": "Lee Example", "person_email": COLLEAGUE})
    assert "Step 7 of 8 · 6 of 8 are done" in admin.text
    run_tick(served)
    assert "/sign-in" in words_of(post_office.to(COLLEAGUE)[0])

    feed = admin.page.select_one("#a-address")["value"].removeprefix(databases.PUBLIC_URL)
    with served.test_client().get(feed) as answer:  # polls are written when the answer has gone
        assert answer.status_code == 200
    admin.get(at("feed"))
    assert "somebody has subscribed" in admin.text

    found = checks(admin)
    assert "Students should not see this yet. 1 thing that is needed is missing." in admin.text
    assert found["No event is public yet: students would find an empty page."] == "Missing"
    publish_something(served, "Careers at the port")
    checks(admin)
    assert "Ready: students may see it." in admin.text
    admin.get(at())
    assert "8 of 8 are done" in admin.text
    admin.get("/")
    assert "Careers at the port" in admin.text


def publish_something(app: Flask, title: str) -> None:
    with app.app_context(), transaction():
        campus = lookup.get(Campus, SLUG)
        event = plan_event(builders.a_plan(campus, title=title), actor=ADMINISTRATOR, now=clock.now())
        publish_event(str(event.public_id), actor=ADMINISTRATOR, now=clock.now())


def test_without_a_key_or_an_account_the_first_page_says_which_setting_makes_one(database_url, still):
    app = create_app(databases.settings(database_url, EVENTSVC_ADMIN_TOKEN=""))
    visitor = Browser(app)
    visitor.get("/")
    assert "export EVENTSVC_ADMIN_TOKEN=$(python3" in visitor.text
    assert not [link for link in visitor.page.find_all("a") if link["href"].startswith("/setup")]
    with app.app_context():
        db.engine.dispose()


def test_what_is_done_is_seen_whoever_did_it_and_wherever_one_left(bare_app, still):
    browser = with_rooms(bare_app)
    later = Browser(bare_app)
    later.sign_in()
    later.get("/setup")
    later.get(later.page.find("a", string="Harbor Example College")["href"])
    assert "3 of 8 are done" in later.text
    assert "Go on: First expert" in later.text
    browser.get(at("campus"))
    assert "This step is done" in browser.text
    assert browser.page.select_one("#f-city")["value"] == "Wilmington"
    browser.submit("Save and go on", values={"city": "San Pedro"})
    with bare_app.app_context():
        assert lookup.get(Campus, SLUG).city == "San Pedro"
        assert db.session.scalar(select(func.count()).select_from(Campus)) == 1


def test_a_step_is_left_for_later_with_a_note_and_stays_on_the_list(bare_app, still):
    browser = with_rooms(bare_app)
    browser.submit("Leave it and go on", values={"note": "The Port sends names on Monday"})
    assert "Step 5 of 8" in browser.text
    browser.get(at("ready"))
    assert "First expert : The Port sends names on Monday" in browser.text
    browser.get(at())
    assert "Go on: Letters" in browser.text
    browser.get(at("expert"))
    browser.submit("Save and go on", values=EXPERT)
    browser.get(at("ready"))
    assert "Monday" not in browser.text
    with bare_app.app_context():
        skip = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "skip")).one()
        assert "Monday" not in str(skip.changes)


def test_the_office_cannot_be_skipped_and_a_note_has_an_end(bare_app, still):
    browser = begun(bare_app)
    browser.post(at("office/skip"), {"note": ""})
    assert browser.status == 404
    browser.get(at("campus"))
    browser.post(at("campus/skip"), {"note": "x" * 301})
    assert browser.status == 422
    assert "Why it is left for later: this is 301 characters long, and 300 fit." in browser.text


def test_a_room_of_the_same_words_is_another_one_only_when_said_so(bare_app, still):
    browser = begun(bare_app)
    browser.submit("Save and go on", values=CAMPUS)
    browser.submit("Save the room", values={"room_name": "Laurel Room - SCH", "capacity": "20"})
    browser.submit("Save the room", values={"room_name": "Laurel Room - SCH", "capacity": "25"})
    assert browser.status == 422
    assert "is there already" in browser.text
    browser.submit("Save the room", values={"room_name": "SCH Laurel Room", "capacity": "25"})
    assert browser.status == 422
    assert "this looks like Laurel Room - SCH" in browser.text
    browser.submit("Save the room", values={"is_another": "yes"})
    assert browser.status == 200
    with bare_app.app_context():
        rooms = rooms_of(lookup.get(Organization, SLUG))
        assert [(room.name, room.capacity) for room in rooms] == [("Laurel Room - SCH", 20), ("SCH Laurel Room", 25)]


def test_a_college_is_added_once(bare_app, still):
    browser = begun(bare_app)
    browser.get("/setup/new")
    browser.submit("Save and go on", values=OFFICE)
    assert browser.status == 422
    assert "is in the directory already" in browser.text
    browser.submit("Save and go on", values={"college": "Harbor Exampel College"})
    assert "this looks like Harbor Example College" in browser.text
    browser.submit("Save and go on", values={"is_another": "yes"})
    assert browser.status == 200
    assert browser.path.endswith("/setup/harbor-exampel-college/campus")


@pytest.mark.parametrize(
    ("step", "typed", "field", "says"),
    [
        ("campus", {"coordinates": "somewhere"}, "coordinates", "34.1443, -118.1187"),
        ("campus", {"coordinates": "134.1, -118.1"}, "coordinates", "between"),
        ("campus", {"address": " "}, "address", "empty"),
        ("campus", {"hours": "all day"}, "hours", "Mon-Fri"),
        ("campus", {"zone": "Mars/Olympus"}, "zone", "IANA"),
        ("office", {"mailbox": "nobody"}, "mailbox", "mail address"),
        ("office", {"office_name": ""}, "office_name", "empty"),
    ],
)
def test_what_cannot_be_saved_stands_beside_its_field_with_what_was_typed(bare_app, still, step, typed, field, says):
    browser = begun(bare_app)
    browser.get(at(step))
    filled = {**CAMPUS, **typed} if step == "campus" else typed
    browser.submit("Save and go on", values=filled)
    assert browser.status == 422
    assert says in browser.page.select_one(f"#e-{field}").get_text()
    assert browser.page.select_one(f"#f-{field}").get("value", typed[field]) == typed[field]


@pytest.mark.parametrize("address", ["a@b\nBcc: c@d", "two@at@signs", "no address", "ä@college.example", "@x", ""])
def test_a_sender_that_could_not_stand_in_a_header_is_refused(bare_app, still, address):
    browser = begun(bare_app)
    browser.get(at("sender"))
    browser.post(at("sender"), {"act": "sender", "sender_name": "X", "address": address})
    assert browser.status == 422
    browser.get(at("sender"))
    assert "chosen on this page" not in browser.text


def test_a_test_letter_that_is_refused_shows_the_servers_words(served, post_office, still):
    post_office.refusals[HERS] = "550 5.1.1 no such user here"
    browser = begun(served)
    browser.get(at("sender"))
    browser.submit("Send a test letter", values={"to": HERS})
    run_tick(served)
    browser.get(at("sender"))
    assert "Could not be delivered" in browser.text
    assert "550 5.1.1 no such user here" in browser.text
    assert "No test letter has left yet from the present sender: send one." in checks(browser)
    post_office.refusals.clear()
    browser.get(at("sender"))
    browser.submit("Send a test letter", values={"to": HERS})
    run_tick(served)
    assert checks(browser)["The mail server has taken a test letter from the present sender."] == "Done"
    still.shift(timedelta(minutes=1))
    browser.get(at("sender"))
    browser.submit("Save the sender", values={"address": "other@harbor.example"})
    assert "No test letter has left yet from the present sender: send one." in checks(browser)


def test_a_letter_that_nobody_tries_to_send_asks_for_the_scheduler(served, still):
    browser = begun(served)
    browser.get(at("sender"))
    browser.submit("Send a test letter", values={"to": HERS})
    assert "eventsvc scheduler" not in browser.text
    still.shift(timedelta(minutes=3))
    browser.get(at("sender"))
    assert "Is the scheduler running beside the server?" in browser.text


def test_without_a_mail_server_it_says_what_to_set_and_goes_on(bare_app, still):
    browser = begun(bare_app)
    browser.get(at("sender"))
    assert "export SMTP_URL=" in browser.text
    assert "You can go on without" in browser.text
    browser.submit("Leave it and go on", values={"note": "IT will set it"})
    assert "Step 6 of 8" in browser.text
    assert "There is no mail server, so no letter leaves: set SMTP_URL." in checks(browser)


def test_test_letters_cannot_fill_a_mailbox(bare_app, still):
    browser = begun(bare_app)
    browser.get(at("sender"))
    for _ in range(11):
        browser.submit("Send a test letter", values={"to": HERS})
    assert browser.status == 422
    with bare_app.app_context():
        assert db.session.scalar(select(func.count()).where(Message.letter == "test_letter")) == 10


def coordinator(app: Flask, email: str = HERS) -> Browser:
    """Somebody who is coordinator at the college's office, signed in by the code of the letter."""
    from tests.stories.test_sign_in import newest_letter

    with app.app_context(), transaction():
        office = offices_of(lookup.get(Organization, SLUG))[0]
        keep_accounts.add_account(email, "Ada Example", actor=ADMINISTRATOR, now=NOW)
        keep_accounts.give_role(email, Role.COORDINATOR, office=office.slug, actor=ADMINISTRATOR, now=NOW)
    browser = Browser(app)
    browser.get("/sign-in")
    browser.submit("Send me the letter", values={"email": email})
    browser.submit("Sign in", values={"code": newest_letter(app)[0]})
    return browser


def another_college(app: Flask) -> str:
    with app.app_context(), transaction():
        who = {"actor": ADMINISTRATOR, "now": NOW}
        row = OrganizationRow(name="Other College", kind=OrganizationKind.COLLEGE)
        other = keep_directory.save_organization(row, **who)
        office = OfficeRow(name="Careers", organization=other.slug, mailbox="o@other.example", zone=builders.PACIFIC)
        keep_directory.save_office(office, **who)
        keep_directory.save_campus(CampusRow(name="Other", organization=other.slug, zone=builders.PACIFIC), **who)
        return other.slug


def test_a_coordinator_walks_the_same_steps_for_her_own_college_alone(bare_app, still):
    begun(bare_app)
    other = another_college(bare_app)
    hers = coordinator(bare_app)
    hers.get("/setup")
    assert "Harbor Example College" in hers.text
    assert "Other College" not in hers.text
    assert "Add a college" not in hers.text
    hers.get(at("campus"))
    hers.submit("Save and go on", values=CAMPUS)
    hers.submit("Save the room", values={"room_name": "Seahawk Hall", "capacity": "120"})
    assert hers.status == 200
    hers.submit("Save the room", values={"room_name": "Room 101", "capacity": "30"})
    hers.submit("Save and go on", values={"expert_name": "Heron Example", "topic_words": ""})
    assert "Heron Example of Harbor Example College" in hers.text
    hers.submit("Send a test letter")
    with bare_app.app_context():
        letter = db.session.scalars(select(Message).where(Message.letter == "test_letter")).one()
        assert letter.to_address == HERS
    hers.post(at("sender"), {"act": "sender", "sender_name": "X", "address": "x@harbor.example"})
    assert hers.status == 403
    for path in (f"/setup/{other}", f"/setup/{other}/campus", f"/setup/{other}/ready"):
        hers.get(path)
        assert hers.status == 404, path
    hers.get(at("rooms"))
    hers.post(f"/setup/{other}/rooms", {"room_name": "Mine", "capacity": "3"})
    assert hers.status == 404
    hers.get("/setup/new")
    assert hers.status == 403


def test_a_coordinator_adds_no_people_of_employers_and_no_name_to_her_college(bare_app, still):
    with_rooms(bare_app).submit("Save and go on", values=EXPERT)
    hers = coordinator(bare_app)
    hers.get(at("expert"))
    hers.post(at("expert"), {"employer": "port-of-example", "expert_name": "Heron Example"})
    assert hers.status == 403
    hers.post(at("expert"), {"employer_name": "New Port", "expert_name": "Heron Example"})
    assert hers.status == 403
    hers.get(at("office"))
    hers.post(at("office"), {**OFFICE, "college": "Mine", "office_name": "Career Center", "zone": builders.PACIFIC})
    assert hers.status == 403


def test_what_was_typed_by_somebody_signed_out_comes_back_and_is_not_saved(bare_app, still):
    browser = begun(bare_app)
    stranger = Browser(bare_app)
    stranger.get("/sign-in")
    stranger.post(at("campus"), {**CAMPUS, "campus_name": "Typed before"})
    stranger.submit("Sign in", values={"token": databases.ADMIN_TOKEN})
    assert stranger.page.select_one("#f-campus_name")["value"] == "Typed before"
    browser.get(at())
    assert "1 of 8 are done" in browser.text


def test_json_and_command_say_what_the_page_says(bare_app, still, admin, public):
    browser = with_rooms(bare_app)
    answer = admin.get(f"/api/v1/readiness/{SLUG}")
    assert answer.json["is_ready"] is False
    said = {check["says"]: check["is_done"] for check in answer.json["checks"]}
    assert {words: mark == "Done" for words, mark in checks(browser).items()} == said
    spanish = admin.get(f"/api/v1/readiness/{SLUG}", headers={"Accept-Language": "es"})
    assert [one["name"] for one in spanish.json["checks"]] == [one["name"] for one in answer.json["checks"]]
    assert not {one["says"] for one in spanish.json["checks"]} & set(said)
    assert public.get(f"/api/v1/readiness/{SLUG}").status_code == 401
    assert admin.get("/api/v1/readiness/nowhere").status_code == 404
    mends = {check["name"]: check["url"] for check in answer.json["checks"]}
    assert mends["sender"] == f"{databases.PUBLIC_URL}{at('sender')}"
    for name, url in mends.items():
        browser.get(url.removeprefix(databases.PUBLIC_URL))
        assert browser.status == 200, name


def test_an_event_that_looks_like_a_try_keeps_students_away(bare_app, still):
    browser = with_rooms(bare_app)
    publish_something(bare_app, "Test event 2")
    found = checks(browser)
    assert found["This is public and looks like a try: Test event 2."] == "Missing"
    assert "No event is public yet: students would find an empty page." in found


@pytest.mark.parametrize("title", ["Test", "my test event 2", "TEST: careers", "Prueba", "asdf"])
def test_tries_are_known_by_their_titles(title):
    assert looks_like_a_try(title)


@pytest.mark.parametrize("title", ["Skills test at the port", "Contest night", "Latest careers", "First event", "2"])
def test_other_titles_are_no_tries(title):
    assert not looks_like_a_try(title)


def test_the_pages_of_another_college_cost_as_many_queries_with_more_in_it(bare_app, still):
    from tests.counting import counted

    browser = with_rooms(bare_app)

    def asked() -> list[int]:
        counts = []
        for path in ("/setup", at(), at("rooms"), at("expert"), at("colleague"), at("ready")):
            with counted(bare_app) as statements:
                browser.get(path)
            counts.append(len(statements))
        return counts

    browser.get(at("expert"))
    browser.submit("Save and go on", values=EXPERT)
    before = asked()
    with bare_app.app_context(), transaction():
        campus = lookup.get(Campus, SLUG)
        for number in range(20):
            builders.a_room(f"hall-{number}", on=campus)
            builders.an_expert(topics=[builders.a_topic()])
            builders.an_office(of=campus.organization)
            keep_accounts.add_account(f"p{number}@x.example", "P", actor=ADMINISTRATOR, now=NOW)
            office = db.session.scalars(select(Office.slug).order_by(Office.id.desc())).first()
            keep_accounts.give_role(
                f"p{number}@x.example", Role.COORDINATOR, office=office, actor=ADMINISTRATOR, now=NOW
            )
    assert asked() == before


def test_no_page_of_setting_up_shows_the_mail_servers_password(database_url, still):
    app = create_app(databases.settings(database_url, SMTP_URL="smtp://ada:s3cret%40x@mail.example:2525"))
    browser = begun(app)
    for step in ("office", "campus", "rooms", "expert", "sender", "colleague", "feed", "ready"):
        page = browser.get(at(step))
        assert not re.search("s3cret", str(page))
    browser.get(at("sender"))
    assert "mail.example:2525 · signs in as ada" in browser.text
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_command_says_what_is_missing_and_ends_with_1_until_it_is_there(bare_app, still, database_url, monkeypatch):
    for name, value in databases.environment(database_url, PUBLIC_URL="http://127.0.0.1:8000").items():
        monkeypatch.setenv(name, value)
    nothing = CliRunner().invoke(cli, ["ready"])
    assert nothing.exit_code == 1
    assert nothing.output == "No college is set up yet. Begin at http://127.0.0.1:8000/setup\n"
    with_rooms(bare_app)
    answer = CliRunner().invoke(cli, ["ready", SLUG])
    assert answer.exit_code == 1
    assert f"Harbor Example College ({SLUG}): students should not see this yet" in answer.output
    assert f"MISSING  There is no expert to ask yet.\n           http://127.0.0.1:8000{at('expert')}" in answer.output
    assert "done     There are 2 rooms." in answer.output


def test_only_a_test_letter_from_the_present_sender_proves_it(served, post_office, still):
    proved = "The mail server has taken a test letter from the present sender."
    browser = begun(served)
    with served.app_context(), transaction():
        keep_accounts.let_in(HERS, "Ada", role=Role.ADMINISTRATOR, actor=ADMINISTRATOR, now=NOW)
    run_tick(served)  # another letter leaves
    assert post_office.mails
    assert proved not in checks(browser)
    browser.get(at("sender"))
    browser.submit("Send a test letter", values={"to": HERS})
    run_tick(served)
    assert checks(browser)[proved] == "Done"
    served.extensions["eventsvc"] = replace(served.extensions["eventsvc"], sender="New <new@harbor.example>")
    assert proved not in checks(browser)  # whoever runs it has set another MAIL_FROM
    browser.get(at("sender"))
    browser.submit("Send a test letter", values={"to": HERS})
    run_tick(served)
    assert checks(browser)[proved] == "Done"


def test_zones_of_one_name_are_told_apart_by_their_cities(bare_app, still):
    browser = begun(bare_app)
    browser.get(at("office"))
    words = [option.get_text() for option in browser.page.select("#f-zone option")]
    assert len(words) == len(set(words))
    assert {"Pacific Time (Los Angeles)", "Mountain Time (Denver)", "Mountain Time (Phoenix)"} <= set(words)


def test_the_experts_of_others_count_for_a_new_college_and_its_page_says_so(bare_app, still):
    browser = begun(bare_app)
    with bare_app.app_context(), transaction():
        builders.an_expert("pelican")
    browser.get(at("expert"))
    assert "Experts of other employers are here already, and your college may ask them" in browser.text
    browser.submit("Save and go on", values={**EXPERT, "employer": SLUG})
    browser.get(at("expert"))
    assert "Experts are here already, and every college may ask them" in browser.text
