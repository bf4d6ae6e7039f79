"""Looking for mail: kept before it is marked, once whatever happens between, and no transaction over the network."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.mail import imap, looks
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.places import Taken, Why, place_of
from eventsvc.interfaces import scheduler
from eventsvc.workflows.look_for_mail import look_for_mail, state_of_mail
from eventsvc.workflows.take_in_mail import take_in
from tests import databases
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
T = TypeVar("T")


def mail(number: int) -> bytes:
    return b"From: osprey@port.example\r\nSubject: Answer %d\r\n\r\nYes.\r\n" % number


def at(now: datetime = NOW) -> Callable[[], datetime]:
    return lambda: now


def kept() -> list[tuple[bytes | None, str]]:
    rows = db.session.scalars(select(ReceivedMail).order_by(ReceivedMail.id)).all()
    assert {row.state for row in rows} <= {MailState.WAITING}
    return [(row.raw, row.door) for row in rows]


@pytest.fixture
def folder(tmp_path):
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_mails_of_a_mailbox_wait_to_be_read(app, imap_server):
    mailbox = imap_server.user()
    mailbox.put(mail(1), b"no field\r\n", mail(2), mail(1))
    seen = look_for_mail(place_of(mailbox.url()), at())
    assert (seen.taken, seen.why, seen.is_news) == (Taken(read=3, left=1), "", False)
    assert kept() == [(mail(1), "imap"), (mail(2), "imap")], "the same bytes are one mail"
    assert mailbox.flags() == [r"\Seen", r"\Flagged", r"\Seen", r"\Seen"]


def test_a_crash_between_keeping_and_marking_repeats_and_keeps_once(app, imap_server, monkeypatch):
    mailbox = imap_server.user()
    mailbox.put(mail(1), mail(2))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(imap, "_mark", crash)
        with pytest.raises(KeyboardInterrupt):
            look_for_mail(place_of(mailbox.url()), at())
    db.session.rollback()
    assert (kept(), mailbox.flags()) == ([(mail(1), "imap")], ["", ""])
    look_for_mail(place_of(mailbox.url()), at())
    assert kept() == [(mail(1), "imap"), (mail(2), "imap")]
    assert mailbox.flags() == [r"\Seen", r"\Seen"]


def test_what_the_database_refuses_stays_unread(app, imap_server, monkeypatch):
    mailbox = imap_server.user()
    mailbox.put(mail(1))
    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            look_for_mail(place_of(mailbox.url()), at())
    assert (kept(), mailbox.flags()) == ([], [""])


def test_no_transaction_is_open_while_the_server_is_asked(app, imap_server, monkeypatch):
    mailbox = imap_server.user()
    mailbox.put(mail(1), mail(2))
    asked = []

    def watched(name: str) -> None:
        ask = getattr(imap, name)

        def asking(*arguments: object) -> object:
            asked.append(name)
            assert not db.session().in_transaction(), name
            return ask(*arguments)

        monkeypatch.setattr(imap, name, asking)

    for name in ("_connected", "_enter", "_found", "_fetched", "_mark", "_hang_up"):
        watched(name)
    look_for_mail(place_of(mailbox.url()), at())
    assert asked == ["_connected", "_enter", "_found", "_found", *["_fetched", "_mark"] * 2, "_hang_up"]


def two_at_once(app: Flask, act: Callable[[], T]) -> list[T]:
    """What two threads get that do the same at the same moment, each over a connection of its own."""
    both = threading.Barrier(2)

    def come(_: int) -> T:
        with app.app_context():
            both.wait(timeout=20)
            got = act()
            db.session.remove()
            return got

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(come, range(2)))


def test_two_schedulers_at_one_mailbox_keep_each_mail_once(app, imap_server):
    mailbox = imap_server.user()
    mailbox.put(*[mail(number) for number in range(40)])
    seen = two_at_once(app, lambda: look_for_mail(place_of(mailbox.url()), at()))
    assert [one.why for one in seen] == ["", ""]
    assert sorted(kept()) == sorted((mail(number), "imap") for number in range(40))


def test_two_schedulers_at_one_maildir_keep_each_mail_once(app, folder):
    for number in range(60):
        (folder / "new" / f"{1000 + number}.a.host").write_bytes(mail(number))
    seen = two_at_once(app, lambda: look_for_mail(place_of(f"maildir://{folder}"), at()))
    assert sum(one.taken.read for one in seen) == 60
    assert sorted(kept()) == sorted((mail(number), "maildir") for number in range(60))
    assert sorted(path.suffix for path in (folder / "cur").iterdir()) == [".host:2,S"] * 60


def test_how_it_goes_is_news_once_and_stands_for_whoever_watches(app, folder):
    place = place_of(f"maildir://{folder}")
    assert state_of_mail(None, False, NOW) == "not set up"
    assert state_of_mail(None, True, NOW) == "by relay"
    assert state_of_mail(place, True, NOW) == "nobody looks: is `eventsvc scheduler` running?"

    def looked(minutes: int) -> tuple[str, bool, str]:
        now = NOW + minutes * MINUTE
        seen = look_for_mail(place, at(now))
        return seen.why, seen.is_news, state_of_mail(place, False, now)

    assert looked(0) == ("", False, "read")
    (folder / "new").rename(folder / "away")
    failing = f"not read since 2027-01-11T17:01Z: {Why.FOLDER}"
    assert looked(1) == (Why.FOLDER, True, failing)
    assert looked(2) == (Why.FOLDER, False, failing)
    (folder / "away").rename(folder / "new")
    assert looked(3) == ("", True, "read")
    assert state_of_mail(place, False, NOW + 20 * MINUTE).startswith("nobody looks")


def test_two_that_fail_at_once_are_one_piece_of_news(app):
    def fails() -> bool:
        with transaction():
            return looks.note("imap", Why.LOGIN, NOW)

    assert sorted(two_at_once(app, fails)) == [False, True]


def test_a_look_that_goes_as_before_writes_rarely(app):
    written = []
    for seconds in range(0, 600, 30):
        with transaction():
            looks.note("imap", "", NOW + timedelta(seconds=seconds))
            written.append(db.session.get_one(looks.MailLook, "imap").looked_at)
    assert len(set(written)) == 5


def test_the_scheduler_looks_and_says_what_changes_without_names(database_url, imap_server, caplog):
    mailbox = imap_server.user()
    mailbox.put(mail(1), b"no field\r\n")
    urls = (mailbox.url(), mailbox.url().replace("hunter2", "hunter3"))
    app, broken = (create_app(databases.settings(database_url, MAIL_IN_URL=url, LOG_LEVEL="INFO")) for url in urls)
    logging.getLogger("eventsvc").propagate = True
    said = []
    for one in (app, app, broken, broken, app):
        caplog.clear()
        assert scheduler.run_mail(one) is not None
        said.append([record.getMessage() for record in caplog.records if record.name == "eventsvc.scheduler"])
    left = "1 mails are too large, are none or could not be fetched: they stay unread in the mailbox, with a flag"
    assert said == [[left], [], [f"mail is not read: {Why.LOGIN}"], [], ["mail is read again"]]
    with app.app_context():
        (only,) = db.session.scalars(select(ReceivedMail))
        assert (only.raw, only.state) == (mail(1), MailState.REVIEW), "what was taken in is read in the same round"
        db.session.remove()
    for one in (app, broken):
        with one.app_context():
            db.engine.dispose()


def test_without_a_mailbox_what_other_doors_took_in_is_read(app):
    with transaction():
        take_in(mail(1), door="http", now=NOW)
    assert scheduler.run_mail(app) is None
    assert db.session.scalars(select(ReceivedMail)).one().state is MailState.REVIEW
