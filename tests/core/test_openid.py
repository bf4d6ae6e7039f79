"""Talking to an OpenID provider: an exchange is over in time, whatever the provider does with its bytes."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from eventsvc.core import openid
from eventsvc.core.errors import ProviderAway
from eventsvc.core.openid import OpenIdClient
from tests import crooked_provider
from tests.crooked_provider import CrookedProvider
from tests.web_server import Page, web_server

CERTIFICATE = Path(__file__).with_name("feeds.test.pem")
ABOUT, TOKEN, ME, KEYS = "/.well-known/openid-configuration", "/token", "/me", "/keys"
BACK = "https://events.example/back"
PATIENCE_SECONDS = 0.5
# Far more than that, far less than what drips: an answer that is not cut off never comes.
LONG_SECONDS = 20


@pytest.fixture
def provider() -> Iterator[CrookedProvider]:
    with crooked_provider.crooked_provider() as running:
        running.says = {"sub": "ada-1"}
        yield running


def client(provider: CrookedProvider, max_seconds: float = PATIENCE_SECONDS) -> OpenIdClient:
    return OpenIdClient(
        provider.issuer,
        crooked_provider.CLIENT,
        crooked_provider.SECRET,
        allowed=("127.0.0.1",),
        max_seconds=max_seconds,
    )


def claims(provider: CrookedProvider, known: OpenIdClient) -> dict[str, object]:
    """The whole way there and back."""
    there = known.address(back=BACK, state="s", nonce="n", verifier="v" * 43)
    code = parse_qs(urlsplit(provider.back_of(there)).query)["code"][0]
    return known.claims(back=BACK, code=code, nonce="n", verifier="v" * 43, now=datetime.now(UTC))


def given_up(ask: Callable[[], object]) -> None:
    began = time.perf_counter()
    with pytest.raises(ProviderAway):
        ask()
    assert time.perf_counter() < began + LONG_SECONDS


def test_somebody_is_vouched_for_in_time(provider):
    assert claims(provider, client(provider, LONG_SECONDS))["sub"] == "ada-1"


@pytest.mark.parametrize("path", [ABOUT, TOKEN, ME, KEYS])
def test_a_provider_whose_answer_drips_without_end_is_cut_off(provider, path):
    provider.drips = {path}
    given_up(lambda: claims(provider, client(provider)))
    assert path in provider.asked


def test_the_answers_of_one_step_are_bounded_together(provider):
    """Each of the three comes in time, and all of them do not."""
    provider.drips, provider.slow_seconds = {TOKEN, KEYS, ME}, PATIENCE_SECONDS * 0.6
    known = client(provider)
    known.address(back=BACK, state="s", nonce="n", verifier="v" * 43)
    given_up(lambda: claims(provider, known))


def test_what_drips_and_ends_in_time_counts(provider):
    provider.drips, provider.slow_seconds = {ABOUT, TOKEN, KEYS, ME}, 0.05
    assert claims(provider, client(provider, LONG_SECONDS))["sub"] == "ada-1"


def test_a_name_that_nobody_answers_for_is_given_up(monkeypatch):
    gone = threading.Event()
    monkeypatch.setattr(openid, "resolve", lambda _host, _port: ["127.0.0.1"] if gone.wait() else [])
    known = OpenIdClient("https://login.test", "eventsvc", "secret", max_seconds=0.2)
    given_up(lambda: known.address(back=BACK, state="s", nonce="n", verifier="v" * 43))
    gone.set()


@pytest.fixture
def by_tls(monkeypatch) -> None:
    """The names of the test lead to this machine, and its certificate is trusted."""
    monkeypatch.setattr(openid, "resolve", lambda _host, _port: ["127.0.0.1"])
    monkeypatch.setattr(openid, "trust_of_the_machine", lambda: ssl.create_default_context(cafile=str(CERTIFICATE)))


def by_name(port: int, host: str = "feeds.test", max_seconds: float = LONG_SECONDS) -> OpenIdClient:
    return OpenIdClient(f"https://{host}:{port}", "eventsvc", "secret", max_seconds=max_seconds)


@pytest.mark.usefixtures("by_tls")
def test_tls_is_verified_against_the_name_and_bounded_alike():
    with web_server(str(CERTIFICATE)) as server:
        port, about = server.server_port, ["authorization_endpoint", "token_endpoint", "jwks_uri"]
        places = ", ".join(f'"{name}": "https://feeds.test:{port}/{name}"' for name in about)
        server.pages[ABOUT] = Page(f'{{"issuer": "https://feeds.test:{port}", {places}}}'.encode())
        asked = {"back": BACK, "state": "s", "nonce": "n", "verifier": "v" * 43}
        assert by_name(port).address(**asked).startswith(f"https://feeds.test:{port}/authorization_endpoint?")
        with pytest.raises(ProviderAway):
            by_name(port, "other.test").address(**asked)
        server.pages[ABOUT] = Page(drips=True)
        given_up(lambda: by_name(port, max_seconds=PATIENCE_SECONDS).address(**asked))
