"""What a mail that was judged brings about: each act of `matching` by the story that the pages call, too.

What a story refuses goes to those who can decide, with the refusal; the event is then as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, Refusal, SlotTaken
from eventsvc.core.links import Links
from eventsvc.core.times import side_of, to_wall
from eventsvc.domain import audit
from eventsvc.domain.invitations import colleagues
from eventsvc.domain.invitations.models import Answer, AnswerWord, Invitation
from eventsvc.domain.invitations.proposals import ProposedTime
from eventsvc.domain.mail import threads
from eventsvc.domain.mail.incoming import as_kept
from eventsvc.domain.mail.instances import Date
from eventsvc.domain.mail.models import MailState, ReceivedMail, Thread
from eventsvc.domain.mail.reasons import Reason
from eventsvc.domain.mail.verdicts import Act, Verdict
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.ical.imip import Kind, Mail
from eventsvc.workflows import converse, replies, send_again, tell_of_mail, tell_of_replies
from eventsvc.workflows.confirm_event import BY_MAIL
from eventsvc.workflows.standing_of_thread import closed

Ended = tuple[MailState, Reason]
_MOST_COMMENT = 1000


@dataclass(frozen=True, slots=True)
class Came:
    """A mail that came in, what it says, and whose it is; its event, where it has one, is locked."""

    row: ReceivedMail
    mail: Mail
    thread: Thread | None
    links: Links


def apply(came: Came, verdict: Verdict, now: datetime) -> Ended:
    """Do what was decided about a mail; says in which state it ends, and why.

    Locks: as the story that is called.
    """
    if verdict.act is Act.BOUNCE:
        return _bounce(came, now)
    if verdict.act in (Act.NOTE, Act.IGNORE, Act.REVIEW):
        _offer_the_page(came, now)
        return _STATES[verdict.act], verdict.reason
    assert came.thread is not None  # `matching` says nothing else of a mail that belongs to nobody
    try:
        with db.session.begin_nested():
            ended = _ACTS[verdict.act](came, came.thread, verdict, now)
    except Refusal as refusal:
        came.row.facts = {**came.row.facts, "refusal": tell_of_mail.as_facts(refusal)}
        if verdict.act is Act.PROPOSE and isinstance(refusal, SlotTaken | InvalidInput):
            _say_that_impossible(came, came.thread, now)
        return MailState.REVIEW, Reason.SLOT_TAKEN if isinstance(refusal, SlotTaken) else Reason.REFUSED
    if ended[0] is MailState.APPLIED or verdict.act is Act.RECORD:
        came.thread.answered_sequence, came.thread.answered_stamp = verdict.sequence, verdict.stamp
    return ended


_STATES = {Act.NOTE: MailState.NOTED, Act.IGNORE: MailState.IGNORED, Act.REVIEW: MailState.REVIEW}


def _answer(came: Came, thread: Thread, verdict: Verdict, now: datetime) -> Ended:
    assert verdict.word is not None
    asked, words = thread.invitation, _comment(verdict)
    known = len(asked.answers)
    replies.reply(str(asked.public_id), verdict.word, turn=asked.turn, reason=words, actor=BY_MAIL, now=now)
    # The letter about a no gives its reason; a yes, or a no that was said before, is no letter of its own.
    if words and (verdict.word is not AnswerWord.DECLINE or len(asked.answers) == known):
        converse.note_words_of(asked, words, by=BY_MAIL.name, now=now)
    return MailState.APPLIED, verdict.reason


def _record(came: Came, thread: Thread, verdict: Verdict, now: datetime) -> Ended:
    """Keep an answer to an older time on record for that time; the present question stays open."""
    assert verdict.word is not None
    invitation, words = thread.invitation, _comment(verdict)
    given_for = _start_told(thread, verdict.sequence)
    if given_for is not None:
        invitation.answers.append(Answer(word=verdict.word, reason=words, given_for=given_for, at=now))
        invitation.event.version += 1
        changes: dict[str, audit.Change] = {"answer": (None, str(verdict.word))}
        subject = invitation.public_id
        audit.record("answer_older", "invitation", subject, actor=BY_MAIL.name, now=now, changes=changes)
    return MailState.REVIEW, verdict.reason


def _start_told(thread: Thread, sequence: int) -> datetime | None:
    """When the event was to begin by the last letter of that version or of one before it."""
    found = [one for one in threads.told(thread) if one.sequence <= sequence]
    if not found:
        return None
    return tell_of_mail.instant_of(max(found, key=lambda one: one.sequence).starts, thread.invitation.event.zone)


def _propose(came: Came, thread: Thread, verdict: Verdict, now: datetime) -> Ended:
    assert verdict.starts is not None
    asked = thread.invitation
    times = [_proposed(verdict.starts, asked)]
    note = _comment(verdict)
    replies.propose_times(str(asked.public_id), times, note=note, turn=asked.turn, actor=BY_MAIL, now=now)
    return MailState.APPLIED, verdict.reason


def _proposed(starts: Date, invitation: Invitation) -> ProposedTime:
    if not isinstance(starts, datetime):
        return ProposedTime(datetime.combine(starts, time()))
    zone = invitation.event.zone
    return ProposedTime(to_wall(starts, zone), side_of(starts, zone))


def _say_that_impossible(came: Came, thread: Thread, now: datetime) -> None:
    """As the answer page says it at once; the office may find another way. No forger makes us write."""
    if came.mail.is_verified is not False:
        refusal = came.row.facts["refusal"]
        tell_of_replies.tell_that_impossible(came.row, thread, refusal["reasons"], now)
        came.row.facts = {**came.row.facts, "refusal": {**refusal, "is_told": True}}


def _delegate(came: Came, thread: Thread, verdict: Verdict, now: datetime) -> Ended:
    asked = thread.invitation
    named = [one for one in colleagues.of(asked) if one.email and one.email.lower() == verdict.delegate]
    if len(named) != 1:
        return MailState.REVIEW, Reason.UNKNOWN_DELEGATE
    words = _comment(verdict)
    replies.name_colleague(str(asked.public_id), named[0].slug, reason=words, turn=asked.turn, actor=BY_MAIL, now=now)
    return MailState.APPLIED, verdict.reason


def _words(came: Came, thread: Thread, verdict: Verdict, now: datetime) -> Ended:
    words = as_kept(came.mail.words, converse.MOST_WORDS)
    converse.note_words_of(thread.invitation, words, by=BY_MAIL.name, now=now)
    return MailState.NOTED, verdict.reason


def _refresh(came: Came, thread: Thread, verdict: Verdict, now: datetime) -> Ended:
    if send_again.send_again(thread.invitation, now):
        return MailState.NOTED, Reason.SENT_AGAIN
    return MailState.IGNORED, Reason.SENT_AGAIN_LATELY


_ACTS: dict[Act, Callable[[Came, Thread, Verdict, datetime], Ended]] = {
    Act.ANSWER: _answer,
    Act.RECORD: _record,
    Act.PROPOSE: _propose,
    Act.DELEGATE: _delegate,
    Act.WORDS: _words,
    Act.REFRESH: _refresh,
}


def _comment(verdict: Verdict) -> str:
    return as_kept(verdict.comment, _MOST_COMMENT)


def _bounce(came: Came, now: datetime) -> Ended:
    """Mark the letter that came back, and tell the office that counts on it."""
    message = _returned(came)
    if message is None:
        return MailState.REVIEW, Reason.UNKNOWN_BOUNCE
    if post.mark_bounced(message, as_kept(came.mail.diagnosis, 400)):
        tell_of_mail.tell_of_bounce(message, as_kept(came.mail.diagnosis, 400), now)
    came.row.event = came.row.event or str(message.facts.get("event", {}).get("id", ""))
    came.row.thread_id = came.row.thread_id or message.facts.get("thread", {}).get("id")
    return MailState.NOTED, Reason.BOUNCED


def _returned(came: Came) -> Message | None:
    """The letter of that Message-ID, where it belongs to the thread; else the newest that was sent in the thread."""
    number, _, host = came.mail.returned_id.strip().strip("<>").partition("@")
    found = post.find_sent(number) if host == came.links.host else None
    if came.thread is None:
        return found
    thread_id = came.thread.id
    if found is not None and found.facts.get("thread", {}).get("id") == thread_id:
        return found
    sent = post.sent_about(str(came.thread.invitation.event.public_id))
    mine = (one for one in sent if one.facts.get("thread", {}).get("id") == thread_id)
    return next((one for one in mine if one.state is MessageState.SENT), None)


def _offer_the_page(came: Came, now: datetime) -> None:
    """Whoever sent to their own address what nobody can read is told where to answer, while there is something to
    answer; no forger makes us write."""
    if came.mail.kind is not Kind.UNREADABLE or came.thread is None or came.mail.is_verified is False:
        return
    if closed(came.thread.invitation, now) is None:
        tell_of_mail.tell_that_unreadable(came.thread.invitation, now)
