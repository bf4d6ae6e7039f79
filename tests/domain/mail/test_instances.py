"""Which dates of a UID an answer is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from eventsvc.domain.mail.instances import answer_for, which_instances
from eventsvc.ical.imip import CalendarAnswer

FIRST, SECOND = datetime(2027, 2, 10, 22, tzinfo=UTC), datetime(2027, 2, 17, 22, tzinfo=UTC)


def an_answer(word: str, about: datetime | date | None = None) -> CalendarAnswer:
    return CalendarAnswer(method="REPLY", uid="1", word=word, recurrence=about)


def test_a_date_is_known_in_whatever_zone_it_is_named():
    named = FIRST.astimezone(ZoneInfo("Asia/Tokyo"))
    assert list(which_instances([an_answer("ACCEPTED", named)], {FIRST})) == [FIRST]


def test_the_answer_for_all_dates_overwrites_none_that_was_answered_by_itself():
    whole, one = an_answer("ACCEPTED"), an_answer("DECLINED", SECOND)
    for answers in ([whole, one], [one, whole]):
        said = which_instances(answers, {FIRST, SECOND})
        assert (answer_for(FIRST, said), answer_for(SECOND, said)) == (whole, one)


def test_a_date_that_there_is_not_is_left_out():
    assert which_instances([an_answer("ACCEPTED", SECOND)], {FIRST}) == {}
    assert answer_for(FIRST, {}) is None


def test_a_day_is_no_instant():
    assert which_instances([an_answer("ACCEPTED", date(2027, 2, 10))], {FIRST}) == {}
    assert list(which_instances([an_answer("ACCEPTED", date(2027, 2, 10))], {date(2027, 2, 10)})) == [date(2027, 2, 10)]
