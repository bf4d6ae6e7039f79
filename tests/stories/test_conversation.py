"""The conversation about an event: who reads and writes it, in whose name, and which letters it makes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotFound, SignInNeeded, Stale
from eventsvc.core.versions import Expected
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Role, acting, tokens
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.conversations.models import Remark
from eventsvc.domain.events import coordinators, lookup
from eventsvc.domain.outbox import leasing
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows import converse, converse_about_request, keep_accounts
from eventsvc.workflows.plan_event import plan_event
from tests import builders, wishes
from tests.conftest import NOW

WHO = {"actor": ADMINISTRATOR, "now": NOW}


def make_world() -> SimpleNamespace:
    campus = builders.a_campus("harbor")
    center = builders.an_office("center", of=campus.organization, mailbox="center@college.example")
    outreach = builders.an_office("outreach", mailbox="outreach@port.example")
    expert = builders.an_expert("pelican", of=outreach.organization, office=outreach)
    event = plan_event(builders.a_plan(campus, experts=[expert], owner=center.slug), **WHO)
    people = {
        "ana": (Role.COORDINATOR, "center"),
        "pam": (Role.PARTNER, "outreach"),
        "rea": (Role.REPORTS, "center"),
        "zoe": (Role.COORDINATOR, builders.an_office("elsewhere").slug),
    }
    for name, (role, office) in people.items():
        keep_accounts.add_account(f"{name}@example.edu", f"{name.title()} Example", **WHO)
        keep_accounts.give_role(f"{name}@example.edu", role, office=office, **WHO)
    db.session.flush()
    for letter in db.session.scalars(select(Message)):
        letter.state = MessageState.SENT
    actors = {name: acting.actor_of(db.session.scalars(_account(name)).one()) for name in people}
    return SimpleNamespace(event=str(event.public_id), **actors)


def _account(name: str) -> Any:
    return select(Account).where(Account.email == f"{name}@example.edu")


@pytest.fixture
def world(story: None) -> SimpleNamespace:
    return make_world()


def write(world: SimpleNamespace, words: str, actor: Any, minutes: int = 0) -> Remark:
    return converse.write_about_event(world.event, words, actor=actor, now=NOW + timedelta(minutes=minutes))


def letters() -> list[tuple[str, list[str]]]:
    query = (
        select(Message).where(Message.letter == "remarks", Message.state == MessageState.QUEUED).order_by(Message.id)
    )
    return [(one.to_address, [said["words"] for said in one.facts["remarks"]]) for one in db.session.scalars(query)]


def test_both_sides_write_in_the_name_of_their_office_and_the_other_gets_a_letter(world):
    asked = write(world, " Is there parking?\r\nFor two. ", world.pam)
    assert (asked.office.slug, asked.account.name, asked.words) == (
        "outreach",
        "Pam Example",
        "Is there parking?\nFor two.",
    )
    assert letters() == [("center@college.example", ["Is there parking?\nFor two."])]
    assert write(world, "Lot 5.", world.ana).office.slug == "center"
    assert letters()[1:] == [("outreach@port.example", ["Lot 5."])]
    found, following = converse.read_about_event(world.event, after=None, limit=50, actor=world.pam)
    assert ([one.words for one in found], following) == (["Is there parking?\nFor two.", "Lot 5."], None)


def test_what_follows_before_the_letter_has_left_joins_it_and_what_follows_later_does_not(world):
    write(world, "One.", world.pam)
    write(world, "Two.", world.pam, 1)
    assert letters() == [("center@college.example", ["One.", "Two."])]
    leasing.claim(NOW + timedelta(minutes=2), limit=10)
    write(world, "Three.", world.pam, 3)
    assert letters() == [("center@college.example", ["Three."])]


def test_whoever_is_in_charge_reads_it_too(world):
    account = db.session.scalars(_account("ana")).one()

    coordinators.put([lookup.get_event(world.event)], account.id, NOW)
    write(world, "One.", world.pam)
    write(world, "Two.", world.pam, 1)
    both = ["One.", "Two."]
    assert letters() == [("center@college.example", both), ("ana@example.edu", both)]


def test_the_administrator_writes_in_nobodys_name_and_both_offices_read_it(world):
    remark = write(world, "The lights are fixed.", ADMINISTRATOR)
    assert (remark.office, remark.account) == (None, None)
    assert {address for address, _ in letters()} == {"center@college.example", "outreach@port.example"}


def test_the_same_words_twice_are_one_remark(world):
    first = write(world, "Lot 5.", world.ana)
    assert write(world, "Lot 5.", world.ana, 1) is first
    write(world, "Thanks.", world.pam, 2)
    assert write(world, "Lot 5.", world.ana, 3) is not first


def test_nobody_else_reads_or_writes(world):
    for actor, refusal in ((PUBLIC, SignInNeeded), (world.zoe, NotFound), (world.rea, NotFound)):
        with pytest.raises(refusal):
            write(world, "Let me in.", actor)
        with pytest.raises(refusal):
            converse.read_about_event(world.event, after=None, limit=5, actor=actor)
    assert db.session.scalars(select(Remark)).all() == []


@pytest.mark.parametrize("words", ["", " \n ", "x" * 4001, "a\x07bell"])
def test_words_that_cannot_stand_are_refused(world, words):
    with pytest.raises(InvalidInput):
        write(world, words, world.ana)


def _client(app: Flask, name: str, scope: Scope) -> Any:
    with app.app_context(), transaction():
        account = db.session.scalars(_account(name)).one()
        _, secret = tokens.make(account.id, "test", [scope], NOW + timedelta(days=30), NOW)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_the_same_over_json(bare_app, still, public):
    with bare_app.app_context(), transaction():
        world = make_world()
    path = f"/api/v1/events/{world.event}/remarks"
    ana, reader = (_client(bare_app, "ana", scope) for scope in (Scope.BOOK, Scope.READ))
    zoe = _client(bare_app, "zoe", Scope.BOOK)
    tried = ana.post(f"{path}?dry_run=true", json={"words": "Lot 5."})
    assert (tried.status_code, ana.get(path).json["items"]) == (200, [])
    made = ana.post(path, json={"words": "Lot 5."})
    assert made.status_code == 201
    expected = {"words": "Lot 5.", "office": "center", "office_name": "Center", "at": "2027-01-11T17:00:00Z"}
    assert {name: made.json[name] for name in expected} == expected
    assert made.json["author"]["name"] == "Ana Example"
    assert ana.get(made.headers["Location"].removeprefix("http://localhost")).json == made.json
    ana.post(path, json={"words": "Or lot 6."})
    first = reader.get(f"{path}?limit=1").json
    assert [one["words"] for one in first["items"]] == ["Lot 5."]
    assert [one["words"] for one in reader.get(first["next"]).json["items"]] == ["Or lot 6."]
    assert reader.post(path, json={"words": "No."}).status_code == 403
    assert zoe.get(path).status_code == zoe.post(path, json={"words": "No."}).status_code == 404
    assert public.get(path).status_code == 401
    assert ana.post(path, json={"words": " "}).status_code == 422
    assert ana.post(path, json={"words": "Late."}, headers={"If-Match": '"v0"'}).status_code == 412
    assert ana.get(f"{path}?cursor=x").status_code == 400


def test_a_request_has_its_conversation_and_its_event_shows_it(story):
    world = wishes.a_world()
    request = wishes.a_request(world)
    number = str(request.public_id)
    converse_about_request.write_about_request(number, "In the morning?", actor=world.of_partner, now=NOW)
    converse_about_request.write_about_request(number, "Or at noon?", actor=world.of_partner, now=NOW)
    (letter,) = db.session.scalars(
        select(Message)
        .where(Message.letter == "request_remarks", Message.state == MessageState.QUEUED)
        .order_by(Message.id)
    )
    assert letter.to_address == "careers@college.example"
    assert [one["words"] for one in letter.facts["remarks"]] == ["In the morning?", "Or at noon?"]
    found, _ = converse_about_request.read_about_request(number, after=None, limit=9, actor=world.of_college)
    assert [(one.words, one.office.slug) for one in found] == [
        ("In the morning?", "outreach"),
        ("Or at noon?", "outreach"),
    ]
    event = plan_event(builders.a_plan(world.campus, owner=world.asker.slug), **WHO)
    request.events.append(event)
    db.session.flush()
    assert [one.words for one in converse_about_request.before_the_event(event.id, world.of_college)] == [
        "In the morning?",
        "Or at noon?",
    ]
    assert converse_about_request.before_the_event(event.id, PUBLIC) == ()
    with pytest.raises(SignInNeeded):
        converse_about_request.write_about_request(number, "Let me in.", actor=PUBLIC, now=NOW)


def test_a_remark_about_a_request_is_not_taken_over_a_version_unseen(story):
    world = wishes.a_world()
    request = wishes.a_request(world)
    number, who = str(request.public_id), {"actor": world.of_partner, "now": NOW}
    with pytest.raises(Stale):
        converse_about_request.write_about_request(number, "Seen?", expected=Expected(frozenset({"v0"})), **who)
    seen = Expected(frozenset({f"v{request.version}"}))
    assert converse_about_request.write_about_request(number, "Seen.", expected=seen, **who).words == "Seen."
