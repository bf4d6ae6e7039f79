"""The page and the command that show a sample of every letter."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.samples import SAMPLES
from eventsvc.interfaces.cli import cli
from tests import databases
from tests.interfaces.browser import Browser

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def signed_in(bare_app) -> Browser:
    browser = Browser(bare_app)
    browser.sign_in()
    return browser


def test_every_letter_stands_on_the_page_and_leads_to_its_text_and_its_html(bare_app, signed_in):
    page = signed_in.get("/letters?lang=en")
    assert sorted(code.get_text() for code in page.select(".letter-line code")) == sorted(SAMPLES)
    for link in page.select(".letter-line a.subject"):
        name = link["href"].split("/")[2]
        assert signed_in.get(link["href"]).h1.get_text() == link.get_text(), name
        frame = signed_in.page.select_one("iframe.letter-frame")["src"]
        signed_in.get(frame)
        answer = signed_in.response
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == "en"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    with bare_app.app_context():
        assert db.session.scalars(select(Message.id)).all() == []


def test_a_letter_is_shown_in_the_language_that_is_pressed_whatever_the_page_speaks(signed_in):
    page = signed_in.get("/letters/thanks/es?lang=en")
    assert page.html["lang"] == "en"
    assert page.h1.get_text() == "Gracias: Zero-emission <careers> & you"
    assert "List-Unsubscribe-Post" in page.select_one("details").get_text()
    html = signed_in.get("/letters/thanks/es/html")
    assert html.html["lang"] == "es"


@pytest.mark.parametrize(
    "path", ["/letters/none/en", "/letters/thanks/xx", "/letters/thanks/xx/html", "/letters/_next/en"]
)
def test_what_is_no_letter_is_not_found(signed_in, path):
    signed_in.get(path)
    assert signed_in.status == 404


@pytest.mark.parametrize("path", ["/letters", "/letters/thanks/en", "/letters/thanks/en/html"])
def test_samples_are_for_who_runs_the_service(bare_app, path):
    somebody = Browser(bare_app)
    somebody.get(path)
    assert somebody.path.startswith("/sign-in")


@pytest.fixture
def run(database_url, monkeypatch):
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(cli, ["letters", *arguments])


def test_the_command_lists_and_shows_letters(run):
    lines = [line.split("\t") for line in run("list").output.splitlines()]
    assert [line[0] for line in lines] == sorted(SAMPLES)
    assert ["seat_open", "subscribed", "open_seats"] in lines
    assert ["invitation", "transactional", "-"] in lines
    said = run("show", "invitation", "--language", "es").output
    assert said.splitlines()[0].endswith("Zero-emission <careers> & you")
    assert "Hola, Expert One:" in said
    assert run("show", "invitation", "--html").output.startswith("<!doctype html>")
    wrong = run("show", "none")
    assert wrong.exit_code == 1
    assert "There is no such letter." in wrong.output
