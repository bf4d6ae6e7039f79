"""Every page in a language without Latin letters: what is still Latin has gone past the translations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import flask_babel
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking import resources
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, OrganizationKind, Room, Topic, Travel
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces import languages
from eventsvc.interfaces.demo import examples
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import problem_pages
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.keep_promises import complete_ended
from tests import builders, demos, pseudo
from tests.conftest import NOW
from tests.databases import ENGINES, PUBLIC_URL
from tests.interfaces.browser import Browser
from tests.interfaces.pages import PASADENA, World

PACIFIC = "America/Los_Angeles"


@pytest.fixture
def in_pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages speak the pseudo-language, with Greek days and zones."""
    catalogue = pseudo.Pseudo()
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda _: catalogue)
    monkeypatch.setattr(languages, "LOCALES", dict.fromkeys(languages.NAMES, "el_GR"))


@pytest.fixture
def greek(bare_app: Flask, still: object, in_pseudo: None) -> World:
    """A small world in which every name is Greek."""
    with bare_app.app_context(), transaction():
        _directory()
    return World(bare_app)


def _directory() -> None:
    college = Organization(slug="college", name="Κολέγιο", kind=OrganizationKind.COLLEGE)
    port = Organization(slug="port", name="Λιμάνι", kind=OrganizationKind.PUBLIC_EMPLOYER)
    telephone = {"telephone": "555-0100", "zone": PACIFIC}
    office = Office(slug="office", name="Γραφείο", organization=college, mailbox="office@college.example", **telephone)
    outreach = Office(slug="outreach", name="Επαφή", organization=port, mailbox="outreach@port.example", **telephone)
    place = {"address": "Οδός 1", "city": "Αθήνα", "postal_code": "91106", "latitude": 34.1, "longitude": -118.1}
    campus = Campus(slug=PASADENA, name="Πασαντίνα", organization=college, zone=PACIFIC, parking="Εκεί", **place)
    other = Campus(slug="other", name="Άλλο", organization=college, zone=PACIFIC, latitude=34.2, longitude=-118.2)
    empty = Campus(slug="empty", name="Χωρίς", organization=college, zone=PACIFIC)
    topic = Topic(slug="topic", name="Θέμα")
    hall = Room(slug="hall", name="Αίθουσα", campus=campus, capacity=20, layout="κύκλος", equipment=["οθόνη"])
    hall.step_free, hall.setup_minutes, hall.takedown_minutes = True, 30, 15
    attic = Room(slug="attic", name="Σοφίτα", campus=campus, capacity=200, step_free=False)
    attic.office, attic.needs_approval, attic.outside_reference = outreach, True, "7"
    far = Room(slug="far", name="Μακριά", campus=other, capacity=40)
    people = [
        Expert(slug=f"expert-{slug}", name=name, organization=port, office=outreach, zone=PACIFIC, topics=[topic])
        for slug, name in (("one", "Άλφα"), ("two", "Βήτα"), ("three", "Γάμμα"))
    ]
    for expert in people:
        expert.email, expert.max_per_day = f"{expert.slug}@port.example", 2
    db.session.add_all([college, port, office, outreach, campus, other, empty, topic, hall, attic, far, *people])
    db.session.flush()
    for room in (hall, attic, far):
        resources.register(room_id=room.id)
    for expert in people:
        resources.register(expert_id=expert.id)
    for origin, destination in ((campus, other), (other, campus)):
        db.session.add(Travel(from_campus_id=origin.id, to_campus_id=destination.id, minutes=70))


GREEK = {
    "title": "Ομιλία",
    "description": "Λόγια για *όλους*.",
    "rooms": ("hall",),
    "experts": ("expert-one", "expert-two"),
    "topics": ("topic",),
    "co_hosts": ("port",),
    "audience": ("φοιτητές",),
    "expected_heads": 12,
}


@dataclass
class Reader:
    """Opens pages and notes what is Latin on them."""

    world: World

    def __post_init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        self.seen: set[str] = set()

    def read(self, browser: Browser, path: str, *, about: str = "") -> None:
        """A page by its address."""
        browser.get(path)
        self.look(browser, about or path)

    def look(self, browser: Browser, about: str) -> None:
        """The page that a browser shows now."""
        with self.world.app.test_request_context(browser.path, base_url=PUBLIC_URL) as context:
            self.seen.add(str(context.request.endpoint))
        latin = pseudo.latin_in(browser.page)
        if latin:
            self.found[about] = latin


