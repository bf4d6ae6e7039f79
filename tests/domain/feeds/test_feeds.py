"""Feeds: conditional GETs, what a feed shows and for how long, and text that strict readers accept."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import icalendar
import pytest
import time_machine
import vobject
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import Organization, OrganizationKind
from eventsvc.domain.events.models import EventKind, Series, Visibility
from eventsvc.domain.events.schedule import When
from eventsvc.domain.feeds import public
from eventsvc.interfaces.web import words
from eventsvc.workflows import (
    call_off_event,
    confirm_event,
    edit_event,
    keep_organizations,
    move_event,
    plan_event,
    publish_event,
)
from eventsvc.workflows.keep_organizations import OrganizationRow
from tests import builders, poured
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("still")


def published(plan, now=NOW):
    event = plan_event.plan_event(plan, actor=ADMINISTRATOR, now=now)
    return publish_event.publish_event(event.public_id, actor=ADMINISTRATOR, now=now)


@pytest.fixture
def world(bare_app):
    """A campus and a published session; the ids are all a test needs."""
    with bare_app.app_context():
        return poured.told("a published session", a_session)


def a_session():
    with transaction():
        campus = builders.a_campus("west-los-angeles-college")
        return str(published(builders.a_plan(campus)).public_id)


def titles(client, path="/feeds/all.ics"):
    return [str(entry["SUMMARY"]) for entry in icalendar.Calendar.from_ical(client.get(path).data).events]


def test_two_fetches_are_equal_and_the_second_can_be_a_304(world, public):
    first, second = public.get("/feeds/all.ics"), public.get("/feeds/all.ics")
    assert first.data == second.data
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    for header, value in (
        ("If-None-Match", first.headers["ETag"]),
        ("If-None-Match", f'"other", W/{first.headers["ETag"]}'),
        ("If-None-Match", "*"),
        ("If-Modified-Since", first.headers["Last-Modified"]),
    ):
        answer = public.get("/feeds/all.ics", headers={header: value})
        assert (answer.status_code, answer.data) == (304, b""), header
        assert answer.headers["ETag"] == first.headers["ETag"]
        assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_if_none_match_decides_alone_where_both_are_sent(world, public):
    seen = public.get("/feeds/all.ics").headers["Last-Modified"]
    answer = public.get("/feeds/all.ics", headers={"If-None-Match": '"old"', "If-Modified-Since": seen})
    assert answer.status_code == 200


def test_head_and_gzip_give_the_same_calendar(world, public):
    plain = public.get("/feeds/all.ics")
    head = public.head("/feeds/all.ics")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", plain.headers["ETag"])
    zipped = public.get("/feeds/all.ics", headers={"Accept-Encoding": "gzip, deflate"})
    assert gzip.decompress(zipped.data) == plain.data
    assert "Accept-Encoding" in zipped.headers["Vary"]
    again = public.get("/feeds/all.ics", headers={"Accept-Encoding": "gzip", "If-None-Match": zipped.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (304, zipped.headers["ETag"])
    assert zipped.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("encoding", ["gzip;q=0", "identity", "br"])
def test_who_does_not_want_gzip_does_not_get_it(world, public, encoding):
    assert "Content-Encoding" not in public.get("/feeds/all.ics", headers={"Accept-Encoding": encoding}).headers


def test_a_change_is_seen_by_the_next_poll_and_last_modified_rises_when_an_event_leaves(bare_app, world, public):
    first = public.get("/feeds/all.ics")
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        with bare_app.app_context(), transaction():
            edit_event.edit_event(world, {"visibility": Visibility.PRIVATE}, actor=ADMINISTRATOR, now=clock.now())
        second = public.get("/feeds/all.ics", headers={"If-None-Match": first.headers["ETag"]})
        since = public.get("/feeds/all.ics", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (second.status_code, since.status_code) == (200, 200)
    assert b"VEVENT" not in second.data
    assert second.last_modified > first.last_modified


def test_changes_of_one_second_are_told_apart_and_no_answer_names_a_time_to_come(bare_app, world, public):
    for title in ("One", "Two", "Three"):
        before = public.get("/feeds/all.ics")
        assert before.last_modified <= NOW
        with bare_app.app_context(), transaction():
            edit_event.edit_event(world, {"title": title}, actor=ADMINISTRATOR, now=NOW)
        since = {"If-Modified-Since": before.headers["Last-Modified"]}
        after = public.get("/feeds/all.ics", headers=since)
        assert (after.status_code, after.headers["ETag"] != before.headers["ETag"]) == (200, True)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        calm = public.get("/feeds/all.ics")
        assert public.get("/feeds/all.ics", headers={"If-Modified-Since": calm.headers["Last-Modified"]}).status == (
            "304 NOT MODIFIED"
        )


def test_a_corrected_title_raises_last_modified_and_not_the_sequence(bare_app, world, public):
    before = icalendar.Calendar.from_ical(public.get("/feeds/all.ics").data).events[0]
    with bare_app.app_context(), transaction():
        edit_event.edit_event(world, {"title": "Corrected"}, actor=ADMINISTRATOR, now=NOW)
    after = icalendar.Calendar.from_ical(public.get("/feeds/all.ics").data).events[0]
    assert str(after["SUMMARY"]) == "Corrected"
    assert after["SEQUENCE"] == before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt == after["DTSTAMP"].dt > before["LAST-MODIFIED"].dt


def test_an_edit_that_changes_nothing_leaves_the_feed_alone(bare_app, world, public):
    before = public.get("/feeds/all.ics").headers["Last-Modified"]
    with bare_app.app_context(), transaction():
        edit_event.edit_event(world, {"title": "Careers at the port"}, actor=ADMINISTRATOR, now=NOW)
    assert public.get("/feeds/all.ics").headers["Last-Modified"] == before


def test_an_event_stands_in_the_feeds_of_its_campus_its_kind_and_its_co_hosts_and_in_no_other(bare_app, public):
    with bare_app.app_context(), transaction():
        host, guest, other = (builders.a_campus(slug) for slug in ("host-campus", "guest-campus", "other-campus"))
        published(builders.a_plan(host, co_hosts=(guest.organization.slug,), title="Shared"))
        port = builders.an_office("port-office")
        published(
            builders.a_plan(None, owner=port.slug, co_hosts=(guest.organization.slug,), title="Webinar",
                            online_url="https://meet.example/1")
        )  # fmt: skip
        assert other.slug == "other-campus"
    assert titles(public, "/feeds/campus/host-campus.ics") == ["Shared"]
    # Both start at the same instant; then the order is that of their ids.
    assert sorted(titles(public, "/feeds/campus/guest-campus.ics")) == ["Shared", "Webinar"]
    assert titles(public, "/feeds/campus/other-campus.ics") == []
    assert sorted(titles(public, "/feeds/kind/info_session.ics")) == ["Shared", "Webinar"]
    assert titles(public, "/feeds/kind/convening.ics") == []
    assert public.get("/feeds/campus/nowhere.ics").status_code == 404
    assert public.get("/feeds/kind/party.ics").status_code == 404


@pytest.fixture
def statewide(bare_app):
    """Two colleges of a district, one of none, and sessions of a topic and of a series."""
    with bare_app.app_context(), transaction():
        district = builders.an_organization("harbor-district", kind=OrganizationKind.COLLEGE_DISTRICT)
        west, east, far = (builders.a_campus(slug) for slug in ("west-campus", "east-campus", "far-campus"))
        west.organization.parent = east.organization.parent = district
        topic = builders.a_topic("apprenticeships")
        events = [
            published(builders.a_plan(west, title="West", topics=(topic.slug,))),
            published(builders.a_plan(east, title="East")),
            published(builders.a_plan(far, title="Far")),
        ]
        return SimpleNamespace(
            ids=[str(event.public_id) for event in events], of=[one.organization.slug for one in (west, east, far)]
        )


def test_there_is_a_feed_of_a_district_a_college_a_topic_and_one_event(statewide, public):
    west, _, far = statewide.of
    first = statewide.ids[0]
    shown = {
        "district/harbor-district": ["East", "West"],
        f"organization/{west}": ["West"],
        f"organization/{far}": ["Far"],
        "topic/apprenticeships": ["West"],
        f"event/{first}": ["West"],
    }
    assert {path: sorted(titles(public, f"/feeds/{path}.ics")) for path in shown} == shown
    assert "X-WR-CALNAME:Apprenticeships" in public.get("/feeds/topic/apprenticeships.ics").text


@pytest.mark.parametrize(
    "path",
    [
        "district/nowhere",
        "topic/nowhere",
        "organization/nowhere",
        "series/00000000-0000-4000-8000-000000000000",
        "event/00000000-0000-4000-8000-000000000000",
        "event/nonsense",
        "moon/all",
    ],
)
def test_what_is_no_feed_is_not_found(bare_app, public, path):
    assert public.get(f"/feeds/{path}.ics").status_code == 404


def test_a_college_is_no_district_and_an_event_has_one_address(statewide, public):
    assert public.get(f"/feeds/district/{statewide.of[0]}.ics").status_code == 404
    assert public.get(f"/feeds/event/{statewide.ids[0].replace('-', '')}.ics").status_code == 404


@pytest.mark.parametrize("path", ["district/harbor-district", "organization/{0}", "topic/apprenticeships", "event/{1}"])
def test_each_of_them_changes_with_its_events_and_with_nothing_else(bare_app, statewide, public, path):
    path = f"/feeds/{path.format(statewide.of[0], statewide.ids[0])}.ics"
    first, _, other = statewide.ids
    seen = public.get(path).headers["ETag"]
    with bare_app.app_context(), transaction():
        edit_event.edit_event(other, {"title": "Elsewhere"}, actor=ADMINISTRATOR, now=NOW)
    assert public.get(path, headers={"If-None-Match": seen}).status_code == 304
    with bare_app.app_context(), transaction():
        edit_event.edit_event(first, {"title": "Here", "topics": []}, actor=ADMINISTRATOR, now=NOW)
    assert public.get(path, headers={"If-None-Match": seen}).status_code == 200


def test_a_series_has_a_feed_as_soon_as_the_public_sees_one_of_its_dates(bare_app, admin, public):
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("west-campus").slug
    wish = {"kind": "info_session", "title": "Tuesdays", "campus": campus, "duration_minutes": 60}
    wish |= {"starts_local": "2027-02-09T14:00", "rule": {"kind": "weekly", "count": 3}}
    series = admin.post("/api/v1/series", json=wish).json
    path = f"/feeds/series/{series['id']}.ics"
    assert public.get(path).status_code == 404
    for event in series["events"][:2]:
        assert admin.post(f"/api/v1/events/{event['id']}/publish", json={}).status_code == 200
    assert titles(public, path) == ["Tuesdays", "Tuesdays"]


def test_a_college_that_joins_a_district_is_in_its_feed_from_then_on(bare_app, statewide, public):
    before = public.get("/feeds/district/harbor-district.ics")
    with bare_app.app_context(), transaction():
        far = db.session.scalars(select(Organization).where(Organization.slug == statewide.of[2])).one()
        row = OrganizationRow(name=far.name, slug=far.slug, parent="harbor-district")
        keep_organizations.save_organization(row, actor=ADMINISTRATOR, now=NOW)
    after = public.get("/feeds/district/harbor-district.ics", headers={"If-None-Match": before.headers["ETag"]})
    assert sorted(titles(public, "/feeds/district/harbor-district.ics")) == ["East", "Far", "West"]
    assert after.status_code == 200


def test_a_changed_co_host_changes_the_feed_it_leaves_and_the_one_it_joins(bare_app, public):
    with bare_app.app_context(), transaction():
        host, before, after = (builders.a_campus(slug) for slug in ("host-campus", "old-guest", "new-guest"))
        event = published(builders.a_plan(host, co_hosts=(before.organization.slug,), title="Shared"))
        event_id, joins = str(event.public_id), after.organization.slug
    old = public.get("/feeds/campus/old-guest.ics").headers["ETag"]
    assert titles(public, "/feeds/campus/new-guest.ics") == []
    with bare_app.app_context(), transaction():
        edit_event.edit_event(event_id, {"co_hosts": [joins]}, actor=ADMINISTRATOR, now=NOW)
    assert public.get("/feeds/campus/old-guest.ics", headers={"If-None-Match": old}).status_code == 200
    assert titles(public, "/feeds/campus/old-guest.ics") == []
    assert titles(public, "/feeds/campus/new-guest.ics") == ["Shared"]


def test_entries_leave_a_month_after_their_end(bare_app, world, public):
    ends = datetime(2027, 2, 10, 23, 30, tzinfo=UTC)
    with time_machine.travel(ends + timedelta(days=30), tick=False):
        assert titles(public) == ["Careers at the port"]
    with time_machine.travel(ends + timedelta(days=31), tick=False):
        assert titles(public) == []


def test_whole_days_are_dates_with_the_end_exclusive(bare_app, public):
    with bare_app.app_context(), transaction():
        campus = builders.a_campus()
        when = When(all_day=True, starts_on=date(2027, 5, 4), days=3)
        published(builders.a_plan(campus, when=when, title="Fair"))
    text = public.get("/feeds/all.ics").data.decode()
    assert "DTSTART;VALUE=DATE:20270504" in text
    assert "DTEND;VALUE=DATE:20270507" in text


def test_the_text_keeps_to_the_book(bare_app, public):
    words = 'A; b, c\\d "quoted"\nsecond line: ' + "ñ漢🚢" * 60
    with bare_app.app_context(), transaction():
        campus = builders.a_campus()
        room = builders.a_room("hall-a", on=campus)
        plan = builders.a_plan(campus, rooms=[room], title='Ships; boats, "and" ñandú 🚢', description=words)
        published(plan)
    body = public.get("/feeds/all.ics").data
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    text = body.decode().replace("\r\n ", "")
    for line in (
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "NAME:All events",
        "X-WR-CALNAME:All events",
        "DTSTART:20270210T220000Z",
        "DTEND:20270210T233000Z",
        "STATUS:TENTATIVE",
        "COLOR:steelblue",
        "COLOR:royalblue",
    ):
        assert f"\r\n{line}\r\n" in text, line
    for absent in ("VTIMEZONE", "RRULE", "VALARM", "ATTENDEE"):
        assert absent not in text
    for summary in (
        str(icalendar.Calendar.from_ical(body).events[0]["SUMMARY"]),
        vobject.readOne(body.decode()).vevent.summary.value,
    ):
        assert summary == 'Ships; boats, "and" ñandú 🚢'


def test_a_map_is_shown_where_the_campus_has_a_point_and_dates_of_a_series_name_it(bare_app, public):
    with bare_app.app_context(), transaction():
        campus = builders.a_campus()
        campus.latitude, campus.longitude, campus.address = 33.7361, -118.2922, "1 Harbor Way, Room B"
        event = published(builders.a_plan(campus))
        series = Series(title="Every month", rule={}, owner=event.owner, created_at=NOW)
        event.series = series
    (entry,) = icalendar.Calendar.from_ical(public.get("/feeds/all.ics").data).events
    assert (entry["GEO"].latitude, entry["GEO"].longitude) == (33.7361, -118.2922)
    point = entry["X-APPLE-STRUCTURED-LOCATION"]
    assert str(point) == "geo:33.7361,-118.2922"
    assert point.params["X-TITLE"] == str(entry["LOCATION"]), "Apple shows no map otherwise"
    assert str(entry["LOCATION"]).startswith("Room to be announced, ")
    assert (str(entry["RELATED-TO"]), entry["RELATED-TO"].params["RELTYPE"]) == (str(series.public_id), "PARENT")


def test_what_is_off_stays_as_cancelled_and_uid_and_order_last(bare_app, world, public):
    with bare_app.app_context(), transaction():
        call_off_event.withdraw_event(world, actor=ADMINISTRATOR, now=NOW)
    entry = icalendar.Calendar.from_ical(public.get("/feeds/all.ics").data).events[0]
    assert (entry["STATUS"], str(entry["UID"]), str(entry["SUMMARY"])) == (
        "CANCELLED",
        world,
        "Cancelled: Careers at the port",
    )


def test_one_event_can_be_fetched_as_a_file(bare_app, world, public):
    answer = public.get(f"/events/{world}.ics")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="2027-02-10-info_session.ics"'
    assert [str(entry["UID"]) for entry in icalendar.Calendar.from_ical(answer.data).events] == [world]
    assert public.get("/events/00000000-0000-4000-8000-000000000000.ics").status_code == 404


def test_a_moved_event_keeps_its_uid_for_life(bare_app, world, public):
    sequences = []
    for day in ("2027-02-11T14:00", "2027-02-12T14:00"):
        with bare_app.app_context(), transaction():
            time = {"starts_local": datetime.fromisoformat(day)}
            move_event.move_event(world, move_event.Destination(time=time), actor=ADMINISTRATOR, now=NOW)
        entry = icalendar.Calendar.from_ical(public.get("/feeds/all.ics").data).events[0]
        assert str(entry["UID"]) == world
        sequences.append(entry["SEQUENCE"])
    with bare_app.app_context(), transaction():
        confirm_event.confirm_as_host(world, actor=ADMINISTRATOR, now=NOW)
    entry = icalendar.Calendar.from_ical(public.get("/feeds/all.ics").data).events[0]
    sequences.append(entry["SEQUENCE"])
    assert sequences == sorted(set(sequences))
    assert entry["STATUS"] == "CONFIRMED"


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_has_a_feed(bare_app, public, kind):
    assert public.get(f"/feeds/kind/{kind}.ics").status_code == 200


def test_the_feed_of_a_kind_is_called_as_its_page_is(app):
    with app.test_request_context():
        named = {kind: str(words.KINDS_PLURAL[kind]) for kind in EventKind}
    assert {kind: public.narrowed("kind", kind).name for kind in EventKind} == named
