"""One schema a kind of row: which fields it has, and the row of the workflows it becomes."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from eventsvc.core.errors import say
from eventsvc.domain.directory.models import OrganizationKind, PoolKind, TopicKind
from eventsvc.interfaces.importing.campus_days import CampusDaySchema
from eventsvc.interfaces.importing.cells import (
    Count,
    Day,
    Number,
    OneOf,
    Several,
    Students,
    Text,
    Website,
    Weekly,
    YesNo,
    member_kind,
    organization_kind,
)
from eventsvc.interfaces.importing.event_schema import EventSchema
from eventsvc.workflows.keep_directory import (
    CampusRow,
    ExpertRow,
    OfficeRow,
    OrganizationRow,
    PoolRow,
    RoomRow,
    TopicRow,
    TravelRow,
)


class OrganizationSchema(Schema):
    """An organization; its kind may be given in somebody's words or follow from its parent."""

    name = Text(limit=200, required=True)
    slug = Text(limit=80)
    kind = Text(limit=200)
    website = Website()
    parent = Text(limit=200)
    aliases = Several()
    paired_with = Several(most=30)
    retired_on = Day()

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> OrganizationRow:
        return OrganizationRow(**{**cells, "kind": _kind(cells)})


class OfficeSchema(Schema):
    """An office of an organization."""

    name = Text(limit=200, required=True)
    organization = Text(limit=200, required=True)
    slug = Text(limit=80)
    mailbox = Text(limit=254)
    telephone = Text(limit=40)
    language = Text(limit=10)
    zone = Text(limit=64)
    retired_on = Day()

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> OfficeRow:
        return OfficeRow(**cells)


class CampusSchema(OrganizationSchema):
    """A campus, and what it says of its organization."""

    organization = Text(limit=200)
    mailbox = Text(limit=254)
    address = Text(limit=200)
    city = Text(limit=100)
    postal_code = Text(limit=20)
    latitude = Number()
    longitude = Number()
    zone = Text(limit=64)
    students = Students()
    parking = Text(limit=500)
    hours = Weekly()

    class Meta:
        exclude = ("aliases", "paired_with")

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> CampusRow:
        students, is_lower_bound = cells.pop("students", (None, None))
        kind = _kind(cells)
        return CampusRow(**{**cells, "kind": kind}, students=students, students_is_lower_bound=is_lower_bound)


class RoomSchema(Schema):
    """A room on a campus."""

    name = Text(limit=200, required=True)
    campus = Text(limit=200, required=True)
    slug = Text(limit=80)
    office = Text(limit=80)
    parent = Text(limit=200)
    needs_approval = YesNo()
    outside_reference = Text(limit=120)
    capacity = Count()
    layout = Text(limit=60)
    equipment = Several(limit=60)
    step_free = YesNo()
    setup_minutes = Count()
    takedown_minutes = Count()
    hours = Weekly()
    aliases = Several()
    paired_with = Several(most=30)
    retired_on = Day()

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> RoomRow:
        return RoomRow(**cells)


class ExpertSchema(Schema):
    """A person whom an employer lends."""

    name = Text(limit=200, required=True)
    organization = Text(limit=200, required=True)
    slug = Text(limit=80)
    office = Text(limit=80)
    email = Text(limit=254)
    language = Text(limit=10)
    languages = Several(limit=10)
    levels = Several(limit=20)
    topics = Several()
    home = Text(limit=200)
    zone = Text(limit=64)
    lead_minutes = Count()
    max_per_day = Count()
    max_per_week = Count()
    max_per_month = Count()
    max_travel_minutes = Count()
    online_buffer_minutes = Count()
    hours = Weekly()
    retired_on = Day()

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> ExpertRow:
        return ExpertRow(**cells)


class PoolSchema(Schema):
    """Things of which any will do."""

    name = Text(limit=200, required=True)
    slug = Text(limit=80)
    kind = OneOf(PoolKind)
    campus = Text(limit=200)
    organization = Text(limit=200)
    quantity = Count()
    notice_days = Count()
    setup_minutes = Count()
    takedown_minutes = Count()
    retired_on = Day()

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> PoolRow:
        return PoolRow(**cells)


class TopicSchema(Schema):
    """A subject, an opportunity or an activity."""

    name = Text(limit=200, required=True)
    slug = Text(limit=80)
    kind = OneOf(TopicKind)
    words = Text(limit=400)
    source = Text(limit=200)
    retired_on = Day()

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> TopicRow:
        return TopicRow(**cells)


class TravelSchema(Schema):
    """Minutes from one place to another."""

    origin = Text(limit=200, required=True)
    destination = Text(limit=200, required=True)
    minutes = Count(required=True)
    method = Text(limit=200)

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> TravelRow:
        return TravelRow(**cells)


SCHEMAS: dict[str, type[Schema]] = {
    "organizations": OrganizationSchema,
    "offices": OfficeSchema,
    "campuses": CampusSchema,
    "rooms": RoomSchema,
    "pools": PoolSchema,
    "experts": ExpertSchema,
    "topics": TopicSchema,
    "travel": TravelSchema,
    "events": EventSchema,
    "campus-calendar": CampusDaySchema,
}


def _kind(cells: dict[str, Any]) -> OrganizationKind | None:
    """The kind in our words or somebody's; without one, what belongs to such a parent."""
    text = cells.get("kind")
    if text is None:
        return member_kind(cells.get("parent"))
    kind = organization_kind(text, cells["name"])
    if kind is None:
        raise ValidationError(
            say("%(value)r is none of %(words)s", value=text, words=", ".join(OrganizationKind)),
            "kind",
        )
    return kind


@cache
def schema_of(kind: str) -> Schema:
    """The schema of a kind of row; making one costs more than loading a row with it."""
    return SCHEMAS[kind]()


def fields_of(kind: str) -> dict[str, fields.Field[Any]]:
    """Our fields for a kind of row, by name."""
    return dict(schema_of(kind).fields)
