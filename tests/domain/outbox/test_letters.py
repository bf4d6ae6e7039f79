"""Letters: rendered from the row alone, the same each time, right in text and in HTML."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any, get_args
from uuid import UUID

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from bs4 import BeautifulSoup
from jinja2 import Environment

from eventsvc.domain.accounts.roles import BY_LINK, Role
from eventsvc.domain.events.models import Status
from eventsvc.domain.events.seats import SeatRole
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.sample_facts import ASKS_CALENDAR, EVENT, INVITED, REMARKS, ROOM, SECOND
from eventsvc.domain.outbox.samples import SAMPLES
from eventsvc.workflows import tell_of_requests
from eventsvc.workflows.show_desk import Lack
from eventsvc.workflows.tell_in_time import Role as RoleOfOffice
from tests import pseudo
from tests.compiled import InMemory
from tests.links import links_of

LINKS = links_of()
SENDER = "eventsvc <events@events.example>"
# Every letter has its sample there.
LETTERS = SAMPLES
# Those that go to an office about one event or several.
TO_OFFICES = (
    "office_changed_soon",
    *("answer_accepted", "answer_declined", "blocked", "confirmed", "confirmed_series", "not_confirmed", "remarks"),
    *("times_proposed", "late_decline", "colleague_named"),
    *(
        "room_answer",
        "room_nudge",
        "room_off",
        "room_request",
        "unanswered",
        "partner_reminder",
        "room_off_series",
        "room_request_series",
    ),
)


def a_message(letter: str, **more: Any) -> Message:
    return Message(
        public_id=UUID(int=7),
        letter=letter,
        to_address="one@port.example",
        to_name="Expert One",
        language="en",
        created_at=datetime(2027, 1, 11, 17, 0, tzinfo=UTC),
        facts={**LETTERS[letter], **more},
    )


def test_a_letter_to_an_expert_leads_to_all_that_is_asked_of_them():
    season = {"expert": "expert-one", "until": "2027-05-11T23:30:00Z"}
    until = datetime(2027, 5, 11, 23, 30, tzinfo=UTC)
    for letter in ("invitation", "invitation_series", "reminder", "asked_again"):
        _, text = letters.render_text(a_message(letter, season=season), LINKS)
        assert LINKS.season("expert-one", "one@port.example", until) in text, letter
        assert "/season/" not in letters.render_text(a_message(letter), LINKS)[1], letter


class Text(HTMLParser):
    """The words and the links of an HTML part."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


# These are about no event.
ABOUT_EVENTS = sorted(
    LETTERS.keys()
    - letters.SEALED
    - {"let_in", "cover", "test_letter", "employer_news", "request_remarks", "webhook_trouble"}
)


@pytest.mark.parametrize("letter", ABOUT_EVENTS)
def test_a_letter_says_the_same_in_text_and_html_and_gives_the_same_bytes_twice(letter):
    first = letters.render(a_message(letter), LINKS, SENDER).as_bytes()
    assert letters.render(a_message(letter), LINKS, SENDER).as_bytes() == first
    mail = message_from_bytes(first, policy=policy.default)
    assert mail["Message-ID"] == "<00000000-0000-0000-0000-000000000007@events.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    page = Text()
    page.feed(html)
    assert "Zero-emission <careers> & you" in text
    assert "Zero-emission <careers> & you" in page.words
    assert "<careers>" not in html
    assert all(link in text for link in page.links)
    for words in (" ".join(text.split()), " ".join(page.words.split())):
        assert "Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)" in words
        assert "Creveling Lounge, Pasadena City College" in words
    assert "\u202f" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("letter", TO_OFFICES)
def test_every_letter_to_an_office_links_to_the_page_of_the_event_where_the_offices_talk(letter):
    _, text = letters.render_text(a_message(letter), LINKS)
    events = [date["event"]["id"] for date in LETTERS[letter].get("dates", [LETTERS[letter]])]
    assert [one for one in events if LINKS.event_page(one) not in text] == []


