"""An expert's own calendar: what they come to or are asked to, and the ways before, between and after."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from eventsvc.core.db import db
from eventsvc.core.times import Span, local_day
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking import journeys
from eventsvc.domain.booking.diary import Booked, Diary
from eventsvc.domain.booking.journeys import Leg, LegKind
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Campus, Expert
from eventsvc.domain.events import contacts, permits
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.promises import ONLINE
from eventsvc.domain.feeds.private_entries import Sheet, is_sure, not_over, told, uid_beside
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.ical.entry import Entry

_A_DAY = 24 * 60
# What their office has not released is no affair of theirs yet; what they declined is none any more.
_SHOWN = (
    InvitationState.ACCEPTED,
    InvitationState.NEEDS_ACTION,
    InvitationState.TENTATIVE,
    InvitationState.UNDERSTUDY,
)
_SAID = {
    InvitationState.ACCEPTED: "You said yes.",
    InvitationState.NEEDS_ACTION: "You have been asked and have not answered yet.",
    InvitationState.TENTATIVE: "You said that you may come.",
    InvitationState.UNDERSTUDY: "Somebody else comes; you would step in.",
}


def entries_of(expert: Expert, sheet: Sheet) -> list[Entry]:
    """Their engagements and the ways of each local day, as known on the day of the sheet."""
    found = _invitations(expert, sheet)
    whom = contacts.contacts_of([one.event for one in found], sheet.midnight)
    engaged = [_engagement(one, told(whom[one.event_id]), sheet) for one in found]
    return [*engaged, *_ways(expert, [one for one in found if _is_gone_to(one)], sheet)]


def _invitations(expert: Expert, sheet: Sheet) -> Sequence[Invitation]:
    query = select(Invitation).join(Invitation.event)
    query = query.where(Invitation.expert_id == expert.id, Invitation.state.in_(_SHOWN))
    query = query.where(Event.status != Status.DRAFT, not_over(sheet.oldest))
    query = query.options(contains_eager(Invitation.event).options(*WHOLE))
    return db.session.scalars(query.order_by(Invitation.id)).unique().all()


def _engagement(invitation: Invitation, contact: str, sheet: Sheet) -> Entry:
    event, state = invitation.event, invitation.state
    entry = sheet.entry(
        event,
        said=[_SAID[state], contact] if event.status not in OFF else [],
        is_sure=_is_sure(invitation),
        # Many have no account: a page that is not public would answer them 404.
        is_seen=permits.may_see_event(PUBLIC, event),
    )
    if event.joins_online(invitation.expert_id):
        entry = replace(entry, location=ONLINE, geo=None)
    return replace(entry, is_transparent=state is InvitationState.UNDERSTUDY)


def _is_sure(invitation: Invitation) -> bool:
    return invitation.state is InvitationState.ACCEPTED and is_sure(invitation.event)


def _is_gone_to(invitation: Invitation) -> bool:
    return invitation.event.status not in OFF and invitation.state is not InvitationState.UNDERSTUDY


def _ways(expert: Expert, coming: Collection[Invitation], sheet: Sheet) -> Iterator[Entry]:
    """What else holds the person's time is left out: it may be what they must not know of yet."""
    resource = resource_of(expert)
    if not coming or resource is None:
        return
    first = min(one.event.starts_at for one in coming)
    diary = diary_of(expert, resource, Span(first, max(one.event.ends_at for one in coming)), sheet)
    by_event = {one.event_id: one for one in coming}
    rows = [row for row in diary.booked(resource.id) if row.event_id in by_event]
    found = list(legs_of(expert, rows, diary))
    places = _places([leg for leg, _ in found])
    for leg, row in found:
        assert row.event_id is not None
        invitation = by_event[row.event_id]
        where = places[leg.destination_id].name
        way = "home" if leg.kind is LegKind.TO_HOME else "to"
        yield sheet.beside(
            uid_beside(invitation.event, f"travel {way} {expert.id}"),
            Span(leg.starts_at, leg.ends_at),
            f"Travel to {where}",
            status="CONFIRMED" if _is_sure(invitation) else "TENTATIVE",
            description=_said_of(leg, places),
            location=where,
        )


def _said_of(leg: Leg, places: dict[int, Campus]) -> str:
    estimate = " (an estimate)" if leg.way.is_estimate else ""
    said = f"From {places[leg.origin_id].name}: {leg.way.minutes} minutes{estimate}."
    return said if leg.is_in_time else f"{said} The time before it is too short for this way."


def resource_of(expert: Expert) -> Resource | None:
    """What of an expert is booked; None while nothing ever was."""
    return db.session.scalar(select(Resource).where(Resource.expert_id == expert.id))


def diary_of(expert: Expert, resource: Resource, span: Span, sheet: Sheet) -> Diary:
    """Their diary of that time and a day around it, as it is at the midnight of the sheet."""
    home = [expert.home_campus_id] if expert.home_campus_id is not None else []
    return diaries.read(
        [resource], span.widened(before_minutes=_A_DAY, after_minutes=_A_DAY), campus_ids=home, now=sheet.midnight
    )


def legs_of(expert: Expert, rows: Sequence[Booked], diary: Diary) -> Iterator[tuple[Leg, Booked]]:
    """The ways of each local day, each with the booking that it leads to, or home from."""
    for _, some in groupby(rows, key=lambda row: local_day(row.starts_at, expert.zone)):
        of_day = list(some)
        for leg in journeys.of_day(expert, of_day, diary.ways):
            yield leg, next(row for row in of_day if _belongs(leg, row))


def _belongs(leg: Leg, row: Booked) -> bool:
    if leg.kind is LegKind.TO_HOME:
        return (row.ends_at, row.place_id) == (leg.starts_at, leg.origin_id)
    return (row.busy_from, row.place_id) == (leg.ends_at, leg.destination_id)


def _places(legs: Sequence[Leg]) -> dict[int, Campus]:
    ids = {number for leg in legs for number in (leg.origin_id, leg.destination_id)}
    return {one.id: one for one in db.session.scalars(select(Campus).where(Campus.id.in_(ids)))}
