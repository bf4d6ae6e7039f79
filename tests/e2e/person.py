"""A person at a browser window: goes to pages and uses them by role and label, and every page is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, Request, Response

from tests.e2e.watching import Watch
from tests.e2e.wording import say

_SETTLED = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"


class Person:
    """Somebody with a window of their own. Words are given in English and looked for in the person's language."""

    def __init__(self, context: BrowserContext, origin: str, language: str, *, watch: Watch | None = None) -> None:
        self.context, self.origin, self.language = context, origin, language
        self.watch = watch or Watch(context, origin)
        self.page = context.new_page()
        self._loads = 0
        self.page.on("load", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self._loads += 1

    def another_window(self) -> Person:
        """The same person and browser, in a second window."""
        return Person(self.context, self.origin, self.language, watch=self.watch)

    def say(self, words: str, **values: object) -> str:
        """Those words in this person's language."""
        return say(self.language, words, **values)

    # --- going about ---------------------------------------------------------------------------------------------

    def go(self, address: str) -> Response:
        """Open an address, or a path of ours."""
        answer = self.page.goto(address if "://" in address else self.origin + address)
        self.look()
        return answer

    def press(self, words: str, within: Locator | None = None, **values: object) -> None:
        """Press the button with those words, and wait for the page that it leads to."""
        self.act(self.button(words, within, **values).click)

    def follow(self, words: str, within: Locator | None = None, **values: object) -> None:
        """Follow the link with those words."""
        self.act((within or self.page).get_by_role("link", name=self.say(words, **values), exact=True).click)

    def act(self, act: Callable[[], object]) -> Response:
        """Do what asks the server for a page, or for a part of one, and wait until it is shown."""
        loads = self._loads
        with self.page.expect_response(_is_shown) as answer:
            act()
        if not is_page(answer.value.request):
            self.page.wait_for_function(_SETTLED)
        elif self._loads == loads:
            self.page.wait_for_event("load")
        self.look()
        return answer.value

    def look(self) -> None:
        """Look at the page as it stands."""
        self.watch.look_at(self.page, self.language)

    # --- finding ------------------------------------------------------------------------------------------------

    def button(self, words: str, within: Locator | None = None, **values: object) -> Locator:
        """The button with those words."""
        return (within or self.page).get_by_role("button", name=self.say(words, **values), exact=True)

    def field(self, label: str) -> Locator:
        """The field of that label, whatever hint stands behind it in the label."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(self.say(label))}(\s|$)")).first

    def heading(self) -> str:
        """The page's first heading."""
        return self.page.get_by_role("heading", level=1).first.inner_text()

    def text(self) -> str:
        """The words of the main part, with single spaces."""
        return " ".join(self.page.get_by_role("main").inner_text().split())


def is_page(request: Request) -> bool:
    """True for what replaces the whole page; not for a frame in it."""
    return request.is_navigation_request() and request.frame.parent_frame is None


def _is_shown(answer: Response) -> bool:
    """An answer that a person sees: not a redirect, not a picture."""
    return (is_page(answer.request) or "hx-request" in answer.request.headers) and not 300 <= answer.status < 400
