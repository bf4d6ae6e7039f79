"""The engagement register through its doors: each number, the events behind it, and who may see it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.attendance.counting import Count
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.interfaces.cli import main
from eventsvc.workflows import after_event, keep_accounts
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.keep_promises import complete_ended
from tests import builders, databases
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces import pages
from tests.interfaces.browser import Browser

OVER = datetime(2027, 2, 26, 18, 0, tzinfo=UTC)
PORT, QUERY = "port-of-los-angeles", "from=2027-01-01&until=2027-03-31"


def answered(house: pages.World, event_id: str, word: AnswerWord, at: datetime) -> None:
    with house.app.app_context(), transaction():
        for invitation in asking.of_event(get_event(event_id).id):
            answer_invitation(str(invitation.public_id), word, turn=invitation.turn, now=at)


@pytest.fixture
def house(bare_app, still) -> pages.World:
    """Asked on Monday, January 11: a yes after one and one after four working days, a no, and silence."""
    world = pages.make(bare_app)
    yes = [world.plan(builders.at(f"2027-02-{day:02}T10:00"), experts=("expert-one",)) for day in (3, 10, 22)]
    no = world.plan(builders.at("2027-02-11T10:00"), experts=("expert-two",))
    world.plan(builders.at("2027-02-12T10:00"), experts=("expert-two",))
    for event_id, days in zip(yes, (1, 4, 4), strict=True):
        answered(world, event_id, AnswerWord.ACCEPT, NOW + timedelta(days=days))
        with bare_app.app_context(), transaction():
            confirm_as_host(event_id, actor=ADMINISTRATOR, now=NOW)
    answered(world, no, AnswerWord.DECLINE, NOW + timedelta(days=7))
    still.move_to(OVER)
    with bare_app.app_context():
        assert complete_ended(OVER) == 3
        db.session.remove()
        with transaction():
            after_event.say_count(yes[1], Count(heads=40), ["expert-two"], actor=ADMINISTRATOR, now=OVER)
    return world


def program(house: pages.World, role: Role, **where: str) -> Any:
    with house.app.app_context(), transaction():
        who = {"actor": ADMINISTRATOR, "now": OVER}
        account = keep_accounts.let_in(f"{role}@x.example", "Somebody", role=role, **where, **who).account
        _, secret = tokens.make(account.id, "a program", list(Scope), OVER + timedelta(days=9), OVER)
    client = house.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_each_number_is_what_happened_and_has_its_events_behind_it(house, admin):
    found = admin.get(f"/api/v1/register?{QUERY}").json
    (line,) = found["items"]
    numbers = {"asked": 5, "answered": 4, "median_working_days": 4.0, "served": 3, "people_reached": 40}
    numbers |= {"counted": 1, "awaited": 1, "missing": 1}  # the first ended more than two weeks ago
    assert {name: line[name] for name in numbers} == found["total"] == numbers
    assert (line["partner"], line["from"], line["until"]) == (PORT, "2027-01-01", "2027-03-31")
    for name in ("asked", "answered", "served", "counted", "awaited", "missing"):
        rows = admin.get(f"/api/v1/register/behind?{QUERY}&number={name}&partner={PORT}").json["items"]
        assert len(rows) == numbers[name], name
    served = admin.get(f"/api/v1/register/behind?{QUERY}&number=served").json["items"]
    assert [(row["day"], row["standing"], row["heads"]) for row in served] == [
        ("2027-02-03", "missing", None),
        ("2027-02-10", "counted", 40),
        ("2027-02-22", "awaited", None),
    ]
    by_month = admin.get(f"/api/v1/register?{QUERY}&by=month").json["items"]
    assert [(one["from"], one["asked"], one["served"]) for one in by_month] == [
        ("2027-01-01", 5, 0),
        ("2027-02-01", 0, 3),
    ]
    nothing = admin.get("/api/v1/register?from=2026-01-01&until=2026-12-31").json
    assert (nothing["items"], nothing["total"]["asked"], nothing["total"]["median_working_days"]) == ([], 0, None)


def test_the_page_the_file_and_the_command_say_the_same(house, admin, database_url, monkeypatch, capsys):
    planner = Browser(house.app)
    planner.sign_in()
    planner.get(f"/register?{QUERY}")
    cells = [cell.get_text(strip=True) for cell in planner.page.select("table.register tfoot td")]
    assert cells == ["5", "4", "4", "3", "40", "1", "1"]
    planner.get(planner.page.select("table.register tbody a")[0]["href"])
    assert (len(planner.page.select(".behind > li")), "Not answered." in planner.text) == (5, True)
    planner.get(f"/register?{QUERY}&by=nonsense")
    assert planner.status == 422
    file = list(csv.DictReader(io.StringIO(admin.get(f"/register.csv?{QUERY}").text)))
    assert [(row["asked"], row["served"], row["people_reached"]) for row in file] == [("5", "3", "40")]
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main(["register", "--of", PORT, "--from", "2027-01-01", "--until", "2027-03-31"])
    assert (ended.value.code or 0, list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == (0, file)
    with pytest.raises(SystemExit) as refused:
        main(["register", "--of", "nobody"])
    assert refused.value.code == 1


def test_only_who_reads_reports_of_the_partner_or_the_college_sees_it(house, public):
    college = _college(house, pages.PASADENA)
    partner = program(house, Role.PARTNER, office="port-outreach")
    reports = program(house, Role.REPORTS, organization=college)
    stranger = program(house, Role.COORDINATOR, organization=_college(house, pages.HARBOR))
    counselor = program(house, Role.COUNSELOR, organization=college)
    for client in (partner, reports):
        for of in ("", f"&of={PORT if client is partner else college}"):
            assert client.get(f"/api/v1/register?{QUERY}{of}").json["total"]["asked"] == 5
    titles = {row["title"] for row in reports.get(f"/api/v1/register/behind?{QUERY}&number=asked").json["items"]}
    assert titles == {"Careers at the port"}  # they are published
    assert stranger.get(f"/api/v1/register?{QUERY}").json["total"]["asked"] == 0
    for client, of in ((stranger, PORT), (stranger, college), (reports, PORT), (partner, college), (partner, "none")):
        for path in ("register", "register/behind"):
            assert client.get(f"/api/v1/{path}?{QUERY}&of={of}").status_code == 404
    assert counselor.get(f"/api/v1/register?{QUERY}").status_code == 404
    assert public.get(f"/api/v1/register?{QUERY}").status_code == 401


def test_more_events_cost_no_more_queries(house, admin):
    def costs(path: str) -> int:
        with counted(house.app) as statements:
            assert admin.get(path).status_code == 200
        return len(statements)

    paths = [f"/register?{QUERY}", *(f"/register/behind?{QUERY}&number={name}" for name in ("asked", "served"))]
    paths += [f"/api/v1{path}" for path in paths]
    before = [costs(path) for path in paths]
    for day in range(1, 9):
        house.plan(builders.at(f"2027-03-{day:02}T10:00"), experts=("expert-two",), campus=pages.HARBOR)
    with house.app.app_context():
        complete_ended(OVER)
    assert [costs(path) for path in paths] == before


def _college(house: pages.World, campus: str) -> str:
    from sqlalchemy import select

    from eventsvc.domain.directory.models import Campus, Organization

    with house.app.app_context():
        found = select(Organization.slug).join(Campus, Campus.organization_id == Organization.id)
        return db.session.scalars(found.where(Campus.slug == campus)).one()


@pytest.mark.parametrize("query", ["from=2027-02-01&until=2027-01-01", "from=1999-01-01", "by=day", "of=Not+A+Slug"])
def test_a_register_that_makes_no_sense_is_refused(house, admin, query):
    assert admin.get(f"/api/v1/register?{query}").status_code == 422
