"""Signatures of webhooks, and the secrets they are made with.

A receiver shares a secret with us, and sees by the signature that a body is ours, whole and not an old one sent again.
While a secret turns, both sign: the receiver changes to the new one when it likes.
Source: Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): headers,
the signed text `id.timestamp.body`, `v1`, `whsec_` and base64, secrets of 24 to 64 bytes.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from eventsvc.core.addresses import WEBHOOK, Addresses, seal_of
from eventsvc.domain.webhooks.models import WebhookTarget

# How long the secret before goes on signing, unless somebody says otherwise; and the most they may say.
OVERLAP_HOURS, MOST_OVERLAP_HOURS = 24, 168


def in_words(secret: bytes) -> str:
    """A secret as receivers' libraries take it."""
    return "whsec_" + base64.b64encode(secret).decode()


def headers_of(webhook_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """What is sent beside a body at that moment: its id, the time in whole seconds, and a signature by each secret."""
    seconds = str(int(at.timestamp()))
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signature(secret, webhook_id, seconds, body) for secret in secrets),
    }


def _signature(secret: bytes, webhook_id: str, seconds: str, body: bytes) -> str:
    mac = hmac.digest(secret, f"{webhook_id}.{seconds}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(mac).decode()


def secret_of(target: WebhookTarget, addresses: Addresses) -> bytes:
    """Its present secret."""
    return addresses.secret(WEBHOOK, str(target.public_id), target.turn, target.seal)


def secrets_of(target: WebhookTarget, addresses: Addresses, now: datetime) -> list[bytes]:
    """Those that sign now: the present one, and the one before while both count."""
    present = [secret_of(target, addresses)]
    if target.seal_before and target.before_until is not None and now < target.before_until:
        present.append(addresses.secret(WEBHOOK, str(target.public_id), target.turn - 1, target.seal_before))
    return present


def turn(target: WebhookTarget, addresses: Addresses, overlap: timedelta, now: datetime) -> None:
    """Give it a new secret; the one before signs as well for that long. Nothing older ever signs again."""
    target.turn += 1
    target.seal_before, target.before_until = target.seal, now + overlap
    target.seal = seal_of(addresses.secret(WEBHOOK, str(target.public_id), target.turn))
    target.turned_at = now


def first_secret(target: WebhookTarget, addresses: Addresses) -> None:
    """Let a new target have its first secret; its public id and its turn are set."""
    target.seal = seal_of(addresses.secret(WEBHOOK, str(target.public_id), target.turn))
