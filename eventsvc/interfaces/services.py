"""What the doors hand to the floors below: made once by the app factory, reached by `services()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from eventsvc.core.fetch import Fetcher
from eventsvc.core.links import Links
from eventsvc.domain.feeds.items import Stock
from eventsvc.domain.feeds.polls import Tally
from eventsvc.domain.feeds.sheets import Sheets
from eventsvc.domain.feeds.shelf import Shelf
from eventsvc.domain.mail.places import Place
from eventsvc.domain.outbox.deliver import Delivery
from eventsvc.domain.outbox.pacing import Paces
from eventsvc.domain.outbox.smtp import LETTER_SECONDS, InboxOnly, SmtpTransport, Tls, Transport
from eventsvc.interfaces.providers_file import SignInPlace

NAME = "eventsvc"


@dataclass(frozen=True, slots=True)
class Services:
    """The service's own links, shelves, sender and keys."""

    links: Links
    shelf: Shelf
    sheets: Sheets
    items: Stock
    tally: Tally
    fetcher: Fetcher
    sender: str
    smtp_url: str
    smtp_tls: Tls
    smtp_ca_file: str
    mail_paces: Paces
    mail_lease_seconds: int
    # Where mail that comes in is read, what a relay shows, and how our own mail server names itself (RFC 8601).
    mail_place: Place | None
    mail_in_secret: str
    mail_authserv_id: str
    admin_token: str
    is_demo: bool
    # Providers of sign-ins elsewhere, by slug; and whether a local password lets in.
    sign_in_places: Mapping[str, SignInPlace]
    takes_passwords: bool

    def transport(self, *, keep_open: bool = False) -> Transport | None:
        """How letters leave: SMTP where configured, the inbox page in a demo, else not at all."""
        if self.smtp_url:
            return SmtpTransport(
                self.smtp_url,
                tls=self.smtp_tls,
                ca_file=self.smtp_ca_file,
                keep_open=keep_open,
                # What is left of a lease when it is renewed is longer than a letter may take.
                letter_seconds=min(LETTER_SECONDS, self.mail_lease_seconds * 5 / 8),
            )
        return InboxOnly() if self.is_demo else None

    def delivery(self, *, is_stopping: Callable[[], bool] = lambda: False) -> Delivery:
        """What a process keeps to when it delivers."""
        return Delivery(timedelta(seconds=self.mail_lease_seconds), self.mail_paces, is_stopping)


def services() -> Services:
    """The services of the running app."""
    made: Services = current_app.extensions[NAME]
    return made
