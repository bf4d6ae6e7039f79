"""Files that are made for one request: written to disk first, then sent, so that their size costs no memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from flask import Response

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.interfaces import records, taking_out
from eventsvc.workflows.record_sheets import request_of

_PART = 64 * 1024


def of_take_out(slug: str, purpose: str, actor: Actor) -> Response:
    """The zip of an office; refuses as `taking_out.write`."""
    return _sent(lambda target: taking_out.write(target, slug, purpose=purpose, actor=actor), f"{slug}.zip")


def of_records(wish: dict[str, Any], actor: Actor) -> Response:
    """The zip that answers a public-records request; refuses as `records.write`, and InvalidInput without days."""
    ensure_may_run(actor)
    if wish["first"] is None or wish["last"] is None:
        raise InvalidInput({"first" if wish["first"] is None else "last": say("is needed: a day such as 2027-02-10")})
    asked = request_of(wish["first"], wish["last"], organization=wish["organization"], email=wish["person"])
    version = {"is_redacted": wish["redacted"], "purpose": wish["purpose"]}
    return _sent(lambda target: records.write(target, asked, **version, actor=actor), "records.zip")


def _sent(write: Callable[[IO[bytes]], object], name: str) -> Response:
    target = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it when it has been sent
    try:
        write(target)
    except BaseException:
        target.close()
        raise
    size = target.tell()
    target.seek(0)
    response = Response(_parts(target), mimetype="application/zip")
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.call_on_close(target.close)
    return not_stored(response)


def not_stored(response: Response) -> Response:
    """What nobody on the way keeps, nor we ourselves: it is full of people's records."""
    response.cache_control.no_store = True
    return response


def _parts(target: IO[bytes]) -> Iterator[bytes]:
    with target:
        while part := target.read(_PART):
            yield part
