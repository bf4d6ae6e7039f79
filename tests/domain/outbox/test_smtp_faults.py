"""Mail servers that hang, close in the middle, drop what they were given, or offer no TLS: nothing is lost."""

from __future__ import annotations

import socketserver
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from eventsvc.core.db import db, transaction
from eventsvc.domain.mail.threads import name_addresses
from eventsvc.domain.outbox import leasing, post
from eventsvc.domain.outbox.deliver import Delivered, Delivery, deliver_due
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.smtp import SmtpTransport, Tls
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.links import links_of
from tests.post_office import open_post_office


class Server(socketserver.ThreadingTCPServer):
    """Speaks SMTP line by line; `faults` names what it does at a command, once each time it stands there."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.faults, self.taken, self.hanging = list(faults), 0, threading.Event()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            command = line[:4].decode().upper()
            if command == "QUIT":
                return
            if command == "DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            fault = next((what for at, what in self.server.faults if at == command), "")
            if fault:
                self.server.faults.remove((command, fault))
                if fault == "hang":
                    self.server.hanging.wait(30)
                elif fault != "drop":
                    self.wfile.write(fault.encode() + b"\r\n")
                return
            self.server.taken += command == "DATA"
            self.wfile.write(b"250 well\r\n")


@contextmanager
def serving(*faults: tuple[str, str]) -> Iterator[Server]:
    with Server(*faults) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.hanging.set()
            server.shutdown()


def owe(*names: str, address: str = "") -> None:
    with transaction():
        for name in names:
            to = address or f"{name}@port.example"
            post.post("confirmed", key=name, to_address=to, facts=LETTERS["confirmed"], now=NOW)


def deliver(port: int, now=NOW, **more) -> Delivered:
    with_url = SmtpTransport(f"smtp://127.0.0.1:{port}", letter_seconds=2, **more)
    return deliver_due(with_url, links_of(), "a <events@events.example>", lambda: now, name_addresses)


@pytest.mark.parametrize(
    ("faults", "first"),
    [
        ([("RCPT", "421 closing")], Delivered(put_off=3)),
        ([("DATA", "drop")], Delivered(sent=2, put_off=1)),
        ([("DATA", "421 closing")], Delivered(sent=2, put_off=1)),
        ([("EHLO", "hang")], Delivered(put_off=3)),
        ([("MAIL", "drop")], Delivered(put_off=3)),
    ],
    ids=["421 before the letter", "drop after DATA", "421 after DATA", "hangs", "drops before"],
)
def test_whatever_a_server_does_each_letter_arrives_later(app, faults, first):
    owe("one", "two", "three")
    with serving(*faults) as server:
        port = server.server_address[1]
        assert deliver(port) == first
        deliver(port, NOW + timedelta(minutes=1))
        assert post.counts() == {"sent": 3}
        assert server.taken == 3


def test_a_connection_that_was_closed_in_the_middle_is_made_anew_at_once(app):
    owe("one", "two", "three")
    with serving() as server:
        transport = SmtpTransport(f"smtp://127.0.0.1:{server.server_address[1]}", keep_open=True, letter_seconds=5)
        deliver_due(transport, links_of(), "a <events@events.example>", lambda: NOW, name_addresses)
        server.faults.append(("MAIL", "421 too many in one connection"))
        owe("four")
        done = deliver_due(transport, links_of(), "a <events@events.example>", lambda: NOW, name_addresses)
        transport.hang_up()
    assert done == Delivered(sent=1)
    assert server.taken == 4


def test_without_tls_nothing_leaves_where_it_is_required(app):
    owe("one")
    with serving() as server:
        assert deliver(server.server_address[1], tls=Tls.REQUIRED) == Delivered(put_off=1)
        assert server.taken == 0
    assert "offers no TLS" in db.session.query(Message).one().error


def test_a_server_that_is_down_for_three_hours_loses_nothing_and_keeps_the_order(app):
    owe("one", "two")
    for minutes in range(0, 180, 30):
        assert deliver(1, NOW + timedelta(minutes=minutes)) == Delivered(put_off=2)
    with open_post_office() as office:
        port = int(office.url.rpartition(":")[2])
        assert deliver(port, NOW + timedelta(hours=3)) == Delivered(sent=2)
    assert office.recipients == ["one@port.example", "two@port.example"]
    assert {row.attempts for row in db.session.query(Message)} == {1}


def test_an_address_with_a_line_break_fails_and_says_so_and_the_others_leave(app):
    owe("bad", address="bad@port.example\r\nBcc: everybody@port.example")
    owe("good")
    with open_post_office() as office:
        assert deliver(int(office.url.rpartition(":")[2])) == Delivered(sent=1, failed=1)
    assert office.recipients == ["good@port.example"]


def pages_at_most(number: int) -> None:
    """SQLite refuses to grow beyond it (`PRAGMA max_page_count`), as on a full disk; it holds for one connection."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={number}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_loses_no_letter_that_is_to_be_owed(app):
    owe("one")
    pages_at_most(1)
    with pytest.raises(OperationalError, match="full"):
        owe(*(f"more-{number}" for number in range(2000)))
    pages_at_most(2**30)
    with open_post_office() as office:
        assert deliver(int(office.url.rpartition(":")[2])) == Delivered(sent=1)
    assert post.counts() == {"sent": 1}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_could_not_be_noted_is_noted_before_anything_else_leaves(app, monkeypatch):
    owe("one", "two")
    delivery, real, full = Delivery(), leasing.mark_sent, [True]

    def noting(*arguments: object) -> None:
        if full[0]:
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database or disk is full"))
        real(*arguments)

    monkeypatch.setattr(leasing, "mark_sent", noting)
    with open_post_office() as office:
        sending = SmtpTransport(office.url), links_of(), "a <events@events.example>"
        for hours in (0, 1, 2):
            with pytest.raises(OperationalError):
                deliver_due(*sending, lambda hours=hours: NOW + timedelta(hours=hours), name_addresses, delivery)
        assert len(office.raw) == 1
        full[0] = False
        deliver_due(*sending, lambda: NOW + timedelta(hours=3), name_addresses, delivery)
        assert len(office.raw) == 2, "the first has not left again"
    assert post.counts() == {"sent": 2}
