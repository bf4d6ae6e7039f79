"""A plan as JSON, for a date that is planned later. It knows no field by name: what a plan can say is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from eventsvc.workflows.plan_event import Plan


def as_kept(value: Any) -> Any:
    """JSON of a plan, a rule or a part of them; of dataclasses only what differs from the default is kept."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: as_kept(inner) for field, inner in pairs if inner != field.default}
    if isinstance(value, Mapping):
        return {name: as_kept(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [as_kept(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def plan_of(kept: Mapping[str, Any]) -> Plan:
    """The plan that was kept. A field that plans no longer have is left out."""
    made: Plan = _made(Plan, kept)
    return made


def _made(hint: Any, kept: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if kept is None:
        return None
    if origin in (Union, UnionType):
        return _made(next(one for one in inner if one is not type(None)), kept)
    if origin is tuple:
        return tuple(_made(inner[0], one) for one in kept)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{name: _made(hints[name], one) for name, one in kept.items() if name in hints})  # type: ignore[operator]  # mypy takes it for an instance
    if hint in (date, datetime):
        return hint.fromisoformat(kept)
    return hint(kept) if isinstance(hint, type) and issubclass(hint, StrEnum) else kept
