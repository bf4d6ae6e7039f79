"""Mail that came in, over JSON: what waits for a decision, one mail, the log of an event, counts by program."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.interfaces import paging, requests, settling
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.downloads import not_stored
from eventsvc.interfaces.mail_schemas import (
    ClientsSchema,
    MailLogSchema,
    ReceivedMailSchema,
    ReviewQuerySchema,
    SettleSchema,
    WholeMailSchema,
)
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.shown_mail import clients_facts, log_facts, mail_facts, whole_mail_facts
from eventsvc.workflows import show_mail

blueprint = Blueprint("mail", __name__, url_prefix="/api/v1", description="Answers that came by mail")
_EML: Any = {"schema": {"type": "string", "format": "binary"}, "content_type": "message/rfc822"}


@blueprint.get("/mail")
@blueprint.arguments(ReviewQuerySchema, location="query")
@blueprint.response(200, listed(ReceivedMailSchema))
def review(query: dict[str, Any]) -> Response:
    """Mail that waits for your decision, the oldest first; mail of no event: for administrators."""
    found, following = show_mail.mails_for_review(
        requests.actor(), after=paging.number_key(query["cursor"]), limit=query["limit"], event_id=query["event"]
    )
    return paging.listing([mail_facts(one) for one in found], following)


@blueprint.get("/mail/clients")
@blueprint.response(200, ClientsSchema)
def clients() -> Response:
    """By which mail programs and ways people answer, counted; for those who read reports."""
    return jsonify(clients_facts(show_mail.clients(requests.actor())))


@blueprint.get("/mail/<mail_id>")
@blueprint.response(200, WholeMailSchema)
def one_mail(mail_id: str) -> Response:
    """One mail and what was read in it, for those whom its event concerns."""
    return jsonify(whole_mail_facts(show_mail.show_mail(mail_id, requests.actor())))


@blueprint.get("/mail/<mail_id>/source")
@blueprint.response(200, **_EML)
def source(mail_id: str) -> Response:
    """The mail as it came in, for those who decide about it."""
    return not_stored(Response(show_mail.bytes_of(mail_id, requests.actor()), mimetype="message/rfc822"))


@blueprint.post("/mail/<mail_id>/settle")
@blueprint.arguments(SettleSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, WholeMailSchema)
def settle(body: dict[str, str], query: dict[str, Any], mail_id: str) -> Response:
    """Decide what a mail that waits for you counts as; 409 where somebody has decided already."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        settling.settle(mail_id, body["end"], actor=actor, now=clock.now())
        facts = whole_mail_facts(show_mail.show_mail(mail_id, actor))
    return jsonify(facts)


@blueprint.get("/events/<event_id>/mail")
@blueprint.response(200, MailLogSchema)
def log(event_id: str) -> Response:
    """What went by mail to the invited people of an event and what came from them, by person."""
    return jsonify(log_facts(show_mail.mail_log(event_id, requests.actor())))
