"""What is sent so that something comes of it, and which findings are none, each with its reason."""

from __future__ import annotations

import json
import re

from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree

from eventsvc.domain.booking.holds import Standing
from eventsvc.interfaces.api.examples import EXAMPLES

# What rules answer to well-formed requests: a cursor that is not ours, a link or hold that has ended, a newer version,
# neither of two headers of which one is needed (no document can say that).
_BY_RULES = (400, 410, 412, 422, 428)
_TIMES = {"starts_local", "duration_minutes", "all_day"}


def with_a_time_that_can_be(context: HookContext, case: Case) -> Case:
    """Most well-formed wishes contradict themselves (all day, at two): of two in three one time is left, next spring.

    So that what lies behind the rules about times is tried too; the third goes as it is.
    """
    body, meta = case.body, case.meta
    if meta is None or not meta.generation.mode.is_positive or not isinstance(body, dict):
        return case
    if not _TIMES & body.keys() or not _may_last_whole_days(case):
        return case
    number = sum(json.dumps(body, default=str).encode())
    if number % 3:
        for name in ("all_day", "starts_on", "days", "starts_side", "accommodations_due_on"):
            body.pop(name, None)
        body["starts_local"] = f"2027-02-{number % 28 + 1:02}T{number % 9 + 9:02}:00"
        body["duration_minutes"] = number % 240 + 15
    return case


def _may_last_whole_days(case: Case) -> bool:
    said = case.operation.definition.raw["requestBody"]["content"]["application/json"]["schema"]
    components = case.operation.schema.raw_schema["components"]["schemas"]
    return "all_day" in components[said["$ref"].rpartition("/")[2]]["properties"]


def with_a_body_that_can_be(context: HookContext, case: Case) -> Case:
    """Of what makes something two in three send the example of the document, so that there is something to go on to.

    What ends something is meant: a rehearsal ends nothing, which the check of what is used afterwards does not know.
    """
    if case.method == "DELETE" and isinstance(case.query, dict):
        case.query.pop("dry_run", None)
    example = EXAMPLES.get(str(case.operation.definition.raw["operationId"]))
    number = sum(json.dumps(case.body, default=str).encode())
    if example is None or case.meta is None or not case.meta.generation.mode.is_positive or number % 3 == 0:
        return case
    case.body = {**example, **({"day": "2027-02-10"} if "day" in example else {})}
    if isinstance(case.query, dict):
        case.query.pop("dry_run", None)
    return case


def is_meant(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Whether a finding is one: rules beyond any schema may refuse what is well-formed."""
    if isinstance(failure, UseAfterFree):
        return not _is_the_record_of_an_end(failure, response)
    if not isinstance(failure, RejectedPositiveData):
        return True
    return response.status_code not in _BY_RULES or "x-parser-refused" in response.headers


def _is_the_record_of_an_end(failure: UseAfterFree, response: Response) -> bool:
    """True where DELETE ends something and leaves it to be read, and the answer says that it is over.

    Of a hold its maker may read what became of it, of a link for the door those who keep it when it ended: their
    documentation says so, and `test_walking` holds everything else against its DELETE.
    """
    _, _, ended = failure.free.partition("/api/v1/")
    said = response.json()
    if re.fullmatch(r"holds/[^/]+", ended):
        return bool(said["standing"] == Standing.GIVEN_BACK)
    return bool(re.fullmatch(r"events/[^/]+/door-links/[^/]+", ended)) and said["ended_at"] is not None
