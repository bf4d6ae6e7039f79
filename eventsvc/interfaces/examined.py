"""What the doctor found, as the doors show it: the same facts for JSON, the page and the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.accounts import Actor
from eventsvc.interfaces import gaps
from eventsvc.interfaces.languages import translated
from eventsvc.interfaces.services import services
from eventsvc.workflows import doctor
from eventsvc.workflows.doctor import Examination


def facts_of(found: Examination, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """An examination as JSON-ready facts, in the language of whoever asks."""
    findings = [_in_words(one) for one in doctor.explained(found.findings, actor=actor)]
    events = doctor.events_of([one.event_id for one in found.overridden])
    overridden = [
        {
            "kind": one.kind,
            "event": _with_url(doctor.event_facts(events[one.event_id])),
            "reason": one.reason,
            "by": one.given_by,
            "at": iso(one.at),
        }
        for one in found.overridden
    ]
    return {
        "examined_at": iso(now),
        "findings": findings,
        "overridden": overridden,
        "offices": gaps.facts_of(found.gaps),
    }


def _in_words(finding: dict[str, Any]) -> dict[str, Any]:
    return {**finding, "event": _with_url(finding["event"]), "detail": translated(finding["detail"])}


def _with_url(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "url": services().links.event_page(event["id"])}
