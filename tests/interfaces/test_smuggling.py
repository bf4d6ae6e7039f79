"""Words that would be more than words: headers within names and titles, and fields of a million letters."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from time import perf_counter

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_organizations import OfficeRow, OrganizationRow, save_office, save_organization
from eventsvc.workflows.keep_people import ExpertRow, save_expert
from eventsvc.workflows.keep_places import CampusRow, RoomRow, save_campus, save_room
from tests import builders
from tests.conftest import NOW
from tests.interfaces import pages
from tests.interfaces.browser import Browser
from tests.interfaces.pages import PASADENA

pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00", "\x1b"]
SMUGGLED = [f"Careers{mark}Bcc: everybody@evil.example" for mark in BREAKS]
HARMLESS = [
    "Careers%0d%0aBcc: everybody@evil.example",
    "=?utf-8?q?Careers=0D=0ABcc:_everybody@evil.example?=",
    "=?utf-8?b?Q2FyZWVycw0KQmNjOiBldmVyeWJvZHlAZXZpbC5leGFtcGxl?=",
    'Careers" <everybody@evil.example>, "x',
    "Careers, everybody@evil.example",
    "Careers\\r\\nBcc: everybody@evil.example",
    "Ada;CN=x:mailto:everybody@evil.example",
    "END:VEVENT BEGIN:VEVENT",
    "Café – „Ürün“ 仕事 😀 " + "x" * 150,
]


@pytest.mark.parametrize("words", SMUGGLED, ids=repr)
def test_a_line_break_of_any_kind_is_no_part_of_a_name_or_a_title(bare_app, admin, words):
    world = pages.make(bare_app)
    event = world.plan()
    plan = {"kind": "meeting", "title": words, "campus": PASADENA, "starts_local": "2027-02-10T14:00"}
    answer = admin.post("/api/v1/events", json={**plan, "duration_minutes": 60})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "title")
    tag = admin.get(f"/api/v1/events/{event}").headers.get("ETag", "")
    edited = admin.patch(f"/api/v1/events/{event}", json={"title": words}, headers={"If-Match": tag})
    assert edited.status_code == 422
    with bare_app.app_context():
        for save, row in rows_named(words):
            with pytest.raises(InvalidInput), transaction():
                save(row, **WHO)
        with pytest.raises(InvalidInput), transaction():
            keep_accounts.add_account("ada@example.edu", words, **WHO)
        with pytest.raises(InvalidInput), transaction():
            keep_accounts.add_account(f"ada@example.edu{words}", "Ada Example", **WHO)


def rows_named(words: str):
    return [
        (save_organization, OrganizationRow(name=words, slug="new", kind="college")),
        (save_office, OfficeRow(name=words, organization="port-of-los-angeles", zone=builders.PACIFIC)),
        (save_campus, CampusRow(name=words, organization="port-of-los-angeles", zone=builders.PACIFIC)),
        (save_room, RoomRow(name=words, campus=PASADENA)),
        (save_expert, ExpertRow(name=words, organization="port-of-los-angeles", email="x@port.example")),
    ]


@pytest.mark.parametrize("words", HARMLESS, ids=range(len(HARMLESS)))
def test_words_that_look_like_more_stay_words_in_mails_calendars_and_headers(bare_app, words, public):
    world = pages.make(bare_app)
    with bare_app.app_context(), transaction():
        for kind in (Expert, Office, Organization, Campus):
            for one in db.session.scalars(select(kind)):
                one.name = words[:120]
    event = world.plan(title=words, rooms=("harbor-hall",), experts=("expert-one",))
    with bare_app.app_context():
        made = services()
        messages = db.session.scalars(select(Message)).all()
        assert messages
        for message in messages:
            raw = letters.render(message, made.links, made.sender).as_bytes()
            mail = message_from_bytes(raw, policy=policy.default)
            assert mail.defects == []
            assert set(mail.keys()) <= HEADERS, words
            assert [one.addr_spec for one in mail["To"].addresses] == [message.to_address]
            assert len(mail["From"].addresses) == 1
            head = raw.partition(b"\r\n\r\n")[0]
            assert not re.search(rb"^bcc:", head, re.MULTILINE | re.IGNORECASE)
            for part in mail.walk():
                if part.get_content_type() == "text/calendar":
                    _holds_one_entry(part.get_content())
    for path in (f"/events/{event}.ics", "/feeds/all.ics"):
        answer = public.get(path)
        _holds_one_entry(answer.get_data(as_text=True))
        assert re.fullmatch(r'(attachment|inline); filename="[a-z0-9_.-]+"', answer.headers["Content-Disposition"])


def _holds_one_entry(calendar: str) -> None:
    lines = calendar.replace("\r\n ", "").split("\r\n")
    assert [line for line in lines if line.startswith("BEGIN:")] == ["BEGIN:VCALENDAR", "BEGIN:VEVENT"]
    assert not any("\n" in line or "\r" in line for line in lines)
    assert len([line for line in lines if line.startswith("SUMMARY")]) == 1


HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
HEADERS |= {"Content-Language", "Content-Transfer-Encoding", "Reply-To", "Content-class"}


def test_an_address_with_a_strange_letter_gets_no_letter_and_breaks_nothing(bare_app):
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    for email in (
        "a\x00da@example.edu",
        "ada@exa\u2028mple.edu",
        "\ud83d@example.edu",
        "ada@example.edu\r\nBcc: x@y.example",
    ):
        browser = Browser(bare_app)
        browser.get("/sign-in")
        browser.post("/sign-in", {"email": email.encode("utf-8", "surrogatepass")})
        assert browser.status in (200, 400, 422), email


def test_a_header_that_is_sent_never_comes_back_as_a_header(public):
    evil = "x\r\nSet-Cookie: y=z"
    for path in (f"/{evil}", f"/calendars/campus/{evil}", f"/problems/{evil}", f"/sign-in?next=/{evil}"):
        answer = public.get(path)
        assert "Set-Cookie" not in answer.headers or "y=z" not in answer.headers["Set-Cookie"]
        assert not any("\n" in value or "\r" in value for _, value in answer.headers)


# --- a million letters ---------------------------------------------------------------------------------------------

LONG = "x" * 390_000  # as long as fits into a request at all; a million are refused before they are read
SLOW_SECONDS = 8.0  # of a machine that does other things, too; a rule that reads a text letter by letter takes minutes


def test_every_text_of_every_json_body_refuses_a_long_one_at_once(bare_app, admin):
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    event = pages.make(bare_app).plan()
    document = admin.get("/api/v1/openapi.json").json
    tried = 0
    for path, entry in document["paths"].items():
        address = re.sub(r"\{(\w+)\}", lambda found: event if found[1] == "event_id" else "nothing", path)
        for method in entry.keys() & {"post", "put", "patch"}:
            body = entry[method].get("requestBody", {}).get("content", {}).get("application/json")
            for field in texts(document, body["schema"]) if body else ():
                begun = perf_counter()
                answer = admin.open(address, method=method.upper(), json=field, headers={"If-Match": '"1"'})
                assert 400 <= answer.status_code < 500, (method, path, field.keys())
                assert perf_counter() - begun < SLOW_SECONDS, (method, path, field.keys())
                assert len(answer.data) < 20_000, "the answer does not repeat it"
                tried += 1
    assert tried > 60


def texts(document, schema):
    """A body for each member that takes text, with that member alone, or in a list."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for name, member in schema.get("properties", {}).items():
        kinds = member.get("type", "string")
        if "string" in kinds or "enum" in member:
            yield {name: LONG}
        elif kinds == "array" and "$ref" not in member.get("items", {}):
            yield {name: [LONG]}