def pressed(browser: Browser, label: str, **values: object) -> None:
    """Press the button that says so in the pseudo-language."""
    browser.submit(pseudo.disguised(label), **values)


@pytest.fixture
def reader(greek: World) -> Reader:
    return Reader(greek)


@pytest.fixture
def signed_in(greek: World) -> Browser:
    browser = Browser(greek.app)
    browser.get("/sign-in")
    pressed(browser, "Sign in", values={"token": "the administrator's token in tests"})
    return browser


PATHS = (
    "/",
    "/?kind=workshop",
    f"/?campus={PASADENA}&within=25&topic=topic&q=ο",
    "/month/2027-02",
    "/month/2031-01",
    "/week/2027-02-10",
    "/calendars",
    "/calendars/all",
    f"/calendars/campus/{PASADENA}",
    "/calendars/kind/meeting",
    "/calendars/language/en",
    "/calendars?q=ψψψ",
    f"/calendars/combine?campus={PASADENA}",
    "/sign-in",
    "/privacy-notice",
    "/search",
    "/search?q=Ομιλία",
    "/search?q=ψψψ",
    "/search?q=-",
    "/board",
    f"/board?campus={PASADENA}&day=2027-02-10",
    f"/board?campus={PASADENA}&week=2027-02-10",
    "/board?campus=empty",
    # Addresses with nothing behind them.
    "/nowhere",
    "/month/13",
    "/week/13",
    "/?kind=x",
    "/?campus=ξ",
    "/?cursor=ξ",
    "/calendars/kind/x",
    "/answer/ξ",
    "/problems/ξ",
    "/docs/api",
)
PLANNERS_PATHS = (
    "/experts/expert-one/week?day=2027-02-10",
    "/",
    "/plan",
    f"/plan?campus={PASADENA}",
    "/plan?copy=EVENT",
    "/requests",
    "/asked/2027-02-10",
    "/asked/2027-02-10?ticked=all",
    "/asked/2090-01-01",
    "/doctor",
    "/audit",
    "/audit?verb=x",
    "/audit/verified",
    "/privacy",
    "/offices/office/take-out",
    "/outside-calendars",
    "/imports",
    "/offices/office/imports",
    "/search?q=Ομ",
    f"/board?campus={PASADENA}&day=2027-02-10",
    f"/board?campus={PASADENA}&week=2027-02-10",
    "/events/EVENT",
    "/events/EVENT/move",
    "/events/EVENT/edit",
    "/events/EVENT/count",
    "/register",
    "/register?from=2027-02-01&until=2027-01-01",
    "/register/behind?number=asked",
    "/events/DRAFT",
    "/outbox",
    "/outbox?to=nobody",
    "/letters",
    "/letters/thanks/es",
    "/offices/port-outreach/monday",
    "/letters/x/es",
    "/outbox?state=sent",
    "/outbox?state=x",
    "/outbox/x",
    "/outbox/paused",
    "/outbox/state",
)


def test_every_page_that_the_public_reads(greek, visitor, reader):
    event_id = greek.plan(**GREEK)
    greek.plan(builders.at("2027-02-12T14:00"), title="Άλλη", online_url="https://meet.example/x")
    off = greek.plan(builders.at("2027-02-11T09:00"), title="Τέλος")
    greek.run(withdraw_event, off)
    events = (f"/events/{event_id}", f"/events/{off}", "/events/1", "/events/1/cancel")
    kinds = (f"/problems/{slug}" for slug in problem_pages.KINDS)
    for path in (*PATHS, *events, *kinds):
        reader.read(visitor, path)
    reader.read(visitor, "/sign-in")
    pressed(visitor, "Sign in", values={"token": "ξ"})
    reader.look(visitor, "a wrong token")
    assert reader.found == {}
    assert PUBLIC_PAGES - reader.seen == set()


def test_every_page_of_those_who_plan(greek, signed_in, reader):
    event_id = greek.plan(**GREEK)
    draft = greek.plan(builders.at("2027-02-12T14:00"), title="Πρόχειρο", published=False)
    for path in PLANNERS_PATHS:
        reader.read(signed_in, path.replace("EVENT", event_id).replace("DRAFT", draft), about=path)
    with greek.app.app_context():
        letters = [str(message.public_id) for message in db.session.query(Message)]
    assert letters
    page = signed_in.get(f"/outbox/{letters[0]}")
    page.title.decompose()  # the subject, in the language of whoever gets the letter
    reader.seen.add("outbox.letter")
    assert pseudo.latin_in(page) == []
    assert PLANNERS_PAGES - reader.seen == set()
    assert reader.found == {}


