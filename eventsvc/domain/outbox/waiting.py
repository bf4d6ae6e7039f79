"""How long letters about changes wait, so that several changes become one letter.

The length is a setting (CHANGES_WAIT_MINUTES); each app's engine carries it, so that no story has to be handed it.
First letters of an asking, answers and letters that sign in do not wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from eventsvc.core.db import db

OPTION = "changes_wait_minutes"
# A change of something that begins so soon leaves at once.
SOON = timedelta(hours=24)


def leaves_at(now: datetime, *starts: datetime) -> datetime:
    """When a letter about a change may leave, where it begins, or began, at any of these; `now` where that is soon."""
    if any(start - now <= SOON for start in starts):
        return now
    return now + timedelta(minutes=db.engine.get_execution_options().get(OPTION, 0))
