"""Two processes read what has come in at the same moment: each mail is read once, and the newest answer counts."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from random import Random
from subprocess import PIPE

from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.invitations.models import Answer, Invitation
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.take_in_mail import take_in
from tests import builders, databases, letterbox
from tests.conftest import NOW
from tests.ical.mails import a_mail

# Says that it is ready, waits for a word, reads, and says how many.
READER = """
import config, os
from eventsvc import create_app
from eventsvc.interfaces.scheduler import run_reading
app = create_app(config.load(os.environ))
print("ready", flush=True)
input()
print(run_reading(app))
"""
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = ("ACCEPTED", "TENTATIVE", "ACCEPTED", "TENTATIVE", "ACCEPTED")
SAMPLES = ("google_reply", "exchange_reply", "apple_reply")


def test_two_readers_read_each_mail_once(app, database_url):
    with transaction():
        port = builders.an_organization("port")
        crew = [builders.an_expert(slug, of=port) for slug in ("pelican", "gull", "heron")]
        plan_event(builders.a_plan(builders.a_campus("harbor"), experts=crew), actor=ADMINISTRATOR, now=NOW)
        asked = list(db.session.scalars(select(Invitation).order_by(Invitation.id)))
        mails = [mail for one, sample in zip(asked, SAMPLES, strict=True) for mail in answers(one, sample)]
        Random(4).shuffle(mails)
        for raw in mails:
            take_in(raw, door="pipe", now=NOW)
    counts = read_together(database_url)
    db.session.rollback()
    rows = db.session.scalars(select(ReceivedMail)).all()
    assert sum(counts) == len(rows) == len(mails)
    assert {(row.attempts, row.lease_until) for row in rows} == {(1, None)}
    assert {row.reason for row in rows} <= {"answered", "older-answer"}
    db.session.expire_all()
    assert [str(one.state) for one in asked] == ["accepted"] * 3
    # What stands beside an answer is a remark of its own.
    is_answer = AuditEntry.actor == "invited person, by mail", AuditEntry.verb != "remark"
    by = db.session.scalars(select(AuditEntry).where(*is_answer)).all()
    applied = [row for row in rows if row.state is MailState.APPLIED]
    assert len(by) == len(db.session.scalars(select(Answer)).all()) <= len(applied)


def answers(invitation: Invitation, sample: str) -> list[bytes]:
    thread, event = letterbox.a_thread(invitation), invitation.event
    facts = {
        "uid": str(event.public_id),
        "to": letterbox.address_of(thread),
        "attendee": invitation.expert.email,
        "sequence": thread.sequence,
        "starts": event.starts_at,
        "ends": event.ends_at,
    }
    return [
        a_mail(sample, word=word, stamp=LONG_AGO + timedelta(minutes=minute), **facts)
        for minute, word in enumerate(WORDS)
    ]


def read_together(database_url: str) -> list[int]:
    env = {**os.environ, **databases.environment(database_url)}
    readers = [
        subprocess.Popen([sys.executable, "-c", READER], env=env, text=True, stdin=PIPE, stdout=PIPE) for _ in range(2)
    ]
    assert [reader.stdout.readline() for reader in readers] == ["ready\n"] * 2
    for reader in readers:
        reader.stdin.write("\n")
        reader.stdin.flush()
    return [int(reader.communicate(timeout=120)[0]) for reader in readers]
