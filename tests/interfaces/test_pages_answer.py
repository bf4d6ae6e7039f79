"""The page behind the link in a letter."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.invitations.models import Answer, Invitation
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows.call_off_event import cancel_event, postpone_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.move_event import Destination, move_event
from tests.interfaces.browser import words_of

YES, NO = "Yes, I come", "No, I cannot come"


@pytest.fixture
def event_id(world):
    return world.plan(
        rooms=("creveling-lounge",),
        experts=("expert-one", "expert-two", "expert-three"),
        topics=("zero-emission",),
        audience=("students",),
        expected_heads=40,
    )


@pytest.fixture
def path(world, event_id):
    return world.answer_path(event_id)


def at(wall: str) -> Destination:
    return Destination(time={"starts_local": datetime.fromisoformat(wall)})


def rows(app, table) -> list:
    with app.app_context():
        return [tuple(vars(row)[column.key] for column in table.__table__.columns) for row in _all(table)]


def _all(table):
    found = db.session.scalars(select(table).order_by(table.id)).all()
    for row in found:
        db.session.refresh(row)
    return found


def labels(page) -> list[str]:
    return [words_of(button) for button in page.select("main .answers:not(.today) button")]


def test_the_briefing_says_where_when_and_with_whom_to_talk(path, visitor):
    page = visitor.get(path)
    assert words_of(page.find("h1")) == "Expert One, can you come?"
    for words in (
        "Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)",
        "Creveling Lounge",
        "1570 East Colorado Boulevard, Pasadena 91106",
        "Ask at the kiosk in lot 5.",
        "at 1:45 PM, 15 minutes before the start",
        "About 40 people",
        "Zero Emission",
        "@college.example",
        "2 others have not answered yet",
    ):
        assert words in visitor.text
    assert labels(page) == [YES, NO, "Perhaps"]
    assert "Expert Two" not in visitor.text


def test_reading_changes_nothing_however_often(path, visitor, bare_app):
    before = [rows(bare_app, table) for table in (Invitation, Answer, Message)]
    for _ in range(3):
        visitor.get(path)
        visitor.get(f"{path}?answer=accept")
    assert [rows(bare_app, table) for table in (Invitation, Answer, Message)] == before


def test_the_page_needs_no_cookie_and_sets_none(path, visitor):
    visitor.get(path)
    assert "Set-Cookie" not in visitor.response.headers
    assert visitor.response.headers["Cache-Control"] == "no-store"
    assert visitor.response.headers["Referrer-Policy"] == "same-origin"


def test_a_post_works_without_any_cookie_or_token_of_a_form(path, public):
    answered = public.post(path, data={"answer": "accept"})
    assert (answered.status_code, answered.headers["Location"]) == (303, path)


def test_yes_is_thanked_and_can_be_taken_back_with_a_reason(path, visitor, bare_app):
    visitor.get(path)
    page = visitor.submit(YES)
    assert words_of(page.find("h1")) == "Thank you, Expert One: you are coming"
    assert labels(page) == [NO]
    page = visitor.submit(NO, values={"reason": "The truck broke"})
    assert words_of(page.find("h1")) == "Thank you for telling us, Expert One: you are not coming"
    assert labels(page) == [YES]
    with bare_app.app_context():
        answers = [(str(row.word), row.reason) for row in _all(Answer)]
    assert answers == [("accept", ""), ("decline", "The truck broke")]


def test_the_others_are_numbers_only(path, world, event_id, visitor):
    for expert, button in (("expert-two", YES), ("expert-three", NO)):
        visitor.get(world.answer_path(event_id, expert))
        visitor.submit(button)
    visitor.get(path)
    assert "1 other comes; 1 other cannot come" in visitor.text
    assert "Expert Two" not in visitor.text


def test_a_yes_whose_time_is_gone_says_so_and_keeps_the_no(path, world, visitor):
    visitor.get(path)
    visitor.submit(NO)
    world.plan(experts=("expert-one",), title="A secret", published=False)
    page = visitor.submit(YES)
    assert visitor.status == 409
    assert words_of(page.select_one(".clash h3")) == "Expert One is taken at that time"
    assert "Held for an event that is not public" in visitor.text
    assert "A secret" not in visitor.text
    assert "you are not coming" in words_of(visitor.get(path).find("h1"))


def test_an_answer_that_is_none_is_refused_in_words(path, public):
    refused = public.post(path, data={"answer": "perhaps"})
    assert refused.status_code == 422
    assert "Press one of the buttons: yes, perhaps or no." in refused.get_data(as_text=True)


def test_a_reason_that_is_too_long_is_refused_and_kept(path, visitor):
    visitor.get(path)
    page = visitor.submit(NO, values={"reason": "x" * 1001})
    assert visitor.status == 422
    assert page.select_one("#f-reason").get_text().strip() == "x" * 1001


def test_after_a_move_the_person_is_asked_again_and_told_why(path, world, event_id, visitor):
    visitor.get(path)
    visitor.submit(YES)
    world.run(move_event, event_id, to=at("2027-02-11T14:00"))
    page = visitor.get(world.answer_path(event_id))
    assert words_of(page.find("h1")) == "Expert One, can you come?"
    assert "Your earlier answer was given for Wednesday, February 10, 2027, 2:00" in visitor.text
    assert labels(page) == [YES, NO, "Perhaps"]


def ends(page) -> str:
    assert labels(page) == []
    assert page.select_one("main a[href^=mailto]") is not None
    return words_of(page.find("h1"))


def settle(world, event_id, visitor):
    for expert in ("expert-one", "expert-two", "expert-three"):
        visitor.get(world.answer_path(event_id, expert))
        visitor.submit(YES)
    world.run(confirm_as_host, event_id)


def test_a_cancelled_event_says_so_and_whom_to_ask(path, world, event_id, visitor, public):
    settle(world, event_id, visitor)
    world.run(cancel_event, event_id)
    assert ends(visitor.get(path)) == "This event does not take place"
    assert visitor.page.select_one(f"main a[href='/events/{event_id}']") is not None
    late = public.post(path, data={"answer": "accept"})
    assert late.status_code == 409
    assert "Your answer was not recorded." in late.get_data(as_text=True)


def test_a_postponed_event_asks_nothing_until_it_has_a_time(path, world, event_id, visitor):
    settle(world, event_id, visitor)
    world.run(postpone_event, event_id)
    assert ends(visitor.get(path)) == "This event is postponed"
    world.run(move_event, event_id, to=at("2027-03-15T09:00"))
    page = visitor.get(path)
    assert words_of(page.find("h1")) == "Expert One, can you come?"
    assert "Monday, March 15, 2027, 9:00 AM" in words_of(page.select_one("p.when"))


def test_somebody_who_is_no_longer_needed_reads_that(path, world, event_id, visitor):
    world.run(move_event, event_id, to=Destination(experts=("expert-two",)))
    assert ends(visitor.get(path)) == "You are not needed for this event any more"


def test_an_expired_link_says_so_and_whom_to_ask(path, visitor, public, still):
    still.shift(timedelta(days=40))
    assert ends(visitor.get(path)) == "The time for this link is over"
    assert visitor.status == 410
    assert public.post(path, data={"answer": "accept"}).status_code == 410


@pytest.mark.parametrize("token", ["x", "WyJ4IiwxXQ.AAAA", "%00", "a" * 5000])
def test_an_unknown_link_says_so_and_leads_on(world, visitor, token):
    page = visitor.get(f"/answer/{token}")
    assert visitor.status == 404
    assert "it may have been cut off" in visitor.text
    assert page.select_one("main a[href='/']") is not None


def test_an_unpublished_event_offers_no_page_the_person_cannot_open(world, visitor):
    hidden = world.plan(experts=("expert-one",), published=False)
    page = visitor.get(world.answer_path(hidden))
    assert page.select_one(f"a[href='/events/{hidden}']") is None


def test_what_when_where_and_both_buttons_come_before_everything_else(path, visitor):
    page = visitor.get(path)
    order = [tag.get("id") or words_of(tag) for tag in page.select("main h1, main h2, main button, main dl")]
    assert order[:4] == ["Expert One, can you come?", "a-title", YES, NO]
    assert order.index("a-more") > 3
    # A guest came to answer: the header leads nowhere else, but to this page in the other language.
    assert page.select("header a:not([hreflang]), header button") == []


def test_after_a_yes_it_says_what_happens_next_and_offers_the_calendar(path, world, event_id, visitor):
    visitor.get(path)
    page = visitor.submit(YES)
    assert "The event is confirmed when every yes is in." in visitor.text
    links = {words_of(link): link["href"] for link in page.select("main .buttons-list a")}
    assert links["Calendar file (.ics)"].endswith(f"/events/{event_id}.ics")
    assert set(links) >= {"Google Calendar", "Apple Calendar", "Outlook, work or school", "Outlook.com"}
    for expert in ("expert-two", "expert-three"):
        visitor.get(world.answer_path(event_id, expert))
        visitor.submit(YES)
    world.run(confirm_as_host, event_id)
    visitor.get(path)
    assert "The event is confirmed." in visitor.text


def test_an_event_that_is_not_published_is_offered_only_where_nobody_must_fetch_it(world, visitor):
    visitor.get(world.answer_path(world.plan(experts=("expert-one",), published=False)))
    page = visitor.submit(YES)
    hosts = {link["href"].split("/")[2] for link in page.select("main .buttons-list a")}
    assert hosts == {"calendar.google.com", "outlook.office.com", "outlook.live.com"}


def test_a_reason_given_after_the_no_is_kept_and_told_in_one_letter(path, visitor, bare_app, planner, event_id):
    visitor.get(path)
    page = visitor.submit(NO)
    assert labels(page) == ["Send the reason", YES]
    page = visitor.submit("Send the reason", values={"reason": "The ferry does not run"})
    assert labels(page) == [YES]
    with bare_app.app_context():
        declines = [
            message for message in _all(Message) if (message.letter, message.state) == ("answer_declined", "queued")
        ]
        by_office = {message.to_address: message.facts["reason"] for message in declines}
        assert len(by_office) == len(declines) == 2
        assert set(by_office.values()) == {"The ferry does not run"}
    planner.get(f"/events/{event_id}")
    assert "Expert One – cannot come Reason: The ferry does not run" in planner.text


def test_the_same_no_sent_twice_is_one_answer(path, public, bare_app):
    for _ in range(2):
        assert public.post(path, data={"answer": "decline", "reason": "Ill"}).status_code == 303
    with bare_app.app_context():
        assert [row.reason for row in _all(Answer)] == ["Ill"]
