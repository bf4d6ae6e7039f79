"""Whatever is killed whenever: every promised letter arrives once, or again as the very same mail; none is lost.

One that five processes died over arrives once a person has let it be tried again.

Real schedulers, two at a time, a real SMTP server and both databases. What must arrive is reckoned here, from the acts
alone; what stands in the outbox is only looked at to know whether it was lost.
"""

from __future__ import annotations

import random
import re
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.schedule import When
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.leasing import LEASE
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders.models import Audience, QuietHours, Rule, RuleSet
from eventsvc.workflows import call_off_event, confirm_event, keep_outbox, plan_event
from tests import builders, databases
from tests.conftest import NOW
from tests.faults.schedulers import Schedulers, kill, open_schedulers, stop
from tests.post_office import PostOffice, open_post_office

AT_ONCE = 2  # schedulers on one database
# Whoever was killed left letters under a lease: the next round begins when that is over.
ROUND = LEASE + timedelta(minutes=1)
LONGEST_SECONDS = 10
# All that is still owed may take so long on a machine that is busy.
LAST_SECONDS = 120
DAY_BEFORE = timedelta(days=1)
BETWEEN = timedelta(minutes=7)
HERE = ZoneInfo(builders.PACIFIC)
BEGINS = {"Will you come?": "invitation", "Reminder,": "reminder", "Not taking place:": "called_off"}
STEPS = ("MAIL", "RCPT", "kept", "lost")
# What is promised: which of its letters about an event somebody gets.
Promise = tuple[str, str, str]


