"""A change of time, place or status within 48 hours reaches everybody engaged or hosting by a letter, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.asking import RoomAnswer
from eventsvc.domain.approvals.models import RoomWord
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows import answer_room, call_off_event
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.keep_directory import CampusRow, RoomRow, save_campus, save_room
from eventsvc.workflows.line_ups import SaidSeat
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from tests import builders, poured
from tests.conftest import NOW

OFFICES = {"host@a.example", "beside@b.example", "rooms@a.example", "granting@a.example", "outreach@port.example"}
PEOPLE = {"coming@port.example", "asked@port.example", "understudy@port.example"}
FIRST = SaidSeat(expert="coming", then=("understudy",), understudies=("understudy",))
EVERYBODY = OFFICES | PEOPLE


@pytest.fixture
def planned(still, app) -> SimpleNamespace:
    """An event with everybody who can be concerned."""
    return poured.told("an event within two days", everybody_concerned)


def everybody_concerned() -> SimpleNamespace:
    with transaction():
        college, other, port = (
            builders.an_organization("college"),
            builders.an_organization("beside"),
            builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER),
        )
        builders.an_office("a-host", of=college, mailbox="host@a.example")
        builders.an_office("beside-office", of=other, mailbox="beside@b.example")
        outreach = builders.an_office("outreach", of=port, mailbox="outreach@port.example")
        facilities = builders.an_office("z-rooms", of=college, mailbox="rooms@a.example")
        granting = builders.an_office("z-granting", of=college, mailbox="granting@a.example")
        campus = builders.a_campus("campus", of=college)
        builders.a_campus("elsewhere", of=college)
        hall, stage, _ = (builders.a_room(slug, on=campus) for slug in ("hall", "stage", "den"))
        hall.office = facilities
        stage.office, stage.needs_approval = granting, True
        for slug in ("coming", "asked", "understudy"):
            builders.an_expert(slug, of=port, office=outreach)
        plan = builders.a_plan(
            campus,
            owner="a-host",
            rooms=[hall, stage],
            seats=[FIRST],
            co_hosts=("beside",),
            online_url="https://a.example/1",
        )
        event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
        event_id, known = event.id, SimpleNamespace(id=str(event.public_id), starts_at=event.starts_at)
    with transaction():
        known.approval = str(rooms.of_event(event_id)[0].public_id)
        answer_room.answer_room(known.approval, RoomAnswer(word=RoomWord.GRANT), now=NOW)
        coming = next(one for one in asking.of_event(event_id) if one.expert.slug == "coming")
        answer_invitation(str(coming.public_id), AnswerWord.ACCEPT, turn=coming.turn, now=NOW)
    return known


def confirmed(known: SimpleNamespace) -> None:
    """It takes place, and one more is asked to come."""
    with transaction():
        confirm_as_host(known.id, actor=ADMINISTRATOR, now=NOW)
    with transaction():
        move_event(known.id, Destination(seats=(FIRST, SaidSeat(expert="asked"))), actor=ADMINISTRATOR, now=NOW)


def cancelled(known: SimpleNamespace) -> None:
    confirmed(known)
    with transaction():
        call_off_event.cancel_event(known.id, actor=ADMINISTRATOR, now=NOW)


def all_left() -> None:
    with transaction():
        db.session.execute(update(Message).values(state=MessageState.SENT, sent_at=NOW, attempts=1))


def told_since_then() -> Counter[str]:
    return Counter(db.session.scalars(select(Message.to_address).where(Message.state == MessageState.QUEUED)))


def moved(**to) -> Callable:
    return lambda known, now: move_event(known.id, Destination(**to), actor=ADMINISTRATOR, now=now)


def edited(**words) -> Callable:
    return lambda known, now: edit_event(known.id, words, actor=ADMINISTRATOR, now=now)


def off(verb: Callable) -> Callable:
    return lambda known, now: verb(known.id, actor=ADMINISTRATOR, now=now)


def taken_back(known: SimpleNamespace, now: datetime) -> None:
    answer_room.answer_room(known.approval, RoomAnswer(word=RoomWord.DECLINE, reason="A concert"), now=now)


def kept(row: RoomRow | CampusRow, *, mends_words: bool = False) -> Callable:
    save = save_room if isinstance(row, RoomRow) else save_campus
    return lambda known, now: save(row, actor=ADMINISTRATOR, now=now, mends_words=mends_words)


LATER = {"starts_local": datetime(2027, 2, 10, 15, 0)}
CHANGES = {
    "another time": (confirmed, moved(time=LATER), EVERYBODY),
    "a room chosen late": (confirmed, moved(rooms=("hall", "stage", "den")), EVERYBODY),
    "a room given up": (confirmed, moved(rooms=("stage",)), EVERYBODY),
    "another campus": (confirmed, moved(campus="elsewhere", is_campus_told=True), EVERYBODY),
    "another link": (confirmed, edited(online_url="https://a.example/2"), EVERYBODY),
    "a room taken back": (confirmed, taken_back, EVERYBODY),
    "a room renamed": (confirmed, kept(RoomRow(name="Hall of the port", slug="hall", campus="campus")), EVERYBODY),
    "a room closed": (
        confirmed,
        kept(RoomRow(name="Hall", slug="hall", campus="campus", retired_on=date(2027, 2, 1))),
        EVERYBODY,
    ),
    "a campus's address": (confirmed, kept(CampusRow(name="Campus", slug="campus", address="2 Main St")), EVERYBODY),
    "postponed": (confirmed, off(call_off_event.postpone_event), EVERYBODY),
    "cancelled": (confirmed, off(call_off_event.cancel_event), EVERYBODY),
    "restored": (cancelled, off(call_off_event.restore_event), EVERYBODY - {"understudy@port.example"}),
    "withdrawn": (lambda known: None, off(call_off_event.withdraw_event), EVERYBODY - {"asked@port.example"}),
    "confirmed": (lambda known: None, off(confirm_as_host), EVERYBODY - {"asked@port.example"}),
}
SOON = ("changed_soon", "office_changed_soon")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_47_hours_ahead_reaches_everybody_concerned_once(planned: SimpleNamespace, change: str):
    before, act, expected = CHANGES[change]
    before(planned)
    all_left()
    with transaction():
        act(planned, planned.starts_at - timedelta(hours=47))
    assert told_since_then() == dict.fromkeys(expected, 1)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_49_hours_ahead_is_told_by_the_letters_of_its_story_alone(planned: SimpleNamespace, change: str):
    before, act, _ = CHANGES[change]
    before(planned)
    all_left()
    with transaction():
        act(planned, planned.starts_at - timedelta(hours=49))
    assert db.session.scalars(select(Message.letter).where(Message.letter.in_(SOON))).all() == []


@pytest.mark.parametrize(
    "act",
    [
        edited(title="Careers at the port!"),
        edited(description="Come early.", bring="A pen"),
        kept(RoomRow(name="Hall", slug="hall", campus="campus", capacity=400)),
        kept(CampusRow(name="Campus", slug="campus", parking="Lot 5")),
        kept(RoomRow(name="Haall", slug="hall", campus="campus"), mends_words=True),
        kept(CampusRow(name="Campuss", slug="campus"), mends_words=True),
    ],
)
def test_a_corrected_word_tells_nobody_however_late(planned: SimpleNamespace, act: Callable):
    confirmed(planned)
    with transaction():  # by their names from now on
        kept(RoomRow(name="Hall", slug="hall", campus="campus"))(planned, NOW)
        kept(CampusRow(name="Campus", slug="campus"))(planned, NOW)
    all_left()
    with transaction():
        act(planned, planned.starts_at - timedelta(hours=2))
    assert told_since_then() == {}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (RoomRow(name="Hall of the port", slug="hall", campus="campus"), "name"),
        (RoomRow(name="Hall 2", slug="hall", campus="campus"), "name"),
        (RoomRow(name="New", slug="new", campus="campus"), "name"),
        (CampusRow(name="Campus", slug="campus", address="2 Main St"), "address"),
        (CampusRow(name="Campus", slug="campus", city="Elsewhere"), "city"),
    ],
)
def test_another_place_is_no_mended_word(planned: SimpleNamespace, row: RoomRow | CampusRow, field: str):
    with transaction():
        kept(RoomRow(name="Hall", slug="hall", campus="campus"))(planned, NOW)
    with pytest.raises(InvalidInput) as refused, transaction():
        kept(row, mends_words=True)(planned, planned.starts_at - timedelta(hours=47))
    assert field in {one["field"] for one in refused.value.facts["errors"]}


def test_a_room_that_is_closed_is_told_whatever_is_said_of_its_words(planned: SimpleNamespace):
    with transaction():
        kept(RoomRow(name="Hall", slug="hall", campus="campus"))(planned, NOW)
    confirmed(planned)
    all_left()
    closed = RoomRow(name="Haall", slug="hall", campus="campus", retired_on=date(2027, 2, 1))
    with transaction():
        kept(closed, mends_words=True)(planned, planned.starts_at - timedelta(hours=47))
    assert told_since_then() == dict.fromkeys(EVERYBODY, 1)


def test_two_changes_before_a_letter_leaves_are_one_letter_and_back_again_is_none(planned: SimpleNamespace):
    confirmed(planned)
    all_left()
    late = planned.starts_at - timedelta(hours=20)
    for link in ("https://a.example/2", "https://a.example/3"):
        with transaction():
            edited(online_url=link)(planned, late)
    [letter] = db.session.scalars(select(Message).where(Message.to_address == "beside@b.example"))
    assert (letter.facts["was"]["online_url"], letter.facts["event"]["online_url"]) == (
        "https://a.example/1",
        "https://a.example/3",
    )
    with transaction():
        edited(online_url="https://a.example/1")(planned, late)
    assert OFFICES & told_since_then().keys() == set()


def test_a_dry_run_tells_nobody(planned: SimpleNamespace):
    confirmed(planned)
    all_left()
    with transaction(keep=False):
        moved(time=LATER)(planned, planned.starts_at - timedelta(hours=2))
    assert told_since_then() == {}
