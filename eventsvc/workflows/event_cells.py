"""An event as the cells of a sheet: the columns that `eventsvc import events` reads, and what only we know."""

from __future__ import annotations

from typing import Any

from eventsvc.core.times import iso, zone_named
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.workflows.sheets import Column

COLUMNS = (
    Column(
        "source_uid", "the event's lasting name: where it was imported from, else its own id; importing finds it by it"
    ),
    Column("title", "title", Sort.TEXT),
    Column("kind", "info_session, recruitment_fair, convening, workshop, site_visit, …"),
    Column("starts", "start on the clock of `zone`, with its offset; of an event of whole days the first day"),
    Column("duration_minutes", "how long, in minutes; empty for whole days"),
    Column("all_day", "yes for an event of whole days"),
    Column("days", "number of whole days; empty otherwise"),
    Column("zone", "IANA zone"),
    Column("campus", "slug of the campus; empty online"),
    Column("owner", "slug of the office in charge"),
    Column("rooms", "slugs of its rooms, parted by semicolons"),
    Column("experts", "slugs of who is to come", Sort.TEXT),
    Column("equipment", "slugs of things and how many"),
    Column("topics", "slugs of its topics"),
    Column("co_hosts", "slugs of the organizations that host with the office"),
    Column("audience", "for whom it is", Sort.TEXT),
    Column("languages", "tags of the languages in which it is held, parted by semicolons; empty where nobody said"),
    Column("description", "Markdown", Sort.TEXT),
    Column("bring", "what to bring", Sort.TEXT),
    Column("accommodations", "what is provided: captions, sign language …", Sort.TEXT),
    Column("accommodations_due_on", "last day to ask for other ones"),
    Column("online_url", "where to join", Sort.LINK),
    Column("expected_heads", "how many people are expected: a count, no names"),
    Column("visibility", "public, organizations or private"),
    Column("status", "cancelled where it is off, else empty; importing again takes the same from it"),
    Column(
        "state", "where it stands: requested, confirmed, postponed, cancelled, declined, withdrawn, completed, draft"
    ),
    Column("public_id", "its id, also the calendar UID"),
    Column("series_id", "id of its series"),
    Column("instant_from", "start in UTC"),
    Column("instant_until", "end in UTC"),
    Column("published_at", "when it was published, UTC"),
    Column("revised_at", "when it was last changed visibly, UTC"),
    Column("sequence", "calendar SEQUENCE"),
)


def cells_of(event: Event) -> list[Any]:
    """The cells of one event that was read whole, in the order of the columns."""
    return [
        event.source_uid or str(event.public_id),
        event.title,
        str(event.kind),
        event.starts_on.isoformat()
        if event.all_day
        else event.starts_at.astimezone(zone_named(event.zone)).isoformat(timespec="minutes"),
        event.duration_minutes,
        "yes" if event.all_day else None,
        event.days if event.all_day else None,
        event.zone,
        event.campus.slug if event.campus else None,
        event.owner.slug,
        parted(room.slug for room in event.rooms),
        parted(expert.slug for expert in event.experts),
        parted(f"{one.pool.slug} x {one.quantity}" for one in event.equipment),
        parted(topic.slug for topic in event.topics),
        parted(organization.slug for organization in event.co_hosts),
        parted(event.audience),
        parted(event.languages),
        *(event.description, event.bring, event.accommodations, event.accommodations_due_on),
        *(event.online_url, event.expected_heads, str(event.visibility)),
        "cancelled" if event.status in OFF else None,
        str(event.status),
        str(event.public_id),
        str(event.series.public_id) if event.series else None,
        *(iso(event.starts_at), iso(event.ends_at)),
        iso(event.published_at) if event.published_at else None,
        *(iso(event.revised_at), event.sequence),
    ]


def parted(words: Any) -> str:
    """Several things in one cell, as an import reads them."""
    return "; ".join(words)
