"""Every night the doctor looks at all that lies ahead, and each office hears of what is amiss with its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from eventsvc.core.db import db, transaction
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox import post
from eventsvc.domain.reminders import chores
from eventsvc.workflows import doctor
from eventsvc.workflows.doctor import Finding

# A letter of more would be read by nobody; the page and the command show all.
MOST = 30


def examine_nightly(clock: Callable[[], datetime]) -> int | None:
    """Once a day: examine, and owe each office concerned one letter; opens its own transactions.

    Returns how many letters are owed, or None when somebody else has done it or it is not night yet. Nothing is open
    while it looks: what changes meanwhile is seen tomorrow.
    """
    now = clock()
    with transaction():
        if not chores.claim(chores.DOCTOR, now):
            return None
    findings = doctor.examine(now).findings
    with transaction():
        return _tell_offices(findings, now)


def _tell_offices(findings: Sequence[Finding], now: datetime) -> int:
    events = doctor.events_of([one.event_id for one in findings])
    of_office: defaultdict[int, list[tuple[Event, str]]] = defaultdict(list)
    for one in findings:
        if (event := events.get(one.event_id)) is not None:
            of_office[event.owner_id].append((event, one.kind))
    told = [_tell(db.session.get_one(Office, office_id), mine, now) for office_id, mine in sorted(of_office.items())]
    return sum(told)


def _tell(office: Office, findings: Sequence[tuple[Event, str]], now: datetime) -> bool:
    inorder = sorted(dict.fromkeys(findings), key=lambda pair: (pair[0].starts_at, pair[0].id))
    facts = {
        "findings": [{"event": facts_of(event), "kind": kind} for event, kind in inorder[:MOST]],
        "more": max(len(inorder) - MOST, 0),
    }
    owed = post.post(
        "doctor",
        key=f"doctor:{office.slug}:{now.date()}",
        to_address=office.mailbox,
        to_name=office.name,
        language=office.language,
        facts=facts,
        now=now,
    )
    return owed is not None
