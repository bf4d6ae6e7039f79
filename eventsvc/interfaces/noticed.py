"""Before every commit: the private calendars that show what was written are told to have changed."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from eventsvc.core import clock
from eventsvc.domain.feeds import noticing


def register() -> None:
    """Look on at every commit of this process, once however many apps it assembles."""
    if not event.contains(Session, "before_commit", _before_commit):
        event.listen(Session, "before_commit", _before_commit)


def _before_commit(session: Session) -> None:
    noticing.touch_noticed(session, clock.now)
