"""Absolute addresses for letters, feeds and answers. They come from PUBLIC_URL, never from a Host header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from eventsvc.core.addresses import CALENDAR, REPLY, Addresses
from eventsvc.core.errors import LinkExpired, NotFound
from eventsvc.core.tokens import NOT_OURS, Signer, digest

ANSWER = "answer-invitation"
ROOM_ANSWER = "answer-room-request"
SIGN_IN = "sign-in"
DOOR = "help-at-the-door"
COUNT = "say-how-many-came"
FEEDBACK = "say-how-it-was"
SEASON = "see-ones-season"
LETTERS = "choose-ones-letters"


_ID_AND_TURN = re.compile(r"(\S{1,80}) ([0-9]{1,9})")
_READER_AND_TOPIC = re.compile(r"([0-9a-f]{64}) ([a-z_]{1,20}) (\S{2,10})")
# A signed link, also within another link, as mail programs rewrite it (with %2F or _ for /); an address for answers.
_SIGNED = re.compile(
    r"((?:/|%2F|_)(?:answer|room-answer|door|count|feedback|season|unsubscribe|sign-in)(?:/|%2F|_))[A-Za-z0-9_.-]{30,}",
    re.IGNORECASE,
)
_REPLIES = re.compile(r"\+[a-z2-7]{26}@", re.IGNORECASE)
_CALENDARS = re.compile(r"((?:/|%2F|_)calendar(?:/|%2F|_))[a-z2-7]{26}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Links:
    """Makes every address that leaves the house."""

    public_url: str
    signer: Signer
    addresses: Addresses
    # The mailbox in which answers arrive, `events@calendar.example`; empty where no mail comes in.
    mail_in: str = ""

    def to(self, path: str) -> str:
        """An absolute address for a path that starts with a slash."""
        return self.public_url.rstrip("/") + path

    def event_page(self, event_id: str) -> str:
        """The public page of an event."""
        return self.to(f"/events/{event_id}")

    def event_ics(self, event_id: str) -> str:
        """One event as a calendar file."""
        return self.to(f"/events/{event_id}.ics")

    def request_page(self, request_id: str) -> str:
        """The page of a request, for the two offices."""
        return self.to(f"/requests/{request_id}")

    def employers_page(self, college: str) -> str:
        """The page on which a college (a slug) says which employers it admits."""
        return self.to(f"/employers/{college}")

    def feed(self, path: str) -> str:
        """A feed by https: or http:, e.g. `campus/pasadena-city-college`."""
        return self.to(f"/feeds/{quote(path)}.ics")

    def webcal(self, path: str) -> str:
        """The same feed under webcal:, which phones and Apple's calendar subscribe to."""
        return "webcal://" + self.feed(path).split("://", 1)[1]

    def answer(self, invitation_id: str, turn: int, expires_at: datetime) -> str:
        """The page on which an invited person answers; expires with the event. `turn`: which time they were asked."""
        return self.to("/answer/" + self.signer.make(ANSWER, f"{invitation_id} {turn}", expires_at))

    def read_answer(self, token: str, now: datetime) -> tuple[str, int]:
        """Invitation id and turn of an answer token; refuses NotFound and LinkExpired (fact `subject`: the id)."""
        return self._read(ANSWER, token, now)

    def room_answer(self, approval_id: str, turn: int, expires_at: datetime) -> str:
        """The page on which a room's office answers; expires with the event. `turn`: which time it was asked for."""
        return self.to("/room-answer/" + self.signer.make(ROOM_ANSWER, f"{approval_id} {turn}", expires_at))

    def read_room_answer(self, token: str, now: datetime) -> tuple[str, int]:
        """Approval id and turn of a room's token; refuses as `read_answer`."""
        return self._read(ROOM_ANSWER, token, now)

    def door(self, link_id: str, expires_at: datetime) -> str:
        """The page for a helper at the door of one event, until some hours after its day."""
        return self.to("/door/" + self.signer.make(DOOR, link_id, expires_at))

    def read_door(self, token: str, now: datetime) -> str:
        """The id of a link for the door; refuses NotFound and LinkExpired."""
        return self.signer.read(DOOR, token, now)

    def count(self, event_id: str, expires_at: datetime) -> str:
        """The page on which the host says how many came to an event."""
        return self.to("/count/" + self.signer.make(COUNT, event_id, expires_at))

    def read_count(self, token: str, now: datetime) -> str:
        """The id of the event of such a link; refuses NotFound, and LinkExpired with the id as `subject`."""
        return self.signer.read(COUNT, token, now)

    def feedback(self, feedback_id: str, expires_at: datetime) -> str:
        """The page with two questions to the host or to somebody who spoke."""
        return self.to("/feedback/" + self.signer.make(FEEDBACK, feedback_id, expires_at))

    def read_feedback(self, token: str, now: datetime) -> str:
        """The id of the questions of such a link; refuses NotFound, and LinkExpired with the id as `subject`."""
        return self.signer.read(FEEDBACK, token, now)

    def season(self, slug: str, address: str, expires_at: datetime) -> str:
        """The page of all that is asked of an expert; good while letters to them go to that address."""
        return self.to("/season/" + self.signer.make(SEASON, f"{slug} {_mark(address)}", expires_at))

    def read_season(self, token: str, now: datetime) -> tuple[str, str]:
        """The expert's slug, and by what `is_still` knows the address; refuses NotFound and LinkExpired."""
        slug, _, mark = self.signer.read(SEASON, token, now).partition(" ")
        return slug, mark

    def letters(self, address: str, topic: str, language: str, expires_at: datetime) -> str:
        """The page on which the reader of letters to that address stops those of a topic, and chooses the others.

        The address stands in it as a digest: links are forwarded, and end up in logs.
        """
        subject = f"{mark_of_reader(address)} {topic} {language}"
        return self.to("/unsubscribe/" + self.signer.make(LETTERS, subject, expires_at))

    def read_letters(self, token: str, now: datetime) -> tuple[str, str, str]:
        """The reader (a digest), the topic and the language of such a link; refuses NotFound and LinkExpired."""
        found = _READER_AND_TOPIC.fullmatch(self.signer.read(LETTERS, token, now))
        if found is None:
            raise NotFound(NOT_OURS)
        return found[1], found[2], found[3]

    def sign_in(self, sign_in_id: str, expires_at: datetime) -> str:
        """The page with the button that signs somebody in, once."""
        return self.to("/sign-in/" + self.signer.make(SIGN_IN, sign_in_id, expires_at))

    def sign_in_page(self) -> str:
        """Where one types an address to sign in."""
        return self.to("/sign-in")

    def read_sign_in(self, token: str, now: datetime) -> str:
        """The id of a letter that signs in; refuses NotFound and LinkExpired."""
        return self.signer.read(SIGN_IN, token, now)

    def sign_in_code(self, sign_in_id: str) -> str:
        """The six digits of the same letter."""
        return self.sign_in_codes(sign_in_id)[0]

    def sign_in_codes(self, sign_in_id: str) -> list[str]:
        """Every code that counts: those by older keys, too."""
        return self.signer.codes(SIGN_IN, sign_in_id)

    def _read(self, purpose: str, token: str, now: datetime) -> tuple[str, int]:
        try:
            return _of_turn(self.signer.read(purpose, token, now))
        except LinkExpired as refusal:
            raise LinkExpired(refusal.detail, subject=_of_turn(str(refusal.facts["subject"]))[0]) from None

    def reply_address(self, mailbox: str, number: int, turn: int, known_by: str = "") -> str:
        """Where answers of one person about one event go: `events+<26 letters>@calendar.example` (RFC 5233)."""
        local, _, host = mailbox.rpartition("@")
        return f"{local}+{self.addresses.token(REPLY, number, turn, known_by)}@{host}"

    def private_token(self, number: int, turn: int, known_by: str = "") -> str:
        """By what a private calendar is found: the row's number and its turn; see `Addresses.token`."""
        return self.addresses.token(CALENDAR, number, turn, known_by)

    def private_feed(self, number: int, turn: int, known_by: str = "") -> str:
        """The address of a private calendar; it ends in .ics, since some programs take no other."""
        return self.to(f"/calendar/{self.private_token(number, turn, known_by)}.ics")

    @property
    def host(self) -> str:
        """The host name of the service, for Message-IDs."""
        return urlsplit(self.public_url).hostname or "localhost"


def without_secrets(text: str) -> str:
    """What somebody wrote for others to read, without what our letters gave to them alone: who answers a letter often
    leaves it below, and with it the links and the address by which one answers as they."""
    return _CALENDARS.sub(r"\1…", _REPLIES.sub("+…@", _SIGNED.sub(r"\1…", text)))


def is_still(mark: str, address: str) -> bool:
    """True where a link was made for that address, which does not stand in it."""
    return mark == _mark(address)


def mark_of_reader(address: str) -> str:
    """By which it is known who reads letters to an address, however it was typed; 64 letters."""
    return digest(address.strip().casefold())


def _mark(address: str) -> str:
    return digest(address.casefold())[:16]


def _of_turn(subject: str) -> tuple[str, int]:
    """Id and turn of what was signed; refuses NotFound for what we would not have signed."""
    found = _ID_AND_TURN.fullmatch(subject)
    if found is None:
        raise NotFound(NOT_OURS)
    return found[1], int(found[2])
