"""No list costs more queries at a hundred rows than at one, permission checks included, whoever asks."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces import pages
from tests.interfaces.browser import Browser
from tests.interfaces.pages import PASADENA
from tests.stories.test_sign_in import ask, newest_letter

pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}
LEE = "lee@example.edu"
MOST = 24
LISTS = (
    "organizations",
    "campuses",
    "rooms",
    "pools",
    "experts",
    "topics",
    "events",
    "events?status=requested",
    "series",
    "search?q=careers",
)
PAGES = ("/", "/?q=careers", "/month/2027-02", "/requests", "/series", "/search?q=careers", "/calendars", "/board")


def rows(first: int, last: int) -> None:
    """So many events, each with a room, an expert, a topic and a co-host of its own; every other one is public."""
    campus = directory.get(Campus, PASADENA)
    for number in range(first, last):
        topic = builders.a_topic()
        plan = builders.a_plan(
            campus,
            when=builders.at(f"2027-{2 + number // 56:02}-{1 + number // 2 % 28:02}T{9 + number % 2 * 6:02}:00"),
            rooms=[builders.a_room(on=campus)],
            experts=[builders.an_expert(topics=[topic])],
            topics=(topic.slug,),
            co_hosts=(builders.an_organization().slug,),
        )
        event = plan_event(plan, actor=ADMINISTRATOR, now=clock.now())
        if number % 2:
            publish_event(str(event.public_id), actor=ADMINISTRATOR, now=clock.now())


@pytest.fixture
def lee(bare_app: Flask, still) -> dict[str, object]:
    """Lee coordinates where the events are: a browser that is signed in, and a program."""
    pages.make(bare_app)
    with bare_app.app_context(), transaction():
        campus = directory.get(Campus, PASADENA)
        own = select(Office).where(Office.organization_id == campus.organization_id).order_by(Office.id)
        keep_accounts.add_account(LEE, "Lee Example", **WHO)
        keep_accounts.give_role(LEE, Role.COORDINATOR, office=db.session.scalars(own).first().slug, **WHO)
        _, secret = make_token(LEE, "a program", list(Scope), days=30, **WHO)
    browser, program = Browser(bare_app), bare_app.test_client()
    ask(browser, LEE)
    code, _ = newest_letter(bare_app)
    browser.submit("Sign in", values={"code": code})
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return {"browser": browser, "program": program}


def test_no_list_costs_more_at_a_hundred_rows_than_at_one(bare_app, lee, admin, public):
    programs = {"coordinator": lee["program"], "administrator": admin, "public": public}

    def queries() -> dict[str, int]:
        counts = {}
        for who, client in programs.items():
            client.get("/api/v1/topics?limit=1")  # notes that the token is used, where it is time
            for name in LISTS:
                path = f"/api/v1/{name}{'&' if '?' in name else '?'}limit=200"
                path = path if name != "search?q=careers" else f"/api/v1/{name}"
                with counted(bare_app) as run:
                    status = client.get(path).status_code
                if status == 200:
                    counts[f"{who}: {name}"] = len(run)
                else:
                    assert who != "administrator", (path, status)
        for path in PAGES:
            lee["browser"].get(path)
            with counted(bare_app) as run:
                lee["browser"].get(path)
            assert lee["browser"].status == 200, path
            counts[f"page: {path}"] = len(run)
        return counts

    with bare_app.app_context(), transaction():
        rows(0, 2)
    with_few = queries()
    with bare_app.app_context(), transaction():
        rows(2, 100)
    assert queries() == with_few
    assert max(with_few.values()) <= MOST, with_few
    assert len(with_few) > 30
