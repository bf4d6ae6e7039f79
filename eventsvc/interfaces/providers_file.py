"""The file that names the OpenID Connect providers (OIDC_PROVIDERS): TOML, without secrets; docs/sign-in.md."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from eventsvc.core.errors import say
from eventsvc.domain.accounts.providers import Mapped, Provider, Rule
from eventsvc.domain.accounts.roles import BY_LINK, Role

if TYPE_CHECKING:
    from eventsvc.core.openid import OpenIdClient


class SignInPlace(NamedTuple):
    """A provider as the file tells of it, and how this service talks to it."""

    provider: Provider
    client: OpenIdClient


_FILLED = validate.Length(min=1, max=250)
_DOMAIN = validate.Regexp(r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", error="is not a domain in small letters")


class _RuleSchema(Schema):
    """Who has one of the values under the claim has the role, in one place."""

    claim = fields.String(required=True, validate=_FILLED)
    values = fields.List(fields.String(validate=_FILLED), required=True, validate=validate.Length(min=1))
    role = fields.Enum(Role, by_value=True, required=True, validate=validate.NoneOf(BY_LINK))
    office = fields.String(validate=_FILLED)
    organization = fields.String(validate=_FILLED)
    everywhere = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    may_override = fields.Boolean(truthy={True}, falsy={False}, load_default=False)

    @validates_schema
    def _one_place(self, rule: dict[str, Any], **_: Any) -> None:
        places = [name for name in ("office", "organization", "everywhere") if rule.get(name)]
        if (rule.get("role") is Role.ADMINISTRATOR) is not (places == ["everywhere"]) or len(places) != 1:
            raise ValidationError(
                say("needs an office or an organization; the administrator’s needs everywhere = true")
            )


class _ProviderSchema(Schema):
    """One [[provider]]."""

    slug = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9-]{1,40}$"))
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    issuer = fields.String(required=True, validate=_FILLED)
    client_id = fields.String(required=True, validate=_FILLED)
    client_secret_env = fields.String(required=True, validate=_FILLED)
    domains = fields.List(fields.String(validate=_DOMAIN), required=True)
    scopes = fields.List(fields.String(validate=_FILLED), load_default=lambda: ["openid", "email", "profile"])
    trusts_addresses = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    contact = fields.String(load_default="", validate=validate.Length(max=200))
    roles = fields.List(fields.Nested(_RuleSchema), load_default=list)


def read(path: str, *, allowed: Sequence[str]) -> Mapping[str, SignInPlace]:
    """Every provider by its slug, in the order of the file; none without a file.

    Refuses (ValueError, in a sentence): a file that cannot be read, a missing secret, an issuer without https.
    """
    if not path:
        return {}
    try:
        written = tomllib.loads(Path(path).read_text()).pop("provider", [])
        found = _ProviderSchema(many=True).load(written)
    except (OSError, ValueError, ValidationError) as error:
        raise ValueError(f"OIDC_PROVIDERS={path!r} cannot be read: {error}") from None
    places = {one["slug"]: _place(one, allowed) for one in found}
    if len(places) < len(found):
        raise ValueError(f"OIDC_PROVIDERS={path!r}: two providers have one slug")
    return places


def _place(written: Mapping[str, Any], allowed: Sequence[str]) -> SignInPlace:
    try:
        from eventsvc.core.openid import OpenIdClient, may_be_reached
    except ImportError:
        raise ValueError("OIDC_PROVIDERS needs the extra `sso`: pip install 'eventsvc[sso]'") from None
    slug, issuer = written["slug"], written["issuer"]
    if not may_be_reached(issuer, allowed):
        raise ValueError(f"provider {slug}: the issuer {issuer!r} does not begin with https://")
    secret = os.environ.get(written["client_secret_env"], "")
    if not secret:
        raise ValueError(f"provider {slug}: the environment variable {written['client_secret_env']} is empty")
    client = OpenIdClient(issuer, written["client_id"], secret, tuple(written["scopes"]), tuple(allowed))
    return SignInPlace(_provider(written), client)


def _provider(written: Mapping[str, Any]) -> Provider:
    return Provider(
        slug=written["slug"],
        name=written["name"],
        issuer=written["issuer"],
        domains=frozenset(written["domains"]),
        rules=tuple(_rule(one) for one in written["roles"]),
        trusts_addresses=written["trusts_addresses"],
        contact=written["contact"],
    )


def _rule(written: Mapping[str, Any]) -> Rule:
    gives = Mapped(
        written["role"], written.get("office"), written.get("organization"), may_override=written["may_override"]
    )
    return Rule(written["claim"], frozenset(written["values"]), gives)
