"""The door for mail that a relay brings: `POST /inbound/mail`, the message as it is (RFC 5322).

It is no part of the API for people's programs: our own mail server alone knows the secret, and only stores here.
Without MAIL_IN_SECRET there is no such door.
"""

from __future__ import annotations

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import NotFound, SignInNeeded, say
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.workflows.take_in_mail import take_in

MAIL = "message/rfc822"
blueprint = Blueprint("inbound", __name__)


def register(app: Flask) -> None:
    """Add the route."""
    app.register_blueprint(blueprint)


@blueprint.post("/inbound/mail")
def take() -> ResponseReturnValue:
    """Take a mail in: 202 with its id; sent again, the same. `?to=` or X-Envelope-To: RCPT TO, where it is known."""
    if not services().mail_in_secret:
        raise NotFound(say("Mail does not come in here."))
    if not requests.is_mail_relay():
        raise SignInNeeded(say("This door is for our mail server: it sends MAIL_IN_SECRET as a bearer token."))
    if request.mimetype != MAIL:
        raise UnsupportedMediaType(say("Send the mail itself, as %(kind)s.", kind=MAIL))
    to = request.args.get("to") or request.headers.get("X-Envelope-To", "")
    with transaction():
        mail, _ = take_in(request.get_data(), door="http", envelope_to=to.strip().strip("<>"), now=clock.now())
    return jsonify(id=str(mail.public_id), state=mail.state.value), 202
