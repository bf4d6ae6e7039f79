"""Ending the review of a mail, as every door asks for it: one word, one story."""

from __future__ import annotations

from datetime import datetime

from eventsvc.domain.accounts import Actor
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.interfaces import mail_words
from eventsvc.workflows import settle_mail


def settle(mail_id: str, end: str, *, actor: Actor, now: datetime) -> None:
    """End the review of a mail by one of `mail_words.ENDS`; refuses as the stories do."""
    if end == mail_words.CONVERSATION:
        settle_mail.put_into_conversation(mail_id, actor=actor, now=now)
    elif end == mail_words.DISMISS:
        settle_mail.dismiss(mail_id, actor=actor, now=now)
    else:
        settle_mail.apply_as(mail_id, AnswerWord(end), actor=actor, now=now)
