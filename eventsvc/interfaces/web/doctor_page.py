"""What is not as it should be among all that lies ahead."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, render_template
from flask_babel import lazy_gettext

from eventsvc.core import clock
from eventsvc.interfaces import examined, requests
from eventsvc.interfaces.web import override_fields, words
from eventsvc.interfaces.web.frame import administrator_only
from eventsvc.workflows import doctor

MOST = 200

KINDS = {
    "overlap": lazy_gettext("Booked twice"),
    "travel": lazy_gettext("Too far away"),
    "closed": lazy_gettext("Closed"),
    "leave": lazy_gettext("Away"),
    "busy_elsewhere": lazy_gettext("Busy elsewhere"),
    "capacity": lazy_gettext("Too small"),
    "limit": lazy_gettext("More than was agreed"),
    "audience": lazy_gettext("Two employers for the same students"),
    "missing_yes": lazy_gettext("A yes is missing"),
    "not_reserved": lazy_gettext("Not reserved"),
    "not_wanted": lazy_gettext("Reserved and not wanted"),
    "other_time": lazy_gettext("Reserved at another time"),
    "is_off": lazy_gettext("Reserved for nothing"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/doctor", view_func=examination)


@administrator_only
def examination() -> str:
    """Re-verify everything, now."""
    now = clock.now()
    facts = examined.facts_of(doctor.examine(now), actor=requests.actor(), now=now)
    return render_template(
        "doctor.html",
        findings=facts["findings"][:MOST],
        overridden=facts["overridden"][:MOST],
        found=len(facts["findings"]),
        offices=sum(one["is_finding"] for one in facts["offices"]),
        kinds=KINDS,
        override_words=override_fields.KINDS,
        when=lambda event: words.instant(datetime.fromisoformat(event["starts_at"]), event["zone"]),
        most=MOST,
    )
