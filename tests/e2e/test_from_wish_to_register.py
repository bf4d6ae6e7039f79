"""From a wish to a person who really comes, in a browser: asked, released, declined on a phone, stepped in, moved by a
day, said again, counted the morning after, in the register. The letters are read where they really went, by SMTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import live_demo
from tests.e2e.conftest import PATIENCE
from tests.e2e.person import Person
from tests.e2e.wording import LANGUAGES, LOCALES
from tests.e2e.world import PASADENA
from tests.post_office import PostOffice, link_in, open_post_office, words_behind, words_of

PLANNER, COLLEGE = "planner@pcc.example", "careers@pcc.example"
PARTNERS_PLANNER, PARTNER = "outreach.planner@port.example", "outreach@port.example"
GULL, EGRET, CORMORANT, TERN = (f"{bird}@port.example" for bird in ("gull", "egret", "cormorant", "tern"))
NAMED, UNDERSTUDY = ("gull-example", "egret-example", "cormorant-example"), "tern-example"
SATURDAY = 5
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


class Town:
    """A demo of its own, whose clock the story moves, the letters that it sends, and those who take part."""

    def __init__(self, origin: str, post_office: PostOffice, browser: Browser) -> None:
        self.origin, self.post_office, self._browser = origin, post_office, browser
        self._read: dict[str, int] = {}
        self.people: list[Person] = []

    def somebody(self, language: str, **more: object) -> Person:
        """A window of its own; on a desk, unless something else is said."""
        window = {"viewport": {"width": 1280, "height": 900}, **more}
        context = self._browser.new_context(locale=LOCALES[language], reduced_motion="reduce", **window)
        context.set_default_timeout(2 * PATIENCE)
        self.people.append(Person(context, self.origin, language))
        return self.people[-1]

    def leave(self) -> list[str]:
        """Close all windows; what was noted in one of them."""
        noted = [one for person in self.people for one in person.watch.found]
        for person in self.people:
            person.context.close()
        self.people = []
        return noted

    # --- letters and time ----------------------------------------------------------------------------------------

    def code(self, address: str) -> str:
        """The code of the newest letter that signs somebody in."""
        return next(word for word in words_of(self._next(address, "/sign-in/")).split() if word.isdecimal())

    def link(self, address: str, page: str, about: str = "") -> str:
        """Where the next letter to that address leads, on that page; what came before it counts as read.

        `about` is a title: the demo has other events, of which letters speak too, and the same letter may.
        """
        return link_in(self._next(address, page, about), page, after=about)

    def link_in_time(self, mover: Person, address: str, page: str, about: str = "") -> str:
        """The same of a letter that waits for working hours: the clock is moved from letter to letter until it came."""
        for _ in range(60):
            if self._unread(address, page, about):
                return self.link(address, page, about)
            mover.press("To the next due letter")
        raise AssertionError(f"no letter to {address} leads to its {page}")

    def _next(self, address: str, page: str, about: str = ""):
        found = self.post_office.wait_until(lambda: self._unread(address, page, about))
        self._read[address] = len(self.post_office.to(address))
        return found[-1]

    def _unread(self, address: str, page: str, about: str):
        new = self.post_office.to(address)[self._read.get(address, 0) :]
        return [mail for mail in new if page in words_behind(about, mail)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("town")
    arguments = ("--port", "0", "--data", str(folder / "made"))
    with (
        open_post_office() as post_office,
        live_demo.started(
            *arguments, cwd=folder, command=live_demo.BUILT_ONCE, SMTP_URL=post_office.url, TICK_SECONDS="1"
        ) as demo,
    ):
        demo.read_until("next due letter.")
        yield Town(demo.address("Start here").removesuffix("/demo"), post_office, browser)
        demo.end()


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_wish_to_the_register(language, town):
    title = {"en": "An open Saturday", "es": "Un sábado abierto"}[language]
    clock = town.somebody(language, java_script_enabled=False)  # its buttons lead to whole pages then
    clock.go("/demo")
    day = a_saturday(now_in(clock))

    college, partner = town.somebody(language), town.somebody(language)
    sign_in(college, town, PLANNER)
    sign_in(partner, town, PARTNERS_PLANNER)
    ask(college, title, day)
    make_an_event(partner, town.link(PARTNER, "/requests/"), day)
    event = find_event(college, town.link(COLLEGE, "/requests/"))
    name_three(college, event)
    have_an_understudy(college, event, "Gull Example")

    release(partner, town.link(PARTNER, "/asked/"), title, how_many=3)
    decline_on_a_phone(town.somebody(language, **PHONE), town.link(GULL, "/answer/", title))
    week = town.link_in_time(clock, PARTNER, "/asked/")
    sign_in(partner, town, PARTNERS_PLANNER)  # so much time may have passed that the session is over
    release(partner, week, title, how_many=1)
    expert = town.somebody(language)
    accept(expert, town.link_in_time(clock, TERN, "/answer/", title))
    for address in (EGRET, CORMORANT):
        accept(expert, town.link(address, "/answer/", title))

    sign_in(college, town, PLANNER)
    confirm(college, event)
    move_by_a_day(college, event, day)
    for address in (TERN, EGRET, CORMORANT):
        accept(expert, town.link_in_time(clock, address, "/answer/", title))
    sign_in(college, town, PLANNER)
    college.go(event)
    assert college.say("Confirmed") in college.text()

    pass_time(clock, until=day + timedelta(days=2))
    heads = {"en": "23", "es": "31"}[language]
    count(town.somebody(language), town.link_in_time(clock, COLLEGE, "/count/", title), heads)
    sign_in(college, town, PLANNER)
    college.go(f"/register/behind?number=counted&from={day}&until={day + timedelta(days=7)}")
    assert title in college.text()
    assert heads in college.text()
    assert town.leave() == []


def now_in(person: Person) -> datetime:
    """The demo's time, as its bar shows it."""
    return datetime.fromisoformat(person.page.locator(".demo-bar time").get_attribute("datetime"))


