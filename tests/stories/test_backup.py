"""A backup of one database is the same on the other: row for row, and what calendars are told byte for byte."""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import func, insert, make_url, select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.audit.log import AuditEntry, AuditValue
from eventsvc.domain.directory.models import Organization
from eventsvc.domain.feeds.private import Shows
from eventsvc.domain.outbox import pause
from eventsvc.domain.outbox.pause import PauseReason
from eventsvc.interfaces.backup import contents
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.schema import METADATA
from tests import databases, demos, filled_tables, private_calendars
from tests.demos import ON_A_SUNDAY

FEEDS = ("/feeds/all.ics", "/feeds/campus/pasadena-city-college.ics", "/feeds/kind/info_session.ics")


@pytest.fixture(scope="module")
def at_the_start() -> Iterator[None]:
    with time_machine.travel(ON_A_SUNDAY, tick=False):
        yield


@pytest.fixture(scope="module")
def filled(at_the_start, sqlite_databases) -> Iterator[SimpleNamespace]:
    """A demo's database on SQLite with a row in every table."""
    with demos.running(sqlite_databases, ON_A_SUNDAY) as app:
        calendars = [
            private_calendars.make(app, "experts", "pelican-example"),
            private_calendars.make(app, "rooms", "pcc-rose-room", Shows.BUSY),
        ]
        with app.app_context():
            with db.engine.begin() as connection:
                filled_tables.fill_empty_tables(connection)
                _add_json_of_every_kind(connection)
            url = app.config["DATABASE_URL"]
            db.engine.dispose()
        yield SimpleNamespace(url=url, paths=[*FEEDS, *(one.path for one in calendars)])


def _add_json_of_every_kind(connection: Any) -> None:
    entry = connection.scalar(select(func.min(AuditEntry.id)))
    rows = [
        {"entry_id": entry, "field": "words", "salt": "s", "before": one, "after": two}
        for one, two in zip(filled_tables.JSONS, reversed(filled_tables.JSONS), strict=True)
    ]
    connection.execute(insert(AuditValue), rows)


@pytest.fixture(scope="module")
def target(postgresql_databases, sqlite_databases) -> Iterator[Any]:
    """Makes fresh databases of either engine."""
    made: list[tuple[Any, str]] = []

    def fresh(engine: str) -> str:
        kind = {"sqlite": sqlite_databases, "postgresql": postgresql_databases}[engine]
        made.append((kind, kind.fresh()))
        return made[-1][1]

    yield fresh
    for kind, url in made:
        kind.drop(url)


def run(url: str, *arguments: object) -> str:
    answer = CliRunner().invoke(cli, [str(one) for one in arguments], env=databases.environment(url))
    assert answer.exit_code == 0, answer.output
    return answer.output


def fetched(url: str, paths: list[str]) -> list[tuple[bytes, str]]:
    """Bodies and entity tags, as a poll gets them."""
    app = create_app(databases.settings(url, DEMO=True))
    client = app.test_client()
    answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    found = [(answer.data, answer.headers["ETag"]) for answer in answers]
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return found


def rows_of(url: str) -> dict[str, list[Any]]:
    """Every row, as the models read it, in an order that both databases have."""
    app = create_app(databases.settings(url))
    with app.app_context():
        found = {table.name: sorted(map(repr, db.session.execute(select(table)).all())) for table in contents.tables()}
        db.session.remove()
        db.engine.dispose()
    return found


def files_of(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist() if name != "manifest.json"}


@pytest.fixture(scope="module")
def there_and_back(filled, target, tmp_path_factory) -> SimpleNamespace:
    """SQLite → archive → PostgreSQL → archive → SQLite → archive."""
    folder = tmp_path_factory.mktemp("backups")
    urls, archives = [filled.url], [folder / f"{number}.zip" for number in range(3)]
    run(filled.url, "backup", archives[0])
    for engine, archive, then in (("postgresql", archives[0], archives[1]), ("sqlite", archives[1], archives[2])):
        urls.append(target(engine))
        run(urls[-1], "restore", archive)
        run(urls[-1], "backup", then)
    return SimpleNamespace(urls=urls, archives=archives, paths=filled.paths)


def test_every_table_that_an_archive_holds_has_rows(there_and_back):
    empty = [name for name, content in files_of(there_and_back.archives[0]).items() if not content]
    assert empty == []
    held = {table.name for table in contents.tables()}
    assert held | set(contents.LEFT_OUT) == set(METADATA.tables)


