"""What the fields of a partner's pages are called, and which are said like those of the form of a plan."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

# Rows in which a partner types the dates that it offers.
OFFERED_ROWS: dict[str, Any] = {
    f"starts_{_number}": lazy_gettext("Date %(number)s", number=_number) for _number in range(1, 7)
}
FIELDS: dict[str, Any] = {
    **OFFERED_ROWS,
    "closes_on": lazy_gettext("Last day"),
    "chase_after_working_days": lazy_gettext("Reminders after the asking"),
    "chase_before_days": lazy_gettext("Reminders before the event"),
    "tell_after_working_days": lazy_gettext("Telling your office"),
    "pass_on_after_working_days": lazy_gettext("Asking the next"),
    "answer_by_working_days": lazy_gettext("Answering requests"),
    "changes_until_hours": lazy_gettext("Changing an answer"),
    "works_from_minute": lazy_gettext("Letters leave from"),
    "works_until_minute": lazy_gettext("Letters leave until"),
    "other_local": lazy_gettext("Day and hour of another date"),
    "other_minutes": lazy_gettext("Length of another date"),
    "other_expert": lazy_gettext("Who would come"),
}
LIKE = {
    **dict.fromkeys(OFFERED_ROWS, "starts_local"),
    "other_local": "starts_local",
    "other_minutes": "duration_minutes",
}
