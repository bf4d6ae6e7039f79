"""Where a role counts, as people name it: an office or an organization by its slug, or everywhere."""

from __future__ import annotations

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import Owner
from eventsvc.domain.accounts.models import Grant
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization

# By "office" or "organization"; nothing stands for everywhere.
Place = dict[str, Office | Organization]


def named(role: Role, office: str | None, organization: str | None) -> Place:
    """The place of those slugs. Refuses: InvalidInput for one too few or too many, or one out of use."""
    places = [name for name, slug in (("office", office), ("organization", organization)) if slug]
    if role is Role.ADMINISTRATOR and places:
        raise InvalidInput({places[0]: say("the administrator's role counts everywhere: leave it out")})
    if role is not Role.ADMINISTRATOR and len(places) != 1:
        raise InvalidInput({"office": say("name the office or the organization where the role counts, one of them")})
    if office:
        return {"office": lookup.get_in_use(Office, office, field="office")}
    if organization:
        return {"organization": lookup.get_in_use(Organization, organization, field="organization")}
    return {}


def owner_of(place: Place) -> Owner:
    """Whose a place is, for what decides who may give roles there."""
    one = next(iter(place.values()), None)
    if isinstance(one, Office):
        return Owner(one.id, one.organization_id)
    return Owner(None, one.id if one else None)


def is_at(grant: Grant, role: Role, office: str | None, organization: str | None) -> bool:
    """True for a grant of that role at that very place."""
    at = grant.office.slug if grant.office else None, grant.organization.slug if grant.organization else None
    return grant.role is role and at == (office, organization)
