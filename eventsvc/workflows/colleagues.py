"""Somebody acts for a colleague, or for themselves: hands over, notes an absence. Who may, and who is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eventsvc.core.errors import InvalidInput, NotFound, Refusal, say
from eventsvc.domain.accounts import Actor, Permission, ensure_may, ensure_may_run, ensure_somebody, may
from eventsvc.domain.accounts.models import Account, written_small
from eventsvc.domain.accounts.places import EVERYWHERE, Place, grants_at, is_colleague, owner_of
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.accounts.standing import claim_all


def claim_two(one: str, other: str, actor: Actor, *, field: str) -> tuple[Account, Account]:
    """Somebody and their colleague, by address, both locked by id; `field` is what names the colleague.

    Refuses: SignInNeeded; NotFound for whom the asker may not know; InvalidInput for somebody who is no colleague.
    """
    ensure_somebody(actor)
    found = claim_all([one, other])
    account, colleague = found.get(written_small(one)), found.get(written_small(other))
    if account is None or not _may_know(actor, account):
        raise NotFound(say("Nobody signs in with this address."))
    if colleague is not None and colleague.id == account.id:
        raise InvalidInput({field: say("is the same person")})
    # Whoever sees no work anywhere (an expert, a reader of reports) finds nobody by trying addresses: offices do.
    is_found = colleague is not None and colleague.ended_at is None and may(actor, Permission.SEE_WORK)
    if colleague is None or not is_found or not is_near(account, colleague, actor):
        raise _nobody_near(field)
    return account, colleague


@contextmanager
def telling_only_colleagues(actor: Actor, colleague: Account, *, field: str) -> Iterator[None]:
    """Whoever sees neither the accounts nor the work of a place where the colleague has a role learns nothing of them
    by a no: it is the one that an unknown address gets.
    """
    try:
        yield
    except InvalidInput as refusal:
        about = {error["field"] for error in refusal.facts["errors"]}
        if field in about and not (_may_know(actor, colleague) or _sees_work_of(actor, colleague)):
            raise _nobody_near(field) from None
        raise


def _nobody_near(field: str) -> InvalidInput:
    return InvalidInput({field: say("is nobody who signs in and has a role in the same organization")})


def _sees_work_of(actor: Actor, account: Account) -> bool:
    owners = [owner_of(grant) for grant in grants_at(account, EVERYWHERE)]
    return any(may(actor, Permission.SEE_WORK, owner) for owner in owners if owner is not None)


def is_near(account: Account, colleague: Account, actor: Actor) -> bool:
    """True for colleagues; who has left has none any more, and is told apart by whoever asks."""
    return is_colleague(account, colleague) or (not grants_at(account, EVERYWHERE) and _may_know(actor, colleague))


def _may_know(actor: Actor, account: Account) -> bool:
    if actor.account_id == account.id or may(actor, Permission.RUN_SERVICE):
        return True
    owners = [owner_of(grant) for grant in account.grants]
    return any(may(actor, Permission.KEEP_ACCOUNTS, owner) for owner in owners if owner is not None)


def ensure_may_act_for(actor: Actor, account: Account, place: Place) -> None:
    """Refuses NotAllowed but for the person themselves, and those who keep accounts wherever the person has a role.

    A program acts for its owner here only where its token may manage.
    """
    if actor.account_id == account.id and (actor.scopes is None or Scope.MANAGE in actor.scopes):
        return
    grants = grants_at(account, place) if account.ended_at is None else account.grants
    if not grants or any(owner_of(grant) is None for grant in grants):
        ensure_may_run(actor)
    for grant in grants:
        if (owner := owner_of(grant)) is not None:
            ensure_may(actor, Permission.KEEP_ACCOUNTS, owner)


def may_act_for(actor: Actor, account: Account, place: Place) -> bool:
    """True where `ensure_may_act_for` refuses nothing."""
    try:
        ensure_may_act_for(actor, account, place)
    except Refusal:
        return False
    return True


def ensure_has_role(account: Account, place: Place) -> None:
    """Refuses InvalidInput for a place where somebody has no role."""
    if not place.is_everywhere and not grants_at(account, place):
        raise _no_role()


def _no_role() -> Refusal:
    return InvalidInput({"office": say("is no place where they have a role")})
