"""How the entries of the directory are shown: organizations, offices, campuses, rooms, pools, experts, topics."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from eventsvc.domain.directory.models import Level, OrganizationKind, PoolKind, TopicKind
from eventsvc.interfaces.fields import SLUG, a_word, derived, slugs_of, weekly_hours

_SLUG_OR_NULL: dict[str, Any] = {"kind": ("string", "null"), **SLUG}


class EntrySchema(Schema):
    """What every directory entry shows."""

    slug = fields.String(metadata=SLUG)
    name = fields.String()


class OrganizationSchema(EntrySchema):
    """An organization."""

    kind = a_word(OrganizationKind)
    website = fields.String()
    parent = derived(lambda organization: organization.parent.slug if organization.parent else None, **_SLUG_OR_NULL)


class OfficeSchema(EntrySchema):
    """An office."""

    organization = fields.String(attribute="organization.slug", metadata=SLUG)
    mailbox = fields.String()
    telephone = fields.String()
    language = fields.String(metadata={"description": "Of letters to it, a BCP 47 tag"})
    zone = fields.String()


class CampusSchema(EntrySchema):
    """A campus."""

    organization = fields.String(attribute="organization.slug", metadata=SLUG)
    address = fields.String()
    city = fields.String()
    postal_code = fields.String()
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    zone = fields.String()
    students = fields.Integer(allow_none=True)
    students_is_lower_bound = fields.Boolean()
    hours = weekly_hours("Opening hours in `zone`; null: always open")


class RoomSchema(EntrySchema):
    """A room."""

    campus = fields.String(attribute="campus.slug", metadata=SLUG)
    parent = derived(
        lambda room: room.parent.slug if room.parent else None,
        **_SLUG_OR_NULL,
        description="The divisible hall that it is a part of",
    )
    capacity = fields.Integer(allow_none=True)
    layout = fields.String()
    equipment = fields.List(fields.String())
    step_free = fields.Boolean(allow_none=True)
    setup_minutes = fields.Integer()
    takedown_minutes = fields.Integer()
    needs_approval = fields.Boolean(metadata={"description": "Its office is asked and has to grant it"})
    hours = weekly_hours("Opening hours in the campus's zone; null: the campus's")


class PoolSchema(EntrySchema):
    """Things of which any will do: equipment, booths, access services."""

    kind = a_word(PoolKind)
    organization = fields.String(attribute="organization.slug", metadata=SLUG)
    campus = derived(
        lambda pool: pool.campus.slug if pool.campus else None,
        **_SLUG_OR_NULL,
        description="Where they are used; null: anywhere, also online",
    )
    quantity = fields.Integer()
    notice_days = fields.Integer(metadata={"description": "To be asked for at least this long before"})
    setup_minutes = fields.Integer()
    takedown_minutes = fields.Integer()


class ExpertSchema(Schema):
    """An expert as the public may know one: a slug and topics, no name and no address."""

    slug = fields.String(metadata=SLUG)
    organization = fields.String(attribute="organization.slug", metadata=SLUG)
    topics = slugs_of(lambda expert: expert.topics)


class FullExpertSchema(ExpertSchema, EntrySchema):
    """An expert as the administrator may."""

    languages = fields.List(fields.String())
    levels = fields.List(a_word(Level), metadata={"description": "Before whom they speak; none: before everybody"})
    home_campus = derived(lambda expert: expert.home_campus.slug if expert.home_campus else None, **_SLUG_OR_NULL)
    zone = fields.String()
    lead_minutes = fields.Integer()
    max_per_day = fields.Integer(allow_none=True)
    max_per_week = fields.Integer(allow_none=True)
    max_per_month = fields.Integer(allow_none=True)
    max_travel_minutes = fields.Integer(allow_none=True)
    online_buffer_minutes = fields.Integer()
    hours = weekly_hours("Hours of the week in `zone`; null: any time")


class TopicSchema(EntrySchema):
    """A topic, an opportunity or an activity."""

    kind = a_word(TopicKind)
    words = fields.String()
    source = fields.String()
