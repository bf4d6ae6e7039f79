"""Signed tokens for links in letters: single purpose, expiring, never stored.

The signature is itsdangerous'; the expiry stands inside the signed text so that `now` can be handed in.
Keys have fall-backs: the first signs, all of them verify, so a key can be changed without killing links.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

from eventsvc.core.errors import LinkExpired, NotFound, say

CODE_DIGITS = 6
_WRITTEN = re.compile(r"\.?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
NOT_OURS = say("This link is not one of ours; it may have been cut off when it was copied.")


def new_secret() -> str:
    """A credential that nobody can guess: shown once, and known by its digest from then on."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """By which a credential is found again. It is random, so a fast hash without salt does."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and reads tokens under a list of keys, newest first."""

    keys: tuple[str, ...]

    @classmethod
    def from_keys(cls, keys: Sequence[str]) -> Signer:
        """A signer; refuses to exist without a key."""
        if not any(keys):
            raise ValueError("a signing key is needed: set SECRET_KEY")
        return cls(tuple(key for key in keys if key))

    def make(self, purpose: str, subject: str, expires_at: datetime) -> str:
        """A token for one purpose and subject; the same input gives the same token."""
        return str(self._serializer(purpose).dumps([subject, int(expires_at.timestamp())]))

    def read(self, purpose: str, token: str, now: datetime) -> str:
        """The subject of a token.

        Refuses: NotFound when it is not ours or for another purpose, LinkExpired when its time is over.
        """
        if not _WRITTEN.fullmatch(token):  # the library skips what is none of its letters
            raise NotFound(NOT_OURS)
        try:
            subject, expires = self._serializer(purpose).loads(token)
            expires_at = datetime.fromtimestamp(int(expires), UTC)
        except (BadData, ValueError, TypeError, OverflowError):
            raise NotFound(NOT_OURS) from None
        if now >= expires_at:
            raise LinkExpired(say("The time for this link is over."), subject=str(subject))
        return str(subject)

    def codes(self, purpose: str, subject: str) -> list[str]:
        """Six digits for one purpose and subject, by each key; the first is the one to send (RFC 4226, 5.3)."""
        return [_code(key, f"eventsvc.{purpose} {subject}") for key in self.keys]

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        # itsdangerous takes the newest key last.
        return URLSafeSerializer(list(reversed(self.keys)), salt=f"eventsvc.{purpose}")


def _code(key: str, message: str) -> str:
    digest = hmac.digest(key.encode(), message.encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"
