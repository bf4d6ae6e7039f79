"""Who letters are from: what was said on the pages, else what the environment says. Credentials are never kept here."""

from __future__ import annotations

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import formataddr, parseaddr
from hashlib import sha256

from sqlalchemy import CheckConstraint, String, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.outbox.models import Message, MessageState

ADDRESS_LENGTH = 254  # RFC 5321, 4.5.3.1.3
NAME_LENGTH = 120
TEST_LETTER = "test_letter"
_ONLY = 1


class MailSender(Base):
    """The one row of what was said on the pages; without it the environment's MAIL_FROM counts."""

    __tablename__ = "mail_sender"
    __table_args__ = (CheckConstraint(f"id = {_ONLY}", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def chosen() -> MailSender | None:
    """What was said on the pages, or None."""
    return db.session.get(MailSender, _ONLY)


def present(default: str) -> str:
    """The sender of letters that leave now; `default` is the environment's."""
    said = chosen()
    return formataddr((said.name, said.address)) if said else default


def parts(sender: str) -> tuple[str, str]:
    """Name and address of a sender."""
    return parseaddr(sender)


def choose(name: str, address: str, now: datetime) -> MailSender:
    """Let letters come from there from now on; what has begun to leave keeps the sender it has.

    Refuses: InvalidInput for what is no mail address.
    """
    said = chosen()
    if said is None:
        db.session.add(said := MailSender(id=_ONLY))
    said.name, said.address, said.changed_at = name, mail_address(address, field="address"), now
    db.session.flush()
    return said


def mail_address(text: str, *, field: str) -> str:
    """An address that may stand in a header of a mail (RFC 5322, 3.4.1), as typed; refuses InvalidInput."""
    typed = text.strip()
    try:
        parsed = Address(addr_spec=typed)
    except (HeaderParseError, ValueError, IndexError):
        parsed = Address()
    if not parsed.username or not parsed.domain or not typed.isascii() or len(typed) > ADDRESS_LENGTH:
        raise InvalidInput({field: say("is not a mail address")})
    return typed


def is_proved(default: str) -> bool:
    """True when a mail server has taken a test letter that was asked for while the present sender counted.

    Another MAIL_FROM (`default`) is proved anew.
    """
    said = chosen()
    since = [Message.sent_at >= said.changed_at] if said else []
    proving = Message.letter == TEST_LETTER, Message.key.endswith(f":{_mark(default)}", autoescape=True)
    return bool(db.session.scalar(select(exists().where(Message.state == MessageState.SENT, *proving, *since))))


def key_of_test(college: str, number: str, default: str) -> str:
    """The key of a test letter; its end stays and says which sender it is to prove when its facts are forgotten."""
    return f"test:{college}:{number}:{_mark(default)}"


def _mark(default: str) -> str:
    _, address = parts(present(default))
    return sha256(address.encode()).hexdigest()[:16]
