"""What a planner reads of a mail before deciding: the answer, the proposed time in the event's zone, the words."""

from __future__ import annotations

from typing import Any

import pytest

from eventsvc.core.db import transaction
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.mail.reasons import Reason
from eventsvc.interfaces.web.mail_shown import MOST_LETTERS
from eventsvc.workflows import converse
from tests.conftest import NOW
from tests.interfaces.browser import words_of
from tests.received import a_mail, invitation_of

PROPOSAL = {"method": "COUNTER", "word": "TENTATIVE", "starts": "2027-02-10T23:00:00Z", "ends": "2027-02-11T00:30:00Z"}
CASES = {
    "a no under a subject that says yes": ({"word": "DECLINED"}, "What they answer: No"),
    "what RFC 5545 does not know is shown as it came": ({"word": "X-MAYBE"}, "What they answer: X-MAYBE"),
    "a proposal, on the clock of the campus": (
        PROPOSAL,
        "Proposed or planned start: Wednesday, February 10, 2027, 3:00 PM"
        " Proposed or planned end: Wednesday, February 10, 2027, 4:30 PM",
    ),
    "a proposal of a whole day": (
        {"method": "COUNTER", "starts": "2027-02-10", "ends": "2027-02-11"},
        "Proposed or planned start: Wednesday, February 10, 2027 Proposed or planned end: Wednesday, February 10, 2027",
    ),
    "what stands beside an answer": (
        {"word": "DECLINED", "comment": "Not on a Monday."},
        "What they answer: No In their words: Not on a Monday.",
    ),
    "the first of many words": ({"comment": "long " * 200}, f"In their words: {('long ' * 200)[: MOST_LETTERS - 1]}…"),
}


@pytest.fixture
def event_id(world: Any) -> str:
    return world.plan(experts=("expert-one", "expert-two"))


@pytest.mark.parametrize(("facts", "line"), CASES.values(), ids=CASES)
def test_the_list_says_what_has_to_be_known_to_decide(world, event_id, planner, facts, line):
    with world.app.app_context(), transaction():
        a_mail(invitation_of(get_event(event_id)), **{"method": "REPLY", **facts})
    assert line in words_of(planner.get("/mail").select_one("ol.waiting li"))


def test_of_a_time_that_cannot_be_it_is_said_that_they_know_it(world, event_id, planner):
    refusal = {"reasons": []}
    with world.app.app_context(), transaction():
        asked = invitation_of(get_event(event_id))
        told = a_mail(asked, reason=Reason.SLOT_TAKEN, refusal={**refusal, "is_told": True})
        silent = a_mail(asked, reason=Reason.SLOT_TAKEN, subject="another", refusal=refusal)
        told, silent = str(told.public_id), str(silent.public_id)
    assert "A letter has told them so" in words_of(planner.get(f"/mail/{told}"))
    assert "A letter has told them so" not in words_of(planner.get(f"/mail/{silent}"))


def test_the_event_says_that_a_mail_about_it_waits(world, event_id, planner):
    assert "waits for a decision" not in words_of(planner.get(f"/events/{event_id}"))
    with world.app.app_context(), transaction():
        a_mail(invitation_of(get_event(event_id)))
        a_mail(reason=Reason.NO_ADDRESS, subject="about no event")
    assert "1 mail waits for a decision" in words_of(planner.get(f"/events/{event_id}"))


def test_whoever_wrote_by_mail_can_be_written_back_to(world, event_id, planner):
    with world.app.app_context(), transaction():
        asked = invitation_of(get_event(event_id))
        converse.note_words_of(asked, "Is there a projector?", by="by mail", now=NOW)
        address = asked.expert.email
    link = planner.get(f"/events/{event_id}").select_one("#conversation a[href^='mailto:']")
    assert link["href"].startswith(f"mailto:{address.replace('@', '%40')}?subject=")
    assert words_of(link) == "Write back to Expert One"
