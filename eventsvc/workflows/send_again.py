"""A calendar program has lost an invitation and asks for it again (REFRESH, RFC 5546 3.2.6)."""

from __future__ import annotations

from datetime import datetime

from eventsvc.domain.invitations.models import Invitation
from eventsvc.workflows.joint_letters import key_of
from eventsvc.workflows.letters_to_people import Owed, owe

LETTER = "sent_again"


def send_again(invitation: Invitation, now: datetime) -> bool:
    """Owe the present invitation once more, at most once an hour; False where it was owed within this hour."""
    key = f"{key_of(invitation, LETTER)}{now:%Y%m%d%H}"
    return owe([Owed(invitation, LETTER, key)], now) > 0
