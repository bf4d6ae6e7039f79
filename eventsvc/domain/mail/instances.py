"""Which dates of a UID an answer is about (RFC 5546 3.2.3, RFC 5545 3.8.4.4).

Our own entries have one date each; a calendar program may name it all the same, and in the zone it likes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime

from eventsvc.ical.imip import CalendarAnswer

# An instant in UTC, or the day of an all-day entry.
Date = datetime | date
# What is said of the whole series stands under None.
Said = Mapping[Date | None, CalendarAnswer]


def which_instances(answers: Iterable[CalendarAnswer], dates: Collection[Date]) -> dict[Date | None, CalendarAnswer]:
    """The answers by the date that each is about, None for all of them; who names no date there is is left out.

    Instants are compared in UTC, whatever zone they were written in: Google names them in UTC, Outlook in its own.
    """
    known = {as_compared(one) for one in dates}
    named = {None if one.recurrence is None else as_compared(one.recurrence): one for one in answers}
    return {when: one for when, one in named.items() if when is None or when in known}


def answer_for(when: Date, said: Said) -> CalendarAnswer | None:
    """What is said of one date: by its own answer, else by that for the whole series, which overwrites none."""
    return said.get(as_compared(when), said.get(None))


def as_compared(when: Date) -> Date:
    """The same moment, or day, as dates are compared."""
    return when.astimezone(UTC) if isinstance(when, datetime) else when
