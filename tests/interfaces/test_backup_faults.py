"""What can go wrong with a backup and a restore: nothing half done is left, and nothing harmful gets in."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, inspect, select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory.models import Organization
from eventsvc.interfaces.backup import archive, contents, kinds, taking
from eventsvc.interfaces.backup.kinds import Kind
from eventsvc.interfaces.backup.manifest import BadArchive
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.schema import METADATA, is_at_head
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases
from tests.conftest import NOW


def fill() -> None:
    with transaction():
        for day in range(3):
            campus = builders.a_campus()
            when = builders.at(f"2027-02-{day + 1:02}T11:00")
            plan = builders.a_plan(campus, when=when, rooms=[builders.a_room(on=campus)])
            plan_event(plan, actor=ADMINISTRATOR, now=NOW)


def take(path: Path, progress: Callable[[str, int], None] = lambda _name, _rows: None) -> dict[str, int]:
    return {one.name: one.rows for one in taking.take(path, NOW, progress).tables}


@pytest.fixture
def whole(app: Flask, tmp_path: Path) -> Path:
    """An archive of a small database."""
    fill()
    take(tmp_path / "whole.zip")
    return tmp_path / "whole.zip"


def test_a_backup_is_one_moment_whatever_is_written_meanwhile(app, tmp_path):
    fill()
    before = {one: db.session.scalar(select(func.count()).select_from(one)) for one in (Organization, AuditEntry)}

    def write_between(_name: str, _rows: int) -> None:
        with transaction():
            builders.an_organization()
            db.session.add(AuditEntry(at=NOW, actor="x", verb="add", subject_kind="k", subject="s", changes={}))

    held = take(tmp_path / "one.zip", write_between)
    assert (held["organizations"], held["audit_entries"]) == (before[Organization], before[AuditEntry])
    assert db.session.scalar(select(func.count(AuditEntry.id))) > before[AuditEntry] + 50
    assert archive.verify(tmp_path / "one.zip").revision


def test_a_full_disk_leaves_no_file(app, tmp_path, monkeypatch):
    fill()

    def full(*_: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    for where, name in ((kinds, "to_json"), (os, "fsync")):
        with monkeypatch.context() as patched:
            patched.setattr(where, name, full)
            with pytest.raises(OSError, match="No space left"):
                take(tmp_path / "full.zip")
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_overwritten(app, tmp_path):
    (tmp_path / "mine.zip").write_text("my thesis")
    with pytest.raises(FileExistsError):
        take(tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_text() == "my thesis"


def rewritten(whole: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """The archive with changed files and manifest, whole as a zip."""
    with zipfile.ZipFile(whole) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    change(files, manifest)
    changed = whole.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
            target.writestr(name, content)
    return changed


def sealed(files: dict[str, bytes], manifest: dict[str, Any], table: str, content: bytes) -> None:
    """Put another content into a table's file, with counts and digest that fit."""
    files[f"tables/{table}.jsonl"] = content
    told = next(one for one in manifest["tables"] if one["name"] == table)
    told |= {"rows": content.count(b"\n"), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


ORGANIZATIONS = "tables/organizations.jsonl"


def _another_letter(files: dict[str, bytes], _: dict[str, Any]) -> None:
    files[ORGANIZATIONS] = files[ORGANIZATIONS].replace(b"college", b"collage", 1)


def _a_row_less(files: dict[str, bytes], _: dict[str, Any]) -> None:
    files[ORGANIZATIONS] = files[ORGANIZATIONS].split(b"\n", 1)[1]


def _a_row_more(files: dict[str, bytes], _: dict[str, Any]) -> None:
    files[ORGANIZATIONS] += files[ORGANIZATIONS].split(b"\n", 1)[0] + b"\n"


def _a_table_less(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del files[ORGANIZATIONS]


def _a_table_less_everywhere(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del files[ORGANIZATIONS]
    manifest["tables"] = [one for one in manifest["tables"] if one["name"] != "organizations"]


def _a_path_outside(files: dict[str, bytes], _: dict[str, Any]) -> None:
    files["../../etc/cron.d/evil"] = b"* * * * * root reboot\n"


def _a_table_that_is_a_path(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["tables"][0]["file"] = "../../etc/passwd"


def _a_bomb(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    sealed(files, manifest, "topics", b" " * 50_000_000 + b"\n")


def _a_newer_schema(_: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["schema_revision"] = "9999"


def _a_newer_format(_: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["version"] = 2


def _something_else(_: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["format"] = "holiday pictures"


def _no_columns(_: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del manifest["tables"][0]["columns"]


def _statement_for_a_name(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = 'topics"; DROP TABLE events; --'
    files[f"tables/{name}.jsonl"] = files.pop("tables/topics.jsonl")
    told = next(one for one in manifest["tables"] if one["name"] == "topics")
    told |= {"name": name, "file": f"tables/{name}.jsonl"}


def _no_json(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    sealed(files, manifest, "organizations", b"{'id': 1}\n")


def _text_for_a_number(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    lines = files[ORGANIZATIONS]
    sealed(files, manifest, "organizations", re.sub(rb'"id":(\d+)', rb'"id":"\1"', lines, count=1))


def _a_row_twice(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    lines = files[ORGANIZATIONS]
    sealed(files, manifest, "organizations", lines + lines)


def _a_row_that_points_nowhere(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    lines = files["tables/campuses.jsonl"]
    wrong = re.sub(rb'"organization_id":\d+', b'"organization_id":999999', lines, count=1)
    sealed(files, manifest, "campuses", wrong)


def _an_overlap(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    rows = [json.loads(line) for line in files["tables/reservations.jsonl"].splitlines()]
    first = next(one for one in rows if one["state"] in ("held", "confirmed"))
    again = {**first, "id": 999_999, "public_id": "00000000-0000-4000-8000-000000000001"}
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in (*rows, again))
    sealed(files, manifest, "reservations", lines)


DAMAGED = [
    ("a letter of a row is another one", _another_letter, "is not what was taken"),
    ("a row is missing", _a_row_less, "is not what was taken"),
    ("a row too many", _a_row_more, "holds more than"),
    ("a table's file is missing", _a_table_less, "are not those of its manifest"),
    ("a table is missing from the manifest too", _a_table_less_everywhere, "are not those of the schema"),
    ("a path outside", _a_path_outside, "are not those of its manifest"),
    ("a table's file is a path outside", _a_table_that_is_a_path, "cannot be read"),
    ("a zip bomb", _a_bomb, "grow beyond measure"),
    ("a newer schema", _a_newer_schema, "Restore it with eventsvc"),
    ("a newer format", _a_newer_format, "has format 2"),
    ("some other archive", _something_else, "no backup of eventsvc"),
    ("a table without columns", _no_columns, "cannot be read"),
    ("a statement for a name", _statement_for_a_name, "are not those of the schema"),
    ("a line that is no JSON", _no_json, "is no row of that table"),
    ("a text for a number", _text_for_a_number, "is no row of that table"),
    ("a row twice, with fitting digests", _a_row_twice, "refuses a row"),
    (
        "a row that points nowhere",
        _a_row_that_points_nowhere,
        "points nowhere|do not fit|refuses",
    ),
    ("an overlap, with fitting digests", _an_overlap, "refuses a row"),
]


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    """An empty database of the engine on which the test runs."""
    made = request.getfixturevalue(f"{'sqlite' if 'sqlite' in app.config['DATABASE_URL'] else 'postgresql'}_databases")
    url = made.fresh()
    yield url
    made.drop(url)


def restored(url: str, path: Path) -> Any:
    return CliRunner().invoke(cli, ["restore", str(path)], env=databases.environment(url))


def ensure_nothing_there(url: str) -> None:
    """Still empty: the whole archive goes in, afterwards."""
    app = create_app(databases.settings(url))
    with app.app_context():
        assert not db.session.scalar(select(func.count(Organization.id)))
        db.session.remove()
        db.engine.dispose()


def test_no_damaged_or_hostile_archive_is_restored(whole, empty_url):
    for name, change, says in DAMAGED:
        answer = restored(empty_url, rewritten(whole, change))
        assert answer.exit_code == 1, name
        assert re.search(says, answer.output), (name, answer.output)
        assert "Traceback" not in answer.output
        ensure_nothing_there(empty_url)
    answer = restored(empty_url, whole)
    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.999], ids=str)
def test_an_archive_that_was_cut_off_is_no_archive(whole, keep):
    content = whole.read_bytes()
    whole.write_bytes(content[: int(keep if keep >= 1 else len(content) * keep)])
    with pytest.raises(BadArchive):
        archive.verify(whole)


def test_a_byte_that_flipped_anywhere_is_seen(whole):
    content = whole.read_bytes()
    with zipfile.ZipFile(whole) as opened:
        starts = [one.header_offset + 30 + len(one.filename) + 20 for one in opened.infolist() if one.file_size > 200]
    for position in starts:
        whole.write_bytes(content[:position] + bytes([content[position] ^ 0x20]) + content[position + 1 :])
        with pytest.raises(BadArchive):
            archive.verify(whole)


def test_kill_9_in_the_middle_of_a_restore_leaves_an_empty_database(whole, empty_url):
    command = [sys.executable, "-m", "eventsvc.interfaces.cli", "restore", str(whole)]
    environment = {**os.environ, **databases.environment(empty_url)}
    for table in ("organizations", "events"):
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as run:
            assert run.stderr is not None
            said = next((line for line in run.stderr if line.startswith(table.encode())), None)
            os.kill(run.pid, signal.SIGKILL)
            assert said is not None
        ensure_nothing_there(empty_url)
    assert restored(empty_url, whole).exit_code == 0


OLDER = "0041"


def test_an_archive_of_an_older_schema_is_restored_and_upgraded(whole, empty_url):
    columns = columns_at(OLDER, empty_url)

    def of_an_older_schema(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest["schema_revision"] = OLDER
        manifest["tables"] = [one for one in manifest["tables"] if one["name"] in columns]
        for name in [one for one in files if one[7:-6] not in columns]:
            del files[name]
        for one in manifest["tables"]:
            one["columns"] = [column for column in one["columns"] if column["name"] in columns[one["name"]]]
            names = [column["name"] for column in one["columns"]]
            rows = [json.loads(line) for line in files[one["file"]].splitlines()]
            lines = [json.dumps({name: row[name] for name in names}).encode() + b"\n" for row in rows]
            sealed(files, manifest, one["name"], b"".join(lines))

    older = rewritten(whole, of_an_older_schema)
    if any(names - set(METADATA.tables[table].columns.keys()) for table, names in columns.items()):
        pytest.skip(f"of an archive of today none of {OLDER} can be made any more: take a later revision")
    answer = restored(empty_url, older)
    assert answer.exit_code == 0, answer.output
    app = create_app(databases.settings(empty_url))
    with app.app_context():
        assert is_at_head()
        assert db.session.scalar(select(func.count(Organization.id)))
        db.session.remove()
        db.engine.dispose()


def columns_at(revision: str, url: str) -> dict[str, set[str]]:
    """The columns of every table that an archive of that revision holds; the database is at head before and after."""
    app = create_app(databases.settings(url))
    with app.app_context():
        flask_migrate.downgrade(revision=revision)
        seen = inspect(db.engine)
        tables = set(seen.get_table_names()) - {"alembic_version", *contents.LEFT_OUT}
        found = {
            one: {column["name"] for column in seen.get_columns(one)} for one in tables if "search_index" not in one
        }
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()
    return found


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.NUMBER, 0.1),
        (Kind.NUMBER, float("inf")),
        (Kind.NUMBER, -0.0),
        (Kind.INSTANT, NOW + timedelta(microseconds=1)),
        (Kind.LOCAL, NOW.replace(tzinfo=None)),
        (Kind.DATE, NOW.date()),
        (Kind.BYTES, bytes(range(256))),
        (Kind.TEXT, "\u2028 🦀 \x7f"),
        (Kind.INTEGER, 2**62),
        (Kind.BOOLEAN, False),
    ],
)
def test_a_value_comes_back_as_it_was(kind, value):
    assert kinds.from_json(kind, json.loads(json.dumps(kinds.to_json(kind, value)))) == value
