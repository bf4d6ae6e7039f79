"""What a provider of sign-ins elsewhere may say about people here: whose addresses it vouches for, and which roles.

Whoever runs the service writes both down; a provider that is not trusted with an address or a role cannot give it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from eventsvc.core.errors import NotVouchedFor, say
from eventsvc.domain.accounts.models import EMAIL_LENGTH, written_small
from eventsvc.domain.accounts.roles import Role

NAME_LENGTH = 120


class Mapped(NamedTuple):
    """A role that a claim gives: at an office, in an organization (slugs), or everywhere where both are empty."""

    role: Role
    office: str | None = None
    organization: str | None = None
    may_override: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has one of the values under the claim has the role. A claim that holds a list has each of its values."""

    claim: str
    values: frozenset[str]
    gives: Mapped

    def fits(self, claims: Mapping[str, Any]) -> bool:
        """True for those to whom it gives its role."""
        return any(str(value) in self.values for value in _listed(_found(claims, self.claim)))


@dataclass(frozen=True, slots=True)
class Provider:
    """A place elsewhere where people sign in. `trusts_addresses`: it checks those of its domains without saying so."""

    slug: str
    name: str
    issuer: str
    domains: frozenset[str]
    rules: tuple[Rule, ...] = ()
    trusts_addresses: bool = False
    contact: str = ""

    @property
    def actor(self) -> str:
        """As the audit log and the roles that it gives name it."""
        return f"provider {self.slug}"

    def roles_of(self, claims: Mapping[str, Any]) -> list[Mapped]:
        """Every role that the claims give."""
        return list(dict.fromkeys(rule.gives for rule in self.rules if rule.fits(claims)))

    def address_of(self, claims: Mapping[str, Any]) -> str:
        """The e-mail address that the provider vouches for; refuses NotVouchedFor for any that it may not."""
        address = written_small(str(claims.get("email") or ""))
        name, at, domain = address.rpartition("@")
        if not (name and at) or len(address) > EMAIL_LENGTH or not address.isprintable() or " " in address:
            raise NotVouchedFor(say("%(provider)s did not tell us your e-mail address.", provider=self.name))
        if domain not in self.domains:
            raise NotVouchedFor(
                say("%(provider)s may not speak for addresses at %(domain)s here.", provider=self.name, domain=domain)
            )
        if not self.trusts_addresses and claims.get("email_verified") not in (True, "true"):
            raise NotVouchedFor(
                say("%(provider)s has not checked yet that %(email)s is yours.", provider=self.name, email=address)
            )
        return address


def name_of(claims: Mapping[str, Any], address: str) -> str:
    """What letters call somebody of whom only claims are known."""
    parts = (claims.get("name"), f"{claims.get('given_name') or ''} {claims.get('family_name') or ''}")
    named = (" ".join(str(part or "").split()) for part in parts)
    return next((name[:NAME_LENGTH] for name in named if name), address.partition("@")[0][:NAME_LENGTH])


def _found(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of that name, or, where none has it, what its dots lead to: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _listed(value: Any) -> Iterable[Any]:
    if value is None or isinstance(value, Mapping):
        return ()
    return value if isinstance(value, list | tuple) else (value,)
