"""The API, to be read: made of its OpenAPI document, on a page of our own, without anybody else's script."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from eventsvc.interfaces.api import reading
from eventsvc.interfaces.services import services

_READING = "api_reading"


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/docs/api", view_func=api_docs)


def api_docs() -> str:
    """Every operation by tag, and how to ask at all."""
    return render_template(
        "api_docs.html",
        reading=_reading(),
        address=services().links.to("/api/v1"),
        limits={"reads": current_app.config["RATE_LIMIT_READS"], "writes": current_app.config["RATE_LIMIT_WRITES"]},
    )


def _reading() -> reading.Reading:
    """Made once in each process: the document does not change while it runs."""
    kept = current_app.extensions
    if _READING not in kept:
        kept[_READING] = reading.read(kept["api"].document())
    found: reading.Reading = kept[_READING]
    return found
