"""Mails as programs and people send them: our own samples of each family of clients, written from the shapes that
`../shared/calendar-interop.md` describes, with places to fill.

`{uid}` and the like are filled; what stands between `{base64}` and `{/base64}`, or `{qp}` and `{/qp}`, is encoded
afterwards, so that tests may fill what a program encodes.
"""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parent / "mails"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))
TO = "answers+abcdefghijklmnopqrstuvwxyz@events.example.edu"
ANA = "ana.diaz@partner.example"
UID = "0f8fad5b-d9cb-469f-a165-70867728950e"
RETURNED = "5c9d3a52-1f4e-4f0a-8f0e-0a4f6b1c2d3e@events.example.edu"
STAMPED = datetime(2027, 1, 10, 18, 0, tzinfo=UTC)
STARTS = datetime(2027, 1, 19, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
_OFFICE_ZONE = ZoneInfo("America/Los_Angeles")
_ENCODED = re.compile(r"\{(base64|qp)\}\n(.*?)\{/\1\}\n", re.DOTALL)
_PLACE = re.compile(r"\{([a-z_]+)\}")


def a_mail(name: str, *, headers: Iterable[str] = (), **filled: object) -> bytes:
    """The sample of that name (`NAMES`), with `headers` put on top.

    Fills: uid, to, attendee, name, word, sequence, stamp, starts, ends, new_starts, new_ends (what a COUNTER proposes),
           date, message_id, returned (the Message-ID of the letter a bounce brings back, without brackets), comment,
           subject, words. Datetimes are written as the place needs them; `starts_local` and so on follow from them.
    """
    values = _values(filled)
    text = (FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    text = _ENCODED.sub(_encoded, _PLACE.sub(lambda place: values.get(place[1], place[0]), text))
    whole = "".join(f"{line}\n" for line in headers) + text
    return whole.replace("\n", "\r\n").encode()


def _values(filled: dict[str, object]) -> dict[str, str]:
    starts, stamp = filled.get("starts", STARTS), filled.get("stamp", STAMPED)
    assert isinstance(starts, datetime)
    assert isinstance(stamp, datetime)
    known: dict[str, object] = {
        "uid": UID, "to": TO, "attendee": ANA, "name": "Ana Diaz", "word": "ACCEPTED", "sequence": 0, "stamp": stamp,
        "starts": starts, "ends": starts + HOUR, "new_starts": starts + HOUR, "new_ends": starts + 2 * HOUR,
        "date": format_datetime(stamp), "message_id": f"<{stamp:%Y%m%d%H%M%S}.{name_of(filled)}@mail.partner.example>",
        "returned": RETURNED, "comment": "I will bring a projector.", "subject": "Information session",
        "words": "Tuesday works for me.", "comment_html": "It&#39\\;s too late for me.",
    }  # fmt: skip
    if unknown := filled.keys() - known.keys():
        raise KeyError(f"no sample has a place for {', '.join(sorted(unknown))}")
    known |= filled
    times = {key: value for key, value in known.items() if isinstance(value, datetime)}
    local = {f"{key}_local": f"{value.astimezone(_OFFICE_ZONE):%Y%m%dT%H%M%S}" for key, value in times.items()}
    written = {key: f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}" for key, value in times.items()}
    return {key: str(value) for key, value in known.items()} | written | local


def name_of(filled: dict[str, object]) -> str:
    """What tells mails of different people and words apart in their ids."""
    return re.sub(r"\W", "", f"{filled.get('attendee', ANA)}{filled.get('word', '')}{filled.get('sequence', '')}")


def _encoded(block: re.Match[str]) -> str:
    content = block[2].replace("\n", "\r\n").encode()
    if block[1] == "base64":
        return base64.encodebytes(content).decode()
    return quopri.encodestring(content.replace(b"\r\n", b"\n")).decode()
