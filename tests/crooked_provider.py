"""An OpenID provider on loopback that signs whatever a test wants, also what no real one would.

The real one, npm's oidc-provider, is in tests/stories/test_real_provider.py; this one forges, and maps.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "eventsvc", "a secret between us of the provider"
PATHS = {
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "jwks_uri": "/keys",
    "userinfo_endpoint": "/me",
}


class CrookedProvider(ThreadingHTTPServer):
    """Says of the person who comes what `says` holds; `twists` changes the claims that are signed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.says: dict[str, Any] = {}
        self.twists: Callable[[dict[str, Any]], None] = lambda claims: None
        self.tells_about_itself: dict[str, Any] = {}
        self.signs_with: Any = None
        self.algorithm = "RS256"
        self.asked: list[str] = []
        self.seen: Callable[[], None] = lambda: None
        self.is_away = False
        self.leads_astray: set[str] = set()
        # The paths whose answers come byte by byte: for so many seconds, None: without end.
        self.drips: set[str] = set()
        self.slow_seconds: float | None = None
        self.gone = threading.Event()
        self._codes: dict[str, dict[str, str]] = {}
        self.rotate()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def rotate(self) -> None:
        """A new key under a new name; the one before is known no more."""
        self.key = RSAKey.generate_key(2048, {"use": "sig"}, private=True, auto_kid=True)

    def comes(self, address: str, **says: Any) -> str:
        """Somebody signs in: the path and query that their browser is sent back to."""
        self.says = says or self.says
        parts = urlsplit(self.back_of(address))
        return f"{parts.path}?{parts.query}"

    def back_of(self, address: str) -> str:
        """The address to which the provider sends a browser that came to that one."""
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == self.issuer + PATHS["authorization_endpoint"]
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def answer(self, path: str, sent: dict[str, list[str]]) -> tuple[int, Any]:
        if path in self.leads_astray:
            return 302, self.issuer + "/astray"
        if path == "/.well-known/openid-configuration":
            about = {name: self.issuer + place for name, place in PATHS.items()}
            return 200, {"issuer": self.issuer, **about, **self.tells_about_itself}
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/me":
            return 200, self.says
        return self._token(sent) if path == "/token" else (404, {})

    def _token(self, sent: dict[str, list[str]]) -> tuple[int, Any]:
        asked = self._codes.pop(sent["code"][0], None)
        digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims["sub"] = self.says.get("sub")
        self.twists(claims)
        header = {"alg": self.algorithm, "kid": self.key.kid}
        signed = jwt.encode(header, claims, self.signs_with or self.key, algorithms=[self.algorithm])
        return 200, {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": signed}


def a_shared_key() -> OctKey:
    """Our own secret as a signing key: whoever knows it must not be able to vouch for anybody."""
    return OctKey.import_key(SECRET)


class _Answering(BaseHTTPRequestHandler):
    server: CrookedProvider

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(parse_qs(body.decode()))

    def _answer(self, sent: dict[str, list[str]]) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        self.server.seen()
        if path == PATHS["authorization_endpoint"]:
            # A browser of its own: whoever `says` tells of signs in without a word.
            status, said = 302, self.server.back_of(self.server.issuer + self.path)
        else:
            status, said = (503, {}) if self.server.is_away else self.server.answer(path, sent)
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if path not in self.server.drips:  # else it ends where the connection does
            self.send_header("Content-Length", str(len(body)))
        if status in (301, 302):
            self.send_header("Location", said)
        self.end_headers()
        if path in self.server.drips:
            self._drip(body)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        """Spaces, which JSON takes, and the body at the end of them, should there be one."""
        began = time.perf_counter()
        with suppress(OSError):
            while self.server.slow_seconds is None or time.perf_counter() < began + self.server.slow_seconds:
                self.wfile.write(b" ")
                if self.server.gone.wait(0.02):
                    return
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def crooked_provider() -> Iterator[CrookedProvider]:
    """A running one."""
    with CrookedProvider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.gone.set()
            server.shutdown()
            thread.join()
