"""`eventsvc import …` through its door, against a fresh database on both engines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.exc import InternalError

from eventsvc.core import db as core_db
from eventsvc.core.db import db
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, ImportProfile, Office, Organization, Room, Topic, Travel
from eventsvc.domain.directory.pools import Pool, PoolUnit
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.importing import command
from eventsvc.interfaces.importing.rehearsal import rehearsal
from eventsvc.interfaces.importing.schemas import SCHEMAS
from eventsvc.interfaces.schema import METADATA

CAMPUS = "name,slug,kind,address,timezone\nHarbor College,harbor-college,college,1 Pier Street,America/Los_Angeles\n"
TITLES = "title,kind,start,end,room\n"


@pytest.fixture
def load(database_url, tmp_path) -> Callable[..., Result]:
    """Imports text as a file: load("campuses", text, "--dry-run"); the file's name decides how it is read."""

    def run(kind: str, text: str | bytes, *options: str, name: str = "rows.csv") -> Result:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        environment = {"SECRET_KEY": "a key for tests", "DATABASE_URL": database_url}
        result = CliRunner().invoke(cli, ["import", kind, str(path), *options], env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def inside(bare_app):
    """The database, to look at what was loaded."""

    @contextmanager
    def look():
        with bare_app.app_context():
            yield
            db.session.remove()

    return look


def counts(result: Result) -> str:
    return next(line for line in result.stdout.splitlines() if " rows: " in line or " row: " in line)


def number(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


def test_one_file_of_each_kind_loads_and_loads_again_unchanged(load, inside):
    files = {
        "organizations": "name,slug,kind,aliases\nPort of Somewhere,port,public employer (City of X),POS; The Port",
        "campuses": CAMPUS,
        "offices": "name,organization,mailbox,zone\nOutreach,POS,outreach@port.example,America/Los_Angeles",
        "rooms": "name,campus,capacity,equipment,step_free,setup,takedown\n"
        'Lounge,harbor-college,"1,200",projector; captions,yes,30,15',
        "topics": "type,code,label\ntopic,maritime,Maritime industry",
        "experts": "name,employer,home,topics,languages,max_per_day\n"
        "Expert One,The Port,harbor-college,maritime,en; es,2",
        "travel": "from,to,minutes\nharbor-college,harbor-college,0",
    }
    for word in ("1 added, 0 updated, 0 unchanged", "0 added, 0 updated, 1 unchanged"):
        for kind, text in files.items():
            result = load(kind, text)
            assert result.exit_code == 0, (kind, result.output)
            assert counts(result) == f"1 row: {word}, 0 skipped, 0 refused."
    with inside():
        room = lookup.get(Room, "lounge")
        assert (room.capacity, room.equipment, room.step_free) == (1200, ["projector", "captions"], True)
        assert (room.setup_minutes, room.takedown_minutes) == (30, 15)
        expert = lookup.get(Expert, "port-expert-1")
        assert (expert.organization.slug, expert.languages, expert.zone) == (
            "port",
            ["en", "es"],
            "America/Los_Angeles",
        )
        assert lookup.get(Office, "outreach").mailbox == "outreach@port.example"
        assert (number(Topic), number(Travel)) == (1, 1)


def test_a_file_is_read_with_a_byte_order_mark_semicolons_quotes_and_lines_in_cells(load, inside):
    text = '\ufeffName;Kind;Address;Zone\r\n"Harbor ""West"" College";college;"1 Pier\tStreet"\r\n\r\n'
    result = load("campuses", text, "--zone", "America/Los_Angeles")
    assert "line 2: refused: address: holds control characters" in result.stdout
    text = '\ufeffName;Kind;Address\r\n"Harbor ""West"" College";college;"1 Pier; Street"\r\n\r\n'
    assert load("campuses", text, "--zone", "America/Los_Angeles").exit_code == 0
    with inside():
        campus = db.session.scalars(select(Campus)).one()
        assert (campus.name, campus.address) == ('Harbor "West" College', "1 Pier; Street")


def test_json_lines_are_read_and_a_bad_line_is_refused_alone(load):
    lines = [
        json.dumps({"name": "Maritime", "kind": "topic"}),
        "{",
        "[1]",
        "",
        json.dumps({"name": ["no"], "kind": 5}),
        "[" * 100_000,
        json.dumps({"name": "Logistics", "kind": "Opportunity", "more": {}}),
    ]
    result = load("topics", "\n".join(lines), name="rows.jsonl")
    assert result.exit_code == 1
    refused = [line.split(": ")[0] for line in result.stdout.splitlines() if "refused: " in line]
    assert refused == ["line 2", "line 3", "line 5", "line 6"]
    assert "not used: more" in result.stdout
    assert counts(result) == "6 rows: 2 added, 0 updated, 0 unchanged, 0 skipped, 4 refused."


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("name\nA", "rows.xlsx", "neither .csv nor .jsonl"),
        (b"name,kind\n\xff\xfe,college", "rows.csv", "not UTF-8"),
        ("", "rows.csv", "is empty"),
        ("name,kind\n", "rows.csv", "a header and no row"),
        ("name,kind,name\na,college,b", "rows.csv", "two columns named 'name'"),
        ("title,kind\na,college", "rows.csv", "no column for 'name' among title, kind"),
        ("\n\n", "rows.jsonl", "no JSON object"),
        ('name\n"' + "a" * 200_000 + '"', "rows.csv", "field larger"),
    ],
)
def test_a_file_that_cannot_be_read_writes_nothing(load, inside, text, name, says):
    result = load("organizations", text, name=name)
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output
    with inside():
        assert number(Organization) == 0