def test_every_no_of_the_planning_form(greek, signed_in, reader):
    greek.plan(**GREEK)
    reader.read(signed_in, f"/plan?campus={PASADENA}")
    wrong = {"title": "", "expected_heads": "ξ", "online_url": "ξ", "date": "", "duration_minutes": "0"}
    pressed(signed_in, "Plan", values=wrong)
    reader.look(signed_in, "empty and wrong fields")
    wish = {"title": "Αργά", "date": "2027-02-10", "time": "14:00", "duration_minutes": "60", "expected_heads": "500"}
    signed_in.get(f"/plan?campus={PASADENA}")
    pressed(signed_in, "Plan", values={**wish, "rooms": "hall", "experts": "expert-one"})
    assert signed_in.status == 409
    reader.look(signed_in, "clashes")
    signed_in.get("/plan?campus=other")
    pressed(signed_in, "Plan", values={**wish, "time": "16:00", "rooms": "far", "experts": "expert-one"})
    reader.look(signed_in, "too far")
    for day, at in (("2027-03-14", "02:30"), ("2027-11-07", "01:30"), ("2020-01-01", "10:00"), ("2027-02-30", "10:00")):
        signed_in.get(f"/plan?campus={PASADENA}")
        pressed(signed_in, "Plan", values={"title": "Νύχτα", "date": day, "time": at})
        reader.look(signed_in, f"{day} {at}")
    for label in ("Check only", "Keep as a draft"):
        signed_in.get(f"/plan?campus={PASADENA}")
        pressed(signed_in, label, values={"title": "Ελεύθερο", "date": "2027-02-20", "time": "10:00"})
        reader.look(signed_in, label)
    assert reader.found == {}


def test_the_page_of_a_rooms_office_and_what_planners_see_of_it(greek, visitor, signed_in, reader):
    event_id = greek.plan(**{**GREEK, "rooms": ("attic",)})
    path = greek.room_answer_path(event_id)
    reader.read(visitor, path, about="asked")
    for browser, page in (
        (visitor, f"/events/{event_id}"),
        (signed_in, f"/events/{event_id}"),
        (signed_in, "/requests"),
    ):
        reader.read(browser, page, about=f"requested {page}")
    for label, values in (
        ("Yes, grant the room", {"reference": "ξ" * 121}),
        ("Yes, grant the room", {"reference": "42"}),
        ("No, it cannot be had", {"reason": "όχι"}),
    ):
        visitor.get(path)
        pressed(visitor, label, values=values)
        reader.look(visitor, f"{label} {values}")
        reader.read(signed_in, f"/events/{event_id}", about=f"after {label} {values}")
    reader.read(signed_in, "/requests", about="declined")
    pressed(signed_in.get(f"/events/{event_id}") and signed_in, "The room is granted", values={"reference": "ξ" * 121})
    reader.look(signed_in, "a number that is too long")
    greek.run(withdraw_event, event_id)
    reader.read(visitor, path, about="off")
    assert reader.found == {}


def test_what_invited_people_say_and_what_offices_do_with_it(greek, visitor, signed_in, reader, still):
    event_id = greek.plan(**{**GREEK, "experts": ("expert-one",), "rooms": ("hall",)})
    greek.plan(builders.at("2027-02-12T14:00"), title="Άλλη", rooms=("hall",))
    path, page = greek.answer_path(event_id), f"/events/{event_id}"
    past, taken = {"date_1": "2020-01-01", "time_1": "10:00"}, {"date_1": "2027-02-12", "time_1": "14:00"}
    free = {"date_1": "2027-02-11", "time_1": "10:00", "date_2": "2027-02-13", "time_2": "10:00", "note": "ναι"}
    same = {**free, "date_2": "2027-02-11"}
    for label, values in (
        ("Perhaps", {}),
        ("Propose these times", {}),
        ("Propose these times", past),
        ("Propose these times", taken),
        ("Propose these times", same),
        ("Propose these times", free),
    ):
        visitor.get(path)
        pressed(visitor, label, values=values)
        reader.look(visitor, f"{label} {values}")
        reader.read(signed_in, page, about=f"after {label} {values}")
    for label, values in (
        ("None of these times is possible", {"reason": "όχι"}),
        ("Write", {"words": ""}),
        ("Write", {"words": "Υπάρχει ασανσέρ;"}),
        ("Comes (Άλφα)", {}),
    ):
        pressed(signed_in.get(page) and signed_in, label, values=values)
        reader.look(signed_in, label)
        reader.read(visitor, path, about=f"after {label}")
    reader.read(signed_in, "/asked/2027-02-10", about="answered")
    still.move_to(datetime.fromisoformat("2027-02-10T10:00-08:00"))
    signed_in.get("/sign-in")
    pressed(signed_in, "Sign in", values={"token": "the administrator's token in tests"})
    for label, values in (
        ("I will be late", {"late_minutes": "999"}),
        ("I will be late", {"late_minutes": "20"}),
        ("I am here", {}),
        ("Say no, and name them", {"colleague": "expert-two"}),
    ):
        visitor.get(path)
        pressed(visitor, label, values=values)
        reader.look(visitor, label)
        reader.read(signed_in, page, about=f"after {label}")
    assert reader.found == {}


