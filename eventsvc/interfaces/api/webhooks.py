"""Webhooks over JSON: make, read, change, pause and end targets; turn a secret, test, read what was sent, send again.

A secret stands in the one answer that made it; addresses may hold one of theirs, so no cache keeps what is read here.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import tag_of
from eventsvc.domain.webhooks import deliveries
from eventsvc.domain.webhooks.models import WebhookDelivery, WebhookTarget
from eventsvc.interfaces import downloads, paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.api.sent_again import ShownOnce
from eventsvc.interfaces.paging import listed, listing
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.webhook_schemas import (
    DeliveriesQuerySchema,
    DeliverySchema,
    NewWebhookSchema,
    TurnSchema,
    WebhookChangeSchema,
    WebhookSchema,
    WholeDeliverySchema,
    delivery_facts,
    target_facts,
)
from eventsvc.workflows import keep_webhooks as keep
from eventsvc.workflows import webhook_log as log

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/v1", description="Systems of yours that are told")
_OF_OFFICE = "/offices/<slug>/webhooks"
_ONE = "/webhooks/<webhook_id>"


@blueprint.get(_OF_OFFICE)
@blueprint.response(200, listed(WebhookSchema))
def of_office(slug: str) -> Response:
    """The webhooks of an office, the oldest first; for those who keep it."""
    return _listed(slug)


@blueprint.get("/webhooks")
@blueprint.response(200, listed(WebhookSchema))
def told_of_everything() -> Response:
    """Those that are told of everything, the oldest first; for administrators."""
    return _listed(None)


@blueprint.post(_OF_OFFICE)
@blueprint.arguments(NewWebhookSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, WebhookSchema)
def make(wish: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Let a system be told of what stands on an office's desk.

    `secret` is shown this once. The same call with the same `Idempotency-Key` makes no other, and is answered without
    it. Where the name in the address leads is looked at now and at every try.
    """
    return _made(slug, wish, is_dry=query["dry_run"])


@blueprint.post("/webhooks")
@blueprint.arguments(NewWebhookSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, WebhookSchema)
def make_for_all(wish: dict[str, Any], query: dict[str, Any]) -> Response:
    """Let a system be told of everything; for administrators."""
    return _made(None, wish, is_dry=query["dry_run"])


@blueprint.get(_ONE)
@blueprint.response(200, WebhookSchema)
def one_webhook(webhook_id: str) -> Response:
    """One webhook and how it fares."""
    facts = _facts(keep.get_target(webhook_id, actor=requests.actor()))
    return tagged(downloads.not_stored(jsonify(facts)), tag_of(facts["version"]))


@blueprint.patch(_ONE)
@blueprint.arguments(WebhookChangeSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, WebhookSchema)
def change(wish: dict[str, Any], query: dict[str, Any], webhook_id: str) -> Response:
    """Change address, kinds and note of a webhook, pause it, or let it go on.

    What waits goes to the new address. While it is paused it is owed nothing, and what waited is dropped; afterwards
    it is told from then on. One that was switched off by its own 410 goes on by `"paused": false`.
    """
    actor = requests.actor()
    url, paused = wish.pop("url", None), wish.pop("paused", None)
    checked = keep.check_new_address(webhook_id, url, fetcher=services().fetcher, actor=actor) if url else None
    with transaction(keep=not query["dry_run"]):
        target = keep.change(
            webhook_id,
            url=checked,
            is_on=None if paused is None else not paused,
            **wish,
            expected=expected(),
            actor=actor,
            now=clock.now(),
        )
        facts = _facts(target)
    return tagged(jsonify(facts), tag_of(facts["version"]))


@blueprint.post(f"{_ONE}/turn")
@blueprint.arguments(TurnSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, WebhookSchema)
def turn(wish: dict[str, Any], query: dict[str, Any], webhook_id: str) -> Response:
    """Give it a new secret, shown this once; the one before signs beside it for some hours."""
    links, is_dry = services().links, query["dry_run"]
    with transaction(keep=not is_dry):
        target = keep.turn(
            webhook_id, **wish, links=links, expected=expected(), actor=requests.actor(), now=clock.now()
        )
        facts, secret = _facts(target), keep.secret_in_words(target, links)
    return _shown_once(facts, secret, is_dry=is_dry, is_new=False)