def test_a_row_is_in_whole_or_not_at_all_and_the_others_go_on(load, inside):
    text = (
        "name,kind,district,address,zone,lat\n"
        "Harbor College,college,Harbor CCD,1 Pier Street,Mars/Olympus,33\n"
        "Hill College,college,Hill CCD,2 Hill Street,America/Los_Angeles,91\n"
        "Lake College,college,Lake CCD,3 Lake Street,America/Los_Angeles,33\n"
        "River College,college,River CCD,4 River Street,America/Los_Angeles,33,too,many\n"
        ",college,,5 Sea Street,America/Los_Angeles,33\n"
    )
    result = load("campuses", text)
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line.startswith("line")] == [
        "line 2: refused: zone: 'Mars/Olympus' is not an IANA zone such as America/Los_Angeles",
        "line 3: refused: latitude: must be between -90 and 90",
        "line 5: refused: has 8 cells, the header has 6 columns",
        "line 6: refused: name: Missing data for required field.",
    ]
    with inside():
        assert sorted(db.session.scalars(select(Organization.slug))) == ["lake-ccd", "lake-college"]


def test_a_dry_run_says_the_same_and_writes_nothing(load, inside):
    text = CAMPUS + "Harbor College,harbor-college,college,2 Pier Street,\nNowhere,,college,,\nX,,college,1 Y,Z/Z\n"
    dry = load("campuses", text, "--dry-run")
    with inside():
        assert number(Organization) == number(Campus) == 0
    real = load("campuses", text)
    assert dry.stdout.strip() == real.stdout.strip() + " Dry run: nothing was written."
    assert counts(real) == "4 rows: 1 added, 1 updated, 0 unchanged, 1 skipped, 1 refused."
    assert dry.exit_code == real.exit_code == 1


def everything() -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: sorted(map(tuple, db.session.execute(select(table))), key=repr)
        for table in METADATA.tables.values()
    }


