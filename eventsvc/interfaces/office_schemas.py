"""What colleagues do for one another, as the doors read and show it: hand over, be away, be in charge."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.accounts.absences import Absence
from eventsvc.domain.accounts.models import EMAIL_LENGTH, Account
from eventsvc.interfaces.fields import Slug
from eventsvc.interfaces.services import services
from eventsvc.workflows.hand_over import HandedOver

_ADDRESS = validate.Length(1, EMAIL_LENGTH)


class PersonSchema(Schema):
    """Somebody who signs in, as colleagues see them."""

    id = fields.String()
    name = fields.String()


class CoordinatorSchema(PersonSchema):
    """Whoever is in charge of an event; while they are away, also who covers."""

    away_until = fields.String(allow_none=True)
    cover = fields.Nested(PersonSchema, allow_none=True)


class HandOverSchema(Schema):
    """From whom to whom, by their addresses. Without an office or an organization the first one leaves altogether."""

    giver = fields.String(data_key="from", required=True, validate=_ADDRESS, metadata={"example": "ana@pcc.example"})
    taker = fields.String(data_key="to", required=True, validate=_ADDRESS, metadata={"example": "ben@pcc.example"})
    office = Slug()
    organization = Slug()


class NamedSchema(Schema):
    """An event or an office by its name."""

    id = fields.String()
    slug = fields.String()
    title = fields.String()
    name = fields.String()
    starts_at = fields.String()
    url = fields.String()


class ProgramSchema(Schema):
    """A token that has ended: what it was for, and how far it went."""

    name = fields.String()
    scopes = fields.List(fields.String())


class RoleSchema(Schema):
    """A role that has ended."""

    role = fields.String()
    at = fields.String(allow_none=True)


class HandedOverSchema(Schema):
    """What a hand-over has done, or in a dry run would do."""

    giver = fields.Nested(PersonSchema, data_key="from")
    taker = fields.Nested(PersonSchema, data_key="to")
    at = fields.String(allow_none=True)
    is_leaving = fields.Boolean()
    moved = fields.Dict(keys=fields.String(), values=fields.Integer())
    events = fields.List(fields.Nested(NamedSchema))
    roles = fields.List(fields.Nested(RoleSchema))
    programs = fields.List(fields.Nested(ProgramSchema))
    sessions = fields.Integer()
    told = fields.List(fields.Nested(NamedSchema))


class InChargeSchema(Schema):
    """Who is to be in charge of an event, by address; null: nobody by name."""

    account = fields.String(required=True, allow_none=True, validate=_ADDRESS)


class NewAbsenceSchema(Schema):
    """When somebody is away: days (the last one counts whole) or local times, by their office's clock."""

    account = fields.String(validate=_ADDRESS, metadata={"description": "An address; left out: oneself"})
    first = fields.String(data_key="from", required=True, metadata={"example": "2027-03-01"})
    last = fields.String(data_key="until", required=True, metadata={"example": "2027-03-05"})
    cover = fields.String(required=True, validate=_ADDRESS, metadata={"description": "The colleague's address"})
    office = Slug(metadata={"description": "From the duties there alone; left out: from all"})
    organization = Slug()


class AbsenceSchema(Schema):
    """Somebody is away, and who covers; null: who covered has left."""

    id = fields.String()
    account = fields.Nested(PersonSchema)
    cover = fields.Nested(PersonSchema, allow_none=True)
    at = fields.String(allow_none=True)
    starts_at = fields.String()
    ends_at = fields.String()
    zone = fields.String()


def person_facts(account: Account) -> dict[str, Any]:
    """Somebody by name; addresses are not shown around."""
    return {"id": str(account.public_id), "name": account.name}


def coordinator_facts(account: Account | None, absence: Absence | None) -> dict[str, Any] | None:
    """Whoever is in charge, and by which absence they are away now."""
    if account is None:
        return None
    cover = absence.present_cover if absence else None
    return {
        **person_facts(account),
        "away_until": iso(absence.ends_at) if absence else None,
        "cover": person_facts(cover) if cover else None,
    }


def absence_facts(absence: Absence) -> dict[str, Any]:
    """An absence as JSON shows it."""
    cover = absence.present_cover
    return {
        "id": str(absence.public_id),
        "account": person_facts(absence.account),
        "cover": person_facts(cover) if cover else None,
        "at": absence.place.name or None,
        "starts_at": iso(absence.starts_at),
        "ends_at": iso(absence.ends_at),
        "zone": absence.zone,
    }


def handed_over_facts(done: HandedOver) -> dict[str, Any]:
    """A hand-over as JSON and the command line show it."""
    links = services().links
    events = [
        {
            "id": str(event.public_id),
            "title": event.title,
            "starts_at": iso(event.starts_at),
            "url": links.event_page(str(event.public_id)),
        }
        for event in done.events
    ]
    places = [(grant.role, grant.office or grant.organization) for grant in done.roles]
    return {
        "from": person_facts(done.giver),
        "to": person_facts(done.taker),
        "at": done.at or None,
        "is_leaving": done.is_leaving,
        "moved": done.moved,
        "events": events,
        "roles": [{"role": str(role), "at": place.slug if place else None} for role, place in places],
        "programs": [{"name": one.name, "scopes": one.scopes} for one in done.programs],
        "sessions": done.sessions,
        "told": [{"slug": office.slug, "name": office.name} for office in done.told],
    }
