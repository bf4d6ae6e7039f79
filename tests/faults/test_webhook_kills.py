"""Two real schedulers on one database send each webhook once; what was in killed hands comes again, byte for byte."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.webhooks import deliveries, targets
from eventsvc.domain.webhooks.bodies import body_of
from eventsvc.domain.webhooks.deliveries import LEASE, Owed
from eventsvc.domain.webhooks.models import DeliveryState, WebhookDelivery
from eventsvc.workflows.deliver_webhooks import BATCH
from tests import builders, databases
from tests.conftest import NOW
from tests.faults.schedulers import kill, open_schedulers
from tests.receiver import Call, Receiver, is_ours, receiving
from tests.webhooks import registered

COUNT, AT_ONCE = 15, 2
LAST_SECONDS = 120


def owe(numbers: range, now: datetime) -> None:
    with transaction():
        for number in numbers:
            owed = Owed(key=str(number), kind="event.moved", body=body_of("event.moved", now, number=number))
            deliveries.owe(owed, targets.those_on(), now)


def wait_until(is_so: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + LAST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, said()
        time.sleep(0.05)


def left() -> set[DeliveryState]:
    """In which states the deliveries are."""
    db.session.rollback()
    return set(db.session.scalars(select(WebhookDelivery.state)))


def test_two_schedulers_send_each_once_and_what_a_killed_one_had_comes_again_the_same(database_url, tmp_path, commands):
    app = create_app(databases.settings(database_url))
    with app.app_context(), receiving() as receiver:
        with transaction():
            builders.an_office("careers")
        secrets = [registered(app, receiver, office)[1] for office in ("careers", None, "careers")]
        environment = databases.environment(database_url, FETCH_ALLOW=receiver.place)
        with open_schedulers(commands, environment, tmp_path / "log") as schedulers:
            owe(range(COUNT), NOW)
            running = schedulers.start(NOW, AT_ONCE)
            wait_until(lambda: left() == {DeliveryState.DONE}, schedulers.said)
            assert Counter(Counter(call.id for call in receiver.calls).values()) == {1: COUNT * len(secrets)}

            pulled = threading.Event()
            receiver.answer = lambda call: _pull(receiver, pulled)
            owe(range(COUNT, 2 * COUNT), NOW)
            wait_until(pulled.is_set, schedulers.said)
            assert kill(running) == [-signal.SIGKILL] * AT_ONCE
            receiver.answer = lambda call: (204, {})
            receiver.gone.set()  # nobody waits any more for those answers

            schedulers.start(NOW + LEASE + timedelta(seconds=LAST_SECONDS), AT_ONCE)
            wait_until(lambda: left() == {DeliveryState.DONE}, schedulers.said)
            rows = {row.webhook_id: row.body.encode() for row in db.session.scalars(select(WebhookDelivery))}
        db.session.rollback()
        db.engine.dispose()
    assert {call.id for call in receiver.taken} == rows.keys()
    assert {(call.id, call.body) for call in receiver.calls} == set(rows.items())
    assert all(any(is_ours(secret, call) for secret in secrets) for call in receiver.calls)
    again = [webhook_id for webhook_id, times in Counter(call.id for call in receiver.calls).items() if times > 1]
    assert again
    assert len(again) <= AT_ONCE * BATCH
    for webhook_id in again:
        first, *_, last = (_moment(call) for call in receiver.calls if call.id == webhook_id)
        assert last - first >= LEASE, "what is sent again says its own time"


def _pull(receiver: Receiver, pulled: threading.Event) -> tuple[int, dict[str, str]]:
    """Take some, then let everybody wait for an answer that does not come."""
    if len(receiver.calls) < COUNT * 3 + 5:
        return 204, {}
    pulled.set()
    return 0, {}


def _moment(call: Call) -> datetime:
    return datetime.fromtimestamp(int(call.headers["webhook-timestamp"]), UTC)
