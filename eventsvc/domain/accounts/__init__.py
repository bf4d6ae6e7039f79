"""Who is asking, and what they may do. Until accounts exist there are two: the administrator and the public."""

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
