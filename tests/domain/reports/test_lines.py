"""The sums of the register against counting by hand; lines add up to what is together."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from eventsvc.domain.attendance.models import Standing
from eventsvc.domain.reports.lines import Asking, Serving, lines_of, sums_of
from eventsvc.domain.reports.periods import By, period_of

FIRST, LAST = date(2026, 11, 14), date(2028, 2, 29)
DAYS = st.dates(FIRST, LAST)
ORGANIZATIONS = st.integers(1, 3)
ASKINGS = st.lists(
    st.builds(
        Asking,
        partner_id=ORGANIZATIONS,
        college_id=ORGANIZATIONS,
        asked_on=DAYS,
        answered_after=st.none() | st.integers(0, 30),
        event_id=st.integers(1, 9),
    )
)
EVENTS = st.dictionaries(
    st.integers(1, 12),
    st.tuples(st.sets(ORGANIZATIONS, min_size=1), ORGANIZATIONS, DAYS, st.none() | st.integers(0, 500), st.booleans()),
)


def servings_of(events: dict) -> list[Serving]:
    return [
        Serving(
            partner_id=partner,
            college_id=college,
            event_id=number,
            held_on=day,
            standing=Standing.COUNTED if heads is not None else Standing.AWAITED if waits else Standing.MISSING,
            heads=heads,
        )
        for number, (partners, college, day, heads, waits) in events.items()
        for partner in partners
    ]


@given(ASKINGS, EVENTS, st.sampled_from(By))
def test_every_number_is_what_counting_by_hand_gives(askings, events, by):
    servings = servings_of(events)
    lines = lines_of(askings, servings, by=by, first=FIRST, last=LAST)
    for line in lines:
        asked = [
            one.answered_after
            for one in askings
            if (one.partner_id, one.college_id) == (line.partner_id, line.college_id)
            and line.first <= one.asked_on <= line.last
        ]
        held = [
            (heads, waits)
            for partners, college, day, heads, waits in events.values()
            if line.partner_id in partners and college == line.college_id and line.first <= day <= line.last
        ]
        answered = [days for days in asked if days is not None]
        assert (line.sums.asked, line.sums.answered) == (len(asked), len(answered))
        assert line.sums.median_days == (median(answered) if answered else None)
        assert (line.sums.served, line.sums.reached) == (len(held), sum(heads or 0 for heads, _ in held))
        assert line.sums.counted == sum(heads is not None for heads, _ in held)
        assert line.sums.awaited == sum(heads is None and waits for heads, waits in held)
        assert line.sums.missing == sum(heads is None and not waits for heads, waits in held)
    total = sums_of(askings, servings)
    assert total.asked == len(askings) == sum(line.sums.asked for line in lines)
    assert total.served == len(events)
    assert total.reached == sum(heads or 0 for _, _, _, heads, _ in events.values())
    assert total.counted + total.awaited + total.missing == total.served
    assert sum(line.sums.served for line in lines) == sum(len(partners) for partners, *_ in events.values())


@given(ASKINGS, EVENTS)
def test_a_quarter_is_the_sum_of_its_months(askings, events):
    whole = {"first": FIRST, "last": LAST}
    months, quarters = (lines_of(askings, servings_of(events), by=by, **whole) for by in (By.MONTH, By.QUARTER))
    for quarter in quarters:
        mine = [
            line.sums
            for line in months
            if (line.partner_id, line.college_id) == (quarter.partner_id, quarter.college_id)
            and quarter.first <= line.first <= quarter.last
        ]
        for number in ("asked", "answered", "served", "reached", "counted", "awaited", "missing"):
            assert getattr(quarter.sums, number) == sum(getattr(one, number) for one in mine)


@given(DAYS, st.sampled_from(By))
def test_periods_part_the_whole_time_without_gap_or_overlap(day, by):
    first, last = period_of(day, by, FIRST, LAST)
    assert FIRST <= first <= day <= last <= LAST
    assert period_of(first, by, FIRST, LAST) == period_of(last, by, FIRST, LAST) == (first, last)
    if last < LAST:
        assert period_of(last + timedelta(days=1), by, FIRST, LAST)[0] == last + timedelta(days=1)
