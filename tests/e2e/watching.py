"""What no page may do, whatever is tested: watched for each browser window, and told at the end of the test."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, Response, WebError

# `scrollWidth` counts what a person would have to scroll to; `name` is the widest culprit, to find it by.
_LOOK = """() => {
    const wide = document.scrollingElement.scrollWidth, room = document.documentElement.clientWidth;
    const culprits = wide <= innerWidth ? [] : [...document.body.querySelectorAll('*')]
        .filter(one => one.getBoundingClientRect().right > room + 0.5)
        .map(one => one.tagName.toLowerCase() + (one.className ? '.' + one.className : ''));
    return {lang: document.documentElement.lang, wide, room: innerWidth, culprits: culprits.slice(-3),
            executed: window.executed ?? document.querySelector('[href^="javascript:" i]')?.href ?? null};
}"""


class Watch:
    """Notes what goes wrong in a context; `found` is empty when nothing did."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.found: list[str] = []
        self._origin = urlsplit(origin)[:2]
        self._refused: set[str] = set()
        context.on("request", self._requested)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", self._broke)
        context.on("dialog", self._asked)

    def look_at(self, page: Page, language: str) -> None:
        """Look at the page as it stands: it fits its width, says its language, and nobody's markup has run."""
        seen = page.evaluate(_LOOK)
        where = f"{urlsplit(page.url).path} at {seen['room']} px"
        if seen["wide"] > seen["room"]:
            self.found.append(f"{where}: scrolls sideways, {seen['wide']} px wide, by {seen['culprits']}")
        if seen["lang"] != language:
            self.found.append(f"{where}: says lang={seen['lang']!r} and is read in {language!r}")
        if seen["executed"]:
            self.found.append(f"{where}: executed what somebody typed: {seen['executed']}")

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url)[:2] != self._origin and not request.url.startswith(("data:", "blob:")):
            self.found.append(f"left the origin: {request.method} {request.url}")

    def _answered(self, response: Response) -> None:
        """A refusal is an answer; the browser calls it an error of the console all the same."""
        asked_by_person = response.request.is_navigation_request() or "hx-request" in response.request.headers
        if 400 <= response.status < 500 and asked_by_person:
            self._refused.add(response.url)
        elif response.status >= 400:
            self.found.append(f"{response.status} for {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        about = message.location.get("url", "")
        if message.text.startswith("Failed to load resource") and about in self._refused:
            return
        self.found.append(f"console {message.type}: {message.text} ({about})")

    def _broke(self, error: WebError) -> None:
        self.found.append(f"script error: {error.error}")

    def _asked(self, dialog: Dialog) -> None:
        self.found.append(f"a dialog opened: {dialog.message}")
        dialog.dismiss()
