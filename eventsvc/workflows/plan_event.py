"""Plan an event: make it, reserve every room and expert or nothing, and ask the people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_plan
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.approvals import asking as approvals
from eventsvc.domain.booking import holds
from eventsvc.domain.booking.models import Hold, State
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office, Organization, Room, Topic
from eventsvc.domain.events import lifecycle, needs, words
from eventsvc.domain.events.found_under import ensure_languages
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event, EventKind, Status, Visibility
from eventsvc.domain.events.overrides import Waiver
from eventsvc.domain.events.permits import whose
from eventsvc.domain.events.promises import promise
from eventsvc.domain.events.schedule import When, ensure_ahead, schedule
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.reminders import planning
from eventsvc.workflows import cascade, tell
from eventsvc.workflows.admit_employers import ensure_may_come
from eventsvc.workflows.ask_rooms import RoomsTurned, ask_for_rooms, tell_offices
from eventsvc.workflows.changing import changing_all
from eventsvc.workflows.keep_search import index_events
from eventsvc.workflows.line_ups import SaidSeat, ensure_said_once, put_seats
from eventsvc.workflows.people_and_things import put_equipment, put_people
from eventsvc.workflows.put_in_charge import note_planner
from eventsvc.workflows.said_wish import SaidEquipment
from eventsvc.workflows.taking import take_for
from eventsvc.workflows.use_hold import claim_live_hold, hand_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody wishes to plan; names are slugs. `online_experts` are those of the experts who join from afar."""

    kind: EventKind
    title: str
    when: When
    campus: str | None = None
    owner: str | None = None
    rooms: tuple[str, ...] = ()
    experts: tuple[str, ...] = ()
    online_experts: tuple[str, ...] = ()
    equipment: tuple[SaidEquipment, ...] = ()
    seats: tuple[SaidSeat, ...] = ()
    topics: tuple[str, ...] = ()
    co_hosts: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    description: str = ""
    bring: str = ""
    accommodations: str = ""
    accommodations_due_on: date | None = None
    online_url: str = ""
    expected_heads: int | None = None
    visibility: Visibility = Visibility.PUBLIC
    override: Waiver | None = None


def plan_event(
    plan: Plan,
    *,
    is_draft: bool = False,
    hold: str | None = None,
    submission: str | None = None,
    actor: Actor,
    now: datetime,
) -> Event:
    """Make an event and, unless it is a draft, request it: everything is reserved and everybody asked, or nothing.

    `hold` is the id of a hold whose things are given back for this event; a refusal leaves it standing.
    `submission` names the form it was planned by (see `lookup.find_submitted`). Where two send the same form at
    once, one of them meets an IntegrityError before it takes anything, and looks again.

    Locks:   the account, the hold, then the resources of its rooms and experts, in id order.
    Refuses: SignInNeeded, InvalidInput naming the field, SlotTaken naming every clash, HoldEnded.
    """
    ensure_may_plan(actor)
    event, asked = make_event(plan, is_draft=is_draft, hold=hold, submission=submission, actor=actor, now=now)
    tell_asked([asked], now)
    return event


