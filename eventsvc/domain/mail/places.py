"""Where mail that comes in is read: MAIL_IN_URL, and why it may not be readable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

# One mail for the house to keep; commits, and refuses what is none or too large.
Take = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class ImapPlace:
    """A folder of a mailbox on an IMAP server."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    door = "imap"


@dataclass(frozen=True, slots=True)
class MaildirPlace:
    """A Maildir on this machine, for nobody else to read."""

    path: Path
    door = "maildir"


Place = ImapPlace | MaildirPlace


@dataclass(slots=True)
class Taken:
    """What one look at a place has brought: mails read, and mails left there, flagged, for people to look at."""

    read: int = 0
    left: int = 0


class Why(StrEnum):
    """Why a place cannot be read, in words for whoever runs the service; neither names nor addresses."""

    UNREACHABLE = "the server cannot be reached"
    CERTIFICATE = "the server's certificate is not one that this machine trusts"
    UNENCRYPTED = "the server offers no encryption (STARTTLS), and a password is not sent without"
    LOGIN = "the server refuses the user or the password"
    FOLDER = "there is no such folder"
    UNFETCHABLE = "what is in the folder, or some of it, is not handed out"
    UNMARKABLE = "what was read cannot be marked as read"


class CannotRead(Exception):
    """The place cannot be read now; nothing is lost, the next look tries again."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


def place_of(url: str) -> Place | None:
    """What MAIL_IN_URL says; None where it is empty. Raises ValueError with a sentence without the password in it."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("MAIL_IN_URL has a host or port that cannot be read") from None
    if parts.scheme == "maildir":
        return _maildir(parts.netloc, unquote(parts.path))
    if parts.scheme not in ("imap", "imaps"):
        raise ValueError("MAIL_IN_URL begins with imaps://, imap:// or maildir:///")
    user, password, folder = (unquote(text or "") for text in (parts.username, parts.password, parts.path[1:]))
    if not (parts.hostname and user and password):
        raise ValueError("MAIL_IN_URL names a user, a password and a host: imaps://user:password@host/INBOX")
    if not all(text.isprintable() for text in (user, password, folder)) or parts.query or parts.fragment:
        raise ValueError("MAIL_IN_URL holds letters that must be written as %…: in a password / is %2F, # is %23")
    is_tls = parts.scheme == "imaps"
    return ImapPlace(parts.hostname, port or (993 if is_tls else 143), is_tls, user, password, folder or "INBOX")


def _maildir(host: str, path: str) -> MaildirPlace:
    if host or not path.startswith("/") or "\0" in path:
        raise ValueError("MAIL_IN_URL names a Maildir by its whole path: maildir:///var/mail/eventsvc")
    return MaildirPlace(Path(path))
