"""What a mail means for the invitation it belongs to: nine steps, no database, no clock.

The steps are those of the shared notes on calendars in the wild (2.4), after RFC 5546 2.1.5 and RFC 6047 2.2; each is
a function that returns a verdict where it ends the matter. What a mail says was read in `ical/imip.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.instances import Date, answer_for, which_instances
from eventsvc.domain.mail.reasons import Reason
from eventsvc.domain.mail.verdicts import Act, Standing, Verdict
from eventsvc.ical.imip import CalendarAnswer, Kind, Mail

_WORDS = {
    "ACCEPTED": AnswerWord.ACCEPT,
    "TENTATIVE": AnswerWord.TENTATIVE,
    "DECLINED": AnswerWord.DECLINE,
}
_METHODS = frozenset({"REPLY", "COUNTER", "REFRESH"})
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class _Case:
    mail: Mail
    answer: CalendarAnswer
    standing: Standing
    now: datetime


def judge(mail: Mail, standing: Standing | None, now: datetime, *, is_event_known: bool = False) -> Verdict:
    """What to do with a mail. Without a `standing` nobody's invitation was found; an event of ours perhaps, by UID."""
    if mail.kind is not Kind.CALENDAR:
        return _without_calendar(mail, standing)
    if _brings_ours_along(mail, standing):
        return _in_words(mail, standing)
    ended = _not_an_answer(mail)
    if ended is not None:
        return ended
    if standing is None:
        return _review(Reason.NOT_INVITED if is_event_known else Reason.NO_ADDRESS)
    case = _Case(mail, _chosen(mail, standing), standing, now)
    for step in _STEPS:
        ended = step(case)
        if ended is not None:
            return ended
    return _taken(case)


def _without_calendar(mail: Mail, standing: Standing | None) -> Verdict:
    """Machines' notices, bounces, what cannot be read, and plain words."""
    if mail.kind is Kind.AUTOMATIC:
        return _ignore(Reason.AUTOMATIC)
    if mail.kind is Kind.BOUNCE:
        return Verdict(act=Act.BOUNCE, reason=Reason.BOUNCED) if mail.is_final else _note(Reason.DELAYED)
    if mail.kind is Kind.UNREADABLE:
        return _review(Reason.UNREADABLE)
    return _in_words(mail, standing)


def _brings_ours_along(mail: Mail, standing: Standing | None) -> bool:
    """True for words to the invitation's own address with our own invitation beside them, as who forwards it sends."""
    if standing is None or not standing.is_by_address or not mail.words.strip():
        return False
    return all(one.method not in _METHODS and one.uid.casefold() == standing.uid for one in mail.answers)


def _in_words(mail: Mail, standing: Standing | None) -> Verdict:
    """Words are the invited person's where they come from there; anybody else's are for people to judge."""
    if not mail.words.strip():
        return _ignore(Reason.NOTHING_SAID)
    if standing is None or not standing.is_by_address:
        return _review(Reason.NO_ADDRESS)
    if not _is_from_invited(mail, standing):
        return _review(Reason.WORDS_OF_ANOTHER)
    if mail.is_verified is False:
        return _review(Reason.NOT_VERIFIED)
    return Verdict(act=Act.WORDS, reason=Reason.CONVERSATION)


def _not_an_answer(mail: Mail) -> Verdict | None:
    """1 and 9: only answers about an event; somebody else's invitation or a finished task is nothing to us."""
    if not mail.answers:
        return _review(Reason.UNREADABLE)
    if any(one.component != "VEVENT" for one in mail.answers):
        return _ignore(Reason.NOT_AN_EVENT)
    if any(one.method not in _METHODS for one in mail.answers):
        return _ignore(Reason.OTHER_METHOD)
    return None


def _chosen(mail: Mail, standing: Standing) -> CalendarAnswer:
    """The answer for our date, where several dates are answered; else the first, so that its reason can be said."""
    said = which_instances(mail.answers, standing.dates)
    return answer_for(standing.starts, said) or next(iter(said.values()), mail.answers[0])


def _other_event(case: _Case) -> Verdict | None:
    """2: all entries have the UID of the event to whose address the mail was sent."""
    if {one.uid.casefold() for one in case.mail.answers} != {case.standing.uid}:
        return _review(Reason.ANOTHER_EVENT)
    return None


def _other_person(case: _Case) -> Verdict | None:
    """3: one attendee, who is the invited person, or somebody writing from the invited address (RFC 6047 2.2.1)."""
    answer, invited = case.answer, case.standing.address
    named = set(answer.attendees)
    if answer.sent_by and answer.sent_by != invited:
        return _review(Reason.SENT_BY_ANOTHER)
    if (named - {invited}) & case.standing.others:
        return _review(Reason.ANOTHER_PERSON)
    most = 2 if _is_delegation(answer) else 1
    if answer.method != "COUNTER" and not 1 <= len(named) <= most:
        return _review(Reason.NOT_ONE_PERSON)
    if (invited and invited in named) or _is_from_invited(case.mail, case.standing):
        return None
    return _review(Reason.ANOTHER_PERSON)


def _is_from_invited(mail: Mail, standing: Standing) -> bool:
    """True for the invited address; who has none any more writes from none."""
    return mail.from_address == standing.address != ""


def _unconfirmed(case: _Case) -> Verdict | None:
    """4: the address is our proof; a sender whom our own server calls forged, or no address, is for people to judge."""
    if case.mail.is_verified is False:
        return _review(Reason.NOT_VERIFIED)
    if not case.standing.is_by_address:
        return _review(Reason.NEEDS_CHECK)
    return None