def test_a_letter_about_new_remarks_quotes_them_and_leads_to_the_page():
    subject, text = letters.render_text(a_message("remarks"), LINKS)
    assert subject == "The administrator writes about Zero-emission <careers> & you"
    assert "Ana Example, Career center: The hall has two doors.\nWhich one suits you?\n" in text
    assert "The administrator: <b>Both</b> are open.\n" in text
    html = letters.render(a_message("remarks"), LINKS, SENDER).get_body(("html",)).get_content()
    assert "<b>Both</b>" not in html


def test_a_letter_reads_as_a_person_would_write_it():
    _, text = letters.render_text(a_message("called_off"), LINKS)
    assert text == (
        "Hello Expert One,\n"
        "\n"
        "“Zero-emission <careers> & you” has been cancelled. The hour is free again; please take it out of the "
        "calendar.\n"
        "\n"
        "When: Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)\n"
        "Where: Creveling Lounge, Pasadena City College\n"
        "Address: 1570 E Colorado Blvd, Pasadena\n"
        "Parking: Lot 5\n"
        "Topics: Zero-emission operations\n"
        "For whom: students, alumni\n"
        "Expected: 30 people\n"
        "\n"
        "Career center, Pasadena City College\n"
        "careers@college.example, 626-555-0100\n"
        "\n"
        "You get this letter because Pasadena City College has asked you to take part in this event.\n"
    )


def test_the_same_letter_in_spanish_reads_as_a_person_would_write_it():
    message = a_message("called_off")
    message.language = "es"
    subject, text = letters.render_text(message, LINKS)
    assert subject == "Cancelado: Zero-emission <careers> & you"
    assert text == (
        "Hola, Expert One:\n"
        "\n"
        "“Zero-emission <careers> & you” se canceló. Ese tiempo queda libre otra vez; por favor quítelo del "
        "calendario.\n"
        "\n"
        "Cuándo: miércoles, 10 de febrero de 2027, 2:00 p.m. – 3:30 p.m. (hora estándar del Pacífico)\n"
        "Dónde: Creveling Lounge, Pasadena City College\n"
        "Dirección: 1570 E Colorado Blvd, Pasadena\n"
        "Estacionamiento: Lot 5\n"
        "Temas: Zero-emission operations\n"
        "Para quién: students, alumni\n"
        "Se esperan: 30 personas\n"
        "\n"
        "Career center, Pasadena City College\n"
        "careers@college.example, 626-555-0100\n"
        "\n"
        "Usted recibe este mensaje porque Pasadena City College le invitó a participar en este evento.\n"
    )


def test_a_letter_about_many_dates_lists_each_with_the_link_of_its_own_answer():
    subject, text = letters.render_text(a_message("invitation_series"), LINKS)
    until = datetime(2027, 2, 10, 23, 30, tzinfo=UTC)
    assert subject == "Will you come on 2 dates? Zero-emission <careers> & you"
    assert text == (
        "Hello Expert One,\n"
        "\n"
        "Pasadena City College would like you to take part in “Zero-emission <careers> & you” on 2 dates. Please "
        "answer for each:\n"
        "\n"
        "- Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time), Creveling Lounge, Pasadena City "
        "College:\n"
        f"  {LINKS.answer(INVITED['invitation'], 0, until)}\n"
        "- Wednesday, February 17, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time):\n"
        f"  {LINKS.answer(SECOND['invitation'], 0, until)}\n"
        "\n"
        "Please be there: 15 minutes before the start\n"
        "Topics: Zero-emission operations\n"
        "For whom: students, alumni\n"
        "\n"
        "Each date has its own link. Nothing happens until you press a button on its page, and you can change your "
        "answer there later.\n"
        "\n"
        "Career center, Pasadena City College\n"
        "careers@college.example, 626-555-0100\n"
        "\n"
        "You get this letter because Pasadena City College has asked you to take part in these events.\n"
    )
    html = letters.render(a_message("invitation_series"), LINKS, SENDER).get_body(("html",)).get_content()
    assert len(BeautifulSoup(html, "html.parser").select("ul > li > a[href*='/answer/']")) == 2


