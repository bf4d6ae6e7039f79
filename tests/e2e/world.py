"""The live demo as tests set it up: events in every state, planned through the API, and the letters they cause."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import uuid4

from eventsvc.interfaces.demo.folder import KEY
from tests.links import links_of

PASADENA, ROSE_ROOM = "pasadena-city-college", "pcc-rose-room"
THEATER, THEATERS_OFFICE = "lacc-theater", "rooms@lacc.example"
PORT = "port-of-los-angeles"
EXPERT, EXPERTS_ADDRESS = "pelican-example", "pelican@port.example"
# Beyond the programme of the demo, so that nothing there is in the way; each event takes a day of its own, and leaves
# the next one free: the expert comes at most four times a week.
_FIRST_DAY_AHEAD, _APART = timedelta(days=150), timedelta(days=2)

_LETTER = re.compile(r'href="(/outbox/[0-9a-f-]{36})["?]')


class World:
    """A running demo: `origin` is where it listens."""

    def __init__(self, origin: str, token: str, folder: Path) -> None:
        self.origin, self.token, self.folder = origin, token, folder
        self._days = count()
        self._made: dict[str, str] = {}

    def call(self, path: str, body: dict[str, Any] | None = None, *, accept: str = "application/json") -> str:
        """What the demo answers to the administrator; posts when there is a body."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept, "Content-Type": "application/json"}
        asked = Request(self.origin + path, None if body is None else json.dumps(body).encode(), headers)
        try:
            with urlopen(asked, timeout=60) as answer:
                return answer.read().decode()
        except HTTPError as refusal:
            raise AssertionError(f"{path}: {refusal.code} {refusal.read().decode()}") from None

    def a_day(self) -> date:
        """A day that nothing else of this run uses."""
        return today() + _FIRST_DAY_AHEAD + _APART * next(self._days)

    def plan(self, **more: Any) -> str:
        """Plan an event that is free, and publish it; its id."""
        wish = {
            "kind": "info_session",
            "title": "Careers at the port",
            "campus": PASADENA,
            "starts_local": f"{self.a_day()}T10:00",
            "duration_minutes": 60,
            "rooms": [ROSE_ROOM],
            "experts": [EXPERT],
            "expected_heads": 20,
            **more,
        }
        made = json.loads(self.call("/api/v1/events", {name: value for name, value in wish.items() if value != ""}))
        self.call(f"/api/v1/events/{made['id']}/publish", {})
        return made["id"]

    def request(self) -> str:
        """The id of a request of the college to the port, which waits."""
        if "request" not in self._made:
            day = self.a_day()
            windows = [{"first_on": f"{day}", "last_on": f"{day + timedelta(days=4)}"}]
            wish = {"partner": PORT, "campus": PASADENA, "title": "Careers at the port", "windows": windows}
            self._made["request"] = json.loads(self.call("/api/v1/requests", wish))["id"]
        return self._made["request"]

    def round(self) -> str:
        """The id of a round of the port with a request of the college in it."""
        if "round" not in self._made:
            opened = {"office": "port-outreach", "title": "Spring", "closes_on": f"{today() + timedelta(days=20)}"}
            self._made["round"] = json.loads(self.call("/api/v1/rounds", opened))["id"]
            day = self.a_day()
            windows = [{"first_on": f"{day}", "last_on": f"{day + timedelta(days=4)}"}]
            wish = {"partner": PORT, "campus": PASADENA, "title": "In the round", "windows": windows}
            self.call("/api/v1/requests", wish | {"round": self._made["round"]})
        return self._made["round"]

    def offered(self) -> str:
        """The id of a date that the port offers to every college."""
        if "offered" not in self._made:
            said = {"office": "port-outreach", "title": "A tour of the port", "starts_local": f"{self.a_day()}T10:00"}
            said |= {"duration_minutes": 60, "expert": EXPERT, "note": "Sturdy shoes, please."}
            self._made["offered"] = json.loads(self.call("/api/v1/offered-dates", said))["id"]
        return self._made["offered"]

    def series(self) -> str:
        """The id of a series of three dates, of which one could not be had."""
        if "series" not in self._made:
            day = self.a_day()
            self.plan(starts_local=f"{day + timedelta(days=1)}T10:00", experts=[], title="In the way")
            wish = {"kind": "workshop", "title": "A short series", "campus": PASADENA, "rooms": [ROSE_ROOM]}
            dates = [str(day + timedelta(days=number)) for number in range(3)]
            wish |= {"starts_local": f"{day}T10:00", "duration_minutes": 60, "rule": {"kind": "dates", "dates": dates}}
            self.a_day()  # it takes more than a day
            self._made["series"] = json.loads(self.call("/api/v1/series?on_conflict=skip", wish))["id"]
        return self._made["series"]

    def move(self, event_id: str, verb: str) -> str:
        """Lead an event on; its id."""
        self.call(f"/api/v1/events/{event_id}/{verb}", {})
        return event_id

    def call_off(self, event_id: str) -> None:
        """Free what an event holds, whether it was confirmed or not."""
        status = json.loads(self.call(f"/api/v1/events/{event_id}"))["status"]
        self.move(event_id, "cancel" if status == "confirmed" else "withdraw")

    def event(self, state: str) -> str:
        """The id of an event in that state, the same for every test that only looks."""
        if state not in self._made:
            self._made[state] = getattr(self, f"_{state}")()
        return self._made[state]

    def _requested(self) -> str:
        return self.plan(title="Requested: careers at the port", topics=["zero-emission-operations"])

    def _confirmed(self) -> str:
        return self._accepted("Confirmed: careers at the port")

    def _accepted(self, title: str = "Accepted: careers at the port") -> str:
        made = self.move(self.plan(title=title, description="# Come\n\nBring *questions*."), "confirm")
        self.answer(title, "accept")
        return made

    def _proposed(self) -> str:
        title = "Proposed: careers at the port"
        made = self.plan(title=title)
        times = [{"starts_local": f"{self.a_day()}T{hour}:00"} for hour in (10, 13)]
        token = self.answer_path(title).rsplit("/", 1)[1]
        self.call(f"/api/v1/answers/{token}/times", {"times": times, "note": "I teach on that day."})
        self.call(f"/api/v1/events/{made}/remarks", {"words": "Is there a lift?"})
        return made

    def _declined(self) -> str:
        made = self.plan(title="Turned down: careers at the port")
        self.answer("Turned down: careers at the port", "decline")
        return made

    def _cancelled(self) -> str:
        return self.move(self._accepted("Cancelled: careers at the port"), "cancel")

    def _postponed(self) -> str:
        return self.move(self._accepted("Postponed: careers at the port"), "postpone")

    def _all_day(self) -> str:
        when = {"starts_local": "", "duration_minutes": "", "all_day": True, "starts_on": str(self.a_day()), "days": 2}
        self._days = count(next(self._days) + 1)
        return self.plan(title="All day: careers at the port", **when)

    def _online(self) -> str:
        where = {"campus": "", "rooms": [], "owner": "port-outreach", "online_url": "https://meet.example/port"}
        return self.plan(title="Online: careers at the port", **where)

    def _changed_late(self) -> str:
        tomorrow = today() + timedelta(days=1)
        where = {
            "campus": "",
            "rooms": [],
            "experts": [],
            "owner": "port-outreach",
            "online_url": "https://meet.example/1",
        }
        made = self.plan(title="Changed late: careers at the port", starts_local=f"{tomorrow}T10:00", **where)
        self.call(f"/api/v1/events/{made}/move", {"starts_local": f"{tomorrow}T11:00"})
        return made

    def _asks_for_a_room(self) -> str:
        return self.plan(
            title="In the theater: careers at the port", campus="los-angeles-city-college", rooms=[THEATER]
        )

    # --- letters --------------------------------------------------------------------------------------------------

    def answer(self, title: str, word: str) -> None:
        """Let the expert answer, through the newest letter about that event."""
        self.call(f"/api/v1/answers/{self.answer_path(title).rsplit('/', 1)[1]}", {"answer": word})

    def newest_letter(self, to: str = "") -> str:
        """The path of the newest letter to that address."""
        return _LETTER.findall(self.call(f"/outbox?to={quote(to)}", accept="text/html"))[0]

    def an_account(self) -> str:
        """The address of a new coordinator: an address gets a few letters an hour and no more."""
        email = f"planner-{uuid4().hex[:8]}@pcc.example"
        who = {"email": email, "name": "Planner Example", "role": "coordinator", "office": "pcc-career-center"}
        self.call("/api/v1/accounts", who)
        return email

    def sign_in_keys(self, to: str) -> tuple[str, str]:
        """Code and path of the link in the newest letter that signs somebody in."""
        letter = unescape(self.call(self.newest_letter(to), accept="text/html"))
        return re.search(r"^\d{6}$", letter, re.MULTILINE)[0], re.search(r"/sign-in/[\w.-]+", letter)[0]

    def answer_path(self, title: str, to: str = EXPERTS_ADDRESS) -> str:
        """The path of the answer page, from the newest letter that asks about that event."""
        inbox = self.call(f"/outbox?to={quote(to)}", accept="text/html")
        for path in _LETTER.findall(inbox):
            letter = unescape(self.call(path, accept="text/html"))
            found = re.search(r"/answer/[\w.~-]+", letter)
            if found and title in letter:
                return found[0]
        raise AssertionError(f"no letter to {to} asks about {title!r}")

    def season_path(self, to: str = EXPERTS_ADDRESS) -> str:
        """The path of an expert's season, from the newest letter that leads there."""
        return self.path_in_letter("season", to)

    def path_in_letter(self, page: str, to: str) -> str:
        """The path of a page that takes a signed link, from the newest letter to that address that leads there."""
        inbox = self.call(f"/outbox?to={quote(to)}", accept="text/html")
        for path in _LETTER.findall(inbox):
            if found := re.search(rf"/{page}/[\w.~-]+", unescape(self.call(path, accept="text/html"))):
                return found[0]
        raise AssertionError(f"no letter to {to} leads to its {page}")

    def of_the_demo(self, title: str) -> str:
        """The id of an event of the demo's own."""
        found = json.loads(self.call(f"/api/v1/search?kind=event&q={quote(title)}"))["items"]
        return next(one["event"]["id"] for one in found if one["event"]["title"] == title)

    def room_answer_path(self) -> str:
        """The path of the page on which the office of the theater answers, from its newest letter."""
        letter = unescape(self.call(self.newest_letter(THEATERS_OFFICE), accept="text/html"))
        found = re.search(r"/room-answer/[\w.~-]+", letter)
        assert found, "its newest letter asks for no room"
        return found[0]

    def oldest_answer_path(self, to: str) -> str:
        """The path of the answer page of the oldest letter to that address that asks for an answer."""
        address = f"/outbox?to={quote(to)}"
        found = ""
        while address:
            inbox = unescape(self.call(address, accept="text/html"))
            for path in _LETTER.findall(inbox):
                letter = re.search(r"/answer/[\w.~-]+", self.call(path, accept="text/html"))
                found = letter[0] if letter else found
            following = re.search(r'rel="next" href="([^"]+)"', inbox)  # the switch of languages names `before`, too
            address = following[1] if following else ""
        return found

    def made_to_last(self, path: str) -> str:
        """The path of the same answer page by a link that has not expired, signed with the demo's own key."""
        links = links_of("", (self.folder / KEY).read_text().strip())
        invitation, turn = links.read_answer(path.rsplit("/", 1)[1], datetime(2000, 1, 1, tzinfo=UTC))
        return links.answer(invitation, turn, datetime.now(UTC) + timedelta(days=1))


@cache
def today() -> date:
    """The day on which the run began."""
    return datetime.now(UTC).date()
