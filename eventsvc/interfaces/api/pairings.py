"""Which colleges a school is paired with, over JSON: everybody may read it, those who keep one of the two change it."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.directory import lookup, pairings
from eventsvc.domain.directory.models import Organization
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import TOKEN_WELCOME, Blueprint
from eventsvc.interfaces.entry_schemas import OrganizationSchema
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows import keep_pairings

blueprint = Blueprint(
    "pairings", __name__, url_prefix="/api/v1/organizations/<slug>/pairings", description="Schools and their colleges"
)


class PairingsSchema(Schema):
    """With whom an organization is paired: the colleges of a school, or the schools of a college."""

    items = fields.List(fields.Nested(OrganizationSchema))


class OtherSchema(Schema):
    """The other of the two."""

    other = fields.String(
        data_key="with",
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "A college of a school or a school of a college: slug, name or alias"},
    )


@blueprint.get("")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.response(200, PairingsSchema)
def read(slug: str) -> Response:
    """With whom it is paired: a school's calendar shows its colleges' events."""
    return _answer(slug)


@blueprint.post("")
@blueprint.arguments(OtherSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, PairingsSchema)
def pair(body: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Pair a school with a college, whichever of them the address names; nothing where they are."""
    with transaction(keep=not query["dry_run"]):
        keep_pairings.pair(slug, body["other"], actor=requests.actor(), now=clock.now())
        return _answer(slug)


@blueprint.post("/end")
@blueprint.arguments(OtherSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, PairingsSchema)
def end(body: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """End a pairing; nothing where there is none."""
    with transaction(keep=not query["dry_run"]):
        keep_pairings.end(slug, body["other"], actor=requests.actor(), now=clock.now())
        return _answer(slug)


def _answer(slug: str) -> Response:
    schema = OrganizationSchema()
    partners = pairings.partners_of(lookup.get(Organization, slug))
    return jsonify(items=[schema.dump(one) for one in partners])
