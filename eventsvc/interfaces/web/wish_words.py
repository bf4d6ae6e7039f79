"""What requests are called on pages: where they stand, what is next, how people meet, windows in words."""

from __future__ import annotations

from datetime import time
from functools import lru_cache
from typing import Any

from babel.dates import get_day_names
from flask_babel import format_time, get_locale, gettext, lazy_gettext

from eventsvc.domain.directory.models import Level
from eventsvc.domain.requests.models import Format, Request, RequestState, Window
from eventsvc.domain.requests.rounds import RoundStanding
from eventsvc.interfaces.web import words

STATES = {
    RequestState.OPEN: lazy_gettext("Waits for the partner’s answer"),
    RequestState.OFFERED: lazy_gettext("Another date is offered"),
    RequestState.PLANNED: lazy_gettext("Planned"),
    RequestState.DECLINED: lazy_gettext("Declined"),
    RequestState.NOT_THIS_TERM: lazy_gettext("Not this term"),
    RequestState.WITHDRAWN: lazy_gettext("Withdrawn"),
}
FORMATS = {
    Format.IN_PERSON: lazy_gettext("On campus"),
    Format.ONLINE: lazy_gettext("Online"),
    Format.HYBRID: lazy_gettext("On campus and online at once"),
}
LEVELS = {
    Level.K12: lazy_gettext("School"),
    Level.COLLEGE: lazy_gettext("College"),
    Level.ALUMNI: lazy_gettext("Alumni"),
}
_NEXT = {
    RequestState.OFFERED: lazy_gettext("It is your turn: take the other date, or say that it does not suit you."),
    RequestState.PLANNED: lazy_gettext("It is an event: publish it and follow who comes on its page."),
    RequestState.DECLINED: lazy_gettext("The partner has said why. You can ask again for other days."),
    RequestState.NOT_THIS_TERM: lazy_gettext("You can ask again for next term."),
    RequestState.WITHDRAWN: lazy_gettext("You took it back. You can ask again."),
}
# Fields of the three rows of wishes, and what is said of them.
ROWS: dict[str, Any] = {}
for _number in (1, 2, 3):
    ROWS |= {
        f"first_on_{_number}": lazy_gettext("First day of wish %(number)s", number=_number),
        f"last_on_{_number}": lazy_gettext("Last day of wish %(number)s", number=_number),
        f"from_{_number}": lazy_gettext("Not before, of wish %(number)s", number=_number),
        f"until_{_number}": lazy_gettext("Over by, of wish %(number)s", number=_number),
        f"weekdays_{_number}": lazy_gettext("Days of the week of wish %(number)s", number=_number),
    }
OF_ROW: list[tuple[str, Any]] = [
    (r"Missing|is needed", lazy_gettext("%(label)s: it is missing.")),
    (r"Not a valid date", lazy_gettext("%(label)s: this is not a day.")),
]


def what_is_next(request: Request, *, is_late: bool, in_round: RoundStanding | None) -> str:
    """What the college can do about a request now, in a sentence."""
    if request.state is not RequestState.OPEN:
        return str(_NEXT[request.state])
    if in_round is RoundStanding.OPEN and request.round is not None:
        return str(gettext("It is decided together with others after %(day)s.", day=words.day(request.round.closes_on)))
    if in_round is RoundStanding.CLOSED:
        return str(gettext("The round is closed, and the partner decides about all requests of it together."))
    if is_late:
        return str(gettext("The day to answer is over: telephone the partner’s office."))
    return str(gettext("The partner answers. Nothing is reserved until then."))


def said_window(window: Window) -> str:
    """Days, hours and weekdays of a wish: "Feb 1 – 12, 2027, 9:00 AM – 5:00 PM, Tuesday, Thursday"."""
    times = (_clock(str(get_locale()), one) for one in (window.from_minute, window.until_minute))
    weekdays = (weekday_name(day) for day in window.weekdays)
    return ", ".join([words.days(window.first_on, window.last_on), " – ".join(times), *weekdays])


@lru_cache
def _clock(_locale: str, minute: int) -> str:
    """A page says the same few hours again and again; call with the locale of the answer only."""
    return str(format_time(time(minute // 60 % 24, minute % 60), "short"))


def weekday_name(day: int) -> str:
    """A day of the week, Monday 0, in the reader's language."""
    return str(get_day_names("wide", locale=get_locale() or "en")[day])
