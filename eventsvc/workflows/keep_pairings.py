"""Pair a school with a college, and end it: from then on the school's calendar shows the college's events or not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may, ensure_somebody
from eventsvc.domain.directory import lookup, pairings
from eventsvc.domain.directory.models import Organization, OrganizationKind
from eventsvc.domain.directory.pairings import Pairing
from eventsvc.domain.feeds import versions
from eventsvc.workflows.keeping import may_keep_of

MOST = 30  # colleges of one school


def pair(slug: str, other: str, *, actor: Actor, now: datetime, field: str = "with") -> tuple[Pairing, bool]:
    """Pair two organizations, a school and a college, whichever is named first; and whether they were not yet.

    Locks:   both organizations by id, then the school's feed.
    Refuses: NotFound for the first, InvalidInput naming `field` for the second and for two that are no school and
             college; SignInNeeded, NotAllowed for who keeps neither of them and does not run the service.
    """
    school, college = _both(slug, other, actor, field)
    found = pairings.find(school, college)
    if found is not None:
        return found, False
    if len(pairings.partners_of(school)) >= MOST:
        raise InvalidInput(
            {field: say("%(name)s is paired with %(most)s colleges already", name=school.name, most=MOST)}
        )
    made = Pairing(school=school, college=college, made_at=now)
    db.session.add(made)
    db.session.flush()
    _note("pair", school, college, (None, college.slug), actor, now)
    return made, True


def end(slug: str, other: str, *, actor: Actor, now: datetime, field: str = "with") -> bool:
    """End a pairing; False where there was none.

    Locks and refuses: as `pair`.
    """
    school, college = _both(slug, other, actor, field)
    found = pairings.find(school, college)
    if found is None:
        return False
    db.session.delete(found)
    db.session.flush()
    _note("unpair", school, college, (college.slug, None), actor, now)
    return True


def may_pair(actor: Actor, organization: Organization) -> bool:
    """True for who may pair it: who runs the service, and who keeps its places."""
    return may_keep_of(actor, Permission.KEEP_PLACES, organization)


def _both(slug: str, other: str, actor: Actor, field: str) -> tuple[Organization, Organization]:
    ensure_somebody(actor)
    one = lookup.get(Organization, slug)
    two = lookup.find_organization(other)
    if two is None:
        raise InvalidInput({field: lookup.unknown(Organization, other)})
    if not (may_pair(actor, one) or may_pair(actor, two)):
        ensure_may(actor, Permission.KEEP_PLACES, Owner(None, one.id))
    both = {organization.kind: organization for organization in (one, two)}
    if both.keys() != {OrganizationKind.SCHOOL, OrganizationKind.COLLEGE}:
        raise InvalidInput({field: say("a school is paired with a college, and nothing else is")})
    ids = sorted(organization.id for organization in both.values())
    query = select(Organization.id).where(Organization.id.in_(ids)).order_by(Organization.id)
    db.session.execute(query.with_for_update(key_share=True))
    return both[OrganizationKind.SCHOOL], both[OrganizationKind.COLLEGE]


def _note(
    verb: str, school: Organization, college: Organization, change: audit.Change, actor: Actor, now: datetime
) -> None:
    audit.record(verb, "organization", school.slug, actor=actor.name, now=now, changes={"colleges": change})
    versions.touch({f"organization:{school.slug}"}, now)
