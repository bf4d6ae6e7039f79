"""Reading the directory: organizations, offices, campuses, rooms, pools, experts, topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from marshmallow import Schema, fields
from sqlalchemy import ColumnElement, or_, select

from eventsvc.domain.accounts import ensure_may_plan, may_plan
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import (
    Campus,
    Expert,
    ExpertTopic,
    Office,
    Organization,
    PoolKind,
    Room,
    Topic,
)
from eventsvc.domain.directory.pools import Pool
from eventsvc.interfaces import paging, requests, schemas
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.fields import Slug
from eventsvc.interfaces.paging import PageSchema, listed

blueprint = Blueprint("directory", __name__, url_prefix="/api/v1", description="Who and what there is")


class RoomQuery(PageSchema):
    """Which rooms."""

    campus = Slug()


class PoolQuery(PageSchema):
    """Which pools."""

    campus = Slug(metadata={"description": "Those used there: its own, and those for anywhere"})
    kind = fields.Enum(PoolKind, by_value=True)


class ExpertQuery(PageSchema):
    """Which experts."""

    topic = Slug()


def _listed(kind: Any, schema: Schema, query: dict[str, Any], where: Sequence[ColumnElement[bool]] = ()) -> Response:
    after = paging.slug_key(query["cursor"])
    entries, last = lookup.page(kind, after_slug=after, limit=query["limit"], where=where)
    return paging.listing([schema.dump(entry) for entry in entries], last)


@blueprint.get("/organizations")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(schemas.OrganizationSchema))
def organizations(query: dict[str, Any]) -> Response:
    """Organizations in use."""
    return _listed(Organization, schemas.OrganizationSchema(), query)


@blueprint.get("/offices")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(schemas.OfficeSchema))
def offices(query: dict[str, Any]) -> Response:
    """Offices in use, for those who plan: whose slug to give as `owner`."""
    ensure_may_plan(requests.actor())
    return _listed(Office, schemas.OfficeSchema(), query)


@blueprint.get("/campuses")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(schemas.CampusSchema))
def campuses(query: dict[str, Any]) -> Response:
    """Campuses in use."""
    return _listed(Campus, schemas.CampusSchema(), query)


@blueprint.get("/rooms")
@blueprint.arguments(RoomQuery, location="query")
@blueprint.response(200, listed(schemas.RoomSchema))
def rooms(query: dict[str, Any]) -> Response:
    """Rooms in use, of all campuses or of one."""
    where = []
    if "campus" in query:
        where.append(Room.campus_id == lookup.get(Campus, query["campus"]).id)
    return _listed(Room, schemas.RoomSchema(), query, where)


@blueprint.get("/pools")
@blueprint.arguments(PoolQuery, location="query")
@blueprint.response(200, listed(schemas.PoolSchema))
def pools(query: dict[str, Any]) -> Response:
    """Equipment, booths and access services in use: what there is how many of."""
    where: list[ColumnElement[bool]] = []
    if "campus" in query:
        campus_id = lookup.get(Campus, query["campus"]).id
        where.append(or_(Pool.campus_id == campus_id, Pool.campus_id.is_(None)))
    if "kind" in query:
        where.append(Pool.kind == query["kind"])
    return _listed(Pool, schemas.PoolSchema(), query, where)


@blueprint.get("/experts")
@blueprint.arguments(ExpertQuery, location="query")
@blueprint.response(200, listed(schemas.FullExpertSchema))
def experts(query: dict[str, Any]) -> Response:
    """Experts in use: slugs and topics for everybody, names for those who plan."""
    where = []
    if "topic" in query:
        topic = lookup.get(Topic, query["topic"])
        where.append(Expert.id.in_(select(ExpertTopic.expert_id).where(ExpertTopic.topic_id == topic.id)))
    schema = schemas.FullExpertSchema() if may_plan(requests.actor()) else schemas.ExpertSchema()
    return _listed(Expert, schema, query, where)


@blueprint.get("/topics")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(schemas.TopicSchema))
def topics(query: dict[str, Any]) -> Response:
    """Topics, opportunities and activities in use."""
    return _listed(Topic, schemas.TopicSchema(), query)


@blueprint.get("/<any(organizations,campuses,rooms,pools,experts,topics):kind>/<slug>")
def entry(kind: str, slug: str) -> dict[str, Any]:
    """One entry by its slug."""
    may_see_people = may_plan(requests.actor())
    kinds: dict[str, tuple[Any, Schema]] = {
        "organizations": (Organization, schemas.OrganizationSchema()),
        "campuses": (Campus, schemas.CampusSchema()),
        "rooms": (Room, schemas.RoomSchema()),
        "pools": (Pool, schemas.PoolSchema()),
        "experts": (Expert, schemas.FullExpertSchema() if may_see_people else schemas.ExpertSchema()),
        "topics": (Topic, schemas.TopicSchema()),
    }
    model, schema = kinds[kind]
    shown: dict[str, Any] = schema.dump(lookup.get(model, slug))
    return shown
