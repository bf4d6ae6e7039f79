"""The blueprint of the JSON door: what the library's parser lets through or falls over, refused in words.

It would read no body at all where the type is not JSON, drop names it does not know from a query (a misspelt
`dry_run` would write), and break on JSON nested too deeply or on numbers of thousands of digits.
"""

from __future__ import annotations

from typing import Any

import flask_smorest
from flask import Request, request
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from eventsvc.core.errors import SignInNeeded, say
from eventsvc.domain.accounts import PUBLIC, ensure_somebody
from eventsvc.interfaces import requests
from eventsvc.interfaces.api import conditions, sent_again

# Who may call an operation, as its document says: `doc(security=…)`; where nothing is said a token is needed.
TOKEN_NEEDED: list[dict[str, list[str]]] = [{"token": []}]
TOKEN_WELCOME = [*TOKEN_NEEDED, {}]  # everybody may; a token shows more
BY_LINK: list[dict[str, list[str]]] = []  # the signed token in the address is the key


class Parser(FlaskParser):
    """Reads bodies and queries strictly."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body; refuses one that is not JSON (415), and one that cannot be read (400)."""
        if req.get_data(cache=True) and not req.is_json:
            raise UnsupportedMediaType(say("Send JSON, with Content-Type: application/json."))
        try:
            return super().load_json(req, schema)
        except (ValueError, RecursionError):
            raise BadRequest(say("The body is not JSON that can be read.")) from None


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with that parser; every operation has a name of its own, and says who may call it.

    What it says is asked before anything is read: where a token is needed a stranger learns nothing else, and a token
    that is not good is told so, rather than taken for a stranger. Each obeys If-Match and Idempotency-Key as its method
    does.
    """

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self._security: dict[str, list[dict[str, list[str]]]] = {}
        self.before_request(self._ask_who)

    def add_url_rule(self, rule: str, endpoint: Any = None, view_func: Any = None, *args: Any, **options: Any) -> None:
        """Add a route of one method, as all of ours are."""
        (method,) = options["methods"]
        view = sent_again.answered_once(view_func) if method in sent_again.TAKEN_BY else view_func
        view = conditions.conditional(view, method, rule) if method != "GET" else view
        super().add_url_rule(rule, endpoint, view, *args, **options)

    def _store_endpoint_docs(self, endpoint: str, *told: Any, **more: Any) -> None:
        super()._store_endpoint_docs(endpoint, *told, **more)
        for method, operation in self._docs[endpoint].items():
            if method != "parameters":
                named = {"operationId": f"{self.name.replace(' ', '_')}_{endpoint}", "security": TOKEN_NEEDED}
                operation["manual_doc"] = {**named, **operation.get("manual_doc", {})}
                self._security[endpoint] = operation["manual_doc"]["security"]

    def _ask_who(self) -> None:
        security = self._security[str(request.endpoint).rpartition(".")[2]]
        if security == BY_LINK or request.method == "OPTIONS":
            return
        actor = requests.actor()
        if actor == PUBLIC and requests.bearer() is not None:
            raise SignInNeeded(say("This token is not good, or not any more."))
        if security == TOKEN_NEEDED:
            ensure_somebody(actor)
