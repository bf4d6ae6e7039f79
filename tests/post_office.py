"""A real SMTP server inside the test process; what it received can be read."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Found = TypeVar("Found")
# Letters about changes wait so long (CHANGES_WAIT_MINUTES), and have left then.
WAITED = timedelta(minutes=10)


class PostOffice:
    """Keeps every mail; addresses in `refusals` are answered with that line instead."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.senders_of: list[str] = []  # MAIL FROM of each mail
        self.refusals: dict[str, str] = {}
        self.senders = ""  # what is said to every sender instead of "250 OK"
        self._parsed: list[EmailMessage] = []
        # A mail and whom it was for are taken in at once, and read so.
        self._taking = threading.Lock()
        self.url = ""

    async def handle_MAIL(  # noqa: N802  # aiosmtpd names its hooks after the SMTP command
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.senders:
            return self.senders
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd names its hooks after the SMTP command
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd names its hooks after the SMTP command
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        with self._taking:
            self.raw.append(envelope.original_content or b"")
            self.recipients += envelope.rcpt_tos
            self.senders_of.append(envelope.mail_from or "")
        self.arrived.set()
        return "250 taken"

    def forget(self) -> None:
        """What arrived until now."""
        for kept in (self.raw, self.recipients, self.senders_of, self._parsed):
            kept.clear()

    @property
    def mails(self) -> list[EmailMessage]:
        """What arrived, parsed; each once, for stories that read it again after every step."""
        new = self.raw[len(self._parsed) :]
        self._parsed += [message_from_bytes(raw, policy=policy.default) for raw in new]
        return list(self._parsed)

    def to(self, address: str) -> list[EmailMessage]:
        """What arrived for somebody, oldest first."""
        with self._taking:
            return [mail for mail, to in zip(self.mails, self.recipients, strict=True) if to == address]

    def wait_until(self, found: Callable[[], Found], *, seconds: float = 90) -> Found:
        """What is found once enough has arrived; fails when that takes longer."""
        deadline = time.monotonic() + seconds
        while True:
            self.arrived.clear()
            if it := found():
                return it
            assert self.arrived.wait(max(0, deadline - time.monotonic())), f"the last were to {self.recipients[-10:]}"


class _OnAnyPort(Controller):
    """Lets the system choose the port; the library's own probe would knock at port 0."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def open_post_office(office: PostOffice | None = None, **tls: ssl.SSLContext) -> Iterator[PostOffice]:
    """An SMTP server on a free loopback port for the length of the block; that one, or a plain one.

    `tls_context`: it offers STARTTLS; `ssl_context`: it speaks TLS from the start.
    """
    office = office or PostOffice()
    controller = _OnAnyPort(office, hostname="127.0.0.1", port=0, **tls)
    controller.start()
    try:
        office.url = f"smtp://127.0.0.1:{controller.port}"
        yield office
    finally:
        controller.stop()


def words_of(mail: EmailMessage) -> str:
    """The plain text of a mail, with line breaks as spaces for searching."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def words_behind(told: str, mail: EmailMessage) -> str:
    """The words of a mail behind the first time that this is said; none where it is not."""
    words = words_of(mail)
    return words.partition(told)[2] if told else words


def link_in(mail: EmailMessage, path: str, *, after: str = "") -> str:
    """The path and token of the first link that starts with the path, behind the first time that `after` is said."""
    address = next(word for word in words_behind(after, mail).split() if path in word)
    return path + address.partition(path)[2]
