"""Every setting of eventsvc: its environment variable, its default and what it means.

`load()` reads them from the environment; `create_app` takes the result. Numbers carry their unit in the name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent


class Setting(NamedTuple):
    """One setting; `read` turns the environment's text into the value."""

    name: str
    default: Any
    meaning: str
    read: Callable[[str], Any] = str


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError(text)
    return text == "on"


def _days(text: str) -> dict[str, int]:
    return {name.strip(): int(number) for name, _, number in (part.partition("=") for part in _words(text))}


def _paces(text: str) -> dict[str, int]:
    paces = {domain.lower(): number for domain, number in _days(text).items()}
    if not all(domain and number > 0 for domain, number in paces.items()):
        raise ValueError(text)
    return paces


def _lease(text: str) -> int:
    if (seconds := int(text)) < 5:
        raise ValueError(text)
    return seconds


def _tls(text: str) -> str:
    if text not in ("offered", "required", "off"):
        raise ValueError(text)
    return text


def _minutes(text: str) -> int:
    if not 0 <= int(text) <= 24 * 60:
        raise ValueError(text)
    return int(text)


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")) or not text.isascii():
        raise ValueError(text)
    return text


def _sender(text: str) -> str:
    _, address = parseaddr(text)
    if not address.isascii():  # its name may be in any letters
        raise ValueError(text)
    return text


def _mailbox(text: str) -> str:
    local, _, host = text.rpartition("@")
    if not local or not host or "+" in local or " " in text or not text.isascii():
        raise ValueError(text)
    return text


def _amounts(text: str) -> str:
    from limits import parse_many  # only where one is set: reading the settings stays quick

    parse_many(text)
    return text


