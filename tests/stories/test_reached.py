"""After a change within 48 hours: who has been reached and who has to be telephoned, and writing a call down."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, WrongState
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows.confirm_event import answer_invitation
from eventsvc.workflows.erase_person import erase_person
from eventsvc.workflows.show_reached import WhoIsReached, note_reached, who_is_reached
from tests.stories.test_changes_within_two_days import (  # noqa: F401  # `planned` is a fixture
    CHANGES,
    FIRST,
    LATER,
    all_left,
    cancelled,
    confirmed,
    moved,
    planned,
)

OFFICES = {"a-host", "beside-office", "z-rooms", "z-granting", "outreach"}


@pytest.fixture
def late(planned: SimpleNamespace) -> datetime:  # noqa: F811  # the fixture
    """20 hours before the start; the event is confirmed, and all that was owed has left."""
    confirmed(planned)
    all_left()
    with transaction():
        db.session.execute(update(Office).where(Office.slug == "outreach").values(telephone="+1 310 555 0100"))
        db.session.execute(update(Office).where(Office.slug == "beside-office").values(mailbox=""))
    return planned.starts_at - timedelta(hours=20)


def shown(event_id: str, now: datetime) -> WhoIsReached | None:
    db.session.rollback()
    return who_is_reached(get_event(event_id), now)


def standings(event_id: str, now: datetime) -> dict[str, str]:
    found = shown(event_id, now)
    assert found is not None
    return {row.name: str(row.standing) for row in found.rows}


def invitation(event_id: str, slug: str) -> Invitation:
    return next(one for one in asking.of_event(get_event(event_id).id) if one.expert.slug == slug)


def test_everybody_concerned_is_listed_by_how_far_their_letter_came(planned, late):  # noqa: F811  # the fixture
    assert shown(planned.id, late) is None, "nothing has changed late"
    with transaction():
        moved(time=LATER)(planned, late)
    now = late + timedelta(minutes=1)
    listed = standings(planned.id, now)
    names = {one.name for one in db.session.scalars(select(Office).where(Office.slug.in_(OFFICES)))}
    people = {one.name for one in db.session.scalars(select(Expert))}
    assert listed.keys() == names | people
    assert set(listed.values()) == {"waits", "no_address"}
    with transaction():
        sent = {"state": MessageState.SENT, "sent_at": now}
        db.session.execute(update(Message).where(Message.state == MessageState.QUEUED).values(sent))
        of_hall = Message.to_address == "rooms@a.example"
        db.session.execute(update(Message).where(of_hall).values(state=MessageState.FAILED, error="550 no such user"))
    with transaction():
        asked = invitation(planned.id, "asked")
        answer_invitation(str(asked.public_id), AnswerWord.ACCEPT, turn=asked.turn, now=now)
    named = {one.slug: one.name for kind in (Office, Expert) for one in db.session.scalars(select(kind))}
    expected = {"a-host": "sent", "beside-office": "no_address", "z-rooms": "failed", "z-granting": "sent"}
    expected |= {"outreach": "sent", "coming": "no_answer", "asked": "answered"}
    now_listed = standings(planned.id, now)
    assert {slug: now_listed[named[slug]] for slug in expected} == expected
    rows = shown(planned.id, now).rows
    assert [row.is_reached for row in rows] == sorted(row.is_reached for row in rows), "the unreached come first"
    assert {row.telephone for row in rows if row.role == "person"} == {"+1 310 555 0100"}


def test_a_call_is_written_down_once_by_whoever_may_change_the_event(planned, late):  # noqa: F811  # the fixture
    with transaction():
        moved(time=LATER)(planned, late)
    coming = str(invitation(planned.id, "coming").public_id)
    for _ in range(2):
        with transaction():
            note_reached(planned.id, coming, actor=ADMINISTRATOR, now=late)
    row = next(row for row in shown(planned.id, late).rows if row.who == coming)
    assert (str(row.standing), row.noted.at, row.noted.noted_by) == ("called", late, ADMINISTRATOR.name)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "reach")).all()
    assert len(entries) == 1
    with pytest.raises(InvalidInput), transaction():
        note_reached(planned.id, "nobody", actor=ADMINISTRATOR, now=late)


def test_another_late_change_asks_for_everybody_again(planned, late):  # noqa: F811  # the fixture
    with transaction():
        moved(time=LATER)(planned, late)
    with transaction():
        note_reached(planned.id, "a-host", actor=ADMINISTRATOR, now=late)
    host = next(row for row in shown(planned.id, late).rows if row.who == "a-host")
    assert host.is_reached
    with transaction():
        moved(time={"starts_local": datetime(2027, 2, 10, 16, 0)})(planned, late)
    found = shown(planned.id, late)
    assert found.missing == len(found.rows), "nobody knows the second one"


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_is_left_without_a_letter_by_any_late_change(planned, change):  # noqa: F811  # the fixture
    before, act, _ = CHANGES[change]
    before(planned)
    all_left()
    late = planned.starts_at - timedelta(hours=47)
    with transaction():
        act(planned, late)
    assert set(standings(planned.id, late).values()) == {"waits"}


def test_when_the_event_is_over_nobody_has_to_be_reached(planned, late):  # noqa: F811  # the fixture
    cancelled(planned)
    with transaction():
        moved_at = late
        assert shown(planned.id, moved_at) is None, "it was cancelled weeks before"
    with pytest.raises(WrongState), transaction():
        note_reached(planned.id, "a-host", actor=ADMINISTRATOR, now=planned.starts_at + timedelta(days=1))


def test_who_was_let_go_by_an_earlier_late_change_is_listed_until_they_are_told(planned, late):  # noqa: F811  # the fixture
    let_go = str(invitation(planned.id, "asked").public_id)
    with transaction():
        moved(seats=(FIRST,), rooms=("stage",))(planned, late)
    assert let_go in {row.who for row in shown(planned.id, late).rows}
    for hour in (15, 16):
        with transaction():
            moved(time={"starts_local": datetime(2027, 2, 10, hour, 0)})(planned, late)
        assert let_go in {row.who for row in shown(planned.id, late).rows}
        assert "z-rooms" in {row.who for row in shown(planned.id, late).rows}, "its hall is not needed any more"
    for who in (let_go, "z-rooms"):
        with transaction():
            note_reached(planned.id, who, actor=ADMINISTRATOR, now=late)
    with transaction():
        moved(time={"starts_local": datetime(2027, 2, 10, 17, 0)})(planned, late)
    assert {let_go, "z-rooms"} & {row.who for row in shown(planned.id, late).rows} == set()


def test_a_late_change_to_a_day_weeks_ahead_is_forgotten_when_the_old_day_is_over(planned, late):  # noqa: F811  # the fixture
    with transaction():
        moved(time={"starts_local": datetime(2027, 3, 10, 14, 0)})(planned, late)
    with transaction():
        ends_at = get_event(planned.id).ends_at
    assert shown(planned.id, planned.starts_at) is not None
    for now in (ends_at - timedelta(days=1), ends_at - timedelta(minutes=1)):
        assert shown(planned.id, now) is None, "it was told four weeks ago"


def test_somebody_who_is_erased_is_listed_by_no_name(planned, late):  # noqa: F811  # the fixture
    with transaction():
        moved(time=LATER)(planned, late)
    coming = invitation(planned.id, "coming")
    who, name = str(coming.public_id), coming.expert.name
    with transaction():
        erase_person("coming@port.example", actor=ADMINISTRATOR, now=late)
    row = next(row for row in shown(planned.id, late).rows if row.who == who)
    assert (name in row.name, row.is_reached, row.telephone) == (False, False, "+1 310 555 0100")