def test_an_invitation_says_how_early_to_be_there_and_what_a_press_does():
    _, text = letters.render_text(a_message("invitation", lead_minutes=15), LINKS)
    address = LINKS.answer(INVITED["invitation"], 0, datetime(2027, 2, 10, 23, 30, tzinfo=UTC))
    assert text == (
        "Hello Expert One,\n"
        "\n"
        "Pasadena City College would like you to take part in “Zero-emission <careers> & you”.\n"
        "\n"
        "When: Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)\n"
        "Where: Creveling Lounge, Pasadena City College\n"
        "Address: 1570 E Colorado Blvd, Pasadena\n"
        "Please be there: 15 minutes before the start\n"
        "Parking: Lot 5\n"
        "Topics: Zero-emission operations\n"
        "For whom: students, alumni\n"
        "Expected: 30 people\n"
        "\n"
        f"See the briefing and answer:\n{address}\n"
        "\n"
        "Nothing happens until you press a button on that page. You can change your answer there later.\n"
        "\n"
        "Career center, Pasadena City College\n"
        "careers@college.example, 626-555-0100\n"
        "\n"
        "You get this letter because Pasadena City College has asked you to take part in this event.\n"
    )


def test_a_new_time_stands_beside_the_old_one_and_is_said_once():
    _, text = letters.render_text(a_message("asked_again"), LINKS)
    times = [line for line in text.splitlines() if "February" in line]
    assert times == [
        "When: Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)",
        "Instead of: Wednesday, February 3, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)",
    ]


def test_a_reminder_says_in_its_subject_when_it_is():
    spanish = a_message("reminder")
    spanish.language = "es"
    title = "Zero-emission <careers> & you"
    assert letters.render_text(a_message("reminder"), LINKS)[0] == f"Reminder, Wed, Feb 10, 2:00 PM: {title}"
    assert letters.render_text(spanish, LINKS)[0] == f"Recordatorio, mié, 10 de feb, 2:00 p.m.: {title}"
    whole_day = a_message("reminder", event={**EVENT, "all_day": True})
    assert letters.render_text(whole_day, LINKS)[0] == f"Reminder, Wed, Feb 10: {title}"


@pytest.mark.parametrize(
    ("to_name", "reason"),
    [
        ("Career center", "because your office is in charge of this event."),
        ("Port outreach", "because somebody of your organization was asked to take part in this event."),
    ],
)
def test_a_letter_to_an_office_says_who_writes_and_why(to_name, reason):
    message = a_message("answer_declined")
    message.to_name = to_name
    _, text = letters.render_text(message, LINKS)
    assert "The event calendar, on behalf of Career center, Pasadena City College\n\n" in text
    assert text.endswith(f"You get this letter {reason}\n")


def test_a_button_is_large_enough_for_a_finger_and_can_be_read():
    html = letters.render(a_message("invitation"), LINKS, SENDER).get_body(("html",)).get_content()
    style = re.search(r'<a style="([^"]+)"', html)[1]
    rules = dict(rule.split(":", 1) for rule in style.split(";"))
    padding, line = int(rules["padding"].split("px")[0]), int(rules["line-height"].removesuffix("px"))
    assert 2 * padding + line >= 44
    assert contrast(rules["color"], rules["background"]) >= 4.5
    for text, ground in re.findall(r"color:(#\w{6})[^;]*;background:(#\w{6})", html):
        assert contrast(text, ground) >= 4.5
    assert "prefers-color-scheme:dark" in html
    assert '<meta name="color-scheme" content="light dark">' in html


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: the ratio of relative luminances."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """WCAG 2.2: of #rrggbb."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"all_day": True}, "Wednesday, February 10, 2027"),
        ({"all_day": True, "days": 3}, "Wednesday, February 10, 2027 – Friday, February 12, 2027"),
        (
            {"ends_at": "2027-02-11T09:00:00Z"},
            "Wednesday, February 10, 2027, 2:00 PM – Thursday, February 11, 2027, 1:00 AM (Pacific Standard Time)",
        ),
        (
            {"starts_at": "2027-07-01T22:00:00Z", "ends_at": "2027-07-01T23:00:00Z", "zone": "America/New_York"},
            "Thursday, July 1, 2027, 6:00 PM – 7:00 PM (Eastern Daylight Time)",
        ),
    ],
)
def test_when_is_said_in_the_words_of_the_campus(more, words):
    assert letters.when_in_words({**EVENT, **more}) == words


