"""Periods that are joined: against an oracle that counts minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from eventsvc.core.times import Span
from eventsvc.domain.feeds.busy import Period, joined

START = datetime(2027, 3, 14, tzinfo=UTC)
MINUTES = 60
WINDOW = Span(START, START + timedelta(minutes=MINUTES))


def span(first: int, length: int) -> Span:
    return Span(START + timedelta(minutes=first), START + timedelta(minutes=first + length))


periods = st.lists(
    st.builds(
        lambda first, length, is_sure: Period(span(first, length), is_sure),
        st.integers(-20, MINUTES + 5),
        st.integers(1, 30),
        st.booleans(),
    ),
    max_size=12,
)


def word_at(minute: int, found: list[Period]) -> bool | None:
    """True: surely taken, False: perhaps, None: free."""
    at = START + timedelta(minutes=minute)
    said = {one.is_sure for one in found if one.span.start <= at < one.span.end}
    return max(said, default=None)


@given(periods)
def test_joined_periods_say_the_same_of_every_minute_and_are_as_few_as_can_be(given_periods):
    found = joined(given_periods, WINDOW)
    assert [word_at(minute, found) for minute in range(MINUTES)] == [
        word_at(minute, given_periods) for minute in range(MINUTES)
    ]
    assert found == sorted(found)
    for one, other in pairwise(found):
        assert one.span.end <= other.span.start
        assert one.is_sure is not other.is_sure or one.span.end < other.span.start
    assert all(WINDOW.start <= one.span.start and one.span.end <= WINDOW.end for one in found)
