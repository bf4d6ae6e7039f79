"""Programs at the doors: who acts by an API token, and when it was last used."""

from __future__ import annotations

from flask import Flask, Response, g

from eventsvc.core import clock
from eventsvc.domain.accounts import Actor, acting, tokens
from eventsvc.interfaces import afterwards


def register(app: Flask) -> None:
    """Note, once an hour at most, that a token is used."""
    app.after_request(_note)


def actor(secret: str) -> Actor | None:
    """Whoever the token acts for, as far as its scopes go; looked up once a request."""
    if "bearer" not in g:
        now = clock.now()
        found = tokens.find(secret, now)
        g.bearer = acting.actor_of(found.account, found) if found is not None else None
        if found is not None and tokens.wants_note(found, now):
            g.token_used = found.id
    present: Actor | None = g.bearer
    return present


def _note(response: Response) -> Response:
    if (token_id := g.pop("token_used", None)) is not None:
        afterwards.note(lambda: tokens.note_used(token_id, clock.now()))
    return response
