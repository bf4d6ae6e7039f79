"""Two people edit the same words: what each of them wrote is kept, and shown to the one who comes second.

The form carries what was read. So it can be told which words the other person changed, which this one did, and where
both did; only there somebody has to choose.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from eventsvc.domain.events.models import Event
from eventsvc.interfaces.web import forms, words
from eventsvc.interfaces.web.field_words import LABELS
from eventsvc.interfaces.web.forms import Form

LISTS = ("topics", "co_hosts", "languages")
ADVICE = ("bring", "accommodations", "accommodations_due_on")
FIELDS = ("title", "description", *ADVICE, "online_url", "visibility", "audience", "expected_heads", *LISTS)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the other person changed, in words; `yours` is None where this person had not touched it."""

    field: str
    label: str
    theirs: str
    yours: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """The form with both people's words, and where they differ."""

    form: Form
    differences: list[Difference]


def read_now(event: Event, form: Form) -> Form:
    """The form, with what the event says now as what was read."""
    read = json.dumps(_said(forms.filled_from(event)), ensure_ascii=False)
    return form.with_values(read=read, version=str(event.version))


def meet(form: Form, event: Event) -> Conflict:
    """What one person typed and what another has saved meanwhile, in one form that can be saved anew.

    Where only the other one changed a field, theirs is taken; where both did, this person's stays and both are shown.
    """
    was, mine, theirs = _read(form), _said(form), _said(forms.filled_from(event))
    changed = [name for name in FIELDS if theirs[name] != was.get(name, theirs[name]) and theirs[name] != mine[name]]
    untouched = [name for name in changed if mine[name] == was.get(name)]
    merged = form.with_values(**{name: theirs[name] for name in untouched})
    differences = [
        Difference(
            name,
            str(LABELS[name]),
            _in_words(name, theirs[name]),
            None if name in untouched else _in_words(name, mine[name]),
        )
        for name in changed
    ]
    return Conflict(read_now(event, merged), differences)


def _said(form: Form) -> dict[str, Any]:
    plain = {name: form.value(name).replace("\r\n", "\n").strip() for name in FIELDS if name not in LISTS}
    return plain | {name: sorted(form.all(name)) for name in LISTS}


def _read(form: Form) -> dict[str, Any]:
    try:
        was = json.loads(form.value("read"))
    except (ValueError, RecursionError):
        return {}
    return was if isinstance(was, dict) else {}


def _in_words(name: str, value: Any) -> str:
    if name == "visibility":
        known = {str(visibility): said for visibility, said in words.VISIBILITIES.items()}
        return str(known.get(value, value))
    text = ", ".join(value) if isinstance(value, list) else value
    return text or str(gettext("nothing"))
