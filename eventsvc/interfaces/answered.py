"""What invited people said, as doors show it: to offices, and on the sheet of whoever holds the link."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from marshmallow import Schema, fields

from eventsvc.core.times import iso
from eventsvc.domain.invitations import arrivals, behalf
from eventsvc.domain.invitations.models import Answer, Invitation, InvitationState
from eventsvc.domain.invitations.reply_models import Arrival, OnBehalf, Proposal, ProposalState
from eventsvc.domain.mail import lookup
from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.interfaces.fields import SLUG, a_word, an_instant
from eventsvc.interfaces.office_schemas import PersonSchema, person_facts
from eventsvc.workflows.briefing import Briefing


class ProposalSchema(Schema):
    """A time that somebody proposed, and what became of it."""

    id = fields.String()
    expert = fields.String(metadata=SLUG)
    name = fields.String()
    starts_local = fields.String()
    starts_at = an_instant()
    ends_at = an_instant()
    note = fields.String()
    state = a_word(ProposalState)
    reason = fields.String()


class GivenAnswerSchema(Schema):
    """Where somebody who was asked stands; through whom they answered, and what they say on the day."""

    expert = fields.String(metadata=SLUG)
    name = fields.String()
    state = a_word(InvitationState)
    reason = fields.String()
    answered_at = an_instant(allow_none=True)
    on_behalf = fields.Boolean(metadata={"description": "An office wrote the answer down for the person"})
    written_by_office = fields.String(allow_none=True, metadata=SLUG)
    written_by = fields.Nested(PersonSchema, allow_none=True)
    mail = fields.String(allow_none=True, metadata={"description": "The mail by which it came; null: by another way"})
    sender_is_verified = fields.Boolean(
        allow_none=True, metadata={"description": "Our own mail server vouches for that mail's sender"}
    )
    here_at = an_instant(allow_none=True)
    late_minutes = fields.Integer(allow_none=True)


def proposal_facts(proposal: Proposal) -> dict[str, Any]:
    """A proposed time as JSON-ready facts."""
    expert = proposal.invitation.expert
    return {
        "id": str(proposal.public_id),
        "expert": expert.slug,
        "name": expert.name,
        "starts_local": proposal.starts_local.isoformat(timespec="minutes"),
        "starts_at": iso(proposal.starts_at),
        "ends_at": iso(proposal.ends_at),
        "note": proposal.note,
        "state": str(proposal.state),
        "reason": proposal.reason,
    }


def answers_facts(invitations: Collection[Invitation]) -> dict[int, dict[str, Any]]:
    """Where each stands, for those who plan, by the id of the invitation; a fixed number of queries."""
    last, said = behalf.last_answers(invitations), arrivals.of_invitations(invitations)
    written, mailed = behalf.of_answers(last.values()), lookup.by_mail(last.values())
    return {
        one.id: _answer_facts(one, last.get(one.id))
        | behalf_facts(written.get(one.id))
        | _mail_facts(mailed.get(one.id))
        | arrival_facts(said.get(one.id))
        for one in invitations
    }


def _answer_facts(invitation: Invitation, last: Answer | None) -> dict[str, Any]:
    return {
        "expert": invitation.expert.slug,
        "name": invitation.expert.name,
        "state": str(invitation.state),
        "reason": last.reason if last else "",
        "answered_at": iso(last.at) if last else None,
    }


def _mail_facts(mail: ReceivedMail | None) -> dict[str, Any]:
    """By which mail an answer came, and whether its sender is vouched for."""
    return {
        "mail": str(mail.public_id) if mail else None,
        "sender_is_verified": bool(mail.is_verified) if mail else None,
    }


def behalf_facts(noted: OnBehalf | None) -> dict[str, Any]:
    """Through whom an answer came."""
    return {
        "on_behalf": noted is not None,
        "written_by_office": noted.office.slug if noted and noted.office else None,
        "written_by": person_facts(noted.account) if noted and noted.account else None,
    }


def arrival_facts(arrival: Arrival | None) -> dict[str, Any]:
    """What somebody said on the day."""
    return {
        "here_at": iso(arrival.here_at) if arrival and arrival.here_at else None,
        "late_minutes": arrival.late_minutes if arrival else None,
    }


def briefing_facts(sheet: Briefing) -> dict[str, Any]:
    """The briefing sheet as JSON-ready facts, for whoever holds the link."""
    last = sheet.last_time
    return {
        "contact": {
            "name": sheet.contact.name or None,
            "office": sheet.contact.office,
            "telephone": sheet.contact.telephone,
            "mailbox": sheet.contact.mailbox,
        },
        "arrive_at": iso(sheet.arrive_at) if sheet.arrive_at else None,
        "free_until": iso(sheet.free_until),
        "is_the_day": sheet.is_the_day,
        "last_time": last
        and {
            "title": last.event.title,
            "starts_at": iso(last.event.starts_at),
            "topics": [topic.name for topic in last.topics],
            "heads": last.heads,
            "comments": list(last.comments),
        },
        "proposals": [proposal_facts(one) for one in sheet.proposals],
        "colleagues": [{"slug": one.slug, "name": one.name} for one in sheet.colleagues],
        "on_behalf": sheet.on_behalf is not None,
        **arrival_facts(sheet.arrival),
    }
