"""A person at a browser: cookies, real CSRF tokens from the page's own forms, redirects followed."""

from __future__ import annotations

import re
from time import time
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from tests.databases import ADMIN_TOKEN, PUBLIC_URL

HOST = urlsplit(PUBLIC_URL).hostname
Values = dict[str, str | list[str]]
# What a browser keeps of having typed the token, and where it was led, by the keys and the moment.
_signed_in: dict[tuple[object, ...], tuple[str, str]] = {}


class Browser:
    """One browser; `page` is what it shows now."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        self._app = app
        self._response: TestResponse | None = None
        self._read: tuple[TestResponse, BeautifulSoup] | None = None
        self.path = "/"
        self.set_cookies: list[str] = []  # headers, as they came

    def cookie(self, name: str) -> str:
        """The value that the browser keeps under that name, or nothing."""
        found = self._client.get_cookie(name, HOST)
        return found.value if found else ""

    def set_cookie(self, name: str, value: str) -> None:
        """Plant a cookie, as one who has copied it would."""
        self._client.set_cookie(name, value, domain=HOST, secure=True)

    def get(self, path: str) -> BeautifulSoup:
        """Open an address."""
        return self._show(path, self._client.get(path, **self._as_browser()))

    def submit(self, button: str, *, values: Values | None = None, within: str = "") -> BeautifulSoup:
        """Press the button with those words, as the page filled its form, with `values` typed or ticked instead."""
        pressed = self._button(button, within)
        form = self.page.find(id=pressed["form"]) if pressed.get("form") else pressed.find_parent("form")
        filled = {**self._filled(form), **(values or {})}
        if pressed.get("name"):
            filled[pressed["name"]] = pressed["value"]
        action = urljoin(self.path, form.get("action") or self.path)
        if form.get("method", "get") == "get":
            response = self._client.get(action, query_string=filled, **self._as_browser())
        else:
            response = self._client.post(action, data=filled, **self._as_browser())
        return self._show(action, response)

    def post(self, path: str, values: Values) -> BeautifulSoup:
        """Send a form that another page once showed, with the token of the page shown now, where it has one."""
        tokens = {str(field["name"]): field["value"] for field in self.page.select("[name=csrf_token]")}
        response = self._client.post(path, data={**values, **tokens}, **self._as_browser())
        return self._show(path, response)

    def sign_in(self) -> None:
        """Type the administrator's token."""
        self.get("/sign-in")
        self.submit("Sign in", values={"token": ADMIN_TOKEN})

    def be_signed_in(self) -> None:
        """Have typed the administrator's token before: where the clock stands still, its cookie is made once."""
        key = (self._app.secret_key, self._app.config["EVENTSVC_ADMIN_TOKEN"], time())
        if key not in _signed_in:
            other = Browser(self._app)
            other.sign_in()
            _signed_in[key] = other.cookie("session"), other.path
        value, self.path = _signed_in[key]
        self.set_cookie("session", value)

    @property
    def response(self) -> TestResponse:
        """What came last; who has opened nothing sees the page that the browser stands on."""
        if self._response is None:
            self.get(self.path)
        return self._response

    @property
    def page(self) -> BeautifulSoup:
        """What it shows, read once; who changes it changes what it shows."""
        if self._read is None or self._read[0] is not self.response:
            is_file = self.response.mimetype == "application/zip"
            words = "" if is_file else self.response.get_data(as_text=True)
            self._read = self.response, BeautifulSoup(words, "html.parser")
        return self._read[1]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """The words of the main part, with single spaces."""
        return words_of(self.page.find("main"))

    def _button(self, label: str, within: str) -> Tag:
        scope = self.page.select_one(within) if within else self.page
        found = [tag for tag in scope.find_all("button") if words_of(tag) == label and not tag.get("aria-hidden")]
        assert found, f"no button {label!r} among {[words_of(tag) for tag in scope.find_all('button')]}"
        return found[0]

    def _show(self, path: str, response: TestResponse) -> BeautifulSoup:
        self.set_cookies += response.headers.getlist("Set-Cookie")
        while response.status_code in (302, 303):
            path = response.headers["Location"]
            response = self._client.get(path, **self._as_browser())
            self.set_cookies += response.headers.getlist("Set-Cookie")
        response.get_data()
        response.close()
        self.path, self._response = path, response
        return self.page

    def _as_browser(self) -> dict[str, object]:
        headers = {"Accept": "text/html,*/*;q=0.8", "Referer": urljoin(PUBLIC_URL, self.path)}
        return {"headers": headers, "base_url": PUBLIC_URL}

    @staticmethod
    def _filled(form: Tag) -> Values:
        """What a browser would send of a form nobody touched."""
        filled: Values = {}
        for field in form.find_all(["input", "textarea", "select"]):
            name = field.get("name")
            if not name:
                continue
            if field.name == "select":
                options = field.find_all("option")
                chosen = [option for option in options if option.has_attr("selected")] or options[:1]
                filled[name] = [option["value"] for option in chosen]
            elif field.get("type") in ("checkbox", "radio"):
                if field.has_attr("checked"):
                    filled.setdefault(name, []).append(field["value"])
            else:
                filled[name] = (
                    field.get_text().removeprefix("\n") if field.name == "textarea" else field.get("value", "")
                )
        return filled


def words_of(tag: Tag) -> str:
    """A tag's text with single spaces."""
    return " ".join(tag.get_text(" ").split())


def rectangles_of(strip: Tag) -> list[tuple[str, str, str]]:
    """What a strip draws: of each rectangle its kind, where it begins and how wide it is, in thousandths."""
    return [
        (path["class"][0], x, width)
        for path in strip.select("path")
        for x, width in re.findall(r"M(\d+) 0h(\d+)v10H\1z", path["d"])
    ]
