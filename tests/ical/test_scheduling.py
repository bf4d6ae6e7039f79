"""What calendars of invited people are told: each property by RFC 5546, and read by three parsers that are not ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar, Event

from eventsvc.ical.scheduling import Method, Party, Scheduled, write
from tests import ical_js

TOLD = Scheduled(
    method=Method.REQUEST,
    uid="0b1c6c5e-0000-4000-8000-000000000001",
    sequence=3,
    stamped_at=datetime(2027, 1, 11, 17, 0, 0, 5, tzinfo=UTC),
    created_at=datetime(2027, 1, 4, 17, 0, tzinfo=UTC),
    starts=datetime(2027, 2, 10, 22, 0, tzinfo=UTC),
    ends=datetime(2027, 2, 10, 23, 30, tzinfo=UTC),
    summary="Zero-emission careers; ships, cranes",
    organizer=Party(name='Career "center", PCC', address="events+abcdefghijklmnopqrstuvwxyz@calendar.example"),
    attendee=Party(name="Ñandú: Example", address="one@port.example"),
    partstat="NEEDS-ACTION",
    location="Creveling Lounge, Pasadena City College, 1570 E Colorado Blvd, Pasadena 91106",
    description="Briefing and answer:\nhttps://events.example/answer/abc\n\nParking: Lot 5",
    url="https://events.example/answer/abc",
)
ALL_DAY = replace(TOLD, starts=date(2027, 5, 4), ends=date(2027, 5, 7))
CALLED_OFF = replace(TOLD, method=Method.CANCEL, sequence=4, url="", description="")
UNINVITED = replace(CALLED_OFF, is_whole=False)
NOT_THEN = replace(TOLD, method=Method.DECLINECOUNTER, comment="The hall is painted, sorry")
SAMPLES = {
    "asked": TOLD,
    "asked for days": ALL_DAY,
    "called off": CALLED_OFF,
    "uninvited": UNINVITED,
    "not then": NOT_THEN,
}

# RFC 5546 3.2.2, 3.2.5, 3.2.8: what there must be, and what there may be besides. All else there must not be, or we do
# not write it: no alarm, no recurrence, no second person.
EVERY = {"UID", "DTSTAMP", "SEQUENCE", "ORGANIZER", "ATTENDEE"}
TIMES = {"DTSTART", "DTEND", "SUMMARY"}
SHOWN = {"CREATED", "LAST-MODIFIED", "TRANSP", "LOCATION"}
TABLE = [
    ("asked", EVERY | TIMES, SHOWN | {"STATUS", "DESCRIPTION", "URL"}),
    ("asked for days", EVERY | TIMES, SHOWN | {"STATUS", "DESCRIPTION", "URL"}),
    ("called off", EVERY | {"STATUS"}, SHOWN | TIMES),
    ("uninvited", EVERY, SHOWN | TIMES),
    ("not then", EVERY, {"COMMENT"}),
]


def event_in(body: bytes) -> Event:
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert event.errors == []
    return event


@pytest.mark.parametrize(("sample", "must", "may"), TABLE, ids=[row[0] for row in TABLE])
def test_each_method_has_what_it_must_once_and_nothing_that_it_must_not(sample, must, may):
    told = SAMPLES[sample]
    body = write(told)
    calendar = Calendar.from_ical(body)
    assert {name: str(value) for name, value in calendar.items()} == {
        "PRODID": "-//eventsvc//eventsvc 0.1//EN",
        "VERSION": "2.0",
        "CALSCALE": "GREGORIAN",
        "METHOD": str(told.method),
    }
    assert [component.name for component in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    event = event_in(body)
    names = set(event)
    assert must <= names
    assert names - must <= may
    assert not any(isinstance(value, list) for value in event.values())
    assert (event["UID"], event["SEQUENCE"]) == (told.uid, told.sequence)


@pytest.mark.parametrize(
    ("sample", "status", "transp"),
    [
        ("asked", "CONFIRMED", "OPAQUE"),
        ("asked for days", "CONFIRMED", "TRANSPARENT"),
        ("called off", "CANCELLED", "TRANSPARENT"),
        ("uninvited", None, "TRANSPARENT"),
    ],
)
def test_an_end_for_all_says_cancelled_and_one_for_a_person_says_no_status(sample, status, transp):
    event = event_in(write(SAMPLES[sample]))
    assert (event.get("STATUS"), event["TRANSP"]) == (status, transp)


def test_a_question_names_one_person_who_may_press_buttons_and_the_address_for_answers():
    event = event_in(write(replace(TOLD, partstat="TENTATIVE")))
    assert str(event["ATTENDEE"]) == "mailto:one@port.example"
    assert dict(event["ATTENDEE"].params) == {
        "CN": "Ñandú: Example",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "TENTATIVE",
        "RSVP": "TRUE",
    }
    assert str(event["ORGANIZER"]) == "mailto:events+abcdefghijklmnopqrstuvwxyz@calendar.example"
    assert dict(event["ORGANIZER"].params) == {"CN": "Career 'center', PCC"}


def test_times_are_utc_or_days_with_the_end_exclusive_and_stamps_whole_seconds():
    assert b"DTSTART:20270210T220000Z\r\nDTEND:20270210T233000Z\r\n" in write(TOLD)
    assert b"DTSTART;VALUE=DATE:20270504\r\nDTEND;VALUE=DATE:20270507\r\n" in write(ALL_DAY)
    assert b"DTSTAMP:20270111T170000Z\r\n" in write(TOLD)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_same_facts_give_the_same_bytes_in_lines_that_every_mail_server_takes(sample):
    body = write(SAMPLES[sample])
    assert write(replace(SAMPLES[sample])) == body
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75


@pytest.mark.parametrize("sample", SAMPLES)
def test_vobject_reads_it_without_complaint(sample):
    told = SAMPLES[sample]
    calendar = vobject.readOne(write(told).decode())
    # It knows no DECLINECOUNTER without DTSTART, which that method must not have.
    assert told.method is Method.DECLINECOUNTER or calendar.validate(raiseException=True)
    assert calendar.method.value == told.method
    event = calendar.vevent
    assert (event.uid.value, int(event.sequence.value)) == (told.uid, told.sequence)
    assert event.attendee.value == "mailto:one@port.example"
    if told.method is Method.REQUEST:
        assert (event.dtstart.value, event.dtend.value) == (told.starts, told.ends)
        assert (event.summary.value, event.description.value) == (told.summary, told.description)


@pytest.mark.parametrize("sample", [name for name in SAMPLES if name != "not then"])
def test_the_ical_package_reads_it_without_complaint(sample):
    told = SAMPLES[sample]
    calendar = IcsCalendarStream.calendar_from_ics(write(told).decode())
    assert calendar.method == told.method
    (event,) = calendar.events
    assert (event.uid, event.sequence, event.summary) == (told.uid, told.sequence, told.summary)
    assert (event.dtstart, event.dtend) == (told.starts, told.ends)
    assert [str(one.uri) for one in event.attendees] == ["mailto:one@port.example"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_ical_js_reads_it_without_complaint(sample):
    told = SAMPLES[sample]
    read = ical_js.read(write(told))
    assert read["method"] == told.method
    assert (read["uid"], read["sequence"]) == (told.uid, told.sequence)
    assert read["attendees"] == [
        {"value": "mailto:one@port.example", "cn": "Ñandú: Example", "partstat": "NEEDS-ACTION"}
    ]
    assert read["organizer"] == f"mailto:{told.organizer.address}"
    if told.method is not Method.DECLINECOUNTER:
        assert (read["summary"], read["location"]) == (told.summary, told.location)
        starts = told.starts
        assert read["starts"] == (f"{starts:%Y-%m-%dT%H:%M:%SZ}" if isinstance(starts, datetime) else f"{starts}")


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=120)


@given(
    name=WORDS,
    title=WORDS,
    place=WORDS,
    description=st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n")),
)
def test_no_name_or_word_can_add_a_line(name, title, place, description):
    told = replace(TOLD, attendee=Party(name=name, address="one@port.example"), summary=title, location=place)
    told = replace(told, description=description)
    event = event_in(write(told))
    assert set(event) <= set(event_in(write(TOLD)))
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (title, place)
    assert str(event.get("DESCRIPTION", "")) == description
    assert str(event["ATTENDEE"]) == "mailto:one@port.example"
