"""The audit log at its doors: page, file, JSON and command, for those who run the service."""

from __future__ import annotations

import ast
import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, text

import eventsvc
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.audit import AuditValue, reading, record
from eventsvc.interfaces import audited
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.web import audit_words
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.seal_audit import seal_audit
from tests import databases
from tests.conftest import NOW
from tests.counting import counted

EVIL = '=HYPERLINK("https://evil.example")'


@pytest.fixture
def log(bare_app, still):
    """Three acts a day apart: planned, moved by somebody's token, changed in words by the person."""
    with bare_app.app_context(), transaction():
        account = keep_accounts.add_account(
            "gull@pcc.example", "Gull", actor=ADMINISTRATOR, now=NOW - timedelta(days=9)
        )
        who = f"account {account.public_id}"
        acts = (("plan", "administrator"), ("move", f"{who} token 1"), ("edit", who))
        for day, (verb, actor) in enumerate(acts):
            changes = {"title": (EVIL, "Careers"), "capacity": (day, None)}
            record(verb, "event", "event-1", actor=actor, now=NOW + timedelta(days=day), changes=changes)
    return who


def acts_of(client, **query):
    answer = client.get("/api/v1/audit", query_string=query)
    assert answer.status_code == 200, answer.json
    return [one["verb"] for one in answer.json["items"]]


NARROWED = [
    ({"from": "2027-01-12T00:00:00Z"}, ["edit", "move"]),
    ({"from": "2027-01-11T16:00:00-08:00"}, ["edit", "move"]),
    ({"to": "2027-01-12T00:00:00Z", "subject_kind": "event"}, ["plan"]),
    ({"actor": "administrator", "verb": "plan"}, ["plan"]),
    ({"subject": "event-1", "verb": "edit"}, ["edit"]),
    ({"subject": "event-2"}, []),
]


@pytest.mark.parametrize(("query", "verbs"), NARROWED, ids=lambda value: str(value)[:50])
def test_json_narrows_and_a_person_is_found_with_their_tokens(log, admin, query, verbs):
    assert acts_of(admin, **query) == verbs
    assert acts_of(admin, actor=log) == ["edit", "move"]


def test_json_pages_and_keeps_personal_values_in(log, admin):
    first = admin.get("/api/v1/audit?limit=2&subject=event-1").json
    rest = admin.get(first["next"]).json
    assert [one["verb"] for one in first["items"] + rest["items"]] == ["edit", "move", "plan"]
    assert rest["next"] is None
    assert "digests" in first["items"][0]["changes"]["title"]
    assert "Careers" not in str(first)
    assert admin.get("/api/v1/audit?cursor=x").status_code == 400
    for never in ("yesterday", "2027-01-11T16:00:00", "0001-01-01T00:00:00%2B05:00"):
        assert admin.get(f"/api/v1/audit?from={never}").status_code == 422


def test_only_those_who_run_the_service_read_it(log, public, visitor):
    for path in ("/api/v1/audit", "/api/v1/audit/csv", "/api/v1/audit/verification"):
        assert public.get(path).status_code == 401
    for path in ("/audit", "/audit.csv", "/audit/verified"):
        visitor.get(path)
        assert visitor.path.startswith("/sign-in")


def test_the_file_is_whole_in_order_and_harmless(log, admin, monkeypatch):
    monkeypatch.setattr(reading, "AT_ONCE", 2)
    answer = admin.get("/api/v1/audit/csv?subject_kind=event")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == audited.COLUMNS
    assert [row["verb"] for row in rows] == ["plan", "move", "edit"]
    assert "HYPERLINK" not in answer.text


def test_what_looks_like_a_formula_is_text(bare_app, admin):
    with bare_app.app_context(), transaction():
        record("plan", "event", EVIL, actor="@administrator", now=NOW)
    (row,) = csv.DictReader(io.StringIO(admin.get("/api/v1/audit/csv?subject_kind=event").text))
    assert (row["subject"], row["actor"]) == (f"'{EVIL}", "'@administrator")


