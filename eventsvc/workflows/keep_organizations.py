"""Keep organizations and their offices: add them, or update what a row knows better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may_run, ensure_somebody, may
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization, OrganizationAlias, OrganizationKind
from eventsvc.domain.directory.names import folded
from eventsvc.domain.feeds import versions
from eventsvc.domain.reminders import replanning
from eventsvc.workflows.keep_pairings import pair
from eventsvc.workflows.keeping import (
    Outcome,
    Tally,
    change,
    clean,
    count,
    ensure_known,
    new_slug,
    write_down,
)
from eventsvc.workflows.revise_shown import revise_events_showing

_PARENT_OF = {
    OrganizationKind.COLLEGE: OrganizationKind.COLLEGE_DISTRICT,
    OrganizationKind.SCHOOL: OrganizationKind.K12_DISTRICT,
}
_ALIAS_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRow:
    """What is known of an organization; None is not known. `parent` is a slug, a name or an alias.

    A parent that nobody knows yet is made: a college's is a college district, a school's a K-12 district.
    `paired_with` names colleges of a school, or schools of a college; pairings that are not named stay.
    """

    name: str
    slug: str | None = None
    kind: OrganizationKind | None = None
    website: str | None = None
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    paired_with: tuple[str, ...] = ()
    retired_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow:
    """What is known of an office. `organization` is a slug, a name or an alias; an empty mailbox has no address."""

    name: str
    organization: str
    slug: str | None = None
    mailbox: str | None = None
    telephone: str | None = None
    language: str | None = None
    zone: str | None = None
    retired_on: date | None = None


def save_organization(row: OrganizationRow, *, actor: Actor, now: datetime, tally: Tally | None = None) -> Organization:
    """Add an organization, or update the one of that slug, name or alias.

    A slug lasts: one that differs from the stored becomes an alias. So do the name and every spelling given. Of two
    organizations of one name under different parents (two schools) the second is known by name and parent together.

    Refuses: SignInNeeded, InvalidInput naming each field; a spelling that already names another organization.
    """
    organization, outcome = keep_organization(row, actor=actor, now=now)
    count(tally, outcome)
    return organization


def keep_organization(row: OrganizationRow, *, actor: Actor, now: datetime) -> tuple[Organization, Outcome]:
    """As `save_organization`, and says what it did."""
    ensure_may_run(actor)
    wanted = {"name": row.name, "slug": row.slug, "kind": row.kind, "website": row.website}
    known = clean(Organization, wanted | {"retired_on": row.retired_on})
    parent = _parent(row, actor, now)
    qualified = f"{row.name} {parent.slug}" if parent and _is_namesake(row, parent) else None
    found = _find(row, qualified)
    _ensure_no_circle(found, parent)
    slug = known.pop("slug", None)
    if found and slug != found.slug and folded(row.name) != folded(found.name):
        del known["name"]  # found by an alias: that is no new name
    organization = found or Organization(
        slug=new_slug(Organization, slug, row.name, within=parent.slug if parent else "")
    )
    district = organization.parent
    changes = change(organization, known | ({"parent": parent} if parent else {}))
    ensure_known(organization, "kind", why=say("is needed for a new organization"))
    # Looked up before the new one is added, so that autoflush cannot write half of it.
    new = _new_aliases(found, [organization.slug, slug or "", qualified or row.name, *row.aliases])
    if new:
        changes["aliases"] = (None, new)
        organization.aliases += [OrganizationAlias(folded=spelling) for spelling in new]
    outcome = write_down(organization, changes, is_new=found is None, actor=actor, now=now)
    paired = [pair(organization.slug, other, actor=actor, now=now, field="paired_with")[1] for other in row.paired_with]
    if outcome is Outcome.UNCHANGED and any(paired):
        outcome = Outcome.UPDATED
    if found and "name" in changes:
        revise_events_showing(organization, now)
    if found and "parent" in changes:
        versions.touch(versions.keys_of_move(district, organization.parent), now)
    return organization, outcome


_OFFICE_FIELDS = ("name", "slug", "mailbox", "telephone", "language", "zone", "retired_on")


def save_office(row: OfficeRow, *, actor: Actor, now: datetime, tally: Tally | None = None) -> Office:
    """Add an office, or update the one of that slug, or of that name in its organization.

    Refuses: SignInNeeded, NotAllowed for who neither runs the service nor keeps places at this very office,
             InvalidInput naming each field: an unknown organization, no zone for a new office, a slug
             that is another organization's office.
    """
    ensure_somebody(actor)
    organization = get_organization(row.organization)
    known = clean(Office, {field: getattr(row, field) for field in _OFFICE_FIELDS})
    found = _find_office(row, organization)
    if found is None or not may(actor, Permission.KEEP_PLACES, Owner(found.id, organization.id)):
        ensure_may_run(actor)
    slug = known.pop("slug", None)
    office = found or Office(
        slug=new_slug(Office, slug, row.name, within=organization.slug), organization_id=organization.id, mailbox=""
    )
    changes = change(office, known)
    ensure_known(office, "zone", why=say("is needed for a new office"))
    outcome = write_down(office, changes, is_new=found is None, actor=actor, now=now)
    if found and changes.keys() & {"name", "mailbox"}:
        revise_events_showing(office, now)
    if found and "zone" in changes:
        replanning.ask(replanning.of_office(office), now)
    count(tally, outcome)
    return office


def get_organization(words: str, *, field: str = "organization") -> Organization:
    """The organization of that slug, name or alias; refuses InvalidInput naming the field."""
    found = lookup.find_organization(words)
    if found is None:
        raise InvalidInput({field: lookup.unknown(Organization, words)})
    return found


def _parent(row: OrganizationRow, actor: Actor, now: datetime) -> Organization | None:
    if not row.parent:
        return None
    found = lookup.find_organization(row.parent)
    if found is not None:
        return found
    kind = _PARENT_OF.get(row.kind) if row.kind else None
    if kind is None:
        raise InvalidInput({"parent": lookup.unknown(Organization, row.parent)})
    return keep_organization(OrganizationRow(name=row.parent, kind=kind), actor=actor, now=now)[0]


def _ensure_no_circle(organization: Organization | None, parent: Organization | None) -> None:
    """Refuses InvalidInput for a parent that is the organization itself or belongs to it."""
    above = parent
    while organization and above:
        if above is organization:
            raise InvalidInput({"parent": say("%(slug)r cannot belong to itself", slug=organization.slug)})
        above = above.parent


def _is_namesake(row: OrganizationRow, parent: Organization) -> bool:
    """True when the name is that of another organization, under another parent."""
    named = lookup.find_organization(row.name)
    if named is None or (row.slug and lookup.find(Organization, row.slug) is named):
        return False
    return named.parent_id is not None and named.parent_id != parent.id


def _find(row: OrganizationRow, qualified: str | None) -> Organization | None:
    """The one organization that slug, name and aliases lead to, or None; refuses when they lead to several."""
    ways = [("slug", row.slug), ("name", qualified or row.name), *(("aliases", alias) for alias in row.aliases)]
    found: Organization | None = None
    for field, words in ways:
        other = lookup.find_organization(words) if words else None
        if found and other and other is not found:
            raise InvalidInput(
                {
                    field: say(
                        "%(words)r already names %(slug)r, and this row is %(other)r",
                        words=words,
                        slug=other.slug,
                        other=found.slug,
                    )
                }
            )
        found = found or other
    return found


def _new_aliases(found: Organization | None, spellings: Iterable[str]) -> list[str]:
    """The folded spellings that the organization does not have yet; refuses what is too long or another's."""
    own = {alias.folded for alias in found.aliases} if found else set()
    new = [spelling for spelling in dict.fromkeys(map(folded, spellings)) if spelling and spelling not in own]
    if any(len(spelling) > _ALIAS_LENGTH for spelling in new):
        raise InvalidInput({"aliases": say("hold a spelling of more than %(limit)s characters", limit=_ALIAS_LENGTH)})
    taken = db.session.scalar(select(OrganizationAlias.folded).where(OrganizationAlias.folded.in_(new)).limit(1))
    if taken:
        raise InvalidInput({"aliases": say("%(taken)r already names another organization", taken=taken)})
    return new


def _find_office(row: OfficeRow, organization: Organization) -> Office | None:
    by_slug = lookup.find(Office, row.slug) if row.slug else None
    if by_slug is not None:
        if by_slug.organization_id != organization.id:
            raise InvalidInput({"slug": say("%(slug)r is an office of another organization", slug=row.slug)})
        return by_slug
    offices = db.session.scalars(select(Office).where(Office.organization_id == organization.id))
    return next((office for office in offices if folded(office.name) == folded(row.name)), None)
