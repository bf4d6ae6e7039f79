"""A local password, for an administrator where no letter can be sent yet; only where LOCAL_PASSWORD is on.

NIST SP 800-63B-4, 3.1.1: fifteen characters at least where nothing else is asked for, any characters, no rules of
composition, none that is easily guessed, and a limit on tries. Hashing takes long on purpose: never inside a
transaction, so a try is counted first, then looked at, and only then believed.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core import tokens as credentials
from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts.models import Account, written_small
from eventsvc.domain.accounts.roles import Role

SHORTEST, LONGEST = 15, 256
# As with codes: whoever tries on has to wait, and so has the owner, who may still take a letter or the token.
MOST_TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)
_FEWEST_DIFFERENT = 6
_HASHER = PasswordHasher()  # Argon2id by RFC 9106's second recommendation


class LocalPassword(Base):
    """A password's hash, and how often somebody has tried since when."""

    __tablename__ = "local_passwords"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200), comment="Argon2id, with its parameters and salt")
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0, comment="since tried_since, the right one not counted")
    tried_since: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class Tried(NamedTuple):
    """A try that was counted, to be looked at outside of any transaction."""

    account_id: int | None
    hash: str


def ensure_good(password: str, email: str) -> None:
    """Refuses InvalidInput for one that is too short, too long or easily guessed."""
    text = _same(password)
    reason = ""
    if not SHORTEST <= len(text) <= LONGEST:
        reason = say("must have %(shortest)d to %(longest)d characters", shortest=SHORTEST, longest=LONGEST)
    elif len(set(text.casefold())) < _FEWEST_DIFFERENT:
        reason = say("repeats the same few characters: a sentence of your own is better")
    elif any(word in text.casefold() for word in _guessed_first(email)):
        reason = say("holds your address or another word that is guessed first: a sentence of your own is better")
    if reason:
        raise InvalidInput({"password": reason})


def hashed(password: str) -> str:
    """What is kept of it. Takes long; never inside a transaction."""
    return _HASHER.hash(_same(password))


def set_hash(account: Account, hash_of_it: str, now: datetime) -> None:
    """Give an account that password, and take the one before."""
    found = db.session.get(LocalPassword, account.id)
    if found is None:
        db.session.add(found := LocalPassword(account_id=account.id))
    found.hash, found.set_at, found.tries, found.tried_since = hash_of_it, now, 0, now


def remove(account: Account) -> bool:
    """Take an account's password away; False where it had none."""
    found = db.session.get(LocalPassword, account.id)
    if found is not None:
        db.session.delete(found)
    return found is not None


def drop_unless_due(account: Account) -> None:
    """Take the password of who may have none any more, so that it does not come back with the role one day."""
    if not may_have_one(account):
        remove(account)


def count_try(email: str, now: datetime) -> Tried:
    """Count a try before it is looked at, so that many at once are no more than five; the caller commits.

    Without a password, or after too many tries, what is looked at fits nothing, and takes as long.

    Locks: the password's row.
    """
    query = select(LocalPassword).join(Account).where(Account.email == written_small(email))
    row = db.session.scalar(query.where(Account.ended_at.is_(None)).with_for_update(of=LocalPassword))
    if row is None:
        return Tried(None, "")
    if now >= row.tried_since + TRIES_WITHIN:
        row.tries, row.tried_since = 0, now
    if row.tries >= MOST_TRIES:
        return Tried(None, "")
    row.tries += 1
    return Tried(row.account_id, row.hash)


def fits(tried: Tried, password: str) -> bool:
    """True for the right one. Takes long, and as long where there is none; never inside a transaction."""
    text = _same(password)
    try:
        is_it = _HASHER.verify(tried.hash or _nobodys(), text if len(text) <= LONGEST else "")
        return is_it and tried.account_id is not None
    except (VerificationError, InvalidHashError):
        return False


def wants_new_hash(tried: Tried) -> bool:
    """True when the hash was made with other parameters than those of now."""
    return _HASHER.check_needs_rehash(tried.hash)


def believe(tried: Tried, new_hash: str, now: datetime) -> Account | None:
    """Whoever the right password lets in: an administrator, and only while the password is the one that was tried.

    Locks: the account, shared, then the password's row.
    """
    db.session.scalar(select(Account.id).where(Account.id == tried.account_id).with_for_update(read=True))
    query = select(LocalPassword).where(LocalPassword.account_id == tried.account_id).with_for_update()
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None or row.hash != tried.hash or row.account.ended_at is not None or not may_have_one(row.account):
        return None
    row.tries, row.tried_since, row.hash = 0, now, new_hash or row.hash
    return row.account


def may_have_one(account: Account) -> bool:
    """Passwords are for administrators alone."""
    return any(one.role is Role.ADMINISTRATOR and one.ended_at is None for one in account.grants)


def _guessed_first(email: str) -> list[str]:
    # Two or three letters stand in many a sentence.
    return [word for word in (*email.casefold().split("@"), "eventsvc", "password") if len(word) > 3]


@cache
def _nobodys() -> str:
    """The hash of a password that nobody knows, made with the parameters of now."""
    return hashed(credentials.new_secret())


def _same(password: str) -> str:
    """However its letters were typed (NIST SP 800-63B-4, 3.1.1.2: normalization)."""
    return unicodedata.normalize("NFC", password)
