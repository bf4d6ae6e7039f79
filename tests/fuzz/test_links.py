"""The links of the document are true: what a real answer says there leads to an operation that finds the thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from tests.databases import ADMIN_TOKEN
from tests.fuzz.test_document import OPERATIONS, operations
from tests.fuzz.trying import House

pytestmark = pytest.mark.usefixtures("still")
WHERE = {operation["operationId"]: (method.upper(), path) for path, method, operation in operations()}
LINKS = [
    (operation["operationId"], status, name, link)
    for _, _, operation in operations()
    for status, answer in operation["responses"].items()
    for name, link in answer.get("links", {}).items()
]
NOWHERE = (401, 403, 404, 405, 412, 428)


def test_what_is_made_leads_to_itself():
    made = {source for source, status, _, _ in LINKS if status == "201"}
    assert made == {
        "accounts_let_in",
        "calendars_add_leave",
        "door_links_make",
        "private_calendars_make",
        "public_feeds_save",
        "events_plan",
        "holds_hold",
        "imports_subscribe",
        "offered_dates_publish",
        "offices_add_absence",
        "privacy_place_hold",
        "remarks_write",
        "remarks_write_about_request",
        "requests_ask",
        "rounds_open_one",
        "series_plan",
        "series_take",
        "webhooks_make",
        "webhooks_make_for_all",
        "webhooks_test",
    }
    # `accounts_give` answers with the account, whose links are those of `accounts_let_in`.
    assert {name for name, one in OPERATIONS.items() if "201" in one["responses"]} - made == {"accounts_give"}
    assert not [link for link in LINKS if link[1] == "200" and WHERE[link[0]][0] != "GET"]  # dry runs lead nowhere


@pytest.mark.parametrize(("source", "status", "name", "link"), LINKS, ids=[f"{one[0]}-{one[2]}" for one in LINKS])
def test_a_link_leads_from_a_real_answer_to_what_it_is_about(house, source, status, name, link):
    target = OPERATIONS[link["operationId"]]
    method, path = WHERE[link["operationId"]]
    taken = {one["name"] for one in target.get("parameters", ())} | set(re.findall(r"{(\w+)}", path))
    assert set(link["parameters"]) <= taken
    house.undoes = False
    try:
        for call, answer in all_answered(house, source, int(status)):
            values = {known: value_of(expression, call, answer) for known, expression in link["parameters"].items()}
            headers = {known: value for known, value in values.items() if known == "If-Match"}
            followed = send(house, method, path.format(**values), link["operationId"], headers)
            assert followed.status_code not in NOWHERE, followed.text
            if followed.status_code < 300 or method == "POST":  # the state may allow no such step
                break
        else:
            pytest.fail(f"nothing of the house allows it: {followed.text}")
    finally:
        house.undoes = True
        house.restore()


ENDED = sorted(
    {source for source, status, name, _ in LINKS if status == "201" and WHERE[name][0] == "DELETE"},
)


@pytest.mark.parametrize("source", ENDED)
def test_what_was_ended_is_gone_or_says_so(house, source):
    links = {WHERE[one["operationId"]]: one for name, status, _, one in LINKS if (name, status) == (source, "201")}
    (end,) = (one for (method, _), one in links.items() if method == "DELETE")
    _, path = WHERE[end["operationId"]]
    house.undoes = False
    try:
        call, answer = answered(house, source, 201)
        values = {known: value_of(expression, call, answer) for known, expression in end["parameters"].items()}
        address = path.format(**values)
        ended = send(house, "DELETE", address, end["operationId"], {"If-Match": values["If-Match"]})
        assert ended.status_code in (200, 204), ended.text
        read = Client(house).get(address, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
    finally:
        house.undoes = True
        house.restore()
    if source == "holds_hold":
        assert read.json["standing"] == "given_back"
    elif source == "door_links_make":
        assert read.json["ended_at"] is not None
    else:
        assert read.status_code == 404


def answered(house: House, source: str, status: int) -> tuple[dict[str, str], TestResponse]:
    """The first address of the house at which that operation answers so, as what stood in its path, and the answer."""
    return next(all_answered(house, source, status))


def all_answered(house: House, source: str, status: int) -> Iterator[tuple[dict[str, str], TestResponse]]:
    """Every such address and answer; at least one."""
    method, path = WHERE[source]
    tried, is_found = [], False
    for address in house.addresses(path):
        answer = send(house, method, address, source, {})
        if answer.status_code == status and (method == "POST" or "ETag" in answer.headers):
            found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path), address)
            assert found
            is_found = True
            yield found.groupdict(), answer
        tried.append(answer.text)
    if not is_found:
        pytest.fail(f"{source} never answered {status}: {tried}")


def send(house: House, method: str, address: str, operation: str, headers: dict[str, str]) -> TestResponse:
    content = OPERATIONS[operation].get("requestBody", {}).get("content", {}).get("application/json", {})
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", **headers}
    more = {"json": content.get("example", {})} if content else {}
    return Client(house).open(address, method=method, headers=headers, **more)


def value_of(expression: str, call: dict[str, str], answer: TestResponse) -> str:
    """What a runtime expression (OpenAPI 3.1, 4.8.20.3) means here; it must mean something."""
    kind, _, name = expression.partition("#/") if "#/" in expression else expression.rpartition(".")
    found: Any = {
        "$request.path": call.get,
        "$response.header": answer.headers.get,
        "$response.body": lambda member: (answer.json or {}).get(member),
    }[kind](name)
    assert isinstance(found, str), (expression, answer.text)
    assert found
    return found
