"""How near a start is near, and what counts as a change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventsvc.core.times import Span
from eventsvc.domain.events.urgency import changed, is_urgent, span_of

NOW = datetime(2027, 2, 8, 20, 0, tzinfo=UTC)
KNOWN = {
    "starts_at": "2027-02-10T22:00:00Z",
    "ends_at": "2027-02-10T23:30:00Z",
    "zone": "America/Los_Angeles",
    "all_day": False,
    "starts_on": "2027-02-10",
    "days": 1,
    "campus": {"name": "College", "address": "1 Main St", "city": "Pasadena"},
    "rooms": ["Hall"],
    "closed_rooms": [],
    "awaits_room": False,
    "online_url": "",
    "status": "confirmed",
}


def starting(hours: float) -> Span:
    start = NOW + timedelta(hours=hours)
    return Span(start, start + timedelta(hours=2))


@pytest.mark.parametrize(
    ("was", "span", "urgent"),
    [
        (47, 47, True),
        (48, 48, True),
        (48.01, 48.01, False),
        (49, 49, False),
        (47, 400, True),  # put off at the last moment
        (400, 47, True),  # brought forward
        (-1, -1, True),  # it goes on
        (-2, -2, False),  # it is over
        (-30, 400, False),
    ],
)
def test_a_change_is_urgent_by_the_old_start_or_the_new_one(was: float, span: float, urgent: bool):
    assert is_urgent(starting(was), starting(span), NOW) is urgent


@pytest.mark.parametrize(
    ("change", "aspects"),
    [
        ({}, []),
        ({"zone": "America/Denver"}, []),
        ({"ends_at": "2027-02-10T23:45:00Z"}, ["time"]),
        ({"all_day": True}, ["time"]),
        ({"campus": None, "online_url": "https://a.example"}, ["place"]),
        ({"rooms": []}, ["place"]),
        ({"closed_rooms": ["Hall"]}, ["place"]),
        ({"awaits_room": True}, ["place"]),
        ({"status": "postponed"}, ["status"]),
        ({"status": "completed", "rooms": []}, []),
        ({"status": "cancelled", "rooms": []}, ["place", "status"]),
    ],
)
def test_time_place_and_status_are_compared(change: dict, aspects: list[str]):
    assert changed(KNOWN, KNOWN | change) == aspects


@pytest.mark.parametrize("status", ["draft", "declined", "withdrawn", "cancelled"])
def test_what_nobody_counts_on_changes_for_nobody(status: str):
    assert changed(KNOWN | {"status": status}, KNOWN | {"status": status, "rooms": []}) == []
    assert changed(KNOWN | {"status": status}, KNOWN) == ([] if status == "draft" else ["status"])


def test_the_span_is_read_from_what_is_known():
    assert span_of(KNOWN) == Span(datetime(2027, 2, 10, 22, tzinfo=UTC), datetime(2027, 2, 10, 23, 30, tzinfo=UTC))
