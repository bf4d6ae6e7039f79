"""`/healthz`: the process answers. `/readyz`: it can also do its work. `/healthz/scheduler`: what is due is done."""

from __future__ import annotations

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from eventsvc.core import clock
from eventsvc.domain.outbox import pause
from eventsvc.interfaces import rate_limits, schema
from eventsvc.interfaces.services import services
from eventsvc.workflows import delivery_standing
from eventsvc.workflows.look_for_mail import state_of_mail


def register(app: Flask) -> None:
    """Add the routes."""

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Alive."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Database reachable and schema at head, else 503; counters or a mailbox that are away stop nothing."""
        try:
            database, found = "ok", "at head" if schema.is_at_head() else "run: eventsvc db upgrade"
        except SQLAlchemyError:
            database, found = "unreachable", "not known"
        ready = found == "at head"
        status = "ready" if ready else "not ready"
        counters = rate_limits.state_of_storage(app)
        said = {"status": status, "database": database, "schema": found, "rate_limits": counters}
        return jsonify(said | {"mail_in": _mail_in(ready)}), 200 if ready else 503

    @app.get("/healthz/scheduler")
    def healthz_scheduler() -> ResponseReturnValue:
        """Whether what is due is done: 503 where the oldest has waited too long, but not while somebody paused it."""
        oldest = delivery_standing.oldest_due(clock.now())
        seconds = int(oldest.total_seconds()) if oldest is not None else 0
        is_late = seconds > app.config["SCHEDULER_LATE_SECONDS"]
        status = "paused" if pause.is_paused() else "late" if is_late else "on time"
        return jsonify(status=status, oldest_due_seconds=seconds), 503 if status == "late" else 200


def _mail_in(ready: bool) -> str:
    """How mail comes in; that it does not stops nothing either."""
    made = services()
    if not ready:
        return "not known"
    return state_of_mail(made.mail_place, bool(made.mail_in_secret), clock.now())
