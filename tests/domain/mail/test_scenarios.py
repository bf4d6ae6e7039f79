"""Answers of two public test suites (sabre/vobject, Cyrus IMAP), held against what those suites say comes of them.

What is compared: which dates the answer changes, and to what. People who were never invited are refused, as Cyrus does;
sabre takes them in. The suites' files are in `../shared/data`; nothing of them is kept here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events

from eventsvc.domain.mail.instances import as_compared, which_instances
from eventsvc.domain.mail.matching import judge
from eventsvc.domain.mail.reasons import Reason
from eventsvc.domain.mail.verdicts import Act, Standing
from eventsvc.ical.imip import Mail, read_mail
from tests.left_out import SHARED, shared

ICAL = SHARED / "ical"
HEAD = b"From: %s\nMessage-ID: <1@x.example>\nContent-Type: text/calendar; charset=utf-8\n\n"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SABRE = [
    "ReplyAccept",
    "ReplyAcceptUpdateRSVP",
    "ReplyNewException",
    "ReplyNewExceptionFirstOccurrence",
    "ReplyNewExceptionRecurrenceIdInDifferentTz",
    "ReplyNewExceptionTz",
    "ReplyWithTz",
]
WHOLE = {None: "ACCEPTED"}
# By Cyrus's own tests, whose results stand in their code.
CYRUS = {
    "imip_reply": ("1", "2", WHOLE),
    "imip_reply_no_organizer": ("1", "2", WHOLE),
    "imip_reply_with_alarm": ("1", "2", WHOLE),
    "imip_reply_one_recurrence": ("1", "2", {"2023-06-28T23:00Z": "TENTATIVE"}),
    "imip_reply_override": ("1", "2", {None: "ACCEPTED", "2021-10-21T19:30Z": "DECLINED"}),
    "imip_reply_override_rdate": ("1", "2", {None: "ACCEPTED", "2021-10-21T19:30Z": "DECLINED"}),
    "imip_reply_override_google": (
        "1",
        "2",
        {None: "ACCEPTED", "2021-07-21T19:30Z": "TENTATIVE", "2021-07-28T19:30Z": "DECLINED"},
    ),
    "imip_reply_override_invalid": ("3", "4", WHOLE),
}
CRASHERS = [
    ("sabre_ReplyPartyCrasher_stored.ics", "sabre_ReplyPartyCrasher_reply.ics"),
    ("sabre_ReplyPartyCrashCreateException_stored.ics", "sabre_ReplyPartyCrashCreateException_reply.ics"),
    ("cyrus_imip_reply_partycrasher_1_stored.ics", "cyrus_imip_reply_partycrasher_2.eml"),
]


def entries(name: str) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(shared(f"ical/scenarios/{name}").read_text()).walk("VEVENT")


def a_mail(name: str) -> Mail:
    raw = shared(f"ical/replies/{name}").read_bytes()
    if not name.endswith(".ics"):
        return read_mail(raw)
    mail = read_mail(HEAD % b"a@b.example" + raw)
    return replace(mail, from_address=next(iter(mail.answers[0].attendees)))


def date_of(entry: icalendar.Event) -> datetime | date | None:
    named = entry.get("RECURRENCE-ID")
    return None if named is None else as_compared(named.dt)


def dates_in(stored: list[icalendar.Event]) -> set[datetime | date]:
    """Every date of a series, a moved one by the date that it had; some of sabre's entries have none at all."""
    calendar = icalendar.Calendar()
    dated = [entry for entry in stored if "DTSTART" in entry]
    if not dated:
        return set()
    for entry in dated:
        rules = entry.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            rule.pop("RSCALE", None)  # GREGORIAN, as all are; the library knows it with UNTIL only
        calendar.add_component(entry)
    first = min(entry["DTSTART"].dt for entry in dated)
    found = recurring_ical_events.of(calendar).between(first, first + timedelta(days=400))
    return {as_compared(date_of(one) or one["DTSTART"].dt) for one in found}


def standings(entries_of: list[icalendar.Event], address: str) -> dict[datetime | date | None, str]:
    """By date: what that person said, as the file has it."""
    said = {}
    for entry in entries_of:
        named = entry.get("ATTENDEE", [])
        for one in named if isinstance(named, list) else [named]:
            if one.casefold() == f"mailto:{address}":
                said[date_of(entry)] = str(one.params.get("PARTSTAT", "NEEDS-ACTION"))
    return said


@pytest.mark.parametrize("name", SABRE)
def test_the_same_dates_change_as_by_sabre(name: str) -> None:
    stored, expected = entries(f"sabre_{name}_stored.ics"), entries(f"sabre_{name}_expected.ics")
    mail = a_mail(f"sabre_{name}_reply.ics")
    before, after = standings(stored, "foo@example.org"), standings(expected, "foo@example.org")
    changed = {when: word for when, word in after.items() if before.get(when) != word}
    said = which_instances(mail.answers, dates_in(stored))
    assert {when: answer.word for when, answer in said.items()} == changed
    assert changed, "the suite expects a change"


@pytest.mark.parametrize("name", CYRUS)
def test_the_same_dates_change_as_by_cyrus(name: str) -> None:
    before, reply, expected = CYRUS[name]
    stored, mail = entries(f"cyrus_{name}_{before}_stored.ics"), a_mail(f"cyrus_{name}_{reply}.eml")
    said = which_instances(mail.answers, dates_in(stored))
    wanted = {None if when is None else datetime.fromisoformat(when): word for when, word in expected.items()}
    assert {when: answer.word for when, answer in said.items()} == wanted


@pytest.mark.parametrize(("stored", "reply"), CRASHERS)
def test_who_crashes_the_party_is_not_let_in(stored: str, reply: str) -> None:
    verdict = judge(a_mail(reply), a_standing(entries(stored)), NOW)
    assert (verdict.act, verdict.reason) == (Act.REVIEW, Reason.ANOTHER_PERSON)


def a_standing(stored: list[icalendar.Event]) -> Standing:
    first = stored[0]
    starts = as_compared(first["DTSTART"].dt) if "DTSTART" in first else NOW
    return Standing(
        uid=str(first["UID"]).casefold(),
        address="foo@example.net",
        is_by_address=True,
        sequence=9,
        dates=frozenset(dates_in(stored)),
        starts=starts,
        ends=starts + timedelta(hours=1),
    )


def test_an_answer_about_a_date_of_an_unknown_series_is_about_nothing() -> None:
    mail = a_mail("sabre_ReplyNewExceptionNoMasterEvent_reply.ics")
    stored = entries("sabre_ReplyNewExceptionNoMasterEvent_stored.ics")
    known = {when for when in map(date_of, stored) if when is not None}
    assert which_instances(mail.answers, known) == {}


def test_every_reply_of_the_suites_is_in_a_table() -> None:
    shared("ical/replies")
    told = {f"sabre_{name}_reply.ics" for name in SABRE} | {reply for _, reply in CRASHERS}
    told |= {f"cyrus_{name}_{reply}.eml" for name, (_, reply, _) in CYRUS.items()}
    told |= {"sabre_ReplyNewExceptionNoMasterEvent_reply.ics", "sabre_ReplyNoOriginal_reply.ics"}
    found = {path.name for path in Path(ICAL / "replies").iterdir() if path.name.startswith(("sabre_", "cyrus_"))}
    assert found == told
