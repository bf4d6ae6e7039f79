"""`/healthz`: the process answers. `/readyz`: it can also do its work."""

from __future__ import annotations

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from eventsvc.interfaces import schema


def register(app: Flask) -> None:
    """Add the two routes."""

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Alive."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Database reachable and schema at head, else 503."""
        try:
            database, at_head = "ok", schema.is_at_head()
        except SQLAlchemyError:
            database, at_head = "unreachable", False
        ready = database == "ok" and at_head
        words = {"database": database, "schema": "at head" if at_head else "run: eventsvc db upgrade"}
        return jsonify(status="ready" if ready else "not ready", **words), 200 if ready else 503
