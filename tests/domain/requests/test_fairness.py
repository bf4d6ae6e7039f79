"""Whose turn it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventsvc.domain.requests.fairness import Share, Turn, grant_in_turn

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)


def turn(number: int, college: int, *, days: int = 0, travel: int | None = None) -> Turn:
    return Turn(number, college, NOW - timedelta(days=days), travel)


def order(turns: list[Turn], shares: dict[int, Share], most: int = 100) -> list[int]:
    left = iter(range(most))
    outcome = grant_in_turn(turns, shares, lambda one: next(left, None))
    return [one.request_id for one, got in outcome if got is not None]


def test_fewest_sessions_per_thousand_students_come_first_and_what_is_granted_counts_at_once():
    shares = {1: Share(2, 20_000), 2: Share(1, 2_000), 3: Share(0, 500)}
    turns = [turn(1, 1), turn(2, 2), turn(3, 3), turn(4, 3), turn(5, 1)]
    # 0.1, 0.5 and 0; after its first grant college 3 has 2 for each 1,000.
    assert order(turns, shares) == [3, 1, 5, 2, 4]
    assert [shares[one].sessions for one in (1, 2, 3)] == [4, 2, 2]


def test_equals_go_by_age_and_then_by_the_way():
    turns = [turn(1, 1, days=1, travel=10), turn(2, 2, days=9, travel=90), turn(3, 3, days=1, travel=None)]
    turns.append(turn(4, 4, days=1, travel=5))
    assert order(turns, {}) == [2, 4, 1, 3]


def test_what_cannot_be_granted_costs_its_college_nothing():
    shares = {1: Share(0, 1000), 2: Share(0, 1000)}
    turns = [turn(1, 1, days=3), turn(2, 1, days=2), turn(3, 2, days=1)]
    outcome = grant_in_turn(turns, shares, lambda one: None if one.request_id == 1 else "a date")
    assert [(one.request_id, got) for one, got in outcome] == [(1, None), (2, "a date"), (3, "a date")]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 30)), max_size=30), st.integers(0, 30))
def test_no_college_gets_a_second_date_while_an_equal_one_has_none(wishes, most):
    turns = [turn(number, college, days=days) for number, (college, days) in enumerate(wishes)]
    shares = {college: Share(0, 1000) for college, _ in wishes}
    order(turns, shares, most)
    asked = {college: sum(one.college_id == college for one in turns) for college in shares}
    for poor in shares:
        for rich in shares:
            if shares[poor].sessions < asked[poor]:
                assert shares[rich].sessions <= shares[poor].sessions + 1
