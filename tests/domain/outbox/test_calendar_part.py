"""The mail around a calendar part, byte by byte where programs look (RFC 6047; ../shared/calendar-interop.md 2.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest

from eventsvc.domain.outbox import calendar_part, letters
from tests.domain.outbox.test_letters import ASKS_CALENDAR, EVENT, INVITED, SENDER, a_message
from tests.links import links_of

OURS, OFFICES = links_of(mail_in="events@calendar.example"), links_of()
NAMED = {"id": 7, "turn": 0, "mailbox": "events@calendar.example", "takes_answers": True, "known_by": ""}
LETTERS = ("invitation", "asked_again", "changed", "proposal_taken", "for_your_calendar")


def sent(letter: str = "invitation", links: Any = OURS, language: str = "en", **more: Any) -> EmailMessage:
    """A letter as it arrives."""
    message = a_message(letter, **{"thread": NAMED, "calendar": ASKS_CALENDAR, **more})
    message.language = language
    raw = letters.render(message, links, SENDER).as_bytes()
    assert letters.render(message, links, SENDER).as_bytes() == raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail.defects == []
    return mail


def shape(mail: EmailMessage) -> Any:
    """Types of the parts, in order."""
    kind = mail.get_content_type()
    return (kind, [shape(part) for part in mail.iter_parts()]) if mail.is_multipart() else kind


def calendar_in(mail: EmailMessage) -> icalendar.Event:
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    (event,) = icalendar.Calendar.from_ical(part.get_content()).events
    return event


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "DECLINECOUNTER"])
def test_the_parts_stand_in_the_order_in_which_programs_look_for_them(letter, method):
    mail = sent(letter, calendar={**ASKS_CALENDAR, "method": method})
    assert shape(mail) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )
    _, _, _, _, told, file = mail.walk()
    assert told["Content-Type"].lower() == f'text/calendar; charset="utf-8"; method="{method.lower()}"'
    assert told["Content-Type"].params["method"] == method
    assert told["Content-Transfer-Encoding"] == "base64"
    assert told["Content-Disposition"] is None
    assert (file.get_param("name"), file.get_filename(), file.is_attachment()) == ("invite.ics", "invite.ics", True)
    body = told.get_payload(decode=True)
    assert file.get_payload(decode=True) == body
    assert f"\r\nMETHOD:{method}\r\n".encode() in body
    assert mail["Content-class"] == "urn:content-classes:calendarmessage"
    assert (mail["Auto-Submitted"], mail["List-Unsubscribe"]) == ("auto-generated", None)


def test_answers_go_to_the_organizer_by_every_way():
    mail = sent()
    address = OURS.reply_address("events@calendar.example", 7, 0)
    assert mail["Reply-To"] == address
    assert str(calendar_in(mail)["ORGANIZER"]) == f"mailto:{address}"
    message = a_message("invitation", thread=NAMED, calendar=ASKS_CALENDAR)
    assert calendar_part.bounces_to(message, OURS) == address


@pytest.mark.parametrize(
    ("mailbox", "replies", "is_told"), [("office@college.example", "office@college.example", True), ("", None, False)]
)
def test_without_a_mailbox_of_ours_the_office_takes_answers_and_where_there_is_none_no_calendar_asks(
    mailbox, replies, is_told
):
    named = {**NAMED, "mailbox": mailbox, "takes_answers": False}
    mail = sent(thread=named, links=OFFICES)
    assert mail["Reply-To"] == replies
    assert ("application/ics" in str(shape(mail))) is is_told
    message = a_message("invitation", thread=named, calendar=ASKS_CALENDAR)
    assert calendar_part.bounces_to(message, OFFICES) == ""


@pytest.mark.parametrize("letter", ["reminder", "chase", "invitation"])
def test_a_letter_of_the_thread_without_calendar_still_leads_answers_there(letter):
    message = a_message(letter, thread=NAMED)
    mail = letters.render(message, OURS, SENDER)
    assert shape(mail) == ("multipart/alternative", ["text/plain", "text/html"])
    assert mail["Reply-To"] == OURS.reply_address("events@calendar.example", 7, 0)


@pytest.mark.parametrize(
    ("language", "more", "place", "words"),
    [
        ("en", {}, "Creveling Lounge, Pasadena City College, 1570 E Colorado Blvd, Pasadena", "Briefing and answer:\n"),
        ("es", {"rooms": []}, "salón por anunciar, Pasadena City College, 1570 E Colorado Blvd, Pasadena", "Estacion"),
        ("en", {"campus": None, "online_url": "https://meet.example/x"}, "Online", "Online: https://meet.example/x"),
        ("es", {"campus": None, "online_url": "https://meet.example/x"}, "En línea", "https://meet.example/x"),
        ("en", {"campus": None}, None, "Career center, Pasadena City College"),
    ],
)
def test_place_and_description_are_in_the_words_of_the_letter(language, more, place, words):
    event = calendar_in(sent(language=language, event={**EVENT, **more}))
    assert event.get("LOCATION") == place
    assert words in event["DESCRIPTION"]
    assert str(event["SUMMARY"]) == EVENT["title"]


def test_the_entry_leads_to_the_page_of_its_reader_and_an_end_leads_nowhere():
    page = OURS.answer(INVITED["invitation"], 0, datetime(2027, 2, 10, 23, 30, tzinfo=UTC))
    asked = calendar_in(sent())
    assert (str(asked["URL"]), page in asked["DESCRIPTION"]) == (page, True)
    ended = calendar_in(sent("called_off", calendar={**ASKS_CALENDAR, "method": "CANCEL"}, because="cancelled"))
    assert ended.keys().isdisjoint({"URL", "DESCRIPTION"})


def test_whole_days_end_on_the_day_after_the_last():
    event = calendar_in(sent(event={**EVENT, "all_day": True, "days": 3}))
    assert [str(event[name].dt) for name in ("DTSTART", "DTEND")] == ["2027-02-10", "2027-02-13"]
