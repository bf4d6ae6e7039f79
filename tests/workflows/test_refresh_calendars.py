"""Outside calendars from end to end: attached, looked at, blocking, failing, replaced; on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotFound, SignInNeeded, SlotTaken
from eventsvc.core.fetch import Fetcher
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC
from eventsvc.domain.booking import outside
from eventsvc.domain.booking.blocks import Block, BlockKind, OutsideCalendar
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Topic
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows import outside_calendars as keep
from eventsvc.workflows.explain_clashes import explain
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.refresh_calendars import Look, refresh_due
from tests import builders
from tests.conftest import NOW
from tests.ical.calendars import calendar, entry, timed
from tests.web_server import Page, WebServer, web_server

MINUTES = timedelta(minutes=1)
# Wednesday, 10 February 2027, 2 to 3 in the afternoon in Los Angeles.
AFTERNOON = timed("20270210T220000Z", "20270210T230000Z", "SUMMARY:Board meeting")
TWO = datetime(2027, 2, 10, 22, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def fetcher(server: WebServer) -> Fetcher:
    return Fetcher(allowed=(server.place,))


def attach(server: WebServer, kind: str, slug: str, now: datetime = NOW) -> keep.Known:
    with transaction():
        return keep.attach_by_address(
            kind, slug, server.at("/a.ics"), fetcher=fetcher(server), actor=ADMINISTRATOR, now=now
        )


def refresh(server: WebServer, now: datetime = NOW) -> list[Look]:
    return list(refresh_due(fetcher(server), lambda: now))


def the_calendar() -> OutsideCalendar:
    db.session.expire_all()
    return db.session.scalars(select(OutsideCalendar)).one()


def blocks() -> list[Block]:
    db.session.expire_all()
    return list(db.session.scalars(select(Block).order_by(Block.starts_at, Block.id)))


def plan(campus, **more: object):
    """What stands in the way of a plan on that afternoon, in words; nothing where it is booked."""
    with transaction():
        return plan_event(
            builders.a_plan(campus, when=builders.at("2027-02-10T14:30", 60), **more), actor=ADMINISTRATOR, now=NOW
        )


def clashes(campus, **more: object) -> list[dict]:
    with pytest.raises(SlotTaken) as refusal:
        plan(campus, **more)
    return explain(refusal.value.clashes, actor=ADMINISTRATOR)


@pytest.fixture
def campus(app: Flask):
    with transaction():
        return builders.a_campus("college")


@pytest.fixture
def room(campus):
    with transaction():
        return builders.a_room("hall", on=campus)


@pytest.fixture
def expert(campus):
    with transaction():
        return builders.an_expert("expert-one")


def test_a_rooms_outside_calendar_blocks_and_the_refusal_says_how_old_that_is(campus, room, server):
    server.pages["/a.ics"] = Page(calendar(AFTERNOON))
    attach(server, "rooms", "hall")
    assert [look.error for look in refresh(server)] == [""]
    (clash,) = clashes(campus, rooms=[room])
    assert clash["kind"] == "busy_elsewhere"
    assert "as we knew it on" in clash["detail"]
    assert clash["title"] == "Board meeting"


def test_an_experts_outside_calendar_blocks_and_keeps_to_itself_what_for(campus, expert, server):
    server.pages["/a.ics"] = Page(calendar(AFTERNOON))
    attach(server, "experts", "expert-one")
    refresh(server)
    (block,) = blocks()
    assert (block.kind, block.starts_at, block.title) == (BlockKind.BUSY_ELSEWHERE, TWO, "")
    assert [clash["kind"] for clash in clashes(campus, experts=[expert])] == ["busy_elsewhere"]


def test_a_campus_is_closed_by_its_outside_calendar(campus, room, server):
    holiday = entry("DTSTART;VALUE=DATE:20270210", "SUMMARY:Lincoln's birthday", uid="h")
    finals = entry("DTSTART;VALUE=DATE:20270310", "SUMMARY:Finals week", uid="f")
    other = entry("DTSTART;VALUE=DATE:20270311", "SUMMARY:Power off", uid="o")
    server.pages["/a.ics"] = Page(calendar(holiday, finals, other))
    attach(server, "campuses", "college")
    refresh(server)
    assert [(block.kind, block.title) for block in blocks()] == [
        (BlockKind.HOLIDAY, "Lincoln's birthday"),
        (BlockKind.FINALS, "Finals week"),
        (BlockKind.BLACKOUT, "Power off"),
    ]
    assert [clash["kind"] for clash in clashes(campus, rooms=[room])] == ["closed"]


def test_whole_days_are_the_owners(campus, server):
    with transaction():
        builders.an_expert("far", zone="Europe/Berlin")
    server.pages["/a.ics"] = Page(calendar(entry("DTSTART;VALUE=DATE:20270210")))
    attach(server, "experts", "far")
    refresh(server)
    assert [block.starts_at for block in blocks()] == [datetime(2027, 2, 9, 23, 0, tzinfo=UTC)]


def test_a_divisible_halls_calendar_blocks_its_parts(campus, room, server):
    with transaction():
        parts = [builders.a_room(slug, on=campus) for slug in ("part-a", "part-b")]
        for part in parts:
            part.parent_id = room.id
    server.pages["/a.ics"] = Page(calendar(AFTERNOON))
    attach(server, "rooms", "hall")
    refresh(server)
    assert len(blocks()) == 2
    assert [clash["kind"] for clash in clashes(campus, rooms=[parts[0]])] == ["busy_elsewhere"]


def test_our_own_events_in_somebodys_calendar_do_not_block(campus, expert, server):
    own = plan(campus, experts=[expert])
    mine = timed("20270210T223000Z", "20270210T233000Z", uid=str(own.public_id).upper())
    server.pages["/a.ics"] = Page(calendar(mine, timed("20270211T100000Z", "20270211T110000Z", uid="other")))
    attach(server, "experts", "expert-one")
    refresh(server)
    assert [block.uid for block in blocks()] == ["other"]


# Letters


def letters() -> list[Message]:
    db.session.expire_all()
    return list(db.session.scalars(select(Message).where(Message.letter == "blocked").order_by(Message.id)))


def test_a_block_on_top_of_a_reservation_refuses_nothing_and_is_told_once(campus, expert, room, server):
    event = plan(campus, experts=[expert], rooms=[room])
    server.pages["/a.ics"] = Page(calendar(AFTERNOON))
    attach(server, "experts", "expert-one")
    assert [look.told for look in refresh(server)] == [1]
    (letter,) = letters()
    assert letter.to_address == event.owner.mailbox
    assert letter.facts["name"] == expert.name
    assert letter.facts["blocked"]["starts_at"] == "2027-02-10T22:00:00Z"
    # The entry moves by a quarter of an hour, and lies on the event still.
    server.pages["/a.ics"] = Page(calendar(timed("20270210T221500Z", "20270210T230000Z")))
    assert [look.told for look in refresh(server, NOW + 31 * MINUTES)] == [0]
    # Another entry is another matter.
    other = timed("20270210T223000Z", "20270210T230000Z", uid="two@test")
    server.pages["/a.ics"] = Page(calendar(AFTERNOON, other))
    assert [look.told for look in refresh(server, NOW + 62 * MINUTES)] == [1]


def test_a_series_in_another_calendar_is_told_once_for_each_event(campus, expert, server):
    for wall in ("2027-02-10T14:30", "2027-02-17T14:30"):
        with transaction():
            wish = builders.a_plan(campus, when=builders.at(wall), experts=[expert])
            plan_event(wish, actor=ADMINISTRATOR, now=NOW)
    weekly = timed("20270106T220000Z", "20270106T230000Z", "RRULE:FREQ=WEEKLY")
    server.pages["/a.ics"] = Page(calendar(weekly))
    attach(server, "experts", "expert-one")
    assert [look.told for look in refresh(server)] == [2]


def test_a_campus_that_closes_tells_the_offices_of_its_events(campus, room, server):
    plan(campus, rooms=[room])
    server.pages["/a.ics"] = Page(calendar(entry("DTSTART;VALUE=DATE:20270210", "SUMMARY:Holiday")))
    attach(server, "campuses", "college")
    assert [look.told for look in refresh(server)] == [1]
    assert letters()[0].facts["blocked"]["kind"] == "holiday"


def test_set_up_counts_and_what_only_touches_does_not(campus, server):
    with transaction():
        room = builders.a_room("hall", on=campus, setup=30)
    plan(campus, rooms=[room])  # busy from 22:00 UTC
    server.pages["/a.ics"] = Page(calendar(timed("20270210T213000Z", "20270210T220000Z")))
    attach(server, "rooms", "hall")
    assert [look.told for look in refresh(server)] == [0]
    server.pages["/a.ics"] = Page(calendar(timed("20270210T213000Z", "20270210T220100Z")))
    assert [look.told for look in refresh(server, NOW + 31 * MINUTES)] == [1]


# Looking


def test_a_look_comes_every_half_hour_and_asks_only_for_what_changed(campus, expert, server):
    def page(headers: dict[str, str]) -> Page:
        return (
            Page(status=304)
            if headers.get("If-None-Match") == '"1"'
            else Page(calendar(AFTERNOON), headers={"ETag": '"1"'})
        )

    server.pages["/a.ics"] = page
    attach(server, "experts", "expert-one")
    refresh(server)
    assert refresh(server, NOW + 29 * MINUTES) == []
    later = NOW + 30 * MINUTES
    assert refresh(server, later) == [Look(the_calendar().id)]
    assert (the_calendar().fetched_at, len(blocks())) == (later, 1)
    # After a week the far end of what was read has come a week nearer: all is read anew.
    assert refresh(server, NOW + timedelta(days=8)) == [Look(the_calendar().id)]
    assert the_calendar().read_until == NOW + timedelta(days=408)
    assert [("If-None-Match" in headers) for _, headers in server.asked] == [False, True, False]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(status=500), "It answered with status 500."),
        (Page(b"<html>sign in</html>"), "nothing in it begins with BEGIN:VCALENDAR"),
        (Page(calendar(AFTERNOON)[:-20]), "ends in the middle"),
        (Page(status=302, headers={"Location": "https://169.254.169.254/"}), "open internet"),
        (Page(b"a" * 1_000_001), "larger than 1 MB"),
    ],
    ids=["status", "a page", "cut", "redirected inside", "large"],
)
def test_a_look_that_fails_keeps_what_was_known_and_waits_longer_each_time(campus, expert, server, page, words):
    server.pages["/a.ics"] = Page(calendar(AFTERNOON))
    attach(server, "experts", "expert-one")
    refresh(server)
    server.pages["/a.ics"] = page
    now = NOW
    for failures, minutes in ((1, 30), (2, 60), (3, 120)):
        now = the_calendar().next_at
        (look,) = refresh(server, now)
        assert words in look.error
        known = the_calendar()
        assert (known.failures, known.next_at - now, known.fetched_at) == (failures, minutes * MINUTES, NOW)
        assert words in known.error
    assert len(blocks()) == 1
    server.pages["/a.ics"] = Page(calendar())
    refresh(server, the_calendar().next_at)
    assert (the_calendar().failures, the_calendar().error, blocks()) == (0, "", [])


def test_the_wait_after_failures_ends_at_a_day(campus, expert, server):
    attach(server, "experts", "expert-one")
    with transaction():
        known = the_calendar()
        known.failures = 40
    refresh(server)
    assert the_calendar().next_at == NOW + timedelta(days=1)


def test_no_transaction_is_open_while_a_server_is_asked(bare_app, campus, expert, server):
    """Somebody else writes meanwhile; on SQLite there is one writer at a time."""

    def answer(headers: dict[str, str]) -> Page:
        with bare_app.app_context(), transaction():
            builders.a_topic("meanwhile")
        return Page(calendar(AFTERNOON))

    server.pages["/a.ics"] = answer
    attach(server, "experts", "expert-one")
    assert [look.error for look in refresh(server)] == [""]
    assert lookup.find(Topic, "meanwhile") is not None
    assert len(blocks()) == 1


def test_a_claimed_calendar_is_claimed_by_nobody_else_until_the_lease_is_over(campus, expert, server):
    attach(server, "experts", "expert-one")
    with transaction():
        first = outside.claim_next(NOW)
        assert outside.claim_next(NOW) is None
    with transaction():
        second = outside.claim_next(NOW + outside.LEASE)
        assert outside.claim_again(first) is None
        assert outside.claim_again(second).id == first.calendar_id


def test_many_who_look_at_once_ask_each_server_once(bare_app, campus, server):
    slugs = [f"expert-{number}" for number in range(6)]
    with transaction():
        for slug in slugs:
            builders.an_expert(slug)
    for slug in slugs:
        server.pages[f"/{slug}"] = Page(calendar(AFTERNOON))
        with transaction():
            keep.attach_by_address(
                "experts", slug, server.at(f"/{slug}"), fetcher=fetcher(server), actor=ADMINISTRATOR, now=NOW
            )

    def look() -> list[Look]:
        with bare_app.app_context():
            try:
                return refresh(server)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        looks = [one for found in [pool.submit(look) for _ in range(4)] for one in found.result()]
    assert [look.error for look in looks] == [""] * 6
    assert sorted(path for path, _ in server.asked) == sorted(f"/{slug}" for slug in slugs)
    assert len(blocks()) == 6


def test_what_was_brought_for_a_calendar_that_was_replaced_meanwhile_is_thrown_away(campus, expert, server):
    attach(server, "experts", "expert-one")
    with transaction():
        claimed = outside.claim_next(NOW)
    with transaction():
        keep.attach_by_address(
            "experts", "expert-one", server.at("/b.ics"), fetcher=fetcher(server), actor=ADMINISTRATOR, now=NOW
        )
    with transaction():
        assert outside.claim_again(claimed) is None
    assert the_calendar().url == server.at("/b.ics")


def test_the_calendar_of_a_room_out_of_use_is_not_looked_at(campus, expert, room, server):
    server.pages["/a.ics"] = Page(calendar())
    attach(server, "rooms", "hall")
    attach(server, "experts", "expert-one")
    with transaction():
        db.session.merge(room).retired_on = NOW.date()
    assert [look.calendar_id for look in refresh(server)] == [
        keep.get_known("experts", "expert-one", actor=ADMINISTRATOR).calendar.id
    ]
    assert keep.get_known("rooms", "hall", actor=ADMINISTRATOR).calendar.next_at is None


def test_every_calendar_can_be_made_due(campus, expert, room, server):
    server.pages["/a.ics"] = Page(calendar())
    attach(server, "experts", "expert-one")
    attach(server, "rooms", "hall")
    assert len(refresh(server)) == 2
    assert refresh(server) == []
    with transaction():
        assert outside.make_all_due(NOW) == 2
    assert len(refresh(server)) == 2


# Keeping


def test_a_calendar_is_replaced_and_taken_away_with_what_it_blocks(campus, expert, server):
    server.pages["/a.ics"] = Page(calendar(AFTERNOON))
    attach(server, "experts", "expert-one")
    refresh(server)
    again = attach(server, "experts", "expert-one", NOW + MINUTES)  # the same address
    assert (again.blocks, again.calendar.next_at) == (1, NOW + MINUTES)
    with transaction():
        reading = keep.read_upload("experts", "expert-one", calendar(timed("20270301T100000Z", "20270301T110000Z")),
                                   actor=ADMINISTRATOR, now=NOW)  # fmt: skip
    with transaction():
        known = keep.attach_reading("experts", "expert-one", reading, actor=ADMINISTRATOR, now=NOW + 2 * MINUTES)
    assert (known.blocks, known.calendar.url, known.calendar.next_at) == (1, "", None)
    assert known.calendar.fetched_at == NOW + 2 * MINUTES
    assert [block.starts_at.month for block in blocks()] == [3]
    assert refresh(server, NOW + timedelta(days=2)) == []  # an upload is not looked at
    with transaction():
        keep.detach("experts", "expert-one", actor=ADMINISTRATOR, now=NOW)
    assert blocks() == []
    assert db.session.scalars(select(OutsideCalendar)).all() == []
    plan(campus, experts=[expert])


@pytest.mark.parametrize(
    "url",
    [
        "http://example.edu/a.ics",
        "https://127.0.0.1/a.ics",
        "https://10.0.0.1/",
        "https://me:pw@example.edu/",
        "nothing",
    ],
)
def test_an_address_that_may_not_be_read_is_refused_by_its_field(campus, room, url):
    with pytest.raises(InvalidInput) as refusal, transaction():
        keep.attach_by_address("rooms", "hall", url, fetcher=Fetcher(), actor=ADMINISTRATOR, now=NOW)
    assert [error["field"] for error in refusal.value.facts["errors"]] == ["url"]
    assert db.session.scalars(select(OutsideCalendar)).all() == []


def test_an_upload_that_cannot_be_read_is_refused_by_its_field(campus, room):
    with pytest.raises(InvalidInput) as refusal:
        keep.read_upload("rooms", "hall", b"nothing", actor=ADMINISTRATOR, now=NOW)
    assert [error["field"] for error in refusal.value.facts["errors"]] == ["text"]


def test_only_planners_see_and_keep_outside_calendars(campus, room):
    for act in (
        lambda: keep.all_known(actor=PUBLIC),
        lambda: keep.get_known("rooms", "hall", actor=PUBLIC),
        lambda: keep.detach("rooms", "hall", actor=PUBLIC, now=NOW),
        lambda: keep.read_upload("rooms", "hall", b"", actor=PUBLIC, now=NOW),
    ):
        with pytest.raises(SignInNeeded):
            act()
    with pytest.raises(NotFound):
        keep.get_known("rooms", "hall", actor=ADMINISTRATOR)


def test_the_list_begins_with_what_fails(campus, expert, room, server):
    server.pages["/a.ics"] = Page(calendar(AFTERNOON))
    attach(server, "experts", "expert-one")
    refresh(server)
    server.pages["/a.ics"] = Page(status=404)
    attach(server, "rooms", "hall")
    refresh(server)
    known = keep.all_known(actor=ADMINISTRATOR)
    assert [(one.owner.slug, one.blocks, one.calendar.error) for one in known] == [
        ("hall", 0, "It answered with status 404."),
        ("expert-one", 1, ""),
    ]
