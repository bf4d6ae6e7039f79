"""In which language somebody is answered, and what the floors below have said in it.

`?lang=es` in the address wins and is remembered in a cookie that holds nothing else; then that cookie; then what is
known of the invited person; then what the browser asks for; then English. As long as the cookie has not come back,
every address that we make carries the choice along, so that it lasts without cookies too. Programs have no cookies
and no pages: the JSON door reads Accept-Language alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import Babel, get_domain, refresh
from markupsafe import Markup

from eventsvc.core.errors import Said
from eventsvc.interfaces.library_words import recognized
from eventsvc.interfaces.services import services

# By our tag: how people call it themselves, and the locale whose dates and times they write in California.
NAMES = {"en": "English", "es": "Español"}
LOCALES = {"en": "en_US", "es": "es_US"}
SOURCE = "en"
COOKIE, ARGUMENT = "language", "lang"
A_YEAR_SECONDS = 365 * 24 * 3600
# Endpoints whose answers hold words of ours for people: only their addresses carry a language.
_PAGES = ("pages.", "guests.", "outbox.", "demo")


def register(app: Flask) -> None:
    """Choose the language of each answer, label it, and let addresses carry the choice where no cookie does."""
    Babel(app, locale_selector=lambda: LOCALES[present()])
    app.before_request(refresh)
    app.after_request(_label)
    app.url_defaults(_carry)
    app.add_template_global(links, "language_links")
    app.add_template_global(field, "language_field")


def present() -> str:
    """The language of this answer, one of ours."""
    if not has_request_context():
        return SOURCE
    best = _first_of_ours(tag for tag, quality in request.accept_languages if quality) or SOURCE
    if request.path.startswith("/api/"):
        return best
    return _asked() or _remembered() or g.get("language_of_guest") or best


def prefer(tag: str) -> None:
    """Answer an invited person in their own language (a BCP 47 tag) unless this browser says another."""
    g.language_of_guest = _first_of_ours([tag])
    refresh()


def _first_of_ours(tags: Iterable[str]) -> str:
    """The first of those tags that we speak: somebody from Mexico reads our Spanish rather than English."""
    bases = (re.split("[-_]", tag.lower())[0] for tag in tags)
    return next((base for base in bases if base in NAMES), "")


def _asked() -> str:
    asked = request.args.get(ARGUMENT, "")
    return asked if asked in NAMES else ""


def _remembered() -> str:
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in NAMES else ""


def _must_be_carried() -> bool:
    """True while the choice stands in the address only."""
    return bool(_asked()) and _asked() != _remembered()


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    if request and endpoint.startswith(_PAGES) and _must_be_carried():
        values.setdefault(ARGUMENT, _asked())


def field() -> Markup:
    """For forms that are read by GET, whose fields replace what their address carried."""
    if not _must_be_carried():
        return Markup("")
    return Markup('<input type="hidden" name="{}" value="{}">').format(ARGUMENT, _asked())


def links() -> list[dict[str, Any]]:
    """Where this page stands in each language: the same address and filters, or the page that a form belongs to."""
    is_read = request.method in ("GET", "HEAD")
    path = request.path if is_read or _can_be_read(request.path) else request.path.rpartition("/")[0]
    query = request.args.to_dict(flat=False) if is_read else {}
    return [
        {
            "tag": tag,
            "name": name,
            "is_present": tag == present(),
            # One slash at the start: two would be the address of another host.
            "url": f"/{quote(path.lstrip('/'))}?{urlencode({**query, ARGUMENT: tag}, doseq=True)}",
        }
        for tag, name in NAMES.items()
    ]


def _can_be_read(path: str) -> bool:
    return current_app.url_map.bind("").test(path, "GET")


def _label(response: Response) -> Response:
    """Say in which language the answer is and what else it depends on, and remember a choice."""
    # A page for other sites' frames speaks the language of its address alone, and leaves nothing in the browser.
    is_page = response.mimetype == "text/html" and request.blueprint != "feeds"
    is_problem = response.mimetype == "application/problem+json"
    if is_page or is_problem:
        # A letter that is shown as a document of its own has said already which language it is in.
        response.headers.setdefault("Content-Language", present())
        response.vary.update(["Accept-Language", "Cookie"] if is_page else ["Accept-Language"])
    if is_page or 300 <= response.status_code < 400:
        _remember(response)
    return response


def _remember(response: Response) -> None:
    if _must_be_carried():
        response.set_cookie(
            COOKIE,
            _asked(),
            max_age=A_YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=services().links.public_url.startswith("https:"),
        )


def translated(text: str) -> str:
    """A sentence made with `say`, or any text that stands in the catalogue, in the language of this answer."""
    if not text:
        return ""
    # The catalogue itself: flask_babel's functions would fill the facts in, and not those within facts.
    catalogue = get_domain().get_translations()
    said = text if isinstance(text, Said) else recognized(text)
    return said.translated(catalogue.ugettext, catalogue.ungettext)
