"""What a day in a campus's calendar is, by the words of its title: colleges write it in no other way."""

from __future__ import annotations

import re

from eventsvc.domain.booking.blocks import BlockKind

_FINALS = re.compile(r"\bfinals?\b|\bfinal exam|\bexam(ination)?s? (week|period)")
_HOLIDAY = re.compile(
    r"holiday|recess|\bbreak\b|\bclosed\b|closure|no class|day off|\bobserved\b|vacation|campus-wide shutdown"
    r"|thanksgiving|christmas|new year|labor day|memorial day|independence day|juneteenth|veterans'? day"
    r"|martin luther king|\bmlk\b|presidents'? day|lincoln|cesar chavez|césar chávez|indigenous peoples"
)
# "Thanksgiving recess begins" is the edge of something: the days between stand nowhere.
_EDGE = re.compile(r"\bbegins?\b|\bends?\b|\bstarts?\b|\bdeadline\b|\bdue\b|\b(first|last) day\b|midterm")
_TERM = re.compile(r"\b(semester|term|quarter|session|intersession)\b")
# A term is longer than a week of anything else.
TERM_DAYS = 21


def kind_of(title: str) -> BlockKind | None:
    """Finals week or a holiday, or None where the title speaks of neither, or only of where one begins or ends."""
    words = title.casefold()
    if _EDGE.search(words):
        return None
    if _FINALS.search(words):
        return BlockKind.FINALS
    return BlockKind.HOLIDAY if _HOLIDAY.search(words) else None


def is_term(title: str, days: int) -> bool:
    """True for "Fall semester" over weeks; "Spring semester begins" is a single day."""
    return days >= TERM_DAYS and _TERM.search(title.casefold()) is not None
