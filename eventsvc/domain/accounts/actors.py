"""Actors and the one place that answers `may_…`; it takes ids and facts, never objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from eventsvc.core.errors import NotAllowed, SignInNeeded, say
from eventsvc.domain.accounts.roles import GRANTED, Permission, Role


class Owner(NamedTuple):
    """Whose a thing is: an office's, and so its organization's."""

    office_id: int | None
    organization_id: int | None


class Held(NamedTuple):
    """A role as it counts: at one office, in whole organizations, or everywhere where both are empty."""

    role: Role
    office_id: int | None = None
    organization_ids: frozenset[int] = frozenset()
    may_override: bool = False

    def covers(self, owner: Owner | None) -> bool:
        """True where the role counts; `owner` None asks whether it counts anywhere."""
        if owner is None or self.role is Role.ADMINISTRATOR:
            return True
        if self.office_id is not None:
            return owner.office_id == self.office_id
        return owner.organization_id in self.organization_ids


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at a door. `name` is a role or an id for the audit log, never a person's name."""

    name: str
    held: tuple[Held, ...] = ()
    account_id: int | None = None

    @property
    def is_administrator(self) -> bool:
        """True for those who run the service."""
        return any(one.role is Role.ADMINISTRATOR for one in self.held)


PUBLIC = Actor("public")
ADMINISTRATOR = Actor("administrator", (Held(Role.ADMINISTRATOR, may_override=True),))


def may(actor: Actor, permission: Permission, owner: Owner | None = None) -> bool:
    """Do that at the office or in the organization whose the thing is; without one: anywhere."""
    return any(permission in GRANTED[one.role] for one in _covering(actor, owner))


def _covering(actor: Actor, owner: Owner | None) -> Iterable[Held]:
    return (one for one in actor.held if one.covers(owner))


def may_write(actor: Actor) -> bool:
    """Plan, change and read what is not public."""
    return actor.is_administrator


def may_override(actor: Actor, owner: Owner | None = None) -> bool:
    """Take it on themselves that a soft rule does not count for an event; with their name and a reason."""
    return any(one.may_override for one in _covering(actor, owner))


def may_see(actor: Actor, *, is_public: bool, is_published: bool) -> bool:
    """See one event: everybody sees published public ones."""
    return actor.is_administrator or (is_public and is_published)


def ensure_may_override(actor: Actor) -> None:
    """Refuses NotAllowed for those who may plan by the rules only."""
    if not may_override(actor):
        raise NotAllowed(say("Rules are overridden by those who were given that permission."))


def ensure_may_write(actor: Actor) -> None:
    """Refuses SignInNeeded for those who may only read."""
    if not may_write(actor):
        raise SignInNeeded(say("This needs the administrator's token."))
