"""The forms of an invited person's page: which act was sent, and what of it is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.invitations.proposals import MOST, ProposedTime
from eventsvc.interfaces.reply_schemas import ColleagueSchema, OnTheDaySchema, ProposeSchema
from eventsvc.interfaces.schemas import AnswerSchema
from eventsvc.interfaces.web import forms
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import replies

ROWS = range(1, MOST + 1)


def carry_out(invitation_id: str, form: Form, **who: Any) -> None:
    """Carry out what the pressed button says. Refuses as the story does, beside the fields of the page."""
    _ACTS.get(form.value("act"), _answer)(invitation_id, form, who)


def _answer(invitation_id: str, form: Form, who: dict[str, Any]) -> None:
    typed = {name: form.value(name) for name in ("answer", "reason")}
    said = forms.load(AnswerSchema(), typed)
    replies.reply(invitation_id, said["answer"], reason=said["reason"], **who)


def _times(invitation_id: str, form: Form, who: dict[str, Any]) -> None:
    rows = [row for row in ROWS if form.value(f"date_{row}") or form.value(f"time_{row}")]
    if not rows:
        raise InvalidInput({"time_1": say("is empty")})
    times = [{"starts_local": _wall(form, row)} for row in rows]
    try:
        said = forms.load(ProposeSchema(), {"times": times, "note": form.value("note")})
        proposed = [ProposedTime(one["starts_local"]) for one in said["times"]]
        replies.propose_times(invitation_id, proposed, note=said["note"], **who)
    except InvalidInput as refusal:
        raise InvalidInput(
            [(_at(error["field"], rows), error["reason"]) for error in refusal.facts["errors"]]
        ) from None


def _wall(form: Form, row: int) -> str:
    return f"{form.value(f'date_{row}')}T{form.value(f'time_{row}', '00:00')}"


def _at(field: str, rows: list[int]) -> str:
    """`times[1].starts_local` → the row of the page in which it was typed."""
    for number, row in enumerate(rows):
        if field.startswith((f"times[{number}]", f"times.{number}.")):
            return f"time_{row}"
    return "time_1" if field.startswith("times") else field


def _colleague(invitation_id: str, form: Form, who: dict[str, Any]) -> None:
    typed = {"colleague": form.value("colleague"), "reason": form.value("colleague_reason")}
    said = forms.load(ColleagueSchema(), typed)
    replies.name_colleague(invitation_id, said["colleague"], reason=said["reason"], **who)


def _here(invitation_id: str, form: Form, who: dict[str, Any]) -> None:
    replies.say_on_the_day(invitation_id, late_minutes=None, **who)


def _late(invitation_id: str, form: Form, who: dict[str, Any]) -> None:
    said = forms.load(OnTheDaySchema(), {"late_minutes": forms.whole(form.value("late_minutes"))})
    replies.say_on_the_day(invitation_id, late_minutes=said["late_minutes"], **who)


_ACTS: dict[str, Callable[[str, Form, dict[str, Any]], None]] = {
    "times": _times,
    "colleague": _colleague,
    "here": _here,
    "late": _late,
}
