"""Before saving, pages and JSON say who would be told what; nothing is kept of that, and saving tells just them."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.outbox.models import Message, MessageState
from tests.conftest import NOW
from tests.interfaces.browser import Browser
from tests.stories.test_changes_told_once import LATER, local, make

MOVE = {"starts_local": (NOW + timedelta(days=61)).strftime("%Y-%m-%dT14:00")}
CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "moved": ("post", "/move", MOVE),
    "another room": ("post", "/move", {"rooms": []}),
    "nobody comes": ("post", "/move", {"experts": []}),
    "cancelled": ("post", "/cancel", {"reason": "Rain"}),
    "put off": ("post", "/postpone", {}),
    "a corrected title": ("patch", "", {"title": "Careers!"}),
    "another link": ("patch", "", {"online_url": "https://a.example/1"}),
}


@pytest.fixture
def made(app, still) -> SimpleNamespace:
    still.move_to(LATER)
    return make()


def without_calendars(letters: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A mail for a calendar alone goes with a letter that is listed."""
    return [(name, letter) for name, letter in letters if not letter.startswith("for_your_calendar")]


def owed() -> list[tuple[str, str]]:
    waiting = select(Message.to_name, Message.letter).where(Message.state == MessageState.QUEUED)
    db.session.rollback()
    return sorted((row.to_name, row.letter) for row in db.session.execute(waiting.where(Message.created_at >= LATER)))


@pytest.mark.parametrize("change", CHANGES)
def test_a_dry_run_says_just_what_saving_then_does(made, admin, change):
    verb, path, body = CHANGES[change]
    tag = admin.get(f"/api/v1/events/{made.id}").headers["ETag"]
    call = getattr(admin, verb)
    tried = call(f"/api/v1/events/{made.id}{path}?dry_run=true", json=body, headers={"If-Match": tag})
    assert tried.status_code == 200, tried.json
    assert owed() == []
    done = call(f"/api/v1/events/{made.id}{path}", json=body, headers={"If-Match": tag})
    assert done.status_code == 200, done.json
    assert "tells" not in done.json
    assert sorted((one["to"], one["letter"]) for one in tried.json["tells"]) == owed()
    assert (tried.json["tells"] == []) == (change == "a corrected title")


def test_a_dry_run_of_planning_says_just_what_planning_then_does(made, admin):
    """An event, a series with a date that cannot be had, that date by itself, and a change of the whole series."""
    wish = {"kind": "info_session", "title": "Again", "campus": made.campus, "rooms": [made.hall]}
    wish |= {"experts": [made.coming], "duration_minutes": 60, "starts_local": local(LATER + timedelta(days=20))}
    wish["owner"] = admin.get(f"/api/v1/events/{made.id}").json["owner"]
    weekly = {**wish, "rule": {"kind": "weekly", "count": 3}}
    weekly["starts_local"] = local(LATER + timedelta(days=13))

    def as_tried(path: str, **body: object) -> Any:
        before = without_calendars(owed())
        tried = admin.post(f"{path}{'&' if '?' in path else '?'}dry_run=true", json=body)
        assert tried.status_code == 200, tried.json
        assert without_calendars(owed()) == before
        done = admin.post(path, json=body)
        assert done.status_code in (200, 201), done.json
        told = sorted((one["to"], one["letter"]) for one in tried.json["tells"] if one["becomes"] == "new")
        assert sorted([*before, *told]) == without_calendars(owed())
        assert "tells" not in done.json
        return SimpleNamespace(told=[letter for _, letter in told], done=done.json)

    planned = as_tried("/api/v1/events", **wish)
    assert planned.told.count("invitation") == 1
    assert planned.told.count("room_request") == 1
    assert as_tried("/api/v1/events", **wish | {"draft": True, "rooms": []}).told == []
    series = as_tried("/api/v1/series?on_conflict=skip", **weekly)
    assert [one["starts_on"] for one in series.done["skipped"]] == [wish["starts_local"][:10]]
    assert series.told.count("invitation_series") == 1
    assert admin.post(f"/api/v1/events/{planned.done['id']}/withdraw", json={}).status_code == 200
    path = f"/api/v1/series/{series.done['id']}"
    assert as_tried(f"{path}/skipped/{wish['starts_local'][:10]}/take").told
    tried = admin.post(f"{path}/withdraw?dry_run=true", json={})
    assert {one["becomes"] for one in tried.json["tells"]} == {"taken_back"}


