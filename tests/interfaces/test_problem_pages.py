"""A no on a page of its own: what happened in plain words, the way on, and a number to name."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask, g
from werkzeug.exceptions import HTTPException, abort

from eventsvc.core.errors import Busy, LinkExpired, NotAllowed, Refusal, SignInNeeded, Stale, WrongState
from eventsvc.interfaces import problems
from tests.interfaces.browser import Browser, words_of

# What only programmers say.
JARGON = ("JSON", "RFC", "HTTP", "request", "token", "refusal", "traceback", "URL", "server", "header", "method")


def page_of(app: Flask, error: Exception) -> BeautifulSoup:
    """The page that a browser gets when a view ends with that."""
    with app.test_request_context("/somewhere", headers={"Accept": "text/html"}):
        g.request_id = "0123456789abcdef"
        answer = problems.refuse(error) if isinstance(error, Refusal) else problems.http_error(error)
        return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def http_error(status: int) -> HTTPException:
    with pytest.raises(HTTPException) as caught:
        abort(status)
    return caught.value


@pytest.mark.parametrize(
    ("error", "headline"),
    [
        *(
            (http_error(status), headline)
            for status, headline in [
                (400, "Your browser sent something that we cannot read"),
                (403, "This is not yours to do"),
                (404, "There is no page at this address"),
                (405, "There is nothing to see at this address"),
                (410, "This page is gone"),
                (413, "That was too much at once"),
                (418, "That did not work"),
                (428, "Please open the page again first"),
                (429, "That was too often"),
                (500, "Something is broken on our side"),
            ]
        ),
        (SignInNeeded("Only planners may do this."), "Please sign in first"),
        (NotAllowed("Only the office in charge may do this."), "This is not yours to do"),
        (WrongState("A cancelled event cannot be published.", possible=[]), "That is not possible now"),
        (LinkExpired("Its time is over."), "This link has expired"),
        (Busy(), "Somebody else was busy with the same things"),
        (Stale("It is version 3 by now."), "Somebody else changed this meanwhile"),
    ],
    ids=lambda value: str(getattr(value, "code", getattr(value, "slug", ""))),
)
def test_a_refusal_says_in_plain_words_what_happened_and_the_way_on(bare_app, error, headline):
    main = page_of(bare_app, error).main
    assert main.h1.get_text() == headline
    assert len(words_of(main.select_one(".lead")).split()) >= 4
    assert main.select("ul.way-on a[href='/']")
    assert "0123456789abcdef" in words_of(main)
    main.details.extract() if main.details else None
    if headline != "That did not work":  # the sentence of a status that nobody thought of is the library's
        assert [word for word in JARGON if word in words_of(main)] == []


def test_what_the_refusal_itself_says_is_never_lost(bare_app):
    for error in (NotAllowed("Only the office may."), WrongState("It is over."), LinkExpired("It ended in May.")):
        assert error.detail in words_of(page_of(bare_app, error).main)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/events/00000000-0000-4000-8000-000000000000", "The event may not be public yet"),
        ("/?campus=nowhere", "There is no campus 'nowhere'."),
        ("/?kind=party", "There is no kind of event “party”."),
        ("/month/2027-13", "There is no such month"),
        ("/problems/party", "There is no refusal of that name."),
        ("/answer/x", "cut off when it was copied"),
        ("/feeds/campus/nowhere.ics", "There is no such calendar."),
    ],
)
def test_what_is_not_found_is_named(world, visitor, path, words):
    visitor.get(path)
    assert visitor.status == 404
    assert words in visitor.text
    assert visitor.page.select("main a[href='/']")


def test_what_is_not_found_can_be_searched_for(bare_app, visitor):
    if "pages.search" not in bare_app.view_functions:
        bare_app.add_url_rule("/search", "pages.search", lambda: "")
    page = visitor.get("/nowhere")
    field = page.select_one("main form[action='/search'] input[name=q]")
    assert page.select_one(f"label[for={field['id']}]").get_text() == "Search for what you wanted"


def test_a_button_s_address_that_is_opened_says_so(bare_app, visitor):
    visitor.get("/sign-out")
    assert visitor.status == 405
    assert "It belongs to a button on another page." in visitor.text


def test_a_form_that_is_too_long_says_so(bare_app):
    bare_app.config["MAX_CONTENT_LENGTH"] = 2000
    browser = Browser(bare_app)
    browser.get("/sign-in")
    browser.post("/sign-in", {"token": "x" * 3000})
    assert browser.status == 413
    assert "That was too much at once" in browser.text


def test_a_bug_shows_its_number_and_nothing_of_itself(bare_app, monkeypatch):
    def broken() -> str:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setitem(bare_app.view_functions, "pages.calendars", broken)
    browser = Browser(bare_app)
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    browser.get("/calendars")
    assert browser.status == 500
    assert "It is no fault of yours" in browser.text
    assert browser.response.headers["X-Request-Id"] in browser.text
    html = browser.response.get_data(as_text=True)
    assert [word for word in ("secret of the house", "ZeroDivision", "Traceback", ".py") if word in html] == []
