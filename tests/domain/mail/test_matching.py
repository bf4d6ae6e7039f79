"""What a mail means for an invitation: the steps one by one, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.matching import judge, sequence_of
from eventsvc.domain.mail.reasons import SENTENCES, Reason
from eventsvc.domain.mail.verdicts import Act, Standing, Verdict
from eventsvc.ical.imip import CalendarAnswer, Kind, Mail

NOW = datetime(2027, 1, 11, 17, tzinfo=UTC)
STARTS = datetime(2027, 2, 10, 22, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AWAY: dict[str, Any] = {"word": "DELEGATED", "delegated_to": "c@d.e"}
YES, NO = AnswerWord.ACCEPT, AnswerWord.DECLINE
# What was answered to a later letter, and earlier than the answer in question.
BY_LATER: dict[str, Any] = {"newest": (4, NOW - DAY)}
ME, OTHER = "ana@port.example", "ben@port.example"
STANDING = Standing(
    uid="0f8fad5b",
    address=ME,
    is_by_address=True,
    others=frozenset({OTHER}),
    sequence=4,
    asked_sequence=2,
    dates=frozenset({STARTS, STARTS - DAY}),
    starts=STARTS,
    ends=STARTS + HOUR,
)
ANSWER = CalendarAnswer(
    method="REPLY",
    uid="0F8FAD5B",
    sequence=3,
    stamped_at=NOW - HOUR,
    attendees=(ME,),
    word="ACCEPTED",
    starts=STARTS,
    ends=STARTS + HOUR,
)


def judged(standing: dict[str, Any] | None = None, mail: dict[str, Any] | None = None, **answer: Any) -> Verdict:
    given = Mail(kind=Kind.CALENDAR, from_address=ME, answers=(replace(ANSWER, **answer),))
    return judge(replace(given, **(mail or {})), replace(STANDING, **(standing or {})), NOW)


def test_an_answer_to_the_present_time_counts_also_where_words_were_changed_since():
    verdict = judged(comment="See you")
    assert (verdict.act, verdict.word, verdict.comment) == (Act.ANSWER, AnswerWord.ACCEPT, "See you")
    assert (verdict.sequence, verdict.stamp) == (3, NOW - HOUR)


# What is known, the mail, the answer; what follows.
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], Reason]] = [
    ("another invited person's answer", {}, {}, {"attendees": (OTHER,)}, Reason.ANOTHER_PERSON),
    ("an alias, from the invited address", {}, {}, {"attendees": ("a.diaz@port.example",)}, Reason.ANSWERED),
    ("the invited, from an alias", {}, {"from_address": "a.diaz@port.example"}, {}, Reason.ANSWERED),
    ("sent by oneself", {}, {}, {"sent_by": ME}, Reason.ANSWERED),
    ("verified", {}, {"is_verified": True}, {}, Reason.ANSWERED),
    ("a counter with all attendees", {}, {}, {"method": "COUNTER", "attendees": (ME, "x@y.z")}, Reason.PROPOSED),
    ("a counter without an end", {}, {}, {"method": "COUNTER", "starts": STARTS + DAY, "ends": None}, Reason.PROPOSED),
    ("a counter to an older time", {}, {}, {"method": "COUNTER", "sequence": 1}, Reason.OUTDATED),
    ("an answer to an older time", {}, {}, {"sequence": 1}, Reason.OLDER_VERSION),
    ("the same, answered anew on a page", {"said": AnswerWord.DECLINE}, {}, {"sequence": 1}, Reason.OLDER_ANSWER),
    ("no SEQUENCE, and the present time", {}, {}, {"sequence": None}, Reason.ANSWERED),
    ("no SEQUENCE, and another time", {}, {}, {"sequence": None, "starts": STARTS - DAY}, Reason.OLDER_VERSION),
    ("a SEQUENCE below nothing", {}, {}, {"sequence": -7}, Reason.OLDER_VERSION),
    ("the same as the newest", {"newest": (3, NOW - HOUR), "said": YES}, {}, {}, Reason.SEEN_BEFORE),
    ("older than the newest", {"newest": (3, NOW)}, {}, {}, Reason.OLDER_ANSWER),
    ("older, of an older version", {"newest": (4, NOW)}, {}, {}, Reason.OLDER_ANSWER),
    ("the same word, by an earlier letter", {**BY_LATER, "said": YES}, {}, {}, Reason.OLDER_ANSWER),
    ("another word, by an earlier letter", {**BY_LATER, "said": NO}, {}, {}, Reason.CONTRADICTS),
    ("another word, and a third on a page", {**BY_LATER, "said": NO, "said_at": NOW}, {}, {}, Reason.OLDER_ANSWER),
    ("a counter, by an earlier letter", BY_LATER, {}, {"method": "COUNTER"}, Reason.CONTRADICTS),
    ("delegation, by an earlier letter", {**BY_LATER, "said": YES}, {}, AWAY, Reason.CONTRADICTS),
    ("another word of the same second", {"newest": (3, NOW - HOUR), "said": NO}, {}, {}, Reason.CONTRADICTS),
    ("a counter again", {"newest": (3, NOW - HOUR), "said": NO}, {}, {"method": "COUNTER"}, Reason.SEEN_BEFORE),
    ("a delegation again", {"newest": (3, NOW - HOUR), "said": NO}, {}, AWAY, Reason.SEEN_BEFORE),
    ("newer than the newest", {"newest": (3, NOW - DAY)}, {}, {}, Reason.ANSWERED),
    ("by the Date", {"newest": (3, NOW)}, {"dated_at": NOW - DAY}, {"stamped_at": None}, Reason.OLDER_ANSWER),
    ("of a date there was", {}, {}, {"recurrence": STARTS - DAY}, Reason.ANSWERED),
    ("of the present date", {}, {}, {"recurrence": STARTS}, Reason.ANSWERED),
    ("of a date there is not", {}, {}, {"recurrence": STARTS + DAY}, Reason.NO_SUCH_DATE),
    ("of a day", {}, {}, {"recurrence": STARTS.date()}, Reason.NO_SUCH_DATE),
    ("delegation names two", {}, {}, {**AWAY, "attendees": (ME, "c@d.e")}, Reason.DELEGATED),
    ("delegation names three", {}, {}, {**AWAY, "attendees": (ME, "c@d.e", "f@g.h")}, Reason.NOT_ONE_PERSON),
    ("of whoever has no address any more", {"address": ""}, {"from_address": ""}, {}, Reason.ANOTHER_PERSON),
    ("of nobody", {"address": ""}, {}, {"attendees": ("",)}, Reason.ANOTHER_PERSON),
    ("lower case", {}, {}, {"word": "accepted"}, Reason.ANSWERED),
    ("off", {"closed": Reason.EVENT_OFF}, {}, {"sequence": 99}, Reason.EVENT_OFF),
    ("a forged answer to what is off", {"closed": Reason.EVENT_OFF}, {"is_verified": False}, {}, Reason.NOT_VERIFIED),
    ("words beside our own letter", {}, {"words": "I teach"}, {"method": "REQUEST"}, Reason.CONVERSATION),
    ("the same of another", {}, {"words": "I", "from_address": OTHER}, {"method": "REQUEST"}, Reason.WORDS_OF_ANOTHER),
    ("the same to no address", {"is_by_address": False}, {"words": "I"}, {"method": "REQUEST"}, Reason.OTHER_METHOD),
    ("our own letter without words", {}, {}, {"method": "REQUEST"}, Reason.OTHER_METHOD),
    ("words beside theirs", {}, {"words": "I teach"}, {"method": "REQUEST", "uid": "x"}, Reason.OTHER_METHOD),
    ("a lost invitation", {}, {}, {"method": "REFRESH", "word": ""}, Reason.SENT_AGAIN),
    ("lost by one", {}, {"from_address": "x@y"}, {"method": "REFRESH", "attendees": ("x@y",)}, Reason.ANOTHER_PERSON),
]  # fmt: skip


NAMES = [row[0] for row in CASES]


@pytest.mark.parametrize(("standing", "mail", "answer", "reason"), [row[1:] for row in CASES], ids=NAMES)
def test_each_step_ends_with_its_reason(standing, mail, answer, reason):
    assert judged(standing, mail, **answer).reason is reason


def test_days_are_proposed_for_what_takes_days_and_instants_for_what_has_an_hour():
    day = date(2027, 2, 10)
    whole = {"starts": day, "ends": day + DAY, "dates": frozenset({day})}
    assert judged(whole, method="COUNTER", starts=day + DAY, ends=day + 2 * DAY).reason is Reason.PROPOSED
    assert judged(whole, method="COUNTER", starts=day + DAY, ends=day + 3 * DAY).reason is Reason.OTHER_LENGTH
    assert judged(whole, method="COUNTER", starts=STARTS, ends=STARTS + HOUR).reason is Reason.NO_TIME
    assert judged(method="COUNTER", starts=day, ends=day + DAY).reason is Reason.NO_TIME


def test_an_answer_to_one_date_and_to_all_counts_by_that_of_the_date():
    answers = (replace(ANSWER, word="DECLINED", recurrence=STARTS), ANSWER)
    assert judged(mail={"answers": answers}).word is AnswerWord.DECLINE
    assert judged(mail={"answers": answers[::-1]}).word is AnswerWord.DECLINE


def test_entries_of_two_events_answer_neither():
    assert judged(mail={"answers": (ANSWER, replace(ANSWER, uid="another"))}).reason is Reason.ANOTHER_EVENT


def test_without_an_invitation_there_is_nothing_to_apply():
    mail = Mail(kind=Kind.CALENDAR, answers=(ANSWER,))
    assert judge(mail, None, NOW).reason is Reason.NO_ADDRESS
    assert judge(mail, None, NOW, is_event_known=True).reason is Reason.NOT_INVITED


def test_a_version_that_nobody_names_is_the_first():
    unnamed = replace(ANSWER, sequence=None, method="COUNTER")
    assert sequence_of(unnamed, STANDING) == 0


def test_every_reason_is_said_to_people_in_a_sentence_of_its_own():
    assert set(SENTENCES) == set(Reason)
    assert len(set(SENTENCES.values())) == len(Reason)
