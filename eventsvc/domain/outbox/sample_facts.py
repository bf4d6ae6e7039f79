"""What the samples of letters are about: one event of no real day, and people of no real name.

They are shown on the page of all letters, and the tests look at every letter with them. The title holds what must be
escaped.
"""

from __future__ import annotations

from typing import Any

EVENT: dict[str, Any] = {
    "id": "00000000-0000-4000-8000-000000000001",
    "kind": "info_session",
    "title": "Zero-emission <careers> & you",
    "starts_at": "2027-02-10T22:00:00Z",
    "ends_at": "2027-02-10T23:30:00Z",
    "zone": "America/Los_Angeles",
    "all_day": False,
    "starts_on": "2027-02-10",
    "days": 1,
    "campus": {
        "name": "Pasadena City College",
        "address": "1570 E Colorado Blvd",
        "city": "Pasadena",
        "parking": "Lot 5",
    },
    "rooms": ["Creveling Lounge"],
    "online_url": "",
    "host": {
        "name": "Career center",
        "organization": "Pasadena City College",
        "mailbox": "careers@college.example",
        "telephone": "626-555-0100",
    },
    "audience": ["students", "alumni"],
    "topics": ["Zero-emission operations"],
    "expected_heads": 30,
}
INVITED: dict[str, Any] = {
    "event": EVENT,
    "person": "Expert One",
    "invitation": "00000000-0000-4000-8000-000000000002",
    "turn": 0,
    "expires_at": "2027-02-10T23:30:00Z",
}
LATER: dict[str, Any] = {
    **EVENT,
    "starts_at": "2027-02-17T22:00:00Z",
    "ends_at": "2027-02-17T23:30:00Z",
    "campus": None,
}
SECOND: dict[str, Any] = {**INVITED, "event": LATER, "invitation": "00000000-0000-4000-8000-000000000003"}
SERIES: dict[str, Any] = {
    "series": "00000000-0000-4000-8000-000000000009",
    "event": EVENT,
    "person": "Expert One",
    "dates": [{**INVITED, "lead_minutes": 15}, SECOND],
}
ROOM: dict[str, Any] = {
    "event": EVENT,
    "room": "Creveling Lounge",
    "layout": "rows",
    "outside_reference": "25L-77",
    "rooms_office": "Facilities",
    "rooms_telephone": "626-555-0123",
    "approval": "00000000-0000-4000-8000-000000000003",
    "turn": 0,
    "expires_at": "2027-02-10T23:30:00Z",
    "setup_minutes": 45,
    "takedown_minutes": 30,
    "accommodations": "Captions",
    "reference": "",
    "was": None,
}
ROOM_LATER: dict[str, Any] = {
    **ROOM,
    "event": {**LATER, "campus": EVENT["campus"]},
    "approval": "00000000-0000-4000-8000-000000000004",
}
THANKED: dict[str, Any] = {"event": EVENT, "heads": 42, "expires_at": "2027-03-12T23:30:00Z"}
HANDED: dict[str, Any] = {
    "from": "Ana Example",
    "to": "Ben Example",
    "is_leaving": True,
    "moved": {"covers": 1, "events": 2, "approvals": 1},
    "events": [EVENT, LATER],
    "more": 1,
    "programs": [{"name": "Our <web> site", "scopes": ["book", "read"]}],
}
REMARKS: list[dict[str, Any]] = [
    {
        "id": "00000000-0000-4000-8000-00000000000a",
        "person": "Ana Example",
        "office": "Career center",
        "at": "2027-01-11T17:00:00Z",
        "words": "The hall has two doors.\n\nWhich one suits you?",
    },
    {
        "id": "00000000-0000-4000-8000-00000000000b",
        "person": "",
        "office": "",
        "at": "2027-01-11T17:05:00Z",
        "words": "<b>Both</b> are open.",
    },
]
WISH: dict[str, Any] = {
    "request": "00000000-0000-4000-8000-000000000007",
    "title": "Zero-emission <careers> & you",
    "college": "Pasadena City College",
    "asker": "Career center",
    "asker_telephone": "626-555-0100",
    "partner": "The port",
    "campus": "Pasadena City College",
    "topics": ["Zero-emission operations"],
    "audience": ["students"],
    "expected_heads": 30,
    "answer_by": "2027-01-19",
    "reason": "On a Tuesday, please",
    "windows": [{"first_on": "2027-02-01", "last_on": "2027-02-12", "from": 540, "until": 1020}],
    "news": "planned",
    "side": "partner",
    "event": EVENT,
    "offered": None,
}
EMPLOYER: dict[str, Any] = {
    "college": "Pasadena City College",
    "college_slug": "pasadena-city-college",
    "employer": "Cranes & Sons",
    "state": "waiting",
    "reason": "",
    "side": "college",
}
WISHED_FOR: dict[str, Any] = {
    "event": EVENT,
    "dates": [{"event": EVENT, "people": ["Expert One", "Expert Two"]}, {"event": LATER, "people": ["Expert One"]}],
}
THREAD: dict[str, Any] = {"id": 7, "turn": 0}
ASKS_CALENDAR: dict[str, Any] = {
    "method": "REQUEST",
    "sequence": 3,
    "stamp": "2027-01-11T17:00:00Z",
    "created": "2027-01-04T17:00:00Z",
    "partstat": "NEEDS-ACTION",
    "whole": True,
}
SOON: dict[str, Any] = {
    "was": {
        **{
            name: LATER[name] for name in ("starts_at", "ends_at", "zone", "all_day", "starts_on", "days", "online_url")
        },
        "campus": EVENT["campus"],
        "rooms": ["Old <hall>"],
        "closed_rooms": [],
        "awaits_room": False,
        "status": "requested",
    },
    "changes": ["time", "place", "status"],
    "status": "confirmed",
    "closed_rooms": [],
}