SERIES = {"title": "Σειρά", "date": "2027-02-10", "time": "14:00", "duration_minutes": "60", "rooms": "hall"}


def test_every_page_of_a_series(greek, signed_in, reader):
    greek.plan(builders.at("2027-02-17T14:00"), title="Άλλη", rooms=("hall",))
    begin = f"/plan/series?campus={PASADENA}"
    reader.read(signed_in, "/series", about="no series")
    reader.read(signed_in, "/plan/series")
    reader.read(signed_in, begin)
    wrong = {"count": "", "interval": "0", "title": ""}
    for more in (
        wrong,
        {"count": "999"},
        {"ends": "until", "until": "2020-01-01"},
        {"ends": "until", "until": "2090-01-01"},
    ):
        signed_in.get(begin)
        pressed(signed_in, "Check only", values={**SERIES, **more})
        reader.look(signed_in, f"wrong {more}")
    for rule in (
        {"count": "3"},
        {"count": "1"},
        {"repeats": "monthly", "count": "2"},
        {"repeats": "dates", "dates": "2027-02-17"},
    ):
        signed_in.get(begin)
        pressed(signed_in, "Check only", values={**SERIES, **rule})
        reader.look(signed_in, f"checked {rule}")
    signed_in.get(begin)
    pressed(
        signed_in,
        "Show the rooms of these campuses",
        values={**SERIES, "repeats": "campaign", "stops": [PASADENA, "other"]},
    )
    reader.look(signed_in, "stops")
    pressed(signed_in, "Plan all", within="#planning", values={"stop_rooms": "hall", "date": "2027-02-24"})
    reader.look(signed_in, "a campaign")
    signed_in.get(begin)
    pressed(signed_in, "Plan all", within="#planning", values={**SERIES, "count": "3", "weekdays": ["wednesday"]})
    reader.look(signed_in, "refused")
    sent = signed_in._filled(signed_in.page.select_one("#planning"))
    signed_in.post("/plan/series", {**sent, "act": "rest"})
    assert signed_in.path.startswith("/series/")
    reader.look(signed_in, "a series that lacks a date")
    pressed(signed_in, "Try again")
    reader.look(signed_in, "tried again")
    event = signed_in.page.select(".dates a")[0]["href"]
    for path in (event, f"{event}/move", f"{event}/edit"):
        reader.read(signed_in, path)
    reader.read(signed_in, "/series")
    assert reader.found == {}
    assert reader.seen >= SERIES_PAGES


def test_what_is_said_after_each_act(greek, signed_in, reader):
    event_id = greek.plan(published=False, **GREEK)
    for label in ("Publish", "Record the host’s yes"):
        signed_in.get(f"/events/{event_id}")
        pressed(signed_in, label)
        reader.look(signed_in, label)
    for verb in ("publish", "confirm", "request", "decline", "postpone", "cancel", "restore", "cancel", "cancel"):
        signed_in.post(f"/events/{event_id}/{verb}", {"reason": "ξ"})
        reader.look(signed_in, verb)
        signed_in.get(f"/events/{event_id}")
    signed_in.get(f"/events/{event_id}/edit")
    pressed(signed_in, "Save the words", values={"title": ""})
    reader.look(signed_in, "an empty title")
    assert reader.found == {}


