"""The mail door: an SMTP connection that is kept, and the difference between "not now" and "never"."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.generator import BytesGenerator
from email.message import EmailMessage
from enum import StrEnum
from io import BytesIO
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from eventsvc.core.deadline import Deadline
from eventsvc.domain.outbox.smtp_connection import ANSWER_SECONDS, Conversation, closed_unless_kept, cut_at

# The last answer of the server, after the letter itself, for which scanners make it wait (RFC 5321 4.5.3.2.6).
LAST_ANSWER_SECONDS = 120
# One letter from the call of the server to its last answer, however slowly it speaks; shorter than a lease.
LETTER_SECONDS = 150
# A server hangs up by itself some minutes later (RFC 5321 4.5.3.2.7).
IDLE_SECONDS = 60
_CLOSING = 421
_TOO_LARGE = (552, 452)
_OF_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class NoServer(Exception):
    """The mail server itself cannot be had, or does not let us in: no fault of any message."""


class PutOff(Exception):
    """The other side cannot take the message now (4xx)."""


class Refused(Exception):
    """The other side will never take the message (5xx)."""


class _Gone(Exception):
    """The connection is of no use any more, and the server has not been given the message."""


class Tls(StrEnum):
    """Whether letters travel encrypted: where the server offers it, always or not at all, or never."""

    OFFERED = "offered"
    REQUIRED = "required"
    OFF = "off"


class Transport(Protocol):
    """Something that carries mails; raises NoServer, PutOff or Refused."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, mail: EmailMessage, *, bounces_to: str = "") -> None:
        """Hand one mail over; it comes back to its From, or to that address."""
        ...


