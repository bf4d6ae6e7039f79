"""A form that is sent twice makes one thing: by its number and all that it says it is known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

from eventsvc.core.db import transaction
from eventsvc.interfaces.web.forms import Form

# What a form may carry besides what it says about the event.
_NOT_OF_THE_EVENT = ("csrf_token", "offer", "hold", "find_expert")

T = TypeVar("T")


def once(form: Form, find: Callable[[str], T | None], make: Callable[[Form, str | None], T]) -> tuple[T, bool]:
    """What this very form has made, and whether it was made now; each look and making is one transaction."""
    submission = _submission_of(form)

    def found_or_made() -> tuple[T, bool]:
        with transaction():
            found = find(submission) if submission else None
            return (make(form, submission), True) if found is None else (found, False)

    try:
        return found_or_made()
    except IntegrityError:
        # Two sent it at once, and the other one was faster.
        return found_or_made()


def _submission_of(form: Form) -> str | None:
    """A digest of the form's own number and of all that it says: the same form with other words is another event."""
    if not form.value("submission"):
        return None
    said = sorted(pair for pair in form.values.items(multi=True) if pair[0] not in _NOT_OF_THE_EVENT)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
