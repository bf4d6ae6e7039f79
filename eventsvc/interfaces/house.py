"""What every door shares: the service's links and shelf, request ids, logs, sign-in by token, health."""

from __future__ import annotations

from pathlib import Path

from flask import Config, Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect

from eventsvc.core.addresses import Addresses
from eventsvc.core.db import db
from eventsvc.core.fetch import Fetcher
from eventsvc.core.links import Links
from eventsvc.core.tokens import Signer
from eventsvc.domain.feeds.items import Stock
from eventsvc.domain.feeds.on_disk import Files
from eventsvc.domain.feeds.polls import Tally
from eventsvc.domain.feeds.sheets import Sheets
from eventsvc.domain.feeds.shelf import Shelf
from eventsvc.domain.outbox.smtp import Tls
from eventsvc.domain.privacy import terms
from eventsvc.interfaces import (
    bearers,
    body_caps,
    demo,
    feeds,
    feeds_for_sites,
    headers,
    health,
    inbound,
    languages,
    log_lines,
    mail_places,
    metrics,
    noticed,
    problems,
    providers_file,
    rate_limits,
    ready_feeds,
    requests,
    schema,
    services,
    signed_in,
)
from eventsvc.interfaces.api import register_api
from eventsvc.interfaces.web import outbox_page, register_pages

csrf = CSRFProtect()


def furnish(app: Flask) -> None:
    """Hang every door into the app, and what they share."""
    config = app.config
    shared = _services(config)
    app.extensions[services.NAME] = shared
    config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=shared.links.public_url.startswith("https:"))
    terms.kept_days(config["RETENTION_DAYS"])  # a kind that nobody knows is refused before anything begins
    languages.register(app)
    Migrate(app, db, directory=str(schema.MIGRATIONS))
    _watch_every_request(app)
    _open_doors(app)
    app.wsgi_app = ready_feeds.ReadyFeeds(app, app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way


def _services(config: Config) -> services.Services:
    """What all doors share, made of the settings."""
    signer = Signer.from_keys([config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]])
    addresses = Addresses.from_keys([config["ADDRESS_KEY"] or config["SECRET_KEY"], *config["ADDRESS_KEY_FALLBACKS"]])
    links = Links(config["PUBLIC_URL"], signer, addresses, config["MAIL_IN_ADDRESS"])
    return services.Services(
        links=links,
        shelf=Shelf(Files(Path(config["FEED_FILES"]) if config["FEED_FILES"] else None)),
        sheets=Sheets(),
        items=Stock(),
        tally=Tally(),
        fetcher=Fetcher(allowed=config["FETCH_ALLOW"]),
        sender=config["MAIL_FROM"] or f"eventsvc <events@{links.host}>",
        smtp_url=config["SMTP_URL"],
        smtp_tls=Tls(config["SMTP_TLS"]),
        smtp_ca_file=config["SMTP_CA_FILE"],
        mail_paces=config["MAIL_PACE"],
        mail_lease_seconds=config["MAIL_LEASE_SECONDS"],
        mail_place=mail_places.read(config["MAIL_IN_URL"]),
        mail_in_secret=config["MAIL_IN_SECRET"],
        mail_authserv_id=config["MAIL_AUTHSERV_ID"],
        admin_token=config["EVENTSVC_ADMIN_TOKEN"],
        is_demo=bool(config.get("DEMO")),
        sign_in_places=providers_file.read(config["OIDC_PROVIDERS"], allowed=config["FETCH_ALLOW"]),
        takes_passwords=config["LOCAL_PASSWORD"],
    )


def _watch_every_request(app: Flask) -> None:
    """What each request passes before its door; the order counts."""
    # First of all: what is refused before its route is reached is numbered and logged too.
    log_lines.register(app.config["LOG_FORMAT"], app.config["LOG_LEVEL"])
    requests.register(app)
    headers.register(app)
    signed_in.register(app)
    bearers.register(app)
    rate_limits.register(app)
    # Before what reads a form; after what counts requests.
    body_caps.register(app)
    csrf.init_app(app)
    problems.register(app)


def _open_doors(app: Flask) -> None:
    health.register(app)
    metrics.register(app)
    feeds.register(app)
    feeds_for_sites.register(app)
    noticed.register()
    inbound.register(app)
    csrf.exempt(inbound.blueprint)
    for blueprint in register_api(app):
        csrf.exempt(blueprint)
    register_pages(app)
    outbox_page.register(app)
    demo.register(app)
