"""The demo: the whole service with made-up people, a clock that can be moved, and an inbox of every letter.

None of its routes exists outside a demo, and nothing in the environment makes a served database one:
only `eventsvc demo` sets DEMO.
"""

from __future__ import annotations

from flask import Flask

from eventsvc.interfaces.demo import design, pages


def register(app: Flask) -> None:
    """Add the demo's routes, its clock and the component sheet, in a demo only."""
    if app.config.get("DEMO"):
        pages.register(app)
        app.add_url_rule("/design", "demo_design", design.sheet)
