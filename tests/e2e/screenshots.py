"""The pictures of the README and of docs/, taken from a demo whose clock begins on a fixed day.

Run it after a page has changed: `python -m tests.e2e.screenshots`. Nothing is drawn or written over: what is in
docs/images is what Chromium shows.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from playwright.sync_api import Browser, sync_playwright

from eventsvc.interfaces.demo.command import HOST, listen
from tests import live_demo
from tests.e2e import browsers
from tests.e2e.person import Person
from tests.e2e.wording import LOCALES
from tests.e2e.world import EXPERTS_ADDRESS, PASADENA, World

IMAGES = live_demo.CHECKOUT / "docs" / "images"
# Monday morning of the second week of a term, in Los Angeles.
START = "2027-02-08T17:20:00+00:00"
# The addresses that pages show; the browser itself goes to the demo's port.
PUBLIC_URL = "http://events.college.example"
_FROZEN = (
    "import sys, datetime, time_machine\n"
    "from eventsvc.interfaces.cli import main\n"
    f"with time_machine.travel(datetime.datetime.fromisoformat('{START}')):\n"
    "    sys.argv = ['eventsvc', 'demo', *sys.argv[1:]]\n"
    "    main()\n"
)
DESK, PHONE, COLUMN = (1280, 900), (390, 844), (900, 1180)


class Camera:
    """Takes pictures of one demo."""

    def __init__(self, browser: Browser, world: World, folder: Path) -> None:
        self._browser, self._world, self._folder = browser, world, folder

    @contextmanager
    def somebody(self, size: tuple[int, int] = DESK, *, dark: bool = False, language: str = "en") -> Iterator[Person]:
        """A new window of that size."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale=LOCALES[language],
            reduced_motion="reduce",
        )
        person = Person(context, self._world.origin, language)
        yield person
        context.close()
        if person.watch.found:
            raise click.ClickException("; ".join(person.watch.found))

    def take(self, person: Person, name: str) -> None:
        """Keep what the window shows."""
        path = self._folder / f"{name}.png"
        person.page.screenshot(path=path, animations="disabled", caret="hide")
        click.echo(f"{path.name}  {path.stat().st_size // 1000} kB")


def take_all(camera: Camera, world: World) -> None:
    """Every picture, in the order of the story."""
    with camera.somebody() as student:
        student.go("/")
        camera.take(student, "home")
    with camera.somebody(PHONE, dark=True, language="es") as student:
        student.go(f"/?campus={PASADENA}")
        camera.take(student, "home-phone-dark-es")
    with camera.somebody(COLUMN) as planner:
        planner.go("/demo")
        planner.press("Open the filled form")
        planner.press("Plan")
        camera.take(planner, "refusal")
        planner.field("Start").fill("14:00")
        planner.press("Plan")
        planner.press("Publish")
        planner.press("Record the host’s yes")
        event = planner.page.url.rsplit("/", 1)[1]
    with camera.somebody(PHONE) as expert:
        expert.go(world.answer_path("Electric machines of the harbor", EXPERTS_ADDRESS))
        camera.take(expert, "answer-phone")
        expert.press("Yes, I come")
    with camera.somebody() as student:
        student.go(f"/events/{event}")
        camera.take(student, "event")
        student.go(f"/calendars/campus/{PASADENA}")
        camera.take(student, "subscribe")


@click.command()
@click.option(
    "--into", default=IMAGES, show_default=True, type=click.Path(path_type=Path), help="Folder of the pictures."
)
def main(into: Path) -> None:
    """Take the pictures of the README and of docs/ anew.

    Example: python -m tests.e2e.screenshots --into /tmp/pictures
    """
    chromium = browsers.windowless()
    if chromium is None:
        raise click.ClickException(browsers.ABSENT)
    into.mkdir(parents=True, exist_ok=True)
    with closing(listen(0)) as free:
        port = free.getsockname()[1]
    command = (sys.executable, "-c", _FROZEN)
    with (
        tempfile.TemporaryDirectory(prefix="eventsvc-pictures-") as made,
        live_demo.started(
            "--port", str(port), "--data", f"{made}/demo", cwd=Path(made), command=command, PUBLIC_URL=PUBLIC_URL
        ) as demo,
        sync_playwright() as playwright,
    ):
        demo.read_until("next due letter.")
        browser = playwright.chromium.launch(executable_path=chromium, args=browsers.ARGUMENTS)
        world = World(f"http://{HOST}:{port}", demo.address("Admin token"), Path(made) / "demo")
        take_all(Camera(browser, world, into), world)
        browser.close()


if __name__ == "__main__":
    main()
