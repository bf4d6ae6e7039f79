"""What each family of clients, each server and each person says by mail, by our own samples of them."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime

import pytest

from eventsvc.ical.imip import Family, Kind, Mail, Problem, read_mail
from tests.ical.mails import ANA, HOUR, NAMES, RETURNED, STAMPED, STARTS, TO, UID, a_mail

NOTE = "I will bring a projector."
WORDS = "Tuesday works for me."
CALENDAR, AUTOMATIC, BOUNCE = Kind.CALENDAR, Kind.AUTOMATIC, Kind.BOUNCE
G, M, A, K, T, O = Family.GOOGLE, Family.MICROSOFT, Family.APPLE, Family.KDE, Family.MOZILLA, Family.OTHER  # noqa: E741  # columns of a table

# sample: family, method, word, SEQUENCE where 3 was asked, comment, guests, delegate
ANSWERS = {
    "google_reply": (G, "REPLY", "ACCEPTED", 3, "", 0, ""),
    "google_decline_with_note": (G, "REPLY", "DECLINED", 3, "It's too late for me.", 2, ""),
    "google_counter": (G, "COUNTER", "TENTATIVE", 3, NOTE, 0, ""),
    "exchange_reply": (M, "REPLY", "ACCEPTED", 3, NOTE, 0, ""),  # its SEQUENCE is 0, Outlook's own line counts
    "exchange_counter": (M, "COUNTER", "TENTATIVE", 3, NOTE, 0, ""),
    "outlook_reply": (M, "REPLY", "ACCEPTED", 3, "", 0, ""),
    "apple_reply": (A, "REPLY", "ACCEPTED", 3, "", 0, ""),
    "apple_reply_with_comment": (A, "REPLY", "ACCEPTED", 3, NOTE, 0, ""),
    "kde_reply": (K, "REPLY", "ACCEPTED", None, "", 0, ""),
    "kde_delegation": (K, "REPLY", "DELEGATED", None, "", 0, "bo.lind@partner.example"),
    "kde_undecoded": (K, "REPLY", "ACCEPTED", None, "", 0, ""),
    "thunderbird_reply": (T, "REPLY", "ACCEPTED", 3, "", 0, ""),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_read_from_each_family_of_clients(name):
    mail = read_mail(a_mail(name, sequence=3))
    (answer,) = mail.answers
    told = (mail.family, answer.method, answer.word, answer.sequence, answer.comment, answer.guests)
    assert (*told, answer.delegated_to) == ANSWERS[name]
    assert (mail.kind, mail.problem, mail.words) == (CALENDAR, "", "")
    assert (answer.uid, answer.component, answer.attendees, answer.stamped_at) == (UID, "VEVENT", (ANA,), STAMPED)
    shift = HOUR if answer.method == "COUNTER" else 0 * HOUR
    assert (answer.starts, answer.ends) == (STARTS + shift, STARTS + HOUR + shift)


@pytest.mark.parametrize("name", NAMES)
def test_who_wrote_to_whom_and_when_is_read_from_every_sample(name):
    mail = read_mail(a_mail(name))
    sender = "mailer-daemon@mx.partner.example" if name.startswith("bounce") else ANA
    assert (mail.from_address, mail.to, mail.dated_at) == (sender, (TO,), STAMPED)
    assert mail.message_id.endswith("@mail.partner.example")
    assert "<" not in mail.message_id
    assert mail.is_verified is None


# sample: kind, the letter that came back, what was said, whether it is final
REPORTS = {
    "bounce_final": (BOUNCE, RETURNED, f"5.1.1 550 5.1.1 <{ANA}>: there is no such mailbox", True),
    "bounce_delayed": (BOUNCE, RETURNED, "4.4.1 451 4.4.1 the host does not answer", False),
    "read_receipt": (AUTOMATIC, "", "", True),
    "out_of_office_exchange": (AUTOMATIC, "", "", True),
    "out_of_office_vacation": (AUTOMATIC, "", "", True),
}


@pytest.mark.parametrize("name", REPORTS)
def test_what_machines_report_is_no_answer(name):
    mail = read_mail(a_mail(name))
    assert (mail.kind, mail.returned_id, mail.diagnosis, mail.is_final) == REPORTS[name]
    assert mail.answers == ()


def test_a_bounce_without_its_letter_or_with_its_headers_only_is_read_as_far_as_it_goes():
    whole = a_mail("bounce_final")
    start = whole.index(b"--9B1.17/mx.partner.example\r\nContent-Description: Undelivered")
    assert read_mail(whole[:start]).returned_id == ""
    headers = whole.replace(b"Content-Type: message/rfc822", b"Content-Type: text/rfc822-headers")
    assert read_mail(headers).returned_id == RETURNED
    arrived = read_mail(whole.replace(b"Action: failed", b"Action: delivered"))
    assert arrived.kind is AUTOMATIC


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("words_")])
def test_of_words_the_new_ones_are_kept_without_the_letter_they_answer(name):
    mail = read_mail(a_mail(name, words="Martes sí,\nbut after ten: ¿está bien?"))
    assert (mail.kind, mail.problem) == (Kind.WORDS, "")
    signed = "\n\nBest regards,\nAna Diaz" if name == "words_english" else ""
    shown = (
        "Martes sí, but after ten: ¿está bien?" if name == "words_html" else "Martes sí,\nbut after ten: ¿está bien?"
    )
    assert mail.words == shown + signed


def test_words_between_the_lines_of_the_old_letter_are_kept_and_long_ones_are_cut():
    quoted = b"On Sun, Jan 10, 2027 at 9:00 AM Office <o@x.org> wrote:\n> Which day?\nTuesday.\n> Which hour?\nTen.\n"
    assert read_mail(b"From: a@x.org\n\n" + quoted).words == "Tuesday.\nTen."
    assert len(read_mail(b"From: a@x.org\n\n" + b"very " * 4_000).words) <= 4_000


def test_a_mail_that_wraps_transport_neutral_encapsulation_is_unreadable_and_keeps_its_words():
    mail = read_mail(a_mail("tnef"))
    assert (mail.kind, mail.problem, mail.words) == (Kind.UNREADABLE, Problem.TNEF, WORDS)


def test_words_that_bring_our_own_invitation_along_are_words():
    text = b"Content-Type: text/plain\r\n\r\nTuesday works.\r\n"
    ours = b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + calendar(head=("METHOD:REQUEST",))
    assert read_mail(mixed(text, ours, head="In-Reply-To: <x@y>")).kind is Kind.WORDS
    forwarded = read_mail(mixed(text, ours))
    assert ([one.method for one in forwarded.answers], forwarded.words) == (["REQUEST"], "Tuesday works.")
    machines = read_mail(mixed(text, ours, head="Auto-Submitted: auto-replied"))
    assert (machines.kind, machines.words) == (CALENDAR, "")


def test_words_right_above_the_old_letter_are_not_taken_for_its_beginning():
    text = (
        b"Gladly.\nOn Friday at ten, please.\nOn Sun, Jan 10, 2027 at 9:00 AM Office <o@x.org> wrote:\n> Which day?\n"
    )
    assert read_mail(b"From: a@x.org\n\n" + text).words == "Gladly.\nOn Friday at ten, please."


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("words_") and name != "words_english"])
def test_an_old_letter_with_nothing_above_it_is_nobodys_words(name):
    mail = read_mail(a_mail(name, words=""))
    assert (mail.kind, mail.problem, mail.words) == (Kind.UNREADABLE, Problem.EMPTY, "")


@pytest.mark.parametrize(
    "lines",
    [
        ("RECURRENCE-ID;TZID=Asia/Tokyo:00010101T000000",),
        ("DTSTART:99991231T000000Z", "DURATION:P900D"),
    ],
)
def test_a_time_that_no_clock_has_leaves_it_known_who_wrote_to_whom(lines):
    mail = whole(calendar(*lines, head=("METHOD:COUNTER",)))
    assert (mail.kind, mail.problem) == (Kind.UNREADABLE, Problem.BROKEN_CALENDAR)
    assert (mail.from_address, mail.to) == (ANA, (TO,))


def test_a_library_that_falls_over_the_parts_leaves_it_known_who_wrote_to_whom(monkeypatch):
    monkeypatch.setattr("eventsvc.ical.imip_words.new_words", lambda found: 1 / 0)
    mail = read_mail(a_mail("words_html"))
    assert (mail.kind, mail.problem) == (Kind.UNREADABLE, Problem.BROKEN_MAIL)
    assert (mail.from_address, mail.to) == (ANA, (TO,))


@pytest.mark.parametrize("head", ["<head><meta charset=utf-8>", "<head><title>Re: your letter</title>", "<head/>"])
def test_a_page_whose_head_is_not_ended_still_has_its_words(head):
    page = f"From: a@x.org\nContent-Type: text/html\n\n<html>{head}<body><p>I teach that day.</p></body></html>"
    mail = read_mail(page.encode())
    assert (mail.kind, mail.words) == (Kind.WORDS, "I teach that day.")


# Lines that go into one entry, and what is read of it.


def calendar(*lines: str, head: tuple[str, ...] = ("METHOD:REPLY",), around: tuple[str, ...] = ()) -> bytes:
    """A calendar with one entry of those lines beside UID and DTSTAMP."""
    entry = ["BEGIN:VEVENT", f"UID:{UID}", "DTSTAMP:20270110T180000Z", *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *head, *around, *entry, "END:VCALENDAR", ""]).encode()


def whole(content: bytes, method: str = "", more: str = "") -> Mail:
    """The reading of a mail that is a calendar and nothing else."""
    parameter = f"; method={method}" if method else ""
    head = f"From: Ana <{ANA}>\r\nTo: <{TO}>\r\n{more}Content-Type: text/calendar{parameter}\r\n\r\n"
    return read_mail(head.encode() + content)


def mixed(*parts: bytes, head: str = "X-Nothing: here") -> bytes:
    """A mail of those parts, each with its headers."""
    start = f"From: {ANA}\r\n{head}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".encode()
    return start + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


ACCEPTED = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANA}"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([f"ATTENDEE;PARTSTAT=accepted:MAILTO:{ANA.upper()}"], {"word": "ACCEPTED", "attendees": (ANA,)}),
        ([f"ATTENDEE;PARTSTAT=ACCEPTED;EMAIL={ANA}:/aMTk/principal/"], {"attendees": (ANA,)}),
        (["ATTENDEE;PARTSTAT=ACCEPTED:urn:nobody"], {"attendees": (), "word": ""}),
        ([], {"attendees": (), "word": ""}),
        (
            [f"ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=mailto:bo@x.org:mailto:{ANA}"],
            {"attendees": (ANA,), "delegated_to": "bo@x.org", "word": "DELEGATED"},
        ),
        (
            ['ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:cy@x.org":mailto:bo@x.org', ACCEPTED],
            {"attendees": (ANA, "bo@x.org"), "delegated_from": "", "word": "ACCEPTED"},
        ),
        (
            [
                "ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM=cy@x.org:mailto:bo@x.org",
                'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:bo@x.org":mailto:cy@x.org',
            ],
            {"attendees": ("cy@x.org", "bo@x.org"), "word": "DELEGATED", "delegated_to": "bo@x.org"},
        ),
        ([f'ATTENDEE;SENT-BY="mailto:help@x.org";PARTSTAT=ACCEPTED:mailto:{ANA}'], {"sent_by": "help@x.org"}),
        ([ACCEPTED, ACCEPTED], {"attendees": (ANA,), "word": "ACCEPTED"}),
        ([ACCEPTED, "SEQUENCE:2", "X-MICROSOFT-CDO-APPT-SEQUENCE:5"], {"sequence": 2}),
        ([ACCEPTED, "X-MICROSOFT-CDO-APPT-SEQUENCE:5"], {"sequence": 5}),
        ([ACCEPTED, "SEQUENCE:0"], {"sequence": 0}),
        ([ACCEPTED, "COMMENT:One", "COMMENT:Two"], {"comment": "One\nTwo"}),
        ([ACCEPTED, f"COMMENT:{'a' * 2_000}"], {"comment": "a" * 1_000}),
        ([f"ATTENDEE;X-NUM-GUESTS=many;PARTSTAT=ACCEPTED:mailto:{ANA}"], {"guests": 0}),
        ([ACCEPTED, "RECURRENCE-ID:20270119T180000Z"], {"recurrence": STARTS}),
        ([ACCEPTED, "RECURRENCE-ID;TZID=America/Los_Angeles:20270119T100000"], {"recurrence": STARTS}),
        ([ACCEPTED, "RECURRENCE-ID;VALUE=DATE:20270119"], {"recurrence": date(2027, 1, 19)}),
        (
            [ACCEPTED, "DTSTART;VALUE=DATE:20270119", "DURATION:P2D"],
            {"starts": date(2027, 1, 19), "ends": date(2027, 1, 21)},
        ),
        ([ACCEPTED, "DTSTART;TZID=Nowhere:20270119T100000"], {"starts": None}),  # a REPLY moves nothing
        ([ACCEPTED, "DTSTART:nonsense"], {"starts": None}),
        ([ACCEPTED, "nonsense without a colon"], {"word": "ACCEPTED"}),
        ([ACCEPTED, "SUMMARY:One", "SUMMARY:Two", "LOCATION:a", "LOCATION:b"], {"word": "ACCEPTED"}),
    ],
)  # fmt: skip
def test_an_entry_is_read_by_its_lines(lines, expected):
    mail = whole(calendar(*lines), "REPLY")
    assert mail.problem == ""
    assert {name: getattr(mail.answers[0], name) for name in expected} == expected


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([ACCEPTED, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANA}"], Problem.CONTRADICTORY),
        ([f"ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=DECLINED:mailto:{ANA}"], Problem.CONTRADICTORY),
        ([ACCEPTED, "UID:another"], Problem.CONTRADICTORY),
        ([ACCEPTED, "SEQUENCE:1", "SEQUENCE:2"], Problem.CONTRADICTORY),
        ([ACCEPTED, "SEQUENCE:-1"], Problem.BROKEN_CALENDAR),
        ([ACCEPTED, "SEQUENCE:99999999999"], Problem.BROKEN_CALENDAR),
        ([ACCEPTED, "SEQUENCE:one"], Problem.BROKEN_CALENDAR),
        ([ACCEPTED, "RECURRENCE-ID:soon"], Problem.BROKEN_CALENDAR),
        ([ACCEPTED, "RECURRENCE-ID;TZID=Nowhere:20270119T100000"], Problem.UNKNOWN_ZONE),
        ([ACCEPTED, "END:VEVENT", "BEGIN:VEVENT", "UID:another", ACCEPTED], Problem.SEVERAL_EVENTS),
        ([ACCEPTED, "END:VEVENT", "BEGIN:VEVENT", ACCEPTED], Problem.NO_UID),
        ([ACCEPTED, "BEGIN:VALARM"], Problem.BROKEN_CALENDAR),
        ([ACCEPTED, *["BEGIN:VALARM"] * 30, *["END:VALARM"] * 30], Problem.BROKEN_CALENDAR),
        ([ACCEPTED, f"DESCRIPTION:{'long ' * 60_000}"], Problem.CALENDAR_TOO_LARGE),
    ],
)
def test_an_entry_that_is_not_certain_is_refused_with_the_reason(lines, problem):
    mail = whole(calendar(*lines), "REPLY")
    assert (mail.kind, mail.problem, mail.answers) == (Kind.UNREADABLE, problem, ())


@pytest.mark.parametrize(
    ("parameter", "head", "expected"),
    [
        ("REPLY", ("METHOD:REPLY",), (CALENDAR, "")),
        ("reply", ("METHOD:Reply",), (CALENDAR, "")),
        ("", ("METHOD:REPLY",), (CALENDAR, "")),
        ("REQUEST", ("METHOD:REQUEST",), (CALENDAR, "")),  # somebody's own invitation: `method` says so
        ("COUNTER", ("METHOD:REPLY",), (Kind.UNREADABLE, Problem.METHODS_DISAGREE)),
        ("REQUEST", ("METHOD:REPLY",), (Kind.UNREADABLE, Problem.METHODS_DISAGREE)),
        ("REPLY", (), (Kind.UNREADABLE, Problem.NO_METHOD)),
        ("", (), (Kind.UNREADABLE, Problem.NO_METHOD)),
        ("REPLY", ("METHOD:REPLY", "METHOD:COUNTER"), (Kind.UNREADABLE, Problem.CONTRADICTORY)),
    ],
)
def test_the_method_is_said_twice_and_must_be_the_same(parameter, head, expected):
    mail = whole(calendar(ACCEPTED, head=head), parameter)
    assert (mail.kind, mail.problem) == expected


def test_letters_lines_and_encodings_of_every_sort_are_read():
    reply = calendar(ACCEPTED, "COMMENT:Größe")
    for content in (
        reply.replace(b"\r\n", b"\n"),
        reply.replace(b"\r\n", b"\r\n\r\n"),
        b"\xef\xbb\xbf" + reply,
        reply.decode().encode("latin-1"),
        reply.replace(b"=", b"=3D").replace(b"\r\n", b"=0D=0A=\r\n").replace("öß".encode(), b"=C3=B6=C3=9F"),
    ):
        assert [answer.comment for answer in whole(content, "REPLY").answers] == ["Größe"]
    for charset in ("utf-16", "utf-16-le", "utf-16-be"):
        content = base64.encodebytes(reply.decode().encode(charset))
        assert whole(content, "REPLY", "Content-Transfer-Encoding: base64\r\n").answers[0].comment == "Größe"


def test_an_encoding_that_was_left_half_undone_is_refused():
    half = calendar(ACCEPTED).replace(b"\r\n", b"=0D=0A=\r\n")  # "=AC" of "PARTSTAT=ACCEPTED" would be undone, too
    assert whole(half, "REPLY").problem == Problem.BROKEN_CALENDAR


def test_two_calendars_in_one_part_are_refused_and_of_two_parts_the_first_that_answers_counts():
    reply = calendar(ACCEPTED)
    assert whole(reply + reply, "REPLY").problem == Problem.SEVERAL_CALENDARS
    request = b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + calendar(head=("METHOD:REQUEST",))
    answer = b"Content-Type: application/octet-stream; name=invite.ICS\r\n\r\n" + reply
    refresh = b"Content-Type: application/ics\r\n\r\n" + calendar(ACCEPTED, head=("METHOD:REFRESH",))
    assert [one.method for one in read_mail(mixed(request, answer, refresh)).answers] == ["REPLY"]


def test_nothing_within_a_message_within_the_mail_is_read():
    inner = f"Content-Type: message/rfc822\r\n\r\nFrom: {ANA}\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
    mail = read_mail(mixed(inner.encode() + calendar(ACCEPTED), b"Content-Type: text/plain\r\n\r\nSee below.\r\n"))
    assert (mail.kind, mail.words, mail.answers) == (Kind.WORDS, "See below.", ())


@pytest.mark.parametrize("component", ["VTODO", "VJOURNAL", "VFREEBUSY"])
def test_what_is_no_event_says_so(component):
    mail = whole(calendar(ACCEPTED).replace(b"VEVENT", component.encode()), "REPLY")
    assert [answer.component for answer in mail.answers] == [component]


NINE_HOURS_OFF = ("BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "END:STANDARD")


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("Pacific Standard Time", STARTS),
        ("America/Los_Angeles", STARTS),
        ("/citadel.org/20070227_1/America/Los_Angeles", STARTS),
        ("Our own zone", datetime(2027, 1, 19, 1, 0, tzinfo=UTC)),  # a name that nobody knows means what the mail says
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_hostile_definition_of_a_known_zone_shifts_nothing(name, starts, quote):
    zone = ("BEGIN:VTIMEZONE", f"TZID:{name}", *NINE_HOURS_OFF, "END:VTIMEZONE")
    line = f"DTSTART;TZID={quote}{name}{quote}:20270119T100000"
    mail = whole(calendar(ACCEPTED, line, "DURATION:PT1H", head=("METHOD:COUNTER",), around=zone), "COUNTER")
    assert [(answer.starts, answer.ends) for answer in mail.answers] == [(starts, starts + HOUR)]


@pytest.mark.parametrize("line", ["DTSTART:20270119T100000", "DTSTART;TZID=Nowhere:20270119T100000"])
def test_a_proposal_in_no_zone_is_refused(line):
    assert whole(calendar(ACCEPTED, line, head=("METHOD:COUNTER",)), "COUNTER").problem == Problem.UNKNOWN_ZONE


def test_all_the_addresses_that_a_mail_may_have_reached_are_told_the_servers_own_first():
    raw = (
        b"Delivered-To: One@x.org\nX-Original-To: two@x.org\nX-Envelope-To: <three@x.org>\nEnvelope-To: four@x.org\n"
        b"To: =?utf-8?q?A=2C_b?= <five@x.org>, broken, TWO@x.org\nCc: six@x.org\n"
        b"From: =?utf-8?b?QW7DrWE=?= <A@X.org>\n\nhi"
    )
    mail = read_mail(raw)
    assert mail.to == tuple(f"{name}@x.org" for name in ("two", "one", "four", "three", "five", "six"))
    assert (mail.from_name, mail.from_address) == ("Anía", "a@x.org")


@pytest.mark.parametrize("senders", [b"From: a@x.org\nFrom: b@x.org", b"From: a@x.org, b@x.org"])
def test_a_mail_of_two_senders_is_refused(senders):
    mail = read_mail(senders + b"\n\nTuesday works.")
    assert (mail.kind, mail.problem, mail.words) == (Kind.UNREADABLE, Problem.TWO_SENDERS, "Tuesday works.")
