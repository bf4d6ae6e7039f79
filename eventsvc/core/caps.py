"""How much of each kind is taken at once: the one table of caps. What is longer is refused before it is worked on.

Which request brings which kind is said in `interfaces/body_caps.py`; files at the command line, and calendars that are
fetched, ask here themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from eventsvc.core.errors import Refusal, Said, say


class TooLarge(Refusal):
    """More than is taken at once: `kind` of what, and `limit_bytes` or `limit_fields`."""

    slug = "too-large"
    title = say("Too much at once")
    status = 413


@dataclass(frozen=True, slots=True)
class Cap:
    """The most bytes of a kind, and the sentence that names them; `around_bytes`: what a request needs beside it."""

    kind: str
    most_bytes: int
    words: Said
    around_bytes: int = 0

    @property
    def body_bytes(self) -> int:
        """The longest request that brings one."""
        return self.most_bytes + self.around_bytes

    def refusal(self, ceiling_bytes: int | None = None) -> TooLarge:
        """The no, by the lower ceiling of this installation where it has one."""
        most = min(self.most_bytes, ceiling_bytes or self.most_bytes)
        return TooLarge(say(self.words.message, most=f"{most:,}"), kind=self.kind, limit_bytes=most)

    def ensure(self, number_of_bytes: int) -> None:
        """Refuses TooLarge for more bytes than that."""
        if number_of_bytes > self.most_bytes:
            raise self.refusal()


# The longest description is 20,000 characters; as a form or JSON may write it, it takes up to 240,000 bytes.
# A form that edits holds it twice: as it was, and as it is to be.
FORM = Cap("form", 600_000, say("What a form sends may be %(most)s bytes long. Nothing was changed: make it shorter."))
JSON = Cap("json", 400_000, say("A body in JSON may be %(most)s bytes long. Nothing was changed: make it shorter."))
# A year of the busiest room with every word about it; its reader counts 5,000 times at most. Fetched or uploaded alike.
_CALENDAR_WORDS = say(
    "A calendar may be %(most)s bytes long. Nothing was changed: export fewer months, or fewer words."
)
CALENDAR = Cap("calendar", 1_000_000, _CALENDAR_WORDS, around_bytes=20_000)
# JSON writes each end of a line with four letters, and some programs every letter beyond ASCII with six.
CALENDAR_IN_JSON = Cap("calendar", 1_000_000, _CALENDAR_WORDS, around_bytes=1_100_000)
CALENDAR_TOO_LARGE = say("It is larger than 1 MB.")
# Rows of an import, at the command line: a hundred thousand rooms or events.
TABLE = Cap("table", 50_000_000, say("A file of rows may be %(most)s bytes long. Import it in parts."))
# Mail servers rarely take more than 25 MB; an answer is a few kB, and one with a signature full of pictures below 10.
MAIL = Cap(
    "mail", 10_000_000, say("A mail may be %(most)s bytes long. Nothing was changed: send it without attachments.")
)
