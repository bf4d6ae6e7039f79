"""Signing in elsewhere: who somebody is at a provider, and the few minutes in which they are on their way there.

An account is known again by the provider's issuer and its word for the person (`sub`), which is never given to somebody
else; an e-mail address may be, so it counts once at most, for an account that no provider knows yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core import tokens as credentials
from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.core.errors import LinkExpired, say
from eventsvc.domain.accounts.models import Account, written_small

LASTS = timedelta(minutes=10)
# What somebody had typed when they turned out to be signed out is kept for their way back, up to this.
MOST_KEPT = 100_000
SUBJECT_LENGTH = 255  # OpenID Connect Core 2
_OVER = say("This way back was used already, belongs to another browser, or its ten minutes are over. Begin again.")


class Identity(Base):
    """Who somebody is at a provider."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH), comment="the provider's word for the person")
    provider: Mapped[str] = mapped_column(String(40), comment="its slug in our settings")
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class OnTheWay(Base):
    """A browser that was sent to a provider. The row goes when it comes back, so that each comes back once."""

    __tablename__ = "on_the_way"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True, comment="of the state that comes back")
    browser: Mapped[str] = mapped_column(String(64), comment="digest of what this browser's cookie holds")
    provider: Mapped[str] = mapped_column(String(40))
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(64))
    following: Mapped[str] = mapped_column(Text, comment="a path of our own to go on to")
    kept: Mapped[str] = mapped_column(Text, comment="what had been typed before, see interfaces/web/kept.py")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Sent(NamedTuple):
    """What goes along to the provider; nobody can guess any of it."""

    state: str
    nonce: str
    verifier: str


class Back(NamedTuple):
    """What was known of a browser that has come back."""

    nonce: str
    verifier: str
    following: str
    kept: str


def new_sent() -> Sent:
    """Fresh random values for one way there and back; a verifier of 43 characters (RFC 7636 4.1)."""
    return Sent(credentials.new_secret(), credentials.new_secret(), credentials.new_secret())


def note_sent(sent: Sent, *, browser: str, provider: str, following: str, kept: str, now: datetime) -> None:
    """Remember a browser that goes to a provider, for ten minutes; forgets those whose time is over."""
    db.session.execute(delete(OnTheWay).where(OnTheWay.expires_at <= now))
    db.session.add(
        OnTheWay(
            digest=credentials.digest(sent.state),
            browser=credentials.digest(browser),
            provider=provider,
            nonce=sent.nonce,
            verifier=sent.verifier,
            following=following,
            kept=kept if len(kept) <= MOST_KEPT else "",
            expires_at=now + LASTS,
        )
    )


def take_back(state: str, *, browser: str, provider: str, now: datetime) -> Back:
    """What is known of the browser that comes back with that state, once; the caller commits.

    Locks: the row. Refuses: LinkExpired for one that came already, is too late, or is not this browser's.
    """
    query = select(OnTheWay).where(OnTheWay.digest == credentials.digest(state), OnTheWay.provider == provider)
    query = query.where(OnTheWay.browser == credentials.digest(browser), OnTheWay.expires_at > now)
    row = db.session.scalar(query.with_for_update())
    if row is None:
        raise LinkExpired(_OVER)
    db.session.delete(row)
    return Back(row.nonce, row.verifier, row.following, row.kept)


def find_account(issuer: str, subject: str) -> Account | None:
    """Whoever is known here by the provider's own word, let go or not; locked."""
    query = select(Account).join(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    return db.session.scalar(
        query.with_for_update(key_share=True, of=Account).execution_options(populate_existing=True)
    )


def find_by_address(email: str) -> Account | None:
    """Whoever has that address, let go or not; locked."""
    query = select(Account).where(Account.email == written_small(email))
    return db.session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))


def identities_of(account: Account) -> list[Identity]:
    """Who somebody is elsewhere."""
    return list(db.session.scalars(select(Identity).where(Identity.account_id == account.id).order_by(Identity.id)))


def link(account: Account, *, issuer: str, subject: str, provider: str, now: datetime) -> None:
    """Know the account again by the provider's word from now on."""
    db.session.add(Identity(account_id=account.id, issuer=issuer, subject=subject, provider=provider, linked_at=now))
    db.session.flush()


def unlink(account: Account) -> int:
    """Forget who somebody is elsewhere; returns how many were forgotten."""
    found = identities_of(account)
    for identity in found:
        db.session.delete(identity)
    return len(found)
