"""Which letters come and how, over JSON: for one's own account and for an office; and an office's Monday letter."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.letter_schemas import (
    ChosenLettersSchema,
    LetterChoiceSchema,
    MondayLetterSchema,
    SwitchSchema,
    choice_facts,
    monday_facts,
    wish_of,
)
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows import choose_letters, monday_letter
from eventsvc.workflows.choose_letters import Choice, Reader

blueprint = Blueprint("letter choices", __name__, url_prefix="/api/v1", description="Which letters come, and how")


@blueprint.get("/accounts/<account_id>/letters")
@blueprint.response(200, LetterChoiceSchema)
def of_account(account_id: str) -> Response:
    """Language, kinds, mornings and channel of the letters to an account's address.

    `own` is the account of whoever asks; others are for those who run the service.
    """
    account, reader = choose_letters.of_account(account_id, requests.actor())
    return _shown(choose_letters.chosen_by(reader), account.email, account.language)


@blueprint.patch("/accounts/<account_id>/letters")
@blueprint.arguments(ChosenLettersSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, LetterChoiceSchema)
def choose_for_account(wish: dict[str, Any], query: dict[str, Any], account_id: str) -> Response:
    """Choose some of them; an empty list and nulls are the way back. Letters that wait already follow."""
    with transaction(keep=not query["dry_run"]):
        account, reader = choose_letters.of_account(account_id, requests.actor())
        return _shown(_chosen(reader, wish), account.email, account.language)


@blueprint.get("/offices/<slug>/letters")
@blueprint.response(200, LetterChoiceSchema)
def of_office(slug: str) -> Response:
    """The same of the letters to an office's mailbox, for who plans for it."""
    office, reader = choose_letters.of_office(slug, requests.actor())
    return _shown(choose_letters.chosen_by(reader), office.mailbox, office.language)


@blueprint.patch("/offices/<slug>/letters")
@blueprint.arguments(ChosenLettersSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, LetterChoiceSchema)
def choose_for_office(wish: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Choose some of them for the office; an empty list and nulls are the way back."""
    with transaction(keep=not query["dry_run"]):
        office, reader = choose_letters.of_office(slug, requests.actor())
        return _shown(_chosen(reader, wish), office.mailbox, office.language)


@blueprint.get("/offices/<slug>/monday")
@blueprint.response(200, MondayLetterSchema)
def monday(slug: str) -> Response:
    """The Monday letter of an office as it would be written now; nothing is sent by asking."""
    found = monday_letter.seen_by(requests.actor(), slug, clock.now())
    return tagged(jsonify(monday_facts(found)), found.tag)


@blueprint.patch("/offices/<slug>/monday")
@blueprint.arguments(SwitchSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, MondayLetterSchema)
def switch_monday(wish: dict[str, bool], query: dict[str, Any], slug: str) -> Response:
    """Let the office's mailbox get it on Mondays, or no more."""
    actor, now = requests.actor(), clock.now()
    with transaction(keep=not query["dry_run"]):
        monday_letter.switch_monday(slug, on=wish["is_on"], expected=expected(), actor=actor, now=now)
        found = monday_letter.seen_by(actor, slug, now)
        return tagged(jsonify(monday_facts(found)), found.tag)


def _chosen(reader: Reader, wish: dict[str, Any]) -> Choice:
    return choose_letters.choose(reader, wish_of(wish), expected=expected(), actor=requests.actor(), now=clock.now())


def _shown(choice: Choice, address: str, language: str) -> Response:
    return tagged(jsonify(choice_facts(choice, address, language)), choice.tag)