def test_a_dry_run_sees_rows_that_need_or_hinder_each_other_and_leaves_everything_as_it_was(load, inside, campus):
    rows = (
        "First,workshop,2020-02-10T14:00,2020-02-10T15:00,Barn\n"
        "Second,workshop,2020-02-10T14:30,2020-02-10T15:30,The Barn\n"
        "Third,workshop,2090-02-10T15:00,2090-02-10T16:00,BARN\n"
        "Fourth,workshop,2090-02-10T15:30,2090-02-10T16:00,Barn\n"
    )
    options = ("--campus", "harbor-college", "--create-rooms", "--alias", "The Barn=Barn", "--publish")
    with inside():
        before = everything()
    dry = load("events", events_in(rows), *options, "--dry-run")
    with inside():
        assert everything() == before
    real = load("events", events_in(rows), *options)
    assert dry.stdout.strip() == real.stdout.strip() + " Dry run: nothing was written."
    assert counts(real) == "4 rows: 2 added, 0 updated, 0 unchanged, 0 skipped, 2 refused."
    with inside():
        assert number(Event) == 2


def test_others_write_while_a_dry_run_runs(load, inside, campus, database_url, monkeypatch):
    engine = create_engine(core_db.database_url(database_url))
    written = []

    def progress(lines):
        for line in lines:
            yield line
            with engine.begin() as connection:
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
                connection.execute(update(Campus).values(city=f"City {line.number}"))
            written.append(line.number)

    monkeypatch.setattr(command, "_progress", progress)
    text = "name,kind,address,zone\nHarbor College,college,2 Pier Street,\nHill,college,1 Hill,America/Los_Angeles\n"
    dry = load("campuses", text, "--dry-run")
    engine.dispose()
    assert counts(dry) == "2 rows: 1 added, 1 updated, 0 unchanged, 0 skipped, 0 refused. Dry run: nothing was written."
    assert written == [2, 3]
    with inside():
        campus = db.session.scalars(select(Campus)).one()
        assert (campus.city, campus.address) == ("City 3", "1 Pier Street")


def test_in_a_rehearsal_not_even_a_bug_can_write_to_what_others_see(load, inside, campus, bare_app):
    with inside():
        if not core_db.is_postgresql():
            with rehearsal():
                assert "eventsvc-dry-run-" in str(db.engine.url.database)
                copy = Path(db.engine.url.database)
            assert not copy.parent.exists()
            return
        with rehearsal():
            db.session.execute(update(Campus).values(city="Here"))
            db.session.commit()
            assert db.session.scalars(select(Campus.city)).one() == "Here"
            with pytest.raises(InternalError, match="read-only transaction"):
                db.session.connection().exec_driver_sql("UPDATE public.campuses SET city = 'There'")
        assert db.session.scalars(select(Campus.city)).one() == ""


def test_retired_on_ends_use_and_a_day_yet_to_come_is_refused(load, inside, campus):
    load("topics", "name,slug\nMaritime,maritime\nLogistics,logistics")
    load("rooms", "name,campus\nBarn,harbor-college")
    assert load("topics", "name,retired_on\nMaritime,2020-01-31").exit_code == 0
    later = load("rooms", "name,campus,retired_on\nBarn,harbor-college,2990-01-31\nBarn,harbor-college,January")
    assert [line for line in later.stdout.splitlines() if line.startswith("line")] == [
        "line 2: refused: retired_on: 2990-01-31 has not come yet: say so on that day or later",
        "line 3: refused: retired_on: 'January' is not a day such as 2027-02-10",
    ]
    again = load("topics", "name,retired_on\nMaritime,")
    assert counts(again).startswith("1 row: 0 added, 0 updated, 1 unchanged")
    with inside():
        assert lookup.get(Room, "barn").retired_on is None
        assert [topic.slug for topic in lookup.page(Topic, after_slug=None, limit=9)[0]] == ["logistics"]
        assert str(lookup.get(Topic, "maritime").retired_on) == "2020-01-31"


