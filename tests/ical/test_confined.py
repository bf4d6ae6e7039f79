"""The room of its own: bombs end in a refusal, and the calendars of the world are read or refused."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest

from eventsvc.core.times import Span
from eventsvc.ical.confined import Limits, read_confined, read_mail_confined
from eventsvc.ical.imip import Kind, Problem, read_mail
from eventsvc.ical.reader import UnreadableCalendar
from tests.ical.calendars import at_ten, calendar, entry, timed
from tests.ical.mails import a_mail
from tests.left_out import shared

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
WINDOW = Span(NOW - timedelta(days=1), NOW + timedelta(days=400))
LOS_ANGELES = "America/Los_Angeles"
EVERY_SECOND = "RRULE:FREQ=DAILY;BYHOUR={};BYMINUTE={};BYSECOND={}".format(
    *(",".join(map(str, range(most))) for most in (24, 60, 60))
)
TOO_MUCH = "It takes too much time or memory to work out what repeats in it."


def no(raw: bytes, limits: Limits) -> str:
    with pytest.raises(UnreadableCalendar) as refusal:
        read_confined(raw, WINDOW, LOS_ANGELES, limits=limits)
    return refusal.value.detail


def test_a_calendar_is_read_in_the_room_as_outside():
    reading = read_confined(calendar(at_ten()), WINDOW, LOS_ANGELES)
    assert [time.uid for time in reading.times] == ["one@test"]
    assert read_confined(calendar(at_ten("TRANSP:TRANSPARENT")), WINDOW, LOS_ANGELES).times == ()


def test_a_refusal_comes_out_of_the_room_as_it_was_said():
    assert no(calendar(at_ten("RRULE:FREQ=SECONDLY")), Limits()) == (
        "A rule in it repeats every minute or every second."
    )
    assert no(b"a" * 50_000_000, Limits()) == "It is larger than 1 MB."


@pytest.mark.parametrize(
    "limits",
    [Limits(cpu_seconds=1), Limits(wall_seconds=0.3), Limits(memory_bytes=40_000_000)],
    ids=["time of the processor", "time", "memory"],
)
def test_a_bomb_is_ended_within_its_limits_and_leaves_no_process(limits):
    bomb = calendar(timed("20270112T100000Z", "20270112T100001Z", EVERY_SECOND))
    assert no(bomb, limits) == TOO_MUCH
    assert multiprocessing.active_children() == []


def test_a_zone_that_a_calendar_defines_does_not_reach_the_next():
    """In one process the first definition of a zone's name would win."""

    def hour(offset: str) -> int:
        zone = ["BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}",
                f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
        lines = ["BEGIN:VEVENT", "UID:z", "DTSTART;TZID=Ours:20270112T120000", "DURATION:PT1H", "END:VEVENT"]
        return read_confined(calendar(zone, lines), WINDOW, LOS_ANGELES).times[0].span.start.hour

    assert (hour("+0300"), hour("-0300")) == (9, 15)


# The calendars of the world. The window is as wide as they are old.
WIDE = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def test_the_feeds_of_many_producers_are_read():
    refused = {}
    for path in sorted(shared("ical/feeds").glob("*.ics")):
        try:
            read_confined(path.read_bytes(), WIDE, LOS_ANGELES)
        except UnreadableCalendar as refusal:
            refused[path.name] = refusal.detail
    assert refused == {"outlook_standup.ics": "It holds more than 5000 busy times."}  # thirty years of standing up


def test_malformed_files_are_read_or_refused_with_a_reason():
    outcomes = {}
    for path in sorted(shared("ical/bad").glob("*.ics")):
        try:
            reading = read_confined(path.read_bytes(), WIDE, LOS_ANGELES)
            outcomes[path.name] = (len(reading.times), reading.skipped)
        except UnreadableCalendar as refusal:
            outcomes[path.name] = refusal.detail.split(":")[0]
    assert outcomes["late_error_401.ics"] == (394, 7)
    assert outcomes["utf16.ics"] == (10, 0)
    assert outcomes["fuzz_month.ics"] == "It is not a calendar"
    assert outcomes["broken_line.ics"] == "It breaks the rules of calendars"
    assert len(outcomes) == 30


def test_an_academic_calendar_is_read_with_its_holidays():
    raw = shared("events/princeton.ics").read_bytes()
    reading = read_confined(raw, WIDE, "America/New_York", also_free=True)
    assert reading.skipped == 0
    assert len(reading.times) > 100
    assert all(time.days for time in reading.times)


# Mails, in the same room.


def multipart(parts: int) -> bytes:
    """A mail of so many parts."""
    return b"From: a@x.org\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * parts + b"--b--\n"


def nested(depth: int, kind: str) -> bytes:
    """A mail of parts within parts, or of messages within messages."""
    heads = [f"Content-Type: {kind}; boundary=b{number}\n\n--b{number}\n" for number in range(depth)]
    if kind == "message/rfc822":
        heads = ["Content-Type: message/rfc822\n\n"] * depth
    return f"From: a@x.org\n{''.join(heads)}\nhello\n".encode()


def long_inner_header() -> bytes:
    """A part whose type has millions of parameters."""
    inner = b"Content-Type: text/plain; " + b"a;" * 2_500_000
    return b"From: a@x.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + inner + b"\n\nhi\n--b--\n"


def endless_calendar() -> bytes:
    """A zone of its own with two changes every minute for ever, in an answer."""
    zone = ["BEGIN:VTIMEZONE", "TZID:Ours"]
    for season in ("STANDARD", "DAYLIGHT"):
        zone += [f"BEGIN:{season}", "DTSTART:19700101T000000", "RRULE:FREQ=MINUTELY", "TZOFFSETFROM:+0100",
                 "TZOFFSETTO:+0200", f"END:{season}"]  # fmt: skip
    times = ("DTSTART;TZID=Ours:20270112T120000", "DTEND;TZID=Ours:20270112T130000")
    lines = [*times, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.org"]
    content = calendar([*zone, "END:VTIMEZONE"], entry(*lines), head=("METHOD:COUNTER",))
    return b"From: a@x.org\r\nContent-Type: text/calendar; method=COUNTER\r\n\r\n" + content


@pytest.mark.parametrize(
    ("bomb", "problem"),
    [
        (lambda: multipart(10_000), Problem.TOO_MANY_PARTS),
        (lambda: multipart(1_000_000), Problem.TOO_MANY_PARTS),
        (lambda: nested(90, "multipart/mixed"), Problem.TOO_MANY_PARTS),
        (lambda: nested(500, "multipart/mixed"), Problem.TOO_MANY_PARTS),
        (lambda: nested(5_000, "message/rfc822"), Problem.BROKEN_MAIL),
        (lambda: b"From: a@x.org\nX-Long: " + b"a" * 5_000_000 + b"\n\nhi", Problem.HEADERS_TOO_LONG),
        (long_inner_header, Problem.HEADERS_TOO_LONG),
        (lambda: b"a" * 10_000_001, Problem.TOO_LARGE),
        (lambda: b"From: a@x.org\nContent-Type: text/html\n\n" + b"<div>" * 1_000_000, Problem.EMPTY),
        (lambda: b"From: " + b"(" * 9_000 + b"a@x.org\n\n", Problem.EMPTY),
    ],
    ids=["parts", "more parts", "nested", "nested deeper", "messages", "header", "inner header", "long", "html", "("],
)
def test_a_mail_that_was_built_to_keep_us_busy_is_refused_at_once(bomb, problem):
    mail = read_mail_confined(bomb())
    assert (mail.kind, mail.problem) == (Kind.UNREADABLE, problem)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    "text", ["On ", "Am schrieb ", "Le a écrit ", "On a\n", "\n", "> ", "_", "-- \n", "From: a\n", "Warning: mail "]
)
def test_words_that_were_chosen_to_keep_patterns_busy_are_read_in_time(text):
    mail = read_mail_confined(f"From: a@x.org\n\nYes. {text * (20_000 // len(text))}x".encode())
    assert mail.problem == ""


@pytest.mark.parametrize(
    "limits", [Limits(cpu_seconds=1), Limits(wall_seconds=0.3)], ids=["time of the processor", "time"]
)
def test_a_mail_over_which_time_runs_out_is_unreadable_and_leaves_no_process(limits):
    mail = read_mail_confined(endless_calendar(), limits=limits)
    assert (mail.kind, mail.problem, mail.answers) == (Kind.UNREADABLE, Problem.TOO_MUCH, ())
    assert multiprocessing.active_children() == []


def test_a_mail_over_which_memory_runs_out_is_unreadable():
    large = b"From: a@x.org\n\n" + b"a line of words\n" * 600_000
    assert read_mail_confined(large, limits=Limits(memory_bytes=15_000_000)).problem == Problem.TOO_MUCH
    assert read_mail_confined(large).kind is Kind.WORDS


@pytest.mark.parametrize("name", ["google_reply", "exchange_counter", "bounce_final", "words_spanish"])
def test_a_mail_is_read_in_the_room_as_outside(name):
    ours = "mx.events.example.edu"
    raw = a_mail(name, headers=[f"Authentication-Results: {ours}; dmarc=pass"])
    assert read_mail_confined(raw, ours) == read_mail(raw, authserv_id=ours)
