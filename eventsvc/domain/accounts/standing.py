"""Accounts while a story writes in their name, or takes from one what another one gets.

A door knows who asks before the story begins. Until it writes, their work may have been handed over and their account
ended: a story that leaves something in somebody's name looks again, under a lock that a hand-over waits for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import SignInNeeded, say
from eventsvc.domain.accounts import acting
from eventsvc.domain.accounts.actors import Actor
from eventsvc.domain.accounts.models import Account, written_small


def hold_still(actor: Actor) -> Actor:
    """Whoever asks, with the roles they have now, and until this transaction ends.

    Locks: the account, shared: before all else that the story locks. Refuses: SignInNeeded where it has ended.
    """
    if actor.account_id is None:
        return actor
    return replace(actor, held=acting.actor_of(claim_shared(actor.account_id)).held)


def claim_shared(account_id: int) -> Account:
    """The account, which nobody ends or hands over until this transaction ends.

    Locks: the account, shared. Refuses: SignInNeeded where it has ended.
    """
    query = select(Account).where(Account.id == account_id, Account.ended_at.is_(None)).with_for_update(read=True)
    account = db.session.scalar(query.execution_options(populate_existing=True))
    if account is None:
        raise SignInNeeded(say("This account has ended."))
    db.session.expire(account, ["grants"])
    return account


def claim_all(emails: Collection[str]) -> dict[str, Account]:
    """The accounts of those addresses, by address, also those that have ended; unknown ones are left out.

    Locks: the accounts, by id.
    """
    query = select(Account).where(Account.email.in_({written_small(email) for email in emails})).order_by(Account.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = {account.email: account for account in db.session.scalars(query)}
    for account in found.values():
        db.session.expire(account, ["grants"])
    return found
