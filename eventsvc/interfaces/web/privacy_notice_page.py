"""What is kept of people, in words for everybody; the terms are those that the scheduler keeps."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from eventsvc.domain.outbox import sender
from eventsvc.domain.privacy import terms
from eventsvc.interfaces.services import services


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/privacy-notice", view_func=privacy_notice)


def privacy_notice() -> str:
    """Of students nothing, of others what planning takes; how long, and whom to ask."""
    _, address = sender.parts(sender.present(services().sender))
    return render_template(
        "privacy_notice.html", days=terms.kept_days(current_app.config["RETENTION_DAYS"]), address=address
    )
