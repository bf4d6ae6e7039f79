"""A public-records request: whole and redacted, counted and hashed, and nothing personal in the redacted copy."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed
from eventsvc.domain.accounts import ADMINISTRATOR, Actor
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.invitations.models import Answer
from eventsvc.domain.privacy.models import Access
from eventsvc.domain.privacy.redaction import MEANINGS, Redactor
from eventsvc.interfaces import records
from eventsvc.interfaces.cli import cli
from eventsvc.workflows.record_sheets import SHEETS, Request, request_of
from tests import databases, privacy_world
from tests.privacy_world import EMAIL, NAME, REASON

ALL = {"first": date(2027, 1, 1), "last": date(2027, 12, 31)}


@pytest.fixture
def world(still, app):
    with transaction():
        made = privacy_world.make()
        db.session.scalars(select(Office).where(Office.slug == "outreach")).one().telephone = "+1 (310) 555-0142"
        hidden = db.session.get_one(Event, made.event_id)
        hidden.visibility, hidden.description = Visibility.PRIVATE, "Between us: the crane is broken."
        named = db.session.scalars(select(Event).where(Event.public_id != hidden.public_id)).one()
        named.description = f"Ask {NAME.upper()} at {EMAIL} or (310) 555-0199, or other@else.example, on 2027-02-11."
    return made


def answered(asked: Request, *, is_redacted: bool, actor: Actor = ADMINISTRATOR) -> zipfile.ZipFile:
    target = io.BytesIO()
    records.write(target, asked, is_redacted=is_redacted, purpose="request 27-1", actor=actor)
    return zipfile.ZipFile(target)


def rows_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))


def everything(archive: zipfile.ZipFile) -> str:
    return "\n".join(archive.read(name).decode() for name in archive.namelist())


def test_the_whole_version_holds_all_but_keys(world):
    archive = answered(request_of(**ALL), is_redacted=False)
    assert set(archive.namelist()) == {*(f"{sheet.name}.csv" for sheet in SHEETS), "manifest.json"}
    assert {row["public_id"] for row in rows_of(archive, "bookings")} == {world.event, world.named}
    assert "sign_in" not in {row["letter"] for row in rows_of(archive, "letters")}
    assert NAME in everything(archive)
    assert {row["purpose"] for row in rows_of(archive, "outside_parties")} >= {"print the program"}


def test_the_redacted_version_says_why_and_holds_nothing_personal(world):
    archive = answered(request_of(**ALL), is_redacted=True)
    text = everything(archive)
    for value in (NAME, EMAIL, REASON, "ada-example", "555-0142", "555-0199", "other@else.example", "crane is broken"):
        assert value.casefold() not in text.casefold(), value
    (named,) = [row for row in rows_of(archive, "bookings") if row["public_id"] == world.named]
    assert named["title"] == "An hour with [redacted R1]"
    assert named["description"] == (
        "Ask [redacted R1] at [redacted R2] or [redacted R3], or [redacted R2], on 2027-02-11."
    )
    assert named["starts"] == "2027-02-11T14:00-08:00"
    assert {row["reason"] for row in rows_of(archive, "letters") if "reason" in row} == set()


def test_the_manifest_counts_and_proves_what_is_there_and_what_is_not(world):
    archive = answered(request_of(**ALL), is_redacted=True)
    manifest = json.loads(archive.read("manifest.json"))
    for file in manifest["files"]:
        content = archive.read(file["name"])
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["bytes"]
        assert len(rows_of(archive, file["name"].removesuffix(".csv"))) == file["rows"]
    marks = {code: everything(archive).count(f"[redacted {code}]") for code in map(str, MEANINGS)}
    counted = {code: sum(codes.get(code, 0) for codes in manifest["withheld"].values()) for code in marks}
    assert counted == marks
    assert set(manifest["reasons"]) == set(map(str, MEANINGS))
    assert "R5" in " ".join(manifest["never_held"])


def test_the_same_request_twice_is_blacked_out_the_same(world):
    first, second = (answered(request_of(**ALL), is_redacted=True) for _ in range(2))
    for name in ("bookings.csv", "letters.csv"):
        assert first.read(name) == second.read(name)


def test_it_is_narrowed_by_days_by_college_and_by_person(world):
    only = request_of(date(2027, 2, 11), date(2027, 2, 11))
    assert {row["public_id"] for row in rows_of(answered(only, is_redacted=False), "bookings")} == {world.named}
    college = db.session.get_one(Event, world.event_id).owner.organization.slug
    assert len(rows_of(answered(request_of(**ALL, organization=college), is_redacted=False), "bookings")) == 2
    port = db.session.scalars(select(Office).where(Office.slug == "outreach")).one().organization.slug
    assert rows_of(answered(request_of(**ALL, organization=port), is_redacted=False), "bookings") == []
    hers = answered(request_of(**ALL, email=EMAIL), is_redacted=False)
    assert {row["public_id"] for row in rows_of(hers, "bookings")} == {world.event}
    assert {row["to_address"].lower() for row in rows_of(hers, "letters")} == {EMAIL}


def test_it_is_the_administrators_and_noted(world):
    with pytest.raises(NotAllowed):
        answered(request_of(**ALL), is_redacted=True, actor=Actor("account x"))
    answered(request_of(**ALL), is_redacted=False)
    assert db.session.scalars(select(Access.purpose).order_by(Access.id.desc())).first() == "request 27-1"
    with pytest.raises(InvalidInput):
        request_of(date(2027, 2, 2), date(2027, 2, 1))
    with pytest.raises(InvalidInput):
        request_of(**ALL, organization="nowhere")


def test_the_command_writes_it_and_lists_its_hashes(world, database_url, tmp_path):
    into = tmp_path / "answer.zip"
    words = ["records", "export", "--from", "2027-01-01", "--to", "2027-12-31", "--redacted", "--into", str(into)]
    result = CliRunner().invoke(cli, words, env=databases.environment(database_url))
    assert result.exit_code == 0, result.output
    assert "bookings.csv: 2 rows" in result.output
    assert NAME not in everything(zipfile.ZipFile(into))


LETTERS = st.text(alphabet="qxzwvkjyQXZñéŁ", min_size=5, max_size=12)
NAMES = st.builds("{} {}".format, LETTERS, LETTERS)
ADDRESSES = st.builds("{}@{}.example".format, st.text("qxzwvkjy", min_size=5, max_size=9), st.just("zqx"))
TELEPHONES = st.from_regex(r"\(?[2-9][0-9]{2}\)?[ .-][0-9]{3}[ .-][0-9]{4}", fullmatch=True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES, min_size=2, max_size=2), st.lists(ADDRESSES, min_size=2, max_size=2), TELEPHONES, NAMES, NAMES)
def test_no_redacted_export_holds_any_of_the_values_put_in(world, names, addresses, telephone, note, secret):
    """Names, addresses, telephone numbers and notes are put wherever they can stand; none comes out."""
    with transaction():
        ada = db.session.get_one(Expert, world.ada)
        ada.name, ada.email = names[0], addresses[0]
        bo = db.session.scalars(select(Account).where(Account.name != NAME).order_by(Account.id.desc())).first()
        bo.name, bo.email = names[1], addresses[1]
        db.session.scalars(select(Office).where(Office.slug == "outreach")).one().telephone = telephone
        db.session.scalars(select(Answer)).first().reason = note
        hidden = db.session.get_one(Event, world.event_id)
        hidden.title, hidden.description, hidden.bring = secret, secret, note
        named = db.session.scalars(select(Event).where(Event.public_id != hidden.public_id)).one()
        named.title = f"{names[0]}: {names[1].upper()}"
        named.description = f"{addresses[0]}, {addresses[1]}; {telephone}."
    text = everything(answered(request_of(**ALL), is_redacted=True)).casefold()
    for value in (*names, *addresses, telephone, note, secret):
        assert value.casefold() not in text, value


@given(st.lists(NAMES, max_size=4), st.text(max_size=40), st.text(max_size=40))
def test_a_redactor_lets_no_known_value_through(names, before, after):
    by = Redactor.knowing(names, [], [])
    said = by.words(before + " ".join(names) + after)
    for name in names:
        assert name not in said
    assert by.words(said) == said, "what is blacked out stays as it is"
