"""The only way out: reads a link that somebody gave us, or posts to it, and is not to be used against the inside.

The name is resolved once and the address that was checked is the address that is talked to, so a name that answers
differently the second time (DNS rebinding) changes nothing. Redirects are followed by hand and checked like the first
link; what is posted follows none. Nothing is taken from the environment: no proxy, no .netrc, no cookies. Never call
it inside a transaction.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from eventsvc.core import caps
from eventsvc.core.deadline import Deadline, TimeIsUp
from eventsvc.core.errors import Refusal, say
from eventsvc.core.public_addresses import is_public

MAX_BYTES = caps.CALENDAR.most_bytes
MAX_SECONDS = 10.0
MAX_REDIRECTS = 5
MAX_LINK_LENGTH = 1_000
_ADDRESSES_TRIED = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_PACKINGS = ("", "identity", "gzip", "x-gzip")
# Of what a posting is answered, which people look at when it went wrong.
MAX_EXCERPT_BYTES = 300
_MAX_LOOK_SECONDS = 2.0

Resolver = Callable[[str, int], Sequence[str]]


class NotFetched(Refusal):
    """What a link leads to could not be had; the sentence says why."""

    slug = "not-fetched"
    title = say("The address cannot be read")
    status = 422


class NotKnown(NotFetched):
    """The name has no address now."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a link led to. `etag` and `last_modified` are the server's own words, to be handed back the next time."""

    body: bytes
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server said to a posting: its status, how its answer begins, and what it asks us to wait, if it does."""

    status: int
    excerpt: str = ""
    retry_after_seconds: int | None = None


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the machine's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def trust_of_the_machine() -> ssl.SSLContext:
    """The certificates that the machine trusts, read once; names are verified against them."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches within the limits above. `allowed` (FETCH_ALLOW) names what may be reached wherever it is, by http too.

    `resolver` and `trust` (which certificates; by default the machine's) are handed in by tests.
    """

    allowed: tuple[str, ...] = ()
    resolver: Resolver = resolve
    trust: Callable[[], ssl.SSLContext] = trust_of_the_machine
    max_seconds: float = MAX_SECONDS

    def check(self, link: str) -> str:
        """The link as it will be kept, webcal:// turned into https://.

        Refuses: what can be seen without asking anybody: no https, a password in it, an address that is not public.
        """
        parts = self._parts(link)
        host = parts.hostname or ""
        is_inside = "." not in host.strip(".") and ":" not in host
        is_number = host.replace(".", "").isdigit() or ":" in host
        if not self._is_allowed(parts) and (is_inside or (is_number and not is_public(host))):
            raise _inside(host)
        return parts.geturl()

    def fetch(self, link: str, *, etag: str = "", last_modified: str = "") -> Fetched | None:
        """What the link leads to; None when the server says that it has not changed (RFC 9110 13.1).

        Bounds:  1 MB after unpacking, 10 seconds in all whatever the server does, 5 redirects.
        Refuses: NotFetched with the reason.
        """
        try:
            return self._followed(link, etag, last_modified)
        except TimeIsUp:
            raise NotFetched(say("It took too long to answer.")) from None

    def look_up(self, link: str) -> None:
        """Refuses a link whose name leads inside today; a name that is not known, or not soon, may still become one."""
        parts = self._parts(link)
        try:
            self._addresses(parts, Deadline.after(min(self.max_seconds, _MAX_LOOK_SECONDS)))
        except (NotKnown, TimeIsUp):
            return

    def post(self, link: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Hand those bytes to the link; whatever status it answers is returned, a redirect as one.

        Bounds:  10 seconds in all, as `fetch`; of the answer the first 300 bytes are read.
        Refuses: NotFetched with the reason where nothing was answered, or the address must not be talked to.
        """
        deadline = Deadline.after(self.max_seconds)
        parts = self._parts(link)
        answered = None
        try:
            with self._answer(parts, {**_POSTED, **headers}, deadline, body) as answer:
                answered = _answered(answer)
        except TimeIsUp:
            if answered is None:  # the status counts, however slowly the rest comes
                raise NotFetched(say("It took too long to answer.")) from None
        assert answered is not None
        return answered

    def _followed(self, link: str, etag: str, last_modified: str) -> Fetched | None:
        deadline = Deadline.after(self.max_seconds)
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in asked.items() if value}
        for _ in range(MAX_REDIRECTS + 1):
            parts = self._parts(link)
            with self._answer(parts, {**_READ, **headers}, deadline) as answer:
                if answer.status not in _REDIRECTS:
                    return _read(answer)
                link = urljoin(parts.geturl(), answer.headers.get("Location", ""))
        raise NotFetched(say("It leads on and on: more than %(most)d redirects.", most=MAX_REDIRECTS))

    def _parts(self, link: str) -> SplitResult:
        parts = _split(link)
        if parts.scheme != "https" and not (parts.scheme == "http" and self._is_allowed(parts)):
            raise NotFetched(say("Only addresses that begin with https:// or webcal:// are read."))
        return parts

    def _is_allowed(self, parts: SplitResult) -> bool:
        return parts.hostname in self.allowed or f"{parts.hostname}:{_port(parts)}" in self.allowed

    def _addresses(self, parts: SplitResult, deadline: Deadline) -> list[str]:
        """The addresses of the host: all of them must be public, or none is talked to."""
        host = parts.hostname or ""
        try:
            addresses = deadline.answer_of(lambda: self.resolver(host, _port(parts)))
        except (OSError, UnicodeError):
            deadline.left()
            raise NotKnown(say("The name %(host)s is not known.", host=host)) from None
        if not addresses:
            raise NotKnown(say("The name %(host)s is not known.", host=host))
        if not self._is_allowed(parts) and not all(is_public(address) for address in addresses):
            raise _inside(host)
        return list(addresses)[:_ADDRESSES_TRIED]

    @contextmanager
    def _answer(
        self, parts: SplitResult, headers: Mapping[str, str], deadline: Deadline, body: bytes | None = None
    ) -> Iterator[BaseHTTPResponse]:
        """The head of an answer to a question, or to a posted body; whoever reads on inside the block is watched."""
        addresses = self._addresses(parts, deadline)
        try:
            with deadline.connected(addresses, _port(parts)) as plain, deadline.cutting(plain):
                connection = HTTPConnection(addresses[0], _port(parts), timeout=deadline.left())
                connection.sock = plain
                if parts.scheme == "https":
                    # Verified against the name, though the address is what was connected to.
                    connection.sock = self.trust().wrap_socket(plain, server_hostname=parts.hostname)
                with connection.sock, closing(_asked(connection, parts, headers, body)) as answer:
                    yield answer
            deadline.left()  # a body that was cut off may look whole
        except ssl.SSLCertVerificationError as error:
            reason = error.verify_message
            raise NotFetched(say("Its certificate is not trusted: %(reason)s.", reason=reason)) from None
        except (HTTPError, HTTPException, OSError) as error:
            deadline.left()
            kind = type(error).__name__
            raise NotFetched(say("%(host)s did not answer (%(kind)s).", host=parts.hostname, kind=kind)) from None


