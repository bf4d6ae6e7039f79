"""Where duties lie: at one office, in a whole organization with its offices, or everywhere."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import InstrumentedAttribute

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import giving
from eventsvc.domain.accounts.actors import Owner
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization


class Place(NamedTuple):
    """At one office, or in one organization; everywhere where both are empty. `name` is the slug."""

    office_id: int | None = None
    organization_id: int | None = None
    name: str = ""

    @property
    def is_everywhere(self) -> bool:
        """True for whatever somebody has, wherever it is."""
        return self.office_id is None and self.organization_id is None

    def has(self, owner: Owner) -> bool:
        """True for what is that owner's and lies within."""
        if self.office_id is not None:
            return owner.office_id == self.office_id
        return self.organization_id is None or owner.organization_id == self.organization_id

    def offices(self, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """The same of a column that names an office."""
        if self.office_id is not None:
            return column == self.office_id
        if self.organization_id is None:
            return true()
        return column.in_(select(Office.id).where(Office.organization_id == self.organization_id))

    def meets(self, other: Place) -> bool:
        """True where something can lie within both."""
        if self.is_everywhere or other.is_everywhere:
            return True
        if self.office_id is not None and other.office_id is not None:
            return self.office_id == other.office_id
        return self.organization_id == other.organization_id


EVERYWHERE = Place()


def place_of(office: str | None, organization: str | None) -> Place:
    """The place of those slugs; refuses InvalidInput for two, and for one that nothing answers to."""
    if office and organization:
        raise InvalidInput({"organization": say("name the office or the organization, not both")})
    if office:
        found = lookup.get_in_use(Office, office, field="office")
        return Place(found.id, found.organization_id, found.slug)
    if organization:
        whole = lookup.get_in_use(Organization, organization, field="organization")
        return Place(None, whole.id, whole.slug)
    return EVERYWHERE


def owner_of(grant: Grant) -> Owner | None:
    """Where a role counts, as the owner of what lies there; None for the administrator's."""
    return None if grant.role is Role.ADMINISTRATOR else giving.place_of(grant)


def grants_at(account: Account, place: Place) -> list[Grant]:
    """The roles in force that somebody has there."""
    in_force = [grant for grant in account.grants if grant.ended_at is None]
    if place.is_everywhere:
        return in_force
    return [grant for grant in in_force if (owner := owner_of(grant)) is not None and place.has(owner)]


def is_colleague(one: Account, other: Account) -> bool:
    """True for two with a role in one organization; whoever runs the service is everybody's colleague."""
    theirs = [{_organization(grant) for grant in grants_at(account, EVERYWHERE)} for account in (one, other)]
    return None in theirs[1] or bool(theirs[0] & theirs[1])


def _organization(grant: Grant) -> int | None:
    owner = owner_of(grant)
    return owner.organization_id if owner else None
