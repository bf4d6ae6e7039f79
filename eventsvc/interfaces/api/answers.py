"""Answering an invitation over JSON; the signed token of the letter is the only key."""

from __future__ import annotations

from typing import Any

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.invitations.proposals import ProposedTime
from eventsvc.interfaces import requests
from eventsvc.interfaces.answered import briefing_facts
from eventsvc.interfaces.api.blueprint import BY_LINK, Blueprint
from eventsvc.interfaces.reply_schemas import ColleagueSchema, OnTheDaySchema, ProposeSchema
from eventsvc.interfaces.schemas import AnswerSchema
from eventsvc.interfaces.services import services
from eventsvc.workflows import replies
from eventsvc.workflows.briefing import briefing_of

blueprint = Blueprint("answers", __name__, url_prefix="/api/v1/answers", description="Answers of invited people")


@blueprint.get("/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.response(200)
def briefing(token: str) -> dict[str, Any]:
    """What the person is asked, with the whole briefing sheet; reading it changes nothing."""
    invitation_id, _ = services().links.read_answer(token, clock.now())
    return shown(asking.get_invitation(invitation_id))


@blueprint.post("/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.arguments(AnswerSchema)
@blueprint.response(200)
def answer(body: dict[str, Any], token: str) -> dict[str, Any]:
    """Accept, say perhaps, or decline; saying the same again changes nothing.

    A link counts for the time it asked about. Who has read the briefing since then says so with its `turn`. Until
    `free_until` an answer changes freely; afterwards only a decline is taken, and alarms the office.
    """
    invitation_id, who = _who(token, body)
    with transaction():
        return shown(replies.reply(invitation_id, body["answer"], reason=body["reason"], **who))


@blueprint.post("/<token>/times")
@blueprint.doc(security=BY_LINK)
@blueprint.arguments(ProposeSchema)
@blueprint.response(200)
def propose(body: dict[str, Any], token: str) -> dict[str, Any]:
    """Propose up to three other times; each is checked for conflicts before it goes to the host's office."""
    invitation_id, who = _who(token, body)
    times = [ProposedTime(**one) for one in body["times"]]
    with transaction():
        return shown(replies.propose_times(invitation_id, times, note=body["note"], **who))


@blueprint.post("/<token>/colleague")
@blueprint.doc(security=BY_LINK)
@blueprint.arguments(ColleagueSchema)
@blueprint.response(200)
def colleague(body: dict[str, Any], token: str) -> dict[str, Any]:
    """Decline, and name a colleague of the same partner.

    The partner's office releases the colleague before they are asked.
    """
    invitation_id, who = _who(token, body)
    with transaction():
        return shown(replies.name_colleague(invitation_id, body["colleague"], reason=body["reason"], **who))


@blueprint.post("/<token>/day")
@blueprint.doc(security=BY_LINK)
@blueprint.arguments(OnTheDaySchema)
@blueprint.response(200)
def on_the_day(body: dict[str, Any], token: str) -> dict[str, Any]:
    """On the day of the event: "I am here", or "late by so many minutes"."""
    invitation_id, who = _who(token, body)
    with transaction():
        replies.say_on_the_day(invitation_id, late_minutes=body["late_minutes"], **who)
        return shown(asking.get_invitation(invitation_id))


def _who(token: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The invitation of a token; and who answers which asking, and when."""
    now = clock.now()
    invitation_id, turn = services().links.read_answer(token, now)
    return invitation_id, {"turn": body.get("turn", turn), "actor": requests.actor(), "now": now}


def shown(invitation: Invitation) -> dict[str, Any]:
    """An invitation as facts: the briefing, where it stands, and what was said before."""
    return {
        "id": str(invitation.public_id),
        "state": str(invitation.state),
        "turn": invitation.turn,
        "person": invitation.expert.name,
        "joins_online": invitation.event.joins_online(invitation.expert_id),
        "event": {**facts_of(invitation.event), "status": str(invitation.event.status)},
        **briefing_facts(briefing_of(invitation, clock.now())),
    }
