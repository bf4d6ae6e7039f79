"""A school year of weekly sessions, over the JSON door, across both changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.models import IS_BOOKED, Reservation
from eventsvc.domain.events.models import Event, Series, SkippedDate
from eventsvc.domain.outbox.models import Message
from tests import builders

AUGUST = datetime(2027, 8, 1, 17, 0, tzinfo=UTC)
FIRST = date(2027, 9, 5)  # a Sunday; the clock changes on Sunday, November 7, 2027, and on March 12, 2028
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _in_august() -> Any:
    with time_machine.travel(AUGUST, tick=False):
        yield


@pytest.fixture
def world(bare_app: Flask) -> Flask:
    """Harbor with two rooms and two experts, City without any, an hour apart."""
    with bare_app.app_context(), transaction():
        harbor, city = builders.a_campus("harbor"), builders.a_campus("city")
        builders.a_room("hall", on=harbor)
        builders.a_room("annex", on=harbor)
        builders.a_room("attic", on=city)
        builders.a_way(harbor, city, 60)
        builders.an_expert("pelican")
        builders.an_expert("heron")
    return bare_app


def a_wish(**more: Any) -> dict[str, Any]:
    return {
        "kind": "info_session",
        "title": "Careers on Sundays",
        "campus": "harbor",
        "starts_local": f"{FIRST}T14:00",
        "duration_minutes": 60,
        "rooms": ["hall"],
        "experts": ["pelican"],
        "rule": {"kind": "weekly", "count": 30},
        **more,
    }


def single(admin: FlaskClient, on: date, at: str = "14:30", **more: Any) -> dict[str, Any]:
    wish = {**a_wish(title="In the way", experts=[]), "starts_local": f"{on}T{at}", **more}
    del wish["rule"]
    answer = admin.post("/api/v1/events", json=wish)
    assert answer.status_code == 201, answer.json
    return answer.json


def rows(app: Flask) -> dict[str, int]:
    tables = {"events": Event, "series": Series, "skipped": SkippedDate, "letters": Message}
    with app.app_context():
        counts = {name: db.session.scalar(select(func.count()).select_from(table)) for name, table in tables.items()}
        live = select(func.count()).select_from(Reservation).where(IS_BOOKED)
        return counts | {"reservations": db.session.scalar(live)}


def test_thirty_weeks_keep_the_hour_on_both_sundays_of_the_clock(world, admin):
    answer = admin.post("/api/v1/series", json=a_wish())
    assert answer.status_code == 201, answer.json
    series = answer.json
    assert [event["starts_local"] for event in series["events"]] == [
        f"{FIRST + number * WEEK}T14:00" for number in range(30)
    ]
    hours = {event["starts_on"]: event["starts_at"][11:16] for event in series["events"]}
    assert (hours["2027-10-31"], hours["2027-11-07"], hours["2027-11-14"]) == ("21:00", "22:00", "22:00")
    assert (hours["2028-03-05"], hours["2028-03-12"], hours["2028-03-19"]) == ("22:00", "21:00", "21:00")
    assert {event["status"] for event in series["events"]} == {"requested"}
    assert len({event["id"] for event in series["events"]}) == 30
    assert {event["series"] for event in series["events"]} == {series["id"]}
    assert answer.headers["Location"].endswith(f"/api/v1/series/{series['id']}")
    assert admin.get(f"/api/v1/series/{series['id']}").json == series
    assert rows(world)["reservations"] == 60


def test_three_clashes_refuse_it_whole_or_are_skipped_by_name_and_taken_later(world, admin):
    taken = [FIRST + number * WEEK for number in (3, 9, 27)]
    blockers = [single(admin, day) for day in taken]
    before = rows(world)

    refused = admin.post("/api/v1/series", json=a_wish())
    assert refused.status_code == 409
    assert refused.json["type"] == "/problems/slot-taken"
    assert refused.json["detail"] == "3 dates cannot be had"
    named = refused.json["occurrences"]
    assert [date["starts_local"] for date in named] == [f"{day}T14:00" for day in taken]
    for found, blocker in zip(named, blockers, strict=True):
        (clash,) = found["clashes"]
        assert (clash["resource"]["slug"], clash["kind"], clash["with"]["event"]) == ("hall", "overlap", blocker["id"])
    assert refused.json["clashes"] == [clash for found in named for clash in found["clashes"]]
    assert rows(world) == before

    answer = admin.post("/api/v1/series?on_conflict=skip", json=a_wish())
    assert answer.status_code == 201, answer.json
    series = answer.json
    assert len(series["events"]) == 27
    assert [date["starts_local"] for date in series["skipped"]] == [f"{day}T14:00" for day in taken]
    assert [date["clashes"][0]["with"]["event"] for date in series["skipped"]] == [one["id"] for one in blockers]

    missed = series["skipped"][1]
    path = f"/api/v1/series/{series['id']}/skipped"
    again = admin.post(f"{path}/{missed['id']}/take")
    assert (again.status_code, again.json["clashes"][0]["with"]["event"]) == (409, blockers[1]["id"])
    admin.post(f"/api/v1/events/{blockers[1]['id']}/withdraw", json={})
    had = admin.post(f"{path}/{taken[1]}/take")
    assert (had.status_code, had.json["starts_local"], had.json["series"]) == (201, f"{taken[1]}T14:00", series["id"])
    assert had.json["experts"] == ["pelican"]
    seen = admin.get(f"/api/v1/series/{series['id']}").json
    assert [date["taken_by"] for date in seen["skipped"]] == [None, had.json["id"], None]
    assert (len(seen["events"]), seen["skipped_count"]) == (28, 2)
    twice = admin.post(f"{path}/{missed['id']}/take")
    assert (twice.status_code, twice.json["type"]) == (409, "/problems/wrong-state")


def test_an_hour_that_the_clock_skips_is_named_and_one_that_comes_twice_takes_the_side_told(world, admin):
    night = a_wish(starts_local="2028-03-05T02:30", rule={"kind": "weekly", "count": 3})
    refused = admin.post("/api/v1/series", json=night)
    assert refused.status_code == 409
    (date,) = refused.json["occurrences"]
    assert (date["starts_local"], date["clashes"]) == ("2028-03-12T02:30", [])
    assert date["errors"][0]["field"] == "starts_local"
    assert "does not exist" in date["errors"][0]["reason"]
    skipped = admin.post("/api/v1/series?on_conflict=skip", json=night).json
    assert (len(skipped["events"]), skipped["skipped"][0]["starts_on"]) == (2, "2028-03-12")

    twice = a_wish(starts_local="2027-10-31T01:30", rule={"kind": "weekly", "count": 3}, rooms=["annex"])
    refused = admin.post("/api/v1/series", json=twice)
    assert [date["starts_local"] for date in refused.json["occurrences"]] == ["2027-11-07T01:30"]
    assert "comes twice" in refused.json["occurrences"][0]["errors"][0]["reason"]
    told = admin.post("/api/v1/series", json={**twice, "starts_side": "later"}).json
    assert [event["starts_side"] for event in told["events"]] == [None, "later", None]
    assert [event["starts_at"][11:16] for event in told["events"]] == ["08:30", "09:30", "09:30"]


def test_dates_of_one_series_stand_in_each_others_way(world, admin):
    wish = a_wish(duration_minutes=8 * 24 * 60, rule={"kind": "weekly", "count": 3}, experts=[])
    refused = admin.post("/api/v1/series", json=wish)
    # The second one clashes with the first; the third is free of the first and is looked at without the second.
    assert [date["starts_local"] for date in refused.json["occurrences"]] == [f"{FIRST + WEEK}T14:00"]
    (clash,) = refused.json["occurrences"][0]["clashes"]
    assert (clash["kind"], clash["with"], clash["sibling"]) == ("overlap", None, f"{FIRST}T14:00")
    assert rows(world)["events"] == 0


def test_a_series_of_which_no_date_can_be_had_is_refused_even_with_skip(world, admin):
    single(admin, FIRST)
    wish = a_wish(rule={"kind": "dates", "dates": [str(FIRST)]})
    refused = admin.post("/api/v1/series?on_conflict=skip", json=wish)
    assert (refused.status_code, len(refused.json["occurrences"])) == (409, 1)
    assert rows(world)["series"] == 0


def test_a_campaign_has_its_own_campus_room_people_and_hour_at_each_stop(world, admin):
    stops = [
        {"campus": "harbor", "rooms": ["hall"]},
        {"campus": "city", "rooms": ["attic"], "starts_local": f"{FIRST}T15:30"},
        {"campus": "city", "experts": ["heron"], "duration_minutes": 90},
    ]
    wish = a_wish(rule={"kind": "campaign", "stops": stops}, rooms=[])
    refused = admin.post("/api/v1/series", json=wish)
    assert [date["campus"] for date in refused.json["occurrences"]] == ["city"]
    (clash,) = refused.json["clashes"]
    assert (clash["kind"], clash["sibling"], clash["gap_minutes"]) == ("travel", f"{FIRST}T14:00", 15)

    stops[1]["starts_local"] = f"{FIRST}T16:30"
    answer = admin.post("/api/v1/series", json=wish)
    assert answer.status_code == 201, answer.json
    seen = {(one["starts_local"], one["campus"], *one["rooms"], *one["experts"]) for one in answer.json["events"]}
    assert seen == {
        (f"{FIRST}T14:00", "harbor", "hall", "pelican"),
        (f"{FIRST}T16:30", "city", "attic", "pelican"),
        (f"{FIRST}T14:00", "city", "heron"),
    }


def test_a_dry_run_answers_the_same_and_writes_nothing(world, admin):
    single(admin, FIRST + WEEK)
    before = rows(world)
    dry = admin.post("/api/v1/series?on_conflict=skip&dry_run=true", json=a_wish())
    assert (dry.status_code, len(dry.json["events"]), len(dry.json["skipped"])) == (200, 29, 1)
    assert admin.post("/api/v1/series?dry_run=true", json=a_wish()).status_code == 409
    assert rows(world) == before


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"rule": {"kind": "weekly"}}, "rule.count"),
        ({"rule": {"kind": "weekly", "count": 10_000}}, "rule.count"),
        ({"rule": {"kind": "weekly", "until": "9999-01-01"}}, "rule.until"),
        ({"rule": {"kind": "weekly", "count": "ten"}}, "rule.count"),
        ({"rule": {"kind": "weekly", "count": 3, "dates": []}}, "rule.dates"),
        ({"rule": {"kind": "weekly", "count": 3, "weekdays": ["someday"]}}, "rule.weekdays[0]"),
        ({"rule": {"kind": "monthly", "count": 3}}, "rule.weekday"),
        ({"rule": {"kind": "monthly", "count": 3, "weekday": "friday", "which": 7}}, "rule.which"),
        ({"rule": {"kind": "secondly", "count": 3}}, "rule.kind"),
        ({"rule": {"count": 3}}, "rule.kind"),
        ({"rule": {"kind": "dates", "dates": ["2027-02-30"]}}, "rule.dates[0]"),
        ({"rule": {"kind": "dates", "dates": [str(FIRST), str(FIRST)]}}, "rule.dates[1]"),
        ({"rule": {"kind": "dates", "dates": ["2027-09-12"]}}, "rule.dates"),
        ({"rule": {"kind": "campaign", "stops": []}}, "rule.stops"),
        ({"rule": {"kind": "campaign", "stops": [{"campus": "nowhere"}]}}, "rule.stops[0].campus"),
        ({"rule": {"kind": "campaign", "stops": [{}, {"rooms": ["attic"]}]}}, "rule.stops[1].rooms[0]"),
        ({"rule": {"kind": "campaign", "stops": [{"rule": {}}]}}, "rule.stops[0].rule"),
        ({"rule": []}, "rule"),
        ({"rule": None}, "rule"),
        ({"rooms": ["cellar"]}, "rooms[0]"),
        ({"duration_minutes": -5}, "duration_minutes"),
        ({"starts_local": None}, "starts_local"),
        ({"all_day": True}, "all_day"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused_by_its_field_and_writes_nothing(world, admin, wish, field):
    answer = admin.post("/api/v1/series", json=a_wish(**wish))
    assert answer.status_code == 422, answer.json
    assert field in [error["field"] for error in answer.json["errors"]]
    assert rows(world)["series"] == 0


def test_a_series_without_its_start_is_refused_by_that_field(world, admin):
    wish = a_wish()
    del wish["starts_local"]
    answer = admin.post("/api/v1/series", json=wish)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "starts_local")


def test_dates_that_are_past_are_named(world, admin):
    wish = a_wish(starts_local="2027-07-25T14:00", rule={"kind": "weekly", "count": 3})
    refused = admin.post("/api/v1/series", json=wish)
    assert [(date["starts_local"], date["errors"][0]["reason"]) for date in refused.json["occurrences"]] == [
        ("2027-07-25T14:00", "is in the past")
    ]


def test_whole_days_follow_a_rule_too(world, admin):
    wish = a_wish(
        all_day=True, starts_on=str(FIRST), rule={"kind": "monthly", "weekday": "sunday", "which": 1, "count": 3}
    )
    del wish["starts_local"], wish["duration_minutes"]
    answer = admin.post("/api/v1/series", json=wish)
    assert [event["starts_on"] for event in answer.json["events"]] == ["2027-09-05", "2027-10-03", "2027-11-07"]


def test_the_list_of_series_is_for_planners_the_newest_first_and_in_pages(world, admin, public):
    for number in range(3):
        rule = {"kind": "weekly", "count": 2}
        start = f"{FIRST + timedelta(days=number)}T14:00"
        answer = admin.post("/api/v1/series", json=a_wish(title=f"Series {number}", starts_local=start, rule=rule))
        assert answer.status_code == 201, answer.json
    first = admin.get("/api/v1/series?limit=2").json
    assert [(one["title"], one["events_count"]) for one in first["items"]] == [("Series 2", 2), ("Series 1", 2)]
    second = admin.get(first["next"]).json
    assert ([one["title"] for one in second["items"]], second["next"]) == (["Series 0"], None)
    assert public.get("/api/v1/series").status_code == 401
