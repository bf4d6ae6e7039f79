"""Letters to people who were asked to come: to them, or to the office that answers for them; one for many dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import post
from eventsvc.workflows import calendars_told, joint_letters
from eventsvc.workflows.joint_letters import Reader

# After the event it came with: so that who has served looks back, and letters of one season all lead to the page.
SEASON_LINK_LASTS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Owed:
    """A letter owed to an invited person; `more` are facts besides what is so now, and it leaves not before that."""

    invitation: Invitation
    letter: str
    key: str
    more: dict[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


def owe(letters: Iterable[Owed], now: datetime) -> int:
    """Owe every letter; those to one person about several dates of one series become one. Returns how many are new.

    Those to people themselves belong to the thread with them, and say to their calendars what is to be said there.
    """
    all_of_them = list(letters)
    known = post.knows([key for one in all_of_them for key in (one.key, one.key + joint_letters.OF_CALENDAR)])
    return joint_letters.owe([_as_told(one, known, now) for one in all_of_them], now)


def present(invitation: Invitation) -> dict[str, Any]:
    """What is so now: the event, which asking this is, how long its link is good for, how early to be where."""
    event = invitation.event
    is_online = event.joins_online(invitation.expert_id)
    is_in_person = event.campus is not None and not event.all_day and not is_online
    return {
        **_season(invitation),
        "event": facts_of(event),
        "turn": invitation.turn,
        "expires_at": iso(event.ends_at),
        "lead_minutes": invitation.expert.lead_minutes if is_in_person else 0,
        "is_online": is_online,
    }


def _season(invitation: Invitation) -> dict[str, Any]:
    """What the link to all of somebody's askings is made of; offices that answer for people have their own pages."""
    expert = invitation.expert
    until = iso(invitation.event.ends_at + SEASON_LINK_LASTS)
    return {"season": {"expert": expert.slug, "until": until}} if expert.email else {}


def rewrite(
    invitation: Invitation,
    *letters: str,
    more: Mapping[str, Any] | None = None,
    by: datetime | None = None,
    now: datetime,
) -> bool:
    """Let letters that nobody has begun to send say what is so now, and `more`; False when there are none.

    They leave at `by` at the latest.
    """
    is_told = joint_letters.rewrite(invitation, letters, {**present(invitation), **(more or {})}, by=by)
    calendars_told.renew(joint_letters.untried(invitation, letters), invitation, now)
    return is_told


def address_of(expert: Expert) -> str:
    """Where letters to an expert go: to the expert, else to the partner's office; empty when neither has an address."""
    if expert.email:
        return expert.email
    office = partner_office(expert)
    return office.mailbox if office else ""


def _as_told(owed: Owed, known: set[str], now: datetime) -> joint_letters.Owed:
    """What was told already counts no revision: the letter is not owed again."""
    invitation, person = owed.invitation, owed.invitation.expert.name
    facts = {**present(invitation), "person": person, "invitation": str(invitation.public_id), **owed.more}
    if invitation.expert.email and known.isdisjoint((owed.key, owed.key + joint_letters.OF_CALENDAR)):
        facts |= calendars_told.facts_of(invitation, owed.letter, owed.more, now)
    because = {name: value for name, value in owed.more.items() if name == "because"}
    shared = {"person": person, **_season(invitation), **because}
    return joint_letters.Owed(
        invitation, owed.letter, owed.key, _reader(invitation.expert), facts, shared, owed.not_before
    )


def _reader(expert: Expert) -> Reader:
    """The expert, or the partner's office when the expert has no address."""
    office = None if expert.email else partner_office(expert)
    to = office or expert
    return Reader(expert.slug, address_of(expert), to.name, to.language)
