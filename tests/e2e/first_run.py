"""The first run in a browser, from an empty database to a college that is ready, counted and timed step by step.

`python -m tests.e2e.first_run` walks it and prints the tables of docs/first-run.md. A machine needs seconds; how long a
person needs is reckoned from what was counted, by the keystroke-level model (Card, Moran and Newell 1980) and a usual
speed of reading. The rule stands in `Step.person_seconds`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from tests import databases
from tests.commands import shared
from tests.e2e import browsers
from tests.e2e.person import Person
from tests.e2e.wording import LOCALES
from tests.post_office import PostOffice, link_in, open_post_office
from tests.servers import Server, serving

# Seconds. K: a typist of 40 words a minute; P: point with the mouse; B: press and release its button; H: move the hand
# between mouse and keys; M: think what to do next. All from Card, Moran and Newell, CACM 23 (1980), 396-410.
K, P, B, H, M = 0.28, 1.10, 0.20, 0.40, 1.35
WORDS_READ_A_SECOND = 238 / 60  # silent reading of English (Brysbaert 2019, J. Mem. Lang. 109)
TARGET_SECONDS = 15 * 60

# Strong enough for a service that others can reach.
KEY, TOKEN = "q8-Zt3rXw0b_UyLk5sPdVn2MhG7aJcEf4oRiTx9", "s3T-uYb8wQz1_KpLm6nVhX0dGfJrCe2aOi5R"
PUBLIC_URL = "https://events.harbor-college.example"
HERS, COLLEAGUE = "ada@harbor.example", "lee@harbor.example"

# The lines of a page. Nobody reads a list of 400 zones of which one is chosen already.
_LINES = """() => {
    const main = document.querySelector('main');
    const options = new Set([...main.querySelectorAll('option, optgroup')].map(one => one.innerText.trim()));
    return main.innerText.split('\\n').map(one => one.trim()).filter(one => one && !options.has(one));
}"""


@dataclass(slots=True)
class Step:
    """What one step took: words seen for the first time, fields filled, keys, presses, and seconds of the machine."""

    name: str
    words: int = 0
    fields: int = 0
    keys: int = 0
    presses: int = 0
    waited_seconds: float = 0

    def person_seconds(self) -> float:
        """A person who has every fact at hand: reads each line once, fills and presses, and waits for the server.

        A field: M P B (find and click it), H (to the keys), K for each key, H (back to the mouse). A press: M P B.
        """
        typing = self.fields * (M + P + B + 2 * H) + self.keys * K
        return self.words / WORDS_READ_A_SECOND + typing + self.presses * (M + P + B) + self.waited_seconds


@dataclass(slots=True)
class Walk:
    """Somebody who sets up the first college, and what it took so far."""

    person: Person
    post_office: PostOffice
    steps: list[Step] = field(default_factory=list)
    read: set[str] = field(default_factory=set)  # lines; what was read stands on the next page, too, and is passed over

    def begin(self, name: str) -> None:
        """From here on everything counts for that step."""
        self.steps.append(Step(name))

    @property
    def now(self) -> Step:
        """The step that is counted."""
        return self.steps[-1]

    def fill(self, label: str, words: str) -> None:
        """Type into the field of that label."""
        self.person.field(label).fill(words)
        self.now.fields += 1
        self.now.keys += len(words)

    def press(self, words: str) -> None:
        """Press the button with those words."""
        self._presses(lambda: self.person.press(words))

    def follow(self, words: str) -> None:
        """Follow the link with those words."""
        self._presses(lambda: self.person.follow(words))

    def open(self, words: str) -> None:
        """Open what is folded up under those words; no page is asked for."""
        self.person.page.get_by_text(words, exact=True).click()
        self.now.presses += 1

    def go(self, path: str) -> None:
        """Open an address; its keys are not counted, for it stands in a letter or is printed by the server."""
        self._seen(lambda: self.person.go(path))

    def wait_for(self, words: str, *, seconds: float) -> None:
        """Wait until the page says those words by itself."""
        begun = time.perf_counter()
        self.person.page.get_by_text(words).wait_for(timeout=seconds * 1000)
        self.now.waited_seconds += time.perf_counter() - begun
        self.person.look()

    def _presses(self, act: Callable[[], object]) -> None:
        self.now.presses += 1
        self._seen(act)

    def _seen(self, act: Callable[[], object]) -> None:
        begun = time.perf_counter()
        act()
        self.now.waited_seconds += time.perf_counter() - begun
        lines = {line for line in self.person.page.evaluate(_LINES) if line not in self.read}
        self.read |= lines
        self.now.words += sum(len(line.split()) for line in lines)


def walk(steps: Walk) -> None:
    """The whole way; fails where a page does not say what it should."""
    _begin(steps)
    _places(steps)
    _people_and_letters(steps)
    _calendar_and_rest(steps)


def _begin(steps: Walk) -> None:
    steps.begin("welcome and sign-in")
    steps.go("/")
    assert "Nothing is here yet" in steps.person.text()
    steps.follow("Set up the first college")
    steps.person.field("Token").fill(TOKEN)  # pasted: two keys
    steps.now.fields, steps.now.keys = 1, 2
    steps.press("Sign in")
    steps.begin("1 college and office")
    assert "Step 1 of 8" in steps.person.text()
    steps.fill("Name of the college", "Harbor Example College")
    steps.fill("Mailbox of the office", "careers@harbor.example")
    steps.fill("Telephone", "310 555 0100")
    steps.press("Save and go on")


def _places(steps: Walk) -> None:
    steps.begin("2 campus")
    steps.fill("Street and number", "1111 Figueroa Place")
    steps.fill("City", "Wilmington")
    steps.fill("ZIP code", "90744")
    steps.fill("Place on the map", "33.7849, -118.2831")
    steps.fill("Opening hours", "Mon-Fri 08:00-21:00")
    steps.press("Save and go on")
    steps.begin("3 two rooms")
    for name, seats in (("Seahawk Hall", "120"), ("Room 101", "30")):
        steps.fill("Name of the room", name)
        steps.fill("Seats", seats)
        steps.press("Save the room")
    assert "Step 4 of 8 · 3 of 8 are done" in steps.person.text()


def _people_and_letters(steps: Walk) -> None:
    steps.begin("4 first expert")
    steps.fill("Name of the new employer", "Port of Example")
    steps.fill("Mailbox of the new employer", "outreach@port.example")
    steps.fill("Name of the expert", "Pelican Example")
    steps.fill("Topics", "Zero-emission work, clean water")
    steps.press("Save and go on")
    steps.begin("5 letters")
    steps.open("Choose another sender")
    steps.fill("Name of the sender", "Career events")
    steps.fill("Address of the sender", "events@harbor.example")
    steps.press("Save the sender")
    steps.fill("Send it to", HERS)
    steps.press("Send a test letter")
    steps.wait_for("The mail server has taken it.", seconds=30)
    (letter,) = steps.post_office.to(HERS)
    assert "events@harbor.example" in letter["From"]
    steps.follow("It arrived: go on")
    steps.begin("6 first colleague")
    for name, address in (("Ada Example", HERS), ("Lee Example", COLLEAGUE)):
        steps.fill("Name", name)
        steps.fill("E-mail address", address)
        steps.press("Let them in")


def _calendar_and_rest(steps: Walk) -> None:
    steps.begin("7 calendar address")
    assert "Step 7 of 8 · 6 of 8 are done" in steps.person.text()
    address = steps.person.field("Address of this calendar").input_value()
    # The phone: its calendar program asks once it has been told the address.
    assert urlopen(steps.person.origin + address.removeprefix(PUBLIC_URL), timeout=30).status == 200
    steps.follow("Look again")
    assert "somebody has subscribed" in steps.person.text()
    steps.follow("Next step")
    steps.begin("8 what is missing")
    assert "Students should not see this yet." in steps.person.text()
    assert "No event is public yet" in steps.person.text()
    steps.go("/plan?campus=harbor-example-college")
    steps.fill("Title", "Careers at the port")
    steps.person.field("Day").fill("2090-03-01")
    steps.person.field("Start").fill("14:00")
    steps.now.fields, steps.now.keys = steps.now.fields + 2, steps.now.keys + 12
    steps.press("Plan")
    steps.press("Publish")
    steps.go("/setup/harbor-example-college/ready")
    assert "Ready: students may see it." in steps.person.text()


def invitation_of_colleague(post_office: PostOffice) -> str:
    """Where the colleague's letter leads; waits for nothing, the letter of the first step left long before."""
    return link_in(post_office.to(COLLEAGUE)[0], "/sign-in")