@pytest.mark.parametrize(
    "title", ["Año nuevo en el puerto – sesión informativa para estudiantes", "Short é", "é" * 120]
)
def test_a_subject_outside_ascii_arrives_as_it_was_written(title):
    mail = letters.render(a_message("confirmed", event={**EVENT, "title": title}), LINKS, SENDER).as_bytes()
    assert message_from_bytes(mail, policy=policy.default)["Subject"] == f"Confirmed: {title}"
    assert all(len(line) <= 78 for line in mail.partition(b"\r\n\r\n")[0].split(b"\r\n"))


def test_a_name_cannot_add_a_header():
    mail = letters.render(
        a_message("confirmed", event={**EVENT, "title": "Careers\nBcc: all@port.example"}), LINKS, SENDER
    )
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Confirmed: Careers")


@pytest.mark.parametrize(
    ("to_name", "words"),
    [
        ("Expert One", "Pasadena City College would like you to take part"),
        ("Port outreach", "Pasadena City College would like Expert One to take part"),
    ],
)
def test_an_invitation_speaks_to_whoever_reads_it(to_name, words):
    message = a_message("invitation")
    message.to_name = to_name
    _, text = letters.render_text(message, LINKS)
    assert text.startswith(f"Hello {to_name},")
    assert words in text


@pytest.fixture
def portuguese(tmp_path, monkeypatch):
    """A catalogue of one sentence, and no other language."""
    catalog = Catalog(locale="pt")
    catalog.add("Confirmed: %(title)s", "Confirmado: %(title)s")
    folder = tmp_path / "pt" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    remembered = (letters.written_in, letters._environment)
    for cached in remembered:
        cached.cache_clear()
    monkeypatch.setattr(letters, "TRANSLATIONS", tmp_path)
    yield
    for cached in remembered:
        cached.cache_clear()


@pytest.mark.parametrize(
    ("wanted", "language", "subject", "day"),
    [
        ("en", "en", "Confirmed: ", "Wednesday, February 10, 2027, 2:00 PM"),
        ("en-GB", "en-GB", "Confirmed: ", "Wednesday, 10 February 2027, 14:00"),
        ("es", "en", "Confirmed: ", "Wednesday, February 10, 2027, 2:00 PM"),
        ("es-MX", "en", "Confirmed: ", "Wednesday, February 10, 2027, 2:00 PM"),
        ("not a tag", "en", "Confirmed: ", "Wednesday, February 10, 2027, 2:00 PM"),
        ("", "en", "Confirmed: ", "Wednesday, February 10, 2027, 2:00 PM"),
        ("pt", "pt", "Confirmado: ", "quarta-feira, 10 de fevereiro de 2027, 14:00"),
        ("pt-BR", "pt-BR", "Confirmado: ", "quarta-feira, 10 de fevereiro de 2027, 14:00"),
    ],
)
def test_words_and_dates_are_in_one_language_and_the_letter_says_which(portuguese, wanted, language, subject, day):
    message = a_message("confirmed")
    message.language = wanted
    mail = letters.render(message, LINKS, SENDER)
    assert mail["Content-Language"] == language
    assert mail["Subject"].startswith(subject)
    assert day in mail.get_body(("plain",)).get_content()
    assert f'<html lang="{language}">' in mail.get_body(("html",)).get_content()


def test_a_reminder_to_somebody_who_has_not_answered_asks():
    subject, text = letters.render_text(a_message("reminder", is_open=True), LINKS)
    assert subject.startswith("We still need your answer: ")
    assert "Please answer now." in text
    assert "You are expected" not in text


