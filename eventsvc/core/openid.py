"""Talks to OpenID providers that whoever runs the service has named: where they are, their keys, a code for claims.

The second way out beside `fetch`, and a narrower one: the hosts stand in a file of the service's own, so they may be
inside a campus, but they are reached by https alone (by http where FETCH_ALLOW names the host), no redirect is
followed, nothing is taken from the environment, and size and time are bounded: whatever a provider does, all that is
asked of it for one person's step is over in seconds. What the provider signs is checked by
Authlib and joserfc. Needs the extra `sso`; imported only where a provider is configured. Never call it inside a
transaction.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from eventsvc.core.deadline import Deadline
from eventsvc.core.errors import NotVouchedFor, ProviderAway, say
from eventsvc.core.fetch import MAX_SECONDS, resolve, trust_of_the_machine

MAX_BYTES = 1_000_000
# Endpoints and keys are asked for again after this; keys also when a signature names one that is not known.
KNOWN_FOR_SECONDS = 3600.0
CLOCKS_DIFFER_SECONDS = 60
# Signatures with a public key only (RFC 7518 3.1): never "none", and never one made with our own secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_MORE_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")
_CAME_BACK_WRONG = (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, AttributeError)


def may_be_reached(address: str, allowed: Sequence[str]) -> bool:
    """True for https, and for http to a host (or host:port) that is named."""
    try:
        parts = urlsplit(address)
        names = (parts.hostname, parts.netloc)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and bool({*names} & {*allowed}))
    )


@dataclass(frozen=True, slots=True)
class OpenIdClient:
    """This service as one provider knows it. `allowed`: hosts that may be reached by http (FETCH_ALLOW).

    Each call of a public method is over after `max_seconds`, all that is asked in it taken together.
    """

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    allowed: tuple[str, ...] = ()
    max_seconds: float = MAX_SECONDS
    # What the provider said of itself, its keys, and when: shared by threads, replaced as a whole.
    _known: dict[str, tuple[float, Any]] = field(default_factory=dict, repr=False, compare=False)

    def address(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in there (RFC 7636, S256). Refuses ProviderAway."""
        deadline = Deadline.after(self.max_seconds)
        endpoint = self._about(deadline)["authorization_endpoint"]
        with self._session(deadline, back=back) as session:
            made = session.create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        return str(made[0])

    def claims(self, *, back: str, code: str, nonce: str, verifier: str, now: datetime) -> dict[str, Any]:
        """What the provider says of the person who brought that code; signed claims win over the unsigned ones.

        Refuses: ProviderAway; NotVouchedFor where the code is not taken, or what comes back is not what was asked for.
        """
        deadline = Deadline.after(self.max_seconds)
        endpoint = self._about(deadline)["token_endpoint"]
        try:
            with self._session(deadline, back=back) as session:
                given = session.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
                )
                signed = self._signed(given, nonce, now, deadline)
                return {**self._unsigned(session, signed, deadline), **signed}
        except RequestException:
            raise _away() from None
        except _CAME_BACK_WRONG as error:
            raise NotVouchedFor(
                say("What came back from there cannot be accepted (%(kind)s).", kind=type(error).__name__)
            ) from error

    def sign_out_address(self, back: str) -> str:
        """Where one signs out there, too; empty where the provider has no such page. Refuses ProviderAway."""
        about = self._about(Deadline.after(self.max_seconds))
        endpoint = str(about.get("end_session_endpoint", ""))
        query = urlencode({"client_id": self.client_id, "post_logout_redirect_uri": back})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}" if endpoint else ""

    def _signed(self, given: Mapping[str, Any], nonce: str, now: datetime, deadline: Deadline) -> dict[str, Any]:
        """The claims of the ID token (OpenID Connect Core 3.1.3.7)."""
        token = self._decoded(str(given["id_token"]), deadline)
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        params = {"nonce": nonce, "client_id": self.client_id, "access_token": given.get("access_token")}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(now.timestamp()), leeway=CLOCKS_DIFFER_SECONDS)
        return dict(claims)

    def _decoded(self, id_token: str, deadline: Deadline) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._keys(deadline), algorithms=ALGORITHMS)
        except (InvalidKeyIdError, BadSignatureError):
            # The provider may have changed its keys since they were asked for.
            return jwt.decode(id_token, self._keys(deadline, anew=True), algorithms=ALGORITHMS)

    def _unsigned(self, session: OAuth2Session, signed: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        """What is told at the userinfo endpoint: many providers keep groups and addresses there (Core 5.3.2)."""
        endpoint = self._about(deadline).get("userinfo_endpoint")
        if not endpoint:
            return {}
        told = dict(_json(session.get(endpoint)))
        if told.get("sub") != signed["sub"]:
            raise ValueError("the userinfo endpoint speaks of somebody else")
        return told

    def _about(self, deadline: Deadline) -> Mapping[str, Any]:
        about: Mapping[str, Any] = self._kept("about", lambda: self._discovered(deadline))
        return about

    def _discovered(self, deadline: Deadline) -> Mapping[str, Any]:
        """The provider's own description (OpenID Connect Discovery 4)."""
        about: dict[str, Any] = self._asked(self.issuer.rstrip("/") + "/.well-known/openid-configuration", deadline)
        places = [about.get(name) for name in _ENDPOINTS]
        places += [about[name] for name in _MORE_ENDPOINTS if about.get(name)]
        if about.get("issuer") != self.issuer or not all(
            may_be_reached(str(one or ""), self.allowed) for one in places
        ):
            raise _away()
        return about

    def _keys(self, deadline: Deadline, *, anew: bool = False) -> KeySet:
        def ask() -> KeySet:
            return KeySet.import_key_set(self._asked(self._about(deadline)["jwks_uri"], deadline))

        keys: KeySet = self._kept("keys", ask, anew)
        return keys

    def _kept(self, name: str, ask: Callable[[], Any], anew: bool = False) -> Any:
        at, known = self._known.get(name, (0.0, None))
        if known is None or anew or time.monotonic() > at + KNOWN_FOR_SECONDS:
            known = ask()
            self._known[name] = time.monotonic(), known
        return known

    def _asked(self, address: str, deadline: Deadline) -> Any:
        try:
            with self._session(deadline) as session:
                return dict(_json(session.get(address, withhold_token=True)))
        except (RequestException, ValueError, TypeError):
            raise _away() from None

    def _session(self, deadline: Deadline, *, back: str = "") -> OAuth2Session:
        about = self._known.get("about", (0.0, {}))[1]
        ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        session = OAuth2Session(
            self.client_id,
            self.secret,
            scope=" ".join(self.scopes),
            redirect_uri=back or None,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
        )
        session.trust_env, session.max_redirects = False, 0
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Bounded(self.allowed, deadline))
        return session