class TrappedOffice(PostOffice):
    """A mail server that pulls the plug of its senders at a certain step of a certain mail."""

    def __init__(self) -> None:
        super().__init__()
        self.step, self.mails_until = "", 0
        # What was read of it, each mail once.
        self.read = 0
        self.by_id: dict[str, bytes] = {}
        self.kept: dict[Promise, set[str]] = defaultdict(set)
        self.pull: Callable[[], None] = lambda: None

    def set_trap(self, step: str, mails_until: int, pull: Callable[[], None]) -> None:
        """After so many mails more, at that step, pull; an empty step never does."""
        self.step, self.mails_until, self.pull = step, mails_until, pull

    async def handle_MAIL(  # noqa: N802  # aiosmtpd names its hooks after the SMTP command
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._pass("MAIL")
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd names its hooks after the SMTP command
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._pass("RCPT")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(  # noqa: N802  # aiosmtpd names its hooks after the SMTP command
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self._pass("lost"):
            return "451 the plug was pulled"
        answer = await super().handle_DATA(server, session, envelope)
        self._pass("kept")
        self.mails_until -= 1
        return answer

    def _pass(self, step: str) -> bool:
        is_here = step == self.step and self.mails_until <= 0
        if is_here:
            self.step = ""
            self.pull()
        return is_here


class World:
    """Acts of a career center, and what each of them promises to whom."""

    def __init__(self, url: str, draw: random.Random) -> None:
        self.app = create_app(databases.settings(url))
        self.draw = draw
        self.now = NOW
        self.number = 0
        # What must have arrived, and from when on.
        self.promised: dict[Promise, datetime] = {}
        self.asked: list[tuple[str, str, str]] = []  # event, title, address: asked, and nothing else yet
        with self.app.app_context(), transaction():
            self.campus = builders.a_campus("harbor-campus").slug
            # The one rule that is reckoned with, at any hour.
            own = RuleSet(audience=Audience.EXPERT, event_kind=EventKind.INFO_SESSION, scope="expert/kind:info_session")
            db.session.add(Rule(rule_set=own, minutes=int(DAY_BEFORE / timedelta(minutes=1))))
            for quiet in db.session.scalars(select(QuietHours)):
                quiet.until_minute = quiet.from_minute

    def act(self, has_arrived: Callable[[Promise], bool]) -> None:
        """Plan, confirm, or call off; an event each time begins a day and some minutes after one of the rounds."""
        self.number += 1
        arrived = [one for one in self.asked if has_arrived((one[2], one[1], "invitation"))]
        with self.app.app_context():
            if arrived and self.draw.random() < 0.3:
                one = self.draw.choice(arrived)
                self.asked.remove(one)
                self._call_off(*one)
            else:
                self._plan()
            db.session.remove()

    def _plan(self) -> None:
        title, slug = f"Session {self.number:04}", f"expert-{self.number:04}"
        due_at = self.now + BETWEEN + self.draw.randrange(4) * ROUND
        when = When(starts_local=(due_at + DAY_BEFORE).astimezone(HERE).replace(tzinfo=None), duration_minutes=60)
        wish = plan_event.Plan(kind=EventKind.INFO_SESSION, title=title, when=when, campus=self.campus, experts=(slug,))
        with transaction():
            builders.an_expert(slug)
            event = plan_event.plan_event(wish, **self._by())
            event_id, row_id = str(event.public_id), event.id
        address = f"{slug}@port.example"
        self.promised[address, title, "invitation"] = self.now
        if self.draw.random() < 0.5:
            self.asked.append((event_id, title, address))
            return
        with transaction():
            invitation = asking.of_event(row_id)[0]
            known = str(invitation.public_id)
            confirm_event.answer_invitation(known, AnswerWord.ACCEPT, turn=invitation.turn, now=self.now)
        with transaction():
            confirm_event.confirm_as_host(event_id, **self._by())
        self.promised[address, title, "reminder"] = due_at

    def _by(self) -> dict[str, Any]:
        return {"actor": ADMINISTRATOR, "now": self.now}

    def _call_off(self, event_id: str, title: str, address: str) -> None:
        with transaction():
            call_off_event.withdraw_event(event_id, **self._by())
        self.promised[address, title, "called_off"] = self.now

    def let_all_be_tried_again(self) -> None:
        """What an administrator's button does."""
        with self.app.app_context(), transaction():
            keep_outbox.retry(post.Wanted(state=MessageState.SET_ASIDE), **self._by())
            keep_outbox.retry_work(**self._by())

    def end(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def promises_kept(office: TrappedOffice) -> dict[Promise, set[str]]:
    """By promise, the ids of the mails that arrived for it; the same id is the same mail to the last byte."""
    new = list(zip(office.recipients, office.raw, strict=False))[office.read :]  # one may just be coming in
    office.read += len(new)
    for address, raw in new:
        mail = message_from_bytes(raw, policy=policy.default)
        assert office.by_id.setdefault(mail["Message-ID"], raw) == raw
        office.kept[promise_of(mail, address)].add(mail["Message-ID"])
    return office.kept


def promise_of(mail: EmailMessage, address: str) -> Promise:
    subject = str(mail["Subject"])
    letter = next((letter for begin, letter in BEGINS.items() if subject.startswith(begin)), subject)
    title = re.search(r"Session \d{4}", subject)
    return address, title[0] if title else "", letter


def owed(world: World) -> list[str]:
    """Letters whose time has come and that have not left."""
    with world.app.app_context():
        waits = Message.state.in_([MessageState.QUEUED, MessageState.LEASED])
        rows = db.session.scalars(select(Message).where(waits, Message.next_attempt_at <= world.now)).all()
        db.session.remove()
    return [f"{row.letter} {row.state} {row.attempts} {row.error}" for row in rows]


@pytest.fixture
def world(database_url):
    made = World(database_url, random.Random())
    yield made
    made.end()


def test_every_promise_is_kept_through_kills_at_any_step(world, database_url, tmp_path, request, commands):
    # In the short form twenty on both engines together.
    wanted = 200 if request.config.option.matrix else 10
    killed, at_steps = 0, Counter()
    with ExitStack() as stack:
        office = stack.enter_context(open_post_office(TrappedOffice()))
        settings = databases.environment(database_url, SMTP_URL=office.url)
        schedulers = stack.enter_context(open_schedulers(commands, settings, tmp_path / "log"))
        while killed < wanted:
            killed += one_round(world, office, schedulers, at_steps)
            world.now += ROUND
        # A time without kills, in which all that is promised can be kept. Now and then somebody looks at what was set
        # aside: a letter that five processes died over waits for a person.
        world.now += 4 * ROUND
        last = schedulers.start(world.now, AT_ONCE)
        try:
            until = monotonic() + LAST_SECONDS
            while (missing(world, office) or owed(world)) and monotonic() < until:
                world.let_all_be_tried_again()
                sleep(0.2)
        finally:
            codes = stop(last)
        assert codes == [0] * AT_ONCE, schedulers.said()
        assert missing(world, office) == set(), (owed(world), schedulers.said())
    assert {promise: ids for promise, ids in promises_kept(office).items() if len(ids) > 1} == {}
    assert owed(world) == []
    assert set(STEPS) <= at_steps.keys() or not request.config.option.matrix, "the kills fell on every step"


def missing(world: World, office: TrappedOffice) -> set[Promise]:
    """What was promised and has not arrived."""
    return world.promised.keys() - promises_kept(office).keys()


def one_round(world: World, office: TrappedOffice, schedulers: Schedulers, at_steps: Counter[str]) -> int:
    """Some acts while schedulers run, until the plug is pulled; returns how many of them it ended where it should."""
    pulled = threading.Event()
    running = schedulers.start(world.now, AT_ONCE)

    def pull() -> None:
        for one in running:
            one.kill()
        pulled.set()

    step, acts = world.draw.choice([*STEPS, "any moment"]), world.draw.randrange(2, 6)
    try:
        if step in STEPS:
            # Not every act owes a letter at once.
            office.set_trap(step, world.draw.randrange((acts + 1) // 2), pull)
        for _ in range(acts):
            world.act(lambda promise: promise in promises_kept(office))
        fell = pulled.wait(LONGEST_SECONDS if step in STEPS else world.draw.uniform(0, 2)) or step not in STEPS
    finally:
        office.set_trap("", 0, pull)
        codes = kill(running)
    assert codes == [-signal.SIGKILL] * AT_ONCE, schedulers.said()
    at_steps[step] += fell
    return AT_ONCE * fell
