"""Fixtures of the browser tests: one demo and one browser a worker, a window for each person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests import live_demo
from tests.crooked_provider import SECRET, CrookedProvider, crooked_provider
from tests.e2e import browsers
from tests.e2e.person import Person
from tests.e2e.wording import LOCALES
from tests.e2e.world import World
from tests.providers_toml import a_provider, written

HERE = Path(__file__).parent
SECONDS = 1000  # Playwright counts in milliseconds
PATIENCE = 20 * SECONDS
NewPerson = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is e2e."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The command in a process of its own; it must end in its sentence and have shown no bug."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        crooked_provider() as provider,
        live_demo.started(
            *("--port", "0", "--data", str(folder / "made")),
            cwd=folder,
            command=live_demo.BUILT_ONCE,
            **_ways_in(provider, folder),
        ) as demo,
    ):
        demo.read_until("next due letter.")
        yield World(demo.address("Start here").removesuffix("/demo"), demo.address("Admin token"), folder / "made")
        demo.end()


def _ways_in(provider: CrookedProvider, folder: Path) -> dict[str, str]:
    """Settings with a provider and with passwords: the page of signing in with all that it can hold."""
    rule = {"claim": "groups", "values": ["career-staff"], "role": "coordinator", "office": "pcc-career-center"}
    provider.tells_about_itself = {"end_session_endpoint": provider.issuer + "/out"}
    provider.says = {
        "sub": "1",
        "email": "heron@pcc.example",
        "email_verified": True,
        "name": "Heron Example",
        "groups": ["career-staff"],
    }
    path = written(folder, a_provider(provider.issuer, roles=[rule]))
    return {
        "OIDC_PROVIDERS": path,
        "TEST_OIDC_SECRET": SECRET,
        "FETCH_ALLOW": "127.0.0.1",
        "LOCAL_PASSWORD": "on",
    }


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser is; without one the test is left out."""
    path = browsers.chromium()
    if path is None:
        pytest.skip(browsers.ABSENT)
    return path


@pytest.fixture(scope="session")
def playwright(chromium_path: str) -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    path = browsers.windowless() or chromium_path
    running = playwright.chromium.launch(executable_path=path, args=browsers.ARGUMENTS)
    yield running
    running.close()


@pytest.fixture(scope="session")
def planners_cookies(browser: Browser, world: World) -> Any:
    """What the browser of somebody keeps who has signed in."""
    with browser.new_context() as context:
        person = Person(context, world.origin, "en")
        person.go("/sign-in")
        person.field("Token").fill(world.token)
        person.press("Sign in")
        assert person.watch.found == []
        return context.storage_state()


@pytest.fixture
def new_person(browser: Browser, world: World, request: pytest.FixtureRequest) -> Iterator[NewPerson]:
    """Opens windows; at the end everything that was noted in one of them fails the test."""
    people: list[Person] = []

    def make(
        language: str = "en",
        *,
        role: str = "student",
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
        **more: Any,
    ) -> Person:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
            storage_state=request.getfixturevalue("planners_cookies") if role == "planner" else None,
            **more,
        )
        context.set_default_timeout(PATIENCE)
        people.append(Person(context, world.origin, language))
        return people[-1]

    yield make
    for person in people:
        person.context.close()
    assert [noted for person in people for noted in person.watch.found] == []


@pytest.fixture
def cookieless(playwright: Playwright, chromium_path: str, world: World, tmp_path: Path) -> Iterator[Person]:
    """Somebody whose browser is set to keep no cookies."""
    (tmp_path / "Default").mkdir()
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium_path, args=browsers.ARGUMENTS, locale=LOCALES["en"]
    )
    context.set_default_timeout(PATIENCE)
    person = Person(context, world.origin, "en")
    yield person
    context.close()
    assert person.watch.found == []
