"""Give an administrator a local password, and take it away; forget who somebody is at a provider."""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.errors import NotAllowed, NotFound, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, elsewhere, ensure_may_run, passwords, sessions
from eventsvc.workflows.keep_accounts import claim_account


def set_password(email: str, hash_of_it: str, *, actor: Actor, now: datetime) -> None:
    """Let an administrator sign in by a password; whoever is signed in as them anywhere is signed out.

    Locks: the account. Refuses: SignInNeeded, NotFound, NotAllowed for anybody else's account.
    """
    ensure_may_run(actor)
    account = claim_account(email)
    if not passwords.may_have_one(account):
        raise NotAllowed(say("Passwords are for administrators alone; everybody else signs in by a letter."))
    passwords.set_hash(account, hash_of_it, now)
    sessions.end_all(account.id, now)
    audit.record("set_password", "account", account.public_id, actor=actor.name, now=now)


def remove_password(email: str, *, actor: Actor, now: datetime) -> None:
    """Take it away. Locks: the account. Refuses: SignInNeeded, NotFound where there is none."""
    ensure_may_run(actor)
    account = claim_account(email)
    if not passwords.remove(account):
        raise NotFound(say("They have no password."))
    sessions.end_all(account.id, now)
    audit.record("remove_password", "account", account.public_id, actor=actor.name, now=now)


def unlink(email: str, *, actor: Actor, now: datetime) -> int:
    """Forget who somebody is at providers, so that the next sign-in there by their address counts anew.

    Locks: the account. Refuses: SignInNeeded, NotFound.
    """
    ensure_may_run(actor)
    account = claim_account(email)
    forgotten = elsewhere.unlink(account)
    if forgotten:
        audit.record("unlink", "account", account.public_id, actor=actor.name, now=now)
    return forgotten
