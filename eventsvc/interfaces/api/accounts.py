"""Colleagues over JSON: who may sign in at one's offices, and with which roles. Other offices' people answer 404."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from marshmallow import Schema, fields, validate

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import iso
from eventsvc.core.versions import ensure_met, tag_of
from eventsvc.domain.accounts import Actor, Role, colleagues, giving
from eventsvc.domain.accounts.models import EMAIL_LENGTH, Account, Grant
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office
from eventsvc.interfaces import languages, paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.fields import Line, Slug
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows import keep_accounts as keep

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1/accounts", description="Who may sign in, as what")


class AccountQuery(PageSchema):
    """Which colleagues."""

    office = Slug(metadata={"description": "Those with a role there, or in its whole organization"})
    q = fields.String(validate=validate.Length(max=200), metadata={"description": "Parts of name or address"})


class GrantWishSchema(Schema):
    """A role to give; `office` or `organization` says where, the administrator's counts everywhere."""

    role = fields.Enum(Role, by_value=True, required=True)
    office = Slug()
    organization = Slug()
    may_override = fields.Boolean(load_default=False)


class AccountWishSchema(GrantWishSchema):
    """A colleague to let in."""

    email = Line(most=EMAIL_LENGTH, required=True)
    name = Line(most=keep.NAME_LENGTH, required=True)
    language = fields.String(load_default=languages.SOURCE, validate=validate.OneOf(list(languages.NAMES)))


class AccountWordsSchema(Schema):
    """What can be changed of an account itself."""

    name = Line(most=keep.NAME_LENGTH)
    language = fields.String(validate=validate.OneOf(list(languages.NAMES)))


class GrantOverrideSchema(Schema):
    """Whether soft rules may be overridden where the role counts."""

    may_override = fields.Boolean(required=True)


class OwnSchema(DryRunSchema):
    """`own=true` says that one means it, where it is one's own."""

    own = fields.Boolean(load_default=False)


class GrantSchema(Schema):
    """A role at one of your own places."""

    id = fields.String()
    role = fields.Enum(Role, by_value=True)
    office = fields.String(allow_none=True)
    organization = fields.String(allow_none=True)
    may_override = fields.Boolean()
    given_at = fields.String()


class AccountSchema(Schema):
    """Somebody who may sign in; `grants` are the roles at your own places."""

    id = fields.String()
    email = fields.String()
    name = fields.String()
    language = fields.String()
    created_at = fields.String()
    version = fields.Integer()
    grants = fields.List(fields.Nested(GrantSchema))


@blueprint.get("")
@blueprint.arguments(AccountQuery, location="query")
@blueprint.response(200, listed(AccountSchema))
def accounts(query: dict[str, Any]) -> Response:
    """Colleagues in the order in which they were let in; everybody, for administrators."""
    actor = requests.actor()
    colleagues.ensure_keeps_accounts(actor)
    office = lookup.get(Office, query["office"]) if "office" in query else None
    after = paging.event_key(query["cursor"])
    found, last = colleagues.page(actor, office=office, words=query.get("q", ""), after=after, limit=query["limit"])
    return paging.listing([shown(one, actor) for one in found], [iso(last[0]), last[1]] if last else None)


@blueprint.post("")
@blueprint.arguments(AccountWishSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, AccountSchema)
def let_in(wish: dict[str, Any], query: dict[str, Any]) -> Response:
    """Let a colleague sign in with a first role, and write them how; who may already gets the role."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        grant = keep.let_in(wish.pop("email"), wish.pop("name"), **wish, actor=actor, now=clock.now())
        facts = shown(grant.account, actor)
    return _tagged(created("accounts", facts, is_dry=query["dry_run"]), facts)


@blueprint.get("/<account_id>")
@blueprint.response(200, AccountSchema)
def account(account_id: str) -> Response:
    """One colleague."""
    actor = requests.actor()
    facts = shown(colleagues.get(account_id, actor), actor)
    return _tagged(jsonify(facts), facts)


@blueprint.patch("/<account_id>")
@blueprint.arguments(AccountWordsSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, AccountSchema)
def change(words: dict[str, Any], query: dict[str, Any], account_id: str) -> Response:
    """Another name, another language of letters."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        found = _claimed(account_id, actor)
        wish = {"name": found.name, "language": found.language, **words}
        facts = shown(keep.change_account(found, **wish, actor=actor, now=clock.now()), actor)
    return _tagged(jsonify(facts), facts)


@blueprint.delete("/<account_id>")
@blueprint.arguments(OwnSchema, location="query")
@blueprint.response(204)
def end(query: dict[str, Any], account_id: str) -> None:
    """Let somebody go: every role ends, they are signed out everywhere, their tokens are worthless."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        found = _claimed(account_id, actor)
        keep.end_account(found.email, knows_it_is_own=query["own"], actor=actor, now=clock.now())


@blueprint.post("/<account_id>/grants")
@blueprint.arguments(GrantWishSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, AccountSchema)
def give(wish: dict[str, Any], query: dict[str, Any], account_id: str) -> Response:
    """Give a colleague a further role, and write them so; who has it keeps it, with `may_override` as said now."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        found = _claimed(account_id, actor)
        keep.let_in(found.email, **wish, actor=actor, now=clock.now())
        facts = shown(found, actor)
    return _tagged(created("accounts", facts, is_dry=query["dry_run"]), facts)


@blueprint.patch("/<account_id>/grants/<grant_id>")
@blueprint.arguments(GrantOverrideSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, AccountSchema)
def set_override(body: dict[str, bool], query: dict[str, Any], account_id: str, grant_id: str) -> Response:
    """Let somebody override soft rules where that role counts, or no more."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        found = _claimed(account_id, actor)
        grant = colleagues.get_grant(found, grant_id, actor)
        keep.set_override(grant, body["may_override"], actor=actor, now=clock.now())
        facts = shown(found, actor)
    return _tagged(jsonify(facts), facts)


@blueprint.delete("/<account_id>/grants/<grant_id>")
@blueprint.arguments(OwnSchema, location="query")
@blueprint.response(204)
def take(query: dict[str, Any], account_id: str, grant_id: str) -> None:
    """Take a role away; it counts no more from the next request on."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        grant = colleagues.get_grant(_claimed(account_id, actor), grant_id, actor)
        keep.end_grant(grant, knows_it_is_own=query["own"], actor=actor, now=clock.now())


def shown(account: Account, actor: Actor) -> dict[str, Any]:
    """An account as those who keep it may know it."""
    return {
        "id": str(account.public_id),
        "email": account.email,
        "name": account.name,
        "language": account.language,
        "created_at": iso(account.created_at),
        "version": account.version,
        "grants": [_grant(grant) for grant in giving.within(giving.reach_of(actor), account.grants)],
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": str(grant.public_id),
        "role": str(grant.role),
        "office": grant.office.slug if grant.office else None,
        "organization": grant.organization.slug if grant.organization else None,
        "may_override": grant.may_override,
        "given_at": iso(grant.given_at),
    }


def _claimed(account_id: str, actor: Actor) -> Account:
    """The account, locked; refuses Stale where `If-Match` names another version."""
    found = colleagues.claim(account_id, actor)
    if request.method != "POST":
        ensure_met(expected(), tag_of(found.version))
    return found


def _tagged(response: Response, facts: dict[str, Any]) -> Response:
    return tagged(response, tag_of(facts["version"]))
