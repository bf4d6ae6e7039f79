"""A web server on loopback that answers as it is told, for tests of what is fetched from outside."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """What is answered for a path. `drips` says nothing but one byte of a header now and then."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False


class WebServer(ThreadingHTTPServer):
    """Pages by path, and the requests that came: path and headers."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.pages: dict[str, Page | Callable[[dict[str, str]], Page]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.gone = threading.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def at(self, path: str) -> str:
        return f"http://{self.place}{path}"


class _Answering(BaseHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        headers = dict(self.headers.items())
        self.server.asked.append((self.path, headers))
        page = self.server.pages.get(self.path, Page(status=404))
        page = page if isinstance(page, Page) else page(headers)
        if page.drips:
            self._drip()
            return
        self.send_response(page.status)
        # 304 has no body, and an endless one no length.
        for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.gone.wait(0.05):
            try:
                self.wfile.write(b"a")
            except OSError:
                return

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web_server(certificate: str = "") -> Iterator[WebServer]:
    """A running server; with a certificate (a file of key and certificate) it speaks TLS."""
    with WebServer() as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.gone.set()
            server.shutdown()
            thread.join()
