"""What a coordinator of another office finds by searching, filtering and looking at what waits or is on hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.roles import Scope
from eventsvc.workflows import keep_accounts
from tests import another_office, builders
from tests.another_office import TITLE
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN, PUBLIC_URL
from tests.interfaces.browser import words_of

WHO = {"actor": ADMINISTRATOR, "now": NOW}
OPEN = "Open to all"


class Asking:
    """A program, or a browser, of somebody with that token."""

    event = ""  # the id of the published one

    def __init__(self, app: Flask, secret: str | None) -> None:
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def api(self, path: str, method: str = "GET", **body: Any) -> Any:
        sent = {} if method == "GET" else {"json": body}
        return self._client.open(f"/api/v1{path}", method=method, headers=self._headers, **sent)

    def titles(self, path: str) -> list[str]:
        """The titles of events that a list or a search answers."""
        answer = self.api(path)
        assert answer.status_code == 200, answer.text
        return sorted(one.get("event", one)["title"] for one in answer.json["items"] if one.get("kind") != "room")

    def page(self, path: str) -> BeautifulSoup:
        answer = self._client.get(path, headers={**self._headers, "Accept": "text/html"}, base_url=PUBLIC_URL)
        assert answer.status_code == 200, path
        return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


@pytest.fixture
def house(bare_app: Flask, still) -> dict[str, Asking]:
    """Whose the things are, a coordinator elsewhere, the public; one more event is published, its room not granted."""
    ids = another_office.fill(bare_app)
    with bare_app.app_context(), transaction():
        own = builders.an_organization("own-college")
        builders.an_office("own-office", of=own)
        builders.a_room("own-room", on=builders.a_campus("own-campus", of=own))
        place = {"role": Role.COORDINATOR, "office": "own-office"}
        account = keep_accounts.let_in("ours@example.edu", "Somebody", **place, **WHO).account
        _, secret = tokens.make(account.id, "a program", list(Scope), NOW + timedelta(days=9), NOW)
    asking = {
        "theirs": Asking(bare_app, ids["token"]),
        "stranger": Asking(bare_app, secret),
        "public": Asking(bare_app, None),
        "administrator": Asking(bare_app, ADMIN_TOKEN),
    }
    when = {"starts_local": "2027-02-17T14:00", "duration_minutes": 60, "campus": "other-campus"}
    wish = {"kind": "info_session", "title": OPEN, **when, "rooms": ["other-room"], "experts": ["other-expert"]}
    event = asking["theirs"].api("/events", "POST", **wish).json["id"]
    assert asking["theirs"].api(f"/events/{event}/publish", "POST").status_code == 200
    asking["theirs"].event = event
    return asking


def counted(page: BeautifulSoup) -> dict[str, int]:
    """How many the search says there are, by kind."""
    headings = [words_of(heading).rpartition(" ") for heading in page.select("#results h2")]
    return {kind: int(number) for kind, _, number in headings}


@pytest.mark.parametrize(
    ("words", "seen_by"),
    [
        # A private event is found and counted by those whom it concerns alone.
        ("nobody", {"theirs": [TITLE] * 2, "stranger": [], "public": []}),
        # Who comes to a public one, too: its title is everybody's, its experts are not.
        ("open all", {"theirs": [OPEN], "stranger": [OPEN], "public": [OPEN]}),
        ("other expert", {"theirs": [TITLE] * 2 + [OPEN], "stranger": [], "public": []}),
        # So is a room that its office has not granted yet.
        ("open other room", {"theirs": [OPEN], "stranger": [], "public": []}),
    ],
)
def test_the_search_counts_only_what_it_may_tell(house, words, seen_by):
    for who, titles in {**seen_by, "administrator": seen_by["theirs"]}.items():
        query = words.replace(" ", "+")
        assert house[who].titles(f"/search?q={query}&kind=event") == sorted(titles), who
        assert house[who].titles(f"/events?q={query}") == sorted(titles), who
        assert counted(house[who].page(f"/search?q={query}")).get("Upcoming events", 0) == len(titles), who


def test_the_filter_by_a_person_shows_what_concerns_the_asker(house):
    assert house["theirs"].titles("/events?expert=other-expert") == sorted([TITLE, TITLE, OPEN])
    assert house["stranger"].titles("/events?expert=other-expert") == []
    assert house["public"].api("/events?expert=other-expert").status_code == 401


def test_the_filter_by_a_room_shows_a_promise_to_all_and_a_request_to_those_concerned(house):
    assert house["theirs"].titles("/events?room=other-room") == sorted([TITLE, OPEN])
    assert house["stranger"].titles("/events?room=other-room") == []
    granted = house["administrator"].api(f"/events/{house['theirs'].event}/rooms/other-room/grant", "POST")
    assert granted.status_code == 200, granted.text
    for who in ("stranger", "public"):
        assert house[who].titles("/events?room=other-room") == [OPEN]


def test_open_requests_are_those_that_concern_the_asker(house):
    waiting = {
        who: [words_of(heading) for heading in house[who].page("/requests").select(".waiting h2")]
        for who in ("theirs", "stranger")
    }
    assert sorted(waiting["theirs"]) == sorted([TITLE, TITLE, OPEN])
    assert waiting["stranger"] == []
    page = house["stranger"].page("/requests")
    assert "Nothing waits for a yes." in words_of(page.find("main"))
    assert "other" not in words_of(page.find("main")).casefold()


def test_what_others_have_set_aside_is_taken_and_nothing_more_is_told(house):
    when = {"starts_local": "2027-02-14T10:00", "duration_minutes": 60}
    wish = {"campus": "other-campus", **when, "rooms": ["other-room"], "experts": ["other-expert"], "note": "Secret"}
    held = house["theirs"].api("/holds", "POST", **wish).json
    answer = house["stranger"].api(
        "/holds", "POST", campus="own-campus", **when, rooms=["own-room"], experts=["other-expert"]
    )
    assert [clash["kind"] for clash in answer.json["clashes"]] == ["overlap"]
    assert "on hold for somebody else" in answer.json["clashes"][0]["detail"]
    board = house["stranger"].page("/board?campus=other-campus&day=2027-02-14").get_text()
    free = house["stranger"].api(
        "/availability?campus=other-campus&rooms=other-room&starts_local=2027-02-14T10:00&duration_minutes=60"
    )
    assert free.status_code == 200, free.text
    for told in (answer.text, board, free.text):
        assert "Secret" not in told
        assert held["id"] not in told
        assert "account " not in told


def test_a_plan_that_meets_a_private_event_learns_that_it_is_taken_and_not_by_what(house):
    wish = {"kind": "info_session", "title": "Ours", "campus": "own-campus", "owner": "own-office"}
    wish |= {"starts_local": "2027-02-10T14:00"}
    answer = house["stranger"].api(
        "/events", "POST", **wish, duration_minutes=60, rooms=["own-room"], experts=["other-expert"]
    )
    assert answer.status_code == 409
    assert answer.json["clashes"][0]["resource"]["slug"] == "other-expert"
    assert TITLE not in answer.text
