"""Substitutes answer at the same moment, over real connections, from a real server of several processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.interfaces.services import services
from eventsvc.workflows import cascade
from eventsvc.workflows.confirm_event import answer_invitation
from eventsvc.workflows.line_ups import SaidSeat
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases, servers
from tests.servers import Server

PEOPLE = ("ann", "ben", "cem", "dia")


@pytest.fixture
def server(bare_app: Flask, database_url: str) -> Iterator[Server]:
    """A server of two processes, and an event whose seat went from one silent person to the next, to the last."""
    with bare_app.app_context(), transaction():
        port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
        for slug in PEOPLE:
            builders.an_expert(slug, of=port)
        campus, now = builders.a_campus("harbor"), clock.now()
        plan = builders.a_plan(
            campus, when=builders.at("2090-03-06T10:00"), seats=(SaidSeat(expert="ann", then=PEOPLE[1:]),)
        )
        event = plan_event(plan, actor=ADMINISTRATOR, now=now)
        for _ in PEOPLE[1:]:
            named = next(one for one in asking.of_event(event.id) if one.expert_id == event.seats[0].expert_id)
            cascade.pass_over(named, now)
    with servers.serving(databases.environment(database_url)) as running:
        yield running
        assert "Traceback" not in running.log(), running.log()


def answered(server: Server, token: str, barrier: Barrier) -> tuple[int, str]:
    connection = server.connection()
    try:
        connection.connect()
        barrier.wait(timeout=30)
        body = json.dumps({"answer": "accept"})
        connection.request("POST", f"/api/v1/answers/{token}", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read()).get("state", "")
    finally:
        connection.close()


def tokens() -> list[str]:
    ends = datetime(2090, 3, 7, tzinfo=UTC)
    invitations = db.session.scalars(select(Invitation).order_by(Invitation.id)).all()
    links = [services().links.answer(str(one.public_id), one.turn, ends) for one in invitations]
    return [link.rsplit("/", 1)[1] for link in links]


def test_of_substitutes_who_accept_at_once_one_comes_and_the_others_are_kept(bare_app, server):
    with bare_app.app_context():
        links = tokens()
    barrier = Barrier(len(links))
    with ThreadPoolExecutor(len(links)) as pool:
        said = list(pool.map(lambda token: answered(server, token, barrier), links))
    assert sorted(said) == [(200, "accepted"), *[(200, "understudy")] * (len(PEOPLE) - 1)]
    with bare_app.app_context(), transaction():
        (seat,) = db.session.scalars(select(Event)).one().seats
        assert seat.expert is not None
        assert seat.expert.slug == "dia"


def test_of_substitutes_who_accept_an_open_seat_at_once_one_gets_it(bare_app, server):
    with bare_app.app_context(), transaction():
        last = next(one for one in db.session.scalars(select(Invitation)) if one.expert.slug == "dia")
        later = clock.now() + timedelta(minutes=1)
        answer_invitation(str(last.public_id), AnswerWord.DECLINE, turn=last.turn, now=later)
    with bare_app.app_context():
        links = tokens()[:3]
    barrier = Barrier(len(links))
    with ThreadPoolExecutor(len(links)) as pool:
        said = list(pool.map(lambda token: answered(server, token, barrier), links))
    assert sorted(said) == [(200, "accepted"), (200, "understudy"), (200, "understudy")]
