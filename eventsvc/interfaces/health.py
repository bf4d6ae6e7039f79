"""`/healthz`: the process answers. `/readyz`: it can also do its work."""

from __future__ import annotations

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from eventsvc.interfaces import rate_limits, schema


def register(app: Flask) -> None:
    """Add the two routes."""

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Alive."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Database reachable and schema at head, else 503; where requests are counted stops nothing."""
        try:
            database, found = "ok", "at head" if schema.is_at_head() else "run: eventsvc db upgrade"
        except SQLAlchemyError:
            database, found = "unreachable", "not known"
        ready = found == "at head"
        status = "ready" if ready else "not ready"
        counters = rate_limits.state_of_storage(app)
        return jsonify(status=status, database=database, schema=found, rate_limits=counters), 200 if ready else 503
