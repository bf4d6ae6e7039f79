"""The heartbeat: APScheduler wakes the promises up. It holds no truth; what is due stands in the database.

Any number of processes may tick. A tick that comes late still happens (`misfire_grace_time=None`), ticks that pile
up become one (`coalesce`), and a tick that fails is logged and tried again at the next.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from contextlib import suppress
from datetime import UTC
from types import TracebackType

from flask import Flask

from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.core.deadline import Deadline, TimeIsUp
from eventsvc.domain.outbox import sender
from eventsvc.domain.outbox.deliver import Delivery
from eventsvc.domain.outbox.smtp import Transport
from eventsvc.interfaces.heartbeat import Heartbeat, Tick
from eventsvc.interfaces.services import services
from eventsvc.workflows.deliver_webhooks import Round, deliver_due
from eventsvc.workflows.keep_feeds import forget_old, render_behind
from eventsvc.workflows.keep_promises import Kept
from eventsvc.workflows.keep_promises import tick as do_what_is_due
from eventsvc.workflows.keep_retention import end_nightly
from eventsvc.workflows.look_for_mail import MailSeen, look_for_mail
from eventsvc.workflows.monday_letter import write_monday_letters
from eventsvc.workflows.nightly import examine_nightly
from eventsvc.workflows.read_mail import read_waiting
from eventsvc.workflows.refresh_calendars import refresh_due
from eventsvc.workflows.refresh_subscriptions import refresh_due as refresh_subscriptions

# How often calendars that are due are looked for; each is due every half hour (booking.outside).
LOOK_MINUTES = 3
# How often the mailbox is looked into: soon enough for whoever waits, rarely enough for any mail server.
MAIL_SECONDS = 30
# How often calendar entries that nobody has asked for since they changed are rendered.
FEEDS_SECONDS = 30
# How often a look is had whether systems of others are owed anything.
WEBHOOK_SECONDS = 2
DOCTOR_MINUTES = 15
# Jobs beside the letters are waited for so long when the process is asked to end.
OTHERS_SECONDS = 3

log = logging.getLogger("eventsvc.scheduler")


class _Round:
    """A round of a job inside the app: whatever it meets is logged, and the heartbeat goes on."""

    def __init__(self, app: Flask, what: str) -> None:
        self._context, self._what = app.app_context(), what

    def __enter__(self) -> None:
        self._context.push()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            log.error("%s failed; the next round tries again", self._what, exc_info=error)
        db.session.remove()
        self._context.pop()
        return isinstance(error, Exception)


def run_tick(app: Flask, transport: Transport | None = None, delivery: Delivery | None = None) -> Kept | None:
    """One tick inside the app; None when it failed, which is logged. `transport`: one that is kept, or one for now."""
    with _Round(app, "a tick"):
        made = services()
        return do_what_is_due(
            transport=transport or made.transport(),
            links=made.links,
            sender=sender.present(made.sender),
            clock=clock.now,
            delivery=delivery or made.delivery(),
        )
    return None


def run_refresh(app: Flask) -> None:
    """Look at the outside calendars that are due; whatever one look meets is logged, and tried again later."""
    with _Round(app, "looking at outside calendars"):
        for look in refresh_due(services().fetcher, clock.now):
            if look.error:
                log.warning("outside calendar %d: %s", look.calendar_id, look.error)


def run_subscriptions(app: Flask) -> None:
    """Look at the subscribed calendars that are due; whatever one look meets is logged, and tried again later."""
    with _Round(app, "looking at subscribed calendars"):
        for look in refresh_subscriptions(services().fetcher, clock.now):
            if look.error:
                log.warning("event subscription %d: %s", look.subscription_id, look.error)


def run_feeds(app: Flask) -> int:
    """Render the calendar entries that are behind; returns how many."""
    with _Round(app, "rendering calendar entries"):
        return sum(render_behind(services().links, clock.now))
    return 0


def run_webhooks(app: Flask) -> Round | None:
    """Send what systems of others are owed; whatever one of them answers is noted, and tried again later."""
    with _Round(app, "delivering webhooks"):
        made = services()
        return deliver_due(made.fetcher.post, made.links, clock.now)
    return None


def run_mail(app: Flask) -> MailSeen | None:
    """Look into the mailbox where MAIL_IN_URL names one, and read what has come in there or through other doors."""
    seen = _look_for_mail(app)
    run_reading(app)
    return seen


def run_reading(app: Flask) -> int:
    """Read the mails that wait; returns how many."""
    with _Round(app, "reading mail"):
        made = services()
        return read_waiting(made.links, made.mail_authserv_id, clock.now)
    return 0


def _look_for_mail(app: Flask) -> MailSeen | None:
    """Only a change of how looking goes is logged."""
    seen = None
    with _Round(app, "taking in mail"):
        place = services().mail_place
        seen = look_for_mail(place, clock.now) if place is not None else None
    if seen is not None:
        _log_mail(seen)
    return seen


def _log_mail(seen: MailSeen) -> None:
    if seen.is_news:
        log.warning("mail is not read: %s", seen.why) if seen.why else log.warning("mail is read again")
    if seen.taken.left:
        log.warning(
            "%d mails are too large, are none or could not be fetched: they stay unread in the mailbox, with a flag",
            seen.taken.left,
        )


def run_doctor(app: Flask) -> None:
    """The doctor's nightly round, if nobody has made it yet; a round that fails is made again the next night."""
    with _Round(app, "the doctor's round"):
        examine_nightly(clock.now)


