"""A real OpenID provider in a process of its own: npm's oidc-provider, certified, and people who sign in there.

`.ci/run` installs it into .node; without Node or the package its tests are left out, and the run says so.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from joserfc.jwk import RSAKey

VARIABLE = "EVENTSVC_OIDC_PROVIDER"
ABSENT = f"no oidc-provider here: npm install --prefix .node oidc-provider@9, or name its folder in {VARIABLE}"
HERE = Path(__file__).parent
OWN = HERE.parent / ".node" / "node_modules" / "oidc-provider"
CLIENT, SECRET = "eventsvc", "a secret between us and the real provider"


def folder() -> Path | None:
    """Where the package is, if Node is here to run it."""
    found = Path(os.environ.get(VARIABLE) or OWN)
    return found if shutil.which("node") and (found / "lib" / "index.js").exists() else None


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class RealProvider:
    """Started and stopped by a test; started again it has new keys, and has forgotten everybody's session."""

    people: Mapping[str, Mapping[str, Any]]
    back: str
    port: int = field(default_factory=_free_port)
    _process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
        client = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [self.back],
            "post_logout_redirect_uris": ["https://events.example/"],
        }
        knows = {"port": self.port, "keys": [key.as_dict(private=True)], "people": self.people, "client": client}
        command = ["node", str(HERE / "real_provider.mjs"), str(folder()), json.dumps(knows)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while (line := self._process.stdout.readline()) != "ready\n":
            assert line, "the provider did not start"

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def comes(self, address: str, who: str, *, says_no: bool = False) -> str:
        """Somebody signs in there and agrees, or turns away: the path and query they are sent back to."""
        with requests.Session() as browser:
            browser.trust_env = False
            place, answer = _followed(browser, browser.get(address, allow_redirects=False, timeout=20))
            if says_no:
                place, answer = _followed(browser, browser.get(place + "/abort", allow_redirects=False, timeout=20))
            while answer is not None:
                prompt = "login" if 'name="login"' in answer.text else "consent"
                form = {"prompt": prompt, "login": who, "password": "any"}
                answered = browser.post(place, data=form, allow_redirects=False, timeout=20)
                place, answer = _followed(browser, answered)
        parts = urlsplit(place)
        return f"{parts.path}?{parts.query}"


def _followed(browser: requests.Session, answer: requests.Response) -> tuple[str, requests.Response | None]:
    """To the next page that asks something; without a page where it leads back to the service."""
    place = answer.url
    while answer.is_redirect:
        place = urljoin(place, answer.headers["Location"])
        if urlsplit(place).hostname != "127.0.0.1":
            return place, None
        answer = browser.get(place, allow_redirects=False, timeout=20)
    assert answer.status_code == 200, answer.text
    return place, answer


@contextmanager
def real_provider(people: Mapping[str, Mapping[str, Any]], back: str) -> Iterator[RealProvider]:
    """A running one."""
    running = RealProvider(people, back)
    running.start()
    try:
        yield running
    finally:
        running.stop()
