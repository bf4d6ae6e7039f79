"""Release people, or refuse: what the office that lends them says before they are asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Permission, ensure_may, ensure_somebody
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.events import needs, permits
from eventsvc.domain.events.answering import ensure_takes_answers
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking, line_up, releasing, stepping
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.workflows import cascade, tell, tell_cascade, wishes

# A busy week of a large partner.
AT_ONCE = 100


def release(invitation_id: str, *, actor: Actor, now: datetime) -> Invitation:
    """Let a person be asked for that date; the letter leaves at once.

    Locks:   the event.
    Refuses: SignInNeeded, NotFound, NotAllowed, WrongState where it was decided, or the event is off or over.
    """
    return release_all([invitation_id], actor=actor, now=now)[0]


def release_all(invitation_ids: Sequence[str], *, actor: Actor, now: datetime) -> list[Invitation]:
    """The same for many people and dates as one act: all of them or none; a series is one letter to each person.

    Locks:   the events, in id order.
    Refuses: as `release`, and InvalidInput for none or too many at once.
    """
    actor, by_event = _meant(invitation_ids, actor)
    released: list[Invitation] = []
    for event_id in asking.in_order(by_event):
        event = claim_event(event_id)
        released += [_released(event, one, actor, now) for one in by_event[event_id]]
    stepping.plan(released, now)
    wishes.was_decided(released, now)
    tell.ask_people_again(released, tell.NOTHING, now)
    return released


def refuse(invitation_id: str, *, reason: str = "", actor: Actor, now: datetime) -> Invitation:
    """Do not lend a person for that date: nobody writes to them, the time is free, and the next is asked.

    Locks:   the event, then resources.
    Refuses: as `release`.
    """
    return refuse_all([invitation_id], reason=reason, actor=actor, now=now)[0]


def refuse_all(invitation_ids: Sequence[str], *, reason: str = "", actor: Actor, now: datetime) -> list[Invitation]:
    """The same for many people and dates as one act: all of them or none; the reason is told for each.

    Locks:   the events, in id order, then the resources of all who are named or might be next, at once.
    Refuses: as `release_all`.
    """
    actor, by_event = _meant(invitation_ids, actor)
    events = [claim_event(event_id) for event_id in asking.in_order(by_event)]
    needs.claim_all(events, expert_ids=sorted(line_up.everybody(events)))
    refused = []
    for event in events:
        refused += [_refused(event, one, reason, actor, now) for one in by_event[str(event.public_id)]]
    wishes.was_decided(refused, now)
    return refused


def _meant(invitation_ids: Sequence[str], actor: Actor) -> tuple[Actor, dict[str, list[str]]]:
    """Who decides, and what about, by the public id of the event; each invitation once."""
    ensure_somebody(actor)
    if not 0 < len(set(invitation_ids)) <= AT_ONCE:
        raise InvalidInput({"invitations": say("name from 1 to %(most)s", most=AT_ONCE)})
    actor = hold_still(actor)
    by_event: defaultdict[str, list[str]] = defaultdict(list)
    for invitation_id in dict.fromkeys(invitation_ids):
        by_event[str(asking.event_id_of(invitation_id))].append(invitation_id)
    return actor, by_event


def awaiting(*, actor: Actor, now: datetime) -> list[Invitation]:
    """What the actor may release or refuse, the next event first; at most a hundred.

    Refuses: SignInNeeded, NotAllowed for those who keep nobody.
    """
    ensure_may(actor, Permission.KEEP_PEOPLE)
    query = select(Invitation).join(Invitation.event).options(contains_eager(Invitation.event))
    is_open = Invitation.state == InvitationState.AWAITS_RELEASE, Event.starts_at > now
    found = db.session.scalars(query.where(*is_open).order_by(Event.starts_at, Invitation.id))
    mine = (one for one in found if one.event.holds_resources and releasing.may_release(actor, one.expert))
    return list(islice(mine, AT_ONCE))


def _released(event: Event, invitation_id: str, actor: Actor, now: datetime) -> Invitation:
    invitation = _claimed(event, invitation_id, actor, now)
    releasing.release(invitation, now)
    event.version += 1
    audit.record("release", "invitation", invitation.public_id, actor=actor.name, now=now)
    return invitation


def _refused(event: Event, invitation_id: str, reason: str, actor: Actor, now: datetime) -> Invitation:
    invitation = _claimed(event, invitation_id, actor, now)
    releasing.refuse(invitation)
    event.version += 1
    changes: dict[str, audit.Change] = {"reason": (None, reason)} if reason else {}
    audit.record("refuse-release", "invitation", invitation.public_id, actor=actor.name, now=now, changes=changes)
    comes = cascade.leave_seat(event, invitation, now)
    tell_cascade.tell_refused(invitation, reason, comes, now)
    return invitation


def _claimed(event: Event, invitation_id: str, actor: Actor, now: datetime) -> Invitation:
    """The invitation as it stands under the lock, for those who may decide about it."""
    invitation = asking.get_invitation(invitation_id)
    if not releasing.may_release(actor, invitation.expert):
        if not permits.may_see_work_of(actor, event):
            raise NotFound(say("There is no such invitation."))
        ensure_may(actor, Permission.KEEP_PEOPLE, releasing.lender_of(invitation.expert))
    ensure_takes_answers(event, now)
    return invitation
