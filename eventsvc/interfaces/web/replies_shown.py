"""What invited people said, for the page of their event."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from eventsvc.domain.accounts import Actor
from eventsvc.domain.events.answering import closed_to_answers
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import arrivals, behalf, proposals
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.mail import lookup
from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.workflows import show_mail
from eventsvc.workflows.answer_on_behalf import may_answer_for


def shown_about(found: Event, invitations: Collection[Invitation], actor: Actor, now: datetime) -> dict[str, Any]:
    """Times to take, through whom answers came, who is there or late, and for whom the asker may answer."""
    last = behalf.last_answers(invitations)
    takes_answers = closed_to_answers(found, now) is None
    proposed = proposals.open_of_event(found.id, now) if takes_answers else []
    return {
        "proposals": proposed,
        "proposers": list({one.invitation_id: one for one in proposed}.values()),
        "on_behalf": behalf.of_answers(last.values()),
        "by_mail": lookup.by_mail(last.values()),
        "mails_waiting": lookup.number_for_review(ReceivedMail.event == str(found.public_id)),
        "undelivered": show_mail.undelivered_to(invitations),
        "arrivals": arrivals.of_invitations(invitations),
        "invited": {one.expert_id: one for one in invitations},
        "answered_for": [
            one.expert for one in invitations if takes_answers and may_answer_for(actor, found, one.expert)
        ],
    }
