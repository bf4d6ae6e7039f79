"""The mail door: one SMTP connection for a batch, and the difference between "not now" and "never"."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 30


class NoServer(Exception):
    """The mail server itself cannot be had, or does not let us in: no fault of any message."""


class PutOff(Exception):
    """The other side cannot take the message now (4xx)."""


class Refused(Exception):
    """The other side will never take the message (5xx)."""


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
    """SMTP by address: smtp://user:password@host:port (STARTTLS where offered), or smtps:// for TLS from the start."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL is smtp://[user:password@]host[:port], or smtps://…")
        self._parts = parts
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, mail: EmailMessage, *, bounces_to: str = "") -> None:
        """Hand one mail to the server; raises NoServer, PutOff or Refused.

        Only what the server says of this recipient or this text is about the message.
        """
        try:
            self._connected().send_message(mail, from_addr=bounces_to or None)
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise _verdict(code, reason) from None
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code, error.smtp_error) from None
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise NoServer(f"{type(error).__name__}: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            host, secure = self._parts.hostname or "", self._parts.scheme == "smtps"
            kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
            connection = kind(host, self._parts.port or (465 if secure else 25), timeout=TIMEOUT_SECONDS)
            self._connection = connection  # from here on it is hung up, whatever happens
            connection.ehlo_or_helo_if_needed()
            if not secure and connection.has_extn("starttls"):
                connection.starttls()
                connection.ehlo()
            if self._parts.username:
                connection.login(unquote(self._parts.username), unquote(self._parts.password or ""))
        return self._connection

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _verdict(code: int, reason: bytes | str) -> Exception:
    words = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    return (Refused if 500 <= code < 600 else PutOff)(f"{code} {words}")


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
