"""Actors and the one place that answers `may_…`; it takes ids and facts, never objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from eventsvc.core.errors import NotAllowed, Refusal, SignInNeeded, say
from eventsvc.domain.accounts.roles import GRANTED, WITHIN, Permission, Role, Scope


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
    # Of a helper at the door: which event, on which local day, and nothing else.
    door: tuple[int, date] | None = None

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
    # Of an API token: how far it goes. Without any, roles alone decide.
    scopes: frozenset[Scope] | None = None
    # Whom this person is among the experts, where the expert's role is theirs and the addresses are the same.
    expert_ids: frozenset[int] = frozenset()

    @property
    def is_administrator(self) -> bool:
        """True for those who run the service."""
        return any(one.role is Role.ADMINISTRATOR for one in self.held)


PUBLIC = Actor("public")
ADMINISTRATOR = Actor("administrator", (Held(Role.ADMINISTRATOR, may_override=True),))


def may(actor: Actor, permission: Permission, owner: Owner | None = None) -> bool:
    """Do that at the office or in the organization whose the thing is; without one: anywhere."""
    is_within = actor.scopes is None or any(permission in WITHIN[scope] for scope in actor.scopes)
    return is_within and any(permission in GRANTED[one.role] for one in _covering(actor, owner))


def _covering(actor: Actor, owner: Owner | None) -> Iterable[Held]:
    return (one for one in actor.held if one.covers(owner))


def may_run(actor: Actor) -> bool:
    """Keep the directory, read every letter, look after the service."""
    return may(actor, Permission.RUN_SERVICE)


# Those who run fairs or convenings plan these alone; every other kind is for whoever plans at all.
_OF_ONE_KIND = {"recruitment_fair": Permission.PLAN_FAIRS, "convening": Permission.PLAN_CONVENINGS}


def may_plan(actor: Actor, owner: Owner | None = None, kind: str | None = None) -> bool:
    """Make events of that kind for the office and change them; without one: of some kind for some office.

    Whoever plans anywhere also looks at rooms, experts and things, since these are lent from house to house.
    """
    if may(actor, Permission.PLAN, owner):
        return True
    own_kinds = _OF_ONE_KIND.values() if kind is None else [_OF_ONE_KIND[kind]] if kind in _OF_ONE_KIND else []
    return any(may(actor, permission, owner) for permission in own_kinds)


def planning_of(actor: Actor) -> dict[str | None, Sight]:
    """What `may_plan` says, for a whole list: for whom, by kind of event; None: events of every kind."""
    every = _sight_by(actor, Permission.PLAN)
    return {None: every} | {kind: _sight_by(actor, permission) for kind, permission in _OF_ONE_KIND.items()}


def _sight_by(actor: Actor, permission: Permission) -> Sight:
    if not may(actor, permission):
        return OF_THE_PUBLIC
    having = [one for one in actor.held if permission in GRANTED[one.role]]
    offices = frozenset(one.office_id for one in having if one.office_id is not None)
    organizations = frozenset(number for one in having for number in one.organization_ids)
    return Sight(actor.is_administrator, offices, organizations)


def may_count_heads(actor: Actor, door: tuple[int, date], owner: Owner, kind: str) -> bool:
    """Say how many came to an event on a local day: the helper at that door, and those who plan it."""
    return any(one.role is Role.DOOR_HELPER and one.door == door for one in actor.held) or may_plan(actor, owner, kind)


def is_oneself(actor: Actor, expert_id: int, scope: Scope = Scope.MANAGE) -> bool:
    """An expert and their own affairs: leave and calendar, or, with the scope of answers, invitations."""
    return expert_id in actor.expert_ids and (actor.scopes is None or scope in actor.scopes)


def may_override(actor: Actor, owner: Owner | None = None) -> bool:
    """Take it on themselves that a soft rule does not count for an event; with their name and a reason."""
    is_within = actor.scopes is None or Scope.BOOK in actor.scopes
    return is_within and any(one.may_override for one in _covering(actor, owner))


def may_see(actor: Actor, *, is_public: bool, is_published: bool, concerned: Iterable[Owner] = ()) -> bool:
    """See one event: everybody sees published public ones, the offices and organizations concerned see the others."""
    return (is_public and is_published) or may_see_work(actor, concerned)


def may_see_work(actor: Actor, concerned: Iterable[Owner]) -> bool:
    """See who comes to an event, what is missing, and its notes: for the offices and organizations concerned."""
    return sees_all(actor) or any(may(actor, Permission.SEE_WORK, owner) for owner in concerned)


def sees_all(actor: Actor) -> bool:
    """See every event, whomever it concerns."""
    return actor.is_administrator and may(actor, Permission.SEE_WORK)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which events that are not public somebody sees: all, or those that concern an office or an organization."""

    is_whole: bool = False
    office_ids: frozenset[int] = frozenset()
    organization_ids: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.is_whole or bool(self.office_ids) or bool(self.organization_ids)


OF_THE_PUBLIC, OF_ALL = Sight(), Sight(is_whole=True)


def sight_of(actor: Actor) -> Sight:
    """What `may_see_work` says, for a whole list."""
    seeing = [one for one in actor.held if Permission.SEE_WORK in GRANTED[one.role]]  # every scope reads
    offices = frozenset(one.office_id for one in seeing if one.office_id is not None)
    organizations = frozenset(number for one in seeing for number in one.organization_ids)
    return Sight(sees_all(actor), offices, organizations)


def reports_of(actor: Actor) -> Sight:
    """Whose reports somebody reads, by `READ_REPORTS`: all, or those of offices and organizations."""
    reading = [one for one in actor.held if Permission.READ_REPORTS in GRANTED[one.role]]  # every scope reads
    offices = frozenset(one.office_id for one in reading if one.office_id is not None)
    organizations = frozenset(number for one in reading for number in one.organization_ids)
    return Sight(actor.is_administrator and may(actor, Permission.READ_REPORTS), offices, organizations)


def ensure_may_override(actor: Actor, owner: Owner | None = None) -> None:
    """Refuses NotAllowed for those who may plan by the rules only."""
    if not may_override(actor, owner):
        raise NotAllowed(say("Rules are overridden by those who were given that permission."))


def ensure_may_plan(actor: Actor, owner: Owner | None = None, kind: str | None = None) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who plan elsewhere, or not at all."""
    if not may_plan(actor, owner, kind):
        raise _refused(actor)


def ensure_somebody(actor: Actor) -> None:
    """Refuses SignInNeeded for strangers."""
    if actor == PUBLIC:
        raise _refused(actor)


def ensure_may_run(actor: Actor) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for everybody but those who run the service."""
    if not may_run(actor):
        raise _refused(actor)


def ensure_may(actor: Actor, permission: Permission, owner: Owner | None = None) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those without that permission there, or anywhere."""
    if not may(actor, permission, owner):
        raise _refused(actor)


def _refused(actor: Actor) -> Refusal:
    if actor == PUBLIC:
        return SignInNeeded(say("This needs somebody who is signed in, or a token."))
    return NotAllowed(say("Your roles do not allow this here. Ask the office in charge, or whoever lets people in."))
