"""Subscribed calendars from end to end: looked at, unchanged, failing, gone, paused, ended; on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, SignInNeeded, Stale
from eventsvc.core.fetch import Fetcher
from eventsvc.core.versions import these
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Actor
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.events.subscriptions import LEASE, EventSubscription
from eventsvc.workflows import keep_subscriptions as keep
from eventsvc.workflows.import_entry import Outcome
from eventsvc.workflows.refresh_subscriptions import Look, refresh_due
from tests import builders
from tests.conftest import NOW
from tests.ical.calendars import calendar, timed
from tests.web_server import Page, WebServer, web_server

MINUTES = timedelta(minutes=1)
TWO = ("20270210T220000Z", "20270210T230000Z")
THREE = ("20270210T230000Z", "20270211T000000Z")
ONE_ENTRY = timed(*TWO, "SUMMARY:Careers", uid="one")
OTHER_ENTRY = timed(*THREE, "SUMMARY:Other", uid="two")


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture(autouse=True)
def world(app: Flask):
    with transaction():
        college = builders.an_organization("harbor-college")
        builders.an_office("career-center", of=college)
        builders.a_campus("main-campus", of=college)
        builders.an_office("other-office")


def subscribe(server: WebServer, path: str = "/a.ics", actor: Actor = ADMINISTRATOR, **more) -> str:
    wish = keep.Subscribing(office="career-center", url=server.at(path), campus="main-campus", **more)
    with transaction():
        made = keep.subscribe(wish, fetcher=fetcher(server), actor=actor, now=NOW)
        return str(made.public_id)


def fetcher(server: WebServer) -> Fetcher:
    return Fetcher(allowed=(server.place,))


def refresh(server: WebServer, now=NOW) -> list[Look]:
    return list(refresh_due(fetcher(server), lambda: now))


def the_subscription() -> EventSubscription:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(EventSubscription)).one()


def events() -> list[Event]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Event).order_by(Event.starts_at)))


def counts(looks: list[Look]) -> dict[str, int]:
    (look,) = looks
    assert look.report is not None, look.error
    return {str(outcome): number for outcome, number in look.report.counts.items()}


def test_entries_become_events_and_are_kept_up(server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    subscribe(server, is_published=True, kind=EventKind.WORKSHOP)
    assert counts(refresh(server)) == {"created": 1}
    (event,) = events()
    assert (event.title, event.kind, event.published_at, event.owner.slug) == (
        "Careers",
        EventKind.WORKSHOP,
        NOW,
        "career-center",
    )
    server.pages["/a.ics"] = Page(calendar(timed(*THREE, "SUMMARY:Later", uid="one"), OTHER_ENTRY))
    assert refresh(server) == []
    assert counts(refresh(server, NOW + 121 * MINUTES)) == {"updated": 1, "created": 1}
    assert sorted(event.title for event in events()) == ["Later", "Other"]


def test_a_calendar_that_has_not_changed_is_asked_for_with_its_marks_and_read_no_more(server):
    body = calendar(ONE_ENTRY)

    def answer(headers: dict[str, str]) -> Page:
        if headers.get("If-None-Match") == '"v1"':
            return Page(status=304)
        return Page(body, headers={"ETag": '"v1"'})

    server.pages["/a.ics"] = answer
    subscribe(server)
    refresh(server)
    (look,) = refresh(server, NOW + 121 * MINUTES)
    assert (look.error, look.report) == ("", None)
    assert the_subscription().checked_at == NOW + 121 * MINUTES
    # After a week the window has moved on: it is read whole again.
    assert counts(refresh(server, NOW + timedelta(days=8))) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (Page(status=500), "It answered with status 500."),
        (Page(b"<html>"), "It is not a calendar: nothing in it begins with BEGIN:VCALENDAR."),
        (Page(b"a" * 2_000_000), "It is larger than 1 MB."),
    ],
    ids=["answer", "text", "size"],
)
def test_a_look_that_fails_changes_no_event_and_comes_later_each_time(server, page, error):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    subscribe(server)
    refresh(server)
    server.pages["/a.ics"] = page
    now = NOW
    waited = []
    for _ in range(3):
        now = the_subscription().next_at
        (look,) = refresh(server, now)
        assert look.error == error
        waited.append((the_subscription().next_at - now) / MINUTES)
    assert waited == [120, 240, 480]
    assert (the_subscription().failures, the_subscription().error) == (3, error)
    assert [event.status for event in events()] == [Status.CONFIRMED]
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    assert counts(refresh(server, the_subscription().next_at)) == {"unchanged": 1}
    assert (the_subscription().failures, the_subscription().error) == (0, "")


def test_what_the_calendar_does_not_hold_any_more_is_listed_and_not_called_off(server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY, OTHER_ENTRY))
    subscribe(server)
    refresh(server)
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    assert counts(refresh(server, NOW + 121 * MINUTES)) == {"unchanged": 1, "gone": 1}
    assert {event.status for event in events()} == {Status.CONFIRMED}
    (gone,) = keep.gone_of([the_subscription()])[the_subscription().id]
    assert gone.title == "Other"
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY, OTHER_ENTRY))
    assert counts(refresh(server, NOW + 242 * MINUTES)) == {"unchanged": 2}
    assert keep.gone_of([the_subscription()]) == {the_subscription().id: []}


def test_of_half_a_calendar_nothing_is_taken_for_gone(server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY, OTHER_ENTRY))
    subscribe(server)
    refresh(server)
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY).replace(b"END:VCALENDAR", b""))
    assert counts(refresh(server, NOW + 121 * MINUTES)) == {"unchanged": 1}


def test_a_date_taken_out_of_its_series_and_a_cancelled_entry_are_called_off(server):
    weekly = (*TWO, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=2")
    server.pages["/a.ics"] = Page(calendar(timed(*weekly, uid="w"), OTHER_ENTRY))
    subscribe(server)
    assert counts(refresh(server)) == {"created": 3}
    off = timed(*THREE, "SUMMARY:Other", "STATUS:CANCELLED", uid="two")
    server.pages["/a.ics"] = Page(calendar(timed(*weekly, "EXDATE:20270217T220000Z", uid="w"), off))
    assert counts(refresh(server, NOW + 121 * MINUTES)) == {"unchanged": 1, "cancelled": 2}


def test_while_it_is_fetched_nothing_is_open(server):
    seen = []

    def answer(_headers: dict[str, str]) -> Page:
        seen.append(db.session().in_transaction())
        return Page(calendar(ONE_ENTRY))

    server.pages["/a.ics"] = answer
    subscribe(server)

    class Watching(Fetcher):
        def fetch(self, link, **more):
            seen.append(db.session().in_transaction())
            return super().fetch(link, **more)

    list(refresh_due(Watching(allowed=(server.place,)), lambda: NOW))
    assert seen[0] is False


def test_many_processes_look_once(app, server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    subscribe(server)

    def look(_: int) -> int:
        with app.app_context():
            try:
                return len(list(refresh_due(fetcher(server), lambda: NOW)))
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, range(4))) == 1
    assert len(server.asked) == 1


def test_who_died_over_a_look_is_followed_by_another_when_the_lease_is_over(server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    subscribe(server)

    class Dying(Fetcher):
        def fetch(self, link, **more):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(refresh_due(Dying(allowed=(server.place,)), lambda: NOW))
    assert refresh(server) == []
    assert counts(refresh(server, NOW + LEASE)) == {"created": 1}


def test_what_people_change_is_asked_for_anew_and_paused_ones_rest(server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY), headers={"ETag": '"v1"'})
    own = subscribe(server)
    refresh(server)

    def change(**changes):
        with transaction():
            keep.change_subscription(own, changes, actor=ADMINISTRATOR, now=NOW)

    change(is_paused=True)
    assert refresh(server, NOW + timedelta(days=2)) == []
    with pytest.raises(InvalidInput), transaction():
        keep.look_soon(own, actor=ADMINISTRATOR, now=NOW)
    change(is_paused=False, kind=EventKind.WORKSHOP, refresh_minutes=60)
    assert len(refresh(server)) == 1
    assert the_subscription().next_at == NOW + 60 * MINUTES
    with transaction():
        keep.look_soon(own, actor=ADMINISTRATOR, now=NOW)
    assert len(refresh(server)) == 1


def test_ended_it_leaves_its_events(server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    own = subscribe(server)
    refresh(server)
    with pytest.raises(Stale), transaction():
        keep.end_subscription(own, expected=these(7), actor=ADMINISTRATOR, now=NOW)
    with transaction():
        keep.end_subscription(own, expected=these(1), actor=ADMINISTRATOR, now=NOW)
    assert [event.status for event in events()] == [Status.CONFIRMED]
    # Subscribed to again it knows them.
    subscribe(server)
    assert counts(refresh(server)) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/a.ics", "Only addresses that begin with https:// or webcal:// are read."),
        (
            "https://127.0.0.1/a.ics",
            "127.0.0.1 is not an address in the open internet, and only such addresses are used.",
        ),
        ("file:///etc/passwd", "That is not an address such as https://calendar.example.edu/rooms/a101.ics."),
    ],
)
def test_addresses_of_the_inside_are_refused(url, reason):
    wish = keep.Subscribing(office="career-center", url=url)
    with pytest.raises(InvalidInput) as refusal, transaction():
        keep.subscribe(wish, fetcher=Fetcher(), actor=ADMINISTRATOR, now=NOW)
    assert refusal.value.facts["errors"] == [{"field": "url", "reason": reason}]


def test_webcal_is_taken_as_https():
    wish = keep.Subscribing(office="career-center", url="webcal://calendar.example.edu/a.ics")
    with transaction():
        made = keep.subscribe(wish, fetcher=Fetcher(), actor=ADMINISTRATOR, now=NOW)
        assert made.url == "https://calendar.example.edu/a.ics"
    with pytest.raises(InvalidInput), transaction():
        keep.subscribe(wish, fetcher=Fetcher(), actor=ADMINISTRATOR, now=NOW)


@pytest.mark.parametrize("minutes", [29, 10_081])
def test_it_is_looked_at_neither_all_the_time_nor_never(server, minutes):
    with pytest.raises(InvalidInput):
        subscribe(server, refresh_minutes=minutes)


def test_only_who_plans_for_the_office_keeps_its_subscriptions(server):
    with pytest.raises(SignInNeeded):
        subscribe(server, actor=PUBLIC)
    elsewhere = Actor("account", (Held(Role.COORDINATOR, office_id=lookup.get(Office, "other-office").id),))
    with pytest.raises(NotAllowed):
        subscribe(server, actor=elsewhere)
    own = subscribe(server)
    with pytest.raises(NotFound):
        keep.subscription_seen(own, actor=elsewhere)
    with pytest.raises(NotFound), transaction():
        keep.end_subscription(own, actor=elsewhere, now=NOW)
    with pytest.raises(NotAllowed):
        keep.subscriptions_seen("career-center", actor=elsewhere)
    assert [str(one.public_id) for one in keep.subscriptions_seen("career-center", actor=ADMINISTRATOR)] == [own]


def test_a_subscription_changes_nothing_that_has_gone_to_another_office(server):
    server.pages["/a.ics"] = Page(calendar(ONE_ENTRY))
    subscribe(server)
    refresh(server)
    with transaction():
        event = db.session.scalars(select(Event)).one()
        event.owner_id = lookup.get(Office, "other-office").id
    server.pages["/a.ics"] = Page(calendar(timed(*TWO, "SUMMARY:Taken back", uid="one")))
    (look,) = refresh(server, NOW + 121 * MINUTES)
    assert look.report is not None
    assert look.report.counts[Outcome.REFUSED] == 1
    assert [event.title for event in events()] == ["Careers"]
