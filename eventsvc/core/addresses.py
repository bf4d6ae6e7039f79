"""Addresses that outlive every letter: where answers go, and feeds of one's own; and secrets that are shared with
other systems. They cannot be guessed.

An address is made of the row it stands for whenever it is needed, under ADDRESS_KEY; stored is its digest alone, by
which it is found again and by which one tells under which key it was made. Turning the row ends it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from eventsvc.core.tokens import digest

REPLY, CALENDAR, WEBHOOK = "reply", "calendar", "webhook"
_LETTERS = 26  # of five bits each: 130 bits
_WRITTEN = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes addresses under a list of keys, newest first."""

    keys: tuple[str, ...]

    @classmethod
    def from_keys(cls, keys: Sequence[str]) -> Addresses:
        """Of the keys that are not empty; refuses (ValueError) to exist without one."""
        if not any(keys):
            raise ValueError("an address key is needed: set ADDRESS_KEY")
        return cls(tuple(key for key in keys if key))

    def token(self, kind: str, number: int, turn: int, known_by: str = "") -> str:
        """The address of row `number`, 26 lower-case letters of base32: under the key whose digest it is known by,
        under the newest where it is not known yet."""
        made = [_made(key, f"{kind} {number} {turn}") for key in self.keys]
        return next((token for token in made if digest(token) == known_by), made[0])

    def secret(self, kind: str, name: str, turn: int, known_by: str = "") -> bytes:
        """32 bytes that nobody can guess for what is called so; as `token`, but known by its `seal_of`."""
        made = [
            hmac.digest(key.encode(), f"eventsvc.secret {kind} {name} {turn}".encode(), "sha256") for key in self.keys
        ]
        return next((secret for secret in made if seal_of(secret) == known_by), made[0])


def seal_of(secret: bytes) -> str:
    """By which a secret is known again, and which says nothing of it."""
    return hashlib.sha256(secret).hexdigest()


def is_written_so(text: str) -> bool:
    """True for what may be such an address."""
    return _WRITTEN.fullmatch(text) is not None


def _made(key: str, message: str) -> str:
    mac = hmac.digest(key.encode(), f"eventsvc.address {message}".encode(), "sha256")
    return base64.b32encode(mac).decode().lower()[:_LETTERS]
