"""Delivery: claim under a lease, render from the row, send with no transaction open, mark.

A crash between send and mark repeats the message with the same Message-ID and bytes; a crash elsewhere loses and
repeats nothing. Any number of processes may deliver at once.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from eventsvc.core.blame import DATABASE_AWAY, where
from eventsvc.core.db import db, look, transaction
from eventsvc.core.deadline import Deadline
from eventsvc.core.links import Links
from eventsvc.domain.outbox import choices, folding, leasing, letters, timely
from eventsvc.domain.outbox.calendar_part import bounces_to
from eventsvc.domain.outbox.leasing import LEASE, Lease
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.pacing import UNPACED, Paces
from eventsvc.domain.outbox.smtp import NoServer, PutOff, Refused, Transport

BATCH = 10
# How long nothing is tried after the mail server itself could not be had.
SERVER_WAIT = timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round did."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0


Prepare = Callable[[Links, Sequence[Message]], None]
NoteLate = Callable[[Collection[str], datetime], None]
Mark = Callable[[], None]


def _nobody(_keys: Collection[str], _now: datetime) -> None:
    """Nobody asks which letters came too late."""


@dataclass(slots=True)
class Delivery:
    """What a process keeps to when it delivers, and what it remembers from round to round."""

    lease: timedelta = LEASE
    paces: Paces = field(default_factory=lambda: UNPACED)
    is_stopping: Callable[[], bool] = lambda: False
    # What became of letters while the database could not be written to: nothing is claimed before it is noted.
    unnoted: list[Mark] = field(default_factory=list)
    server_away_until: datetime | None = None

    def note(self, *marks: Mark) -> None:
        """Write down what became of letters; what cannot be written now is written first thing in the next round."""
        self.unnoted += marks
        self.note_rest()

    def note_rest(self) -> None:
        """Write down what could not be written before. Raises what the database raises when it still cannot."""
        while self.unnoted:
            with transaction():
                self.unnoted[0]()
            del self.unnoted[0]

    def waits_for_server(self, now: datetime) -> bool:
        """True for a while after the mail server could not be had; a clock that was set back ends it."""
        until = self.server_away_until
        return until is not None and now < until <= now + SERVER_WAIT


def deliver_due(
    transport: Transport,
    links: Links,
    sender: str,
    clock: Callable[[], datetime],
    prepare: Prepare,
    delivery: Delivery | None = None,
    note_late: NoteLate = _nobody,
) -> Delivered:
    """Send everything that is due, in batches; opens and closes its own transactions.

    `prepare` may complete the facts of letters that are claimed, in a transaction of its own: while rows of letters are
    locked it must lock nothing, since whoever changes an event locks them last. What is complete it leaves alone.

    `note_late` is handed the keys of letters that came too late to help, in the transaction in which they are given up.

    A round may be long, so it is handed a clock and not an instant. It ends early when the mail server itself cannot
    be had (every letter is owed as before), and after the letter in hand when the process is asked to end.
    """
    delivery = delivery or Delivery()
    delivery.note_rest()
    counted: Counter[MessageState] = Counter()
    if delivery.waits_for_server(clock()):
        return _told(counted)
    round_ = _Round(transport, links, sender, clock, prepare, delivery)
    with transport:
        while not delivery.is_stopping() and (batch := _claimed(clock(), delivery, note_late)):
            if not round_.send(batch, counted):
                break
    return _told(counted)


def _told(counted: Counter[MessageState]) -> Delivered:
    return Delivered(
        counted[MessageState.SENT],
        counted[MessageState.QUEUED],
        counted[MessageState.FAILED] + counted[MessageState.SET_ASIDE],
    )


@dataclass(slots=True)
class _Round:
    transport: Transport
    links: Links
    sender: str
    clock: Callable[[], datetime]
    prepare: Prepare
    delivery: Delivery

    def send(self, batch: Sequence[Message], counted: Counter[MessageState]) -> bool:
        """Send what was claimed together; False when the round is over."""
        self._prepare_together(batch)
        left, fresh = deque(batch), self._while_fresh()
        while left:
            if self.delivery.is_stopping():
                self.delivery.note(*_hand_back(left))
                return False
            if fresh.is_over():
                left, fresh = self._renewed(left), self._while_fresh()
                continue
            message = left.popleft()
            if timely.is_late(message.facts, self.clock()):  # since it was claimed: the next claim gives it up
                self.delivery.note(*_hand_back([message]))
                continue
            try:
                state, mark = self._sent(message)
                self.delivery.note(mark)
                counted[state] += 1
            except NoServer as reason:
                log.error("the mail server cannot be had: %s; letters wait", type(reason.__cause__).__name__)
                self.delivery.server_away_until = self.clock() + SERVER_WAIT
                counted[MessageState.QUEUED] += 1 + len(left)
                self.delivery.note(*_hand_back([message, *left], str(reason)))
                return False
            except DATABASE_AWAY:
                # What has been sent is among these already, and is noted before the rest is handed back.
                self.delivery.unnoted += _hand_back([message, *left])
                raise
        return True

    def _prepare_together(self, batch: Sequence[Message]) -> None:
        """All in one transaction; where one of them fails, each is prepared when its turn comes."""
        try:
            self.prepare(self.links, batch)
        except DATABASE_AWAY:
            self.delivery.unnoted += _hand_back(batch)
            raise
        except Exception as error:  # noqa: BLE001  # said when the letter's turn comes, and of that letter alone
            log.warning("one of %d letters cannot be prepared: %s", len(batch), type(error).__name__)

    def _sent(self, message: Message) -> tuple[MessageState, Mark]:
        """Send one message; what became of it, and how to note it. Raises NoServer, and what the database raises."""
        lease = Lease(message.id, message.attempts)
        try:
            self.prepare(self.links, [message])
            mail = letters.render(message, self.links, self.sender)
            self.transport.send(mail, bounces_to=bounces_to(message, self.links))
        except PutOff as reason:
            return MessageState.QUEUED, partial(leasing.mark_put_off, lease, str(reason), self.clock())
        except (Refused, letters.BadAddress) as reason:
            log.error("message %s will never arrive: %s", message.public_id, type(reason).__name__)
            return MessageState.FAILED, partial(leasing.mark_failed, lease, str(reason))
        except letters.Unreadable as reason:
            # The same row gives the same at every try: only another version of the program can mend it.
            log.error("message %s is set aside: no letter can be made of it", message.public_id)
            return MessageState.SET_ASIDE, partial(leasing.mark_set_aside, lease, str(reason))
        except (NoServer, *DATABASE_AWAY):
            raise
        except Exception as error:  # whatever one letter meets, the others leave
            log.exception("message %s cannot be sent now", message.public_id)
            return MessageState.QUEUED, partial(leasing.mark_stumbled, lease, where(error), self.clock())
        return MessageState.SENT, partial(leasing.mark_sent, lease, self.clock())

    def _while_fresh(self) -> Deadline:
        """Until then the leases need not be renewed: what is left of them is longer than one letter may take."""
        return Deadline.after(self.delivery.lease.total_seconds() / 4)

    def _renewed(self, left: Iterable[Message]) -> deque[Message]:
        """Those that are still ours, for the full length of a lease."""
        with transaction():
            leases = [Lease(message.id, message.attempts) for message in left]
            ours = leasing.renew(leases, self.clock(), lease=self.delivery.lease)
        return deque(message for message in left if message.id in ours)


def _hand_back(messages: Iterable[Message], reason: str = "") -> list[Mark]:
    return [partial(leasing.hand_back, Lease(message.id, message.attempts), reason) for message in messages]


def _claimed(now: datetime, delivery: Delivery, note_late: NoteLate) -> list[Message]:
    with look():
        if not leasing.is_any_due(now, lease=delivery.lease):
            return []
    with transaction():
        while claimed := leasing.claim(now, limit=BATCH, lease=delivery.lease, paces=delivery.paces):
            wanted, late_keys = timely.drop_late(choices.drop_stopped(claimed), now)
            batch = folding.fold(wanted, now)
            db.session.flush()
            if late_keys:
                note_late(late_keys, now)
            for message in batch:
                db.session.refresh(message)
                # Rendering happens outside the transaction, from facts that no later change may alter under us.
                db.session.expunge(message)
            if batch:
                return batch
    return []
