"""The engagement register: what partners and colleges did together, and the events behind every number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.domain.accounts import Actor, Owner, ensure_somebody, may_see_work
from eventsvc.domain.accounts.actors import reports_of
from eventsvc.domain.attendance.models import Standing
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event
from eventsvc.domain.reports import engagement
from eventsvc.domain.reports.engagement import Wanted
from eventsvc.domain.reports.lines import Asking, Line, Serving, Sums, lines_of, sums_of
from eventsvc.domain.reports.periods import By
from eventsvc.domain.requests.models import Request

_YEARS = 2000, 2099


class Number(StrEnum):
    """A number of the register behind which one may look."""

    ASKED = "asked"
    ANSWERED = "answered"
    SERVED = "served"
    COUNTED = "counted"
    AWAITED = "awaited"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which register: days that count whole, whose, and how it is parted. Slugs; None does not narrow."""

    first: date
    last: date
    of: str | None = None
    partner: str | None = None
    college: str | None = None
    by: By = By.WHOLE


@dataclass(frozen=True, slots=True)
class Register:
    """The lines, all together, and the organizations that they name, by id."""

    lines: list[Line]
    total: Sums
    names: dict[int, Organization]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One asking or event behind a number; who may not see the event is told its day, not its title."""

    day: date
    partner: Organization
    college: Organization
    title: str
    event: Event | None
    standing: Standing | None
    heads: int | None
    answered_after: int | None


def read_register(wish: Wish, *, actor: Actor) -> Register:
    """The register as far as the asker reads reports; a fixed number of queries.

    Refuses: SignInNeeded; NotFound for whoever reads no reports there; InvalidInput for days that make no sense.
    """
    wanted = _wanted(wish, actor)
    askings, servings = engagement.askings(wanted), engagement.servings(wanted)
    lines = lines_of(askings, servings, by=wish.by, first=wish.first, last=wish.last)
    return Register(_by_name(lines, names := _names(askings, servings)), sums_of(askings, servings), names)


def read_behind(wish: Wish, number: Number, *, actor: Actor) -> list[Behind]:
    """What stands behind a number of that register, by day; as many rows as the number says, as lines add up."""
    wanted = _wanted(wish, actor)
    askings = engagement.askings(wanted) if number in (Number.ASKED, Number.ANSWERED) else []
    if number is Number.ANSWERED:
        askings = [one for one in askings if one.answered_after is not None]
    servings = [] if askings or number in (Number.ASKED, Number.ANSWERED) else engagement.servings(wanted)
    if number is not Number.SERVED:
        servings = [one for one in servings if str(one.standing) == str(number)]
    return _shown(askings, servings, actor)


def organizations_read(actor: Actor) -> list[Organization]:
    """Whose registers somebody may read one by one, by name; for those who read all, none is named."""
    sight = reports_of(actor)
    of_offices = select(Office.organization_id).where(Office.id.in_(sight.office_ids))
    mine = or_(Organization.id.in_(sight.organization_ids), Organization.id.in_(of_offices))
    return (
        [] if sight.is_whole else list(db.session.scalars(select(Organization).where(mine).order_by(Organization.name)))
    )


def _wanted(wish: Wish, actor: Actor) -> Wanted:
    ensure_somebody(actor)
    if wish.last < wish.first:
        raise InvalidInput({"until": say("lies before the first day")})
    if not _YEARS[0] <= wish.first.year <= wish.last.year <= _YEARS[1]:
        raise InvalidInput({"from": say("must lie between the years 2000 and 2099")})
    partner, college = _organization(wish.partner), _organization(wish.college)
    return Wanted(
        first=wish.first, last=wish.last, concerning=_concerning(wish.of, actor), partner_id=partner, college_id=college
    )


def _concerning(of: str | None, actor: Actor) -> frozenset[int] | None:
    is_whole = reports_of(actor).is_whole
    readable = frozenset(one.id for one in organizations_read(actor))
    if of is None:
        if not is_whole and not readable:
            raise NotFound(say("There is no such register."))
        return None if is_whole else readable
    found = lookup.find(Organization, of)
    if found is None or not (is_whole or found.id in readable):
        raise NotFound(say("There is no such register."))
    return frozenset({found.id})


def _organization(slug: str | None) -> int | None:
    return lookup.get(Organization, slug).id if slug else None


def _names(askings: Sequence[Asking], servings: Sequence[Serving]) -> dict[int, Organization]:
    both: list[Asking | Serving] = [*askings, *servings]
    ids = {number for one in both for number in (one.partner_id, one.college_id)}
    return {one.id: one for one in db.session.scalars(select(Organization).where(Organization.id.in_(ids)))}


def _by_name(lines: list[Line], names: dict[int, Organization]) -> list[Line]:
    return sorted(lines, key=lambda one: (one.first, names[one.partner_id].name, names[one.college_id].name))


def _shown(askings: Sequence[Asking], servings: Sequence[Serving], actor: Actor) -> list[Behind]:
    names = _names(askings, servings)
    both: list[Asking | Serving] = [*askings, *servings]
    ids = {one.event_id for one in both if one.event_id is not None}
    events = {one.id: one for one in db.session.scalars(select(Event).where(Event.id.in_(ids)).options(*WHOLE))}
    query = select(Request).where(Request.id.in_({one.request_id for one in askings if one.request_id is not None}))
    query = query.options(joinedload(Request.asker), joinedload(Request.partner))
    requests = {one.id: one for one in db.session.scalars(query)}
    found = []
    for one in both:
        event = events.get(one.event_id) if one.event_id is not None else None
        is_seen = event is not None and permits.may_see_event(actor, event)
        request = requests.get(one.request_id) if isinstance(one, Asking) and one.request_id is not None else None
        found.append(
            Behind(
                day=one.asked_on if isinstance(one, Asking) else one.held_on,
                partner=names[one.partner_id],
                college=names[one.college_id],
                title=event.title if event and is_seen else _title_of(request, actor),
                event=event if is_seen else None,
                standing=one.standing if isinstance(one, Serving) else None,
                heads=one.heads if isinstance(one, Serving) else None,
                answered_after=one.answered_after if isinstance(one, Asking) else None,
            )
        )
    return sorted(found, key=lambda row: (row.day, row.partner.name, row.college.name))


def _title_of(request: Request | None, actor: Actor) -> str:
    if request is None:
        return ""
    offices = [Owner(one.id, one.organization_id) for one in (request.asker, request.partner)]
    return request.title if may_see_work(actor, offices) else ""