def test_every_state_of_the_answer_page(greek, visitor, signed_in, reader):
    event_id = greek.plan(**GREEK)
    path, season = greek.answer_path(event_id), greek.season_path()
    reader.read(visitor, path, about="asked")
    for answer in (AnswerWord.ACCEPT, AnswerWord.DECLINE):
        button = visitor.page.select_one(f"main button[value={answer}]")
        visitor.submit(button.get_text().strip())
        reader.look(visitor, f"said {answer}")
        reader.read(visitor, season, about=f"season, said {answer}")
        visitor.get(path)
    reader.read(visitor, f"{season}/letters")
    pressed(visitor, "Keep this", values={"zone": "ω"})
    reader.look(visitor, "no such zone")
    reader.read(visitor, f"{season}/calendars")
    pressed(visitor, "Make the address", values={"made_for": ""})
    reader.look(visitor, "no address")
    pressed(visitor, "Make the address", values={"made_for": "ω"})
    reader.look(visitor, "an address")
    refused_ones = {
        "nothing": {},
        "an old turn": {"answer": "accept", "turn": "9"},
        "too much": {"answer": "decline", "reason": "ξ" * 1001},
    }
    for about, values in refused_ones.items():
        visitor.get(path)
        visitor.post(path, values)
        assert visitor.status >= HTTPStatus.BAD_REQUEST
        reader.look(visitor, about)
    signed_in.get(f"/events/{event_id}")
    signed_in.post(f"/events/{event_id}/withdraw", {"reason": ""})
    reader.read(visitor, path, about="withdrawn")
    assert reader.found == {}


def test_the_pages_after_an_event(greek, visitor, signed_in, reader, still):
    event_id = greek.plan(**{**GREEK, "experts": ("expert-one",)})
    path = greek.answer_path(event_id)
    visitor.get(path)
    visitor.submit(visitor.page.select_one("main button[value=accept]").get_text().strip())
    greek.run(confirm_as_host, event_id)
    with greek.app.app_context():
        over = get_event(event_id).ends_at
        links = services().links
        count, late = (links.count(event_id, over + timedelta(days=days)) for days in (30, -1))
        count, late = (address.removeprefix(PUBLIC_URL) for address in (count, late))
    reader.read(visitor, count, about="not begun")
    still.move_to(over)
    with greek.app.app_context():
        assert complete_ended(over) == 1
    reader.read(visitor, late, about="too late")
    reader.read(visitor, count, about="asked")
    reader.read(signed_in, f"/events/{event_id}", about="awaited")
    for values in ({"heads": "ξ"}, {"heads": "1", "students": "2"}, {"heads": "9", "students": "2", "families": "1"}):
        pressed(visitor, "Keep the number", values=values)
        reader.look(visitor, f"{values}")
    questions = visitor.page.select_one("a[href*='/feedback/']")["href"].removeprefix(PUBLIC_URL)
    reader.read(visitor, questions, about="questions")
    for values in ({"comment": "ξ"}, {"score": "4", "comment": "ξ"}):
        pressed(visitor, "Send", values=values)
        reader.look(visitor, f"{values}")
    choose = links.letters("α@β.ελ", "thanks", "en", over).removeprefix(PUBLIC_URL)
    still.move_to(over - timedelta(days=1))
    reader.read(visitor, choose, about="letters")
    pressed(visitor, "Stop these letters")
    reader.look(visitor, "letters stopped")
    still.move_to(over)
    for page in (f"/events/{event_id}", f"/events/{event_id}/count"):
        reader.read(signed_in, page, about=f"counted {page}")
    for by in ("whole", "month"):
        reader.read(signed_in, f"/register?by={by}", about=by)
    for number in ("asked", "counted", "missing"):
        reader.read(signed_in, f"/register/behind?number={number}", about=number)
    assert reader.found == {}


@pytest.fixture(params=ENGINES)
def demo(request: pytest.FixtureRequest, in_pseudo: None) -> Iterator[Flask]:
    with (
        time_machine.travel(NOW, tick=False),
        demos.running(request.getfixturevalue(f"{request.param}_databases"), NOW) as app,
    ):
        yield app


def _made_up_for_the_component_sheet() -> set[str]:
    """Titles and names of its examples."""
    tree = ast.parse(Path(examples.__file__).read_text())
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in strings if text[:1].isupper() or text[:1].isdigit()}


def test_the_pages_of_the_demo(demo):
    with demo.app_context():
        kinds = (Organization, Office, Campus, Room, Expert, Topic)
        names = {thing.name for kind in kinds for thing in db.session.scalars(select(kind))}
        names |= {event.title for event in db.session.scalars(select(Event))}
    names |= {"wrong", *_made_up_for_the_component_sheet()}
    browser, found = Browser(demo), {}
    for path in ("/demo", "/demo", "/design"):
        page = browser.get(path)
        if latin := pseudo.latin_in(page, names):
            found[path] = latin
        if path == "/demo":
            for step in page.select("button[name=step]")[:1]:
                browser.submit(step.get_text().strip())
    assert found == {}


