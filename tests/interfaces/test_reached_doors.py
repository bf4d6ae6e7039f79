"""Who has been reached after a late change: pages, the sign for the door, JSON, command; who may see and say what."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import update

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions
from eventsvc.domain.directory.models import Office
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.call_off_event import decline_event
from eventsvc.workflows.move_event import Destination, move_event
from tests import builders, databases
from tests.conftest import NOW
from tests.interfaces.browser import Browser

TOMORROW, LATER = "2027-01-12T14:00", datetime(2027, 1, 12, 16, 0)
BOUNCE = "550 no such user outreach@port.example"


def moved(event_id: str, **to: object) -> None:
    move_event(event_id, Destination(**to), actor=ADMINISTRATOR, now=NOW)


@pytest.fixture
def event_id(world) -> str:
    """It is tomorrow; nothing has changed yet."""
    found = world.plan(builders.at(TOMORROW), rooms=("harbor-hall",), experts=("expert-one",))
    with world.app.app_context(), transaction():
        db.session.execute(update(Message).values(state=MessageState.SENT, sent_at=NOW))
        db.session.execute(update(Office).values(mailbox="outreach@port.example", telephone="+1 310 555 0100"))
    return found


@pytest.fixture
def late(world, event_id) -> str:
    """It was moved to another hour and room, and no letter arrives."""
    with world.app.app_context():
        with transaction():
            moved(event_id, time={"starts_local": LATER}, rooms=("creveling-lounge",))
        with transaction():
            waits = update(Message).where(Message.state == MessageState.QUEUED)
            db.session.execute(waits.values(state=MessageState.FAILED, error=BOUNCE))
    return event_id


def of_office(app: Flask, slug: str, role: Role = Role.COORDINATOR) -> Browser:
    """Somebody who plans for another office."""
    browser = Browser(app)
    with app.app_context(), transaction():
        keep = {"role": role, "office": slug, "actor": ADMINISTRATOR, "now": NOW}
        account = keep_accounts.let_in(f"{slug}@example.edu", "Somebody", **keep).account
        cookie = sessions.begin(account, device="", now=NOW)
    browser.set_cookie(COOKIE, cookie)
    return browser


def test_the_panel_leads_to_who_has_to_be_called_and_a_call_is_written_down(late, planner):
    planner.get(f"/events/{late}")
    (notice,) = [link for link in planner.page.select("#planner a") if link["href"].endswith("/reached")]
    missing = int(re.search(r"\d+", notice.text)[0])
    planner.get(notice["href"])
    assert "Expert One" in planner.text or "expert-one" in planner.text
    assert BOUNCE in planner.text
    assert {link["href"] for link in planner.page.select('a[href^="tel:"]')} == {"tel:+13105550100"}
    rows = planner.page.select("main .reached > li")
    assert len(rows) == missing
    for told in range(1, missing + 1):
        button = planner.page.select_one(".reached button")
        planner.post(notice["href"], {"who": button.find_parent("form").select_one("[name=who]")["value"]})
        assert planner.status == 200
        assert len(planner.page.select(".reached button")) == missing - told
    assert "Everybody has been reached." in planner.text
    planner.get(f"/events/{late}")
    assert "Changed late: everybody has been reached" in planner.text
    planner.get("/audit")
    assert "told somebody of a late change" in planner.text


def test_without_a_late_change_nothing_is_said_and_the_pages_are_empty(event_id, planner, admin):
    planner.get(f"/events/{event_id}")
    assert planner.page.select('#planner a[href$="/reached"]') == []
    planner.get(f"/events/{event_id}/reached")
    assert (planner.status, planner.page.select("main form")) == (200, [])
    assert "Nothing of this event has changed so late" in planner.text
    planner.post(f"/events/{event_id}/reached", {"who": "port-outreach"})
    assert planner.status == 409
    planner.get(f"/events/{event_id}/sign")
    assert planner.status == 404
    assert admin.get(f"/api/v1/events/{event_id}/reached").json == {"changed_at": None, "missing": 0, "items": []}
    assert admin.post(f"/api/v1/events/{event_id}/reached", json={"who": "port-outreach"}).status_code == 409


def test_the_sign_says_what_was_and_what_is_in_every_language(late, planner, world):
    planner.get(f"/events/{late}/sign")
    english, spanish = planner.page.select(".sign section")
    assert (english["lang"], spanish["lang"]) == ("en", "es")
    assert "Moved to another place" in english.text
    assert "Se traslada a otro lugar" in spanish.text
    for section in (english, spanish):
        assert "Harbor Hall" in section.select_one("s").text
        assert "Creveling Lounge" in section.select_one(".now").text
    assert f"/events/{late}" in planner.page.select_one(".sign .code").text
    with world.app.app_context(), transaction():
        moved(late, time={"starts_local": datetime(2027, 1, 12, 14, 0)}, rooms=("harbor-hall",))
    planner.get(f"/events/{late}/sign")
    assert [len(one.select("s")) for one in planner.page.select(".sign section")] == [1, 1], "who read the first sign"
    with world.app.app_context(), transaction():
        decline_event(late, actor=ADMINISTRATOR, now=NOW)
    planner.get(f"/events/{late}/sign")
    english = planner.page.select_one(".sign section")
    assert english.select_one("h2").text == "Does not take place"
    assert (len(english.select("s")), english.select(".now")) == (2, [])


def test_json_says_the_same_and_takes_a_call_once(late, admin):
    path = f"/api/v1/events/{late}/reached"
    first = admin.get(path).json
    assert first["missing"] == len(first["items"])
    assert {one["error"] for one in first["items"]} == {BOUNCE}
    who = first["items"][0]["who"]
    dry = admin.post(f"{path}?dry_run=true", json={"who": who})
    assert (dry.status_code, dry.json["missing"]) == (200, first["missing"] - 1)
    assert admin.get(path).json == first
    for _ in range(2):
        done = admin.post(path, json={"who": who})
        assert (done.status_code, done.json["missing"]) == (200, first["missing"] - 1)
    (row,) = [one for one in admin.get(path).json["items"] if one["who"] == who]
    assert (row["standing"], row["told_at"], row["is_reached"]) == ("called", "2027-01-11T17:00:00Z", True)
    tag = admin.get(f"/api/v1/events/{late}").headers["ETag"]
    assert admin.post(path, json={"who": who}, headers={"If-Match": tag}).status_code == 200
    assert admin.post(path, json={"who": who}, headers={"If-Match": '"v1"'}).status_code == 412


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"who": ""}, 422), ({"who": "x" * 81}, 422), ({"who": 7}, 422), ({"who": "nobody"}, 422), ([], 422)],
)
def test_who_has_nothing_to_do_with_it_is_refused_by_name(late, admin, planner, body, status):
    assert admin.post(f"/api/v1/events/{late}/reached", json=body).status_code == status
    planner.get(f"/events/{late}/reached")
    if isinstance(body, dict) and body:
        planner.post(f"/events/{late}/reached", {"who": str(body["who"])})
        assert (planner.status, "It was not written down" in planner.text) == (422, True)


def test_offices_concerned_see_whom_to_call_but_say_nothing_for_the_host(late, world, planner):
    with world.app.app_context(), transaction():
        builders.an_office("elsewhere-office")
    partner, stranger = of_office(world.app, "port-outreach"), of_office(world.app, "elsewhere-office")
    page = f"/events/{late}/reached"
    partner.get(page)
    assert (partner.status, BOUNCE in partner.text) == (200, False), "words of a mail server may hold an address"
    assert partner.page.select('a[href^="tel:"]')
    assert partner.page.select("main form") == []
    planner.get(page)
    partner.post(page, {"who": "port-outreach"})
    assert partner.status == 403
    for address in (page, f"/events/{late}/sign"):
        stranger.get(address)
        assert stranger.status == 404


def test_strangers_and_unknown_events_are_told_nothing(late, public, admin):
    for end in ("reached", "sign"):
        assert public.get(f"/events/{late}/{end}").status_code == 303
        assert admin.get(f"/events/11111111-1111-1111-1111-111111111111/{end}").status_code in (303, 404)
    for unknown in ("11111111-1111-1111-1111-111111111111", "nothing", "%00"):
        assert admin.get(f"/api/v1/events/{unknown}/reached").status_code == 404
        assert admin.post(f"/api/v1/events/{unknown}/reached", json={"who": "careers"}).status_code == 404
    assert public.get(f"/api/v1/events/{late}/reached").status_code == 401
    assert public.post(f"/api/v1/events/{late}/reached", json={"who": "careers"}).status_code == 401


def test_the_command_lists_and_notes(late, database_url):
    def command(*said: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["reached", *said], env=databases.environment(database_url))
        return done.exit_code, done.output

    code, listed = command(late, "--json")
    assert code == 0, listed
    who = json.loads(listed)["items"][0]["who"]
    code, noted = command(late, "--told", who)
    assert (code, [line.split("\t")[3] for line in noted.splitlines() if line.startswith(who)]) == (0, ["called"])
    for refused in ((late, "--told", "nobody"), ("nothing",)):
        code, said = command(*refused)
        assert (code, "Traceback" in said) == (1, False)
