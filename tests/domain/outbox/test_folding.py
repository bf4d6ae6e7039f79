"""One letter in the morning: whatever is due, nobody gets two folded ones a morning, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventsvc.core.db import db, transaction
from eventsvc.core.links import mark_of_reader
from eventsvc.core.times import iso, local_day
from eventsvc.domain.mail.threads import name_addresses
from eventsvc.domain.outbox import choices, folding, letters, post, timely
from eventsvc.domain.outbox.deliver import deliver_due
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import InboxOnly, NoServer, PutOff
from eventsvc.domain.outbox.streams import Topic
from tests.domain.outbox.test_letters import EVENT, LETTERS, LINKS, SENDER

PACIFIC = "America/Los_Angeles"
# Monday, 9:00 in Los Angeles; the sample's event is a month away.
NINE = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
SEVEN = datetime(2027, 1, 12, 15, 0, tzinfo=UTC)
ANA, BEN = "Ana@port.example", "ben@port.example"


def choose(address: str, zone: str = PACIFIC) -> None:
    with transaction():
        folding.choose(mark_of_reader(address), zone)


def owe(
    key: str,
    letter: str = "reminder",
    to: str = ANA,
    now: datetime = NINE,
    starts_at: datetime | None = None,
    **more: str,
):
    event = {**EVENT, "starts_at": iso(starts_at)} if starts_at else EVENT
    with transaction():
        post.post(letter, key=key, to_address=to, facts={**LETTERS[letter], "event": event, **more}, now=now)


def deliver(now: datetime) -> None:
    deliver_due(InboxOnly(), LINKS, SENDER, lambda: now, name_addresses)


def states() -> dict[str, str]:
    db.session.rollback()
    return {one.key.partition(":")[0]: str(one.state) for one in db.session.query(Message)}


def digests() -> list[Message]:
    return db.session.query(Message).filter_by(letter="digest").all()


def test_what_is_due_on_a_day_comes_as_one_letter_the_next_morning(app):
    choose(ANA)
    for number, letter in enumerate(("reminder", "reminder", "unanswered", "count_wanted", "partner_reminder")):
        owe(f"n{number}", letter, ANA.lower() if number % 2 else ANA)
    owe("elsewhere", to=BEN)
    owe("changed", "changed")
    deliver(NINE)
    assert states() == {**{f"n{number}": "queued" for number in range(5)}, "elsewhere": "sent", "changed": "sent"}
    deliver(SEVEN - timedelta(seconds=1))
    assert digests() == []
    deliver(SEVEN)
    folded = {f"n{number}": "dropped" for number in range(5)}
    assert states() == {**folded, "elsewhere": "sent", "changed": "sent", "digest": "sent"}
    (one,) = digests()
    subject, text = letters.render_text(one, LINKS)
    assert subject == "5 things for you, Tue, Jan 12"
    assert text.count("Zero-emission <careers> & you") == 5
    assert {message.error for message in db.session.query(Message).filter_by(state="dropped")} == {folding.FOLDED}


def test_one_letter_alone_is_not_folded_and_still_waits_for_the_morning(app):
    choose(ANA)
    owe("alone")
    deliver(NINE)
    assert states() == {"alone": "queued"}
    deliver(SEVEN)
    assert states() == {"alone": "sent"}


def test_what_would_be_too_late_in_the_morning_comes_at_once(app):
    choose(ANA)
    owe("soon", starts_at=SEVEN + folding.EARLY - timedelta(minutes=1))
    owe("in time", starts_at=SEVEN + folding.EARLY)
    owe("in time too", starts_at=SEVEN + folding.EARLY)
    deliver(NINE)
    assert states() == {"soon": "sent", "in time": "queued", "in time too": "queued"}


@pytest.mark.parametrize(
    ("fault", "stays"),
    [(NoServer("gone"), ["ahead", "far ahead"]), (PutOff("451 lost on the way"), ["begun", "ahead", "far ahead"])],
    ids=["nobody has begun to send it", "it may have arrived"],
)
def test_what_has_begun_before_the_mornings_letter_leaves_is_left_out_of_it(app, monkeypatch, fault, stays):
    choose(ANA)
    begun_at, last_at = SEVEN + timedelta(hours=4), SEVEN + timedelta(hours=30)
    for key, starts_at in (("begun", begun_at), ("ahead", last_at), ("far ahead", last_at)):
        owe(key, starts_at=starts_at, **timely.until(starts_at))

    def lose(*_: object, **__: object) -> None:
        raise fault

    late: list[str] = []

    def noted(now: datetime) -> None:
        deliver_due(
            InboxOnly(), LINKS, SENDER, lambda: now, name_addresses, note_late=lambda keys, _: late.extend(keys)
        )

    noted(NINE)
    with monkeypatch.context() as away:
        away.setattr(InboxOnly, "send", lose)
        noted(SEVEN)
    noted(begun_at)
    (one,) = digests()
    assert ([piece["key"] for piece in one.facts["letters"]], str(one.state)) == (stays, "sent")
    assert set(late) == {"begun"} - set(stays)


def test_a_mornings_letter_of_which_nothing_helps_any_more_does_not_leave(app, monkeypatch):
    choose(ANA)
    starts_at = SEVEN + timedelta(hours=4)
    for key in ("one", "two"):
        owe(key, starts_at=starts_at, **timely.until(starts_at))
    deliver(NINE)
    with monkeypatch.context() as away:
        away.setattr(InboxOnly, "send", lambda *_, **__: (_ for _ in ()).throw(PutOff("451 not now")))
        deliver(SEVEN)
    deliver(starts_at)
    assert states() == {"one": "dropped", "two": "dropped", "digest": "dropped"}


def test_whoever_stops_the_morning_letter_or_chooses_single_ones_loses_nothing(app):
    for address in (ANA, BEN):
        choose(address)
        for number in range(2):
            owe(f"{address[0]}{number}", to=address)
    deliver(NINE)
    with transaction():
        choices.stop(mark_of_reader(ANA), [Topic.DIGEST], NINE)
    choose(BEN, "")
    deliver(SEVEN)
    assert states() == {"A0": "sent", "A1": "sent", "b0": "sent", "b1": "sent"}


def test_a_reader_who_has_stopped_reminders_finds_none_in_the_morning(app):
    choose(ANA)
    for number, letter in enumerate(("reminder", "unanswered", "count_wanted")):
        owe(f"n{number}", letter)
    deliver(NINE)
    with transaction():
        choices.stop(mark_of_reader(ANA), [Topic.REMINDERS], NINE)
    deliver(SEVEN)
    (one,) = digests()
    assert [piece["letter"] for piece in one.facts["letters"]] == ["unanswered", "count_wanted"]


@pytest.mark.parametrize(
    ("zone", "seven"),
    [
        ("America/Los_Angeles", datetime(2027, 3, 14, 14, tzinfo=UTC)),  # that night clocks go forward
        ("America/New_York", datetime(2027, 3, 14, 11, tzinfo=UTC)),
        ("America/Phoenix", datetime(2027, 3, 14, 14, tzinfo=UTC)),
        ("America/Chicago", datetime(2027, 11, 7, 13, tzinfo=UTC)),  # and back
        ("Pacific/Honolulu", datetime(2027, 11, 7, 17, tzinfo=UTC)),
    ],
)
def test_seven_is_seven_by_the_readers_clock(app, zone, seven):
    choose(ANA, zone)
    for number in range(2):
        owe(f"n{number}", now=seven - timedelta(hours=9), starts_at=seven + timedelta(days=3))
    deliver(seven - timedelta(hours=9))
    deliver(seven - timedelta(seconds=1))
    assert set(states().values()) == {"queued"}
    deliver(seven)
    assert len(digests()) == 1


OWED = st.lists(
    st.tuples(
        st.sampled_from([ANA, BEN, "none@port.example"]),
        st.sampled_from(["reminder", "unanswered", "count_wanted", "changed"]),
        st.integers(0, 60),  # hours after NINE at which it is owed
        st.integers(1, 90),  # hours after that at which its event begins
    ),
    max_size=14,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(owed=OWED, step=st.sampled_from([1, 3, 7]))
def test_whatever_is_due_each_gets_at_most_one_folded_letter_a_morning_and_nothing_is_lost(app, owed, step):
    with transaction():
        db.session.query(Message).delete()
    choose(ANA)
    choose(BEN, "America/New_York")
    for hour in range(0, 100, 1):
        now = NINE + timedelta(hours=hour)
        for number, (to, letter, at, ahead) in enumerate(owed):
            if at == hour:
                owe(f"n{number}", letter, to, now, now + timedelta(hours=ahead))
        if hour % step == 0 or hour == 99:
            deliver(now)
    rows = db.session.query(Message).all()
    folded = [one for one in rows if one.letter == "digest"]
    mornings = Counter((one.to_address.lower(), local_day(one.created_at, zone(one.to_address))) for one in folded)
    assert all(number == 1 for number in mornings.values())
    held = Counter(
        (one.to_address.lower(), piece["letter"], piece["facts"]["event"]["starts_at"])
        for one in folded
        for piece in one.facts["letters"]
    )
    alone = Counter(
        (one.to_address.lower(), one.letter, one.facts["event"]["starts_at"])
        for one in rows
        if one.letter != "digest" and one.state is MessageState.SENT
    )
    wanted = Counter((to.lower(), letter, iso(NINE + timedelta(hours=at + ahead))) for to, letter, at, ahead in owed)
    assert held + alone == wanted
    assert {one.state for one in rows} <= {MessageState.SENT, MessageState.DROPPED}


def zone(address: str) -> str:
    return PACIFIC if address == ANA else "America/New_York"
