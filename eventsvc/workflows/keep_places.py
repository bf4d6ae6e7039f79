"""Keep campuses and their rooms: add them, or update what a row knows better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Permission, ensure_somebody
from eventsvc.domain.approvals.asking import ensure_approver
from eventsvc.domain.booking import resources
from eventsvc.domain.directory import lookup, mending
from eventsvc.domain.directory.lending import first_office
from eventsvc.domain.directory.models import Campus, Office, Organization, OrganizationKind, Room, RoomAlias
from eventsvc.domain.directory.names import folded, slugged
from eventsvc.workflows import keep_halls
from eventsvc.workflows.keep_organizations import (
    OfficeRow,
    OrganizationRow,
    keep_organization,
    save_office,
)
from eventsvc.workflows.keep_search import index_entry
from eventsvc.workflows.keeping import (
    Outcome,
    Tally,
    change,
    clean,
    count,
    ensure_known,
    ensure_may_keep_of,
    new_slug,
    write_down,
)
from eventsvc.workflows.revise_shown import claim_events_showing, note_events_showing, revise_events_showing

_CAMPUS_FIELDS = ("name", "slug", "address", "city", "postal_code", "latitude", "longitude", "zone", "students")
_CAMPUS_WORDS = ("name", "address", "city", "postal_code")
_CAMPUS_SHOWN = frozenset({"name", "address", "city", "postal_code", "latitude", "longitude"})
_ROOM_FIELDS = (
    *("name", "slug", "capacity", "layout", "equipment", "step_free", "setup_minutes", "takedown_minutes"),
    *("needs_approval", "outside_reference", "hours", "retired_on"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampusRow:
    """What is known of a campus; None is not known.

    `organization` is a slug, a name or an alias; left out, the organization has the campus's own name and slug.
    `kind`, `parent` and `website` say more of that organization, `mailbox` of the office made where it has none.
    """

    name: str
    slug: str | None = None
    organization: str | None = None
    kind: OrganizationKind | None = None
    parent: str | None = None
    website: str | None = None
    mailbox: str | None = None
    address: str | None = None
    city: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    zone: str | None = None
    students: int | None = None
    students_is_lower_bound: bool | None = None
    parking: str | None = None
    hours: list[list[int]] | None = None
    retired_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRow:
    """What is known of a room; None is not known. `campus` and `office` are slugs, `aliases` other spellings.

    `parent` is the divisible hall on the same campus that the room is a part of: a slug, name or alias.
    With `needs_approval` that office grants the room to each event of another one; `outside_reference` is what the room
    is called in the office's own system.
    """

    name: str
    campus: str
    slug: str | None = None
    office: str | None = None
    parent: str | None = None
    needs_approval: bool | None = None
    outside_reference: str | None = None
    capacity: int | None = None
    layout: str | None = None
    equipment: tuple[str, ...] | None = None
    step_free: bool | None = None
    setup_minutes: int | None = None
    takedown_minutes: int | None = None
    hours: list[list[int]] | None = None
    retired_on: date | None = None
    aliases: tuple[str, ...] = ()


def save_campus(
    row: CampusRow, *, actor: Actor, now: datetime, tally: Tally | None = None, mends_words: bool = False
) -> Campus:
    """Add a campus, or update the one of that slug, or of that name in its organization.

    Its organization is added or updated with it, and gets an office where it has none. A changed name or address
    revises the events that show it; who counts on one that is near is told, unless it only mends words.

    Refuses: SignInNeeded, InvalidInput naming each field: a new campus needs a zone, a new organization a kind; more
             than a mended word said to be one.
    """
    ensure_somebody(actor)
    known = clean(Campus, {field: getattr(row, field) for field in (*_CAMPUS_FIELDS, "parking", "hours", "retired_on")})
    if row.students is not None:
        known["students_is_lower_bound"] = bool(row.students_is_lower_bound)
    organization, outcome_there = _organization(row, actor, now)
    ensure_may_keep_of(actor, Permission.KEEP_PLACES, organization)
    found = _find_campus(row, organization)
    slug = known.pop("slug", None)
    campus = found or Campus(
        slug=new_slug(Campus, slug, row.name, within=organization.slug), organization_id=organization.id
    )
    if mends_words:
        mending.ensure_mended(found, known, _CAMPUS_WORDS)
    elif found and any(known.get(name, getattr(found, name)) != getattr(found, name) for name in _CAMPUS_SHOWN):
        note_events_showing(found, now)
    unsaid = mending.unsaid(found, known, _CAMPUS_WORDS) if mends_words else {}
    changes = change(campus, known) | unsaid
    ensure_known(campus, "zone", why=say("is needed for a new campus"))
    outcome = write_down(campus, changes, is_new=found is None, actor=actor, now=now)
    _ensure_office(organization, row.mailbox, campus.zone, actor, now)
    if found and changes.keys() & _CAMPUS_SHOWN:
        revise_events_showing(campus, now)
    count(tally, outcome, outcome_there)
    return campus


def save_room(
    row: RoomRow, *, actor: Actor, now: datetime, tally: Tally | None = None, mends_words: bool = False
) -> Room:
    """Add a room and make it bookable, or update the one of that slug, name or alias on its campus.

    New set-up and take-down minutes count for bookings made from now on. A changed name revises the events there,
    and who counts on one that is near is told, unless it only mends words. A room that is closed is always told.

    Locks:   the events there where its name changes, then the resources of halls that change.
    Refuses: SignInNeeded, InvalidInput naming each field; another room's alias; a change of a divisible hall (see
             keep_halls); a room to be granted by nobody; more than a mended word said to be one.
    """
    ensure_somebody(actor)
    campus = get_campus(row.campus, field="campus")
    ensure_may_keep_of(actor, Permission.KEEP_PLACES, campus.organization)
    known = clean(Room, {field: getattr(row, field) for field in _ROOM_FIELDS})
    if row.office:
        known["office_id"] = lookup.get_in_use(Office, row.office, field="office").id
    found = _find_room(row, campus)
    slug = known.pop("slug", None)
    if found and slug != found.slug and folded(row.name) != folded(found.name):
        del known["name"]  # found by an alias: that is no new name
    if found and known.get("name", found.name) != found.name:
        claim_events_showing(found)
    if mends_words:
        mending.ensure_mended(found, known, ("name",))
    told_by = ("retired_on",) if mends_words else ("name", "retired_on")
    if found and any(known.get(name, getattr(found, name)) != getattr(found, name) for name in told_by):
        note_events_showing(found, now)
    if hall := keep_halls.find_new_hall(found, row.parent, campus, retired_on=row.retired_on, now=now):
        known["parent"] = hall
    room = found or Room(slug=new_slug(Room, slug, row.name, within=campus.slug), campus_id=campus.id)
    unsaid = mending.unsaid(found, known, ("name",)) if mends_words else {}
    changes = change(room, known) | unsaid
    ensure_approver(room)
    outcome = write_down(room, changes, is_new=found is None, actor=actor, now=now)
    resources.register(room_id=room.id)
    aliases = [remember_room_alias(room, words, actor=actor, now=now) for words in (row.name, *row.aliases)]
    if found and "name" in changes:
        revise_events_showing(room, now)
    count(tally, outcome, Outcome.UPDATED if any(aliases) else Outcome.UNCHANGED)
    return room


def remember_room_alias(room: Room, words: str, *, actor: Actor, now: datetime) -> bool:
    """From now on `words` means this room on its campus; returns False when it did already.

    A spelling that was remembered for another room is turned over to this one, unless it is the other's own name.

    Refuses: SignInNeeded, InvalidInput.
    """
    ensure_may_keep_of(actor, Permission.KEEP_PLACES, room.campus.organization)
    spelling = folded(words)
    if not spelling or len(spelling) > 200:
        raise InvalidInput({"aliases": say("%(words)r is empty or too long to be a room's name", words=words)})
    known = db.session.scalar(
        select(RoomAlias).where(RoomAlias.campus_id == room.campus_id, RoomAlias.folded == spelling)
    )
    if known is not None and known.room_id == room.id:
        return False
    if known is not None:
        other = db.session.get_one(Room, known.room_id)
        if folded(other.name) == spelling:
            raise InvalidInput(
                {"aliases": say("%(words)r is the name of another room there, %(slug)r", words=words, slug=other.slug)}
            )
        known.room_id = room.id
    else:
        db.session.add(RoomAlias(campus_id=room.campus_id, room_id=room.id, folded=spelling))
    db.session.flush()
    index_entry(room)
    audit.record("alias", "room", room.slug, actor=actor.name, now=now, changes={"aliases": (None, spelling)})
    return True


def get_campus(words: str, *, field: str) -> Campus:
    """The campus of that slug or name, or the only one of the organization so named; refuses InvalidInput."""
    found = lookup.find(Campus, words) or lookup.find(Campus, slugged(words))
    if found is not None:
        return found
    organization = lookup.find_organization(words)
    there = db.session.scalars(select(Campus).where(Campus.organization_id == organization.id)) if organization else ()
    campuses = list(there)
    if len(campuses) == 1:
        return campuses[0]
    if not campuses:
        raise InvalidInput({field: lookup.unknown(Campus, words)})
    raise InvalidInput({field: say("%(words)r has %(count)s campuses: name one", words=words, count=len(campuses))})


def _organization(row: CampusRow, actor: Actor, now: datetime) -> tuple[Organization, Outcome]:
    known = lookup.find_organization(row.organization) if row.organization else _organization_at(row.slug)
    if known and not (row.kind or row.parent or row.website):
        return known, Outcome.UNCHANGED
    name = row.organization or row.name
    about = OrganizationRow(
        name=known.name if known else name,
        slug=known.slug if known else (row.slug if row.organization is None else None),
        kind=row.kind,
        parent=row.parent,
        website=row.website,
    )
    return keep_organization(about, actor=actor, now=now)


def _organization_at(slug: str | None) -> Organization | None:
    """The organization of the campus of that slug, or None where there is no such campus yet."""
    campus = lookup.find(Campus, slug) if slug else None
    return campus.organization if campus else None


def _find_campus(row: CampusRow, organization: Organization) -> Campus | None:
    by_slug = lookup.find(Campus, row.slug) if row.slug else None
    if by_slug is not None:
        if by_slug.organization_id != organization.id:
            whose = by_slug.organization.slug
            raise InvalidInput(
                {"slug": say("%(slug)r is a campus of %(organization)r", slug=row.slug, organization=whose)}
            )
        return by_slug
    campuses = db.session.scalars(select(Campus).where(Campus.organization_id == organization.id))
    return next((campus for campus in campuses if folded(campus.name) == folded(row.name)), None)


def _ensure_office(organization: Organization, mailbox: str | None, zone: str, actor: Actor, now: datetime) -> None:
    if first_office(organization) is None:
        slug = new_slug(Office, None, f"{organization.slug[:70]} events")
        row = OfficeRow(name="Events office", organization=organization.slug, slug=slug, mailbox=mailbox, zone=zone)
        save_office(row, actor=actor, now=now)


def _find_room(row: RoomRow, campus: Campus) -> Room | None:
    by_slug = lookup.find(Room, row.slug) if row.slug else None
    if by_slug is not None and by_slug.campus_id != campus.id:
        raise InvalidInput({"slug": say("%(slug)r is a room of another campus", slug=row.slug)})
    return by_slug or lookup.find_room_on(campus, row.name)
