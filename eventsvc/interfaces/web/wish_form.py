"""The form of a request as the JSON door takes it: three rows of days and hours, of which empty ones are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.datastructures import MultiDict

from eventsvc.core.errors import InvalidInput
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.directory.names import is_slug
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.windows import MOST
from eventsvc.interfaces.request_schemas import WEEKDAYS, AskedForSchema
from eventsvc.interfaces.web import forms
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows.ask_partner import AskedFor

NUMBERS = range(1, MOST + 1)
# As the domain names a part of a window, and as the schema does.
_PATH = re.compile(r"windows(?:\[(\d+)\]|\.(\d+))\.?([a-z_]*)")
# Hours stand in every row from the beginning: they alone do not make it a wish.
_OF_DAYS = ("first_on", "last_on", "weekdays")


@contextmanager
def naming_fields(form: Form) -> Iterator[None]:
    """Let a refusal name the fields of the page: rows by their number, and the one list of partners."""
    try:
        yield
    except InvalidInput as refusal:
        numbers = said_numbers(form)
        found = [(_field(one["field"], numbers), one["reason"]) for one in refusal.facts["errors"]]
        raise InvalidInput([one for one in found if not _is_said_already(*one)]) from None


def _is_said_already(field: str, reason: str) -> bool:
    """A last day lacks only where the first lacks too."""
    return field.startswith("last_on") and reason.startswith("Missing")


def _field(path: str, numbers: list[int]) -> str:
    if path == "partner_office":
        return "partner"
    if path == "windows":
        return f"first_on_{numbers[0]}"
    found = _PATH.match(path)
    return f"{found[3] or 'first_on'}_{numbers[int(found[1] or found[2])]}" if found else path


def said_numbers(form: Form) -> list[int]:
    """The rows in which somebody has said a day; the first where there is none."""
    said = [number for number in NUMBERS if any("".join(form.all(f"{part}_{number}")) for part in _OF_DAYS)]
    return said or [1]


def asked_in(form: Form) -> AskedFor:
    """What the form asks for; refuses InvalidInput as the JSON door does."""
    found: AskedFor = forms.load(AskedForSchema(), _values(form), needed=("title",))
    return found


def _values(form: Form) -> dict[str, Any]:
    words = forms.word_values(form)
    kept = ("title", "description", "accommodations", "audience", "topics", "expected_heads")
    said = {
        **{name: words[name] for name in kept},
        **_partner(form.value("partner")),
        "duration_minutes": forms.whole(form.value("duration_minutes")),
        "windows": [_window(form, number) for number in said_numbers(form)],
    }
    single = ("asker", "campus", "kind", "format", "level", "language", "round")
    said |= {name: form.value(name) for name in single}
    return {name: value for name, value in said.items() if value != ""}


def _partner(slug: str) -> dict[str, str]:
    """Whom the list names: an office, and so its organization."""
    office = directory.find(Office, slug) if is_slug(slug) else None
    return {"partner": office.organization.slug, "partner_office": office.slug} if office else {}


def _window(form: Form, number: int) -> dict[str, Any]:
    first = form.value(f"first_on_{number}")
    until = form.value(f"until_{number}", "17:00")
    said = {
        "first_on": first,
        "last_on": form.value(f"last_on_{number}") or first,  # one day alone is typed once
        "from": form.value(f"from_{number}", "09:00"),
        "until": "24:00" if until == "00:00" else until,
        "weekdays": form.all(f"weekdays_{number}"),
    }
    return {name: value for name, value in said.items() if value != ""}


def filled_from(asked: Request) -> Form:
    """A form that asks the same again, but for the days, which may be over."""
    values = [
        ("partner", asked.partner.slug),
        ("asker", asked.asker.slug),
        ("campus", asked.campus.slug if asked.campus else ""),
        ("kind", str(asked.kind)),
        ("title", asked.title),
        ("description", asked.description),
        ("audience", ", ".join(asked.audience)),
        ("level", str(asked.level or "")),
        ("language", asked.language),
        ("format", str(asked.format)),
        ("duration_minutes", str(asked.duration_minutes)),
        ("expected_heads", "" if asked.expected_heads is None else str(asked.expected_heads)),
        ("accommodations", asked.accommodations),
        *(("topics", topic.slug) for topic in asked.topics),
        *(pair for window in asked.windows for pair in _hours(window.rank, window)),
    ]
    return Form(MultiDict(values))


def _hours(number: int, window: Any) -> list[tuple[str, str]]:
    until = clock_text(window.until_minute)
    days = [(f"weekdays_{number}", WEEKDAYS[day]) for day in window.weekdays] if number == 1 else []
    return [
        (f"from_{number}", clock_text(window.from_minute)),
        (f"until_{number}", "00:00" if until == "24:00" else until),
        *days,
    ]