def test_no_row_that_is_held_points_at_a_table_that_is_left_out():
    pointing = {
        (table.name, key.column.table.name)
        for table in contents.tables()
        for key in table.foreign_keys
        if key.column.table.name in contents.LEFT_OUT
    }
    assert pointing == set()


def test_the_archives_of_all_three_databases_are_the_same_byte_for_byte(there_and_back):
    first, second, third = map(files_of, there_and_back.archives)
    assert first.keys() == second.keys() == third.keys()
    assert [name for name in first if not first[name] == second[name] == third[name]] == []


def test_the_databases_are_equal_row_for_row(there_and_back):
    first, second, third = map(rows_of, there_and_back.urls)
    assert [name for name in first if not first[name] == second[name] == third[name]] == []


def test_public_and_private_calendars_are_told_the_same_bytes_and_tags(there_and_back):
    first, second, third = (fetched(url, there_and_back.paths) for url in there_and_back.urls)
    assert first == second == third
    assert all(body.count(b"BEGIN:VEVENT") > 2 for body, _ in first[:1])


@pytest.mark.parametrize("number", [1, 2], ids=["postgresql", "sqlite"])
def test_the_audit_log_and_the_reservations_hold_after_a_restore(there_and_back, number):
    before, after = there_and_back.urls[0], there_and_back.urls[number]
    assert run(after, "audit", "verify") == run(before, "audit", "verify")
    doctor = [
        json.loads(CliRunner().invoke(cli, ["doctor", "--json"], env=databases.environment(url)).stdout)
        for url in (before, after)
    ]
    assert doctor[0] == doctor[1]


@pytest.mark.parametrize("number", [1, 2], ids=["postgresql", "sqlite"])
def test_a_restored_database_counts_on_and_is_searched(there_and_back, number):
    assert "Rose Room" in run(there_and_back.urls[number], "search", "rose room")
    app = create_app(databases.settings(there_and_back.urls[number]))
    with app.app_context():
        standing = pause.present()
        assert standing is not None
        assert (standing.reason, standing.taken_at) == (PauseReason.RESTORED, ON_A_SUNDAY)
        last = db.session.scalar(select(func.max(AuditEntry.id))) or 0
        entry = AuditEntry(at=ON_A_SUNDAY, actor="x", verb="v", subject_kind="k", subject="s", changes={})
        db.session.add(entry)
        db.session.flush()
        assert entry.id == last + 1
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()


def test_an_archive_is_its_owners_alone_and_says_what_it_leaves_out(there_and_back):
    archive = there_and_back.archives[0]
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with zipfile.ZipFile(archive) as opened:
        manifest = json.loads(opened.read("manifest.json"))
    assert {one["table"] for one in manifest["left_out"]} == set(contents.LEFT_OUT)
    assert "personal data" in manifest["warning"]
    assert run(there_and_back.urls[0], "backup", "verify", archive).startswith(f"{archive} is whole")


def test_a_database_that_is_not_empty_is_not_touched(there_and_back):
    before = rows_of(there_and_back.urls[2])
    answer = CliRunner().invoke(
        cli, ["restore", str(there_and_back.archives[0])], env=databases.environment(there_and_back.urls[2])
    )
    assert answer.exit_code == 1
    assert "The database is not empty" in answer.output
    assert rows_of(there_and_back.urls[2]) == before


@pytest.mark.parametrize("engine", databases.ENGINES)
def test_a_database_that_is_put_aside_can_be_had_again(there_and_back, target, engine):
    url = target(engine)
    app = create_app(databases.settings(url))
    with app.app_context():
        with transaction():
            db.session.add(Organization(slug="old", name="Old", kind="college"))
        db.session.remove()
        db.engine.dispose()
    before = rows_of(url)
    told = run(url, "restore", "--move-aside", there_and_back.archives[0])
    assert rows_of(url) == rows_of(there_and_back.urls[0])
    aside = re.search(r"\S*before[-_]restore[-_]\w+", told)
    assert aside is not None
    name = aside[0].strip('"')
    in_schema = make_url(url).update_query_dict({"options": f"-csearch_path={name}"})
    old = f"sqlite:///{name}" if engine == "sqlite" else in_schema.render_as_string(hide_password=False)
    assert rows_of(old) == before, "it can be read whole, as it was"
    assert any("old" in row for row in before["organizations"])
