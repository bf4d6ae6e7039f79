"""Privacy through its doors: pages, JSON and the command line say the same, to those who may."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.domain.events.models import Event
from eventsvc.domain.privacy.models import Access, LegalHold
from eventsvc.interfaces.cli import main
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from tests import builders, databases, privacy_world
from tests.databases import ADMIN_TOKEN
from tests.interfaces.browser import Browser
from tests.privacy_world import EMAIL, NAME, WHO

API = "/api/v1/privacy"


@pytest.fixture
def world(still, bare_app):
    with bare_app.app_context():
        with transaction():
            made = privacy_world.make()
            made.office = db.session.get_one(Event, made.event_id).owner.slug
        db.session.remove()
    return made


def as_program(app, email: str):
    with app.app_context(), transaction():
        _, secret = make_token(email, "a program", list(Scope), days=30, **WHO)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_json_exports_and_erases_one_person(world, admin):
    found = admin.post(f"{API}/export", json={"email": EMAIL, "purpose": "she asked for it"})
    assert (found.status_code, found.json["email"]) == (200, EMAIL)
    assert admin.post(f"{API}/export", json={"email": EMAIL}).status_code == 422
    would = admin.post(f"{API}/erase?dry_run=true", json={"email": EMAIL})
    assert would.json["rows"]["accounts"] == 1
    hold = admin.post(f"{API}/holds", json={"email": EMAIL, "reason": "case 27-114"})
    assert hold.status_code == 201
    refused = admin.post(f"{API}/erase", json={"email": EMAIL})
    assert (refused.status_code, refused.json["type"].rsplit("/")[-1]) == (409, "legal-hold")
    assert "case 27-114" in refused.json["detail"]
    assert admin.post(f"{API}/holds/{hold.json['id']}/lift").json["lifted_at"]
    assert [one["lifted_at"] is None for one in admin.get(f"{API}/holds").json["items"]] == [False, False]
    assert admin.post(f"{API}/erase", json={"email": EMAIL}).status_code == 200
    assert admin.post(f"{API}/erase", json={"email": EMAIL}).status_code == 404


def test_she_has_it_herself_by_a_program_that_may_manage(world, bare_app):
    with bare_app.app_context(), transaction():
        _, reading = make_token(EMAIL, "a reader", [Scope.READ], days=30, **WHO)
    wish = {"email": EMAIL, "purpose": "to see what is known"}
    found = as_program(bare_app, EMAIL).post(f"{API}/export", json=wish)
    assert (found.status_code, found.json["email"]) == (200, EMAIL)
    assert {tuple(one) for one in found.json["mentions"]} == {("columns", "table")}
    headers = {"Authorization": f"Bearer {reading}"}
    assert bare_app.test_client().post(f"{API}/export", json=wish, headers=headers).status_code == 403


def test_names_leave_for_a_purpose_and_the_person_reads_it(world, bare_app, admin):
    refused = admin.post(f"{API}/names", json={"records": "experts"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "purpose")
    wish = {"records": "experts", "purpose": "badges for the fair"}
    assert NAME in {row["name"] for row in admin.post(f"{API}/names", json=wish).json["rows"]}
    for records in ("accounts", "contacts"):
        assert admin.post(f"{API}/names", json={**wish, "records": records}).json["number"] > 0
    hers = as_program(bare_app, EMAIL)
    read = [one["purpose"] for one in hers.get(f"{API}/accesses").json["items"]]
    assert read == ["badges for the fair", "badges for the fair", "print the program"]
    assert hers.post(f"{API}/names", json=wish).status_code == 403
    mine = hers.post(f"{API}/names", json={**wish, "office": "outreach"})
    assert {row["name"] for row in mine.json["rows"]} == {NAME, "Bo"}
    assert hers.post(f"{API}/names", json={**wish, "office": world.office}).status_code == 403


def test_a_list_of_an_offices_people_does_not_say_what_they_are_elsewhere(world, bare_app, admin):
    with bare_app.app_context(), transaction():
        builders.an_office("elsewhere", of=builders.an_organization("another-college"))
        keep_accounts.give_role(EMAIL, Role.COUNSELOR, office="elsewhere", **WHO)
    hers = as_program(bare_app, EMAIL)
    wish = {"records": "accounts", "purpose": "badges for the fair"}
    (row,) = hers.post(f"{API}/names", json={**wish, "office": "outreach"}).json["rows"]
    assert row["roles"] == "partner at outreach"
    of_all = {row["email"]: row["roles"] for row in admin.post(f"{API}/names", json=wish).json["rows"]}
    assert of_all[EMAIL] == "partner at outreach; counselor at elsewhere"


def test_a_stranger_and_a_colleague_reach_nothing(world, bare_app, public):
    other = as_program(bare_app, "bo@port.example")
    for path in ("export", "erase", "names", "holds", "records"):
        body = {
            "email": EMAIL,
            "purpose": "curiosity",
            "reason": "because",
            "first": "2027-01-01",
            "last": "2027-02-01",
        }
        known = {"export": ("email", "purpose"), "erase": ("email",), "names": ("purpose",)}
        known |= {"holds": ("email", "reason"), "records": ("first", "last", "purpose")}
        sent = {name: body[name] for name in known[path]}
        assert public.post(f"{API}/{path}", json=sent).status_code == 401
        assert other.post(f"{API}/{path}", json=sent).status_code == 403, path
    assert other.post(f"/api/v1/offices/{world.office}/take-out", json={"purpose": "curiosity"}).status_code == 403


def test_zips_come_by_json(world, bare_app, admin):
    wish = {"first": "2027-01-01", "last": "2027-12-31", "purpose": "request 27-1"}
    answer = admin.post(f"{API}/records", json=wish)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert json.loads(archive.read("manifest.json"))["version"] == "redacted"
    assert admin.post(f"{API}/records", json={"purpose": "request 27-1"}).status_code == 422
    hers = as_program(bare_app, EMAIL)
    taken = hers.post("/api/v1/offices/outreach/take-out", json={"purpose": "we move"})
    assert "experts.csv" in zipfile.ZipFile(io.BytesIO(taken.data)).namelist()
    assert admin.post("/api/v1/offices/outreach/take-out", json={}).status_code == 422


def test_the_page_does_all_of_it(world, bare_app):
    browser = Browser(bare_app)
    browser.sign_in()
    browser.get("/privacy")
    browser.submit("Place a legal hold", values={"reason": "case 27-114", "email": EMAIL})
    assert "case 27-114" in browser.text
    browser.submit("See what erasing would do", values={"email": EMAIL})
    assert browser.status == 409
    assert "case 27-114" in browser.text
    browser.get("/privacy")
    browser.submit("Lift this hold")
    browser.submit("See what erasing would do", values={"email": EMAIL})
    assert "public record" in browser.text
    browser.submit("Erase this person now")
    assert browser.status == 200
    with bare_app.app_context():
        assert db.session.get_one(Account, world.account).email != EMAIL
        assert len(db.session.scalars(select(LegalHold)).all()) == 2
    browser.get("/privacy")
    browser.submit("Download as CSV", values={"records": "contacts", "purpose": "call them"})
    assert browser.response.mimetype == "text/csv"
    browser.get(f"/offices/{world.office}/take-out")
    browser.submit("Take everything out", values={"purpose": ""})
    assert browser.status == 422
    browser.submit("Take everything out", values={"purpose": "we move to another service"})
    assert browser.response.mimetype == "application/zip"
    with bare_app.app_context():
        purposes = db.session.scalars(select(Access.purpose).order_by(Access.id)).all()
        assert purposes[-2:] == ["call them", "we move to another service"]


def test_the_commands_do_all_of_it(world, database_url, monkeypatch, capsys, tmp_path):
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    into, ics = tmp_path / "ada.json", tmp_path / "ada.ics"
    assert run("privacy", "export", "--email", EMAIL, "--into", str(into), "--ics", str(ics))[0] == 0
    assert json.loads(into.read_text())["email"] == EMAIL
    assert ics.read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert "she" not in run("privacy", "accesses")[2]
    code, said, _ = run(
        "privacy", "hold", "--email", EMAIL, "--reason", "case 27-114", "--from", "2027-01-01", "--to", "2027-12-31"
    )
    assert code == 0
    hold = said.split()[-1]
    assert "stands" in run("privacy", "holds")[1]
    code, _, error = run("privacy", "erase", "--email", EMAIL)
    assert (code, "case 27-114" in error) == (1, True)
    assert run("privacy", "lift", hold)[0] == 0
    assert "dry run" in run("privacy", "erase", "--email", EMAIL, "--dry-run")[1]
    assert "Erased." in run("privacy", "erase", "--email", EMAIL)[1]
    assert run("audit", "verify")[0] == 0
    assert run("privacy", "retain")[0] == 0
    assert "| Kind |" in run("privacy", "kinds")[1]


def test_a_refused_form_of_the_page_keeps_what_was_typed_and_says_it_beside_the_field(world, bare_app):
    browser = Browser(bare_app)
    browser.sign_in()
    browser.get("/privacy")
    asked = {"first": "2027-01-01", "last": "2027-06-30", "organization": "none", "version": "full"}
    page = browser.submit("Download the records", values={**asked, "email": EMAIL})
    assert browser.status == 422
    typed = {name: page.select_one(f"#r-{name}")["value"] for name in ("from", "to", "organization", "email")}
    assert typed == {"from": "2027-01-01", "to": "2027-06-30", "organization": "none", "email": EMAIL}
    assert page.select_one("#r-version option[selected]")["value"] == "full"
    field = page.select_one("#r-organization")
    assert field["aria-invalid"] == "true"
    assert "none" in page.find(id=field["aria-describedby"]).get_text()
    # The other forms of the page were not filled, and nothing stands against them.
    assert page.select_one("#h-email").get("value", "") == ""
    assert not page.select_one("#h-organization").has_attr("aria-invalid")


def test_what_was_typed_there_survives_an_expired_sign_in(world, bare_app):
    browser = Browser(bare_app)
    browser.sign_in()
    for path, button, field, words in (
        ("/privacy", "Place a legal hold", "reason", "case 27-114"),
        (f"/offices/{world.office}/take-out", "Take everything out", "purpose", "we move house"),
    ):
        page = browser.get(path)
        sent = browser._filled(page.select_one(f"main form:has([name={field}])"))
        act = {"act": "place"} if path == "/privacy" else {}
        browser.get("/sign-in")
        browser.submit("Sign out")
        browser.get("/sign-in")
        browser.post(path, {**sent, **act, field: words})
        assert browser.status == 401
        page = browser.submit("Sign in", values={"token": ADMIN_TOKEN})
        assert [one["value"] for one in page.select(f"input[name={field}]") if one.get("value")] == [words]
        assert button in browser.text
    with bare_app.app_context():
        assert "case 27-114" not in db.session.scalars(select(LegalHold.reason)).all()


def test_taking_out_calls_nothing_optional_that_it_refuses_to_do_without(world, bare_app):
    browser = Browser(bare_app)
    browser.sign_in()
    page = browser.get(f"/offices/{world.office}/take-out")
    assert page.select_one("#f-purpose").has_attr("required")
    assert "optional" not in page.select_one("label[for=f-purpose]").get_text()
    browser.submit("Take everything out", values={"purpose": ""})
    assert browser.status == 422
