"""End what has been kept long enough, every night: in batches, as counts in the audit log, never under a legal hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from eventsvc.core.db import db, transaction
from eventsvc.domain import audit
from eventsvc.domain.privacy import holds
from eventsvc.domain.privacy.terms import kept_days
from eventsvc.domain.reminders import chores
from eventsvc.workflows.retention_rules import RULES, Rule

AT_ONCE = 200
RETENTION = "retention"


def end_nightly(terms: Mapping[str, int], clock: Callable[[], datetime]) -> Counter[str] | None:
    """Once a day, by whoever comes first; None where somebody else has set out, or it is not night yet."""
    now = clock()
    with transaction():
        if not chores.claim(RETENTION, now):
            return None
    return end_old_records(terms, now)


def end_old_records(terms: Mapping[str, int], now: datetime) -> Counter[str]:
    """End every row whose time is over; opens its own transactions, one a batch. Returns how many of each kind.

    `terms` are other days than those of domain/privacy/kinds.py, by kind. Rows under a hold are passed over, and come
    again once it is lifted.
    """
    days, ended = kept_days(terms), Counter[str]()
    for rule in RULES:
        before = now - timedelta(days=days[rule.kind])
        last: int | None = 0
        while last is not None:
            number, last = _end_some(rule, before, last, now)
            ended[rule.kind] += number
    return +ended


def _end_some(rule: Rule, before: datetime, after_id: int, now: datetime) -> tuple[int, int | None]:
    """One batch; how many were ended, and after which id to go on, or None at the end."""
    with transaction():
        query = rule.due(before)
        key = query.column_descriptions[0]["entity"].id
        rows = db.session.scalars(query.where(key > after_id).order_by(key).limit(AT_ONCE)).all()
        if not rows:
            return 0, None
        last: int = rows[-1].id
        standing = holds.standing()
        free = [
            row
            for row, concern in zip(rows, rule.concern(rows), strict=True)
            if holds.first_covering(standing, concern) is None and rule.is_due(row)
        ]
        if free:
            rule.end(free, now)
            changes = {"rows": (None, len(free)), "before": (None, before)}
            audit.record("end", "records", rule.kind, actor="retention", now=now, changes=changes)
    db.session.expunge_all()
    return len(free), last
