"""How feeds are asked for, as doors show it: in JSON, and in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import Schema, fields

from eventsvc.core.links import Links
from eventsvc.core.times import iso
from eventsvc.domain.feeds.families import Family
from eventsvc.domain.feeds.polls import STEPS, Statistic
from eventsvc.interfaces.fields import a_word, an_instant

FAMILIES = {
    Family.GOOGLE: lazy_gettext("Google Calendar"),
    Family.APPLE: lazy_gettext("Apple Calendar"),
    Family.OUTLOOK_WEB: lazy_gettext("Outlook.com and Microsoft 365"),
    Family.OUTLOOK_DESKTOP: lazy_gettext("Outlook for Windows (classic)"),
    Family.THUNDERBIRD: lazy_gettext("Thunderbird"),
    Family.EVOLUTION: lazy_gettext("Evolution"),
    Family.NEXTCLOUD: lazy_gettext("Nextcloud"),
    Family.ICSX5: lazy_gettext("ICSx5 (Android)"),
    Family.DAVX5: lazy_gettext("DAVx5 (Android)"),
    Family.FASTMAIL: lazy_gettext("Fastmail"),
    Family.PROTON: lazy_gettext("Proton Calendar"),
    Family.SCRIPT: lazy_gettext("Scripts"),
    Family.BROWSER: lazy_gettext("Browsers"),
    Family.OTHER: lazy_gettext("Other programs"),
}
_STEPS_IN_WORDS = (
    lazy_gettext("within a minute"),
    lazy_gettext("within 5 minutes"),
    lazy_gettext("within 15 minutes"),
    lazy_gettext("within 30 minutes"),
    lazy_gettext("within an hour"),
    lazy_gettext("within 2 hours"),
    lazy_gettext("within 4 hours"),
    lazy_gettext("within 8 hours"),
    lazy_gettext("within 12 hours"),
    lazy_gettext("within a day"),
    lazy_gettext("within 2 days"),
    lazy_gettext("within a week"),
    lazy_gettext("after more than a week"),
)
LAGS = dict(zip(STEPS, _STEPS_IN_WORDS, strict=True))


class FetchedSchema(Schema):
    """How one family of programs asks for a calendar."""

    family = a_word(Family)
    polls = fields.Integer()
    not_modified = fields.Integer(metadata={"description": "How many of them were answered 304"})
    first_at = an_instant()
    last_at = an_instant()
    version_served = fields.Integer(metadata={"description": "The newest; 0 where the feed never changed"})
    usual_lag_seconds = fields.Integer(
        allow_none=True,
        metadata={"description": "At most so long after half of the changes somebody of the family had fetched them"},
    )
    lags = fields.Integer(metadata={"description": "From how many changes that is told"})


class StatisticSchema(FetchedSchema):
    """How one family of programs asks for one public feed."""

    feed = fields.String(metadata={"description": "all, or what it is of and a word", "example": "campus:cerritos"})
    calendar = fields.String(metadata={"description": "Its address"})


def facts_of(one: Statistic, links: Links) -> dict[str, Any]:
    """A line as JSON."""
    return {
        "feed": one.key,
        "calendar": links.feed(path_of(one.key)),
        "family": str(one.family),
        "polls": one.polls,
        "not_modified": one.not_modified,
        "first_at": iso(one.first_at),
        "last_at": iso(one.last_at),
        "version_served": one.version,
        # What takes longer than a week has no upper end.
        "usual_lag_seconds": None if one.usual_lag_seconds == STEPS[-1] else one.usual_lag_seconds,
        "lags": one.lags,
    }


def without_feed(facts: dict[str, Any]) -> dict[str, Any]:
    """The same where it is plain which calendar it is about, or its address is a secret."""
    return {name: value for name, value in facts.items() if name not in ("feed", "calendar")}


def path_of(key: str) -> str:
    """The path of a public feed under /feeds."""
    return key.replace(":", "/", 1)
