"""Stored entries: rendered once a version, put together into the same bytes as if all were rendered at once."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.feeds import entries, public, shelf, stored, versions
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.models import FeedEntry
from eventsvc.domain.feeds.shelf import Shelf
from eventsvc.ical import writer
from eventsvc.interfaces import scheduler
from eventsvc.interfaces.services import services
from eventsvc.workflows import edit_event
from tests import builders
from tests.conftest import NOW
from tests.databases import told_at
from tests.domain.feeds.test_feeds import published, titles

pytestmark = pytest.mark.usefixtures("still")
HOW_MANY = 150  # more than two parts of 64


def many_sessions():
    campus = builders.a_campus("west-campus")
    for number in range(HOW_MANY):
        published(builders.a_plan(campus, title=f"Session {number}", when=builders.at("2027-02-10T14:00")))


FILLED = ("many_sessions", told_at(NOW, many_sessions))


@pytest.fixture
def database_url(filled_url):
    return filled_url


@pytest.fixture
def world(bare_app):
    """Ids of events enough for several parts."""
    with bare_app.app_context():
        ids = [str(one) for one in db.session.scalars(select(Event.public_id).order_by(Event.id))]
        db.session.remove()
        return ids


@pytest.fixture
def rendered(monkeypatch):
    """How many entries were rendered by each look."""
    counts, render = [], stored.render

    def counting(event_ids, links):
        counts.append(len(event_ids))
        return render(event_ids, links)

    monkeypatch.setattr(stored, "render", counting)
    return counts


def rename(app, event_id, title):
    with app.app_context(), transaction():
        edit_event.edit_event(event_id, {"title": title}, actor=ADMINISTRATOR, now=clock.now())


def all_at_once() -> bytes:
    """The calendar of all events as the writer gives it, with nothing stored."""
    links = services().links
    query = select(Event).order_by(Event.promised_starts_at, Event.public_id)
    shown = [one for one in db.session.scalars(query) if one.visibility is Visibility.PUBLIC]
    return writer.write(entries.head_of(entries.all_events(), links), [entries.entry_of(one, links) for one in shown])


def test_only_what_changed_is_rendered_again_and_another_process_renders_nothing(bare_app, world, public, rendered):
    public.get("/feeds/all.ics")
    public.get("/feeds/campus/west-campus.ics")
    assert rendered == [HOW_MANY, 0]
    rename(bare_app, world[70], "Corrected")
    assert "Corrected" in titles(public)
    with bare_app.app_context():
        copy = Shelf().copy_of("all", entries.all_events, services().links, NOW)
        assert (copy.body, rendered) == (all_at_once(), [HOW_MANY, 0, 1, 0])


def test_what_is_put_together_is_what_would_be_written_at_once_plain_and_zipped(bare_app, world, public):
    for number, title in ((0, "First"), (64, "Border"), (HOW_MANY - 1, "Last")):
        rename(bare_app, world[number], title)
        with bare_app.app_context():
            wanted = all_at_once()
        assert public.get("/feeds/all.ics").data == wanted
        zipped = public.get("/feeds/all.ics", headers={"Accept-Encoding": "gzip"}).data
        assert gzip.decompress(zipped) == wanted
    with bare_app.app_context(), transaction():
        edit_event.edit_event(world[3], {"visibility": Visibility.PRIVATE}, actor=ADMINISTRATOR, now=NOW)
    with bare_app.app_context():
        assert public.get("/feeds/all.ics").data == all_at_once()


def test_nobody_waits_for_more_than_a_get_may_render_and_the_command_hurries(bare_app, world, public, monkeypatch):
    monkeypatch.setattr(shelf, "MOST_RENDERED", 10)
    refused = public.get("/feeds/all.ics")
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (503, "not-prepared")
    assert refused.headers["Retry-After"]
    assert scheduler.run_feeds(bare_app) == HOW_MANY
    assert scheduler.run_feeds(bare_app) == 0
    assert len(titles(public)) == HOW_MANY


def test_a_new_way_of_writing_is_caught_up_with_while_the_old_words_are_served(
    bare_app, world, public, monkeypatch, rendered
):
    public.get("/feeds/all.ics")
    monkeypatch.setattr(stored, "WRITER", stored.WRITER + 1)
    monkeypatch.setattr(shelf, "MOST_RENDERED", 10)
    with bare_app.app_context():
        wanted, mine, links = all_at_once(), Shelf(), services().links
        assert mine.copy_of("all", entries.all_events, links, NOW).body == wanted
        assert rendered.pop() == 10
        db.session.rollback()
        assert scheduler.run_feeds(bare_app) == HOW_MANY
        again = len(rendered)
        assert mine.copy_of("all", entries.all_events, links, NOW).body == wanted
        assert len(rendered) == again, "not before ten seconds are over"
        later = mine.copy_of("all", entries.all_events, links, NOW + timedelta(seconds=10))
        assert (later.body, later.look_again_at) == (wanted, None)


def test_a_process_keeps_the_feeds_that_are_asked_for_and_no_more_than_fit(bare_app, world, monkeypatch, rendered):
    with bare_app.app_context():
        links, mine = services().links, Shelf()
        finds = {
            "all": entries.all_events,
            "kind:info_session": lambda: public.narrowed("kind", "info_session"),
            "campus:west-campus": lambda: public.narrowed("campus", "west-campus"),
        }
        first, second, third = finds
        sizes = [mine.copy_of(key, finds[key], links, NOW).size for key in (first, second, first)]
        monkeypatch.setattr(shelf, "MOST_KEPT", sizes[0] + sizes[1] + 10)
        mine.copy_of(third, finds[third], links, NOW)
        made = len(rendered)
        mine.copy_of(first, finds[first], links, NOW)
        assert len(rendered) == made, "asked for last but one"
        mine.copy_of(second, finds[second], links, NOW)
        assert len(rendered) == made + 1, "was dropped"


def test_what_went_private_between_two_reads_is_not_rendered(bare_app, world):
    with bare_app.app_context(), transaction():
        edit_event.edit_event(world[3], {"visibility": Visibility.PRIVATE}, actor=ADMINISTRATOR, now=NOW)
    with bare_app.app_context():
        ids = list(db.session.scalars(select(Event.id).order_by(Event.id)))
        assert sorted(stored.render(ids, services().links)) == [*ids[:3], *ids[4:]]


def test_entries_that_no_feed_shows_are_forgotten_at_night(bare_app, world, public):
    public.get("/feeds/all.ics")
    with bare_app.app_context(), transaction():
        edit_event.edit_event(world[3], {"visibility": Visibility.PRIVATE}, actor=ADMINISTRATOR, now=NOW)
    with bare_app.app_context():
        assert stored.forget(NOW.date()) == 1
        db.session.rollback()
    with time_machine.travel(NOW + timedelta(days=365), tick=False), bare_app.app_context():
        scheduler.run_retention(bare_app)
        assert db.session.scalar(select(func.count()).select_from(FeedEntry)) == 0


def test_a_feed_of_its_own_entries_changes_with_any_of_its_keys_and_with_the_day(bare_app, world):
    asked = []

    def written(day):
        asked.append(day)
        return [b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"] * len(asked)

    feed = Feed("own", "own", "Own", Filter(), frozenset({"kind:workshop", "kind:meeting"}), True, written)
    with bare_app.app_context():
        links, mine = services().links, Shelf()

        def poll(now=NOW):
            return mine.copy_of("own", lambda: feed, links, now).body.count(b"BEGIN:VEVENT")

        def touch(key):
            with transaction():
                versions.touch({key}, NOW)

        assert (poll(), poll()) == (1, 1)
        touch("kind:workshop")
        assert (poll(), poll()) == (2, 2)
        touch("kind:info_session")
        assert poll() == 2, "that is another feed"
        touch("kind:meeting")
        assert (poll(), poll()) == (3, 3)
        tomorrow = NOW + timedelta(days=1)
        assert (poll(tomorrow), poll(tomorrow)) == (4, 4)
        assert asked == [NOW.date()] * 3 + [tomorrow.date()]