@pytest.mark.parametrize("path", ["/api/v1/events?{}", "/api/v1/search?{}", "/api/v1/rooms?{}", "/?{}", "/search?{}"])
def test_every_word_of_a_query_refuses_a_long_one_at_once(bare_app, admin, path):
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    for name in ("q", "campus", "kind", "topic", "cursor", "from", "lang", "limit", "expert"):
        begun = perf_counter()
        answer = admin.get(path.format(f"{name}={LONG[:200_000]}"))
        assert answer.status_code < 500, (path, name)
        assert perf_counter() - begun < SLOW_SECONDS, (path, name)


def test_every_text_of_every_form_refuses_a_long_one_at_once(bare_app, world):
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    event = world.plan(builders.at("2027-02-20T10:00"), rooms=("harbor-hall",), experts=("expert-one",))
    with bare_app.app_context(), transaction():
        keep_accounts.add_account("ada@example.edu", "Ada Example", **WHO)
    browser = Browser(bare_app)
    browser.sign_in()
    forms = [f"/plan?campus={PASADENA}", f"/plan/series?campus={PASADENA}", f"/events/{event}/edit", "/sign-in"]
    forms += [f"/events/{event}/move", f"/events/{event}", "/outside-calendars", world.answer_path(event)]
    tried = 0
    for path in forms:
        page = browser.get(path)
        assert browser.status == 200, path
        path = browser.path
        for form in page.find("main").find_all("form", method="post"):
            for field in form.find_all(["input", "textarea", "select"]):
                name = field.get("name")
                if not name or name == "csrf_token" or field.get("type") == "file":
                    continue
                sent = {**browser._filled(form), name: LONG}
                begun = perf_counter()
                answer = browser._client.post(form.get("action") or path, data=sent, **browser._as_browser())
                assert answer.status_code < 500, (path, name)
                assert perf_counter() - begun < SLOW_SECONDS, (path, name)
                tried += 1
    assert tried > 40
    with bare_app.app_context():
        assert max(len(str(one.facts)) for one in db.session.scalars(select(Message))) < 50_000
