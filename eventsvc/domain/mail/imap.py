"""Reading a mailbox by IMAP (RFC 3501): what is unread and not flagged is taken in, in the order of its UIDs.

A mail is marked as read after it was kept, never before: a crash in between repeats it, and the same bytes are kept
once. What cannot be kept (too large, no mail, not handed out) stays unread and is flagged, so that people see it and
it is not fetched again; taking the flag off tries it again. Nothing is moved or deleted.

Of imap-tools only the connection is used: its messages would be parsed in this process, and its way to set flags
expunges what somebody else has marked as deleted.
"""

from __future__ import annotations

import imaplib
import ipaddress
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxUnencrypted

from eventsvc.core import caps
from eventsvc.core.errors import Refusal
from eventsvc.domain.mail.places import CannotRead, ImapPlace, Take, Taken, Why

WAIT_SECONDS = 20.0
# One look; what is more waits for the next.
MOST = 500
# A mail at which the connection breaks twice is passed over; each time the round connects anew.
_MOST_CONNECTIONS = 10
_OPEN = "UNSEEN UNFLAGGED UNDELETED"
_BROKEN = (imaplib.IMAP4.abort, OSError)


def take_all(place: ImapPlace, take: Take, taken: Taken, *, most: int = MOST) -> None:
    """Hand every mail that waits to `take`, mark it as read, and count it in `taken`.

    Refuses: CannotRead; what was taken before stays taken.
    """
    walk = _Walk(take, taken, most)
    for _ in range(_MOST_CONNECTIONS):
        with _opened(place) as box:
            if walk.reached_end(box):
                return
    raise CannotRead(Why.UNFETCHABLE)


def waiting(place: ImapPlace) -> int:
    """How many mails wait in the folder. Refuses: CannotRead."""
    with _opened(place) as box:
        return len(_found(box, _OPEN))


class _Walk:
    """One look at a folder, over as many connections as it takes."""

    def __init__(self, take: Take, taken: Taken, most: int) -> None:
        self._take, self._taken, self._most = take, taken, most
        self._broke_at: Counter[str] = Counter()
        self._not_handed_out: list[str] = []

    def reached_end(self, box: BaseMailBox) -> bool:
        """False where the connection broke at a mail, and another is worth a try."""
        for uid in [uid for uid, times in self._broke_at.items() if times > 1]:
            self._leave(box, uid)
            del self._broke_at[uid]
        for uid in _found(box, f"{_OPEN} LARGER {caps.MAIL.most_bytes}"):
            self._leave(box, uid)
        for uid in _found(box, _OPEN):
            if self._taken.read >= self._most:
                break
            if uid in self._not_handed_out:
                continue
            try:
                raw = _fetched(box, uid)
            except _BROKEN:
                self._broke_at[uid] += 1
                return False
            except imaplib.IMAP4.error:
                self._not_handed_out.append(uid)
                continue
            if raw is not None:
                self._keep(box, uid, raw)
        self._judge_the_rest(box)
        return True

    def _keep(self, box: BaseMailBox, uid: str, raw: bytes) -> None:
        try:
            self._take(raw)
        except Refusal:
            self._leave(box, uid)
        else:
            _mark(box, uid, r"\Seen")
            self._taken.read += 1

    def _leave(self, box: BaseMailBox, uid: str) -> None:
        _mark(box, uid, r"\Flagged")
        self._taken.left += 1

    def _judge_the_rest(self, box: BaseMailBox) -> None:
        """Mails that were not handed out are at fault only where others were."""
        if self._not_handed_out and not self._taken.read:
            raise CannotRead(Why.UNFETCHABLE)
        for uid in self._not_handed_out:
            self._leave(box, uid)


@contextmanager
def _opened(place: ImapPlace) -> Iterator[BaseMailBox]:
    """The folder, opened; whatever the server or the network does is a CannotRead."""
    try:
        box = _connected(place)
        try:
            _enter(box, place)
            yield box
        finally:
            with suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
                box.logout()
            _hang_up(box)
    except ssl.SSLCertVerificationError:
        raise CannotRead(Why.CERTIFICATE) from None
    except (ImapToolsError, imaplib.IMAP4.error, OSError):
        raise CannotRead(Why.UNREACHABLE) from None


def _connected(place: ImapPlace) -> BaseMailBox:
    trusted = ssl.create_default_context()
    if place.is_tls:
        return MailBox(place.host, place.port, timeout=WAIT_SECONDS, ssl_context=trusted)
    box = MailBoxUnencrypted(place.host, place.port, timeout=WAIT_SECONDS)
    if _is_this_machine(place.host):
        return box
    try:
        if "STARTTLS" not in box.client.capabilities:
            raise CannotRead(Why.UNENCRYPTED)
        box.client.starttls(trusted)
    except BaseException:
        _hang_up(box)
        raise
    return box


def _hang_up(box: BaseMailBox) -> None:
    with suppress(OSError):  # closed already, where the server said good-bye
        box.client.shutdown()


def _enter(box: BaseMailBox, place: ImapPlace) -> None:
    is_plain = place.user.isascii() and place.password.isascii()
    log_in = box.login if is_plain else box.login_utf8
    try:
        log_in(place.user, place.password, initial_folder=None)
    except _BROKEN:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        # RFC 5530: the server says that it cannot tell for now.
        raise CannotRead(Why.UNREACHABLE if "[UNAVAILABLE]" in str(error) else Why.LOGIN) from None
    try:
        box.folder.set(place.folder)
    except MailboxFolderSelectError:
        raise CannotRead(Why.FOLDER) from None
    except imaplib.IMAP4.readonly:
        raise CannotRead(Why.UNMARKABLE) from None


def _found(box: BaseMailBox, criteria: str) -> list[str]:
    """UIDs, oldest first."""
    return sorted(box.uids(criteria, charset=None), key=int)


def _fetched(box: BaseMailBox, uid: str) -> bytes | None:
    """The mail as it is, without marking it; None where it is gone. Raises what imaplib raises."""
    word, answer = box.client.uid("FETCH", uid, "(BODY.PEEK[])")
    if word != "OK":
        raise imaplib.IMAP4.error(word)
    return next((part[1] for part in answer if isinstance(part, tuple)), None)


def _mark(box: BaseMailBox, uid: str, flag: str) -> None:
    word, _ = box.client.uid("STORE", uid, "+FLAGS.SILENT", f"({flag})")
    if word != "OK":
        raise CannotRead(Why.UNMARKABLE)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
