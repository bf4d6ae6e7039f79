"""Bodies for the OpenAPI document, by the operation's id; the tests send each one, so they are true."""

from __future__ import annotations

from typing import Any

_WHEN = {"starts_local": "2027-02-10T14:00", "duration_minutes": 90}
_PLAN = {
    "kind": "info_session",
    "title": "Careers at the port",
    "campus": "pasadena-city-college",
    **_WHEN,
    "rooms": ["creveling-lounge"],
    "experts": ["expert-one"],
    "topics": ["zero-emission"],
    "expected_heads": 30,
}
_CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//college.example//EN
BEGIN:VEVENT
UID:2027-17@calendar.college.example
DTSTAMP:20270101T000000Z
DTSTART;TZID=America/Los_Angeles:20270210T140000
DTEND;TZID=America/Los_Angeles:20270210T150000
SUMMARY:Careers in water
CATEGORIES:Workshop
END:VEVENT
END:VCALENDAR
"""
_REASON = {"reason": "The tide tables say no."}
_WORDS = {"words": "Is there a place for the van?"}
_ABOUT_LEE = {"email": "lee@college.example", "purpose": "They asked for it."}
EXAMPLES: dict[str, dict[str, Any]] = {
    "events_plan": _PLAN,
    "events_edit": {"title": "Careers at sea", "description": "Bring your *questions*."},
    "events_move": {"starts_local": "2027-02-11T10:00", "duration_minutes": 60},
    **{f"events_{verb}": _REASON for verb in ("cancel", "decline", "withdraw", "postpone")},
    "series_plan": {**_PLAN, "rule": {"kind": "weekly", "weekdays": ["wednesday"], "count": 4}},
    **{f"series_{verb}": _REASON for verb in ("cancel", "decline", "withdraw", "postpone")},
    "holds_hold": {"campus": "pasadena-city-college", **_WHEN, "rooms": ["creveling-lounge"], "minutes": 15},
    "answers_answer": {"answer": "accept"},
    "answers_propose": {"times": [{"starts_local": "2027-02-12T10:00"}], "note": "Mornings are easier."},
    "answers_colleague": {"colleague": "expert-three", **_REASON},
    "answers_on_the_day": {"late_minutes": 10},
    "replies_on_behalf": {"answer": "accept"},
    "replies_decline": _REASON,
    "invitations_release_many": {"invitations": ["0d6f9c2e-4b1a-4c83-9a57-2f1e8d3b6c70"]},
    "invitations_refuse": _REASON,
    "directory_keep_levels": {"levels": ["k12", "college"]},
    "invitations_refuse_many": {"invitations": ["0d6f9c2e-4b1a-4c83-9a57-2f1e8d3b6c70"], **_REASON},
    "public_feeds_save": {"campus": ["pasadena-city-college"], "kind": ["workshop", "info_session"]},
    "pairings_pair": {"with": "harbor-high"},
    "pairings_end": {"with": "harbor-high"},
    "seats_add": {"role": "interpreter", "then": ["expert-two"]},
    "seats_keep_line_up_of": {"then": ["expert-two"], "understudies": ["expert-two"]},
    "invitations_keep": {"chase_after_working_days": [3, 6], "pass_on_after_working_days": 8},
    "reached_told": {"who": "careers"},
    "reminders_keep_rules": {"rules": [{"days": 1, "at": "08:00"}, {"minutes": 120}]},
    "reminders_keep_quiet_hours": {"from": "20:00", "until": "07:30"},
    "delivery_retry": {"state": "failed", "to": "@port.example"},
    "delivery_drop": {"letter": "reminder", "owed_before": "2027-01-11T08:00:00Z"},
    "delivery_drop_owed": {"before": "2027-01-11T08:00:00Z"},
    "letter_choices_choose_for_account": {"language": "es", "mornings": "America/Los_Angeles", "stopped": ["thanks"]},
    "letter_choices_choose_for_office": {"stopped": ["monday", "findings"], "mornings": None, "channel": "both"},
    "letter_choices_switch_monday": {"is_on": False},
    "mail_settle": {"end": "dismiss"},
    "remarks_write": _WORDS,
    "remarks_write_about_request": _WORDS,
    "room_answers_answer": {"answer": "grant", "reference": "25L-1234"},
    "room_answers_grant": {"reference": "25L-1234"},
    "room_answers_decline": _REASON,
    "offices_hand_over_to": {"from": "lee@college.example", "to": "kim@college.example"},
    "offices_add_absence": {
        "account": "lee@college.example",
        "from": "2027-03-01",
        "until": "2027-03-05",
        "cover": "kim@college.example",
    },
    "offices_charge": {"account": "lee@college.example"},
    "private_calendars_make": {"made_for": "My telephone", "shows": "details"},
    "attendance_say": {"heads": 42, "students": 30, "families": 8, "spoke": ["expert-one"]},
    "attendance_answer": {"score": 4, "comment": "More time for questions."},
    "door_links_make": {"day": "2027-02-04"},
    "requests_ask": {
        "partner": "port",
        "asker": "careers",
        "campus": "pasadena-city-college",
        "title": "Careers at the port",
        "topics": ["zero-emission"],
        "audience": ["Students"],
        "expected_heads": 30,
        "windows": [
            {"first_on": "2027-03-01", "last_on": "2027-03-12", "weekdays": ["tuesday", "thursday"]},
            {"first_on": "2027-03-15", "last_on": "2027-03-19", "from": "11:00", "until": "14:00"},
        ],
    },
    "requests_plan": {"starts_local": "2027-03-03T10:00", "experts": ["expert-one"]},
    "requests_offer": {"starts_local": "2027-04-06T14:00", "expert": "expert-two", "note": "After Easter?"},
    **{f"requests_{verb}": _REASON for verb in ("not_this_term", "decline", "refuse_offer", "withdraw")},
    "offered_dates_publish": {
        "office": "expert-one-office",
        "title": "A tour of the port",
        "starts_local": "2027-05-04T10:00",
        "duration_minutes": 60,
        "expert": "expert-one",
        "topics": ["zero-emission"],
    },
    "offered_dates_claim": {"campus": "pasadena-city-college", "asker": "careers", "expected_heads": 25},
    "rounds_open_one": {"office": "expert-one-office", "title": "Spring 2028", "closes_on": "2027-11-30"},
    "employers_ask": {"employer": "cranes-and-sons"},
    "employers_decline": _REASON,
    "employers_approve": {"reason": "Screened in June."},
    "accounts_let_in": {
        "email": "max@college.example",
        "name": "Max Example",
        "role": "room_office",
        "office": "rooms-office",
    },
    "accounts_change": {"name": "Lee M. Example"},
    "accounts_give": {"role": "room_office", "office": "rooms-office"},
    "privacy_export": _ABOUT_LEE,
    "privacy_erase": _ABOUT_LEE,
    "privacy_place_hold": {"email": "lee@college.example", "reason": "A subpoena of January 4."},
    "privacy_names": {"records": "experts", "purpose": "Badges for the fair"},
    "privacy_records": {"first": "2027-01-01", "last": "2027-06-30", "purpose": "Request 27-14"},
    "privacy_take_out": {"purpose": "We move to another service."},
    "imports_import_file": {"text": _CALENDAR, "campus": "pasadena-city-college", "publish": True},
    "imports_subscribe": {
        "url": "https://calendar.example.edu/career.ics",
        "campus": "pasadena-city-college",
        "kind": "workshop",
        "refresh_minutes": 240,
    },
    "imports_change": {"paused": True},
    **{
        f"webhooks_{verb}": {"url": "https://sms.college.edu/hooks", "kinds": ["event.moved", "event.cancelled"]}
        for verb in ("make", "make_for_all")
    },
    "webhooks_change": {"kinds": ["event.moved"], "note": "The chat service"},
    "webhooks_turn": {"overlap_hours": 48},
    "calendars_attach": {"url": "https://calendar.example.edu/a101.ics"},
    "calendars_add_leave": {"from": "2027-03-01", "until": "2027-03-05"},
}