def test_no_page_is_left_out(greek):
    """Every page's endpoint is read by one of the tests above, or has a reason."""
    pages = {
        rule.endpoint
        for rule in greek.app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint.startswith(("pages.", "guests.", "outbox."))
    }
    known = (
        PUBLIC_PAGES
        | PLANNERS_PAGES
        | SERIES_PAGES
        | ANSWERED
        | OF_ACCOUNTS
        | SETTING_UP
        | WISHES
        | MAIL
        | WITHOUT_OUR_WORDS
    )
    assert pages == known | PARTNERS | MAIL | FEEDS | REMINDERS | REACHED


PUBLIC_PAGES = {
    "pages.board",
    "pages.listing",
    "pages.week",
    "pages.month",
    "pages.calendars",
    "pages.subscribe_to_all",
    "pages.subscribe",
    "pages.combine",
    "pages.event",
    "pages.problem_kind",
    "pages.api_docs",
    "pages.search",
    "pages.sign_in",
    "pages.privacy_notice",
}
# Read in test_untranslated_accounts.py.
OF_ACCOUNTS = {
    "pages.account",
    "pages.own_letters",
    "pages.office_letters",
    "pages.private_calendars",
    "pages.private_calendar",
    "pages.webhooks",
    "pages.all_webhooks",
    "pages.webhook",
    "pages.sign_in_code",
    "pages.sign_in_link",
    "pages.back_from_elsewhere",
    "pages.signed_out",
    "pages.home",
    "pages.absences",
    "pages.handing_over",
    "pages.missing",
    "pages.people",
    "pages.person",
    "guests.door",
}
SETTING_UP = {  # test_untranslated_setup.py
    "pages.set_up_college",
    "pages.set_up_colleges",
    "pages.set_up_new",
    "pages.set_up_ready",
    "pages.set_up_step",
}
PARTNERS = {  # test_untranslated_partner.py
    "pages.asking",
    "pages.partner_board",
    "pages.partner_boards",
    "pages.partner_dates",
    "pages.partner_round",
    "pages.partner_rounds",
}
WISHES = {
    "pages.ask",
    "pages.employers",
    "pages.employers_of",
    "pages.my_requests",
    "pages.offered_date",
    "pages.offered_dates",
    "pages.our_round",
    "pages.wish",
}  # test_untranslated_wishes.py
MAIL = {"pages.mail_for_review", "pages.received_mail", "pages.mail_of_event", "pages.mail_clients"}
FEEDS = {"pages.feed_statistics", "pages.all_paired", "pages.paired"}  # test_untranslated_feeds.py
# Of reminders; read in test_untranslated_feeds.py.
REMINDERS = {
    "pages.reminders",
    "pages.reminder_rules",
    "pages.reminders_of_organization",
    "pages.reminders_of_event",
}
REACHED = {"pages.reached", "pages.door_sign"}  # test_untranslated_feeds.py
PLANNERS_PAGES = {
    "pages.audit",
    "pages.audit_verified",
    "pages.privacy",
    "pages.office_take_out",
    "pages.board",
    "pages.edit",
    "pages.count_event",
    "pages.register",
    "pages.register_behind",
    "pages.event",
    "pages.examination",
    "pages.listing",
    "pages.move",
    "pages.person_week",
    "pages.plan",
    "pages.search",
    "pages.outside_calendars",
    "pages.imports",
    "pages.office_imports",
    "pages.waiting",
    "pages.asked",
    "outbox.inbox",
    "pages.delivery",
    "pages.delivery_state",
    "outbox.letter",
    "pages.sample_letters",
    "pages.monday",
    "pages.sample_letter",
}
SERIES_PAGES = {"pages.all_series", "pages.plan_a_series", "pages.series"}
ANSWERED = {"guests.how_many", "guests.feedback", "guests.season", "guests.briefing", "guests.room_request"}
ANSWERED |= {"guests.season_calendars", "guests.season_letters", "guests.letters_chosen"}
# A letter as a document of its own is in the language of whoever gets it (tests/domain/outbox); robots read theirs.
# Leads on at once.
WITHOUT_OUR_WORDS = {"pages.asked_now", "outbox.html", "pages.robots", "pages.audit_csv", "pages.register_csv"}
WITHOUT_OUR_WORDS |= {
    "pages.mail_as_it_came",
    "outbox.calendar",
    "pages.sample_letter_html",
    "pages.monday_html",
}  # somebody else's, and a program's
