"""What the calendars of invited people are told: which letters say it, in which revision, and who has an entry.

An entry is begun by a question and ended by a CANCEL (RFC 5546). Only people who get letters themselves have one;
offices that answer for people do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.invitations.reply_models import Proposal
from eventsvc.domain.mail import incoming, threads
from eventsvc.domain.mail.models import ReceivedMail, Thread
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message
from eventsvc.ical.imip import Family
from eventsvc.ical.scheduling import Method
from eventsvc.workflows.joint_letters import FOR_CALENDAR, key_of

# By them a calendar gets the event, or a new time of it: answers to what was said before no longer count.
_ASKING = ("invitation", "asked_again", "proposal_taken")
_TELLING = (*_ASKING, "changed", "changed_soon", "sent_again")
_ENDING = ("called_off", "understudy_off")
_PARTSTAT = {
    InvitationState.ACCEPTED: "ACCEPTED",
    InvitationState.TENTATIVE: "TENTATIVE",
    InvitationState.DECLINED: "DECLINED",
}


def facts_of(invitation: Invitation, letter: str, more: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a new letter to a person says of its thread, and to the calendar; an end only where there is an entry.

    `more` are the letter's own facts: `because` of an end, `countered` (SEQUENCE) of the no to a program's proposal.
    """
    thread = threads.of_invitation(invitation)
    facts: dict[str, Any] = {"thread": threads.facts_of(thread)}
    if letter in _TELLING:
        facts["calendar"] = _part(thread, Method.REQUEST, now, asks=letter in _ASKING)
    elif letter in _ENDING and with_entry([invitation]):
        is_whole = letter == "called_off" and more.get("because") != "uninvited"
        facts["calendar"] = _part(thread, Method.CANCEL, now, asks=False, is_whole=is_whole)
    elif more.get("countered") is not None:
        # It echoes the revision that the proposal was about, and raises none (RFC 5546 2.1.4).
        facts["calendar"] = _said(invitation, Method.DECLINECOUNTER, more["countered"], now)
    return facts


def countered(proposal: Proposal) -> int | None:
    """The SEQUENCE of the mail by which a calendar program proposed a time, where it understands our no; else None."""
    thread = threads.of_invitation(proposal.invitation)
    mail = incoming.counter_of(thread, proposal.made_at)
    return countered_by(mail, thread) if mail is not None else None


def countered_by(mail: ReceivedMail, thread: Thread) -> int | None:
    """The same of such a mail itself.

    Microsoft's programs take no DECLINECOUNTER (MS-STANOICAL 2.2.99): the words of the letter must do.
    """
    if mail.family == Family.MICROSOFT:
        return None
    return int(mail.facts.get("sequence", thread.sequence))


def renew(messages: Iterable[Message], invitation: Invitation, now: datetime) -> None:
    """Give letters that were rewritten before they left the next revision, and the answer as it is now."""
    thread = threads.of_invitation(invitation)
    starts = tuple(key_of(invitation, letter) for letter in _ASKING)
    for message in messages:
        if message.facts.get("calendar", {}).get("method") == Method.REQUEST:
            part = _part(thread, Method.REQUEST, now, asks=message.key.startswith(starts))
            message.facts = {**message.facts, "calendar": part}


def with_entry(invitations: Sequence[Invitation]) -> list[Invitation]:
    """Those whose calendars were told of the event, and of no end of it since. What no longer leaves tells nobody."""
    newest: dict[str, str] = {}
    events = [str(invitation.event.public_id) for invitation in invitations]
    for message in post.about(events, [*_TELLING, *_ENDING, FOR_CALENDAR]):
        if "calendar" in message.facts:
            newest[message.facts["invitation"]] = message.facts["calendar"]["method"]
    return [one for one in invitations if newest.get(str(one.public_id)) == Method.REQUEST]


def _part(thread: Thread, method: Method, now: datetime, *, asks: bool, is_whole: bool = True) -> dict[str, Any]:
    return _said(thread.invitation, method, threads.next_sequence(thread, asks=asks), now, is_whole=is_whole)


def _said(
    invitation: Invitation, method: Method, sequence: int, now: datetime, *, is_whole: bool = True
) -> dict[str, Any]:
    return {
        "method": str(method),
        "sequence": sequence,
        "stamp": iso(now),
        "created": iso(invitation.event.created_at),
        "partstat": _PARTSTAT.get(invitation.state, "NEEDS-ACTION"),
        "whole": is_whole,
    }