class _Bounded(HTTPAdapter):
    """Talks to addresses that may be reached, until a deadline, and takes so much."""

    def __init__(self, allowed: Sequence[str], deadline: Deadline) -> None:
        self._allowed, self._deadline, self._watched = allowed, deadline, ExitStack()
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        # Campus certificates that the machine trusts count, beside those that come with the library.
        super().init_poolmanager(*args, **kwargs, ssl_context=trust_of_the_machine())

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """The library's pool, whose connections are made in time and cut in time."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        kind = _WatchedSecurely if pool.scheme == "https" else _Watched

        def connecting(**more: Any) -> HTTPConnection:
            connection = kind(**more)
            connection.connected = self._connected
            return connection

        pool.ConnectionCls = connecting  # type: ignore[assignment]  # called, never asked for its class
        return pool

    def _connected(self, host: str, port: int) -> socket.socket:
        addresses = self._deadline.answer_of(lambda: resolve(host, port))
        with ExitStack() as on_failure:
            connection = on_failure.enter_context(self._deadline.connected(addresses, port))
            self._watched.enter_context(self._deadline.cutting(connection))
            on_failure.pop_all()
        return connection

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        if not may_be_reached(request.url or "", self._allowed):
            raise RequestException("only https is spoken")
        try:
            answer = super().send(request, stream=True, timeout=self._deadline.left(), verify=True)
            body = answer.raw.read(MAX_BYTES + 1, decode_content=True)
            answer.close()
            self._deadline.left()  # a body that was cut off may look whole
        except (HTTPError, OSError) as error:
            raise RequestException(type(error).__name__) from error
        if len(body) > MAX_BYTES:
            raise RequestException("too large")
        answer.raw = io.BytesIO(body)
        return answer

    def close(self) -> None:
        self._watched.close()
        super().close()


class _Watched(HTTPConnection):
    """A connection that whoever asked for it opens, and watches from its first byte on."""

    connected: Callable[[str, int], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.connected(self.host, self.port)


class _WatchedSecurely(_Watched, HTTPSConnection):
    """The same, with TLS over it."""


def _json(answer: Response) -> Any:
    answer.raise_for_status()
    return answer.json()


def _away() -> ProviderAway:
    return ProviderAway(say("It does not answer, or not as an OpenID provider does."))
