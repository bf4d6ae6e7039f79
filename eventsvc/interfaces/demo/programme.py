"""The demo's events: what is planned, and what becomes of it until the demo starts.

Each line of `programme.csv` becomes a plan and a course of acts at instants before the start. The dates follow from
the day on which the demo starts; nothing is drawn by lot. (The public ids are random, as everywhere: two demos must
not share a UID.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.schedule import When
from eventsvc.interfaces.demo import tables
from eventsvc.interfaces.demo.days import at, first_day, working_day
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.said_wish import SaidEquipment


class Act(StrEnum):
    """Something that is done about an event, by a workflow."""

    DRAFT = "draft"
    PLAN = "plan"
    PUBLISH = "publish"
    HOST_YES = "host_yes"
    ACCEPT = "accept"
    TURN_DOWN = "turn_down"
    MOVE = "move"
    POSTPONE = "postpone"
    CANCEL = "cancel"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


_CONFIRMED = ((0, Act.PLAN), (2, Act.PUBLISH), (26, Act.ACCEPT), (30, Act.HOST_YES))

# Hours after planning, and what is done then.
COURSES: dict[str, tuple[tuple[int, Act], ...]] = {
    "confirmed": _CONFIRMED,
    "moved": (*_CONFIRMED, (78, Act.MOVE)),
    "postponed": (*_CONFIRMED, (76, Act.POSTPONE)),
    "cancelled": (*_CONFIRMED, (77, Act.CANCEL)),
    "waiting": ((0, Act.PLAN), (2, Act.PUBLISH), (6, Act.HOST_YES)),
    "turned_down": ((0, Act.PLAN), (2, Act.PUBLISH), (6, Act.HOST_YES), (28, Act.TURN_DOWN)),
    "held": ((0, Act.PLAN),),
    "declined": ((0, Act.PLAN), (25, Act.DECLINE)),
    "withdrawn": ((0, Act.PLAN), (24, Act.WITHDRAW)),
    "draft": ((0, Act.DRAFT),),
}
# Days before the start on which the others were planned: still within the time for which a hold counts.
_YOUNG = {"waiting": 2, "held": 4, "turned_down": 3, "draft": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One event of the demo: the plan, its course, and where it was moved to if it was."""

    outcome: str
    plan: Plan
    planned_at: datetime
    moved_to: datetime | None  # wall time

    def acts(self) -> Iterator[tuple[datetime, Act]]:
        """What was done about it, and when."""
        for hours, act in COURSES[self.outcome]:
            yield self.planned_at + timedelta(hours=hours), act


def items(start: datetime) -> list[Item]:
    """Every event of a demo that starts at that instant."""
    today, words = first_day(start), tables.descriptions()
    return [_item(number, row, today, words) for number, row in enumerate(tables.rows("programme"))]


def _item(number: int, row: dict[str, str], today: date, words: dict[str, str]) -> Item:
    day = working_day(today, int(row["day"]))
    moved_to = _wall(working_day(today, int(row["to_day"])), row["to_at"]) if row["to_day"] else None
    days_before = _YOUNG.get(row["outcome"], 9 + number % 12)
    planned_on = min(today, day) - timedelta(days=days_before)
    return Item(
        outcome=row["outcome"],
        plan=_plan(row, _when(row, day), words),
        planned_at=at(planned_on, time(9, number % 60)),
        moved_to=moved_to,
    )


def _when(row: dict[str, str], day: date) -> When:
    if not row["at"]:
        return When(all_day=True, starts_on=day, days=int(row["days"]))
    return When(starts_local=_wall(day, row["at"]), duration_minutes=int(row["minutes"]))


def _wall(day: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime.combine(day, time(int(hour), int(minute)))


def _said(item: str) -> SaidEquipment:
    """ "pcc-microphones:2" """
    slug, quantity = item.split(":")
    return SaidEquipment(slug, int(quantity))


def _plan(row: dict[str, str], when: When, words: dict[str, str]) -> Plan:
    return Plan(
        kind=EventKind(row["kind"]),
        title=row["title"],
        when=when,
        campus=row["campus"] or None,
        owner=row["owner"] or None,
        rooms=tables.listed(row["rooms"]),
        experts=tables.listed(row["experts"]),
        topics=tables.listed(row["topics"]),
        co_hosts=tables.listed(row["co_hosts"]),
        audience=tables.listed(row["audience"]),
        description=words.get(row["title"], words[row["kind"]]),
        online_url=row["online_url"],
        expected_heads=int(row["heads"]) if row["heads"] else None,
        equipment=tuple(_said(item) for item in tables.listed(row["equipment"])),
    )
