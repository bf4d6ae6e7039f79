"""A system that takes webhooks, as a college may run one: a real web server, and a check of signatures of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def is_ours(secret: str, call: Call, *, now: float | None = None) -> bool:
    """What a receiver does by the standard alone: nothing of the service is asked."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    moment = call.headers["webhook-timestamp"]
    if now is not None and abs(int(moment) - now) > 300:
        return False
    signed = b".".join([call.id.encode(), moment.encode(), call.body])
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [word.partition(",") for word in call.headers["webhook-signature"].split()]
    return any(version == "v1" and hmac.compare_digest(mac, wanted) for version, _, mac in given)


class Receiver(ThreadingHTTPServer):
    """Answers as `answer` says: a status, and headers beside it. Every call stands in `calls`, in the order it came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.calls: list[Call] = []
        self.taken: list[Call] = []
        self.answer: Callable[[Call], tuple[int, dict[str, str]]] = lambda call: (204, {})
        self.gone = threading.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.place}/in?key=theirs"


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server.calls.append(call)
        status, headers = self.server.answer(call)
        if status == 0:  # hang until the test is over
            self.server.gone.wait(30)
            return
        if 200 <= status < 300:
            self.server.taken.append(call)
        words = b"" if status == 204 else b"said\x00 <b>by the system</b> " + b"x" * 5_000
        self.send_response(status)
        for name, value in {"Content-Length": str(len(words)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A running receiver."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.gone.set()
            server.shutdown()
            thread.join()
