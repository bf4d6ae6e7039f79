"""What the doors hand to the floors below: made once by the app factory, reached by `services()`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from eventsvc.core.fetch import Fetcher
from eventsvc.core.links import Links
from eventsvc.domain.feeds.shelf import Shelf
from eventsvc.domain.outbox.smtp import InboxOnly, SmtpTransport, Transport

NAME = "eventsvc"


@dataclass(frozen=True, slots=True)
class Services:
    """The service's own links, shelf, sender and keys."""

    links: Links
    shelf: Shelf
    fetcher: Fetcher
    sender: str
    smtp_url: str
    admin_token: str
    is_demo: bool

    def transport(self) -> Transport | None:
        """How letters leave: SMTP where configured, the inbox page in a demo, else not at all."""
        if self.smtp_url:
            return SmtpTransport(self.smtp_url)
        return InboxOnly() if self.is_demo else None


def services() -> Services:
    """The services of the running app."""
    made: Services = current_app.extensions[NAME]
    return made
