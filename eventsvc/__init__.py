"""eventsvc: plans information sessions, recruitment fairs and convenings.

`create_app` is assembly and nothing else. Read `eventsvc/workflows/` first: a story a file, it is the table of
contents of what the software does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from eventsvc.core.db import database_url, db


def create_app(config: Mapping[str, Any]) -> Flask:
    """Assemble the service from its settings (see config.py).

    Refuses (ValueError): a missing SECRET_KEY.
    """
    from eventsvc.domain.outbox import waiting
    from eventsvc.interfaces import house

    app = Flask(__name__)
    app.config.from_mapping(config)
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url(config["DATABASE_URL"])
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        # Errors may be logged; what people wrote may not.
        "hide_parameters": True,
        # A request may read a feed's version or the demo's clock beside its session: two connections a thread.
        "pool_size": 16,
        "max_overflow": 16,
        "execution_options": {
            "demo_clock": bool(config.get("DEMO")),
            waiting.OPTION: config.get("CHANGES_WAIT_MINUTES", 0),
        },
        **config.get("SQLALCHEMY_ENGINE_OPTIONS", {}),
    }
    db.init_app(app)
    house.furnish(app)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    return app
