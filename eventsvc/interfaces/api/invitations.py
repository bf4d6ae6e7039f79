"""Over JSON: what awaits one's release, releasing and refusing, and how a partner's people are asked."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import tag_of
from eventsvc.domain.invitations.models import PartnerSettings
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.fields import Whole
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.schemas import DryRunSchema, ReasonSchema
from eventsvc.interfaces.seat_schemas import InvitationSchema, invitation_facts
from eventsvc.workflows import keep_asking, release_people

blueprint = Blueprint(
    "invitations", __name__, url_prefix="/api/v1", description="Releasing people before they are asked"
)
_LISTED = listed(InvitationSchema)


class ManySchema(Schema):
    """Which askings."""

    invitations = fields.List(fields.String(), required=True, validate=validate.Length(1, release_people.AT_ONCE))


class ManyRefusedSchema(ManySchema, ReasonSchema):
    """Which askings, and why not."""


class AskingSchema(Schema):
    """How the people of an organization are asked. Minutes are those of the local day of the person asked."""

    asks_automatically = fields.Boolean(truthy={True}, falsy={False})
    chase_after_working_days = fields.List(Whole(), validate=validate.Length(max=6))
    chase_before_days = fields.List(Whole(), validate=validate.Length(max=6))
    tell_after_working_days = Whole()
    pass_on_after_working_days = Whole()
    answer_by_working_days = Whole()
    works_from_minute = Whole()
    works_until_minute = Whole()
    changes_until_hours = Whole()


@blueprint.get("/invitations")
@blueprint.response(200, _LISTED)
def awaiting() -> Response:
    """What awaits the release of whoever asks, the next event first; at most a hundred."""
    found = release_people.awaiting(actor=requests.actor(), now=clock.now())
    return paging.listing([invitation_facts(one) for one in found], None)


@blueprint.post("/invitations/<invitation_id>/release")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, InvitationSchema)
def release(query: dict[str, Any], invitation_id: str) -> dict[str, Any]:
    """Let the person be asked for that date: the letter leaves at once."""
    with transaction(keep=not query["dry_run"]):
        return invitation_facts(release_people.release(invitation_id, actor=requests.actor(), now=clock.now()))


@blueprint.post("/invitations/release")
@blueprint.arguments(ManySchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, _LISTED)
def release_many(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Release many people and dates as one act: all of them, or none."""
    with transaction(keep=not query["dry_run"]):
        done = release_people.release_all(body["invitations"], actor=requests.actor(), now=clock.now())
        return paging.listing([invitation_facts(one) for one in done], None)


@blueprint.post("/invitations/<invitation_id>/refuse")
@blueprint.arguments(ReasonSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, InvitationSchema)
def refuse(body: dict[str, str], query: dict[str, Any], invitation_id: str) -> dict[str, Any]:
    """Do not lend the person for that date: nobody writes to them.

    The time is free again, and the next of the line-up is looked for.
    """
    with transaction(keep=not query["dry_run"]):
        done = release_people.refuse(invitation_id, reason=body["reason"], actor=requests.actor(), now=clock.now())
        return invitation_facts(done)


@blueprint.post("/invitations/refuse")
@blueprint.arguments(ManyRefusedSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, _LISTED)
def refuse_many(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Do not lend many people as one act: all of them, or none; the reason is told for each."""
    with transaction(keep=not query["dry_run"]):
        done = release_people.refuse_all(
            body["invitations"], reason=body["reason"], actor=requests.actor(), now=clock.now()
        )
        return paging.listing([invitation_facts(one) for one in done], None)


@blueprint.get("/organizations/<slug>/asking")
@blueprint.response(200, AskingSchema)
def asking(slug: str) -> Response:
    """How the people of an organization are asked.

    With a release or automatically, and when silence is followed up. Version 0 where nothing was ever said.
    """
    return _shown(keep_asking.asking_of(slug, actor=requests.actor()))


@blueprint.put("/organizations/<slug>/asking")
@blueprint.arguments(AskingSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, AskingSchema)
def keep(body: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Change how they are asked; what is left out stays. `If-None-Match: *` where nothing was ever said."""
    with transaction(keep=not query["dry_run"]):
        own = keep_asking.keep_asking(slug, body, expected=expected(), actor=requests.actor(), now=clock.now())
        return _shown(own)


def _shown(own: PartnerSettings) -> Response:
    return tagged(jsonify({name: getattr(own, name) for name in keep_asking.FIELDS}), tag_of(own.version))
