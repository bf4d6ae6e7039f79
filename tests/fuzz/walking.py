"""Schemathesis at our API, several calls in a row: along the links of its document, to what the calls before made.

Each walk begins with the house as it was filled, and undoes nothing on its way.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemathesis import engine
from schemathesis.engine import events
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.schemas import BaseSchema

from tests.fuzz.trying import House, is_bad, schema_of, told

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Walked:
    """What a run of walks met: findings, and how often each operation answered how after another one."""

    findings: list[str] = field(default_factory=list)
    steps: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)


def walked(house: House, document: dict[str, Any], *, bearer: str, walks: int, whole: bool) -> Walked:
    """Walk so often, as whoever sends that token, and hold every answer against every check.

    With `whole` every link may be taken; without, those of what can be ended again, and no verbs: a few walks among all
    of them would hardly ever end anything.
    """
    document = document if whole else _of_what_ends(document)
    schema = schema_of(house, document, bearer=bearer, most=walks, paths=list(document["paths"]), follows=True)
    return walk(house, schema)


def _of_what_ends(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the links alone that stand beside one to a DELETE, and of these no verbs."""
    plain = copy.deepcopy(document)
    operations = [(word, one) for entry in plain["paths"].values() for word, one in entry.items() if word in _METHODS]
    ends = {one["operationId"] for word, one in operations if word == "delete"}
    verbs = {one["operationId"] for word, one in operations if word == "post" and "201" not in one["responses"]}
    for _, operation in operations:
        for answer in operation["responses"].values():
            links = answer.pop("links", {})
            if ends & set(links):
                answer["links"] = {name: link for name, link in links.items() if name not in verbs}
    return plain


def walk(house: Any, schema: BaseSchema) -> Walked:
    """The same along any schema; `house` is what is put back between the walks."""
    build = schema.build_state_machine

    def built(**told: Any) -> type[APIStateMachine]:
        class FromTheStart(build(**told)):  # type: ignore[misc]  # the library makes the class
            def __init__(self) -> None:
                house.restore()
                super().__init__()

        return FromTheStart

    schema.build_state_machine = built  # type: ignore[method-assign]  # its engine offers no other place
    met = Walked()
    house.undoes = False
    try:
        for event in engine.from_schema(schema).execute():
            _note(event, met)
    finally:
        house.undoes = True
        house.restore()
    return met


def _note(event: events.EngineEvent, met: Walked) -> None:
    if is_bad(event):
        met.findings.append(told(event))
    if not isinstance(event, events.ScenarioFinished):
        return
    for name, interaction in event.recorder.interactions.items():
        node = event.recorder.cases[name]
        parent = event.recorder.cases.get(node.parent_id) if node.parent_id else None
        status = interaction.response.status_code if interaction.response is not None else 0
        label = node.value.operation.label
        met.statuses[label, status] += 1
        if parent is not None:
            met.steps[parent.value.operation.label, label, status] += 1