def test_a_dry_run_says_when_letters_leave_and_what_becomes_of_those_that_wait(made, admin):
    path = f"/api/v1/events/{made.id}"
    [person] = [
        one for one in admin.post(f"{path}/move?dry_run=1", json=MOVE).json["tells"] if one["letter"] == "asked_again"
    ]
    assert person["subject"].startswith("Rescheduled, please answer again")
    assert person["leaves_at"] == (LATER + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")
    assert admin.post(f"{path}/move", json=MOVE).status_code == 200
    back = admin.post(f"{path}/move?dry_run=1", json={"starts_local": made.starts_local}).json["tells"]
    assert {one["becomes"] for one in back} == {"taken_back"}


def test_the_pages_say_it_without_scripts_and_keep_what_was_typed(bare_app, still):
    still.move_to(LATER)
    with bare_app.app_context():
        made = make()
    browser = Browser(bare_app)
    browser.sign_in()
    browser.get(f"/events/{made.id}/edit")
    page = browser.submit("See who will be told", values={"title": "Careers, corrected"})
    assert "Nobody is told of this." in browser.text
    assert page.select_one("#f-title")["value"] == "Careers, corrected"
    browser.get(f"/events/{made.id}/move")
    browser.submit("Check only", values={"date": MOVE["starts_local"][:10]})
    assert "Rescheduled, please answer again" in browser.text
    browser.get(f"/events/{made.id}")
    browser.submit("See who will be told", values={"reason": "Rain"}, within='form[action$="/cancel"]')
    off = browser.page.select_one('form[action$="/cancel"]')
    assert len(off.select("#told li")) > 1
    assert "Rain" in off.select_one("textarea").get_text()
    assert off.find_parent("details").has_attr("open")
    with bare_app.app_context():
        assert owed() == []


@pytest.mark.parametrize(
    ("renamed", "mends", "is_told"), [("Rooom{}", "", True), ("Rooom{}", "yes", False), ("Harbor theater", "yes", None)]
)
def test_the_page_of_a_room_says_who_is_told_and_mends_a_typo_without_a_word(bare_app, still, renamed, mends, is_told):
    """`is_told` None: it is refused, for another name is another place."""
    still.move_to(LATER)
    with bare_app.app_context():
        event = get_event(make().id)
        starts_at, room = event.starts_at, event.rooms[0]
        slug, name, page = room.slug, room.name, f"/setup/{room.campus.organization.slug}/rooms?room={room.slug}"
    still.move_to(starts_at - timedelta(hours=47))
    browser = Browser(bare_app)
    browser.sign_in()
    browser.get(page)
    typed = {"room_name": renamed.format(name.removeprefix("Room")), **({"mends_words": mends} if mends else {})}
    browser.submit("See who will be told", values=typed)
    if is_told is None:
        assert (browser.status, "says more than a mended word" in browser.text) == (422, True)
        return
    listed = browser.page.select("#told li")
    assert bool(listed) == is_told
    browser.submit("Save the room")
    with bare_app.app_context():
        assert len(owed_since(starts_at - timedelta(hours=47))) == len(listed)
        edits = select(AuditEntry).where(AuditEntry.subject == slug, AuditEntry.verb == "edit")
        (entry,) = db.session.scalars(edits).all()
        assert entry.changes.get("tells") == (None if is_told else [None, "nobody"])


def owed_since(moment: datetime) -> list[Message]:
    found = select(Message).where(Message.created_at >= moment, Message.letter.not_like("for_your_calendar%"))
    return list(db.session.scalars(found))