def test_the_page_names_people_and_forgets_what_was_erased(log, bare_app, planner):
    page = planner.get("/audit?who=gull@pcc.example")
    boxes = page.select("main .box")
    assert len(boxes) == 2
    assert all("Gull" in box.text for box in boxes)
    assert "Careers" in planner.text
    with bare_app.app_context(), transaction():
        db.session.execute(delete(AuditValue))
    page = planner.get("/audit?who=gull@pcc.example")
    assert "Careers" not in planner.text
    assert "erased" in planner.text


def test_the_page_turns_over_and_its_file_has_the_same_filters(log, bare_app, planner):
    with bare_app.app_context(), transaction():
        for number in range(60):
            record("hold", "hold", f"hold-{number}", actor="administrator", now=NOW)
    page = planner.get("/audit?verb=hold")
    assert len(page.select("main .box")) == 50
    assert "Seal" not in page.select("main .box")[0].text
    older = page.find("a", rel="next")["href"]
    file = page.find("a", string="Download these as CSV")["href"]
    planner.get(file)
    assert len(planner.response.text.splitlines()) == 61
    page = planner.get(older)
    assert len(page.select("main .box")) == 10
    page = planner.get("/audit?from=no-day&verb=x")
    assert "Nothing was done that matches." in planner.text


def test_a_page_of_acts_costs_as_many_questions_as_one_act(log, bare_app, planner):
    with counted(bare_app) as few:
        planner.get("/audit")
    with bare_app.app_context(), transaction():
        for number in range(100):
            record("edit", "event", f"event-{number}", actor=log, now=NOW, changes={"title": ("a", "b")})
    with counted(bare_app) as many:
        planner.get("/audit")
    assert len(many) == len(few)


def test_verifying_on_page_and_json_passes_and_then_names_the_altered_row(log, bare_app, admin, planner):
    with bare_app.app_context():
        assert seal_audit(NOW) > 0
    found = admin.get("/api/v1/audit/verification").json
    assert (found["wrong"], found["waiting"]) == ([], 0)
    planner.get("/audit/verified")
    assert "as it was written down" in planner.text
    with bare_app.app_context(), transaction():
        db.session.execute(text("UPDATE audit_entries SET verb = 'plan' WHERE verb = 'move'"))
    assert len(admin.get("/api/v1/audit/verification").json["wrong"]) == 1
    planner.get("/audit/verified")
    assert "1 thing in the log is not as it was sealed." in planner.text


@pytest.mark.parametrize(("noted", "found"), [("last", 0), ("another", 1)])
def test_a_noted_seal_is_looked_for_on_page_and_json(log, bare_app, admin, planner, noted, found):
    with bare_app.app_context():
        seal_audit(NOW)
    seal = admin.get("/api/v1/audit/verification").json["last_seal"] if noted == "last" else "f" * 64
    assert len(admin.get("/api/v1/audit/verification", query_string={"noted": seal}).json["wrong"]) == found
    planner.get("/audit/verified")
    planner.submit("Look for it in the log", values={"noted": f" {seal} "})
    assert ("in the chain no more" in planner.text) == bool(found)


def test_the_command_prints_the_same_and_knows_people_by_address(log, bare_app, monkeypatch, database_url):
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke(cli, ["audit", "list", "--who", "gull@pcc.example"])
    assert run.exit_code == 0, run.output
    assert [row["verb"] for row in csv.DictReader(io.StringIO(run.stdout))] == ["move", "edit"]
    run = CliRunner().invoke(cli, ["audit", "list", "--who", "nobody@pcc.example"])
    assert run.exit_code == 1
    assert "Nobody has ever signed in" in run.output


def written_verbs() -> set[str]:
    """The words that stories hand to the log as such."""
    calls = []
    for path in Path(eventsvc.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node, "func", None) and ast.unparse(node.func)
            if name in ("audit.record", "_record", "_write_down"):
                calls.append(node.args[0])
    return {one.value for one in calls if isinstance(one, ast.Constant)}


def test_every_word_of_a_story_has_one_on_the_page():
    assert "plan" in written_verbs()
    assert written_verbs() <= set(audit_words.VERBS)
