"""Real files load as they are: the directories of the agreements, and 363 sessions of one career office.

What the import accepts and refuses is held against a replay that shares nothing with the booking desk: every row is
compared with every row before it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.domain.booking.models import Reservation
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Organization, OrganizationKind, Room, Topic, Travel
from eventsvc.domain.directory.spellings import one_room_each
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.reminders.models import Reminder
from eventsvc.interfaces.cli import cli
from tests.left_out import shared

SESSIONS = "events/waterloo-employer-info-sessions.jsonl"
CAMPUS = "slug,name,kind,address,zone\nmain-campus,Main Campus,university,200 University Avenue,America/Toronto\n"
ALIASES = {
    "Laurel Room": "SCH - Laurel Room",
    "Laruel Room": "SCH - Laurel Room",
    "South Campus Hall - Laurel Room": "SCH - Laurel Room",
    "Festival Room": "SCH - Festival Room",
    "Bombershelter": "Bombshelter",
    "Bombshelter Pub": "Bombshelter",
    "Davis Centre 1301": "DC 1301",
}


@pytest.fixture
def run(database_url):
    def runner(*arguments: str) -> tuple[int, list[str]]:
        environment = {"SECRET_KEY": "a key for tests", "DATABASE_URL": database_url}
        result = CliRunner().invoke(cli, ["import", *arguments], env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout.splitlines()

    return runner


@pytest.fixture
def campus(run, tmp_path) -> None:
    path = tmp_path / "campus.csv"
    path.write_text(CAMPUS)
    assert run("campuses", str(path))[0] == 0


def replay(rows: list[dict], minutes: int, aliases: dict[str, str]) -> dict[int, set[str]]:
    """Line → the titles in the way of each row that cannot be had (none for a row without a length)."""
    spellings = [room for row in rows for room in row["rooms"] if not room.startswith("TBD") and room not in aliases]
    # What an alias names is known first, so the room goes by that name whatever the others are called.
    names = one_room_each([*spellings, *(ours for ours in aliases.values() for _ in rows)])
    room_of = {room: names.get(aliases.get(room, room), room) for room in {*spellings, *aliases}}
    around = timedelta(minutes=minutes)
    booked: list[tuple[str, datetime, datetime, str]] = []
    refused: dict[int, set[str]] = {}
    for line, row in enumerate(rows, start=1):
        start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
        if end <= start:
            refused[line] = set()
            continue
        if row["status"] == "cancelled":
            continue
        wanted = {room_of[room] for room in row["rooms"] if room in room_of}
        busy_from, busy_until = start - around, end + around
        clashes = {title for room, a, b, title in booked if room in wanted and busy_from < b and a < busy_until}
        if clashes:
            refused[line] = clashes
        else:
            booked += [(room, busy_from, busy_until, row["title"]) for room in wanted]
    return refused


@pytest.mark.parametrize(("minutes", "aliases"), [(30, {}), (30, ALIASES), (0, {})], ids=["30", "30-aliases", "0"])
def test_the_sessions_are_booked_as_a_replay_would(run, campus, bare_app, minutes, aliases):
    path = shared(SESSIONS)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    expected = replay(rows, minutes, aliases)
    options = ["--campus", "main-campus", "--create-rooms", "--setup", str(minutes), "--takedown", str(minutes)]
    for theirs, ours in aliases.items():
        options += ["--alias", f"{theirs}={ours}"]
    code, report = run("events", str(path), *options)
    refused = {int(line.split()[1].rstrip(":")): line for line in report if ": refused: " in line}
    assert code == 1
    assert set(refused) == set(expected)
    for line, titles in expected.items():
        assert all(f"({title})" in refused[line] for title in titles), refused[line]
        assert refused[line].count("overlap:") == len(titles), refused[line]
    if minutes == 0:
        assert [len(titles) for titles in expected.values()] == [0], "only the holiday of no length"
    else:
        assert len(expected) > 20
    with bare_app.app_context():
        accepted = [row for line, row in enumerate(rows, start=1) if line not in expected]
        events = {event.source_uid: event for event in db.session.scalars(select(Event))}
        assert set(events) == {row["uid"] for row in accepted}
        cancelled = {row["uid"] for row in rows if row["status"] == "cancelled"}
        assert {uid for uid, event in events.items() if event.status is Status.CANCELLED} == cancelled
        assert {event.status for event in events.values()} == {Status.CANCELLED, Status.COMPLETED}
        assert not [event.title for event in events.values() if "CANCELLED" in event.title]
        booked = [row for row in accepted if row["uid"] not in cancelled and row["rooms"] not in ([], ["TBD*"])]
        assert db.session.scalar(select(func.count()).select_from(Reservation)) == len(booked)
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
        assert db.session.scalar(select(func.count()).select_from(Reminder)) == 0
        for theirs, ours in aliases.items():
            campus_there = lookup.get(Campus, "main-campus")
            assert lookup.find_room_on(campus_there, theirs) is lookup.find_room_on(campus_there, ours)
        assert "TC2218" not in set(db.session.scalars(select(Room.name)))
        db.session.remove()
    if not aliases and minutes:
        code, report = run("events", str(path), *options)
        assert (
            report[-1]
            == f"363 rows: 0 added, 0 updated, {len(accepted)} unchanged, 0 skipped, {len(expected)} refused."
        )


DIRECTORY = [
    ("campuses", "colleges", 115),
    ("campuses", "k12_schools", 276),
    ("organizations", "partners", 14),
    ("campuses", "partners", 2),
    ("topics", "pathways", 26),
    ("travel", "travel", 484),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5), (2, 3, 4, 1, 0, 5)], ids=["colleges first", "partners first"])
def test_the_directories_load_as_they_are_twice(run, bare_app, order):
    for again in (False, True):
        for kind, name, rows in (DIRECTORY[index] for index in order):
            zone = ("--zone", "America/Los_Angeles") if name == "partners" and kind == "campuses" else ()
            code, report = run(kind, str(shared(f"domain/{name}.csv")), *zone)
            assert code == 0, report
            if again:
                assert f"0 added, 0 updated, {rows} unchanged" in report[-1], report
    with bare_app.app_context():
        laccd, lausd = lookup.find_organization("laccd"), lookup.find_organization("lausd")
        assert laccd is lookup.find_organization("Los Angeles CCD")
        assert lausd is lookup.find_organization("Los Angeles Unified")
        of_parent = select(Organization.kind, func.count()).group_by(Organization.kind)
        assert dict(db.session.execute(of_parent.where(Organization.parent_id == laccd.id)).all()) == {"college": 9}
        assert dict(db.session.execute(of_parent.where(Organization.parent_id == lausd.id)).all()) == {"school": 268}
        for table, rows in ((Campus, 392), (Topic, 26), (Travel, 484)):
            assert db.session.scalar(select(func.count()).select_from(table)) == rows
        wanted = {
            "port-of-los-angeles": OrganizationKind.PUBLIC_EMPLOYER,
            "cccco": OrganizationKind.STATE_OFFICE,
            "laccd": OrganizationKind.COLLEGE_DISTRICT,
            "lausd": OrganizationKind.K12_DISTRICT,
            "pasadena-city-council": OrganizationKind.CITY,
            "pasadena-city-college": OrganizationKind.COLLEGE,
            "huntington-hospital": OrganizationKind.HOSPITAL,
            "rusnak-automotive-group": OrganizationKind.EMPLOYER,
            "la-oc-building-trades-council": OrganizationKind.LABOR_COUNCIL,
            "la-county-federation-of-labor": OrganizationKind.LABOR_COUNCIL,
        }
        assert {words: lookup.find_organization(words).kind for words in wanted} == wanted
        city_college = lookup.get(Campus, "los-angeles-city-college")
        assert city_college.students_is_lower_bound
        assert lookup.get(Campus, "port-of-los-angeles").zone == "America/Los_Angeles"
        db.session.remove()
