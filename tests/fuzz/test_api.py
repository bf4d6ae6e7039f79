"""Every operation of the API is tried by a machine that reads its document: no 5xx, no answer outside its schema.

The short form makes up a few examples for each operation, signed in and not, and walks every border of its schema as
the administrator; `--matrix` makes up a hundred, and thirty on PostgreSQL, where a copy of the database of a third of
a second undoes each write that succeeds.
"""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from eventsvc.interfaces.api.blueprint import TOKEN_NEEDED
from tests.databases import ADMIN_TOKEN
from tests.fuzz.test_document import DOCUMENT, operations
from tests.fuzz.trying import House, failures, in_process

pytestmark = pytest.mark.usefixtures("still")
LABELS = [f"{method.upper()} {path}" for path, method, _ in operations()]


# A stranger is sent away before anything is read (`Blueprint._ask_who`), whatever was sent: two examples show it.
SHUT = {f"{method.upper()} {path}" for path, method, operation in operations() if operation["security"] == TOKEN_NEEDED}


def tried(house: House, label: str, request: pytest.FixtureRequest, who: str | None, *, whole: bool) -> list[str]:
    is_long = request.config.option.matrix and not (who is None and label in SHUT)
    few = 2 if who is None and label in SHUT else 6
    many = 30 if house.is_slow_to_undo else 100
    with in_process():
        return failures(house, DOCUMENT, label, bearer=who, most=many if is_long else few, whole=whole or is_long)


@pytest.mark.parametrize("label", LABELS)
def test_the_administrator_finds_nothing_broken(house, label, request):
    found = tried(house, label, request, ADMIN_TOKEN, whole=True)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("label", LABELS)
def test_a_coordinators_token_finds_nothing_broken(house, label, request):
    found = tried(house, label, request, house.names.coordinator, whole=False)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("label", LABELS)
def test_a_stranger_finds_nothing_broken(house, label, request):
    found = tried(house, label, request, None, whole=False)
    assert not found, "\n".join(found)


EXAMPLES = [
    (f"{method.upper()} {path}", operation["requestBody"]["content"]["application/json"]["example"])
    for path, method, operation in operations()
    if "example" in operation.get("requestBody", {}).get("content", {}).get("application/json", {})
]


@pytest.mark.parametrize(("label", "example"), EXAMPLES, ids=[label for label, _ in EXAMPLES])
def test_the_example_of_a_body_is_taken_as_it_stands(house, label, example):
    method, _, path = label.partition(" ")
    client = Client(house)
    # What only this house knows takes the place of an id.
    known = {"invitations": house.names.values["invitation_id"]}
    sent = {**example, **{name: value for name, value in known.items() if name in example}}
    answers = []
    for address in house.addresses(path):
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"} | ({} if method == "POST" else {"If-Match": "*"})
        answers.append(client.open(address, method=method, json=sent, headers=headers))
    assert [answer.status_code for answer in answers if answer.status_code < 300], [one.text for one in answers]
