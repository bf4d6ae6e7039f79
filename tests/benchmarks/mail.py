"""Answers by mail: a Maildir full of them, taken in, read each in a process of its own, and applied."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.domain.mail.places import MaildirPlace
from eventsvc.workflows.look_for_mail import look_for_mail
from eventsvc.workflows.read_mail import read_waiting
from tests import databases
from tests.benchmarks import world
from tests.benchmarks.cascade import ASKED_AT, ask
from tests.benchmarks.trials import Row, Say, a_database
from tests.commands import CHECKOUT
from tests.ical.mails import a_mail
from tests.letterbox import LINKS, a_thread, address_of

FAMILIES = ("google_reply", "exchange_reply", "apple_reply")
NOW = ASKED_AT + timedelta(hours=1)


def answering(engine: str, say: Say, *, answers: int) -> list[Row]:
    """So many people answer in turn by three programs; every answer is somebody else's yes."""
    with a_database(engine) as url, tempfile.TemporaryDirectory(prefix="eventsvc-maildir-") as name:
        say(f"{engine}: storing {answers:,} open invitations, and an answer to each")
        world.fill(url, reservations=2 * answers, rooms=60, experts=150)
        folder = Path(name)
        with create_app(databases.settings(url, MAIL_IN_ADDRESS=LINKS.mail_in)).app_context():
            ask(answers)
            _write(folder)
            begun = perf_counter()
            while look_for_mail(MaildirPlace(folder), lambda: NOW).taken.read:
                pass
            taken_in = perf_counter() - begun
            begun = perf_counter()
            read = read_waiting(LINKS, "mx.events.example", lambda: NOW)
            applied_in = perf_counter() - begun
            _check(answers, read)
            db.session.remove()
            db.engine.dispose()
    figures = f"taken in: {answers / taken_in:,.0f} a second; read and applied: {answers / applied_in:,.1f} a second"
    return [Row(f"answers by mail, a Maildir of {answers:,}", engine, figures), *_weight(engine)]


def _write(folder: Path) -> None:
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir()
    with transaction():
        for number, invitation in enumerate(db.session.scalars(select(Invitation).order_by(Invitation.id)).all()):
            thread, event = a_thread(invitation), invitation.event
            raw = a_mail(
                FAMILIES[number % len(FAMILIES)],
                uid=event.public_id,
                to=address_of(thread),
                attendee=invitation.expert.email,
                sequence=thread.sequence,
                stamp=NOW,
                starts=event.starts_at,
                ends=event.ends_at,
                message_id=f"<{number}@mail.partner.example>",
            )
            (folder / "new" / f"{1_800_000_000 + number}.a.host").write_bytes(raw)


def _check(answers: int, read: int) -> None:
    """A figure counts only where everything was really done."""
    ended = Counter(db.session.execute(select(ReceivedMail.state, ReceivedMail.reason)).tuples())
    said = Counter(db.session.scalars(select(Invitation.state)))
    if read != answers or said[InvitationState.ACCEPTED] != answers:
        raise AssertionError(f"{read} read, ended as {ended}, people {said}")


def _weight(engine: str) -> list[Row]:
    """The most memory of a process that reads one mail, of which most is shared with the one it is forked from."""
    if engine != "sqlite":
        return []
    command = [sys.executable, "-m", "tests.benchmarks.weighing"]
    done = subprocess.run(command, input=a_mail("google_reply"), cwd=CHECKOUT, capture_output=True, check=True)
    return [Row("the process that reads one mail", "none", f"{int(done.stdout) / 1024:,.0f} MB at most")]
