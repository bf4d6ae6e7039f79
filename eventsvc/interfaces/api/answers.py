"""Answering an invitation over JSON; the signed token of the letter is the only key."""

from __future__ import annotations

from typing import Any

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import Invitation
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import BY_LINK, Blueprint
from eventsvc.interfaces.schemas import AnswerSchema
from eventsvc.interfaces.services import services
from eventsvc.workflows.confirm_event import answer_invitation

blueprint = Blueprint("answers", __name__, url_prefix="/api/v1/answers", description="Answers of invited people")


@blueprint.get("/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.response(200)
def briefing(token: str) -> dict[str, Any]:
    """What the person is asked; reading it changes nothing."""
    invitation_id, _ = services().links.read_answer(token, clock.now())
    return shown(asking.get_invitation(invitation_id))


@blueprint.post("/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.arguments(AnswerSchema)
@blueprint.response(200)
def answer(body: dict[str, Any], token: str) -> dict[str, Any]:
    """Accept or decline; saying the same again changes nothing.

    A link counts for the time it asked about. Who has read the briefing since then says so with its `turn`.
    """
    now = clock.now()
    invitation_id, turn = services().links.read_answer(token, now)
    turn = body.get("turn", turn)
    with transaction():
        invitation = answer_invitation(
            invitation_id, body["answer"], turn=turn, reason=body["reason"], actor=requests.actor(), now=now
        )
        return shown(invitation)


def shown(invitation: Invitation) -> dict[str, Any]:
    """An invitation as facts: the briefing, where it stands, and what was said before."""
    return {
        "id": str(invitation.public_id),
        "state": str(invitation.state),
        "turn": invitation.turn,
        "person": invitation.expert.name,
        "joins_online": invitation.event.joins_online(invitation.expert_id),
        "event": {**facts_of(invitation.event), "status": str(invitation.event.status)},
    }
