"""The outbox over JSON, for those who run the service: letters, how delivery stands, its pause."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.outbox import pause
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.outbox_schemas import (
    DeliveryPauseSchema,
    DeliveryStandingSchema,
    DroppedLettersSchema,
    DroppedSchema,
    LetterSchema,
    LettersChosenSchema,
    LettersTriedAgainSchema,
    NotOwedSchema,
    OwedQuerySchema,
    OwedSchema,
    PageOfLettersSchema,
    TriedAgainSchema,
    chosen_letters,
    dropped_facts,
    letter_facts,
    pause_facts,
    standing_facts,
    wanted_letters,
)
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.shown_owed import owed_facts
from eventsvc.workflows import delivery_standing, keep_outbox, pause_delivery

blueprint = Blueprint(
    "delivery", __name__, url_prefix="/api/v1/outbox", description="Letters that are owed, and how delivery stands"
)


@blueprint.get("")
@blueprint.arguments(PageOfLettersSchema, location="query")
@blueprint.response(200, listed(LetterSchema))
def letters(query: dict[str, Any]) -> Response:
    """Letters, the newest first; their words are read on their pages."""
    found, following = keep_outbox.list_letters(
        wanted_letters(query),
        before=paging.number_key(query["cursor"]),
        limit=query["limit"],
        actor=requests.actor(),
    )
    return paging.listing([letter_facts(one) for one in found], following)


@blueprint.get("/state")
@blueprint.response(200, DeliveryStandingSchema)
def standing() -> Response:
    """How delivery stands: counts, the age of the oldest that is due, what was set aside."""
    return jsonify(standing_facts(delivery_standing.standing(requests.actor(), clock.now())))


@blueprint.get("/letters/<message_id>")
@blueprint.response(200, LetterSchema)
def letter(message_id: str) -> Response:
    """What became of one letter."""
    return jsonify(letter_facts(keep_outbox.get_letter(message_id, actor=requests.actor())))


@blueprint.post("/retry")
@blueprint.arguments(LettersTriedAgainSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, TriedAgainSchema)
def retry(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Let letters that failed or were set aside leave now, as they are.

    A thousand at once; others stay as they are. `work`: also reminders and other work that was set aside.
    """
    actor, now = requests.actor(), clock.now()
    wanted = None if body["work"] and not wanted_letters(body).conditions() else chosen_letters(body)
    with transaction(keep=not query["dry_run"]):
        found = keep_outbox.retry(wanted, actor=actor, now=now) if wanted else []
        number = keep_outbox.retry_work(actor=actor, now=now) if body["work"] else 0
        facts = {"letters": [letter_facts(one) for one in found], "work": number}
    return jsonify(facts)


@blueprint.post("/drop")
@blueprint.arguments(LettersChosenSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, DroppedLettersSchema)
def drop(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Stop owing letters that wait, failed or were set aside; there is no way back.

    A thousand at once. One that is being sent at this moment stays.
    """
    with transaction(keep=not query["dry_run"]):
        found = keep_outbox.drop(chosen_letters(body), actor=requests.actor(), now=clock.now())
        facts = {"letters": [letter_facts(one) for one in found]}
    return jsonify(facts)


@blueprint.get("/paused")
@blueprint.arguments(OwedQuerySchema, location="query")
@blueprint.response(200, OwedSchema)
def owed(query: dict[str, Any]) -> Response:
    """What would leave at once: after a restore, and while delivery is paused.

    `may_have_left`: it was due before the restore, and may have left after the backup was taken.
    """
    found = pause_delivery.owed(requests.actor(), clock.now(), most=query["limit"])
    return jsonify(owed_facts(found) | {"pause": pause_facts(found.pause)})


@blueprint.post("/paused/drop")
@blueprint.arguments(NotOwedSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, DroppedSchema)
def drop_owed(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """While delivery is paused, stop owing letters, or all that was due before an instant."""
    actor, now, ids, before = requests.actor(), clock.now(), body["ids"], body["before"]
    if bool(ids) == bool(before):
        raise InvalidInput({"body": say("give ids or before, one of the two")})
    with transaction(keep=not query["dry_run"]):
        if before:
            return jsonify(dropped_facts(pause_delivery.drop_due_before(before, actor, now)))
        return jsonify(dropped_facts(pause_delivery.drop_letters(ids, actor, now)))


@blueprint.post("/pause")
@blueprint.response(200, DeliveryPauseSchema)
def begin_pause() -> Response:
    """Let nothing leave until delivery is resumed; all of it stays owed."""
    with transaction():
        pause_delivery.begin(requests.actor(), clock.now())
        return jsonify(pause_facts(pause.present()))


@blueprint.post("/resume")
@blueprint.response(200, DeliveryPauseSchema)
def resume() -> Response:
    """Let all leave that is still owed; 409 while delivery is not paused."""
    with transaction():
        pause_delivery.resume(requests.actor(), clock.now())
    return jsonify(pause_facts(None))
