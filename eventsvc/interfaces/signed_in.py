"""Who is signed in in this browser: our own cookie, which names a row of ours and says nothing by itself."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, Response, g, request

from eventsvc.core import clock
from eventsvc.domain.accounts import Actor, acting, sessions
from eventsvc.domain.accounts.models import Session
from eventsvc.interfaces import afterwards
from eventsvc.interfaces.services import services

COOKIE = "eventsvc_session"
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def register(app: Flask) -> None:
    """Write the cookie of whoever signed in or out in a request, and note that a session is used."""
    app.after_request(_keep)


def session() -> Session | None:
    """The session of this browser, if it is good; looked up once a request."""
    if "session" not in g:
        secret = g.get("new_cookie") or request.cookies.get(COOKIE, "")
        found = sessions.find(secret, clock.now()) if secret else None
        if found is not None and sessions.wants_touch(found, clock.now()):
            g.touches = secret
        g.session, g.actor = found, acting.actor_of(found.account) if found is not None else None
    present: Session | None = g.session
    return present


def actor() -> Actor | None:
    """Whoever is signed in here, with their roles."""
    present: Actor | None = g.actor if session() is not None else None
    return present


def begin(secret: str) -> None:
    """Let this browser be signed in from now on."""
    g.new_cookie = secret
    for known in ("session", "touches"):
        g.pop(known, None)


def has_just_ended() -> bool:
    """True where the session that this request came with is not good any more: its story ended it."""
    present = session()
    secret = request.cookies.get(COOKIE, "")
    return present is not None and sessions.find(secret, clock.now()) is None


def end(now: datetime) -> None:
    """Sign this browser out; call inside transaction()."""
    if secret := request.cookies.get(COOKIE, ""):
        sessions.end(secret, now)
    g.new_cookie, g.session = "", None
    g.pop("touches", None)


def device() -> str:
    """The browser and its system in words, for the list of one's sessions."""
    agent = request.user_agent.string
    names = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in names if name)


def _keep(response: Response) -> Response:
    if (secret := g.pop("touches", None)) is not None:
        g.new_cookie = afterwards.note(lambda: sessions.touch(secret, clock.now()))
    if (new := g.pop("new_cookie", None)) is not None:
        secure = services().links.public_url.startswith("https:")
        if new:
            seconds = int(sessions.LONGEST.total_seconds())
            response.set_cookie(COOKIE, new, max_age=seconds, httponly=True, secure=secure, samesite="Lax")
        else:
            response.delete_cookie(COOKIE, httponly=True, secure=secure, samesite="Lax")
    return response
