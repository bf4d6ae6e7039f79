"""Who is asking, where they are signed in, and what they may do."""

from eventsvc.domain.accounts.actors import (
    ADMINISTRATOR,
    PUBLIC,
    Actor,
    ensure_may_override,
    ensure_may_write,
    may_override,
    may_see,
    may_write,
)

__all__ = [
    "ADMINISTRATOR",
    "PUBLIC",
    "Actor",
    "ensure_may_override",
    "ensure_may_write",
    "may_override",
    "may_see",
    "may_write",
]
