"""Privacy over JSON: one person's records, legal holds, lists of names, take-outs and public-records requests."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ensure_may_run, ensure_somebody
from eventsvc.domain.privacy import holds
from eventsvc.interfaces import downloads, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.languages import translated
from eventsvc.interfaces.paging import listed, listing
from eventsvc.interfaces.privacy_schemas import (
    AccessSchema,
    ErasedSchema,
    ExportedSchema,
    LegalHoldSchema,
    NamesSchema,
    NewLegalHoldSchema,
    OnePersonSchema,
    PurposeSchema,
    RecordsSchema,
    TakenNamesSchema,
    access_facts,
    hold_facts,
)
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_access_log, keep_holds
from eventsvc.workflows.erase_person import erase_person
from eventsvc.workflows.export_person import export_person
from eventsvc.workflows.name_lists import take_names

blueprint = Blueprint("privacy", __name__, url_prefix="/api/v1", description="What is known of people")
_ZIP: Any = {"schema": {"type": "string", "format": "binary"}, "content_type": "application/zip"}


@blueprint.post("/privacy/export")
@blueprint.arguments(OnePersonSchema)
@blueprint.response(200, ExportedSchema)
def export(wish: dict[str, Any]) -> Response:
    """Everything that is held on a person; for administrators, and by a token that may manage for oneself. Noted."""
    actor = requests.actor()
    ensure_somebody(actor)
    with transaction():
        found = export_person(**wish, links=services().links, actor=actor, now=clock.now())
    return downloads.not_stored(jsonify(found.document))


@blueprint.post("/privacy/erase")
@blueprint.arguments(OnePersonSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, ErasedSchema)
def erase(wish: dict[str, Any], query: dict[str, Any]) -> Response:
    """Erase a person; with `dry_run` only say what would go. A legal hold refuses."""
    with transaction(keep=not query["dry_run"]):
        done = erase_person(wish["email"], actor=requests.actor(), now=clock.now())
    return jsonify(rows=dict(done.rows), kept=[translated(words) for words in done.kept])


@blueprint.post("/privacy/names")
@blueprint.arguments(NamesSchema)
@blueprint.response(200, TakenNamesSchema)
def names(wish: dict[str, Any]) -> Response:
    """Names of experts, accounts or contacts, for a purpose; every person in the list can read who took it."""
    with transaction():
        taken = take_names(wish.pop("records"), **wish, actor=requests.actor(), now=clock.now())
    rows = [{column.name: cell for column, cell in zip(taken.columns, row, strict=True)} for row in taken.rows]
    return downloads.not_stored(jsonify(number=len(rows), rows=rows))


@blueprint.get("/privacy/accesses")
@blueprint.response(200, listed(AccessSchema))
def accesses() -> Response:
    """Who took one's own name out of the service, when and why; the newest first."""
    actor = requests.actor()
    ensure_somebody(actor)
    return listing([access_facts(one) for one in keep_access_log.own_accesses(actor)], None)


@blueprint.get("/privacy/holds")
@blueprint.response(200, listed(LegalHoldSchema))
def all_holds() -> Response:
    """Every legal hold, the newest first; for administrators."""
    ensure_may_run(requests.actor())
    return listing([hold_facts(one) for one in holds.all_holds()], None)


@blueprint.post("/privacy/holds")
@blueprint.arguments(NewLegalHoldSchema)
@blueprint.response(201, LegalHoldSchema)
def place_hold(wish: dict[str, Any]) -> Response:
    """Keep records for the law's sake: they neither end with time nor are erased."""
    with transaction():
        response = jsonify(hold_facts(keep_holds.place_hold(**wish, actor=requests.actor(), now=clock.now())))
    response.status_code = 201
    response.headers["Location"] = services().links.to("/api/v1/privacy/holds")
    return response


@blueprint.post("/privacy/holds/<hold_id>/lift")
@blueprint.response(200, LegalHoldSchema)
def lift_hold(hold_id: str) -> Response:
    """What it covered ends with time again, and may be erased."""
    with transaction():
        return jsonify(hold_facts(keep_holds.lift_hold(hold_id, actor=requests.actor(), now=clock.now())))


@blueprint.post("/privacy/records")
@blueprint.arguments(RecordsSchema)
@blueprint.response(200, **_ZIP)
def records(wish: dict[str, Any]) -> Response:
    """Answer a public-records request with a zip, redacted unless `redacted` is false; for administrators."""
    return downloads.of_records(wish, requests.actor())


@blueprint.post("/offices/<slug>/take-out")
@blueprint.arguments(PurposeSchema)
@blueprint.response(200, **_ZIP)
def take_out(wish: dict[str, Any], slug: str) -> Response:
    """Everything of an office in one zip, column by column in docs/take-out.md."""
    return downloads.of_take_out(slug, wish["purpose"], requests.actor())
