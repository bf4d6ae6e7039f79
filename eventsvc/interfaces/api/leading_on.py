"""Links of the OpenAPI document: where an answer leads, which member of it or of the call names the thing there.

They are made of the paths of the document, so that none can name an operation that is not there. The answer to a dry
run leads nowhere: nothing was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from eventsvc.interfaces.api import conditions

Facts = dict[str, Any]
_VERSION = "$response.header.ETag"
# What an operation makes is to be found at this path, under the `id` of the answer; a feed under two words of it.
_MADE_AT = {
    "accounts_let_in": "/api/v1/accounts/{account_id}",
    "calendars_add_leave": "/api/v1/experts/{slug}/leave/{leave_id}",
    "door_links_make": "/api/v1/events/{event_id}/door-links/{link_id}",
    "events_plan": "/api/v1/events/{event_id}",
    "holds_hold": "/api/v1/holds/{hold_id}",
    "imports_subscribe": "/api/v1/subscriptions/{subscription_id}",
    "offices_add_absence": "/api/v1/absences/{absence_id}",
    "offered_dates_publish": "/api/v1/offered-dates/{offer_id}",
    "privacy_place_hold": "/api/v1/privacy/holds/{hold_id}",
    "private_calendars_make": "/api/v1/private-calendars/{calendar_id}",
    "remarks_write": "/api/v1/events/{event_id}/remarks/{remark_id}",
    "remarks_write_about_request": "/api/v1/requests/{request_id}/remarks/{remark_id}",
    "public_feeds_save": "/api/v1/feeds/{of}/{word}",
    "requests_ask": "/api/v1/requests/{request_id}",
    "rounds_open_one": "/api/v1/rounds/{round_id}",
    "series_plan": "/api/v1/series/{series_id}",
    "series_take": "/api/v1/events/{event_id}",
    "webhooks_make": "/api/v1/webhooks/{webhook_id}",
    "webhooks_make_for_all": "/api/v1/webhooks/{webhook_id}",
    "webhooks_test": "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
}
_WORDS = {
    "get": "What has become of it",
    "patch": "Change it; `If-Match` is the ETag of this answer",
    "put": "Change it; `If-Match` is the ETag of this answer",
    "delete": "End it; `If-Match` is the ETag of this answer",
    "post": "A next step",
}


def add_links(paths: Facts) -> None:
    """Say in the answers of the document's paths where they lead."""
    for path, entry in paths.items():
        for method in entry.keys() - {"parameters"}:
            operation = entry[method]
            if made_at := _MADE_AT.get(operation["operationId"]):
                _lead(operation["responses"]["201"], paths, made_at, path, is_made=True)
            elif method == "get" and "{" in path and "200" in operation["responses"]:
                _lead(operation["responses"]["200"], paths, path, path, is_made=False)


def _lead(answer: Facts, paths: Facts, target: str, source: str, *, is_made: bool) -> None:
    """Links to every operation on the thing at `target`; what was not made was read there, and may be changed."""
    names = _names_in(target)
    known = {name: f"$request.path.{name}" for name in names if name in _names_in(source)}
    if is_made:
        known |= {name: _member(name) for name in names if name not in known}
    links = {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "description": _WORDS[method],
            "parameters": known | ({conditions.HEADER: _VERSION} if method.upper() in conditions.NEEDED_BY else {}),
        }
        for method, operation in _operations_on(paths, target)
        if is_made or method not in ("get", "post")
    }
    if links:
        answer["links"] = dict(sorted(links.items()))


def _member(name: str) -> str:
    return f"$response.body#/{'id' if name.endswith('_id') else name}"


def _operations_on(paths: Facts, thing: str) -> Iterator[tuple[str, Facts]]:
    """The operations at that path, and one step below it: its verbs, and what belongs to it.

    What can be read below it has an ETag of its own, and is changed by that one only.
    """
    for path, entry in paths.items():
        if re.fullmatch(re.escape(thing) + "(/[a-z-]+)?", path):
            is_other = path != thing and "get" in entry
            for method in entry.keys() - {"parameters"}:
                if not (is_other and method.upper() in conditions.NEEDED_BY):
                    yield method, entry[method]


def _names_in(path: str) -> list[str]:
    return [step[1:-1] for step in path.split("/") if step.startswith("{")]
