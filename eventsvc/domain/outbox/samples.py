"""A sample of every letter: the facts of a row by the letter's name, for the page of all letters and for the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsvc.core.errors import NotFound, say
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.sample_facts import (
    ASKS_CALENDAR,
    EMPLOYER,
    EVENT,
    HANDED,
    INVITED,
    LATER,
    REMARKS,
    ROOM,
    ROOM_LATER,
    SECOND,
    SERIES,
    SOON,
    THANKED,
    THREAD,
    WISH,
    WISHED_FOR,
)

WRITTEN_AT = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)


def a_sample(letter: str, language: str = "en") -> Message:
    """A row of that letter as it could stand in the table, and never does. Refuses NotFound for another name."""
    if letter not in SAMPLES:
        raise NotFound(say("There is no such letter."))
    return Message(
        public_id=UUID(int=7),
        key=f"sample:{letter}",
        letter=letter,
        to_address="one@port.example",
        to_name="Expert One",
        language=language,
        event="",
        created_at=WRITTEN_AT,
        facts=SAMPLES[letter],
    )


SAMPLES: dict[str, dict[str, Any]] = {
    "monday": {
        "week": {
            "office": "Career center",
            "organization": "Pasadena City College",
            "first_on": "2027-02-08",
            "last_on": "2027-02-14",
            "events": {"items": [{"event": EVENT}, {"event": LATER}], "more": 2},
            "unanswered": {"items": [{"event": EVENT, "name": "Expert One", "lack": "no_answer"}], "more": 0},
            "rooms": {
                "items": [
                    {"event": EVENT, "name": "Creveling Lounge", "lack": "room_not_granted"},
                    {"event": LATER, "name": "Old <hall>", "lack": "room_declined"},
                ],
                "more": 0,
            },
            "seats": {"items": [{"event": LATER, "name": "", "lack": "seat_open"}], "more": 0},
            "counts": {"items": [{"event": EVENT, "name": "", "lack": "count_missing"}], "more": 0},
        }
    },
    "digest": {
        "day": "2027-02-08",
        "letters": [
            {"letter": "reminder", "to_name": "Expert One", "facts": {**INVITED, "is_open": False}},
            {"letter": "reminder", "to_name": "Expert One", "facts": {**SECOND, "is_open": True}},
            {
                "letter": "partner_reminder",
                "to_name": "Port outreach",
                "facts": {"event": EVENT, "coming": [{"person": "Expert Two", "is_open": False}]},
            },
            {
                "letter": "unanswered",
                "to_name": "Career center",
                "facts": {"event": EVENT, "people": ["Expert Two"], "rooms": [{"room": "Creveling Lounge"}]},
            },
            {
                "letter": "count_wanted",
                "to_name": "Career center",
                "facts": {"event": LATER, "expires_at": "2027-03-12T23:30:00Z"},
            },
        ],
    },
    "mail_review": {
        "event": EVENT,
        "mails": [
            {
                "id": "00000000-0000-4000-8000-00000000000c",
                "person": "Expert One",
                "reasons": [
                    {"message": "Something is booked at that time.", "facts": {}},
                    {"message": "%(text)s", "facts": {"text": "Hall & yard: 100% taken."}},
                ],
                "words": "A week later?\n\n<i>Thanks</i>",
            },
            {"id": "00000000-0000-4000-8000-00000000000d", "person": "", "reasons": [], "words": ""},
        ],
    },
    "undelivered": {
        "event": EVENT,
        "person": "Expert One",
        "address": "one@port.example",
        "diagnosis": "550 5.1.1 <one@port.example>: no such user",
    },
    "unreadable_answer": INVITED,
    "sent_again": INVITED,
    "for_your_calendar": {**INVITED, "thread": THREAD, "calendar": ASKS_CALENDAR},
    "request_news": WISH,
    "employer_news": EMPLOYER,
    "invitation_series": SERIES,
    "asked_again_series": {**SERIES, "dates": [{**INVITED, "was": LATER}, SECOND]},
    "changed_series": SERIES,
    "called_off_series": {**SERIES, "because": "withdrawn"},
    "confirmed_series": {"series": SERIES["series"], "event": EVENT, "dates": [{"event": EVENT}, {"event": LATER}]},
    "invitation": INVITED,
    "asked_again": {
        **INVITED,
        "was": {
            **EVENT,
            "starts_at": "2027-02-03T22:00:00Z",
            "ends_at": "2027-02-03T23:30:00Z",
        },
    },
    "changed": INVITED,
    "changed_soon": {**INVITED, **SOON},
    "office_changed_soon": {"event": EVENT, "role": "co_host", **SOON},
    "called_off": {**INVITED, "because": "cancelled"},
    "answer_declined": {
        "event": EVENT,
        "person": "Expert One",
        "reason": "On leave",
        "next": "Expert Two",
        "is_open": False,
        "awaits_release": False,
    },
    "chase": {**INVITED, "lead_minutes": 15, "others": [SECOND]},
    "release_wanted": {**WISHED_FOR, "again": False},
    "release_off": WISHED_FOR,
    "silence": {"event": EVENT, "person": "Expert One", "asked_at": "2027-01-11T17:00:00Z"},
    "passed_on": {
        "event": EVENT,
        "person": "Expert One",
        "because": "silent",
        "reason": "",
        "next": "",
        "is_open": True,
        "awaits_release": False,
    },
    "seat_open": {"event": EVENT, "role": "interpreter"},
    "understudy": INVITED,
    "release_silent": {"event": EVENT, "person": "Expert One", "lender": "Community outreach"},
    "understudy_off": INVITED,
    "understudy_lost": {"event": EVENT, "person": "Expert One"},
    "confirmed": {"event": EVENT},
    "count_wanted": {"event": EVENT, "expires_at": "2027-03-12T23:30:00Z", "at_door": 41, "is_last": False},
    "thanks": {**THANKED, "person": "Expert One", "feedback": "00000000-0000-4000-8000-000000000006"},
    "thanks_office": {
        **THANKED,
        "lent": [
            {"person": "Expert One", "feedback": ""},
            {"person": "Expert Two", "feedback": "00000000-0000-4000-8000-000000000006"},
        ],
    },
    "doctor": {"findings": [{"event": EVENT, "kind": "travel"}, {"event": LATER, "kind": "is_off"}], "more": 3},
    "reminder": {**INVITED, "is_open": False},
    "answer_accepted": {"event": EVENT, "person": "Expert One", "reason": ""},
    "not_confirmed": {"event": EVENT, "names": ["Creveling Lounge"]},
    "blocked": {
        "event": EVENT,
        "name": "Creveling Lounge",
        "blocked": {
            "kind": "busy_elsewhere",
            "title": "Board meeting",
            "starts_at": "2027-02-10T22:00:00Z",
            "ends_at": "2027-02-10T23:00:00Z",
            "zone": "America/Los_Angeles",
            "all_day": False,
        },
    },
    "webhook_trouble": {
        "webhook": "00000000-0000-4000-8000-00000000000d",
        "host": "sms.college.example",
        "note": "text messages",
        "is_gone": False,
    },
    "unanswered": {
        "event": EVENT,
        "people": ["Expert One", "Expert Two"],
        "rooms": [{"room": "Creveling Lounge", "office": "Facilities", "telephone": "626-555-0123"}],
    },
    "partner_reminder": {
        "event": EVENT,
        "coming": [{"person": "Expert One", "is_open": False}, {"person": "Expert Two", "is_open": True}],
    },
    "room_request": ROOM,
    "room_request_series": {**SERIES, "dates": [ROOM, ROOM_LATER]},
    "room_off_series": {**SERIES, "dates": [{**ROOM, "reference": "R-2027-0042"}, ROOM_LATER]},
    "room_nudge": ROOM,
    "room_off": {**ROOM, "reference": "R-2027-0042"},
    "test_letter": {"college": "Pasadena City College", "page": "/setup/pasadena-city-college/sender"},
    "sign_in": {"sign_in": "00000000-0000-4000-8000-000000000005", "expires_at": "2027-01-11T17:15:00Z"},
    "let_in": {
        "role": "coordinator",
        "place": "Career center",
        "organization": "Pasadena City College",
        "email": "one@port.example",
    },
    "handed_over": HANDED,
    "handed_on": HANDED,
    "new_contact": HANDED,
    "cover": {"name": "Ana Example", "at": "Career center", "away": {**EVENT}},
    "room_answer": {**ROOM, "outcome": "declined", "reason": "A concert"},
    "remarks": {"event": EVENT, "remarks": REMARKS},
    "request_remarks": {
        "request": "00000000-0000-4000-8000-000000000007",
        "title": EVENT["title"],
        "college": "Pasadena City College",
        "partner": "Port of Los Angeles",
        "remarks": REMARKS,
    },
    "times_proposed": {"event": EVENT, "person": "Expert One", "reason": "I teach", "times": [LATER]},
    "proposal_taken": {**INVITED, "was": {**LATER, "campus": EVENT["campus"]}},
    "proposal_declined": {**INVITED, "reason": "The hall is painted"},
    "answered_for_you": {**INVITED, "word": "accept", "by_office": "Outreach"},
    "late_decline": {"event": EVENT, "person": "Expert One", "reason": "A fever"},
    "colleague_named": {"event": EVENT, "person": "Expert One", "colleague": "Expert Two"},
}