SETTINGS = (
    Setting("SECRET_KEY", "", "Signs links and cookies. No default: `serve` refuses to start without it."),
    Setting("SECRET_KEY_FALLBACKS", (), "Older keys, comma-separated, that still verify.", _words),
    Setting(
        "DATABASE_URL",
        f"sqlite:///{HERE / 'instance' / 'eventsvc.sqlite3'}",
        "SQLite by default; postgresql://user@host/name carries many machines.",
    ),
    Setting(
        "PUBLIC_URL",
        "http://127.0.0.1:8000",
        "Where people reach the service, with http:// or https://; every link starts with it.",
        _address,
    ),
    Setting("TRUSTED_PROXIES", 0, "How many reverse proxies stand in front and set X-Forwarded-*.", int),
    Setting("EVENTSVC_ADMIN_TOKEN", "", "The bearer token that may write. Without one nobody may."),
    Setting(
        "FEED_FILES",
        "",
        "A folder of this machine where finished public calendars are kept for processes that begin; none by default.",
    ),
    Setting("OIDC_PROVIDERS", "", "Path of a TOML file of OpenID Connect providers; docs/sign-in.md shows one."),
    Setting(
        "LOCAL_PASSWORD",
        False,
        "`on` or `off`: whether administrators may sign in by a local password; for the first days only.",
        _switch,
    ),
    Setting("SMTP_URL", "", "smtp://[user:password@]host[:port] or smtps://…; without it letters stay queued."),
    Setting(
        "SMTP_TLS",
        "offered",
        "`offered`: encrypted where the server offers it, its certificate verified; `required`: not at all without; "
        "`off`: never, for a server on this machine.",
        _tls,
    ),
    Setting("SMTP_CA_FILE", "", "A PEM file of authorities of your own for the mail server's certificate."),
    Setting(
        "MAIL_PACE",
        {},
        "Letters a minute for a receiving domain, over all processes: gmail.com=60,*=600; * is each other domain.",
        _paces,
    ),
    Setting(
        "MAIL_LEASE_SECONDS",
        240,
        "After how long a letter in the hands of a process that died is taken up by another; 5 or more. No exchange "
        "with the mail server takes longer than five eighths of it.",
        _lease,
    ),
    Setting("MAIL_FROM", "", "Sender of letters; by default eventsvc <events@ the host of PUBLIC_URL>.", _sender),
    Setting(
        "CHANGES_WAIT_MINUTES",
        10,
        "How long letters about changes wait and merge; those about what begins within 24 hours leave at once.",
        _minutes,
    ),
    Setting(
        "MAIL_IN_ADDRESS",
        "",
        "Mailbox where answers by mail arrive, events@calendar.example: what is sent to events+…@ must reach it, too. "
        "Without it people answer by the links of their letters.",
        _mailbox,
    ),
    Setting(
        "MAIL_IN_URL", "", "Where it is read: imaps://user:password@host[:port]/INBOX, imap://… or maildir:///path."
    ),
    Setting("MAIL_IN_SECRET", "", "What a mail relay sends as `Authorization: Bearer …` to POST /inbound/mail."),
    Setting(
        "MAIL_AUTHSERV_ID",
        "",
        "How our own mail server names itself in Authentication-Results; nobody else is believed. It must remove "
        "those that come from outside under its name (RFC 8601, 5).",
    ),
    Setting(
        "ADDRESS_KEY",
        "",
        "Makes the addresses of answers and private feeds, and outlives SECRET_KEY, which counts where it is not set.",
    ),
    Setting("ADDRESS_KEY_FALLBACKS", (), "Older keys, comma-separated, whose addresses still count.", _words),
    Setting(
        "TICK_SECONDS", 15, "How often the scheduler makes a whole round, whether or not something seems due.", int
    ),
    Setting(
        "SCHEDULER_LATE_SECONDS",
        600,
        "`/healthz/scheduler` answers 503 where something has been due for longer.",
        int,
    ),
    Setting(
        "METRICS_TOKEN",
        "",
        "What Prometheus sends as `Authorization: Bearer …` to GET /metrics; without it there is no such door.",
    ),
    Setting(
        "MAX_CONTENT_LENGTH",
        10_000_000,
        "No request body is longer, in bytes; each kind has a cap of its own below it (docs/architecture.md).",
        int,
    ),
    Setting(
        "FETCH_ALLOW",
        (),
        "Hosts (host or host:port, comma-separated) reached by http too and wherever they are: calendars, webhooks.",
        _words,
    ),
    Setting(
        "RATE_LIMIT_STORAGE_URL",
        "",
        "redis://[:password@]host[:port]/number, where all processes count; by default each counts for itself.",
    ),
    Setting("RATE_LIMIT_READS", "1200 per minute", "How often one token or account may read.", _amounts),
    Setting("RATE_LIMIT_WRITES", "300 per minute", "How often one token or account may write.", _amounts),
    Setting(
        "RATE_LIMIT_PUBLIC_READS",
        "3000 per minute",
        "How often one address may read without a credential; a whole campus may share it.",
        _amounts,
    ),
    Setting(
        "RATE_LIMIT_PUBLIC_WRITES",
        "120 per minute",
        "How often one address may send something without a credential, such as answers by a letter's link.",
        _amounts,
    ),
    Setting(
        "RATE_LIMIT_FEEDS",
        "3000 per minute",
        "How many calendars one address may fetch; “not modified” is not counted.",
        _amounts,
    ),
    Setting(
        "RATE_LIMIT_ATTEMPTS",
        "30 per minute; 300 per hour",
        "How often one address may try to sign in, and, counted apart, try links or tokens that are none of ours.",
        _amounts,
    ),
    Setting(
        "RETENTION_DAYS",
        {},
        "Other days than ours for kinds of records (docs/privacy.md): letters=365,sessions=90.",
        _days,
    ),
    Setting("LOG_FORMAT", "text", "`text` or `json`, one line a record on standard error."),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
)


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings of the environment; an empty variable counts as unset. Raises ValueError naming the variable."""
    values = {}
    for setting in SETTINGS:
        text = environ.get(setting.name, "")
        try:
            values[setting.name] = setting.read(text) if text else setting.default
        except ValueError:
            raise ValueError(f"{setting.name}={text!r} cannot be read: {setting.meaning}") from None
    return values
