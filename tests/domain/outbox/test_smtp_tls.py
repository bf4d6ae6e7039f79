"""A mail server with a good certificate and with bad ones: letters travel as SMTP_TLS and SMTP_CA_FILE say, or wait."""

from __future__ import annotations

import socket
import ssl

import pytest

from eventsvc.core.db import db, transaction
from eventsvc.domain.mail.threads import name_addresses
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.deliver import Delivered, deliver_due
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import SmtpTransport, Tls
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.dovecot import CERTIFICATE
from tests.links import links_of
from tests.post_office import PostOffice, open_post_office

# The certificate is for feeds.test, and its own authority: good where SMTP_CA_FILE names it.
GOOD, OTHER = "feeds.test", "localhost"
TRUSTED, UNKNOWN, ABSENT = str(CERTIFICATE), "", "/nowhere/authorities.pem"


class Watched(PostOffice):
    """Knows which mails came over TLS."""

    def __init__(self) -> None:
        super().__init__()
        self.was_encrypted: list[bool] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd names its hooks so
        self.was_encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def database_url(sqlite_databases):
    """One engine: what is told of here is the mail server."""
    url = sqlite_databases.fresh()
    yield url
    sqlite_databases.drop(url)


@pytest.fixture(autouse=True)
def _named(monkeypatch):
    resolve = socket.getaddrinfo
    here = {GOOD: "127.0.0.1", OTHER: "127.0.0.1"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: resolve(here.get(host, host), *rest, **more))


def sent(scheme: str, host: str, tls: Tls, ca_file: str, *, offers_tls: bool = True) -> tuple[Delivered, Watched]:
    with transaction():
        post.post("confirmed", key="one", to_address="one@port.example", facts=LETTERS["confirmed"], now=NOW)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    speaks = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context} if offers_tls else {}
    with open_post_office(Watched(), **speaks) as office:
        url = f"{scheme}://{host}:{office.url.rpartition(':')[2]}"
        transport = SmtpTransport(url, tls=tls, ca_file=ca_file, letter_seconds=20)
        done = deliver_due(transport, links_of(), "a <events@events.example>", lambda: NOW, name_addresses)
    assert isinstance(office, Watched)
    return done, office


@pytest.mark.parametrize(
    ("scheme", "host", "tls", "ca_file", "offers_tls", "is_encrypted"),
    [
        ("smtp", GOOD, Tls.OFFERED, TRUSTED, True, True),
        ("smtp", GOOD, Tls.REQUIRED, TRUSTED, True, True),
        ("smtps", GOOD, Tls.REQUIRED, TRUSTED, True, True),
        ("smtps", GOOD, Tls.OFF, TRUSTED, True, True),  # from the start is from the start
        ("smtp", GOOD, Tls.OFFERED, TRUSTED, False, False),
        ("smtp", OTHER, Tls.OFF, UNKNOWN, True, False),
    ],
)
def test_a_letter_travels_as_it_was_asked_for(app, scheme, host, tls, ca_file, offers_tls, is_encrypted):
    done, office = sent(scheme, host, tls, ca_file, offers_tls=offers_tls)
    assert (done, office.was_encrypted) == (Delivered(sent=1), [is_encrypted])


@pytest.mark.parametrize("tls", [Tls.OFFERED, Tls.REQUIRED])
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize(
    ("host", "ca_file", "says"),
    [(OTHER, TRUSTED, "Hostname mismatch"), (GOOD, UNKNOWN, "self-signed"), (GOOD, ABSENT, "No such file")],
    ids=["of another name", "of nobody we know", "and no file of authorities"],
)
def test_with_a_bad_certificate_nothing_leaves_not_even_in_the_open(app, scheme, tls, host, ca_file, says):
    done, office = sent(scheme, host, tls, ca_file)
    assert (done, office.raw) == (Delivered(put_off=1), [])
    letter = db.session.query(Message).one()
    assert (letter.state, letter.attempts) == (MessageState.QUEUED, 0), "no fault of the letter"
    assert says in letter.error
