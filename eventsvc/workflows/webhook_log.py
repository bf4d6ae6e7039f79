"""The log of a webhook: what it was sent and answered; a test, and a delivery sent again by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from eventsvc.core.db import db
from eventsvc.core.errors import WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain.accounts import Actor
from eventsvc.domain.webhooks import deliveries
from eventsvc.domain.webhooks.bodies import body_of
from eventsvc.domain.webhooks.deliveries import Owed
from eventsvc.domain.webhooks.models import TEST, DeliveryState, WebhookDelivery, WebhookTarget
from eventsvc.workflows import keep_webhooks as keep


def send_test(target_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> WebhookDelivery:
    """Owe it a word that says nothing, to see that it hears us.

    Locks:   the target.
    Refuses: SignInNeeded, NotFound, Stale, WrongState for a target that is off.
    """
    target = _claim_on(target_id, expected, actor)
    target.resting_until = None
    body = body_of(TEST, now, webhook=str(target.public_id))
    sent = deliveries.owe(Owed(key=f"test:{uuid4()}", kind=TEST, body=body), [target], now)[0]
    db.session.flush()
    keep.note_act("test_webhook", target, actor, now, {})
    return sent


def send_again(
    target_id: str, delivery_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> WebhookDelivery:
    """Owe a delivery anew that was taken, given up or dropped: the same id and bytes.

    Locks:   the target, then the delivery.
    Refuses: SignInNeeded, NotFound, Stale, WrongState for a target that is off, and what waits anyway.
    """
    target = _claim_on(target_id, expected, actor)
    found = deliveries.claim_delivery(target, delivery_id)
    if found.state in (DeliveryState.QUEUED, DeliveryState.LEASED):
        raise WrongState(say("It waits to be sent anyway."))
    deliveries.send_again(found, now)
    target.resting_until = None
    keep.note_act("redeliver_webhook", target, actor, now, {"delivery": (None, str(found.public_id))})
    return found


def deliveries_of(
    target_id: str, *, limit: int, before: int | None = None, state: DeliveryState | None = None, actor: Actor
) -> tuple[Sequence[WebhookDelivery], int | None]:
    """The log of a target, the newest first, and the number of the row to go on before; None: that was all.

    Refuses as `get_target`.
    """
    target = keep.get_target(target_id, actor=actor)
    found = deliveries.newest(target, limit=limit + 1, before=before, state=state)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def get_delivery(target_id: str, delivery_id: str, *, actor: Actor) -> WebhookDelivery:
    """One of the log. Refuses as `get_target`."""
    return deliveries.get_delivery(keep.get_target(target_id, actor=actor), delivery_id)


def _claim_on(target_id: str, expected: Expected | None, actor: Actor) -> WebhookTarget:
    target = keep.claim_own(target_id, expected, actor)
    if not target.is_on:
        raise WrongState(say("The webhook is off: switch it on first."))
    return target
