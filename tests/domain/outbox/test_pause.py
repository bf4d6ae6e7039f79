"""The delivery pause: nothing leaves while it stands, and nothing is lost by it."""

from __future__ import annotations

from eventsvc.core.db import transaction
from eventsvc.domain.outbox import leasing, pause, post
from eventsvc.domain.outbox.pause import PauseReason
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS


def claimed() -> int:
    with transaction():
        return len(leasing.claim(NOW, limit=10))


def test_nothing_is_claimed_while_delivery_is_paused_and_all_of_it_afterwards(app):
    with transaction():
        for key in ("one", "two"):
            post.post("confirmed", key=key, to_address="one@port.example", facts=LETTERS["confirmed"], now=NOW)
        pause.begin(PauseReason.BY_HAND, by="admin", now=NOW)
    assert claimed() == 0
    with transaction():
        pause.end()
    assert claimed() == 2


def test_a_pause_that_stands_stays_as_it_is_when_it_is_begun_again(app):
    with transaction():
        pause.begin(PauseReason.RESTORED, by="command", now=NOW, taken_at=NOW)
        again = pause.begin(PauseReason.BY_HAND, by="admin", now=NOW)
        assert (again.reason, again.by_whom, again.taken_at) == (PauseReason.RESTORED, "command", NOW)


def test_ending_no_pause_is_nothing(app):
    with transaction():
        assert pause.end() is None
        assert not pause.is_paused()