@blueprint.delete(_ONE)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(204)
def end(query: dict[str, Any], webhook_id: str) -> None:
    """Forget a webhook, its secret and its log."""
    with transaction(keep=not query["dry_run"]):
        keep.end(webhook_id, expected=expected(), actor=requests.actor(), now=clock.now())


@blueprint.post(f"{_ONE}/test")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, WholeDeliverySchema)
def test(query: dict[str, Any], webhook_id: str) -> Response:
    """Send it a call that says nothing, within a second or so; the delivery shows what it answered."""
    with transaction(keep=not query["dry_run"]):
        sent = log.send_test(webhook_id, expected=expected(), actor=requests.actor(), now=clock.now())
        facts = _whole(sent)
    return created(f"webhooks/{webhook_id}/deliveries", facts, is_dry=query["dry_run"])


@blueprint.get(f"{_ONE}/deliveries")
@blueprint.arguments(DeliveriesQuerySchema, location="query")
@blueprint.response(200, listed(DeliverySchema))
def all_deliveries(query: dict[str, Any], webhook_id: str) -> Response:
    """What it was sent and answered, the newest first: those that wait, and those that ended within 30 days."""
    found, following = log.deliveries_of(
        webhook_id,
        limit=query["limit"],
        before=paging.number_key(query["cursor"]),
        state=query.get("state"),
        actor=requests.actor(),
    )
    return listing([delivery_facts(one) for one in found], following)


@blueprint.get(f"{_ONE}/deliveries/<delivery_id>")
@blueprint.response(200, WholeDeliverySchema)
def one_delivery(webhook_id: str, delivery_id: str) -> Response:
    """One delivery with its body, as it was signed and sent."""
    return jsonify(_whole(log.get_delivery(webhook_id, delivery_id, actor=requests.actor())))


@blueprint.post(f"{_ONE}/deliveries/<delivery_id>/again")
@blueprint.response(200, WholeDeliverySchema)
def again(webhook_id: str, delivery_id: str) -> Response:
    """Send again what was taken, given up or dropped: the same id and bytes, for another three days."""
    with transaction():
        sent = log.send_again(webhook_id, delivery_id, expected=expected(), actor=requests.actor(), now=clock.now())
        return jsonify(_whole(sent))


def _listed(slug: str | None) -> Response:
    found = keep.targets_of(slug, actor=requests.actor())
    counts = deliveries.counts(found)
    return downloads.not_stored(listing([target_facts(one, counts[one.id]) for one in found], None))


def _made(slug: str | None, wish: dict[str, Any], *, is_dry: bool) -> Response:
    actor, made = requests.actor(), services()
    url = keep.check_address(wish["url"], of=slug, fetcher=made.fetcher, actor=actor)
    with transaction(keep=not is_dry):
        target = keep.make(slug, url, wish["kinds"], wish["note"], links=made.links, actor=actor, now=clock.now())
        facts, secret = _facts(target), keep.secret_in_words(target, made.links)
    return _shown_once(facts, secret, is_dry=is_dry, is_new=True)


def _facts(target: WebhookTarget) -> dict[str, Any]:
    return target_facts(target, deliveries.counts([target])[target.id])


def _whole(one: WebhookDelivery) -> dict[str, Any]:
    return {**delivery_facts(one), "body": one.body}


def _shown_once(facts: dict[str, Any], secret: str, *, is_dry: bool, is_new: bool) -> Response:
    """An answer that was kept for the same call would be one more place where the secret lies."""

    def answer(shown: str | None) -> Response:
        said = {**facts, "secret": shown}
        made = created("webhooks", said, is_dry=is_dry) if is_new else jsonify(said)
        return tagged(made, tag_of(facts["version"]))

    return ShownOnce.of(answer(None if is_dry else secret), answer(None))
