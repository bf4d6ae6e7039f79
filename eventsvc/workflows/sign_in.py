"""Signing in: by a letter with a link and a code, each good once, for fifteen minutes; by a local password."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from eventsvc.core.times import iso
from eventsvc.domain import audit
from eventsvc.domain.accounts import passwords, sessions, signing_in
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.passwords import Tried
from eventsvc.domain.outbox import post


def ask_for_letter(email: str, now: datetime) -> UUID:
    """Owe a letter to whoever may sign in with that address; returns what its code is given with.

    Nobody learns here who has an account: without one, or after too many letters, the id belongs to nothing.
    """
    account = signing_in.find_account(email)
    asked = signing_in.ask(account, now) if account else None
    if account is None or asked is None:
        return uuid4()
    post.post(
        "sign_in",
        key=f"sign-in:{asked.public_id}",
        to_address=account.email,
        to_name=account.name,
        language=account.language,
        facts={"sign_in": str(asked.public_id), "expires_at": iso(asked.expires_at)},
        now=now,
    )
    return asked.public_id


def sign_in_by_link(sign_in_id: str, *, device: str, now: datetime) -> str:
    """The value of the session's cookie, once for each letter.

    Locks: the letter. Refuses: NotFound, LinkExpired.
    """
    return begin_session(signing_in.use_link(sign_in_id, now), "link", device, now)


def sign_in_by_code(sign_in_id: str, code: str, right: Collection[str], *, device: str, now: datetime) -> str | None:
    """The same by the letter's code; None for a wrong one, which counts: the caller commits.

    Locks: the letter. Refuses: LinkExpired.
    """
    account = signing_in.use_code(sign_in_id, code, right, now)
    return begin_session(account, "code", device, now) if account else None


def begin_session(account: Account, by: str, device: str, now: datetime) -> str:
    """Sign somebody in and write down by what; the value of the session's cookie."""
    actor = f"account {account.public_id}"
    audit.record("sign_in", "account", account.public_id, actor=actor, now=now, changes={"by": (None, by)})
    return sessions.begin(account, device=device, now=now)


def try_password(email: str, now: datetime) -> Tried:
    """Count a try of a local password; look at it outside of the transaction (`passwords.fits`)."""
    return passwords.count_try(email, now)


def sign_in_by_password(tried: Tried, new_hash: str, *, device: str, now: datetime) -> str | None:
    """The value of the session's cookie after the right password; None for whoever may not come in by one.

    Locks: the account, shared, then the password's row.
    """
    account = passwords.believe(tried, new_hash, now)
    return begin_session(account, "password", device, now) if account else None