def test_a_mapping_is_kept_as_a_profile(load, inside):
    text = "College name,Sort,Street,tz\nHarbor College,college,1 Pier Street,America/Los_Angeles\n"
    maps = ("--map", "College name=name", "--map", "Sort=kind", "--map", "Street=address")
    assert "no profile 'ours' (kept: none yet)" in load("campuses", text, "--profile", "ours").output
    assert load("campuses", text, *maps, "--profile", "ours", "--dry-run").exit_code == 0
    with inside():
        assert number(ImportProfile) == 0
    assert load("campuses", text, *maps, "--profile", "ours").exit_code == 0
    again = load("campuses", text, "--profile", "ours")
    assert counts(again).startswith("1 row: 0 added, 0 updated, 1 unchanged")
    assert "kept: ours" in load("campuses", text, "--profile", "theirs").output


@pytest.mark.parametrize(
    ("mapping", "says"),
    [("Sort", "is not of the form"), ("Nix=name", "the file has no column 'Nix'"), ("name=nix", "have no 'nix'")],
)
def test_a_mapping_that_cannot_be_is_refused(load, inside, mapping, says):
    result = load("campuses", CAMPUS, "--map", mapping, "--profile", "bad")
    assert result.exit_code == 1
    assert says in result.output
    with inside():
        assert number(ImportProfile) == number(Campus) == 0


@pytest.mark.parametrize(
    ("students", "stored"),
    [("10,000-19,999", (10_000, True)), ("20,000+", (20_000, True)), ("812", (812, False)), ("", (None, False))],
)
def test_a_size_band_gives_its_lower_bound(load, inside, students, stored):
    text = f'name,kind,address,zone,size_band\nHarbor,college,1 Pier,America/Los_Angeles,"{students}"\n'
    assert load("campuses", text).exit_code == 0
    with inside():
        campus = lookup.get(Campus, "harbor")
        assert (campus.students, campus.students_is_lower_bound) == stored


@pytest.fixture
def campus(load) -> None:
    assert load("campuses", CAMPUS).exit_code == 0


def events_in(text: str) -> str:
    return TITLES + text


def test_events_become_history_or_stand_confirmed(load, inside, campus):
    text = events_in(
        "Old,info_session,2020-02-10T14:00,2020-02-10T15:00,TBD*\n"
        "Ahead,Info session,2090-02-10T14:00,2090-02-10T15:30,\n"
        "Off - CANCELLED*,workshop,2090-02-11T14:00-08:00,2090-02-11T15:30-08:00,\n"
        "Holiday,meeting,2020-02-10T08:00,2020-02-10T08:00,\n"
        "Backwards,meeting,2020-02-10T08:00,2020-02-10T07:00,\n"
        "Gap,meeting,2027-03-14T02:30,2027-03-14T05:00,\n"
    )
    options = ("--campus", "harbor-college", "--publish")
    result = load("events", text, *options)
    assert [line for line in result.stdout.splitlines() if line.startswith("line")] == [
        "line 5: refused: ends: is the start itself",
        "line 6: refused: ends: is before the start",
        "line 7: refused: starts: 2027-03-14T02:30 does not exist in America/Los_Angeles: the clock skips it",
    ]
    with inside():
        events = {event.title: event for event in db.session.scalars(select(Event))}
        assert {title: event.status for title, event in events.items()} == {
            "Old": Status.COMPLETED,
            "Ahead": Status.CONFIRMED,
            "Off": Status.CANCELLED,
        }
        assert {title for title, event in events.items() if event.published_at} == {"Old", "Ahead"}
        assert all(event.campus and not event.rooms for event in events.values())
        assert events["Off"].starts_local.hour == 14
        assert number(Message) == 0
    again = load("events", text, *options)
    assert counts(again) == "6 rows: 0 added, 0 updated, 3 unchanged, 0 skipped, 3 refused."


