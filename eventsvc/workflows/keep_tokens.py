"""API tokens of one's own: make one, look at them, end one. An administrator does so for somebody else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run, ensure_somebody, tokens
from eventsvc.domain.accounts.models import Account, ApiToken
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.events.words import ensure_plain
from eventsvc.workflows.keep_accounts import claim_account


def make_token(
    email: str, name: str, scopes: Collection[Scope], *, days: int, actor: Actor, now: datetime
) -> tuple[ApiToken, str]:
    """A token for somebody, for so many days; its value is returned once and never known again.

    Refuses: SignInNeeded; NotAllowed for somebody else's, and for a program that would make itself another token;
             InvalidInput naming the field.
    """
    account = _own(email, actor)
    label = ensure_plain(name, field="name", limit=80)
    if not label.strip():
        raise InvalidInput({"name": say("say what it is for")})
    token, secret = tokens.make(account.id, label, scopes, now + timedelta(days=days), now)
    changes = {"scopes": (None, token.scopes), "expires_at": (None, token.expires_at)}
    audit.record("make_token", "token", token.public_id, actor=actor.name, now=now, changes=changes)
    return token, secret


def end_token(email: str, token_id: str | UUID, *, actor: Actor, now: datetime) -> None:
    """Make a token worthless from the next request on. Refuses: SignInNeeded, NotAllowed, NotFound."""
    account = _own(email, actor)
    token = tokens.end(account.id, token_id, now)
    audit.record("end_token", "token", token.public_id, actor=actor.name, now=now)


def tokens_of(email: str, *, actor: Actor, now: datetime) -> Sequence[ApiToken]:
    """The tokens of somebody that are still good. Refuses: SignInNeeded, NotAllowed, NotFound."""
    return tokens.of_account(_own(email, actor).id, now)


def _own(email: str, actor: Actor) -> Account:
    ensure_somebody(actor)
    account = claim_account(email)
    if actor.account_id != account.id or actor.scopes is not None:
        ensure_may_run(actor)
    return account
