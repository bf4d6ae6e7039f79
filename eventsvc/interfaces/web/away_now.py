"""Who of one's own offices is away at this moment, said where colleagues look; from when and until when, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.times import day_start, local_day
from eventsvc.domain.accounts.absences import Absence
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import words
from eventsvc.workflows.keep_absences import absences_seen

# A head of a page is no list: the page of absences has them all.
MOST = 3


class AwayNow(NamedTuple):
    """A sentence for each of the first few, and how many there are beside them."""

    sentences: list[str]
    more: int


def away_now() -> AwayNow:
    """Colleagues who are away now, whose return is nearest first; a fixed number of queries. Not oneself.

    Refuses: SignInNeeded.
    """
    now, me = clock.now(), requests.actor().account_id
    found = [one for one in absences_seen(actor=requests.actor(), now=now) if one.starts_at <= now]
    others = sorted((one for one in found if one.account_id != me), key=lambda one: (one.ends_at, one.id))
    return AwayNow([_sentence(one) for one in others[:MOST]], max(len(others) - MOST, 0))


def _sentence(one: Absence) -> str:
    name, last = one.account.name, until(one.ends_at, one.zone)
    if one.present_cover is None:
        return str(gettext("%(name)s is away until %(last)s. Nobody covers.", name=name, last=last))
    cover = one.present_cover.name
    return str(gettext("%(name)s is away until %(last)s. %(cover)s covers.", name=name, last=last, cover=cover))


def since(moment: datetime, zone: str) -> str:
    """The first day of being away, or its hour where it is not the whole day."""
    day = local_day(moment, zone)
    return words.day(day) if moment == day_start(day, zone) else words.instant(moment, zone)


def until(moment: datetime, zone: str) -> str:
    """The last day of being away, or the hour of coming back where it is not the whole day."""
    day = local_day(moment, zone)
    return words.day(day - timedelta(days=1)) if moment == day_start(day, zone) else words.instant(moment, zone)
