"""The answer to a call that makes something: 201 with its address, or 200 when it was only tried."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.interfaces.services import services


def created(kind: str, facts: dict[str, Any], *, is_dry: bool) -> Response:
    """The facts of what was made, which is to be read at /api/v1/<kind>/<id>; a dry run has made nothing."""
    response = jsonify(facts)
    if not is_dry:
        response.status_code = 201
        response.headers["Location"] = services().links.to(f"/api/v1/{kind}/{facts['id']}")
    return response
