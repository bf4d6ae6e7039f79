"""Which version somebody has read, and whether it is still the one (RFC 9110 8.8.3 and 13.1).

A tag is what stands between the quotes of an ETag: opaque to callers, the same for the same version, never used again
for another.
"""

from __future__ import annotations

from dataclasses import dataclass

from eventsvc.core.errors import Stale, say


@dataclass(frozen=True, slots=True)
class Expected:
    """What a caller takes for granted: one of these versions, any at all, or that there is nothing yet."""

    tags: frozenset[str] = frozenset()
    is_any: bool = False
    is_nothing: bool = False

    def is_met(self, tag: str | None) -> bool:
        """True where the present version is as expected; None where there is nothing."""
        if tag is None:
            return self.is_nothing
        return self.is_any or tag in self.tags


def tag_of(version: int) -> str:
    """The tag of a row that counts its versions."""
    return f"v{version}"


def these(version: int) -> Expected:
    """Exactly that version of a row that counts them."""
    return Expected(frozenset({tag_of(version)}))


def ensure_met(expected: Expected | None, tag: str | None) -> None:
    """Refuses Stale, with the ETag of the present version, where it is not what the caller expects.

    Call it with the row locked, so that nothing slips between the look and the change. None expects nothing.
    """
    if expected is None or expected.is_met(tag):
        return
    words = say("There is none any more.") if tag is None else say("It has changed since you read it.")
    raise Stale(words, etag=None if tag is None else f'"{tag}"')
