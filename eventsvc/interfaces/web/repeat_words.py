"""The words of rules: kinds of repeating, which week of a month, days of the week."""

from __future__ import annotations

from babel.dates import get_day_names
from flask_babel import get_locale, lazy_gettext

from eventsvc.domain.events.recurrence import Weekday

KINDS = {
    "weekly": lazy_gettext("Every week, or every few weeks"),
    "monthly": lazy_gettext("Every month, on a day such as the second Tuesday"),
    "dates": lazy_gettext("On days that I list"),
    "campaign": lazy_gettext("At several campuses, each with its own room and hour"),
}
WHICH = {
    "1": lazy_gettext("first"),
    "2": lazy_gettext("second"),
    "3": lazy_gettext("third"),
    "4": lazy_gettext("fourth"),
    "5": lazy_gettext("fifth"),
    "-1": lazy_gettext("last"),
}


def weekday_names() -> list[tuple[str, str]]:
    """The days of the week with their names, from Monday on."""
    names = get_day_names("wide", locale=get_locale() or "en")
    return [(str(weekday), names[weekday.number]) for weekday in Weekday]
