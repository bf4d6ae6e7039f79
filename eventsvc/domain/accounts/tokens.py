"""API tokens: what programs act with in somebody's name. Random, shown once, known here by their digest only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import contains_eager

from eventsvc.core import public_ids
from eventsvc.core import tokens as credentials
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts.models import Account, ApiToken
from eventsvc.domain.accounts.roles import Scope

# So that a token that was pasted into the wrong place is recognized, by people and by scanners.
PREFIX = "evt_"
LONGEST = timedelta(days=366)
NOTED_AFTER = timedelta(hours=1)


def make(
    account_id: int, name: str, scopes: Collection[Scope], expires_at: datetime, now: datetime
) -> tuple[ApiToken, str]:
    """A new token and its value, which nobody can find out again.

    Refuses: InvalidInput for no scope, and for an end that is past or more than a year away.
    """
    if not scopes:
        raise InvalidInput({"scopes": say("name at least one")})
    if not now < expires_at <= now + LONGEST:
        raise InvalidInput({"days": say("must lie ahead, within a year")})
    secret = PREFIX + credentials.new_secret()
    token = ApiToken(
        account_id=account_id, name=name, digest=credentials.digest(secret), created_at=now, expires_at=expires_at
    )
    token.scopes = sorted(scopes)
    db.session.add(token)
    db.session.flush()
    return token, secret


def find(secret: str, now: datetime) -> ApiToken | None:
    """The token of that value with its account and roles, if it is still good."""
    if not secret.startswith(PREFIX):
        return None
    found = db.session.scalars(_OF_DIGEST, {"digest": credentials.digest(secret), "now": now})
    return found.unique().one_or_none()


def wants_note(token: ApiToken, now: datetime) -> bool:
    """True when its last use was noted an hour ago or longer."""
    return token.last_used_at is None or now >= token.last_used_at + NOTED_AFTER


def note_used(token_id: int, now: datetime) -> None:
    """Note that it is used, once an hour at most, however many requests notice at the same time."""
    is_due = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - NOTED_AFTER)
    db.session.execute(update(ApiToken).where(ApiToken.id == token_id, is_due).values(last_used_at=now))


def of_account(account_id: int, now: datetime) -> Sequence[ApiToken]:
    """Somebody's tokens that are still good, the newest first."""
    mine = select(ApiToken).where(ApiToken.account_id == account_id, *_is_good(now))
    return db.session.scalars(mine.order_by(ApiToken.id.desc())).all()


def end(account_id: int, token_id: str | UUID, now: datetime) -> ApiToken:
    """Make one of somebody's tokens worthless; refuses NotFound for another's."""
    mine = select(ApiToken).where(ApiToken.account_id == account_id)
    found = public_ids.get(mine, ApiToken.public_id, token_id, say("There is no such token."))
    found.ended_at = found.ended_at or now
    return found


def end_all(account_id: int, now: datetime) -> None:
    """Make all of somebody's tokens worthless."""
    db.session.execute(update(ApiToken).where(ApiToken.account_id == account_id, *_is_good(now)).values(ended_at=now))


def _is_good(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    return ApiToken.ended_at.is_(None), ApiToken.expires_at > now


# Built once and read in one go: every call of the API begins with it.
_OF_DIGEST = (
    select(ApiToken)
    .join(ApiToken.account)
    .where(ApiToken.digest == bindparam("digest"), *_is_good(bindparam("now")), Account.ended_at.is_(None))
    .options(contains_eager(ApiToken.account).joinedload(Account.grants))
)
