"""Actors and the one place that answers `may_…`; it takes ids and facts, never objects."""

from __future__ import annotations

from dataclasses import dataclass

from eventsvc.core.errors import NotAllowed, SignInNeeded, say


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at a door. `name` is a role for the audit log, never a person's name."""

    name: str
    is_administrator: bool = False


PUBLIC = Actor("public")
ADMINISTRATOR = Actor("administrator", is_administrator=True)


def may_write(actor: Actor) -> bool:
    """Plan, change and read what is not public."""
    return actor.is_administrator


def may_override(actor: Actor) -> bool:
    """Take it on themselves that a soft rule does not count for an event; with their name and a reason."""
    return actor.is_administrator


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
