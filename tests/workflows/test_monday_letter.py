"""The Monday letter: 7:00 in the office's zone, once a week, none where there is nothing to say."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.reminders import mondays
from eventsvc.workflows import monday_letter
from eventsvc.workflows.monday_letter import write_monday_letters
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW
from tests.interfaces.browser import Browser
from tests.links import links_of

# Monday, 7:00 in Los Angeles.
MONDAY = datetime(2027, 1, 11, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def offices(app):
    """Two colleges whose week holds an event, a third with an empty one, and a fourth without a mailbox."""
    with transaction():
        for name in ("harbor", "city", "idle"):
            campus = builders.a_campus(name)
            if name != "idle":
                plan = builders.a_plan(
                    campus,
                    when=builders.at("2027-01-13T14:00"),
                    experts=[builders.an_expert(office=builders.an_office())],
                    title=f"At {name}",
                )
                event = plan_event(plan, actor=ADMINISTRATOR, now=NOW - timedelta(days=14))
                publish_event(str(event.public_id), actor=ADMINISTRATOR, now=NOW - timedelta(days=14))
        builders.an_office("silent", mailbox="")
    return app


def written(app, at=MONDAY) -> int:
    with app.app_context():
        return write_monday_letters(lambda: at)


def monday_letters() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.letter == "monday").order_by(Message.to_address)))


def of_hosts() -> list[str]:
    return [title for one in monday_letters() for title in titles(one) if one.facts["week"]["unanswered"]["items"]]


def titles(letter: Message) -> list[str]:
    return [one["event"]["title"] for one in letter.facts["week"]["events"]["items"]]


def test_each_office_with_something_to_say_gets_one_letter_a_week_however_often_it_is_looked(offices):
    assert written(offices, MONDAY - SECOND) == 0
    first = written(offices)
    assert first == len(monday_letters())
    for later in (timedelta(), timedelta(hours=3), timedelta(hours=30)):
        assert written(offices, MONDAY + later) == 0
    assert sorted(of_hosts()) == ["At city", "At harbor"]
    assert len({(one.to_address, one.key) for one in monday_letters()}) == first
    assert all(titles(one) for one in monday_letters())


def test_it_says_the_week_and_what_stands_in_the_way(offices):
    written(offices)
    letter = next(one for one in monday_letters() if titles(one) == ["At city"] and of(one, "unanswered"))
    _, text = letters.render_text(letter, links_of())
    assert "from Monday, January 11, 2027 to Sunday, January 17, 2027:" in text
    assert "- At city, Wednesday, January 13, 2027, 2:00 PM – 3:00 PM (Pacific Standard Time)" in text
    assert "Who has not answered:" in text


def of(letter: Message, part: str) -> list[dict]:
    return letter.facts["week"][part]["items"]


@pytest.mark.parametrize("late", [timedelta(hours=40), timedelta(hours=41), timedelta(days=3)])
def test_after_downtime_it_comes_while_it_helps_and_not_later(offices, late):
    assert bool(written(offices, MONDAY + late)) == (late < mondays.USEFUL_FOR)


def test_who_dies_while_writing_leaves_the_others_and_the_next_goes_on(offices, monkeypatch):
    posted = monday_letter.to_mailbox
    seen = []

    def dies(*told, **more):
        seen.append(told)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return posted(*told, **more)

    monkeypatch.setattr(monday_letter, "to_mailbox", dies)
    with pytest.raises(KeyboardInterrupt):
        written(offices)
    assert len(monday_letters()) == 1
    monkeypatch.setattr(monday_letter, "to_mailbox", posted)
    assert written(offices) > 0
    assert len({one.to_address for one in monday_letters()}) == len(monday_letters())
    assert sorted(of_hosts()) == ["At city", "At harbor"]


def test_two_processes_at_once_write_each_letter_once(offices, monkeypatch):
    db.session.remove()
    both, found = threading.Barrier(2), mondays.due

    def due(now):
        mine = found(now)
        db.session.rollback()
        both.wait(timeout=30)
        return mine

    monkeypatch.setattr(mondays, "due", due)
    owed: list[int] = []
    threads = [threading.Thread(target=lambda: owed.append(written(offices))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(owed) == 2
    assert sum(owed) == len(monday_letters()) == len({one.to_address for one in monday_letters()}) > 0


# UTC moments of Monday, 7:00, by hand: offsets in winter and in summer. The United States change on March 14 and on
# November 7, 2027, Berlin on March 28 and on October 31.
ZONES = {
    "America/Los_Angeles": {date(2027, 3, 8): 15, date(2027, 3, 15): 14, date(2027, 11, 1): 14, date(2027, 11, 8): 15},
    "America/New_York": {date(2027, 3, 8): 12, date(2027, 3, 15): 11, date(2027, 11, 1): 11, date(2027, 11, 8): 12},
    "Europe/Berlin": {date(2027, 3, 22): 6, date(2027, 3, 29): 5, date(2027, 10, 25): 5, date(2027, 11, 1): 6},
    "Pacific/Honolulu": {date(2027, 3, 15): 17, date(2027, 11, 8): 17},
    "America/Phoenix": {date(2027, 3, 15): 14, date(2027, 11, 8): 14},
}


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_seven_in_the_zone_of_the_office_also_after_clocks_change(zone):
    for monday, hour in ZONES[zone].items():
        due_at = datetime(monday.year, monday.month, monday.day, hour, tzinfo=UTC)
        assert mondays.monday_of(due_at, zone) == monday
        assert mondays.monday_of(due_at - SECOND, zone) is None
        assert mondays.next_after(due_at - SECOND, zone) == due_at


def test_the_page_shows_the_letter_as_it_would_be_and_writes_nothing(offices, still):
    signed_in = Browser(offices)
    signed_in.sign_in()
    host = next(one.facts["event"]["host"] for one in db.session.scalars(select(Message)) if "event" in one.facts)
    slug = host["mailbox"].partition("@")[0]
    page = signed_in.get(f"/offices/{slug}/monday?lang=en")
    assert signed_in.status == 200
    assert "January 18, 2027" in page.text
    assert "Who has not answered:" in page.select_one(".letter-text").get_text()
    assert "Who has not answered:" in signed_in.get(page.select_one("iframe")["src"]).text
    assert monday_letters() == []
    signed_in.get("/offices/none/monday")
    assert signed_in.status == 404
    somebody = Browser(offices)
    somebody.get(f"/offices/{slug}/monday")
    assert somebody.path.startswith("/sign-in")