def _nothing_to_say(case: _Case) -> Verdict | None:
    """7: NEEDS-ACTION and words that we do not know say nothing."""
    answer = case.answer
    if answer.method == "REPLY" and answer.word.upper() not in _WORDS and not _is_delegation(answer):
        return _ignore(Reason.NO_ANSWER)
    return None


def _closed(case: _Case) -> Verdict | None:
    return _note(case.standing.closed) if case.standing.closed is not None else None


def _other_date(case: _Case) -> Verdict | None:
    """6: an answer for a single date names one that there is."""
    if answer_for(case.standing.starts, which_instances(case.mail.answers, case.standing.dates)) is None:
        named = which_instances([case.answer], case.standing.dates)
        return None if named else _review(Reason.NO_SUCH_DATE)
    return None


def _asked_again(case: _Case) -> Verdict | None:
    if case.answer.method == "REFRESH":
        return Verdict(act=Act.REFRESH, reason=Reason.SENT_AGAIN)
    return None


def _revision(case: _Case) -> Verdict | None:
    """5: no version that we never sent, none that was answered anew; an answer to an older time is recorded."""
    standing, sequence, stamp = case.standing, sequence_of(case.answer, case.standing), _stamp(case)
    if sequence > standing.sequence:
        return _review(Reason.NEWER_VERSION)
    if standing.newest is not None and (sequence, stamp) <= standing.newest:
        if sequence >= standing.asked_sequence and _says_else(case, standing.newest[1]):
            return _review(Reason.CONTRADICTS)
        return _ignore(Reason.SEEN_BEFORE if (sequence, stamp) == standing.newest else Reason.OLDER_ANSWER)
    word = _WORDS.get(case.answer.word.upper())
    if sequence < standing.asked_sequence:
        if case.answer.method == "COUNTER":
            return _review(Reason.OUTDATED)
        if standing.said is not None:
            return _ignore(Reason.OLDER_ANSWER)
        if word is None:
            return _review(Reason.OLDER_VERSION)
        return _with_answer(case, Act.RECORD, Reason.OLDER_VERSION, word=word)
    if standing.said_at is not None and stamp < standing.said_at and word is not standing.said:
        return _review(Reason.ANSWERED_SINCE)
    return None


def _says_else(case: _Case, newest: datetime) -> bool:
    """True where an answer for the present time, by an earlier letter or of the same second, is not what the person
    said by the `newest`: programs that missed a letter answer the one before."""
    standing, stamp, is_counter = case.standing, _stamp(case), case.answer.method == "COUNTER"
    word = _WORDS.get(case.answer.word.upper())
    if stamp < newest or (standing.said_at is not None and stamp < standing.said_at):
        return False
    if stamp == newest:
        return not is_counter and word is not None and word is not standing.said
    return is_counter or word is not standing.said


_STEPS: tuple[Callable[[_Case], Verdict | None], ...] = (
    _other_event,
    _other_person,
    _unconfirmed,
    _nothing_to_say,
    _closed,
    _other_date,
    _asked_again,
    _revision,
)


def _taken(case: _Case) -> Verdict:
    """7 and 8: word and comment; of a counter-proposal its time, which changes nothing by itself."""
    answer = case.answer
    if answer.method == "COUNTER":
        return _proposal(case)
    if _is_delegation(answer):
        return _with_answer(case, Act.DELEGATE, Reason.DELEGATED, delegate=answer.delegated_to)
    return _with_answer(case, Act.ANSWER, Reason.ANSWERED, word=_WORDS[answer.word.upper()])


def _proposal(case: _Case) -> Verdict:
    starts, ends, standing = case.answer.starts, case.answer.ends, case.standing
    if starts is None or type(starts) is not type(standing.starts) or starts.year not in _YEARS:
        return _review(Reason.NO_TIME)
    if isinstance(starts, datetime) and (starts.second or starts.microsecond):
        return _review(Reason.NO_TIME)
    if ends is not None and (type(ends) is not type(starts) or _length(starts, ends) != _length_of(standing)):
        return _review(Reason.OTHER_LENGTH)
    return _with_answer(case, Act.PROPOSE, Reason.PROPOSED, starts=starts)


def _length(starts: Date, ends: Date) -> timedelta:
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return ends - starts
    return timedelta(days=ends.toordinal() - starts.toordinal())


def _length_of(standing: Standing) -> timedelta:
    return _length(standing.starts, standing.ends)


def sequence_of(answer: CalendarAnswer, standing: Standing) -> int:
    """Which version is answered; a program that does not say so answers the present one where it names its time."""
    if answer.sequence is not None:
        return max(answer.sequence, 0)
    is_present = answer.method == "REPLY" and answer.starts == standing.starts
    return standing.asked_sequence if is_present else 0


def _stamp(case: _Case) -> datetime:
    """When the answer was given; a clock that runs ahead must not silence every later answer."""
    return min(case.answer.stamped_at or case.mail.dated_at or case.now, case.now)


def _is_delegation(answer: CalendarAnswer) -> bool:
    return answer.method == "REPLY" and answer.word.upper() == "DELEGATED" and bool(answer.delegated_to)


def _with_answer(
    case: _Case,
    act: Act,
    reason: Reason,
    *,
    word: AnswerWord | None = None,
    starts: Date | None = None,
    delegate: str = "",
) -> Verdict:
    answer = case.answer
    return Verdict(
        act=act,
        reason=reason,
        word=word,
        comment=answer.comment,
        starts=starts,
        delegate=delegate,
        sequence=sequence_of(answer, case.standing),
        stamp=_stamp(case),
    )


def _review(reason: Reason) -> Verdict:
    return Verdict(act=Act.REVIEW, reason=reason)


def _note(reason: Reason) -> Verdict:
    return Verdict(act=Act.NOTE, reason=reason)


def _ignore(reason: Reason) -> Verdict:
    return Verdict(act=Act.IGNORE, reason=reason)