def test_every_letter_is_held_by_these_tests():
    assert {path.stem for path in letters.FOLDER.glob("[!_]*.txt")} == set(LETTERS)


@pytest.fixture
def in_pseudo(monkeypatch):
    """Letters speak a language without Latin letters (tests/pseudo.py)."""
    remembered = (letters.written_in, letters._environment)
    for cached in remembered:
        cached.cache_clear()
    monkeypatch.setattr(letters, "_translations", lambda language: pseudo.Pseudo())
    monkeypatch.setattr(letters, "Environment", _compiled_once)
    yield
    for cached in remembered:
        cached.cache_clear()


def _compiled_once(*, autoescape: bool, **told: Any) -> Environment:
    """An environment that finds what was compiled for the one before it; text and HTML compile differently."""
    return Environment(autoescape=autoescape, bytecode_cache=COMPILED[autoescape], **told)


COMPILED = {False: InMemory(), True: InMemory()}
GREEK = {
    "title": "Ομιλία",
    "campus": {"name": "Πασαντίνα", "address": "Οδός 1", "city": "Αθήνα", "parking": "Εκεί"},
    "online_url": "https://meet.example/x",
    "host": {
        "name": "Γραφείο",
        "organization": "Κολέγιο",
        "mailbox": "office@college.example",
        "telephone": "555-0100",
    },
    "audience": ["φοιτητές"],
    "topics": ["Θέμα"],
}


