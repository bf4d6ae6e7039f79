"""Pair a school with a college, and end it: from then on the school's calendar shows the college's events or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may, ensure_somebody, may_run
from eventsvc.domain.directory import lookup, pairings
from eventsvc.domain.directory.models import Organization, OrganizationKind
from eventsvc.domain.directory.pairings import Pairing
from eventsvc.domain.feeds import versions
from eventsvc.workflows.keeping import ensure_may_keep_of, may_keep_of, where_kept

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


def organization_paired(slug: str, *, actor: Actor) -> Organization:
    """The school or college whose pairings somebody keeps.

    Refuses: NotFound, also for what is neither; SignInNeeded, NotAllowed for who does not keep it.
    """
    ensure_somebody(actor)
    found = lookup.get(Organization, slug)
    ensure_may_keep_of(actor, Permission.KEEP_PLACES, found)
    if found.kind not in pairings.OTHER_SIDE:
        raise NotFound(say("Only schools and colleges are paired, and %(name)s is neither.", name=found.name))
    return found


def organizations_paired(*, actor: Actor) -> Sequence[Organization]:
    """Those in use whose pairings somebody keeps, by name; of who runs the service every college.

    Each pairing has one college, so every pairing is reached from these. Refuses: SignInNeeded.
    """
    ensure_somebody(actor)
    query = select(Organization).where(Organization.retired_on.is_(None))
    if may_run(actor):
        query = query.where(Organization.kind == OrganizationKind.COLLEGE)
    else:
        own = where_kept(actor, Permission.KEEP_PLACES)
        query = query.where(Organization.kind.in_(pairings.OTHER_SIDE), Organization.id.in_(own))
    return db.session.scalars(query.order_by(Organization.name, Organization.slug)).all()


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
