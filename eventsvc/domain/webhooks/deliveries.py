"""What targets are owed, and each delivery's way: queued → leased → done, or given up.

Rows are locked after their target: whoever needs both takes the target first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.core.times import iso
from eventsvc.domain.webhooks.models import IS_OWED, DeliveryState, Happening, WebhookDelivery, WebhookTarget
from eventsvc.domain.webhooks.retrying import GIVEN_UP_AFTER, next_try

# Longer than a batch can take when every server waits for its time-out.
LEASE = timedelta(minutes=2)
_TRIES_KEPT = 20
# So many claims that ended in no mark: whoever sent it was gone each time.
_MOST_DEATHS = 5
_ENDS = (DeliveryState.DONE, DeliveryState.FAILED, DeliveryState.SET_ASIDE, DeliveryState.DROPPED)


class Lease(NamedTuple):
    """Who may mark a delivery: the attempt it was claimed for."""

    delivery_id: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One happening, as it is owed to every target that may know of it; from `helps_until` on it helps nobody."""

    key: str
    kind: str
    body: str
    event: str = ""
    expert_id: int | None = None
    helps_until: datetime | None = None


def owe(owed: Owed, targets: Collection[WebhookTarget], now: datetime) -> list[WebhookDelivery]:
    """Owe it to each of those targets that is not owed it already; call it in the transaction of what happened."""
    of_these = WebhookDelivery.target_id.in_([target.id for target in targets])
    known = set(db.session.scalars(select(WebhookDelivery.target_id).where(WebhookDelivery.key == owed.key, of_these)))
    new = [_row(owed, target, now) for target in targets if target.id not in known]
    db.session.add_all(new)
    return new


def _row(owed: Owed, target: WebhookTarget, now: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        target_id=target.id,
        key=owed.key,
        kind=owed.kind,
        event=owed.event,
        expert_id=owed.expert_id,
        body=owed.body,
        happened_at=now,
        next_attempt_at=now,
        give_up_at=now + GIVEN_UP_AFTER,
        helps_until=owed.helps_until,
        tries=[],
    )


def claim(now: datetime, *, limit: int, of_one_target: int) -> list[WebhookDelivery]:
    """Lease what is due, the oldest of each target first; a lease that ran out is claimed again.

    Targets that are off or rest are left out. What was claimed again and again without a mark is set aside instead.

    Locks: the rows claimed, skipping those of others (FOR UPDATE SKIP LOCKED on PostgreSQL).
    """
    is_due = _is_due(now)
    in_line = func.row_number().over(
        partition_by=WebhookDelivery.target_id, order_by=(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
    )
    is_awake = or_(WebhookTarget.resting_until.is_(None), WebhookTarget.resting_until <= now)
    ranked = (
        select(WebhookDelivery.id, in_line.label("place"))
        .join(WebhookTarget, WebhookTarget.id == WebhookDelivery.target_id)
        .where(IS_OWED, is_due, WebhookTarget.off_because.is_(None), is_awake)
        .subquery()
    )
    query = (
        select(WebhookDelivery)
        .join(ranked, ranked.c.id == WebhookDelivery.id)
        .where(ranked.c.place <= of_one_target, is_due)
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    )
    rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
    for row in rows:
        row.attempts += 1
        if row.attempts - len(row.tries) > _MOST_DEATHS and len(row.tries) < _TRIES_KEPT:
            _end(row, DeliveryState.SET_ASIDE, now)
        else:
            row.state, row.lease_until = DeliveryState.LEASED, now + LEASE
    return [row for row in rows if row.state is DeliveryState.LEASED]


def drop_late(now: datetime) -> list[str]:
    """Stop owing reminders that are due and can help nobody any more; returns their keys.

    Whatever else is late is still news, and is tried until it is given up.
    """
    dropped = (
        update(WebhookDelivery)
        .where(IS_OWED, _is_due(now), WebhookDelivery.helps_until <= now)
        .returning(WebhookDelivery.key)
    )
    return list(db.session.scalars(dropped.values(state=DeliveryState.DROPPED, lease_until=None, ended_at=now)))


def drop_reminders(event: str, now: datetime) -> None:
    """Stop owing the reminders of an event (public id) that wait: it has been moved, or is off."""
    drop_owed((WebhookDelivery.event == event) & (WebhookDelivery.kind == Happening.REMINDER), now)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(WebhookDelivery.state == DeliveryState.QUEUED, WebhookDelivery.next_attempt_at <= now),
        and_(WebhookDelivery.state == DeliveryState.LEASED, WebhookDelivery.lease_until <= now),
    )


def claim_again(lease: Lease) -> WebhookDelivery | None:
    """The delivery with its target, both locked, while the lease is still ours; None when others have taken it over."""
    target_id = select(WebhookDelivery.target_id).where(WebhookDelivery.id == lease.delivery_id).scalar_subquery()
    target = select(WebhookTarget).where(WebhookTarget.id == target_id).with_for_update(key_share=True)
    if db.session.scalar(target.execution_options(populate_existing=True)) is None:
        return None
    query = select(WebhookDelivery).where(
        WebhookDelivery.id == lease.delivery_id,
        WebhookDelivery.attempts == lease.attempt,
        WebhookDelivery.state == DeliveryState.LEASED,
    )
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def note_try(row: WebhookDelivery, status: int | None, said: str, now: datetime) -> None:
    """Write down what a try brought; `status` None: nothing was answered."""
    row.tries = [*row.tries, {"at": iso(now), "status": status, "said": said[:300]}][-_TRIES_KEPT:]


