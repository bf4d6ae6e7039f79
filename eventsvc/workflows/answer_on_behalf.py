"""An office writes down what somebody has told it, because people answer by telephone; it stays visible as such."""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.errors import NotFound, say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_somebody, may
from eventsvc.domain.conversations.remarks import speaks_for
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking, behalf, releasing
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState
from eventsvc.workflows import release_people, tell_of_replies
from eventsvc.workflows.replies import reply


def answer_on_behalf(
    event_id: str,
    expert: str,
    word: AnswerWord,
    *,
    reason: str = "",
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> Invitation:
    """Record what an expert has told the host's office or the partner's; the person gets a letter that says so.

    Locks:   the event, then its resources.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, and as `replies.reply`.
    """
    ensure_somebody(actor)
    event = claim_event(event_id)
    invitation = _invitation_of(event, expert, actor)
    ensure_met(expected, tag_of(event.version))
    if invitation.state is InvitationState.AWAITS_RELEASE and releasing.may_release(actor, invitation.expert):
        release_people.release(str(invitation.public_id), actor=actor, now=now)  # whoever lends them says so by this
    known = len(invitation.answers)
    reply(str(invitation.public_id), word, turn=invitation.turn, reason=reason, actor=actor, now=now)
    if len(invitation.answers) > known:
        noted = behalf.note(invitation.answers[-1], _office_of(event, invitation.expert, actor), actor)
        changes: dict[str, audit.Change] = {"on_behalf": (None, str(word))}
        subject = invitation.public_id
        audit.record("answer_on_behalf", "invitation", subject, actor=actor.name, now=now, changes=changes)
        tell_of_replies.tell_person_of_answer(invitation, noted, word, now)
    return invitation


def may_answer_for(actor: Actor, event: Event, expert: Expert) -> bool:
    """True for the office in charge of the event, and for those who keep the partner's people."""
    return permits.may_change(actor, event) or _keeps(actor, expert)


def _keeps(actor: Actor, expert: Expert) -> bool:
    office = partner_office(expert)
    return may(actor, Permission.KEEP_PEOPLE, Owner(office.id if office else None, expert.organization_id))


def _invitation_of(event: Event, expert: str, actor: Actor) -> Invitation:
    if not permits.may_see_work_of(actor, event):
        raise NotFound(say("There is no such event."))
    found = next((one for one in asking.of_event(event.id) if one.expert.slug == expert), None)
    if found is None:
        raise NotFound(say("There is no such invitation."))
    if not may_answer_for(actor, event, found.expert):
        permits.ensure_may_change(actor, event)
    return found


def _office_of(event: Event, expert: Expert, actor: Actor) -> Office | None:
    lending = partner_office(expert)
    return speaks_for(actor, [event.owner, *([lending] if lending else [])])
