"""Letters to people who were asked to come: to them, or to the office that answers for them; one for many dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import post
from eventsvc.workflows import joint_letters


@dataclass(frozen=True, slots=True)
class Owed:
    """A letter owed to an invited person; `more` are facts besides what is so now."""

    invitation: Invitation
    letter: str
    key: str
    more: dict[str, Any] = field(default_factory=dict)


def owe(letters: Iterable[Owed], now: datetime) -> None:
    """Owe every letter; those to one person about several dates of one series become one."""
    groups: dict[Any, list[Owed]] = {}
    for one in letters:
        series_id = one.invitation.event.series_id
        together = (series_id, one.letter, one.invitation.expert_id) if series_id is not None else one.key
        groups.setdefault(together, []).append(one)
    for group in groups.values():
        _owe_joint(group, now) if len(group) > 1 else _owe_single(group[0], now)


def present(invitation: Invitation) -> dict[str, Any]:
    """What is so now: the event, which asking this is, how long its link is good for, how early to be where."""
    event = invitation.event
    is_online = event.joins_online(invitation.expert_id)
    is_in_person = event.campus is not None and not event.all_day and not is_online
    return {
        "event": facts_of(event),
        "turn": invitation.turn,
        "expires_at": iso(event.ends_at),
        "lead_minutes": invitation.expert.lead_minutes if is_in_person else 0,
        "is_online": is_online,
    }


def rewrite(invitation: Invitation, *letters: str) -> bool:
    """Let letters that nobody has begun to send say what is so now; False when there are none."""
    now_so = present(invitation)
    own = post.rewrite_unsent(_event_of(invitation), _keys(invitation, letters), now_so)
    return joint_letters.rewrite(invitation, letters, now_so) or own


def drop(invitation: Invitation, *letters: str) -> None:
    """Stop owing those letters to somebody, where nobody has begun to send them."""
    post.drop_unsent(_event_of(invitation), _keys(invitation, letters))
    joint_letters.take_out(invitation, letters)


def have_left(invitation: Invitation, *letters: str) -> bool:
    """True when one of those letters has left the house, or may have."""
    own = post.has_any_left(_event_of(invitation), _keys(invitation, letters))
    return own or joint_letters.has_left(invitation, letters)


def key_of(invitation: Invitation, letter: str) -> str:
    """How the keys of a letter to that person begin."""
    return f"{letter.replace('_', '-')}:{invitation.public_id}:"


def partner_office(expert: Expert) -> Office | None:
    """The office that lends an expert: the one named, else the first of the expert's organization."""
    if expert.office is not None:
        return expert.office
    offices, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == expert.organization_id])
    return offices[0] if offices else None


def address_of(expert: Expert) -> str:
    """Where letters to an expert go: to the expert, else to the partner's office; empty when neither has an address."""
    if expert.email:
        return expert.email
    office = partner_office(expert)
    return office.mailbox if office else ""


def _facts(owed: Owed) -> dict[str, Any]:
    invitation = owed.invitation
    return {
        **present(invitation),
        "person": invitation.expert.name,
        "invitation": str(invitation.public_id),
        **owed.more,
    }


def _owe_single(owed: Owed, now: datetime) -> None:
    _post(owed.letter, owed.key, _event_of(owed.invitation), owed.invitation.expert, _facts(owed), now)


def _owe_joint(group: Sequence[Owed], now: datetime) -> None:
    first = group[0].invitation
    series, expert = first.event.series, first.expert
    assert series is not None
    because = {name: value for name, value in group[0].more.items() if name == "because"}
    facts = joint_letters.facts_of(series, [_facts(one) for one in group], person=expert.name, **because)
    key = joint_letters.key_of(group[0].letter, series, expert.slug)
    _post(group[0].letter + joint_letters.SUFFIX, key, str(series.public_id), expert, facts, now)


def _post(letter: str, key: str, about: str, expert: Expert, facts: dict[str, Any], now: datetime) -> None:
    """To the expert, or to the partner's office when the expert has no address."""
    office = partner_office(expert)
    is_direct = expert.email or office is None
    post.post(
        letter,
        key=key,
        to_address=address_of(expert),
        to_name=expert.name if is_direct or office is None else office.name,
        language=expert.language if is_direct or office is None else office.language,
        event=about,
        facts=facts,
        now=now,
    )


def _keys(invitation: Invitation, letters: Iterable[str]) -> list[str]:
    return [key_of(invitation, letter) for letter in letters]


def _event_of(invitation: Invitation) -> str:
    return str(invitation.event.public_id)
