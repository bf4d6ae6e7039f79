"""Reading the directory: organizations, offices, campuses, rooms, pools, experts, topics; and whom experts speak to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate
from sqlalchemy import ColumnElement, or_, select

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import tag_of
from eventsvc.domain.accounts import ensure_may_plan, may_plan
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import (
    Campus,
    Expert,
    ExpertTopic,
    Level,
    Office,
    Organization,
    PoolKind,
    Room,
    Topic,
)
from eventsvc.domain.directory.pools import Pool
from eventsvc.interfaces import entry_schemas as schemas
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import TOKEN_WELCOME, Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.fields import Slug
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows import keep_people

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


class LevelsSchema(Schema):
    """Before whom an expert speaks; none: before everybody."""

    levels = fields.List(fields.Enum(Level, by_value=True), required=True, validate=validate.Length(max=len(Level)))


def _listed(kind: Any, schema: Schema, query: dict[str, Any], where: Sequence[ColumnElement[bool]] = ()) -> Response:
    after = paging.slug_key(query["cursor"])
    entries, last = lookup.page(kind, after_slug=after, limit=query["limit"], where=where)
    return paging.listing([schema.dump(entry) for entry in entries], last)


@blueprint.get("/organizations")
@blueprint.doc(security=TOKEN_WELCOME)
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
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(schemas.CampusSchema))
def campuses(query: dict[str, Any]) -> Response:
    """Campuses in use."""
    return _listed(Campus, schemas.CampusSchema(), query)


@blueprint.get("/rooms")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(RoomQuery, location="query")
@blueprint.response(200, listed(schemas.RoomSchema))
def rooms(query: dict[str, Any]) -> Response:
    """Rooms in use, of all campuses or of one."""
    where = []
    if "campus" in query:
        where.append(Room.campus_id == lookup.get(Campus, query["campus"]).id)
    return _listed(Room, schemas.RoomSchema(), query, where)


@blueprint.get("/pools")
@blueprint.doc(security=TOKEN_WELCOME)
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
@blueprint.doc(security=TOKEN_WELCOME)
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


@blueprint.put("/experts/<slug>/levels")
@blueprint.arguments(LevelsSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, schemas.FullExpertSchema)
def keep_levels(body: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Say before whom an expert speaks: suggestions for requests go by it. For those who keep the expert."""
    actor, now = requests.actor(), clock.now()
    with transaction(keep=not query["dry_run"]):
        found = keep_people.keep_levels(slug, body["levels"], expected=expected(), actor=actor, now=now)
        facts = schemas.FullExpertSchema().dump(found)
    return tagged(jsonify(facts), tag_of(found.version))


@blueprint.get("/topics")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(schemas.TopicSchema))
def topics(query: dict[str, Any]) -> Response:
    """Topics, opportunities and activities in use."""
    return _listed(Topic, schemas.TopicSchema(), query)


_ENTRIES: dict[str, tuple[Any, type[Schema]]] = {
    "organization": (Organization, schemas.OrganizationSchema),
    "campus": (Campus, schemas.CampusSchema),
    "room": (Room, schemas.RoomSchema),
    "pool": (Pool, schemas.PoolSchema),
    "expert": (Expert, schemas.FullExpertSchema),
    "topic": (Topic, schemas.TopicSchema),
}


def _add_entry(word: str, model: Any, schema: type[Schema]) -> None:
    @blueprint.get(f"/{_plural(word)}/<slug>", endpoint=word)
    @blueprint.doc(summary=f"One {word}.", security=TOKEN_WELCOME)
    @blueprint.response(200, schema)
    def entry(slug: str) -> Response:
        is_short = model is Expert and not may_plan(requests.actor())
        found = lookup.get(model, slug)
        return tagged(jsonify((schemas.ExpertSchema if is_short else schema)().dump(found)), tag_of(found.version))


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith("s") else f"{word}s"


for _word, (_model, _schema) in _ENTRIES.items():
    _add_entry(_word, _model, _schema)