@contextmanager
def empty_service(folder: Path, post_office: PostOffice) -> Iterator[Server]:
    """Server and scheduler on an empty database, as the README starts them."""
    settings = databases.environment(
        f"sqlite:///{folder}/first.sqlite3",
        SECRET_KEY=KEY,
        EVENTSVC_ADMIN_TOKEN=TOKEN,
        PUBLIC_URL=PUBLIC_URL,
        SMTP_URL=post_office.url,
        TICK_SECONDS="1",
    )
    said = str(folder / "said")
    commands, told = shared(), {"environment": settings, "written": said, "errors": said}
    assert commands.start("db", "upgrade", **told).wait() == 0, Path(said).read_text()
    with serving(settings) as server:
        scheduler = commands.start("scheduler", **told)
        try:
            yield server
        finally:
            scheduler.ask_to_stop()
            scheduler.wait()


def walked(browser: Browser, folder: Path) -> list[Step]:
    """Walk the whole way in that browser; what each step took."""
    with open_post_office() as post_office, empty_service(folder, post_office) as server:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale=LOCALES["en"], reduced_motion="reduce"
        )
        steps = Walk(Person(context, server.url, "en"), post_office)
        try:
            walk(steps)
            assert steps.person.watch.found == []
        finally:
            context.close()
        return steps.steps


def table(steps: list[Step]) -> str:
    """What was counted, as Markdown."""
    lines = ["| step | fields | keys | presses | new words | machine, s | person, reckoned |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    total = Step("**together**")
    for one in steps:
        lines.append(_line(one))
        total.fields += one.fields
        total.keys += one.keys
        total.presses += one.presses
        total.words += one.words
        total.waited_seconds += one.waited_seconds
    return "\n".join([*lines, _line(total)])


def _line(one: Step) -> str:
    minutes, seconds = divmod(round(one.person_seconds()), 60)
    counted = f"{one.fields} | {one.keys} | {one.presses} | {one.words} | {one.waited_seconds:.1f}"
    return f"| {one.name} | {counted} | {minutes}:{seconds:02} |"


def main() -> None:
    """Walk and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browsers.windowless(), args=browsers.ARGUMENTS)
        sys.stdout.write(table(walked(browser, Path(folder))) + "\n")
        browser.close()


if __name__ == "__main__":
    main()
