"""Mail that came in, as it is taken out: what was read in it and what became of it, never its bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from eventsvc.core.times import iso
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.mail import lookup
from eventsvc.domain.mail.models import ReceivedMail, Thread
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.workflows.office_log import OfOffice
from eventsvc.workflows.sheets import Column, Sheet, in_batches

COLUMNS = (
    *(Column("event", "id of the event; empty: of none"), Column("received_at", "UTC")),
    Column("expert", "slug of the person who was asked", Sort.NAME),
    *(Column("from_address", "as it was written", Sort.ADDRESS), Column("subject", "as it was written", Sort.TEXT)),
    *(Column("state", "applied, noted, review, ignored, settled"), Column("reason", "why, in a word")),
    *(Column("family", "which sort of program wrote it"), Column("is_verified", "yes, no, or empty: nobody said")),
    *(Column("words", "what was written", Sort.TEXT), Column("resolution", "how somebody decided")),
)
QUERY: Select[Any] = select(ReceivedMail).options(
    defer(ReceivedMail.raw), joinedload(ReceivedMail.thread).joinedload(Thread.invitation).joinedload(Invitation.expert)
)


def cells_of(mail: ReceivedMail) -> Sequence[Any]:
    """The cells of one mail."""
    expert = mail.thread.invitation.expert.slug if mail.thread else None
    verified = None if mail.is_verified is None else "yes" if mail.is_verified else "no"
    words = mail.facts.get("words") or mail.facts.get("comment")
    return [
        *(mail.event or None, iso(mail.received_at), expert, mail.from_address, mail.subject),
        *(str(mail.state), mail.reason, mail.family, verified, words, mail.resolution or None),
    ]


def _rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = QUERY.where(lookup.of_events(Event.owner_id == of.office_id))
    for some in in_batches(query, ReceivedMail.id):
        yield from (cells_of(one) for one in some)


SHEETS: tuple[Sheet[OfOffice], ...] = (
    Sheet("mail", "Mail that came in about its events, without the mails themselves.", COLUMNS, _rows),
)
