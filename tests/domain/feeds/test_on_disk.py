"""Finished feeds in files: a process that begins makes none again, and nothing that lies there can do harm."""

from __future__ import annotations

import gzip
import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.events.models import Event
from eventsvc.domain.feeds import entries, stored
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.on_disk import Files, Finished
from eventsvc.domain.feeds.shelf import Shelf
from eventsvc.interfaces import scheduler
from eventsvc.interfaces.services import services
from eventsvc.workflows import edit_event
from tests import builders, databases
from tests.conftest import NOW
from tests.domain.feeds.test_feeds import published

pytestmark = pytest.mark.usefixtures("still")
MADE = Finished("of this", "tag", b"BEGIN", gzip.compress(b"BEGIN"))


@pytest.fixture
def world(bare_app):
    """Some published sessions."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("west-campus")
        for number in range(3):
            published(builders.a_plan(campus, title=f"Session {number}"))


@pytest.fixture
def looked(monkeypatch):
    """How often the places of a feed were read."""
    looks, places = [], stored.places

    def counting(*wanted):
        looks.append(wanted)
        return places(*wanted)

    monkeypatch.setattr(stored, "places", counting)
    return looks


def polled(shelf, now=NOW):
    copy = shelf.copy_of("all", entries.all_events, services().links, now)
    assert gzip.decompress(copy.zipped) == copy.body
    return copy.body, copy.etag, copy.last_modified


def test_a_process_that_begins_reads_what_another_has_made_until_something_changes(bare_app, world, looked, tmp_path):
    def begun():
        return Shelf(Files(tmp_path))

    with bare_app.app_context():
        first, second = begun(), begun()
        made = polled(first)
        assert polled(second) == made
        assert len(looked) == 1
        with transaction():
            event_id = db.session.scalars(select(Event.public_id)).first()
            edit_event.edit_event(event_id, {"title": "Another"}, actor=ADMINISTRATOR, now=NOW)
        changed = polled(second)
        assert b"SUMMARY:Another" in changed[0]
        assert polled(first) == polled(begun()) == changed
        assert len(looked) == 3, "the first had its own parts to go on with"
        assert polled(begun(), NOW + timedelta(days=1))[0] == changed[0]
        assert len(looked) == 4, "another day is another window"


DAMAGES = {
    "cut off": lambda octets: octets[: len(octets) // 2],
    "empty": lambda _octets: b"",
    "one byte is another": lambda octets: octets[:-9] + bytes([octets[-9] ^ 1]) + octets[-8:],
    "no head": lambda octets: octets.partition(b"\n")[2],
    "a head of another kind": lambda octets: b"[1, 2]\n" + octets.partition(b"\n")[2],
    "a head without a tag": lambda octets: octets.replace(b'"etag"', b'"tag"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_passed_over_and_written_anew(tmp_path, damage):
    files = Files(tmp_path)
    files.keep("all", MADE)
    (path,) = tmp_path.iterdir()
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert files.find("all", MADE.made_of) is None
    files.keep("all", MADE)
    assert files.find("all", MADE.made_of) == MADE


def test_what_was_made_of_something_else_is_not_found(tmp_path):
    files = Files(tmp_path / "made" / "here")
    assert files.find("all", MADE.made_of) is None
    files.keep("all", MADE)
    assert files.find("all", "of that") is None
    assert files.find("campus:all", MADE.made_of) is None
    assert files.find("all", MADE.made_of) == MADE


def test_a_folder_that_cannot_be_written_costs_nobody_a_feed(bare_app, world, tmp_path):
    (tmp_path / "file").write_text("")
    with bare_app.app_context():
        body, *_ = polled(Shelf(Files(tmp_path / "file" / "folder")))
    assert body.count(b"BEGIN:VEVENT") == 3


def test_private_calendars_stand_in_no_file(bare_app, world, tmp_path):
    feed = Feed("own", "", "Mine", Filter(), frozenset({"all"}), is_private=True, components_on=lambda _day: [])
    with bare_app.app_context():
        Shelf(Files(tmp_path)).copy_of("own", lambda: feed, services().links, NOW)
    assert list(tmp_path.iterdir()) == []


def test_old_files_go_at_night(database_url, tmp_path):
    app = create_app(databases.settings(database_url, FEED_FILES=str(tmp_path)))
    app.test_client().get("/feeds/all.ics")
    (path,) = tmp_path.iterdir()
    for age, left in ((timedelta(days=1), 1), (timedelta(days=3), 0)):
        written = (NOW - age).timestamp()
        os.utime(path, (written, written))
        scheduler.run_retention(app)
        assert len(list(tmp_path.iterdir())) == left
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