def test_unknown_rooms_are_listed_with_likely_matches_and_an_alias_is_remembered(load, inside, campus):
    load("rooms", "name,campus\nSCH - Laurel Room,harbor-college\nGymnasium,harbor-college")
    rows = "".join(
        f"Talk {day},workshop,2020-02-{day}T14:00,2020-02-{day}T15:00,{room}\n"
        for day, room in ((10, "Laurel Room - SCH"), (11, "Laurel Room - SCH"), (12, "sch laurel room"), (13, "Cellar"))
    )
    result = load("events", events_in(rows), "--campus", "harbor-college")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        "unknown room 'Laurel Room - SCH' (2 rows): did you mean 'SCH - Laurel Room'? "
        "Then say --alias 'Laurel Room - SCH=SCH - Laurel Room'",
        "unknown room 'Cellar' (1 row): nothing like it is known; --create-rooms makes it",
    ]
    assert "line 2: refused: rooms: 'Laurel Room - SCH' is no room that is known on harbor-college" in result.stdout
    assert counts(result) == "4 rows: 1 added, 0 updated, 0 unchanged, 0 skipped, 3 refused."
    alias = ("--alias", "Laurel Room - SCH=SCH - Laurel Room", "--alias", "Cellar=Gymnasium")
    assert counts(load("events", events_in(rows), "--campus", "harbor-college", *alias)).startswith("4 rows: 3 added")
    again = load("events", events_in(rows), "--campus", "harbor-college")
    assert counts(again) == "4 rows: 0 added, 0 updated, 4 unchanged, 0 skipped, 0 refused."
    with inside():
        assert sorted(db.session.scalars(select(Room.slug))) == ["gymnasium", "sch-laurel-room"]


def test_rooms_are_made_with_their_minutes_and_merged_by_the_rule(load, inside, campus):
    rows = "".join(
        f"Talk {day},workshop,2020-02-{day}T14:00,2020-02-{day}T15:00,{room}\n"
        for day, room in ((10, "TC2218"), (11, "TC 2218"), (12, "TC 2218"), (13, "Barn"), (14, "The Barn"))
    )
    options = ("--campus", "harbor-college", "--create-rooms", "--setup", "30", "--takedown", "20")
    result = load("events", events_in(rows), *options, "--alias", "The Barn=Barn")
    assert result.exit_code == 0, result.output
    assert "room 'TC 2218' is also written 'TC2218'" in result.stdout
    with inside():
        rooms = db.session.scalars(select(Room).order_by(Room.slug)).all()
        assert [(room.name, room.setup_minutes, room.takedown_minutes) for room in rooms] == [
            ("Barn", 30, 20),
            ("TC 2218", 30, 20),
        ]
        assert [event.rooms[0].name for event in db.session.scalars(select(Event).order_by(Event.starts_at))] == [
            "TC 2218",
            "TC 2218",
            "TC 2218",
            "Barn",
            "Barn",
        ]
    bad = load("events", events_in(rows), "--campus", "harbor-college", "--alias", "The Barn=Moon base")
    assert "there is no room 'Moon base' on harbor-college" in bad.output


def test_a_clash_refuses_its_row_alone_and_is_named(load, inside, campus):
    rows = (
        "First,workshop,2020-02-10T14:00,2020-02-10T15:00,Barn\n"
        "Second,workshop,2020-02-10T14:30,2020-02-10T15:30,Barn\n"
        "Third,workshop,2020-02-10T15:00,2020-02-10T16:00,Barn\n"
        "First,workshop,2020-02-10T14:00,2020-02-10T15:00,Barn\n"
    )
    result = load("events", events_in(rows), "--campus", "harbor-college", "--create-rooms")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line.startswith("line")] == [
        "line 3: refused: overlap: Barn is taken Mon Feb 10, 2020, 14:00–15:00 (First).",
        "line 5: refused: is the same event as line 2",
    ]
    with inside():
        assert sorted(db.session.scalars(select(Event.title))) == ["First", "Third"]