def make_event(
    plan: Plan,
    *,
    is_draft: bool,
    hold: str | None = None,
    submission: str | None = None,
    series_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[Event, Asked]:
    """The same, with the letters left to the caller: the event, and whom it asks and nobody has told yet."""
    if hold is not None and is_draft:
        raise InvalidInput({"hold": say("a draft reserves nothing: leave out the hold")})
    ensure_draft_overrides_nothing(plan, is_draft)
    actor = hold_still(actor)
    held = claim_live_hold(hold, actor, now) if hold is not None else None
    event = new_event(plan, now, submission=submission, series_id=series_id)
    ensure_may_plan(actor, whose(event), event.kind)
    ensure_is_ahead(event, now)
    note_planner([event], actor, now)
    note_planned(event, actor, now)
    if not is_draft:
        return event, request_quietly(event, actor, now, held=held, override=plan.override)
    index_events([event])
    return event, Asked()


def ensure_draft_overrides_nothing(plan: Plan, is_draft: bool) -> None:
    """Refuses InvalidInput for a draft that overrides rules: it takes nothing that they could stand against."""
    if is_draft and plan.override is not None:
        raise InvalidInput({"override": say("a draft reserves nothing: override rules when you request it")})


def ensure_is_ahead(event: Event, now: datetime) -> None:
    """Refuses InvalidInput for an event that has begun."""
    ensure_ahead(event.span, now, field="starts_on" if event.all_day else "starts_local")


def note_planned(event: Event, actor: Actor, now: datetime) -> None:
    """Write down that an event was planned."""
    audit.record("plan", "event", event.public_id, actor=actor.name, now=now, changes=_as_new(event))


def request_event(
    event_id: str, *, override: Waiver | None = None, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Turn a draft into a request; reserves and asks as `plan_event` does, and refuses alike."""
    event = claim_to_change(event_id, actor, expected)
    lifecycle.ensure_can(event, Move.REQUEST)
    ensure_ahead(event.span, now, field="starts_local")
    tell_asked([request_quietly(event, actor, now, override=override)], now)
    return event


def new_event(plan: Plan, now: datetime, *, submission: str | None = None, series_id: int | None = None) -> Event:
    """A draft of the plan, in the session, with nothing reserved, nobody asked and not yet in the search's index.

    Refuses: InvalidInput.
    """
    event = unsaved_event(plan, now, submission=submission, series_id=series_id)
    db.session.add(event)
    db.session.flush()
    return event


def unsaved_event(plan: Plan, now: datetime, *, submission: str | None = None, series_id: int | None = None) -> Event:
    """The same, not yet in the session."""
    campus = lookup.get_in_use(Campus, plan.campus, field="campus") if plan.campus else None
    owner = _owner(plan, campus)
    event = Event(
        submission=submission,
        series_id=series_id,
        kind=plan.kind,
        title=words.ensure_title(plan.title),
        description=words.ensure_description(plan.description),
        bring=words.ensure_advice(plan.bring, field="bring"),
        accommodations=words.ensure_advice(plan.accommodations, field="accommodations"),
        online_url=words.ensure_link(plan.online_url),
        visibility=plan.visibility,
        audience=list(plan.audience),
        languages=ensure_languages(plan.languages),
        expected_heads=plan.expected_heads,
        owner=owner,
        campus=campus,
        status=Status.DRAFT,
        sequence=0,
        version=1,
        created_at=now,
        revised_at=now.replace(microsecond=0),
    )
    event.rooms = lookup.get_all_in_use(Room, plan.rooms, field="rooms")
    event.topics = lookup.get_all_in_use(Topic, plan.topics, field="topics")
    event.co_hosts = co_hosts_of(plan.co_hosts, owner)
    if plan.seats:
        ensure_said_once(plan.experts, plan.online_experts)
        put_seats(event, plan.seats)
    else:
        put_people(event, plan.experts, plan.online_experts)
    put_equipment(event, plan.equipment)
    needs.ensure_on_campus(event)
    schedule(event, plan.when, campus.zone if campus else owner.zone)
    event.accommodations_due_on = words.ensure_due_on(plan.accommodations_due_on, event.starts_on)
    promise(event)
    return event


def owner_of(plan: Plan) -> Office:
    """The office that an event of this plan belongs to; refuses InvalidInput."""
    return _owner(plan, lookup.get_in_use(Campus, plan.campus, field="campus") if plan.campus else None)


def co_hosts_of(slugs: Sequence[str], owner: Office) -> list[Organization]:
    """The organizations beside the host; the host itself is left out, for it is no co-host of its own event."""
    found = lookup.get_all_in_use(Organization, slugs, field="co_hosts")
    return [organization for organization in found if organization.id != owner.organization_id]


def _owner(plan: Plan, campus: Campus | None) -> Office:
    """The office named, or the first office of the campus's organization."""
    if plan.owner:
        return lookup.get_in_use(Office, plan.owner, field="owner")
    if campus is None:
        raise InvalidInput({"owner": say("an event without a campus names the office that owns it")})
    offices, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == campus.organization_id])
    if not offices:
        raise InvalidInput(
            {"owner": say("%(name)s has no office yet: name the owning office", name=campus.organization.name)}
        )
    return offices[0]


class Asked(NamedTuple):
    """Whom a request asks: people, and the offices of rooms."""

    people: tuple[Invitation, ...] = ()
    rooms: tuple[RoomsTurned, ...] = ()
    events: tuple[Event, ...] = ()


def tell_asked(asked: Iterable[Asked], now: datetime) -> None:
    """The letters of requests that are one act: one a person, and one a room, about all their dates."""
    requests = list(asked)
    tell_offices([rooms for one in requests for rooms in one.rooms], now)
    tell.ask_people([person for one in requests for person in one.people], now)
    cascade.complete_seats([event for one in requests for event in one.events], now)


def request_quietly(
    event: Event, actor: Actor, now: datetime, *, held: Hold | None = None, override: Waiver | None = None
) -> Asked:
    """Request a draft that is locked: reserve everything and ask; the letters are the caller's.

    What was `held` for it, and is locked, is given back for it.
    """
    reserve(event, actor, now, held=held, override=override)
    return request_reserved([event], actor, now)


def reserve(
    event: Event, actor: Actor, now: datetime, *, held: Hold | None = None, override: Waiver | None = None
) -> None:
    """Take everything that a draft needs, for as long as a request is held; refuses NotAdmitted for employers, too."""
    needs.ensure_in_use(event)
    ensure_may_come(event, actor)
    asks = needs.claim_asks(event, beside=holds.resource_ids(held) if held else ())
    if held:
        hand_over(held, event, actor=actor, now=now)
    take_for(event, asks, State.HELD, override=override, actor=actor, now=now)


def request_reserved(events: Sequence[Event], actor: Actor, now: datetime) -> Asked:
    """Make requests of drafts for which everything is taken, and ask; the letters are the caller's."""
    rooms = []
    with changing_all(events, now):
        for event in events:
            lifecycle.make(event, Move.REQUEST, now)
            if approvals.has_to_ask(event):  # a draft has asked for nothing before
                rooms.append(ask_for_rooms(event, now))
                promise(event)
    planning.plan_all(events, now)
    for event in events:
        audit.record("request", "event", event.public_id, actor=actor.name, now=now)
    return Asked(tuple(asking.ask_all(events, actor, now)), tuple(rooms), tuple(events))


def _as_new(event: Event) -> dict[str, audit.Change]:
    return {
        "kind": (None, str(event.kind)),
        "title": (None, event.title),
        "starts_at": (None, event.starts_at),
        "ends_at": (None, event.ends_at),
        "campus": (None, event.campus.slug if event.campus else None),
        "rooms": (None, [room.slug for room in event.rooms]),
        "experts": (None, [expert.slug for expert in event.experts]),
        "online_experts": (None, [expert.slug for expert in event.online_experts]),
        "equipment": (None, {one.pool.slug: one.quantity for one in event.equipment}),
    }
