"""Letters that sign in once: by a link, or by six digits for those who read their mail on another device."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select, update

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import LinkExpired, say
from eventsvc.core.tokens import NOT_OURS
from eventsvc.domain.accounts.models import Account, SignIn, written_small

LASTS = timedelta(minutes=15)
MOST_WRONG_CODES = 5
# Whoever asks again and again for somebody else gets them no more letters than this an hour.
MOST_LETTERS = 5
_OVER = say("This link or code was used already, or its fifteen minutes are over. Ask for a new letter.")


def find_account(email: str) -> Account | None:
    """Whoever may sign in with that address."""
    query = select(Account).where(Account.email == written_small(email), Account.ended_at.is_(None))
    return db.session.scalar(query)


def has_accounts() -> bool:
    """True when anybody may sign in by letter."""
    return db.session.scalar(select(Account.id).where(Account.ended_at.is_(None)).limit(1)) is not None


def ask(account: Account, now: datetime) -> SignIn | None:
    """A new letter's row, or None where there were too many within the hour.

    Locks: the account.
    """
    db.session.execute(select(Account.id).where(Account.id == account.id).with_for_update(key_share=True))
    recent = select(func.count()).where(SignIn.account_id == account.id, SignIn.asked_at > now - timedelta(hours=1))
    if (db.session.scalar(recent) or 0) >= MOST_LETTERS:
        return None
    db.session.add(asked := SignIn(account=account, asked_at=now, expires_at=now + LASTS))
    db.session.flush()
    return asked


def get_open(sign_in_id: str | UUID, now: datetime) -> SignIn:
    """The letter's row, to be looked at; refuses NotFound, and LinkExpired for one that is used or over."""
    return _open(public_ids.get(select(SignIn), SignIn.public_id, sign_in_id, NOT_OURS), now)


def use_link(sign_in_id: str | UUID, now: datetime) -> Account:
    """Whoever the letter signs in, once; refuses as `get_open`.

    Locks: the account, shared, then the letter's row.
    """
    _hold_still(sign_in_id)
    asked = _open(public_ids.get(_claiming(), SignIn.public_id, sign_in_id, NOT_OURS), now)
    asked.used_at = now
    return asked.account


def use_code(sign_in_id: str | UUID, code: str, right: Collection[str], now: datetime) -> Account | None:
    """The same by the letter's code; None for a wrong one, which is counted, so the caller must commit that too.

    Locks: the account, shared, then the letter's row.
    Refuses: LinkExpired when the letter is used or over, or too many codes were wrong.
    """
    _hold_still(sign_in_id)
    asked = public_ids.find(_claiming(), SignIn.public_id, sign_in_id)
    if asked is None or asked.wrong_codes >= MOST_WRONG_CODES:
        raise LinkExpired(_OVER)
    _open(asked, now)
    if not any(hmac.compare_digest(code.encode(), one.encode()) for one in right):
        asked.wrong_codes += 1
        return None
    asked.used_at = now
    return asked.account


def end_all(account_id: int, now: datetime) -> None:
    """Make all of somebody's letters worthless; call with the account locked."""
    unused = SignIn.account_id == account_id, SignIn.used_at.is_(None)
    db.session.execute(update(SignIn).where(*unused).values(used_at=now))


def _hold_still(sign_in_id: str | UUID) -> None:
    """Whoever lets somebody go at this moment is waited for: nobody signs in after that (see `standing`)."""
    asked = public_ids.find(select(SignIn), SignIn.public_id, sign_in_id)
    if asked is not None:
        query = select(Account).where(Account.id == asked.account_id).with_for_update(read=True)
        db.session.scalar(query.execution_options(populate_existing=True))


def _claiming() -> Select[SignIn]:
    return select(SignIn).with_for_update(key_share=True, of=SignIn).execution_options(populate_existing=True)


def _open(asked: SignIn, now: datetime) -> SignIn:
    if asked.used_at is not None or now >= asked.expires_at or asked.account.ended_at is not None:
        raise LinkExpired(_OVER)
    return asked
