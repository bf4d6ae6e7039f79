"""How doors show an event: the same facts for JSON and pages, as far as the asker may know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from eventsvc.core import clock
from eventsvc.core.errors import NotFound, say
from eventsvc.core.times import iso
from eventsvc.domain.accounts import Actor, absences
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals import takers
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.attendance import counting, doors
from eventsvc.domain.events import coordinators, overrides, permits
from eventsvc.domain.events.lifecycle import CALLED_OFF_EARLY, OFF
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking, preload
from eventsvc.domain.invitations.missing import missing_yes
from eventsvc.domain.invitations.models import Invitation
from eventsvc.interfaces.answered import answers_facts
from eventsvc.interfaces.attendance_schemas import attendance_facts
from eventsvc.interfaces.office_schemas import coordinator_facts, person_facts
from eventsvc.interfaces.schemas import EventSchema, OverriddenSchema
from eventsvc.interfaces.seat_schemas import seats_facts
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown_doors import head_facts

_SCHEMA, _OVERRIDDEN = EventSchema(), OverriddenSchema(many=True)
# Who comes where is not the public's affair, and a person's slug is made of their name.
_FOR_PLANNERS = (
    *("seats", "missing_yes", "answers", "room_approvals", "overrides", "version", "coordinator"),
    *("head_counts", "attendance"),
    *("experts", "online_experts", "equipment", "series"),
)


def get_visible_event(event_id: str, actor: Actor) -> Event:
    """The event; refuses NotFound also when the asker may not see it."""
    event = get_event(event_id)
    if not permits.may_see_event(actor, event):
        raise NotFound(say("There is no such event."))
    return event


def get_changeable_event(event_id: str, actor: Actor) -> Event:
    """The event; refuses NotFound to those who may not see it, NotAllowed to those who may not change it."""
    event = get_event(event_id)
    permits.ensure_may_change(actor, event)
    return event


def event_facts(event: Event, actor: Actor) -> dict[str, Any]:
    """An event as JSON-ready facts; missing yeses, people and versions are for those who plan."""
    return list_facts([event], actor)[0]


def list_facts(events: Sequence[Event], actor: Actor) -> list[dict[str, Any]]:
    """The facts of a page of events, in a number of queries that does not grow with it."""
    ids = [event.id for event in events if permits.may_see_work_of(actor, event)]
    invitations, approvals, given = asking.of_events(ids), rooms.of_events(ids), overrides.of_events(ids)
    asked = [one for some in invitations.values() for one in some]
    preload.of_events([event for event in events if event.id in invitations], asked)
    answers = answers_facts(asked)
    counts, after = doors.counts_of_events(invitations), counting.told_of_events(invitations)
    people = _people_in_charge([event for event in events if event.id in invitations], approvals)
    return [
        _facts(event)
        | _for_planners(event, invitations[event.id], approvals[event.id], people)
        | {"answers": [answers[one.id] for one in invitations[event.id]]}
        | {"overrides": _OVERRIDDEN.dump(given[event.id]), "head_counts": head_facts(counts[event.id])}
        | {"attendance": attendance_facts(after[event.id]) if event.status is Status.COMPLETED else None}
        if event.id in invitations
        else _public_facts(event)
        for event in events
    ]


def _facts(event: Event) -> dict[str, Any]:
    links = services().links
    facts: dict[str, Any] = _SCHEMA.dump(event)
    return facts | {"url": links.event_page(facts["id"]), "ics_url": links.event_ics(facts["id"])}


def _public_facts(event: Event) -> dict[str, Any]:
    facts = {name: value for name, value in _facts(event).items() if name not in _FOR_PLANNERS}
    facts["rooms"] = [room.slug for room in event.sure_rooms]
    if event.status in CALLED_OFF_EARLY:
        facts["status"] = str(Status.CANCELLED)
    return facts | _as_promised(event) if event.status in OFF else facts


def _as_promised(event: Event) -> dict[str, Any]:
    """Time and place that the public was last told, of an event that is off."""
    told = {name: value for name, value in event.promised.items() if name not in ("location", "geo")}
    if event.status is Status.POSTPONED:
        told["online_url"] = ""  # that of a plan that nobody has promised yet
    told["room_state"] = None  # it stands where it was promised to be
    return told | {"starts_at": iso(event.promised_starts_at), "ends_at": iso(event.promised_ends_at)}


class _InCharge(NamedTuple):
    """Facts of the people in charge: of events, and of approvals, by their ids."""

    events: dict[int, dict[str, Any] | None]
    approvals: dict[int, dict[str, Any]]


def _people_in_charge(events: Sequence[Event], approvals: Mapping[int, Sequence[RoomApproval]]) -> _InCharge:
    found = coordinators.of_events([event.id for event in events])
    away = absences.now_away({account.id for account in found.values()}, clock.now())
    taken_up = takers.of_approvals([one.id for some in approvals.values() for one in some])
    facts: dict[int, dict[str, Any] | None] = {}
    for event in events:
        account = found.get(event.id)
        theirs = away.get(account.id, []) if account else []
        absence = next((one for one in theirs if one.place.has(permits.whose(event))), None)
        facts[event.id] = coordinator_facts(account, absence)
    return _InCharge(facts, {key: person_facts(account) for key, account in taken_up.items()})


def _for_planners(
    event: Event, invitations: Sequence[Invitation], approvals: Sequence[RoomApproval], people: _InCharge
) -> dict[str, Any]:
    missing = missing_yes(event, invitations, approvals)
    return {
        "seats": seats_facts(event, invitations),
        "missing_yes": [asdict(yes) for yes in missing],
        "room_approvals": [
            {**approval_facts(approval), "in_charge": people.approvals.get(approval.id)} for approval in approvals
        ],
        "coordinator": people.events[event.id],
    }


def approval_facts(approval: RoomApproval) -> dict[str, Any]:
    """Where a room of another office stands, as JSON-ready facts."""
    office = approval.office
    return {
        "room": approval.room.slug,
        "office": office.slug if office else None,
        "state": str(approval.state),
        "turn": approval.turn,
        "asked_at": iso(approval.asked_at),
        "answered_at": iso(approval.answered_at) if approval.answered_at else None,
        "reference": approval.reference,
        "reason": approval.reason,
    }
