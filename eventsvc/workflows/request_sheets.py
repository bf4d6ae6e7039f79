"""What an office takes out of requests: those it asked or was asked, and the dates that it offered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import or_, select

from eventsvc.core.times import iso
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.domain.requests import lookup
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.offered import OfferedDate
from eventsvc.workflows.event_cells import parted
from eventsvc.workflows.office_log import OfOffice
from eventsvc.workflows.sheets import Column, Sheet, in_batches


def _request_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(Request).where(or_(Request.asker_id == of.office_id, Request.partner_id == of.office_id))
    for some in in_batches(query.options(*lookup.WHOLE), Request.id):
        for one in some:
            windows = (
                f"{window.first_on} {window.last_on} {clock_text(window.from_minute)}-{clock_text(window.until_minute)}"
                for window in one.windows
            )
            yield [
                *(str(one.public_id), one.title, one.asker.slug, one.partner.slug, str(one.state)),
                *(one.campus.slug if one.campus else None, parted(windows), parted(topic.slug for topic in one.topics)),
                *(parted(one.audience), one.expected_heads, one.description, one.accommodations),
                *(iso(one.asked_at), str(one.answer_by), iso(one.answered_at) if one.answered_at else None, one.reason),
                parted(str(event.public_id) for event in one.events),
            ]


def _offer_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(OfferedDate).where(OfferedDate.office_id == of.office_id).options(*lookup.OFFER_WHOLE)
    for some in in_batches(query, OfferedDate.id):
        for one in some:
            yield [
                *(str(one.public_id), one.title, iso(one.starts_at), iso(one.ends_at), str(one.state), one.note),
                one.expert.slug if one.expert else None,
                str(one.request.public_id) if one.request else None,
                str(one.claimed_by.public_id) if one.claimed_by else None,
            ]


SHEETS: tuple[Sheet[OfOffice], ...] = (
    Sheet(
        "requests",
        "What it asked partners for, and what colleges asked it for.",
        (
            *(Column("request", "id"), Column("title", "title", Sort.TEXT), Column("asker", "slug of who asked")),
            *(Column("partner", "slug of who was asked"), Column("state", "where it stands"), Column("campus", "slug")),
            *(Column("windows", "days and hours, wished most first"), Column("topics", "slugs")),
            *(Column("audience", "for whom", Sort.TEXT), Column("expected_heads", "a count")),
            *(
                Column("description", "in their words", Sort.TEXT),
                Column("accommodations", "in their words", Sort.TEXT),
            ),
            *(Column("asked_at", "UTC"), Column("answer_by", "a day"), Column("answered_at", "UTC")),
            *(Column("reason", "the answer in words", Sort.NOTE), Column("events", "ids of what was made of it")),
        ),
        _request_rows,
    ),
    Sheet(
        "offered_dates",
        "Dates that it offered.",
        (
            *(Column("offered", "id"), Column("title", "title", Sort.TEXT), Column("starts_at", "UTC")),
            *(Column("ends_at", "UTC"), Column("state", "open, claimed, closed"), Column("note", "words", Sort.TEXT)),
            *(Column("expert", "slug", Sort.NAME), Column("request", "id of the request that it answers")),
            Column("claimed_by", "id of the request that took it"),
        ),
        _offer_rows,
    ),
)
