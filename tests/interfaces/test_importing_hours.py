"""Campus calendars, opening hours and limits from files, through the command line; on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import SlotTaken
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking.blocks import Block
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.directory.pools import Term
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.cli import cli
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.ical.calendars import calendar, entry, timed
from tests.left_out import shared

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def college(app) -> Campus:
    with transaction():
        campus = builders.a_campus("college")
        builders.a_room("hall", on=campus)
        return campus


@pytest.fixture
def load(database_url, college, tmp_path) -> Callable[..., Result]:
    """load("campus-calendar", text, "--campus", "college"): imports text as a file."""

    def run(kind: str, text: str | bytes, *options: str, name: str = "rows.csv") -> Result:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        environment = {"SECRET_KEY": "a key for tests", "DATABASE_URL": database_url}
        result = CliRunner().invoke(cli, ["import", kind, str(path), *options], env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        db.session.rollback()
        db.session.expire_all()
        return result

    return run


def counts(result: Result) -> str:
    return next(line for line in result.stdout.splitlines() if " rows: " in line or " row: " in line)


def closed() -> list[tuple[str, str, datetime, datetime]]:
    blocks = db.session.scalars(select(Block).order_by(Block.starts_at, Block.campus_id))
    return [(str(one.kind), one.title, one.starts_at, one.ends_at) for one in blocks]


TABLE = """kind,title,from,until
term,Spring semester,2027-02-08,2027-06-09
,Presidents' Day,2027-02-15,
,Final exams,2027-06-03,2027-06-09
blackout,Commencement set-up,2027-06-10T12:00,2027-06-10T18:00
"""


def test_a_table_of_a_campuss_year_is_loaded_and_loads_again_unchanged(load):
    first = load("campus-calendar", TABLE, "--campus", "college")
    assert counts(first) == "4 rows: 4 added, 0 updated, 0 unchanged, 0 skipped, 0 refused."
    again = load("campus-calendar", TABLE, "--campus", "college")
    assert counts(again) == "4 rows: 0 added, 0 updated, 4 unchanged, 0 skipped, 0 refused."
    assert closed() == [
        ("holiday", "Presidents' Day", datetime(2027, 2, 15, 8, tzinfo=UTC), datetime(2027, 2, 16, 8, tzinfo=UTC)),
        ("finals", "Final exams", datetime(2027, 6, 3, 7, tzinfo=UTC), datetime(2027, 6, 10, 7, tzinfo=UTC)),
        (
            "blackout",
            "Commencement set-up",
            datetime(2027, 6, 10, 19, tzinfo=UTC),
            datetime(2027, 6, 11, 1, tzinfo=UTC),
        ),
    ]
    (term,) = db.session.scalars(select(Term))
    assert (term.name, term.starts_on, term.ends_on) == ("Spring semester 2027", date(2027, 2, 8), date(2027, 6, 9))


def test_what_is_closed_is_refused_and_a_term_blocks_nothing(load, college):
    load("campus-calendar", TABLE, "--campus", "college")
    hall = lookup.get(Room, "hall")
    wish = builders.a_plan(college, when=builders.at("2027-02-15T10:00"), rooms=[hall])
    with pytest.raises(SlotTaken) as refusal, transaction():
        plan_event(wish, actor=ADMINISTRATOR, now=NOW)
    assert [clash.kind for clash in refusal.value.clashes] == [ClashKind.CLOSED]
    with transaction():
        plan_event(builders.a_plan(college, rooms=[hall]), actor=ADMINISTRATOR, now=NOW)


REGISTRAR = calendar(
    entry("DTSTART;VALUE=DATE:20270215", "SUMMARY:Presidents' Day - College closed", "TRANSP:TRANSPARENT", uid="p"),
    entry("DTSTART;VALUE=DATE:20270603", "DTEND;VALUE=DATE:20270610", "SUMMARY:Finals week", uid="f"),
    entry("DTSTART;VALUE=DATE:20270208", "DTEND;VALUE=DATE:20270610", "SUMMARY:Spring Semester 2027", uid="s"),
    entry("DTSTART;VALUE=DATE:20270208", "SUMMARY:Instruction begins", uid="i"),
    entry("DTSTART;VALUE=DATE:20270115", "SUMMARY:Deadline to add", "STATUS:CANCELLED", uid="d"),
)


def test_the_registrars_calendar_is_loaded_and_what_it_does_not_say_is_refused(load):
    result = load("campus-calendar", REGISTRAR, "--campus", "college", name="academic.ics")
    assert result.exit_code == 1
    assert "kind: 'Instruction begins' does not say it: give one, or --kind" in result.stdout
    assert counts(result) == "4 rows: 3 added, 0 updated, 0 unchanged, 0 skipped, 1 refused."
    assert [(kind, title) for kind, title, _, _ in closed()] == [
        ("holiday", "Presidents' Day - College closed"),
        ("finals", "Finals week"),
    ]
    assert [term.name for term in db.session.scalars(select(Term))] == ["Spring Semester 2027"]
    again = load("campus-calendar", REGISTRAR, "--campus", "college", name="academic.ics")
    assert counts(again) == "4 rows: 0 added, 0 updated, 3 unchanged, 0 skipped, 1 refused."


def test_an_entry_that_moved_leaves_its_old_day(load):
    before = calendar(entry("DTSTART;VALUE=DATE:20270215", "SUMMARY:Holiday", uid="p"))
    after = calendar(entry("DTSTART;VALUE=DATE:20270222", "SUMMARY:Holiday", uid="p"))
    load("campus-calendar", before, "--campus", "college", name="a.ics")
    result = load("campus-calendar", after, "--campus", "college", name="a.ics")
    assert "1 closed at another time before and moved with their entries" in result.stdout
    assert [starts.day for _, _, starts, _ in closed()] == [22]


def test_a_weekly_blackout_is_every_week(load):
    weekly = timed("20270202T220000Z", "20270202T230000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:College hour", uid="w")
    result = load("campus-calendar", calendar(weekly), "--campus", "college", "--kind", "blackout", name="a.ics")
    assert counts(result).startswith("3 rows: 3 added")
    assert [starts.day for _, _, starts, _ in closed()] == [2, 9, 16]


def test_all_campuses_of_an_organization_get_the_same_calendar(load, college):
    with transaction():
        builders.a_campus("east", of=lookup.get(Campus, "college").organization)
    result = load("campus-calendar", TABLE, "--organization", college.organization.slug)
    assert counts(result) == "4 rows: 4 added, 0 updated, 0 unchanged, 0 skipped, 0 refused."
    assert len(closed()) == 6


def test_a_dry_run_writes_nothing(load):
    result = load("campus-calendar", TABLE, "--campus", "college", "--dry-run")
    assert "4 added" in result.stdout
    assert closed() == []


def test_booked_events_stay_and_are_counted(load, college):
    with transaction():
        plan_event(builders.a_plan(college, rooms=[lookup.get(Room, "hall")]), actor=ADMINISTRATOR, now=NOW)
    result = load("campus-calendar", "title,date\nPower off,2027-02-10\n", "--campus", "college", "--kind", "blackout")
    assert "1 booked events lie in what is closed now: eventsvc doctor lists them" in result.stdout
    assert db.session.scalars(select(Message).where(Message.letter == "blocked")).all() == []  # imports write to nobody


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("title,date\nHoliday,soon\n", "a.csv", "from: 'soon' is not a local time"),
        ("title,from,until\nHoliday,2027-02-02,2027-02-01\n", "a.csv", "until: is before it begins"),
        ("title,from,until\nHoliday,2027-02-02,2037-02-01\n", "a.csv", "until: is more than three years later"),
        ("kind,title,date\nparty,Holiday,2027-02-02\n", "a.csv", "kind: 'party' is none of"),
        ("title\nHoliday\n", "a.csv", "no column for 'first'"),
        ("nothing", "a.ics", "nothing in it begins with BEGIN:VCALENDAR"),
        (calendar(timed("20270112T100000Z", "20270112T110000Z", "RRULE:FREQ=SECONDLY")), "a.ics", "every second"),
        (b"BEGIN:VCALENDAR\r\n" * 3_000_000, "a.ics", "larger than 1 MB"),
    ],
)
def test_what_is_no_campus_calendar_is_refused(load, text, name, words):
    result = load("campus-calendar", text, "--campus", "college", name=name)
    assert result.exit_code == 1
    assert words in result.output
    assert closed() == []


@pytest.mark.parametrize("options", [(), ("--campus", "college", "--organization", "x"), ("--campus", "nowhere")])
def test_whose_calendar_it_is_must_be_said(load, options):
    result = load("campus-calendar", TABLE, *options)
    assert result.exit_code == 1
    assert "campus" in result.output


def test_a_universitys_academic_calendar_is_read(load):
    raw = shared("events/princeton.ics").read_bytes()
    with time_machine.travel(datetime(2022, 9, 1, tzinfo=UTC), tick=False):
        result = load("campus-calendar", raw, "--campus", "college", name="princeton.ics")
    assert " 0 added" not in counts(result)
    assert {"holiday"} <= {kind for kind, *_ in closed()}


# Hours and limits


def test_hours_and_limits_are_columns_of_campuses_rooms_and_experts(load):
    always = "Mon-Fri 08:00-17:00; Sat 09:00-13:00"
    files = {
        "campuses": f"name,slug,organization,address,hours\nCollege,college,theirs,1 Pier,{always}\n",
        "rooms": 'name,slug,campus,hours\nHall,hall,college,"Mon-Fri 08:00-12:00, 13:00-17:00"\n',
        "experts": "name,organization,zone,hours,max_per_month,max_travel_minutes,online_buffer_minutes\n"
        "Expert One,theirs,America/Los_Angeles,Tue-Thu 09:00-15:00,4,120,10\n",
    }
    theirs = lookup.get(Campus, "college").organization.slug
    files = {kind: text.replace("theirs", theirs) for kind, text in files.items()}
    for kind, text in files.items():
        assert load(kind, text).exit_code == 0, kind
        assert "1 unchanged" in counts(load(kind, text)), kind
    assert lookup.get(Campus, "college").hours[-1] == [5, 540, 780]
    assert lookup.get(Room, "hall").hours[:2] == [[0, 480, 720], [0, 780, 1020]]
    expert = db.session.scalars(select(Expert)).one()
    assert (expert.max_per_month, expert.max_travel_minutes, expert.online_buffer_minutes) == (4, 120, 10)
    assert expert.hours == [[day, 540, 900] for day in (1, 2, 3)]


@pytest.mark.parametrize(
    ("columns", "cells", "words"),
    [
        ("hours", "weekdays", "is not of the form"),
        ("online_buffer_minutes", "-5", "online_buffer_minutes: must be between 0 and 1,440"),
        ("max_per_month", "0", "max_per_month: must be between 1 and 2,000"),
        ("max_travel_minutes", "-1", "max_travel_minutes: must be between 0 and 1,440"),
    ],
)
def test_hours_and_limits_that_cannot_be_are_refused(load, columns, cells, words):
    organization = lookup.get(Campus, "college").organization.slug
    text = f"name,organization,zone,{columns}\nExpert One,{organization},America/Los_Angeles,{cells}\n"
    result = load("experts", text)
    assert result.exit_code == 1
    assert words in result.stdout


def test_json_shows_hours_as_people_write_them(load, bare_app):
    load("rooms", "name,slug,campus,hours\nHall,hall,college,Mon-Fri 08:00-17:00\n")
    shown = bare_app.test_client().get("/api/v1/rooms/hall").json
    assert shown["hours"] == "Mon-Fri 08:00-17:00"
    assert bare_app.test_client().get("/api/v1/campuses/college").json["hours"] is None
