"""Offices outlive people, over JSON: hand over, absences and covers, who is in charge of an event."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.accounts.models import Account
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged, tagged_event
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.office_schemas import (
    AbsenceSchema,
    HandedOverSchema,
    HandOverSchema,
    InChargeSchema,
    NewAbsenceSchema,
    absence_facts,
    handed_over_facts,
)
from eventsvc.interfaces.paging import listed, listing
from eventsvc.interfaces.schemas import DryRunSchema, EventSchema
from eventsvc.interfaces.shown import event_facts
from eventsvc.workflows import keep_absences
from eventsvc.workflows.hand_over import hand_over
from eventsvc.workflows.put_in_charge import put_in_charge

blueprint = Blueprint("offices", __name__, url_prefix="/api/v1", description="Offices outlive people")


@blueprint.post("/hand-overs")
@blueprint.arguments(HandOverSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, HandedOverSchema)
def hand_over_to(wish: dict[str, Any], query: dict[str, Any]) -> Response:
    """All that somebody owns becomes a colleague's, in one step; sign-ins, tokens and roles end.

    With `dry_run` nothing happens, and the answer says what would. For the person, and for those who let colleagues in.
    """
    with transaction(keep=not query["dry_run"]):
        done = hand_over(**wish, actor=requests.actor(), now=clock.now())
        return jsonify(handed_over_facts(done))


@blueprint.get("/absences")
@blueprint.response(200, listed(AbsenceSchema))
def absences() -> Response:
    """Who is away, now and later, and who covers: one's own and one's colleagues'."""
    found = keep_absences.absences_seen(actor=requests.actor(), now=clock.now())
    return listing([absence_facts(one) for one in found], None)


@blueprint.post("/absences")
@blueprint.arguments(NewAbsenceSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, AbsenceSchema)
def add_absence(wish: dict[str, Any], query: dict[str, Any]) -> Response:
    """Somebody is away, and a colleague who may do the same covers. The cover is told."""
    actor = requests.actor()
    ensure_somebody(actor)
    email = wish.pop("account", None) or own_address(actor)
    with transaction(keep=not query["dry_run"]):
        added = keep_absences.add_absence(email, **wish, actor=actor, now=clock.now())
        facts, tag = absence_facts(added), keep_absences.tag_of_absence(added)
    return tagged(created("absences", facts, is_dry=query["dry_run"]), tag)


@blueprint.get("/absences/<absence_id>")
@blueprint.response(200, AbsenceSchema)
def one_absence(absence_id: str) -> Response:
    """One absence, of oneself or a colleague."""
    found = keep_absences.get_absence(absence_id, actor=requests.actor())
    return tagged(jsonify(absence_facts(found)), keep_absences.tag_of_absence(found))


@blueprint.delete("/absences/<absence_id>")
@blueprint.response(204)
def end_absence(absence_id: str) -> None:
    """Somebody is there after all, or back early."""
    with transaction():
        keep_absences.end_absence(absence_id, expected=expected(), actor=requests.actor(), now=clock.now())


@blueprint.post("/events/<event_id>/charge")
@blueprint.arguments(InChargeSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def charge(wish: dict[str, Any], query: dict[str, Any], event_id: str) -> Response:
    """Let a colleague of the office in charge be the one to turn to for an event; null: nobody by name."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        event = put_in_charge(event_id, wish["account"], expected=expected(), actor=actor, now=clock.now())
        facts = event_facts(event, actor)
    return tagged_event(jsonify(facts), facts)


def own_address(actor: Actor) -> str:
    """The address of whoever asks; refuses InvalidInput where no account does (the machine operator's key)."""
    account = db.session.get(Account, actor.account_id) if actor.account_id is not None else None
    if account is None:
        raise InvalidInput({"account": say("is needed: the administrator’s token is nobody’s account")})
    return account.email