def _split(link: str) -> SplitResult:
    """The parts of a link, its host in ASCII, no default port; refuses what two readers may read differently."""
    unreadable = NotFetched(say("That is not an address such as https://calendar.example.edu/rooms/a101.ics."))
    link = link.strip()
    if len(link) > MAX_LINK_LENGTH or "\\" in link or not link.isprintable() or " " in link:
        raise unreadable
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        raise unreadable from None
    if not host or port == 0:
        raise unreadable
    if "@" in parts.netloc:
        raise NotFetched(say("An address with a user name or a password in it is not read."))
    scheme = "https" if parts.scheme in ("webcal", "webcals") else parts.scheme
    shown = f"[{host}]" if ":" in host else host
    netloc = f"{shown}:{port}" if port and port != _default_port(scheme) else shown
    return parts._replace(scheme=scheme, netloc=netloc, fragment="")


def _default_port(scheme: str) -> int:
    return 80 if scheme == "http" else 443


def _port(parts: SplitResult) -> int:
    return parts.port or _default_port(parts.scheme)


def _inside(host: str) -> NotFetched:
    return NotFetched(
        say("%(host)s is not an address in the open internet, and only such addresses are used.", host=host)
    )


_OURS = {"User-Agent": "eventsvc/0.1", "Connection": "close"}
_READ = {**_OURS, "Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip"}
_POSTED = {**_OURS, "Content-Type": "application/json", "Accept": "*/*", "Accept-Encoding": "identity"}


def _asked(
    connection: HTTPConnection, parts: SplitResult, headers: Mapping[str, str], body: bytes | None
) -> BaseHTTPResponse:
    target = quote(parts.path or "/", safe="/%:=&~+!$,;'@()*")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:=&~+!$,;'@()*?")
    method = "GET" if body is None else "POST"
    connection.request(method, target, body, {"Host": parts.netloc, **headers}, preload_content=False)
    return connection.getresponse()


def _answered(answer: BaseHTTPResponse) -> Answered:
    """A body that cannot be read takes nothing from the status, which was said before it."""
    wait = answer.headers.get("Retry-After", "").strip()
    try:
        begin = answer.read(MAX_EXCERPT_BYTES, decode_content=False)
    except (HTTPError, HTTPException, OSError):
        begin = b""
    words = "".join(letter if letter.isprintable() else " " for letter in begin.decode(errors="replace"))
    is_seconds = wait.isascii() and wait.isdigit() and len(wait) < 10
    return Answered(answer.status, " ".join(words.split()), int(wait) if is_seconds else None)


def _read(answer: BaseHTTPResponse) -> Fetched | None:
    if answer.status == 304:
        return None
    if answer.status != 200:
        raise NotFetched(say("It answered with status %(status)d.", status=answer.status))
    too_large = NotFetched(caps.CALENDAR_TOO_LARGE)
    length = answer.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > MAX_BYTES:
        raise too_large
    if answer.headers.get("Content-Encoding", "").strip().lower() not in _PACKINGS:
        raise NotFetched(say("It is packed in a way that was not asked for."))
    # The library unpacks no more than is asked for, so a bomb stays small.
    body = answer.read(MAX_BYTES + 1, decode_content=True)
    if len(body) > MAX_BYTES:
        raise too_large
    return Fetched(body, _kept(answer, "ETag", most=200), _kept(answer, "Last-Modified", most=60))


def _kept(answer: BaseHTTPResponse, name: str, *, most: int) -> str:
    """The server's word for the state of what it sent, where it is one that can be handed back."""
    value = str(answer.headers.get(name, ""))
    return value if len(value) <= most and value.isascii() and value.isprintable() else ""
