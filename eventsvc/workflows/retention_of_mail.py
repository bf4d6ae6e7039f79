"""What ends with time of mail that came in; the rounds are in `retention_rules`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, or_, select
from sqlalchemy.orm import defer

from eventsvc.domain.events.lookup import by_public_ids
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.privacy.holds import Concern
from eventsvc.workflows import concerns

# That one came, when, of which event, by which sort of program, and what became of it stays.
EMPTY: Mapping[str, Any] = {"raw": None, "envelope_to": "", "from_address": "", "subject": "", "facts": {}}


def mails(before: datetime) -> Select[Any]:
    """What was taken in before, and still says something; what waits to be read is read first."""
    says = or_(
        ReceivedMail.raw.is_not(None),
        ReceivedMail.envelope_to != "",
        ReceivedMail.from_address != "",
        ReceivedMail.subject != "",
        cast(ReceivedMail.facts, Text) != "{}",
    )
    is_read = ReceivedMail.state != MailState.WAITING
    return select(ReceivedMail).where(ReceivedMail.received_at < before, is_read, says).options(defer(ReceivedMail.raw))


def of_mails(rows: Sequence[Any]) -> list[Concern]:
    """Whom mails concern: those of their event, and whoever wrote."""
    events = {str(one.public_id): one.id for one in by_public_ids({row.event for row in rows})}
    known = concerns.of_events(set(events.values()))
    return [_of_mail(row, known.get(events.get(row.event, 0), Concern(at=row.received_at))) for row in rows]


def _of_mail(row: Any, about: Concern) -> Concern:
    writer = {row.from_address.lower()} if row.from_address else set()
    return replace(about, emails=(about.emails or frozenset()) | writer)