def a_saturday(now: datetime) -> date:
    """The first that leaves ten days to ask and to answer: in the afternoon nothing else is planned then."""
    day = now.date() + timedelta(days=10)
    return day + timedelta(days=(SATURDAY - day.weekday()) % 7)


def sign_in(person: Person, town: Town, email: str) -> None:
    """By a letter with a code; who is signed in still stays so."""
    person.go("/account")
    if "/sign-in" not in person.page.url:
        return
    person.field("E-mail address").fill(email)
    person.press("Send me the letter")
    person.field("Code").fill(town.code(email))
    person.press("Sign in")


def ask(college: Person, title: str, day: date) -> None:
    """A wish with a window and nobody named; it stands among the college's own."""
    college.go("/requests/new")
    college.field("Partner").select_option("port-outreach")
    college.field("Title").fill(title)
    college.field("Campus").select_option(PASADENA)
    college.page.locator("#f-first_on_1").fill(f"{day}")
    college.press("Ask")
    college.go("/requests/mine")
    assert title in college.text()


def make_an_event(partner: Person, request: str, day: date) -> None:
    """The partner chooses an hour within the wish; the college says who may come."""
    partner.go(request)
    partner.field("Day and hour, within one of the wishes").fill(f"{day}T15:00")
    partner.field("Who comes").select_option("")
    partner.press("Make it an event")
    assert partner.say("Planned. Both offices are told.") in partner.text()


def find_event(college: Person, request: str) -> str:
    """The path of the event that came of it."""
    college.go(request)
    college.follow("Open the event")
    return college.page.url.removeprefix(college.origin)


def name_three(college: Person, event: str) -> None:
    college.go(event + "/move")
    for slug in NAMED:
        college.page.locator(f"input[name=experts][value={slug}]").evaluate("one => one.checked = true")
    college.press("Move")


def have_an_understudy(college: Person, event: str, name: str) -> None:
    """Somebody has agreed to come in that person's place if needed."""
    college.go(event)
    seat = college.page.locator("section.seat").filter(has_text=name)
    seat.locator("details > summary").first.click()
    seat.locator("select[name=who]").select_option(UNDERSTUDY)
    seat.locator("input[name=agreed]").check()
    college.press("Put at the end of the line-up", within=seat)


def release(partner: Person, week: str, title: str, *, how_many: int) -> None:
    """All who wait for that in the week, by one press; whoever else waits there is unticked."""
    partner.go(week)
    waiting = partner.page.locator("label").filter(has=partner.page.locator("input[name=invitation]"))
    for other in waiting.filter(has_not_text=title).all():
        other.locator("input").uncheck()
    ticked = partner.page.locator("input[name=invitation]:checked")
    assert ticked.count() == how_many
    partner.press("Release all who are ticked")
    left = partner.page.locator("section").filter(has=partner.button("Release all who are ticked"))
    assert left.get_by_text(title).count() == 0


def decline_on_a_phone(expert: Person, answer: str) -> None:
    expert.go(f"{answer}?lang={expert.language}")
    expert.press("No, I cannot come")
    assert expert.button("Yes, I come").count() == 1


def accept(expert: Person, answer: str) -> None:
    expert.go(f"{answer}?lang={expert.language}")
    expert.press("Yes, I come")
    assert expert.button("Yes, I come").count() == 0
    assert expert.button("No, I cannot come").count() == 1


def confirm(college: Person, event: str) -> None:
    college.go(event)
    college.press("Record the host’s yes")
    assert college.say("Confirmed") in college.text()


def move_by_a_day(college: Person, event: str, day: date) -> None:
    college.go(event + "/move")
    college.field("Day").fill(f"{day + timedelta(days=1)}")
    college.press("Move")
    assert college.page.url.endswith(event)


def pass_time(clock: Person, until: date) -> None:
    while now_in(clock).date() < until:
        clock.press("+1 day")


def count(host: Person, link: str, heads: str) -> None:
    """Without an account, by the link of the letter."""
    host.go(f"{link}?lang={host.language}")
    host.field("How many came?").fill(heads)
    host.press("Keep the number")
    assert host.say("Thank you, the number is kept") in host.text()
