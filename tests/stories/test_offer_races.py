"""116 offices claim the same offered date at once: one gets it, and 115 are told why and what else is free."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.booking.models import Reservation
from eventsvc.domain.requests.models import Request, RequestEvent
from eventsvc.workflows import keep_accounts, offer_dates
from tests import builders, databases, servers
from tests.servers import Server

OFFICES = 116
AT = datetime(2090, 3, 6, 10, 0)  # the server's clock is the real one


@pytest.fixture
def offices(bare_app: Flask) -> list[tuple[str, str, str]]:
    """116 colleges: an office, a campus, and a token of somebody there. The partner offers two dates of one expert."""
    now, found = datetime.now(UTC), []
    with bare_app.app_context(), transaction():
        port = builders.an_organization("port")
        builders.an_expert("an-expert", of=port, office=builders.an_office("outreach", of=port))
        for number in range(OFFICES):
            campus = builders.a_campus(f"campus-{number}")
            office = builders.an_office(f"careers-{number}", of=campus.organization)
            who = {"actor": ADMINISTRATOR, "now": now}
            email = f"coordinator-{number}@example.edu"
            grant = keep_accounts.let_in(email, "Somebody", role=Role.COORDINATOR, office=office.slug, **who)
            _, secret = tokens.make(grant.account_id, "a program", list(Scope), now + timedelta(days=9), now)
            found.append((office.slug, campus.slug, secret))
        for hours in (0, 24):
            said = offer_dates.Publication(
                office="outreach",
                title=f"A tour, {hours}",
                starts_local=AT + timedelta(hours=hours),
                duration_minutes=60,
                expert="an-expert",
            )
            offer = offer_dates.publish_date(said, **who)
            bare_app.extensions.setdefault("offers", []).append(str(offer.public_id))
    return found


@pytest.fixture
def server(offices, database_url: str) -> Iterator[Server]:
    with servers.serving(databases.environment(database_url)) as running:
        yield running
        assert "Traceback" not in running.log()


def claim(server: Server, offer: str, office: tuple[str, str, str], barrier: Barrier) -> tuple[int, dict[str, Any]]:
    asker, campus, secret = office
    connection = server.connection()
    try:
        connection.connect()
        barrier.wait(timeout=60)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
        body = json.dumps({"asker": asker, "campus": campus})
        connection.request("POST", f"/api/v1/offered-dates/{offer}/claim", body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_one_of_116_offices_gets_the_date_and_the_others_are_told_what_is_free(bare_app, offices, server):
    wanted, free = bare_app.extensions["offers"]
    barrier = Barrier(OFFICES)
    with ThreadPoolExecutor(OFFICES) as racers:
        answers = list(racers.map(lambda office: claim(server, wanted, office, barrier), offices))
    assert Counter(status for status, _ in answers) == {200: 1, 409: OFFICES - 1}
    for status, said in answers:
        if status == 409:
            assert (said["type"], said["standing"]) == ("/problems/offer-gone", "claimed")
            assert "Another college was faster" in said["detail"]
            assert [one["id"] for one in said["free"]] == [free]
    (winner,) = (said for status, said in answers if status == 200)
    with bare_app.app_context():
        assert [str(key) for key in db.session.scalars(select(Request.public_id))] == [winner["id"]]
        assert len(db.session.scalars(select(RequestEvent)).all()) == len(winner["events"]) == 1
        assert len(db.session.scalars(select(Reservation)).all()) == 1
        assert clock.now().year < AT.year
