"""Add what a process has counted of polls to the statistics, and show them to those who plan."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError

from eventsvc.core.db import db, is_busy, transaction
from eventsvc.domain.accounts import Actor, ensure_may_plan
from eventsvc.domain.feeds import polls, private_calendars
from eventsvc.domain.feeds.polls import Statistic, Tally
from eventsvc.domain.feeds.private import PrivateFeed
from eventsvc.workflows.keep_private_feeds import is_holder

log = logging.getLogger("eventsvc.feeds")


def add_counted(tally: Tally) -> None:
    """Add it in a transaction of its own; where somebody else's lock is in the way, the next time does."""
    counted = tally.take()
    if not counted:
        return
    try:
        with transaction():
            polls.add(counted)
    except DBAPIError as error:
        db.session.rollback()
        tally.give_back(counted)
        if not is_busy(error):
            raise
        log.info("polls are added later: the database is busy")


def fetched_by(feed: PrivateFeed, actor: Actor) -> list[Statistic]:
    """By which families of programs a private calendar is fetched: for who holds its address, else nothing."""
    return polls.statistics(keys=[private_calendars.key_of(feed)]) if is_holder(feed, actor) else []


def show_statistics(actor: Actor, *, after: tuple[str, str] | None = None, limit: int | None = None) -> list[Statistic]:
    """How public feeds are asked for, by feed and family; private ones are their owners' affair.

    Refuses: SignInNeeded, NotAllowed for who plans nowhere.
    """
    ensure_may_plan(actor)
    return polls.statistics(after=after, limit=limit)
