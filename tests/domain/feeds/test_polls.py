"""How polls are counted: by family, once a poll, added up over processes; and what the usual lag is told from."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from eventsvc.core.db import db, transaction
from eventsvc.domain.feeds import polls, versions
from eventsvc.domain.feeds.families import Family, family_of
from eventsvc.domain.feeds.models import FeedLag, FeedPoll
from eventsvc.domain.feeds.polls import Tally, median_step
from eventsvc.workflows.count_polls import add_counted
from eventsvc.workflows.keep_retention import end_old_records
from tests.conftest import NOW

AGENTS = {
    "Google-Calendar-Importer": Family.GOOGLE,
    "macOS/14.4 (23E214) dataaccessd/1.0": Family.APPLE,
    "iOS/17.4 (21E219) dataaccessd/1.0": Family.APPLE,
    "Mac OS X/10.15.7 (19H2) CalendarAgent/930.5.1": Family.APPLE,
    "Microsoft Exchange/15.20 (ExchangeServicesClient)": Family.OUTLOOK_WEB,
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17425; Pro)": Family.OUTLOOK_DESKTOP,
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.8.0": Family.THUNDERBIRD,
    "Evolution/3.50.2": Family.EVOLUTION,
    "Nextcloud Webcal Service": Family.NEXTCLOUD,
    "ICSx5/2.2.3 (okhttp/4.12.0) Android/14": Family.ICSX5,
    "DAVx5/4.3.14-ose (okhttp/4.12.0) Android/14": Family.DAVX5,
    "Fastmail/1.0": Family.FASTMAIL,
    "ProtonCalendar/1.0": Family.PROTON,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/122.0 Safari/537.36": Family.BROWSER,
    "curl/8.5.0": Family.SCRIPT,
    "python-requests/2.31.0": Family.SCRIPT,
    "": Family.OTHER,
    "x" * 10_000 + "curl/8": Family.OTHER,
}


@pytest.mark.parametrize(("user_agent", "family"), AGENTS.items(), ids=[*map(str, AGENTS.values())])
def test_a_program_is_known_by_what_it_calls_itself(user_agent: str, family: Family):
    assert family_of(user_agent) is family


def a_copy(version: int = 1, key: str = "all", *, is_private: bool = False) -> SimpleNamespace:
    return SimpleNamespace(version=version, keys=frozenset({key}), is_private=is_private)


def polled(tally: Tally, minutes: float, version: int = 1, *, key: str = "all", is_304: bool = False, **more) -> bool:
    at = NOW + timedelta(minutes=minutes)
    return tally.count(key, Family.GOOGLE, at, copy=a_copy(version, key, **more), is_304=is_304)


def changed(minutes: float, *keys: str) -> int:
    with transaction():
        versions.touch(set(keys), NOW + timedelta(minutes=minutes))
    return versions.latest()


def test_polls_of_two_processes_add_up_and_the_newest_counts(app):
    one, other = Tally(), Tally()
    polled(one, 0, 3)
    polled(one, 60, 4, is_304=True)
    polled(other, 30, 3)
    add_counted(one)
    add_counted(other)
    [row] = polls.statistics()
    assert (row.key, row.family, row.polls, row.not_modified, row.version) == ("all", Family.GOOGLE, 3, 1, 4)
    assert (row.first_at, row.last_at) == (NOW, NOW + timedelta(hours=1))


def test_it_is_time_to_write_every_ten_seconds_and_at_once_for_a_new_feed():
    tally = Tally()
    assert polled(tally, 0) is True
    assert polled(tally, 0.1) is False
    assert polled(tally, 0.1, key="campus:a") is True
    assert polled(tally, 0.1, key="campus:a") is False
    assert polled(tally, 0.2) is True


def test_the_lag_is_from_a_change_to_the_first_fetch_of_it_by_the_family(app):
    tally, first = Tally(), changed(0, "all")
    polled(tally, 10, first)
    add_counted(tally)
    assert polls.statistics()[0].usual_lag_seconds is None, "who asks for the first time has waited for nothing"
    for hour, waited in ((1, 3), (2, 20), (3, 50)):
        version = changed(60 * hour, "all")
        for later in (0, 5):  # the second fetch of a version says nothing
            polled(tally, 60 * hour + waited + later, version, is_304=later > 0)
        add_counted(tally)
    [row] = polls.statistics()
    assert (row.usual_lag_seconds, row.lags) == (1_800, 3)
    assert sorted(db.session.scalars(select(FeedLag.up_to_seconds))) == [300, 1_800, 3_600]


def test_a_version_that_another_process_has_served_to_the_family_counts_no_second_lag(app):
    one, other, first = Tally(), Tally(), changed(0, "all")
    polled(one, 1, first)
    add_counted(one)
    version = changed(60, "all")
    for tally, minutes in ((one, 62), (other, 90)):
        polled(tally, minutes, version)
        add_counted(tally)
    assert [(row.up_to_seconds, row.number) for row in db.session.scalars(select(FeedLag))] == [(300, 1)]


def test_private_feeds_are_in_no_list_and_told_by_their_keys(app):
    tally = Tally()
    polled(tally, 0)
    polled(tally, 0, key="desk:office", is_private=True)
    add_counted(tally)
    assert [row.key for row in polls.statistics()] == ["all"]
    assert [row.key for row in polls.statistics(keys=["desk:office"])] == ["desk:office"]
    assert polls.fetched(["all", "desk:office", "campus:a"]) == {"all", "desk:office"}


def test_what_cannot_be_added_now_is_added_later(app):
    tally = Tally()
    polled(tally, 0)
    taken = tally.take()
    polled(tally, 5, 2, is_304=True)
    tally.give_back(taken)
    add_counted(tally)
    [row] = polls.statistics()
    assert (row.polls, row.not_modified, row.first_at, row.version) == (2, 1, NOW, 2)
    assert tally.take() == {}


def test_a_process_counts_no_more_feeds_than_it_has_room_for(monkeypatch):
    monkeypatch.setattr(polls, "MOST_COUNTED", 3)
    tally = Tally()
    for number in range(10):
        polled(tally, 0, key=f"campus:{number}")
    assert len(tally.take()) == 3


def test_nothing_that_is_kept_has_an_address_or_a_programs_words(app):
    columns = {column.name for table in (FeedPoll, FeedLag) for column in table.__table__.columns}
    assert columns == {
        *("id", "key", "family", "polls", "not_modified", "first_at", "last_at", "version", "is_private"),
        *("up_to_seconds", "number"),
    }
    assert db.session.execute(text("SELECT COUNT(*) FROM feed_polls")).scalar() == 0


@given(st.lists(st.integers(0, 12), min_size=1, max_size=12))
def test_the_usual_step_is_the_one_of_the_median(numbers: list[int]):
    lags = [polls.STEPS[number] for number in numbers]
    steps = [(step, lags.count(step)) for step in set(lags)]
    assert median_step(steps) == sorted(lags)[(len(lags) - 1) // 2]


def test_without_lags_there_is_no_usual_one():
    assert median_step([]) is None


def test_what_nobody_asked_for_in_400_days_is_forgotten_with_its_lags(app):
    tally, first = Tally(), changed(0, "all")
    polled(tally, 1, first)
    add_counted(tally)
    polled(tally, 70, changed(60, "all"))
    polled(tally, 70, key="campus:a")
    add_counted(tally)
    polled(tally, 60 * 24 * 30, key="campus:a")
    add_counted(tally)
    assert end_old_records({}, NOW + timedelta(days=401)) == {"fetches_of_calendars": 1}
    assert [row.key for row in polls.statistics()] == ["campus:a"]
    assert db.session.scalars(select(FeedLag)).all() == []
