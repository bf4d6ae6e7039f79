"""Letters that a reader stops: by the mail program's own button, by the page, and again; over real SMTP and HTTP."""

from __future__ import annotations

import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.serving import make_server

from eventsvc.core.db import db, transaction
from eventsvc.core.links import mark_of_reader
from eventsvc.domain.mail.threads import name_addresses
from eventsvc.domain.outbox import choices, post
from eventsvc.domain.outbox.deliver import deliver_due
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.smtp import SmtpTransport
from eventsvc.domain.outbox.streams import Topic
from eventsvc.interfaces.services import services
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.post_office import PostOffice, open_post_office

pytestmark = pytest.mark.usefixtures("still")
READER = "one@port.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def server(bare_app: Flask) -> Iterator[str]:
    """The service behind a real socket; its address."""
    made = make_server("127.0.0.1", 0, bare_app, threaded=True)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


def owe(app: Flask, key: str, letter: str = "thanks", to: str = READER) -> None:
    with app.app_context(), transaction():
        post.post(letter, key=key, to_address=to, facts=LETTERS[letter], now=NOW)


def deliver(app: Flask, office: PostOffice) -> None:
    with app.app_context():
        links = services().links
        deliver_due(SmtpTransport(office.url), links, "eventsvc <events@events.example>", lambda: NOW, name_addresses)


def became(app: Flask, key: str) -> tuple[str, str]:
    with app.app_context():
        message = db.session.query(Message).filter_by(key=key).one()
        return str(message.state), message.error


def address_in(mail: EmailMessage) -> str:
    header = str(mail["List-Unsubscribe"])
    assert header.startswith("<https://events.example/unsubscribe/")
    return urlsplit(header.strip("<>")).path


def press(url: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
    """Without cookies, as a mail program's server does; answers (status, page). A redirection is followed by GET."""
    sent = urllib.parse.urlencode(fields).encode() if fields is not None else None
    request = urllib.request.Request(url, data=sent)  # our own server on loopback
    try:
        with urllib.request.urlopen(request) as answer:  # the same
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_the_button_of_a_mail_program_stops_a_kind_of_letters_and_the_page_brings_it_back(
    bare_app, server, post_office
):
    owe(bare_app, "first")
    deliver(bare_app, post_office)
    mail = post_office.mails[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = server + address_in(mail)
    # Owed before the reader says no, and not sent after it.
    owe(bare_app, "second")
    assert press(page)[0] == 200
    for _ in range(2):
        status, said = press(page, ONE_CLICK)
        assert status == 200
        assert "You do not get these letters any more." in said
    owe(bare_app, "elsewhere", to="two@port.example")
    owe(bare_app, "another kind", "reminder")
    deliver(bare_app, post_office)
    assert became(bare_app, "second") == ("dropped", choices.STOPPED)
    assert sorted(post_office.recipients) == [READER, READER, "two@port.example"]
    assert "Stop these letters" in press(page, {"act": "again"})[1]
    owe(bare_app, "third")
    deliver(bare_app, post_office)
    assert became(bare_app, "third") == ("sent", "")
    assert became(bare_app, "second")[0] == "dropped"


def test_opening_the_link_changes_nothing_whoever_follows_it(bare_app, server, post_office):
    owe(bare_app, "first")
    deliver(bare_app, post_office)
    page = server + address_in(post_office.mails[0])
    for _ in range(3):
        assert "Nothing has changed by opening this page." in press(page)[1]
    assert stopped(bare_app) == set()


@pytest.mark.parametrize(
    ("fields", "off"),
    [
        ({"act": "choose", "topics": "reminders"}, set(Topic) - {Topic.REMINDERS}),
        ({"act": "choose"}, set(Topic)),
        ({"act": "choose", "topics": "nothing of ours"}, set(Topic)),
        ({"act": "stop"}, {Topic.THANKS}),
        ({"List-Unsubscribe": "One-Click", "act": "again"}, {Topic.THANKS}),
    ],
)
def test_the_page_keeps_what_is_chosen_however_often_it_is_pressed(bare_app, still, fields, off):
    path = link(bare_app)
    for _ in range(2):
        assert bare_app.test_client().post(path, data=fields).status_code in (200, 303)
    assert stopped(bare_app) == off


@pytest.mark.parametrize("fields", [{}, {"act": "x"}, {"List-Unsubscribe": "one-click"}, {"act": "stop\x00"}])
def test_a_post_that_says_nothing_of_ours_changes_nothing(bare_app, still, fields):
    answer = bare_app.test_client().post(link(bare_app), data=fields)
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert stopped(bare_app) == set()


def test_a_mail_program_may_send_the_button_as_a_multipart_form(bare_app, still):
    answer = bare_app.test_client().post(link(bare_app), data=ONE_CLICK, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert stopped(bare_app) == {Topic.THANKS}


def test_a_link_that_is_over_or_about_nothing_stops_nothing(bare_app, still):
    client = bare_app.test_client()
    assert client.post(link(bare_app, topic="invitation"), data=ONE_CLICK).status_code == 404
    assert client.post("/unsubscribe/made-up.by-somebody", data=ONE_CLICK).status_code == 404
    path = link(bare_app)
    still.move_to(NOW + timedelta(days=401))
    assert client.post(path, data=ONE_CLICK).status_code == 410
    assert stopped(bare_app) == set()


def test_the_link_of_a_letter_does_not_say_the_address(bare_app, still):
    assert "port" not in link(bare_app)
    page = BeautifulSoup(bare_app.test_client().get(link(bare_app) + "?lang=es").text, "html.parser")
    assert page.html["lang"] == "es"
    assert "Dejar de recibir estos mensajes" in page.text


def link(app: Flask, topic: str = "thanks") -> str:
    with app.app_context():
        return urlsplit(services().links.letters(READER, topic, "en", NOW + timedelta(days=400))).path


def stopped(app: Flask) -> set[Topic]:
    with app.app_context():
        return choices.stopped(mark_of_reader(READER))
