"""She signs in, plans and makes tokens while her work is handed over, over real connections: nothing is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import LinkExpired, NotFound, Refusal
from eventsvc.domain.accounts import ADMINISTRATOR, acting, sessions
from eventsvc.domain.accounts.models import Account, ApiToken, Session
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.coordinators import EventCoordinator
from eventsvc.workflows.hand_over import hand_over
from eventsvc.workflows.keep_tokens import make_token
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.sign_in import ask_for_letter, sign_in_by_link
from tests import builders
from tests.conftest import NOW
from tests.stories.test_hand_over import ANA, BEN, house

__all__ = ["house"]
WHO = {"actor": ADMINISTRATOR, "now": NOW}
pytestmark = pytest.mark.usefixtures("still")


def together(app: Flask, *stories) -> list[object]:
    """Each on a thread and a connection of its own, all at the same moment; what each returned or refused."""
    barrier = Barrier(len(stories))

    def run(story):
        with app.app_context():
            try:
                barrier.wait(timeout=30)
                with transaction():
                    return story()
            except Refusal as refusal:
                return refusal
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(stories)) as pool:
        return list(pool.map(run, stories))


@pytest.mark.parametrize("round_", range(4))
def test_what_she_does_in_that_moment_is_moved_or_refused(house, round_):
    with house.app_context(), transaction():
        letter = str(ask_for_letter(ANA, NOW))
        account = db.session.scalars(select(Account).where(Account.email == ANA)).one()
        her = acting.actor_of(account)  # as a door knew her before
        campus = db.session.scalars(select(Campus)).one()
        lounge = db.session.scalars(select(Room).where(Room.slug == "lounge")).one()
        plans = [
            builders.a_plan(campus, rooms=[lounge], owner="career-center", when=builders.at(f"2027-03-0{day}T10:00"))
            for day in range(1, 5)
        ]
        ids = {one.email: one.id for one in db.session.scalars(select(Account))}

    def plans_a(plan):
        return lambda: plan_event(plan, actor=her, now=NOW).id

    results = together(
        house,
        *(plans_a(plan) for plan in plans),
        lambda: hand_over(ANA, BEN, **WHO).moved["events"],
        lambda: sign_in_by_link(letter, device="a phone", now=NOW),
        lambda: make_token(ANA, "late", [Scope.BOOK], days=9, **WHO)[1],
    )
    events, moved, cookie, token = results[:4], *results[4:]
    made = [one for one in events if isinstance(one, int)]
    assert all(isinstance(one, int) or one.slug == "sign-in-needed" for one in events), events
    assert moved == len(made)  # those that came first, and none that came later
    assert isinstance(cookie, str | LinkExpired), cookie
    assert isinstance(token, str | NotFound), token
    with house.app_context():
        in_charge = {row.event_id: row.account_id for row in db.session.scalars(select(EventCoordinator))}
        assert in_charge == dict.fromkeys(made, ids[BEN])
        assert db.session.scalars(select(ApiToken).where(ApiToken.ended_at.is_(None))).all() == []
        assert db.session.scalars(select(Session).where(Session.ended_at.is_(None))).all() == []
        if isinstance(cookie, str):
            assert sessions.find(cookie, NOW) is None
