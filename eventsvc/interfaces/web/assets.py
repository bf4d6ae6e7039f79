"""What pages load besides themselves: versions in the addresses, so that browsers keep files and still see changes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_compress import Compress

_A_YEAR = 31_536_000
_AN_HOUR = 3600
# Calendar feeds are zipped when they are rendered, and JSON keeps the ETag that If-Match must meet again.
_COMPRESSED = ["text/html", "text/css", "text/javascript", "image/svg+xml"]


def register(app: Flask) -> None:
    """Number the static files, let browsers keep them, and compress what is text."""
    folder = Path(app.static_folder or "")
    # Pages hold a token of the session beside words of the address. The token is signed anew with each second, so
    # that nobody can guess it piece by piece from the lengths of many pages (BREACH).
    app.config.update(COMPRESS_MIMETYPES=_COMPRESSED, COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_MIN_SIZE=1000)
    Compress(app)

    @app.url_defaults
    def number(endpoint: str, values: dict[str, Any]) -> None:
        # The stylesheet names the font without a number, and a preload must name the same address.
        if endpoint == "static" and not values["filename"].endswith(".woff2"):
            values["v"] = _version(folder / values["filename"])

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            is_lasting = "v" in request.args or request.path.endswith(".woff2")
            response.cache_control.public = True
            response.cache_control.no_cache = None
            response.cache_control.max_age = _A_YEAR if is_lasting else _AN_HOUR
            response.cache_control.immutable = is_lasting
            if response.mimetype in _COMPRESSED:
                # Read here, so that the file is closed with the response: compression would drop it open.
                response.direct_passthrough = False
                response.make_sequence()
        return response


@cache
def _version(file: Path) -> str:
    """A few digits that change with the file; empty for a file that is not there."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else ""
