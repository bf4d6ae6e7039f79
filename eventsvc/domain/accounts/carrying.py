"""Whether somebody can carry what another one did: by their own roles, for nobody is given any along with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from eventsvc.core.errors import InvalidInput, Said, say
from eventsvc.domain.accounts.actors import Actor, may
from eventsvc.domain.accounts.models import Grant
from eventsvc.domain.accounts.places import owner_of
from eventsvc.domain.accounts.roles import GRANTED, Permission


class Lack(NamedTuple):
    """A permission that somebody does not have, and the slug of where; empty: everywhere."""

    permission: Permission
    at: str


_WORDS = {
    Permission.SEE_WORK: say("see the work"),
    Permission.PLAN: say("plan events"),
    Permission.PLAN_FAIRS: say("plan fairs"),
    Permission.PLAN_CONVENINGS: say("plan convenings"),
    Permission.GRANT_ROOMS: say("answer for rooms"),
    Permission.KEEP_PEOPLE: say("keep experts"),
    Permission.KEEP_PLACES: say("keep places"),
    Permission.KEEP_ACCOUNTS: say("let colleagues in"),
    Permission.READ_REPORTS: say("read reports"),
    Permission.COUNT_HEADS: say("count heads"),
    Permission.WRITE_REMARKS: say("write to the other offices"),
    Permission.RUN_SERVICE: say("run the service"),
}


class CannotCarry(InvalidInput):
    """Somebody was named whose roles do not allow it; `lacking` lists {permission, at}."""

    def __init__(self, field: str, lacking: Sequence[Lack]) -> None:
        super().__init__([(field, _said(lack)) for lack in lacking])
        named = [{"permission": str(lack.permission), "at": lack.at or None} for lack in lacking]
        self.facts = {**self.facts, "lacking": named}


def _said(lack: Lack) -> Said:
    if not lack.at:
        return say("has no role by which to %(permission)s", permission=_WORDS[lack.permission])
    return say("has no role at %(at)s by which to %(permission)s", at=lack.at, permission=_WORDS[lack.permission])


def lacking(carrier: Actor, grants: Iterable[Grant]) -> list[Lack]:
    """What the roles say that `carrier` may not do there."""
    found = []
    for grant in grants:
        owner, place = owner_of(grant), grant.office or grant.organization
        at = place.slug if place else ""
        if not any(one.covers(owner) for one in carrier.held) or (owner is None and not carrier.is_administrator):
            # A role that permits nothing of itself (an expert's) is still covered by somebody of the place.
            wanted = sorted(GRANTED[grant.role]) or [Permission.SEE_WORK]
            found += [Lack(permission, at) for permission in wanted]
            continue
        found += [Lack(one, at) for one in sorted(GRANTED[grant.role]) if not may(carrier, one, owner)]
    return list(dict.fromkeys(found))


def ensure_carries(carrier: Actor, grants: Iterable[Grant], *, field: str) -> None:
    """Refuses CannotCarry naming each permission that is missing."""
    if found := lacking(carrier, grants):
        raise CannotCarry(field, found)
