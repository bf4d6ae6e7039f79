"""Mail that came in, at each of its doors: what waits for a decision, one mail, the log of an event, the counts."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations.models import Answer, AnswerWord
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.reasons import SENTENCES, Reason
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.ical.imip import Family, Problem
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.mail_words import PROBLEMS
from eventsvc.workflows import replies
from tests import builders, databases
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.test_pages_people import signed_in
from tests.received import WORDS, a_mail, invitation_of

WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def event_id(world: Any) -> str:
    return world.plan(experts=("expert-one", "expert-two"))


@pytest.fixture
def mails(world: Any, event_id: str) -> SimpleNamespace:
    """One of Expert One that waits, one of nobody about the event, and one of no event at all."""
    with world.app.app_context(), transaction():
        event = get_event(event_id)
        made = {
            "one": a_mail(invitation_of(event)),
            "nobody": a_mail(about=event, reason=Reason.NOT_INVITED, subject="Accepted: by a stranger"),
            "lost": a_mail(reason=Reason.NO_ADDRESS, subject="What is this?"),
        }
        return SimpleNamespace(**{name: str(mail.public_id) for name, mail in made.items()})


def as_(app: Any, role: Role, office: str) -> Browser:
    """Somebody with that role at a browser."""
    return signed_in(app, f"{role}-{office}", role, office=office)


def subjects(page: Any) -> list[str]:
    return [words_of(one) for one in page.select("ol.waiting h2")]


def state_of(app: Any, mail_id: str) -> str:
    with app.app_context():
        return str(db.session.scalars(select(ReceivedMail).where(ReceivedMail.public_id == UUID(mail_id))).one().state)


def test_what_waits_stands_in_one_list_the_oldest_first_with_its_reason(mails, planner):
    page = planner.get("/mail")
    assert subjects(page) == ["Accepted: Careers at the port", "Accepted: by a stranger", "What is this?"]
    first = words_of(page.select_one("ol.waiting li"))
    assert str(SENTENCES[Reason.NEEDS_CHECK]) in first
    assert "Asked: Expert One" in first
    assert words_of(page.select("ol.waiting li")[2]).count("It belongs to no event.") == 1


def test_an_empty_list_says_what_arrives_there(world, planner):
    planner.get("/mail")
    assert "No mail waits for a decision." in planner.text
    assert "This service reads no mail yet" in planner.text


def test_one_press_counts_it_as_a_yes_and_a_second_says_that_it_was_decided(bare_app, mails, event_id, planner):
    planner.get("/mail")
    planner.submit("Counts as yes of Expert One (Accepted: Careers at the port)")
    assert "Counted as yes." in planner.text
    assert subjects(planner.page) == ["Accepted: by a stranger", "What is this?"]
    with bare_app.app_context():
        asked = invitation_of(get_event(event_id))
        assert [one.word for one in asked.answers] == [AnswerWord.ACCEPT]
    planner.post(f"/mail/{mails.one}/decline", {})
    assert "This was decided already; nothing was changed." in planner.text
    assert "counted as yes" in planner.text
    with bare_app.app_context():
        assert len(db.session.scalars(select(Answer)).all()) == 1


def test_what_belongs_to_nobody_can_only_be_noted_or_put_into_the_conversation(mails, planner):
    planner.get(f"/mail/{mails.nobody}")
    assert [words_of(one).partition(" (")[0] for one in planner.page.select("main .buttons button")] == [
        "Put into the conversation",
        "Nothing to do",
    ]
    planner.get(f"/mail/{mails.lost}")
    planner.submit("Nothing to do (What is this?)")
    assert "Noted that nothing is to be done." in planner.text
    assert "What is this?" not in subjects(planner.page)


@pytest.mark.parametrize(
    ("starts", "ends", "shown"),
    [
        ("2027-02-11T22:00:00Z", "2027-02-11T23:30:00Z", ("February 11, 2027, 2:00 PM", "February 11, 2027, 3:30 PM")),
        ("2027-02-11", "2027-02-13", ("Thursday, February 11, 2027", "Friday, February 12, 2027")),
        ("0001-01-01T00:00:00Z", "0001-01-01", ("0001-01-01T00:00:00Z", "0001-01-01")),
    ],
)
def test_proposed_times_are_said_in_the_zone_of_the_event(world, event_id, planner, starts, ends, shown):
    with world.app.app_context(), transaction():
        mail = a_mail(invitation_of(get_event(event_id)), reason=Reason.SLOT_TAKEN, starts=starts, ends=ends)
        mail_id = str(mail.public_id)
    said = [" ".join(one.text.split()) for one in planner.get(f"/mail/{mail_id}").select("#m-calendar ~ dl dd")]
    assert [any(each in one for one in said) for each in shown] == [True, True], said


def test_one_mail_shows_its_words_and_never_its_bytes(bare_app, mails, planner):
    page = planner.get(f"/mail/{mails.one}")
    assert WORDS in planner.text
    assert "Message-ID" not in planner.text
    assert "Sort of answer An answer What they answer Yes" in words_of(page.select_one("#m-calendar ~ dl"))
    link = page.find("a", string="Download the mail as it came in (.eml)")["href"]
    planner.get(link)
    answer = planner.response
    assert (answer.mimetype, answer.headers["Content-Disposition"].split(";")[0]) == ("message/rfc822", "attachment")
    assert answer.data.endswith(f"{WORDS}\r\n".encode())
    assert "no-store" in answer.headers["Cache-Control"]


def test_why_a_mail_cannot_be_read_is_said_in_words(bare_app, event_id, planner):
    assert set(PROBLEMS) == set(Problem)
    with bare_app.app_context(), transaction():
        mail_id = a_mail(invitation_of(get_event(event_id)), reason=Reason.UNREADABLE, problem="tnef").public_id
    planner.get(f"/mail/{mail_id}")
    assert "Outlook has packed it in a form of its own" in planner.text


SEEN = {
    # role and office → /mail, the list it gets, its event's mail, a mail of nobody, the bytes, deciding, the counts
    (Role.COORDINATOR, "own"): (200, 2, 200, 404, 200, 200, 200),
    (Role.COORDINATOR, "elsewhere"): (200, 0, 404, 404, 404, 404, 200),
    (Role.PARTNER, "port-outreach"): (200, 0, 200, 404, 404, 403, 200),
    (Role.ROOM_OFFICE, "own"): (403, None, 200, 404, 404, 403, 403),
    (Role.REPORTS, "own"): (403, None, 404, 404, 404, 404, 200),
    (Role.COUNSELOR, "elsewhere"): (403, None, 404, 404, 404, 404, 403),
}


@pytest.mark.parametrize(("who", "gets"), SEEN.items(), ids=[f"{role} of {office}" for role, office in SEEN])
def test_who_sees_and_decides(bare_app, mails, event_id, who, gets):
    role, office = who
    with bare_app.app_context(), transaction():
        own = get_event(event_id).owner.slug
        builders.an_office("elsewhere", of=builders.an_organization("other"))
    browser = as_(bare_app, role, own if office == "own" else office)
    page = browser.get("/mail")
    found = [browser.status, len(page.select("ol.waiting > li")) if browser.status == 200 else None]
    for path in (f"/mail/{mails.one}", f"/mail/{mails.lost}", f"/mail/{mails.one}.eml"):
        browser.get(path)
        found.append(browser.status)
    browser.get("/")
    browser.post(f"/mail/{mails.one}/dismiss", {})
    found.append(browser.status)
    browser.get("/mail/clients")
    found.append(browser.status)
    assert tuple(found) == gets
    browser.get(f"/events/{event_id}/mail")
    assert browser.status == gets[2]


def test_a_stranger_is_asked_who_it_is(mails, event_id, public):
    for path in ("/mail", f"/mail/{mails.one}", f"/mail/{mails.one}.eml", f"/events/{event_id}/mail", "/mail/clients"):
        assert public.get(path).status_code == 303
        assert public.get(f"/api/v1{path}".replace(".eml", "/source")).status_code == 401
    assert public.post(f"/api/v1/mail/{mails.one}/settle", json={"end": "dismiss"}).status_code == 401


def test_json_says_and_does_the_same(bare_app, mails, event_id, admin):
    first = admin.get("/api/v1/mail?limit=1").json
    assert [one["id"] for one in first["items"]] == [mails.one]
    assert first["items"][0]["ends"] == ["accept", "tentative", "decline", "conversation", "dismiss"]
    rest = admin.get(first["next"]).json
    assert ([one["id"] for one in rest["items"]], rest["items"][0]["ends"]) == (
        [mails.nobody],
        ["conversation", "dismiss"],
    )
    of_event = admin.get(f"/api/v1/mail?event={event_id}").json["items"]
    assert [one["id"] for one in of_event] == [mails.one, mails.nobody]
    whole = admin.get(f"/api/v1/mail/{mails.one}").json
    assert (whole["words"], whole["calendar"]["word"], whole["name"]) == (WORDS, "ACCEPTED", "Expert One")
    assert "raw" not in whole
    assert admin.get(f"/api/v1/mail/{mails.one}/source").data.endswith(f"{WORDS}\r\n".encode())
    tried = admin.post(f"/api/v1/mail/{mails.one}/settle?dry_run=true", json={"end": "tentative"})
    assert (tried.status_code, tried.json["state"]) == (200, "settled")
    done = admin.post(f"/api/v1/mail/{mails.one}/settle", json={"end": "decline"})
    assert (done.json["state"], done.json["resolution"], done.json["ends"]) == ("settled", "decline", [])
    assert admin.post(f"/api/v1/mail/{mails.one}/settle", json={"end": "accept"}).status_code == 409
    assert admin.post(f"/api/v1/mail/{mails.one}/settle", json={"end": "perhaps"}).status_code == 422
    assert admin.get(f"/api/v1/mail/{event_id}").status_code == 404


def test_the_command_says_and_does_the_same(bare_app, database_url, mails, event_id):
    def run(command: Any, words: list[str]) -> Any:
        return CliRunner().invoke(command, words, env=databases.environment(database_url))

    said = run(cli, ["mail", "review"])
    assert "3 wait for a decision." in said.output, said.output
    assert json.loads(run(cli, ["mail", "review", "--event", event_id, "--json"]).output)[1]["id"] == mails.nobody
    assert WORDS in run(cli, ["mail", "show", mails.one]).output
    source = run(cli, ["mail", "show", mails.one, "--source"]).stdout_bytes
    assert source.endswith(f"{WORDS}\r\n".encode())
    assert "settled (dismissed)" in run(cli, ["mail", "settle", mails.lost, "dismiss"]).output
    assert state_of(bare_app, mails.lost) == "settled"
    assert "Expert One (needs_action)" in run(cli, ["mail", "log", event_id]).output
    assert "google: 3 mails, 0 verified" in run(cli, ["mail", "clients"]).output


def test_the_log_of_an_event_tells_by_person_what_went_and_what_came(bare_app, mails, event_id, planner):
    with bare_app.app_context(), transaction():
        letter = db.session.scalars(select(Message).where(Message.to_address == "expert-one@port.example")).one()
        letter.state, letter.error = MessageState.FAILED, "550 5.1.1 no such user"
    page = planner.get(f"/events/{event_id}/mail")
    one, two, nobody = page.select("main section")
    assert [words_of(item.h3) for item in one.select("li")] == [
        "Letter: Will you come? Careers at the port",
        "Mail: Accepted: Careers at the port",
    ]
    assert "Could not be delivered" in words_of(one)
    assert "550 5.1.1 no such user" in words_of(one)
    assert len(two.select("li")) == 1
    assert "Of nobody who was asked" in words_of(nobody)
    planner.get(f"/events/{event_id}")
    assert "A letter could not be delivered to them: expert-one@port.example" in planner.text
    planner.page.find("a", string="Mail with these people")


def test_an_event_shows_that_an_answer_came_by_mail_and_whether_anybody_vouches(bare_app, event_id, planner, admin):
    with bare_app.app_context(), transaction():
        event = get_event(event_id)
        for expert, is_verified in (("expert-one", True), ("expert-two", None)):
            asked = invitation_of(event, expert)
            a_mail(asked, state=MailState.APPLIED, reason=Reason.ANSWERED, is_verified=is_verified)
            replies.reply(str(asked.public_id), AnswerWord.ACCEPT, turn=asked.turn, now=NOW)
    page = planner.get(f"/events/{event_id}").select_one("#planner")
    text = words_of(page)
    assert "answered by mail : the sender is vouched for" in text
    assert "answered by mail : nobody vouches for the sender" in text
    answers = {one["expert"]: one for one in admin.get(f"/api/v1/events/{event_id}").get_json()["answers"]}
    assert answers["expert-one"]["sender_is_verified"] is True
    assert answers["expert-two"]["sender_is_verified"] is False
    linked = [link["href"] for link in page.find_all("a", string="answered by mail")]
    assert linked == [f"/mail/{answers[slug]['mail']}" for slug in ("expert-one", "expert-two")]
    planner.get("/mail/clients")
    assert "Google" in planner.text


def test_answers_are_counted_by_way_and_by_family_of_programs(bare_app, world, event_id, admin):
    with bare_app.app_context(), transaction():
        asked = {name: invitation_of(get_event(event_id), name) for name in ("expert-one", "expert-two")}
        a_mail(asked["expert-one"], state=MailState.APPLIED, reason=Reason.ANSWERED, family=Family.MICROSOFT)
        a_mail(asked["expert-one"], state=MailState.IGNORED, reason=Reason.SEEN_BEFORE, family=Family.MICROSOFT)
        a_mail(family=Family.APPLE, reason=Reason.NO_ADDRESS, is_verified=True)
        for one in asked.values():
            replies.reply(str(one.public_id), AnswerWord.DECLINE, turn=one.turn, now=NOW)
        later = db.session.scalars(select(Answer).where(Answer.invitation_id == asked["expert-two"].id)).one()
        later.at = NOW.replace(year=2028)
    found = admin.get("/api/v1/mail/clients").json
    assert found["answers"][2] == {"word": "decline", "by_mail": 1, "by_link": 1, "on_behalf": 0}
    microsoft, apple = found["families"]
    assert (microsoft["family"], microsoft["mails"], microsoft["decline"], microsoft["ignored"]) == (
        "microsoft",
        2,
        1,
        1,
    )
    assert (apple["family"], apple["verified"], apple["review"]) == ("apple", 1, 1)
    assert apple["reasons"] == [{"state": "review", "reason": "no-address", "number": 1}]


def test_pages_cost_the_same_queries_with_one_mail_and_with_thirty(bare_app, world, event_id, planner):
    paths = ["/mail", f"/events/{event_id}/mail", f"/events/{event_id}", "/mail/clients"]

    def fill(number: int) -> None:
        with bare_app.app_context(), transaction():
            asked = [invitation_of(get_event(event_id), name) for name in ("expert-one", "expert-two")]
            for place in range(number):
                a_mail(asked[place % 2] if place % 3 else None)

    costs = []
    for number in (3, 27):
        fill(number)
        costs.append([])
        for path in paths:
            planner.get(path)
            with counted(bare_app) as statements:
                planner.get(path)
            costs[-1].append(len(statements))
    assert costs[0] == costs[1]


def test_the_desk_counts_what_waits_for_a_decision(bare_app, mails, event_id, planner, admin):
    assert admin.get("/api/v1/desk").json["mails"] == 3
    with bare_app.app_context(), transaction():
        own = get_event(event_id).owner.slug
        builders.an_office("elsewhere", of=builders.an_organization("other"))
    assert admin.get(f"/api/v1/desk?office={own}").json["mails"] == 2
    assert admin.get("/api/v1/desk?office=elsewhere").json["mails"] == 0
    planner.get("/home")
    planner.page.find("a", href="/mail")
    assert "3 mails wait for a decision" in words_of(planner.page.select_one("section:has(#attention)"))
    assert "Nothing needs your attention" not in planner.text
