"""An office takes everything out in one zip, and an empty service that imports it has the same again."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import icalendar
import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, SignInNeeded
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Role, acting
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events.models import Event, Series
from eventsvc.domain.events.schedule import When
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.privacy.models import Access, AccessedExpert
from eventsvc.interfaces import csv_text, taking_out
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.importing.files import read
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.keep_directory import ExpertRow, RoomRow, save_expert, save_room
from eventsvc.workflows.office_sheets import SHEETS
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.record_sheets import SHEETS as RECORDS
from eventsvc.workflows.record_sheets import request_of
from eventsvc.workflows.sheets import as_markdown
from tests import builders, databases, privacy_world
from tests.conftest import NOW
from tests.privacy_world import NAME, REASON, WHO

DOCS = Path(__file__).parents[2] / "docs" / "take-out.md"
DANGEROUS = '=HYPERLINK("http://evil.example","a")'


@pytest.fixture
def world(still, app):
    with transaction():
        made = privacy_world.make()
        event = db.session.get_one(Event, made.event_id)
        event.title, event.bring = DANGEROUS, 'A "résumé", please;\nand +1 pen'
        made.office = event.owner.slug
    return made


def taken(slug: str, actor=ADMINISTRATOR, purpose: str = "we move to another service") -> zipfile.ZipFile:
    target = io.BytesIO()
    taking_out.write(target, slug, purpose=purpose, actor=actor)
    return zipfile.ZipFile(target)


def rows_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8"), newline="")))


def test_the_document_names_every_column():
    assert as_markdown(SHEETS) in DOCS.read_text()


def test_everything_of_the_office_is_in_it(world):
    archive = taken(world.office)
    assert archive.testzip() is None
    assert set(archive.namelist()) == {*(f"{sheet.name}.csv" for sheet in SHEETS), "events.ics"}
    for sheet in SHEETS:
        header = archive.read(f"{sheet.name}.csv").decode().split("\r\n")[0]
        assert header == ",".join(column.name for column in sheet.columns)
    events = rows_of(archive, "events")
    assert {row["public_id"] for row in events} == {world.event, world.named}
    assert [row["reason"] for row in rows_of(archive, "answers")] == [REASON]
    assert [row["slug"] for row in rows_of(archive, "rooms")] == ["hall"]
    assert {row["event"] for row in rows_of(archive, "letters")} >= {world.event}
    assert "sign_in" not in {row["letter"] for row in rows_of(archive, "letters")}
    assert {row["subject"] for row in rows_of(archive, "audit")} >= {world.event, world.named}
    assert len(rows_of(archive, "approvals")) == 1
    assert len(rows_of(archive, "series")) == 1
    uids = [str(one["UID"]) for one in icalendar.Calendar.from_ical(archive.read("events.ics")).walk("VEVENT")]
    assert sorted(uids) == sorted([world.event, world.named])


def test_a_letter_about_several_dates_of_its_series_is_in_it(world):
    with transaction():
        series = db.session.scalars(select(Series)).one()
        letter = db.session.scalars(select(Message).where(Message.event == world.event).limit(1)).one()
        letter.event, letter.to_address = str(series.public_id), "somebody@port.example"
        number, organization = letter.event, series.owner.organization.slug
    assert number in {row["event"] for row in rows_of(taken(world.office), "letters")}
    asked = request_of(NOW.date(), NOW.date(), organization=organization)
    (letters,) = (sheet for sheet in RECORDS if sheet.name == "letters")
    assert [row[0] for row in letters.rows(asked) if row[4] == number] == ["no"]


def test_the_calendar_in_parts_is_the_calendar_in_one(world):
    from eventsvc.domain.feeds.entries import entry_of
    from eventsvc.ical import writer
    from eventsvc.ical.entry import CalendarHead
    from eventsvc.interfaces.services import services

    events = db.session.scalars(select(Event).order_by(Event.id)).all()
    entries, head = (
        [entry_of(event, services().links) for event in events],
        CalendarHead(name="x", url="https://x.example"),
    )
    assert b"".join(writer.write_in_parts(head, [[one] for one in entries])) == writer.write(head, entries)
    assert b"".join(writer.write_in_parts(head, [])) == writer.write(head, [])


def test_an_experts_office_gets_its_experts(world):
    assert [row["name"] for row in rows_of(taken("outreach"), "experts")] == [NAME, "Bo"]


def test_nothing_in_it_is_carried_out_by_a_spreadsheet(world):
    archive = taken(world.office)
    for name in archive.namelist():
        if name.endswith(".csv"):
            for cells in csv.reader(io.StringIO(archive.read(name).decode(), newline="")):
                assert [cell for cell in cells if cell[:1] in tuple("=@\t\r\n")] == [], name
    assert f"'{DANGEROUS}" in {row["title"] for row in rows_of(archive, "events")}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\ta", "'quoted", "plain"])
def test_a_cell_comes_back_as_it_was(cell, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("".join(csv_text.lines(["name"], [[cell]])), newline="")
    assert read(path).lines[0].cells["name"] == cell.strip()


# What an import makes anew, or says of itself.
OWN = {"public_id", "published_at", "revised_at", "sequence", "series_id"}


def directory() -> None:
    """What neither rooms, experts nor events bring along."""
    college = builders.an_organization("college")
    builders.an_office("desk", of=college)
    db.session.add(Campus(slug="harbor", name="Harbor", organization=college, zone=builders.PACIFIC))
    db.session.flush()
    builders.a_topic("cranes")


def plans() -> None:
    room = RoomRow(
        name="Hall, “big”", slug="hall", campus="harbor", office="desk", capacity=40, equipment=["projector"]
    )
    save_room(room, **WHO)
    hours = [[day, 480, 1200] for day in range(7)]
    named = {
        "name": "-Ada Example",
        "slug": "ada",
        "organization": "college",
        "office": "desk",
        "zone": builders.PACIFIC,
    }
    save_expert(ExpertRow(**named, email="ada@college.example", topics=("cranes",), hours=hours), **WHO)
    words = {"description": "# Big\n\n* one, “two”", "bring": "+1 pen", "topics": ("cranes",), "audience": ("alumni",)}
    campus = lookup.get(Campus, "harbor")
    for title, when, more in (
        (DANGEROUS, builders.at("2027-02-10T14:00", 90), {"expected_heads": 30, **words}),
        ("All day", When(all_day=True, starts_on=date(2027, 3, 1), days=2), {}),
        ("Off", builders.at("2027-04-10T14:00"), {}),
    ):
        people = {"rooms": ("hall",), "experts": ("ada",)} if title == DANGEROUS else {}
        plan = replace(builders.a_plan(campus, when=when, title=title), **people, **more)
        event = plan_event(plan, **WHO)
        if title == "Off":
            withdraw_event(str(event.public_id), reason="", **WHO)


def test_an_empty_service_that_imports_it_has_the_same_again(still, app, request, tmp_path):
    with transaction():
        directory()
        plans()
    before = taken("desk")
    before.extractall(tmp_path)
    made = request.getfixturevalue(f"{db.engine.dialect.name}_databases")
    url = made.fresh()
    other = create_app(databases.settings(url))
    with other.app_context(), transaction():
        directory()
    runner, environment = CliRunner(), databases.environment(url)
    for kind in ("rooms", "experts", "events"):
        result = runner.invoke(cli, ["import", kind, str(tmp_path / f"{kind}.csv")], env=environment)
        assert result.exit_code == 0, result.output
        assert " 0 refused" in result.output
    again = tmp_path / "again.zip"
    result = runner.invoke(cli, ["take-out", "--office", "desk", "--to", str(again)], env=environment)
    assert result.exit_code == 0, result.output
    after = zipfile.ZipFile(again)
    assert rows_of(after, "rooms") == rows_of(before, "rooms")
    assert rows_of(after, "experts") == rows_of(before, "experts")
    states = {"state", *OWN}
    for old, new in zip(rows_of(before, "events"), rows_of(after, "events"), strict=True):
        assert {name: value for name, value in new.items() if name not in states} == {
            name: value for name, value in old.items() if name not in states
        }
    with other.app_context():
        db.session.remove()
        db.engine.dispose()
    made.drop(url)


def test_only_those_of_the_office_may_and_only_for_a_purpose(world):
    with transaction():
        keep_accounts.give_role("bo@port.example", Role.COUNSELOR, office=world.office, **WHO)
    bo = acting.actor_of(keep_accounts.claim_account("bo@port.example"))
    db.session.rollback()
    assert taken(world.office, bo).namelist()
    with pytest.raises(NotAllowed):
        taken("outreach", bo)
    with pytest.raises(SignInNeeded):
        taken(world.office, PUBLIC)
    with pytest.raises(InvalidInput):
        taken(world.office, purpose=" ")


def test_the_persons_in_it_can_read_who_took_them(world):
    taken(world.office)
    access = db.session.scalars(select(Access).order_by(Access.id.desc())).first()
    assert (access.by, access.records, access.purpose) == ("administrator", "take-out", "we move to another service")
    named = set(db.session.scalars(select(AccessedExpert.expert_id).where(AccessedExpert.access_id == access.id)))
    assert named == {world.ada, world.bo}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_memory_does_not_grow_with_the_number_of_events(still, app):
    """What 600 events cost at the highest, 3,000 cost too, within a fifth."""
    with transaction():
        event = plan_event(builders.a_plan(builders.a_campus("harbor")), **WHO)
        slug = db.session.get_one(Office, event.owner_id).slug
        row = {column.name: getattr(event, column.name) for column in Event.__table__.columns if column.name != "id"}
    peaks = []
    for number in (600, 2400):
        with transaction():
            _copy(row, number)
        tracemalloc.start()
        taking_out.write(io.BytesIO(), slug, purpose="measuring memory", actor=ADMINISTRATOR)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2 + 3_000_000


def _copy(row: dict, number: int) -> None:
    from uuid import uuid4

    copies = [row | {"public_id": uuid4(), "created_at": NOW + timedelta(seconds=one)} for one in range(number)]
    db.session.execute(insert(Event.__table__), copies)