def run_monday_letters(app: Flask) -> int:
    """Owe offices their Monday letters where it is time; returns how many."""
    with _Round(app, "writing the Monday letters"):
        return write_monday_letters(clock.now)
    return 0


def run_retention(app: Flask) -> None:
    """End what has been kept long enough, once a night; a round that fails goes on the next night where it was."""
    with _Round(app, "ending old records"):
        services().shelf.files.forget(clock.now())  # of this machine; the rest is done once for all of them
        if end_nightly(app.config["RETENTION_DAYS"], clock.now) is not None:
            forget_old(clock.now)


def forever(app: Flask, tick: Tick = run_tick) -> None:
    """Tick until the process is asked to end (SIGTERM, SIGINT); ends it, with 0."""
    # Handlers run once this thread runs Python again. One that is about to wait for a lock would not see a signal until
    # it has the lock; what a socket holds is there for whoever reads it later.
    asked, noted = socket.socketpair()
    noted.setblocking(False)
    signal.set_wakeup_fd(noted.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    running = in_background(app, tick)
    asked.recv(1)
    running.shutdown(wait=False)
    last = Deadline.after(OTHERS_SECONDS)
    with suppress(TimeIsUp):
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join(timeout=last.left())
    logging.shutdown()
    # What is still under way (a foreign server that is slow) may be left at any point, as in a crash.
    os._exit(0)


def in_background(app: Flask, tick: Tick = run_tick) -> Heartbeat:
    """A scheduler that ticks beside the web server of this process; started. Its `shutdown` ends it in order."""
    scheduler = Heartbeat(timezone=UTC)
    always = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    # Without a trigger a job runs once, now: what came due while nobody ticked does not wait for the interval.
    # A foreign server may take its time: letters do not wait for it.
    scheduler.add_job(run_refresh, args=[app], id="first look", **always)
    scheduler.add_job(run_refresh, "interval", minutes=LOOK_MINUTES, args=[app], id="look", **always)
    scheduler.add_job(run_subscriptions, args=[app], id="first import", **always)
    scheduler.add_job(run_subscriptions, "interval", minutes=LOOK_MINUTES, args=[app], id="import", **always)
    # Mail also comes in through doors that nobody has to look at: a pipe, a relay.
    scheduler.add_job(run_feeds, "interval", seconds=FEEDS_SECONDS, args=[app], id="feeds", **always)
    scheduler.add_job(run_mail, args=[app], id="first mail", **always)
    scheduler.add_job(run_mail, "interval", seconds=MAIL_SECONDS, args=[app], id="mail", **always)
    # Systems of others may hang: they have a round of their own.
    scheduler.add_job(run_webhooks, "interval", seconds=WEBHOOK_SECONDS, args=[app], id="webhooks", **always)
    # Looked for often, made once a day: whoever comes first claims it.
    scheduler.add_job(run_doctor, "interval", minutes=DOCTOR_MINUTES, args=[app], id="doctor", **always)
    scheduler.add_job(run_monday_letters, "interval", minutes=1, args=[app], id="Monday letters", **always)
    scheduler.add_job(run_retention, "interval", minutes=DOCTOR_MINUTES, args=[app], id="retention", **always)
    scheduler.begin(app, tick)
    return scheduler
