"""Which rules count for whom: of all sets that fit a reader and an event, the most specific one alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db, is_postgresql
from eventsvc.domain.directory.models import Organization
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.reminders.models import Audience, QuietHours, Rule, RuleSet
from eventsvc.domain.reminders.offsets import Quiet

EVERYBODY = "everybody"
NEVER_QUIET = Quiet(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For what rules are said: one event, or the readers of an organization and the events of a kind; or everybody.

    An organization's rules are for its own people and offices, whoever plans the event.
    """

    event: Event | None = None
    organization: Organization | None = None
    kind: EventKind | None = None

    def word(self, audience: Audience) -> str:
        """Audience and scope in one word."""
        if self.event is not None:
            return f"{audience}/event:{self.event.id}"
        parts = [f"organization:{self.organization.id}"] if self.organization else []
        parts += [f"kind:{self.kind}"] if self.kind else []
        return f"{audience}/{'/'.join(parts) or EVERYBODY}"


class RuleBook:
    """All rules that may count for some events and readers, read in two queries."""

    def __init__(self, events: Collection[int], organizations: Collection[int]) -> None:
        fits = [
            RuleSet.event_id.is_(None) & RuleSet.organization_id.is_(None),
            RuleSet.event_id.in_(events),
            RuleSet.organization_id.in_(organizations),
        ]
        query = select(RuleSet).where(RuleSet.is_in_force, or_(*fits)).options(selectinload(RuleSet.rules))
        found = db.session.scalars(query.execution_options(populate_existing=True))
        self._sets = {(one.audience, one.event_id, one.organization_id, one.event_kind): one for one in found}

    def of(self, audience: Audience, event: Event, organization_id: int) -> RuleSet | None:
        """The set that counts for that reader and event; None where nobody ever said anything."""
        own = self._sets.get((audience, event.id, None, None))
        return own or self.in_scope(audience, organization_id, event.kind)

    def in_scope(self, audience: Audience, organization_id: int | None, kind: EventKind | None) -> RuleSet | None:
        """The same for any event of a kind; None for an organization or a kind: where it is none in particular."""
        for key in ((organization_id, kind), (organization_id, None), (None, kind), (None, None)):
            if (found := self._sets.get((audience, None, *key))) is not None:
                return found
        return None


def find(audience: Audience, scope: Scope) -> RuleSet | None:
    """What was ever said for exactly that scope, in force or not; or None."""
    query = select(RuleSet).where(RuleSet.scope == scope.word(audience)).options(selectinload(RuleSet.rules))
    return db.session.scalar(query.execution_options(populate_existing=True))


def claim(audience: Audience, scope: Scope) -> RuleSet:
    """The set of that scope, made where there is none (version 0, not in force) and locked.

    Locks: the set's row, after the event.
    """
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    made = insert(RuleSet).values(
        scope=scope.word(audience),
        audience=audience,
        event_kind=scope.kind,
        organization_id=scope.organization.id if scope.organization else None,
        event_id=scope.event.id if scope.event else None,
        is_in_force=False,
        version=0,
    )
    db.session.execute(made.on_conflict_do_nothing(index_elements=["scope"]))
    query = select(RuleSet).where(RuleSet.scope == scope.word(audience)).with_for_update(of=RuleSet)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def said() -> Sequence[RuleSet]:
    """Every set that counts, the most general first; those of single events apart."""
    query = select(RuleSet).where(RuleSet.event_id.is_(None), RuleSet.is_in_force)
    query = query.options(selectinload(RuleSet.rules), joinedload(RuleSet.organization))
    return db.session.scalars(query.order_by(RuleSet.organization_id.nulls_first(), RuleSet.scope)).all()


def every_rule_of(rule_set: RuleSet) -> Sequence[Rule]:
    """Its rules, those too that were taken out."""
    return db.session.scalars(select(Rule).where(Rule.set_id == rule_set.id).order_by(Rule.id)).all()


def quiet_hours(offices: Collection[int]) -> dict[int | None, Quiet]:
    """Quiet hours by office (id); under None those of everybody else."""
    query = select(QuietHours).where(or_(QuietHours.office_id.is_(None), QuietHours.office_id.in_(offices)))
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return {row.office_id: Quiet(row.from_minute, row.until_minute) for row in rows}
