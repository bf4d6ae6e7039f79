"""Every public feed as programs read it that are not ours: all read the same, and what the database says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import icalendar
import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.models import Event, Series
from eventsvc.domain.events.schedule import When
from eventsvc.domain.feeds import saved
from eventsvc.domain.feeds.public import FIND
from eventsvc.workflows import call_off_event, confirm_event, move_event
from eventsvc.workflows.move_event import Destination
from tests import builders, ical_js
from tests.conftest import NOW
from tests.domain.feeds.test_feeds import published

pytestmark = pytest.mark.usefixtures("still")
LONG = "Ñandú 🚢 漢字; a, b \\ c — " * 12
# Wall times in Los Angeles: before, on and after both Sundays on which clocks change, and the hour that comes twice.
TIMED = {
    "Before spring": ("2027-03-13T14:00", "2027-03-13T22:00:00Z"),
    "Spring Sunday": ("2027-03-14T14:00", "2027-03-14T21:00:00Z"),
    "Before autumn": ("2027-11-06T14:00", "2027-11-06T21:00:00Z"),
    "Autumn Sunday": ("2027-11-07T14:00", "2027-11-07T22:00:00Z"),
}
SIDES = ("earlier", "later")
# UID, SUMMARY, STATUS, TRANSP, LOCATION, DESCRIPTION, SEQUENCE, start, end, LAST-MODIFIED.
Read = tuple[str, ...]


def by_icalendar(body: bytes) -> list[Read]:
    texts = ("UID", "SUMMARY", "STATUS", "TRANSP", "LOCATION", "DESCRIPTION", "SEQUENCE")
    return [
        (*(str(one[name]) for name in texts), *(_said(one[name].dt) for name in ("DTSTART", "DTEND", "LAST-MODIFIED")))
        for one in icalendar.Calendar.from_ical(body).events
    ]


def by_vobject(body: bytes) -> list[Read]:
    texts = ("uid", "summary", "status", "transp", "location", "description", "sequence")
    return [
        (
            *(str(getattr(one, name).value) for name in texts),
            *(_said(getattr(one, name).value) for name in ("dtstart", "dtend", "last_modified")),
        )
        for one in vobject.readOne(body.decode()).vevent_list
    ]


def by_ical(body: bytes) -> list[Read]:
    """The `ical` of PyPI, which Home Assistant reads calendars with."""
    return [
        (
            *(str(part) for part in (one.uid, one.summary, one.status.value, one.transparency)),
            *(str(part) for part in (one.location, one.description, one.sequence)),
            *(_said(when) for when in (one.dtstart, one.dtend, one.last_modified)),
        )
        for one in IcsCalendarStream.calendar_from_ics(body.decode()).events
    ]


def by_ical_js(body: bytes) -> list[Read]:
    """Thunderbird's and Nextcloud's."""
    return [tuple(str(part) for part in one) for one in ical_js.whole_entries(body)]


READERS: tuple[Callable[[bytes], list[Read]], ...] = (by_icalendar, by_vobject, by_ical, by_ical_js)


def _said(when: datetime | date) -> str:
    if isinstance(when, datetime):
        assert when.utcoffset() is not None
        assert not when.utcoffset()
        return f"{when:%Y-%m-%dT%H:%M:%SZ}"
    return when.isoformat()


@pytest.fixture
def feeds(bare_app):
    """The address of one feed of each kind; in all of them stands one event at least."""
    with bare_app.app_context(), transaction():
        district = builders.an_organization("harbor-district", kind=OrganizationKind.COLLEGE_DISTRICT)
        college = builders.an_organization("harbor-college")
        college.parent = district
        campus = builders.a_campus("harbor-campus", of=college)
        campus.latitude, campus.longitude = 33.7361, -118.2922
        room = builders.a_room("hall-a", on=campus)
        topic = builders.a_topic("cranes")
        told = {"topics": ("cranes",), "audience": ("Veterans",), "languages": ("es",), "description": LONG}
        made = {
            title: published(builders.a_plan(campus, title=f"{title}; {LONG}"[:190], when=builders.at(wall), **told))
            for title, (wall, _) in TIMED.items()
        }
        for side in SIDES:
            twice = When(starts_local=datetime(2027, 11, 7, 1, 30), starts_side=side, duration_minutes=60)
            made[f"Fold {side}"] = published(builders.a_plan(campus, title=f"Fold {side}", when=twice))
        days = When(all_day=True, starts_on=date(2027, 11, 5), days=3)
        made["Fair"] = published(builders.a_plan(campus, title="Fair", when=days, rooms=[room], **told))
        for title, wall in (
            ("Moved", "2027-03-12T10:00"),
            ("Cancelled", "2027-04-01T10:00"),
            ("Put off", "2027-04-02T10:00"),
        ):
            made[title] = published(builders.a_plan(campus, title=title, when=builders.at(wall)))
        series = Series(title="Every year", rule={}, owner=made["Fair"].owner, created_at=NOW)
        made["Fair"].series = series
        ids = {title: str(event.public_id) for title, event in made.items()}
        by = {"actor": ADMINISTRATOR, "now": NOW}
        to = Destination(time={"starts_local": datetime(2027, 3, 14, 16, 0)})
        move_event.move_event(ids["Moved"], to, **by)
        for title in ("Cancelled", "Put off"):
            confirm_event.confirm_as_host(ids[title], **by)
        call_off_event.cancel_event(ids["Cancelled"], **by)
        call_off_event.postpone_event(ids["Put off"], **by)
        combined, _ = saved.save(saved.combination({"topic": ["cranes"], "campus": ["harbor-campus"]}), NOW)
        words = {
            "campus": campus.slug,
            "kind": "info_session",
            "topic": topic.slug,
            "audience": "veterans",
            "language": "es",
            "organization": college.slug,
            "district": district.slug,
            "series": str(series.public_id),
            "event": ids["Fair"],
            saved.OF: combined.word,
        }
        db.session.flush()
    assert set(words) == set(FIND), "a kind of feed that is not tried here"
    return ids, {"all": "/feeds/all.ics"} | {of: f"/feeds/{of}/{word}.ics" for of, word in words.items()}


def test_all_read_alike_what_the_database_says(bare_app, feeds, public):
    ids, addresses = feeds
    with bare_app.app_context():
        known = {str(event.public_id): event for event in db.session.scalars(select(Event))}
    for of, address in addresses.items():
        body = public.get(address).data
        octets = body.split(b"\r\n")
        assert all(len(one) <= 75 and b"\n" not in one and b"\r" not in one for one in octets), of
        for one in octets:
            one.decode()  # no line ends within a character
        first, *others = (reader(body) for reader in READERS)
        assert first, of
        for other in others:
            assert other == first, of
        for uid, summary, status, transparency, *_, sequence, starts, ends, modified in first:
            event = known[uid]
            is_off = uid in (ids["Cancelled"], ids["Put off"])
            assert summary == ("Cancelled: " if is_off else "") + event.title
            assert (status == "CANCELLED", transparency == "TRANSPARENT") == (is_off, is_off or event.all_day)
            assert (int(sequence), modified) == (event.sequence, _said(event.revised_at))
            if event.all_day:
                assert (starts, ends) == ("2027-11-05", "2027-11-08")
            else:
                assert (starts, ends) == (_said(event.promised_starts_at), _said(event.promised_ends_at))
    everything = {uid: one for uid, *one in by_icalendar(public.get("/feeds/all.ics").data)}
    assert set(everything) == set(known)
    assert {title: everything[ids[title]][-3] for title in TIMED} == {title: utc for title, (_, utc) in TIMED.items()}
    assert everything[ids["Moved"]][-3] == "2027-03-14T23:00:00Z"
    assert [everything[ids[f"Fold {side}"]][-3] for side in SIDES] == [
        "2027-11-07T08:30:00Z",
        "2027-11-07T09:30:00Z",
    ]