class SmtpTransport:
    """SMTP by address: smtp://user:password@host:port (STARTTLS, as `tls` says), or smtps:// for TLS from the start.

    The server's certificate must be good for its name, by the machine's authorities or those of `ca_file` (PEM). With
    `keep_open` the connection is kept for the next round; `hang_up_if_idle` and `hang_up` end it.
    """

    def __init__(
        self,
        url: str,
        *,
        tls: Tls = Tls.OFFERED,
        ca_file: str = "",
        keep_open: bool = False,
        letter_seconds: float = LETTER_SECONDS,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL is smtp://[user:password@]host[:port], or smtps://…")
        self._parts, self._tls, self._ca_file = parts, tls, ca_file
        self._keep_open, self._letter_seconds = keep_open, letter_seconds
        self._connection: smtplib.SMTP | None = None
        self._idle = Deadline.after(IDLE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._keep_open or error is not None:
            self.hang_up()

    def send(self, mail: EmailMessage, *, bounces_to: str = "") -> None:
        """Hand one mail to the server; raises NoServer, PutOff or Refused.

        Only what the server says of this recipient or this text is about the message. A connection that was kept and
        has gone meanwhile is made anew once.
        """
        was_kept = self._connection is not None
        try:
            self._hand_over(mail, bounces_to)
        except _Gone as gone:
            self.hang_up()
            if not was_kept:
                raise NoServer(str(gone)) from gone.__cause__
            try:
                self._hand_over(mail, bounces_to)
            except _Gone as again:
                self.hang_up()
                raise NoServer(str(again)) from again.__cause__
        self._idle = Deadline.after(IDLE_SECONDS)

    def hang_up_if_idle(self) -> None:
        """End a connection over which nothing has gone for a while."""
        if self._idle.is_over():
            self.hang_up()

    def hang_up(self) -> None:
        """End the connection, if there is one, without waiting for anybody."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.send(b"QUIT\r\n")
            connection.close()

    def _hand_over(self, mail: EmailMessage, bounces_to: str) -> None:
        deadline = Deadline.after(self._letter_seconds)
        sender, recipient = bounces_to or _address(mail, "From"), _address(mail, "To")
        content = _bytes_of(mail)
        with _losing():
            connection = self._connected(deadline)
        assert connection.sock is not None
        with cut_at(deadline, connection.sock):
            with _losing():
                self._announce(connection, sender, recipient, len(content))
            self._give(connection, content)

    def _announce(self, connection: smtplib.SMTP, sender: str, recipient: str, size: int) -> None:
        """From whom and to whom; what the server says of the sender is no fault of the message, but for its length."""
        options = [f"size={size}"] if connection.has_extn("size") else []
        code, said = connection.mail(sender, options)
        if code in _TOO_LARGE:
            self._begin_anew(connection)
            raise _verdict(code, said)
        if code != 250:
            raise _Gone(_words(code, said)) from smtplib.SMTPSenderRefused(code, said, sender)
        code, said = connection.rcpt(recipient)
        if code == _CLOSING:
            raise _Gone(_words(code, said)) from smtplib.SMTPServerDisconnected()
        if code not in (250, 251):
            self._begin_anew(connection)
            raise _verdict(code, said)

    def _give(self, connection: smtplib.SMTP, content: bytes) -> None:
        """The letter itself. Where the connection breaks in it nobody knows whether it has arrived: it goes again."""
        try:
            assert connection.sock is not None
            connection.sock.settimeout(LAST_ANSWER_SECONDS)
            code, answer = connection.data(content)
            said: bytes | str = answer
            if code == 250:
                connection.sock.settimeout(ANSWER_SECONDS)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, error.smtp_error  # said before the letter itself
            if code == _CLOSING:
                raise _Gone(_words(code, said)) from error
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            raise PutOff(f"the connection broke while the letter was handed over ({type(error).__name__})") from error
        if code == _CLOSING:
            self.hang_up()
        elif code != 250:
            self._begin_anew(connection)
        if code != 250:
            raise _verdict(code, said)

    def _begin_anew(self, connection: smtplib.SMTP) -> None:
        """Forget sender and recipient on the server's side, or hang up where it does not answer."""
        try:
            assert connection.sock is not None
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.rset()
        except (OSError, smtplib.SMTPException):
            self.hang_up()

    def _connected(self, deadline: Deadline) -> smtplib.SMTP:
        if self._connection is None:
            host, is_secure = self._parts.hostname or "", self._parts.scheme == "smtps"
            port = self._parts.port or (465 if is_secure else 25)
            opened = deadline.connected([host], port)
            with closed_unless_kept(opened), cut_at(deadline, opened):
                opened.settimeout(ANSWER_SECONDS)
                if is_secure:
                    opened = self._context().wrap_socket(opened, server_hostname=host)
                connection = Conversation(opened, host, port)
                self._connection = connection  # from here on it is hung up, whatever happens
                self._let_in(connection, host, is_secure)
        return self._connection

    def _let_in(self, connection: smtplib.SMTP, host: str, is_secure: bool) -> None:
        connection.ehlo_or_helo_if_needed()
        if not is_secure and self._tls is not Tls.OFF and connection.has_extn("starttls"):
            connection.starttls(context=self._context())
            connection.ehlo()
            is_secure = True
        if not is_secure and self._tls is Tls.REQUIRED:
            raise smtplib.SMTPNotSupportedError("the mail server offers no TLS, and SMTP_TLS requires it")
        if not self._parts.username:
            return
        if not is_secure and self._tls is not Tls.OFF and host not in _OF_THIS_MACHINE:
            raise smtplib.SMTPNotSupportedError("the mail server offers no TLS: it is not sent the password")
        connection.login(unquote(self._parts.username), unquote(self._parts.password or ""))

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca_file:
            context.load_verify_locations(self._ca_file)
        return context


@contextmanager
def _losing() -> Iterator[None]:
    """What breaks the connection before the letter itself is given."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        raise _Gone(f"{type(error).__name__}: {error}"[:300]) from error


def _address(mail: EmailMessage, header: str) -> str:
    """The one address of a header; raises Refused where there is none."""
    found = mail[header].addresses
    if len(found) != 1 or not found[0].domain:
        raise Refused("this is no mail address")
    return str(found[0].addr_spec)


def _bytes_of(mail: EmailMessage) -> bytes:
    """As smtplib.send_message writes them."""
    written = BytesIO()
    BytesGenerator(written).flatten(mail, linesep="\r\n")
    return written.getvalue()


def _words(code: int, reason: bytes | str) -> str:
    return f"{code} {reason.decode(errors='replace') if isinstance(reason, bytes) else reason}"


def _verdict(code: int, reason: bytes | str) -> Exception:
    return (Refused if 500 <= code < 600 else PutOff)(_words(code, reason))


class InboxOnly:
    """Carries nothing: in the demo every letter is read in the inbox page."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def send(self, mail: EmailMessage, *, bounces_to: str = "") -> None:
        """Nothing to do: the row itself is what the inbox shows."""
