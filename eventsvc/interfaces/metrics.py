"""`/metrics` for Prometheus, behind METRICS_TOKEN; without that setting there is no such door.

An address would be a weak guard: behind a proxy on the same machine everybody comes from there.
"""

from __future__ import annotations

from flask import Flask, Response, request

from eventsvc.core.errors import NotFound, SignInNeeded, say
from eventsvc.interfaces import requests

NEEDED = "METRICS_TOKEN needs prometheus-client: pip install 'eventsvc[prod]'"


def register(app: Flask) -> None:
    """Add the route, and count requests where somebody may read the counts."""
    token = app.config["METRICS_TOKEN"]
    if not token:
        app.add_url_rule("/metrics", requests.METRICS_DOOR, _no_such_door)
        return
    try:
        from eventsvc.interfaces.figures import TEXT, WebFigures
    except ImportError:
        raise RuntimeError(NEEDED) from None
    figures = WebFigures()

    def metrics() -> Response:
        """Figures of delivery and of requests, as Prometheus reads them."""
        if not requests.is_watcher():
            raise SignInNeeded(say("This door is for programs that watch the service: they send METRICS_TOKEN."))
        text = figures.text(is_one_of_several=bool(request.environ.get("wsgi.multiprocess")))
        return Response(text, content_type=TEXT)

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        figures.count(request.method, route, response.status_code)
        return response

    app.add_url_rule("/metrics", requests.METRICS_DOOR, metrics)


def _no_such_door() -> Response:
    raise NotFound(say("There are no figures here."))