def test_times_are_read_in_the_files_zone_and_promised_in_the_campuss(load, inside, campus):
    text = "title,kind,start,minutes,tz\nEast,workshop,2026-07-10T14:00,60,America/New_York\n"
    assert load("events", text, "--campus", "Harbor College").exit_code == 0
    online = "title,kind,start,minutes,website\nOnline,workshop,2026-07-10T09:00,60,https://meet.example/1\n"
    office = "harbor-college-events"
    assert load("events", online, "--owner", office).exit_code == 0
    assert "say --campus or --owner" in load("events", online).stdout
    with inside():
        events = {event.title: event for event in db.session.scalars(select(Event))}
        assert events["East"].starts_local.hour == 11
        assert (events["Online"].zone, events["Online"].owner.slug) == ("America/Los_Angeles", office)


def test_an_import_on_a_database_that_is_not_at_head_says_so(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text(CAMPUS)
    environment = {"SECRET_KEY": "k", "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    result = CliRunner().invoke(cli, ["import", "campuses", str(path)], env=environment)
    assert result.exit_code == 1
    assert "eventsvc db upgrade" in result.output


def test_the_example_files_of_the_documentation_load(load):
    page = (Path(__file__).parents[2] / "docs" / "imports.md").read_text()
    files = re.findall(r"`([\w-]+)\.csv`:\n\n```csv\n(.*?)```", page, re.DOTALL)
    assert {kind for kind, _ in files} == set(SCHEMAS)
    texts = dict(files)
    events, days = texts.pop("events"), texts.pop("campus-calendar")
    for kind, text in texts.items():
        result = load(kind, text)
        assert (result.exit_code, counts(result)[:14]) == (0, "1 row: 1 added"), result.output
    first = load("events", events).stdout
    second = load("events", events, "--alias", "Harbor Loung=Harbor Lounge").stdout
    third = load("campus-calendar", days, "--campus", "example-city-college").stdout
    for line in (first + second + third).splitlines():
        assert line in page


def test_pools_and_halls_are_imported_a_rehearsal_writes_nothing_and_twice_is_once(load, inside):
    load("campuses", CAMPUS)
    pools = "name,type,count,notice\nProjector,equipment,2,\nBooth,booth,30,\nASL interpreter,access,1,5\n"
    rooms = "name,part_of,seats\nGreat Hall,,400\nWest Half,Great Hall,200\nEast Half,great hall,200\n"
    for kind, text in (("pools", pools), ("rooms", rooms)):
        rehearsed = load(kind, text, "--campus", "harbor-college", "--dry-run")
        assert counts(rehearsed).startswith("3 rows: 3 added")
        with inside():
            assert number(Pool if kind == "pools" else Room) == 0
        assert load(kind, text, "--campus", "harbor-college").exit_code == 0
        assert "0 added, 0 updated, 3 unchanged" in counts(load(kind, text, "--campus", "harbor-college"))
    with inside():
        assert number(PoolUnit) == 33
        halls = {room.slug: room.parent.slug if room.parent else None for room in db.session.scalars(select(Room))}
        assert halls == {"great-hall": None, "west-half": "great-hall", "east-half": "great-hall"}
    events = (
        "uid,title,kind,start,minutes,rooms,equipment\n"
        "1,Fair,recruitment_fair,2027-02-10T14:00,60,Great Hall,booth x 20; projector; asl-interpreter: 1\n"
        "2,Talk,workshop,2027-02-10T14:00,60,,projector x 2\n"
        "3,Talk,workshop,2027-02-11T14:00,60,,box 2 x\n"
    )
    lines = load("events", events, "--campus", "harbor-college").stdout.splitlines()
    assert [line for line in lines if line.startswith("line")] == [
        "line 3: refused: overlap: Projector: 1 of 2 are free then; asked for: 2.",
        "line 4: refused: equipment: 'box 2 x' is not a thing such as projector x 2",
    ]
    with inside():
        fair = db.session.scalars(select(Event)).one()
        asked = {one.pool.slug: one.quantity for one in fair.equipment}
        assert asked == {"booth": 20, "projector": 1, "asl-interpreter": 1}
    again = load("events", events, "--campus", "harbor-college")
    assert "1 unchanged" in counts(again)
