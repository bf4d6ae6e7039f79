"""The morning after: one number from the host, who really spoke, two questions, thanks; asked twice, then missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotFound, WrongState
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Actor
from eventsvc.domain.attendance import counting, doors
from eventsvc.domain.attendance.counting import Count
from eventsvc.domain.attendance.models import Attendance, Feedback, Speaker, Standing
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders import tries
from eventsvc.interfaces.services import services
from eventsvc.workflows import after_event
from eventsvc.workflows.call_off_event import cancel_event
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.keep_promises import tick
from tests import builders
from tests.interfaces import pages
from tests.interfaces.browser import Browser

# The event is on Wednesday, February 10, 2027, from 14:00 to 15:30 in Los Angeles (22:00 to 23:30 UTC).
ENDED = datetime(2027, 2, 10, 23, 30, tzinfo=UTC)
MORNING_AFTER = datetime(2027, 2, 11, 17, 0, tzinfo=UTC)
AGAIN = datetime(2027, 2, 16, 17, 0, tzinfo=UTC)  # three working days later: a weekend lies between
GIVEN_UP = datetime(2027, 2, 19, 17, 0, tzinfo=UTC)
HOST = "office-of-pasadena@college.example"


@pytest.fixture
def house(bare_app, still) -> pages.World:
    world = pages.make(bare_app)
    with bare_app.app_context(), transaction():
        offices = select(Office).join(Campus, Campus.organization_id == Office.organization_id)
        db.session.scalars(offices.where(Campus.slug == pages.PASADENA)).one().mailbox = HOST
    return world


@pytest.fixture
def event_id(house) -> str:
    return confirmed(house, experts=("expert-one", "expert-two"), rooms=("creveling-lounge",))


def confirmed(house: pages.World, **more: Any) -> str:
    """An event to which everybody has said yes."""
    event_id = house.plan(published=False, **more)
    with house.app.app_context(), transaction():
        now = clock.now()
        confirm_as_host(event_id, actor=ADMINISTRATOR, now=now)
        for invitation in asking.of_event(get_event(event_id).id):
            answer_invitation(str(invitation.public_id), AnswerWord.ACCEPT, turn=invitation.turn, now=now)
    return event_id


def ticked(house: pages.World, now: datetime) -> None:
    with house.app.app_context():
        tick(transport=None, links=services().links, sender="", clock=lambda: now)
        db.session.remove()


def owed(house: pages.World, *names: str) -> list[tuple[str, str]]:
    """Letter and address of what is owed still, in the order in which it was posted."""
    with house.app.app_context():
        wanted = names or ("count_wanted", "thanks", "thanks_office")
        found = select(Message).where(Message.letter.in_(wanted), Message.state == MessageState.QUEUED)
        return [(one.letter, one.to_address) for one in db.session.scalars(found.order_by(Message.id))]


def words_of(house: pages.World, letter: str, address: str = "") -> str:
    with house.app.app_context():
        found = select(Message).where(Message.letter == letter).order_by(Message.id.desc())
        message = db.session.scalars(found.where(Message.to_address == address) if address else found).first()
        assert message is not None
        return "\n".join(letters.render_text(message, services().links))


def link_in(words: str) -> str:
    line = next(line for line in words.splitlines() if "/count/" in line or "/feedback/" in line)
    return line.removeprefix("https://events.example")


def standing(house: pages.World, event_id: str) -> tuple[str, int | None]:
    with house.app.app_context():
        told = counting.told_of(get_event(event_id))
        return str(told.standing), told.row.heads if told.row else None


def test_the_host_is_asked_the_morning_after_then_once_more_and_then_the_number_is_missing(house, event_id):
    ticked(house, ENDED)
    assert (standing(house, event_id), owed(house)) == (("awaited", None), [])
    ticked(house, MORNING_AFTER - timedelta(minutes=1))
    assert owed(house) == []
    for _ in range(2):
        ticked(house, MORNING_AFTER)
        assert owed(house) == [("count_wanted", HOST)]
    ticked(house, AGAIN - timedelta(minutes=1))
    assert len(owed(house)) == 1
    ticked(house, AGAIN)
    assert owed(house) == [("count_wanted", HOST)] * 2
    assert "This is the last time we ask" in words_of(house, "count_wanted")
    ticked(house, GIVEN_UP)
    assert standing(house, event_id) == ("missing", None)
    assert len(owed(house, "count_wanted")) == 2
    thanks = [("thanks", "expert-one@port.example"), ("thanks", "expert-two@port.example")]
    assert owed(house, "thanks", "thanks_office") == [*thanks, ("thanks_office", "port-outreach@college.example")]
    assert "not known" in words_of(house, "thanks_office")
    for later in (1, 10, 100):
        ticked(house, GIVEN_UP + timedelta(days=later))
    assert len(owed(house)) == 5


@pytest.mark.parametrize(
    ("ends_on", "asked_at"),
    [
        ("2027-02-12", datetime(2027, 2, 15, 17, 0, tzinfo=UTC)),  # Friday: asked on Monday
        ("2027-02-13", datetime(2027, 2, 15, 17, 0, tzinfo=UTC)),
        ("2027-03-12", datetime(2027, 3, 15, 16, 0, tzinfo=UTC)),  # the clock was put forward between
    ],
)
def test_the_morning_after_is_a_working_day_at_nine_on_the_hosts_clock(house, ends_on, asked_at):
    confirmed(house, when=builders.at(f"{ends_on}T14:00", 90))
    ticked(house, asked_at - timedelta(seconds=1))
    assert owed(house) == []
    ticked(house, asked_at)
    assert owed(house) == [("count_wanted", HOST)]


def test_a_scheduler_that_slept_sends_nothing_at_night_and_asks_each_time_apart(house, event_id):
    ticked(house, ENDED)
    night = datetime(2027, 2, 17, 10, 0, tzinfo=UTC)  # 2 a.m. in Los Angeles, when both letters should have left
    ticked(house, night)
    assert owed(house) == []
    ticked(house, datetime(2027, 2, 17, 17, 0, tzinfo=UTC))
    assert len(owed(house)) == 1
    ticked(house, datetime(2027, 2, 22, 16, 59, tzinfo=UTC))
    assert len(owed(house)) == 1
    ticked(house, datetime(2027, 2, 22, 17, 0, tzinfo=UTC))
    assert len(owed(house)) == 2


def test_what_ended_long_ago_is_asked_about_no_more_and_stays_missing(house, event_id):
    ticked(house, ENDED + timedelta(days=14))
    assert (standing(house, event_id), owed(house)) == (("missing", None), [])


def test_an_event_that_was_called_off_is_not_asked_about(house, event_id):
    with house.app.app_context(), transaction():
        cancel_event(event_id, actor=ADMINISTRATOR, now=clock.now())
    for now in (ENDED, MORNING_AFTER, AGAIN):
        ticked(house, now)
    assert owed(house) == []
    with house.app.app_context(), transaction(), pytest.raises(WrongState):
        after_event.say_count(event_id, Count(heads=3), None, actor=ADMINISTRATOR, now=AGAIN)


def test_a_link_fills_one_number_and_thanks_leave_with_it(house, event_id, still):
    ticked(house, ENDED)
    ticked(house, MORNING_AFTER)
    still.move_to(MORNING_AFTER)
    host = Browser(house.app)
    host.get(link_in(words_of(house, "count_wanted")))
    assert host.status == 200
    assert standing(house, event_id) == ("awaited", None)  # a scanner's GET
    host.submit("Keep the number", values={"heads": "41", "students": "30", "families": "4", "spoke": ["expert-two"]})
    assert host.status == 200
    assert "41 people came." in host.text
    assert "Of them: 30 students, 4 of families." in host.text
    assert owed(house) == []  # the letter that nobody has sent is not owed any more
    host.submit("Keep the number", values={"heads": "42", "others": "expert three", "spoke": ["expert-two"]})
    assert standing(house, event_id) == ("counted", 42)
    ticked(house, MORNING_AFTER + timedelta(minutes=59))
    assert owed(house) == []
    ticked(house, MORNING_AFTER + timedelta(hours=1))
    thanked = ["expert-three@port.example", "expert-two@port.example"]
    assert owed(house, "thanks") == [("thanks", address) for address in thanked]
    assert "42 people came." in words_of(house, "thanks")
    office = words_of(house, "thanks_office")
    assert [name in office for name in ("Expert One", "Expert Two", "Expert Three")] == [False, True, True]
    host.submit("Keep the number", values={"heads": "43"})
    ticked(house, AGAIN)
    assert (len(owed(house)), standing(house, event_id)) == (3, ("counted", 43))


def test_the_door_fills_the_form_and_is_no_answer_of_the_host(house, event_id, still):
    still.move_to(ENDED - timedelta(minutes=30))
    with house.app.app_context(), transaction():
        event = get_event(event_id)
        doors.add_heads(event, event.starts_on, 17, actor=ADMINISTRATOR, now=clock.now())
    ticked(house, ENDED)
    ticked(house, MORNING_AFTER)
    assert standing(house, event_id) == ("awaited", None)
    assert "17 people were counted at the door" in words_of(house, "count_wanted")
    still.move_to(MORNING_AFTER)
    host = Browser(house.app)
    host.get(link_in(words_of(house, "count_wanted")))
    assert host.page.select_one("#f-heads")["value"] == "17"
    assert len(host.page.select("[name=spoke][checked]")) == 2


def test_a_number_said_during_the_event_is_asked_for_by_no_letter(house, event_id, still):
    still.move_to(ENDED - timedelta(minutes=10))
    planner = Browser(house.app)
    planner.sign_in()
    planner.get(f"/events/{event_id}")
    assert "Say how many came" in planner.text
    planner.get(f"/events/{event_id}/count")
    planner.submit("Keep the number", values={"heads": "12"})
    for now in (ENDED, MORNING_AFTER, AGAIN):
        ticked(house, now)
    assert owed(house, "count_wanted") == []
    assert len(owed(house, "thanks")) == 2
    planner.get(f"/events/{event_id}")
    assert "12 people came." in planner.text
    assert "Who spoke: Expert One, Expert Two" in planner.text


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"heads": ""}, "Say how many came"),
        ({"heads": "-1"}, "between 0 and 100,000"),
        ({"heads": "4", "students": "3", "community": "2"}, "less than its parts"),
        ({"heads": "4", "others": "Nobody At All"}, "nobody of this partner"),
        ({"heads": "4", "others": "Stranger"}, "nobody of this partner"),
        ({"heads": "4", "others": "Expert Twin"}, "several people"),
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing_and_keeps_what_was_typed(house, event_id, still, said, refused):
    with house.app.app_context(), transaction():
        builders.an_expert("stranger")
        twin = get_event(event_id).experts[0].organization
        for slug in ("twin-a", "twin-b"):
            builders.an_expert(slug, of=twin).name = "Expert Twin"
    still.move_to(MORNING_AFTER)
    path = link_to_count(house, event_id)
    host = Browser(house.app)
    host.get(path)
    host.submit("Keep the number", values=said)
    assert host.status == 422
    assert refused in host.text
    assert host.page.select_one("#f-heads")["value"] == said["heads"]
    assert standing(house, event_id)[1] is None


def link_to_count(house: pages.World, event_id: str) -> str:
    with house.app.app_context():
        return services().links.count(event_id, ENDED + timedelta(days=30)).removeprefix("https://events.example")


def test_a_link_ends_after_a_month_opens_nothing_else_and_waits_for_the_event(house, event_id, still):
    path = link_to_count(house, event_id)
    host = Browser(house.app)
    host.get(path)
    assert "There is nothing to count" in host.text  # it has not begun
    assert host._client.post(path, data={"heads": "3"}, **host._as_browser()).status_code == 409
    token = path.rpartition("/")[2]
    for other in (f"/feedback/{token}", f"/answer/{token}", f"/door/{token}", f"/room-answer/{token}"):
        host.get(other)
        assert host.status == 404, other
    still.move_to(ENDED + timedelta(days=30))
    host.get(path)
    assert (host.status, "The time for this link is over" in host.text) == (410, True)
    assert host._client.post(path, data={"heads": "3"}, **host._as_browser()).status_code == 410
    assert standing(house, event_id)[1] is None


def test_feedback_is_two_questions_read_by_both_offices_and_nobody_else(house, event_id, still):
    ticked(house, ENDED)
    still.move_to(MORNING_AFTER)
    host = Browser(house.app)
    host.get(link_to_count(house, event_id))
    host.submit("Keep the number", values={"heads": "20"})
    host.get(host.page.select_one("a[href*='/feedback/']")["href"].removeprefix("https://events.example"))
    assert "How useful was it for those who came?" in host.text
    host.submit("Send", values={"comment": "no number chosen"})
    assert (host.status, "Choose a number from 1 to 5." in host.text) == (422, True)
    assert "no number chosen" in host.text
    host.submit("Send", values={"score": "4", "comment": "More time for questions"})
    ticked(house, MORNING_AFTER + timedelta(hours=1))
    person = Browser(house.app)
    person.get(link_in(words_of(house, "thanks", "expert-one@port.example")))
    assert "How well was it prepared for you?" in person.text
    for score in ("2", "5"):
        person.submit("Send", values={"score": score, "comment": "The room was locked"})
    planner, stranger = Browser(house.app), Browser(house.app)
    planner.sign_in()
    planner.get(f"/events/{event_id}")
    assert "The host: 4 of 5 More time for questions" in planner.text
    assert "Expert One : 5 of 5 The room was locked" in planner.text
    stranger.get(f"/events/{event_id}")
    assert "locked" not in stranger.text
    with house.app.app_context():
        given = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "give_feedback")).all()
        assert [(one.actor, one.changes) for one in given] == [
            ("host by link", {"score": [None, 4]}),
            ("invited person", {"score": [None, 2]}),
            ("invited person", {"score": [2, 5]}),
        ]
        assert len(db.session.scalars(select(Feedback)).all()) == 3


def test_who_has_no_address_is_thanked_through_the_office_that_lends_them(house, still):
    event_id = confirmed(house, experts=("expert-one",))
    with house.app.app_context(), transaction():
        for expert in get_event(event_id).experts:
            expert.email = ""
    still.move_to(MORNING_AFTER)
    with house.app.app_context(), transaction():
        after_event.say_count(event_id, Count(heads=1), ["expert-one"], actor=ADMINISTRATOR, now=MORNING_AFTER)
    ticked(house, MORNING_AFTER + timedelta(hours=1))
    assert owed(house) == [("thanks_office", "port-outreach@college.example")]
    assert "Two questions for Expert One" in words_of(house, "thanks_office")


def test_two_processes_at_once_and_one_that_crashes_owe_each_letter_once(house, event_id, monkeypatch):
    ticked(house, ENDED)
    with house.app.app_context():
        monkeypatch.setattr(after_event.letters_after, "ask_host", _crash)
        with pytest.raises(_MachineOff):
            after_event.do_what_is_due(MORNING_AFTER)
        db.session.remove()
        monkeypatch.undo()
        row = db.session.scalars(select(Attendance)).one()
        assert (row.times_asked, row.standing) == (0, Standing.AWAITED)
        db.session.remove()
    for _ in range(3):
        ticked(house, MORNING_AFTER + tries.LEASE)
    assert owed(house) == [("count_wanted", HOST)]


class _MachineOff(BaseException):
    """Nothing that could catch it is left."""


def _crash(*_: object) -> None:
    raise _MachineOff


def test_only_who_plans_it_says_the_number_and_only_people_of_a_partner_spoke(house, event_id, still):
    still.move_to(MORNING_AFTER)
    with house.app.app_context():
        for actor in (PUBLIC, Actor("account of nobody")):
            with pytest.raises(Exception, match=r"needs somebody|roles do not"), transaction():
                after_event.say_count(event_id, Count(heads=3), None, actor=actor, now=MORNING_AFTER)
        builders.an_expert("stranger")
        with pytest.raises(InvalidInput) as refusal, transaction():
            after_event.say_count(event_id, Count(heads=3), ["stranger"], actor=ADMINISTRATOR, now=MORNING_AFTER)
        assert refusal.value.facts["errors"][0]["field"] == "spoke[0]"
        with pytest.raises(NotFound), transaction():
            after_event.give_feedback("00000000-0000-4000-8000-000000000000", 3, "", now=MORNING_AFTER)
        with transaction():
            after_event.say_count(event_id, Count(heads=3), [], actor=ADMINISTRATOR, now=MORNING_AFTER)
        assert counting.told_of(get_event(event_id)).speakers == []
        assert db.session.scalars(select(Speaker)).all() == []
