"""The mails of the world, read where they lie (`../shared/data`): each answer with what it must say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eventsvc.ical.imip import Kind, Mail, Problem, read_mail
from tests.left_out import SHARED, shared

FOO, CRASHER, ANN = "foo@example.net", "crasher@example.org", "foo@example.org"
XYZZY, USER_B = "xyzzy@example.com", "testuserb@example.com"
KDE_ALL = tuple(f"testuser{letter}@example.com" for letter in "dcba")
CYRUS = "6de280c9-edff-4019-8ebd-cfebc73f8201"
APPLE = "1E71F9C8-AEDA-48EB-98D0-76E898F6BB5C"
KDE = "libkcal-1387792342.429"
OBM = (
    "f1514f44bf39311568d6407249cb76c48103fcd1fb398c3c501cb72b2d293f36e04b2aab16e43439a608f28671ab7c10e754cbc85ddee4a0"
    "7fa8cf8f4f7af05bfb502b8f6"
)

Row = tuple[object, ...]  # component, method, UID, SEQUENCE, attendees, word, the date it is for


def says(uid: str, sequence: int | None, word: str, *people: str, on: str = "", of: str = "VEVENT REPLY") -> Row:
    """One entry as it must be read."""
    day = datetime.strptime(on, "%Y%m%dT%H%MZ").replace(tzinfo=UTC) if on else None
    component, method = of.split()
    return (component, method, uid, sequence, people, word, day)


EXPECTED: dict[str, list[Row]] = {
    "apple_good_reply.eml": [says(APPLE, 7, "ACCEPTED", XYZZY)],
    "apple_good_reply_future.eml": [says(APPLE, 7, "ACCEPTED", XYZZY)],
    "apple_reply_missing_attendee.eml": [says(APPLE, 7, "")],
    "apple_reply_missing_organizer.eml": [says(APPLE, 7, "")],
    "cyrus_imip_reply_2.eml": [says(CYRUS, 0, "ACCEPTED", FOO)],
    "cyrus_imip_reply_no_organizer_2.eml": [says(CYRUS, 0, "ACCEPTED", FOO)],
    "cyrus_imip_reply_one_recurrence_2.eml": [
        says("09b59913-30b2-4f90-982a-7ce6e2a56655", 0, "TENTATIVE", FOO, on="20230628T2300Z")
    ],
    "cyrus_imip_reply_override_2.eml": [
        says(CYRUS, 0, "ACCEPTED", FOO),
        says(CYRUS, 0, "DECLINED", FOO, on="20211021T1930Z"),
    ],
    "cyrus_imip_reply_override_google_2.eml": [
        says(CYRUS, 0, "ACCEPTED", FOO),
        says(CYRUS, 0, "TENTATIVE", FOO, on="20210721T1930Z"),
        says(CYRUS, 0, "DECLINED", FOO, on="20210728T1930Z"),
    ],
    "cyrus_imip_reply_override_invalid_4.eml": [
        says(CYRUS, 0, "ACCEPTED", FOO),
        says(CYRUS, 0, "DECLINED", FOO, on="20211022T1930Z"),
    ],
    "cyrus_imip_reply_override_rdate_2.eml": [
        says(CYRUS, 0, "ACCEPTED", FOO),
        says(CYRUS, 0, "DECLINED", FOO, on="20211021T1930Z"),
    ],
    "cyrus_imip_reply_partycrasher_2.eml": [says(CYRUS, 0, "ACCEPTED", "bar@example.net")],
    "cyrus_imip_reply_with_alarm_2.eml": [says(CYRUS, 0, "ACCEPTED", FOO)],
    "kde_itip-event-accepted-reply.ics": [says(KDE, None, "ACCEPTED", USER_B)],
    "kde_itip-event-counterproposal-declined.ics": [
        says(KDE, None, "NEEDS-ACTION", *KDE_ALL, of="VEVENT DECLINECOUNTER")
    ],
    "kde_itip-event-counterproposal.ics": [says(KDE, None, "NEEDS-ACTION", *KDE_ALL, of="VEVENT COUNTER")],
    "kde_itip-event-delegation-reply.ics": [says(KDE, None, "DELEGATED", USER_B)],
    "kde_itip-journal-accepted-reply.ics": [
        says("libkcal-1911266422.213", None, "ACCEPTED", USER_B, of="VJOURNAL REPLY")
    ],
    "kde_itip-todo-accepted-reply.ics": [says("libkcal-336776170.1020", None, "ACCEPTED", USER_B, of="VTODO REPLY")],
    "kde_itip-todo-declined-reply.ics": [says("libkcal-336776170.1020", None, "DECLINED", USER_B, of="VTODO REPLY")],
    "obm_reply_plain_text_calendar.eml": [says(OBM, 2, "ACCEPTED", "user1to@linagora.com")],
    "sabre_ReplyAcceptUpdateRSVP_reply.ics": [says("foobar", 2, "ACCEPTED", ANN)],
    "sabre_ReplyAccept_reply.ics": [says("foobar", 2, "ACCEPTED", ANN)],
    "sabre_ReplyNewExceptionFirstOccurrence_reply.ics": [says("foobar", 2, "ACCEPTED", ANN, on="20140724T0000Z")],
    "sabre_ReplyNewExceptionNoMasterEvent_reply.ics": [says("foobar", 2, "ACCEPTED", CRASHER, on="20140725T0000Z")],
    "sabre_ReplyNewExceptionRecurrenceIdInDifferentTz_reply.ics": [
        says("foobar", 2, "ACCEPTED", ANN, on="20140725T0400Z")
    ],
    "sabre_ReplyNewExceptionTz_reply.ics": [says("foobar", 2, "ACCEPTED", ANN, on="20140725T0400Z")],
    "sabre_ReplyNewException_reply.ics": [says("foobar", 2, "ACCEPTED", ANN, on="20140725T0000Z")],
    "sabre_ReplyNoOriginal_reply.ics": [says("foobar", 2, "ACCEPTED", ANN)],
    "sabre_ReplyPartyCrashCreateException_reply.ics": [says("foobar", 2, "ACCEPTED", CRASHER, on="20140725T0000Z")],
    "sabre_ReplyPartyCrasher_reply.ics": [says("foobar", 2, "ACCEPTED", CRASHER)],
    "sabre_ReplyWithTz_reply.ics": [says("foobar", 2, "ACCEPTED", ANN)],
}
RETURNED = {
    "apple_dsn_failure_no_ics.eml": ("40900559-DAB1-4956-BA87-F88E00CF5104@example.com", "5.1.1 550-5.1.1 The email"),
    "apple_dsn_failure_no_original.eml": ("", "5.0.0 host elderberry.exa"),
    "apple_dsn_failure_with_ics.eml": (
        "20080812191939.51369.1538816694.0@plugh.example.com",
        "5.0.0 host elderberry.exa",
    ),
}


def a_reply(path: str) -> Mail:
    """The reading of such a file; what is no mail yet is sent as one."""
    raw = shared(path).read_bytes()
    if path.endswith(".ics"):
        raw = b"From: sender@example.org\r\nContent-Type: text/calendar\r\n\r\n" + raw
    return read_mail(raw)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_answer_of_the_world_says_what_it_must(name):
    mail = a_reply(f"ical/replies/{name}")
    assert (mail.kind, mail.problem) == (Kind.CALENDAR, "")
    rows = [(a.component, a.method, a.uid, a.sequence, a.attendees, a.word, a.recurrence) for a in mail.answers]
    assert rows == EXPECTED[name]


@pytest.mark.parametrize("name", RETURNED)
def test_a_bounce_of_the_world_names_the_letter_and_the_reason(name):
    mail = a_reply(f"ical/replies/{name}")
    assert (mail.kind, mail.returned_id, mail.diagnosis[:25], mail.is_final) == (Kind.BOUNCE, *RETURNED[name], True)
    assert mail.answers == ()


def test_every_answer_of_the_world_has_its_row():
    assert {path.name for path in shared("ical/replies").iterdir()} == EXPECTED.keys() | RETURNED.keys()


@pytest.mark.parametrize("folder", ["requests", "bad", "tnef"])
def test_whatever_else_there_is_is_read_or_refused_and_never_taken_for_an_answer(folder):
    for path in sorted(shared(f"ical/{folder}").iterdir()):
        mails = [path.read_bytes()]
        if folder != "requests":
            kind = b"application/ms-tnef" if folder == "tnef" else b"text/calendar; method=REPLY"
            mails.append(b"From: a@x.org\r\nContent-Type: " + kind + b"\r\nMIME-Version: 1.0\r\n\r\n" + mails[0])
        for raw in mails:
            mail = read_mail(raw)
            assert mail.problem != Problem.TOO_MUCH, path.name
            assert not any(answer.method in ("REPLY", "COUNTER") for answer in mail.answers), path.name
        if folder == "tnef":
            assert mail.problem == Problem.TNEF
        if folder == "requests":
            assert {answer.method for answer in mail.answers} <= {"REQUEST", "CANCEL"}


def test_the_calendars_of_the_world_are_answers_for_nobody_when_they_are_sent_as_such():
    """None of them has METHOD:REPLY; the type alone makes none of it."""
    if not (SHARED / "ical/feeds").exists():
        pytest.skip("../shared/data is not here: ical/feeds")
    for path in sorted((SHARED / "ical/feeds").iterdir()):
        mail = read_mail(b"Content-Type: text/calendar; method=REPLY\r\n\r\n" + path.read_bytes())
        assert (mail.kind, mail.answers) == (Kind.UNREADABLE, ()), path.name