def mark_done(row: WebhookDelivery, now: datetime) -> None:
    """Note that its target has taken it."""
    _end(row, DeliveryState.DONE, now)


def mark_failed(row: WebhookDelivery, now: datetime, *, asked_seconds: int = 0) -> None:
    """Note a failure: it is tried again later, and given up at last, or where its target is off by now."""
    if not row.target.is_on:
        _end(row, DeliveryState.FAILED, now)
        return
    again_at = next_try(row.key, row.attempts, row.give_up_at, now, asked_seconds)
    if again_at is None:
        _end(row, DeliveryState.FAILED, now)
        return
    row.state, row.lease_until, row.next_attempt_at = DeliveryState.QUEUED, None, again_at


def _end(row: WebhookDelivery, state: DeliveryState, now: datetime) -> None:
    row.state, row.lease_until, row.ended_at = state, None, now


def drop_owed(which: ColumnElement[bool], now: datetime) -> None:
    """Stop owing those that wait; what is under way at this moment may still arrive."""
    changed = update(WebhookDelivery).where(which, WebhookDelivery.state == DeliveryState.QUEUED)
    db.session.execute(changed.values(state=DeliveryState.DROPPED, ended_at=now))


def send_again(row: WebhookDelivery, now: datetime) -> None:
    """Owe it anew, with the same id and bytes, for another three days."""
    row.state, row.next_attempt_at, row.give_up_at = DeliveryState.QUEUED, now, now + GIVEN_UP_AFTER
    row.lease_until, row.ended_at, row.attempts, row.tries = None, None, 0, []


def newest(
    target: WebhookTarget, *, limit: int, before: int | None = None, state: DeliveryState | None = None
) -> Sequence[WebhookDelivery]:
    """The newest of a target; `before` names the row, by its number, that they are older than."""
    query = select(WebhookDelivery).where(WebhookDelivery.target_id == target.id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    return db.session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit)).all()


def get_delivery(target: WebhookTarget, delivery_id: str | UUID) -> WebhookDelivery:
    """One of a target; refuses NotFound."""
    query = select(WebhookDelivery).where(WebhookDelivery.target_id == target.id)
    return public_ids.get(query, WebhookDelivery.public_id, delivery_id, say("There is no such delivery."))


def claim_delivery(target: WebhookTarget, delivery_id: str | UUID) -> WebhookDelivery:
    """The same, locked; its target is."""
    query = select(WebhookDelivery).where(WebhookDelivery.target_id == target.id).with_for_update()
    query = query.execution_options(populate_existing=True)
    return public_ids.get(query, WebhookDelivery.public_id, delivery_id, say("There is no such delivery."))


def counts(targets: Collection[WebhookTarget]) -> dict[int, dict[str, Any]]:
    """By target's id: how many stand in each state, and since when the oldest that is owed is owed (`oldest`)."""
    of_these = WebhookDelivery.target_id.in_([target.id for target in targets])
    query = select(
        WebhookDelivery.target_id, WebhookDelivery.state, func.count(), func.min(WebhookDelivery.happened_at)
    ).where(of_these)
    found: dict[int, dict[str, Any]] = {target.id: {"oldest": None} for target in targets}
    for target_id, state, number, oldest in db.session.execute(
        query.group_by(WebhookDelivery.target_id, WebhookDelivery.state)
    ):
        found[target_id][str(state)] = number
        if state not in _ENDS:
            known = found[target_id]["oldest"]
            found[target_id]["oldest"] = oldest if known is None else min(known, oldest)
    return found


def next_due_at() -> datetime | None:
    """When the next one that waits is to be sent, or None; of targets that are on."""
    query = select(func.min(WebhookDelivery.next_attempt_at)).join(WebhookDelivery.target)
    return db.session.scalar(query.where(IS_OWED, WebhookTarget.off_because.is_(None)))


def oldest_due_at(now: datetime) -> datetime | None:
    """Since when the oldest that is due could have been sent; None where none is due.

    A target that rests is not to be sent anything before it has rested: what waits for it counts from then.
    """
    rests = WebhookTarget.resting_until > WebhookDelivery.next_attempt_at
    since = case((rests, WebhookTarget.resting_until), else_=WebhookDelivery.next_attempt_at)
    query = select(func.min(since)).join(WebhookDelivery.target)
    oldest = db.session.scalar(query.where(IS_OWED, WebhookTarget.off_because.is_(None)))
    return oldest if oldest is not None and oldest <= now else None


def set_aside() -> Sequence[tuple[WebhookTarget, int]]:
    """Targets of which something was set aside, and how much of each."""
    query = select(WebhookTarget, func.count()).join(WebhookDelivery, WebhookDelivery.target_id == WebhookTarget.id)
    found = query.where(WebhookDelivery.state == DeliveryState.SET_ASIDE).group_by(WebhookTarget.id)
    return [(target, number) for target, number in db.session.execute(found.order_by(WebhookTarget.id))]