@pytest.mark.parametrize("rooms", [["Αίθουσα"], []])
@pytest.mark.parametrize("to_name", ["Άλφα", "Γραφείο"])
@pytest.mark.parametrize("letter", sorted(LETTERS))
def test_no_word_of_a_letter_goes_past_the_translations(in_pseudo, letter, to_name, rooms):
    event = {**EVENT, **GREEK, "rooms": rooms}
    elsewhere = {**event, "starts_at": "2027-02-03T22:00:00Z", "rooms": ["Βήτα"]}
    facts = {"event": event, "was": elsewhere, "person": "Άλφα", "reason": "ναι", "lead_minutes": 5}
    facts |= {"college": "Άλφα", "page": "/setup", "partner": "Λιμάνι", "title": "Ομιλία"}
    facts |= {"names": ["Αίθουσα"], "people": ["Βήτα"], "name": "Αίθουσα"}
    facts |= {
        "lent": [
            {"person": "Βήτα", "feedback": "", "is_open": True},
            {"person": "Γάμα", "feedback": SECOND["invitation"], "is_open": False},
        ]
    }
    facts |= {"coming": [{"person": "Βήτα", "is_open": True}, {"person": "Γάμα", "is_open": False}]}
    facts |= {"rooms": [{"room": "Α", "office": "Β", "telephone": "5"}]}
    room = {"room": "Αίθουσα", "layout": "σειρές", "outside_reference": "7", "accommodations": "ναι"}
    room |= {"rooms_office": "Γραφείο", "reference": "42"}
    facts |= room | {"place": "Γραφείο", "organization": "Κολέγιο", "email": "α@β.ελ"}
    facts |= {"from": "Άλφα", "to": "Βήτα", "at": "Γραφείο", "events": [event], "cover": "Βήτα"}
    facts |= {"next": "Βήτα", "is_open": False, "awaits_release": False, "others": [{**INVITED, "event": event}]}
    facts |= {"remarks": [{**REMARKS[0], "person": "Άλφα", "office": "Γραφείο", "words": "ναι"}] * 2}
    why = [{"message": "It cannot be read.", "facts": {}}]
    facts |= {"mails": [{"id": "1", "person": name, "reasons": why, "words": "ναι"} for name in ("Άλφα", "")]}
    facts |= {"address": "α@β.ελ", "diagnosis": "550", "host": "α.ελ", "note": "ναι"}
    facts |= {"times": [event] * 2, "by_office": "Γραφείο", "colleague": "Βήτα"}
    facts |= {"programs": [{"name": "Σελίδα", "scopes": ["read", "book", "answer", "manage"]}]}
    told = {"event": event, "person": "Άλφα", "coming": facts["lent"], "people": ["Βήτα"], "rooms": facts["rooms"]}
    pieces = [{**one, "facts": {**one["facts"], **told}} for one in LETTERS["digest"]["letters"]]
    facts |= {"letters": pieces}
    named = {"more": 1, "items": [{"event": event, "name": "Βήτα", "lack": str(lack)} for lack in Lack]}
    week = {"office": "Γραφείο", "organization": "Κολέγιο", "first_on": "2027-02-08", "last_on": "2027-02-14"}
    parts = dict.fromkeys(("events", "unanswered", "rooms", "seats", "counts"), named)
    facts |= {"week": {**week, **parts}}
    variants = [{"role": str(role)} for role in Role if role not in BY_LINK] if letter == "let_in" else []
    variants += [{"place": "", "role": "administrator"}] if letter == "let_in" else []
    greek = {"title": "Τίτλος", "partner": "Βήτα", "campus": "Γάμα", "topics": ["Δέλτα"], "audience": ["Ένα"]}
    facts |= greek | {"employer": "Ζήτα", "asker": "Ήτα", "lender": "Θήτα"}
    variants += [
        {"news": one, "side": side, "event": None, "offered": offered}
        for one in get_args(tell_of_requests.News)
        for side in ("college", "partner")
        for offered in (None, {**EVENT, "person": "Βήτα"})
        if letter == "request_news"
    ]
    variants += [
        {"state": state, "side": side}
        for state in ("waiting", "approved", "declined")
        for side in ("college", "employer")
    ]
    variants += [{"is_open": True}, {"is_open": False}, {"was": elsewhere}, {"was": None}]
    variants += [{"outcome": outcome} for outcome in ("declined", "taken_back", "granted_after_all")]
    variants += [{"event": {**event, "awaits_room": True}}]
    variants += [{"heads": heads, "at_door": heads, "is_last": heads is None} for heads in (None, 1, 42)]
    variants += [{"next": ""}, {"awaits_release": True}, {"again": True}]
    variants += [{"next": "", "is_open": True}]
    if letter == "seat_open":
        variants += [{"role": str(role)} for role in SeatRole]
    takes = {"id": 7, "turn": 0, "mailbox": "a@b.example", "takes_answers": True, "known_by": ""}
    variants += [{"thread": told} for told in (takes, {**takes, "takes_answers": False})]
    variants += [{"calendar": {**ASKS_CALENDAR, "method": "CANCEL"}}] if letter == "for_your_calendar" else []
    variants += [{"is_leaving": True}, {"is_leaving": False}]
    variants += [{"word": word, "times": [event]} for word in ("accept", "tentative", "decline")]
    if letter == "monday":
        variants += [{"week": {**week, **parts, "events": {"more": 0, "items": []}}}]
    variants += [{"remarks": [{**REMARKS[1], "words": "ναι"}]}]
    variants += [{"in_charge": {"instead_of": name}} for name in ("", "Βήτα")]
    variants += [{"because": because} for because in ("cancelled", "postponed", "declined", "withdrawn", "uninvited")]
    variants += [{"is_gone": is_gone} for is_gone in (False, True)]
    taken = {**LETTERS["blocked"]["blocked"], "title": "Συνέλευση"}
    variants += [{"blocked": {**taken, "kind": kind}} for kind in ("leave", "busy_elsewhere", "holiday")]
    if letter == "passed_on":
        variants = [{**one, "because": why} for one in variants for why in ("silent", "refused")]
    if letter in ("changed_soon", "office_changed_soon"):
        known = {**event, "awaits_room": False, "closed_rooms": ["Βήτα"]}
        more = {"changes": ["time", "place", "status"], "closed_rooms": ["Βήτα"]}
        states = [str(status) for status in Status]
        variants = [
            {**more, "was": {**known, "status": was, "campus": campus}, "status": status, "role": role}
            for was in states
            for campus in (event["campus"], None)
            for status, role in zip(states, [*get_args(RoleOfOffice), *["host"] * len(states)], strict=False)
        ]
    written = set()
    for variant in variants:
        dates = [{**ROOM, **INVITED, **room, "event": event, "people": ["Βήτα"], "lead_minutes": 5, **variant}] * 2
        kinds = (
            "overlap",
            "travel",
            "closed",
            "leave",
            "busy_elsewhere",
            "limit",
            "capacity",
            "audience",
            "missing_yes",
        )
        kinds += ("not_reserved", "not_wanted", "other_time", "is_off")
        facts |= {"findings": [{"event": event, "kind": kind} for kind in kinds]}
        message = a_message(letter, **{**facts, "blocked": taken, "dates": dates, **variant})
        message.to_name, message.language = to_name, "el"
        subject, text = letters.render_text(message, LINKS)
        # One source writes both parts: a variant that changes nothing in the text is the letter that was looked at.
        if (subject, text) in written:
            continue
        written.add((subject, text))
        assert pseudo.LATIN.findall(pseudo.SAME_EVERYWHERE.sub(" ", f"{subject}\n{text}")) == []
        page = BeautifulSoup(letters.render(message, LINKS, SENDER).get_body(("html",)).get_content(), "html.parser")
        assert page.html["lang"] == "el"
        assert pseudo.latin_in(page) == []


