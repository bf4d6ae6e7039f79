"""Where somebody is signed in. The cookie's value is random and known here by its digest only.

It turns to a new value every hour, so that one that was copied ends soon; the value before is good for a moment more,
for requests that were already on their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import joinedload

from eventsvc.core import public_ids
from eventsvc.core import tokens as credentials
from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.domain.accounts.models import Account, Session
from eventsvc.domain.accounts.standing import claim_shared

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
TURNS_AFTER = timedelta(hours=1)
GRACE = timedelta(minutes=1)
# A session that is used all the time is written this seldom.
SEEN_AFTER = timedelta(minutes=5)


def begin(account: Account, *, device: str, now: datetime) -> str:
    """Sign somebody in; returns the cookie's value, which nobody can find out again.

    Locks: the account, shared. Refuses: SignInNeeded where it has ended.
    """
    claim_shared(account.id)
    secret = credentials.new_secret()
    times = {"begun_at": now, "seen_at": now, "turned_at": now, "ends_at": now + LONGEST}
    db.session.add(Session(account_id=account.id, digest=credentials.digest(secret), device=device[:60], **times))
    db.session.flush()
    return secret


def find(secret: str, now: datetime) -> Session | None:
    """The session of a cookie with its account and roles, if it is still good."""
    digest = credentials.digest(secret)
    turned = and_(Session.digest_before == digest, Session.turned_at > now - GRACE)
    query = select(Session).where(or_(Session.digest == digest, turned), *_is_good(now))
    query = query.join(Session.account).where(Account.ended_at.is_(None))
    return db.session.scalar(query.options(joinedload(Session.account).selectinload(Account.grants)))


def touch(secret: str, now: datetime) -> str | None:
    """Note that a session is used; returns the cookie's new value when it is time for one.

    Locks: the session; whoever comes second finds it turned, and keeps the value that is good for a moment.
    """
    digest = credentials.digest(secret)
    session = db.session.scalar(select(Session).where(Session.digest == digest, *_is_good(now)).with_for_update())
    if session is None:
        return None
    session.seen_at = max(session.seen_at, now)
    if now < session.turned_at + TURNS_AFTER:
        return None
    new = credentials.new_secret()
    session.digest_before, session.digest, session.turned_at = digest, credentials.digest(new), now
    return new


def wants_touch(session: Session, now: datetime) -> bool:
    """True when `touch` has something to write."""
    return now >= session.seen_at + SEEN_AFTER or now >= session.turned_at + TURNS_AFTER


def end(secret: str, now: datetime) -> None:
    """Sign out; a value that is not good changes nothing."""
    db.session.execute(
        update(Session).where(Session.digest == credentials.digest(secret), *_is_good(now)).values(ended_at=now)
    )


def end_one(account_id: int, session_id: str | UUID, now: datetime) -> None:
    """Sign one of somebody's browsers out; refuses NotFound for another's."""
    mine = select(Session).where(Session.account_id == account_id)
    found = public_ids.get(mine, Session.public_id, session_id, say("There is no such session."))
    found.ended_at = found.ended_at or now


def end_all(account_id: int, now: datetime) -> None:
    """Sign out everywhere, here too."""
    db.session.execute(update(Session).where(Session.account_id == account_id, *_is_good(now)).values(ended_at=now))


def of_account(account_id: int, now: datetime) -> Sequence[Session]:
    """Where somebody is signed in, last used first."""
    mine = select(Session).where(Session.account_id == account_id, *_is_good(now))
    return db.session.scalars(mine.order_by(Session.seen_at.desc(), Session.id)).all()


def _is_good(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Session.ended_at.is_(None), Session.ends_at > now, Session.seen_at > now - IDLE