def test_a_letter_that_signs_in_has_its_code_and_link_in_both_parts_and_the_code_not_in_the_subject():
    mail = letters.render(a_message("sign_in"), LINKS, SENDER)
    key = LETTERS["sign_in"]["sign_in"]
    code, link = LINKS.sign_in_code(key), LINKS.sign_in(key, datetime(2027, 1, 11, 17, 15, tzinfo=UTC))
    assert re.fullmatch("[0-9]{6}", code)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    page = Text()
    page.feed(html)
    assert code in text
    assert code in page.words
    assert link in text
    assert link in page.links
    assert code not in mail["Subject"]


@pytest.mark.parametrize(
    ("instead_of", "reason"),
    [
        ("", "because you are in charge of this event."),
        ("Ana Example", "because you cover for Ana Example, who is away and in charge of this event."),
    ],
)
def test_a_letter_to_whoever_is_in_charge_says_so_and_for_whom_they_cover(instead_of, reason):
    message = a_message("answer_declined", in_charge={"instead_of": instead_of})
    _, text = letters.render_text(message, LINKS)
    assert text.endswith(f"You get this letter {reason}\n")


def test_who_takes_over_reads_what_is_theirs_now_and_which_programs_need_a_new_token():
    subject, text = letters.render_text(a_message("handed_over"), LINKS)
    assert subject == "Ana Example has handed over to you"
    assert text == (
        "Hello Expert One,\n"
        "\n"
        "Ana Example is leaving. What was theirs to look after is yours from now on.\n"
        "\n"
        "Events that lie ahead and that you are in charge of now:\n"
        "\n"
        "- Zero-emission <careers> & you, Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time), "
        "Creveling Lounge, Pasadena City College:\n"
        f"  {LINKS.event_page(EVENT['id'])}\n"
        "- Zero-emission <careers> & you, Wednesday, February 17, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time):\n"
        f"  {LINKS.event_page(EVENT['id'])}\n"
        "\n"
        "And 1 more.\n"
        "\n"
        "You also look after 1 answer for a room.\n"
        "\n"
        "You cover for 1 colleague in their place.\n"
        "\n"
        "These programs acted by a token of theirs, which has ended. Those that are still needed get a new one, which "
        "you make on the page of your account:\n"
        "\n"
        "Our <web> site: plan and change events; read\n"
        "\n"
        "Open your account:\n"
        "https://events.example/account\n"
        "\n"
        "The partners who have a part in these events were told that they turn to you now.\n"
    )


def test_a_partner_reads_whom_to_turn_to_and_how():
    subject, text = letters.render_text(a_message("new_contact"), LINKS)
    assert subject == "Your new contact: Ben Example"
    assert "Career center: Pasadena City College, careers@college.example, 626-555-0100\n" in text
