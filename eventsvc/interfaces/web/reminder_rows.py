"""Rules of reminders as rows of a form: what each row says, and what is wrong named by its row."""

from __future__ import annotations

import re

from flask_babel import gettext

from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.reminders.models import Anchor, Audience, Channel, Condition
from eventsvc.domain.reminders.saying import MOST_RULES, SaidRule
from eventsvc.interfaces.reminder_schemas import CLOCK, minute_of
from eventsvc.interfaces.web import reminder_words as says
from eventsvc.interfaces.web.forms import Form

BLANK = 2
# What a rule calls it, and what its row calls it.
_IN_ROW = {"minutes": "amount", "days": "amount", "": "amount", "anchor": "unit"}
_OF_RULE = re.compile(r"rules\[(?P<rule>\d+)\]\.?(?P<field>\w*)")
_OF_ROW = re.compile(r"\w+-(?P<audience>[a-z]+)-(?P<row>\d+)")


def said(form: Form, audience: Audience) -> list[SaidRule]:
    """The rows that hold a number; refuses InvalidInput for one that cannot be read."""
    return [_rule(form, f"{audience}-{row}") for row in _filled(form, audience)]


def minute(form: Form, name: str) -> int:
    """An hour that was typed, as a minute of the day; refuses InvalidInput."""
    text = form.value(name).strip()
    if not re.fullmatch(CLOCK, text):
        raise InvalidInput({name: say("is an hour such as 09:00")})
    return minute_of(text)


def refuse(form: Form, refusal: Refusal) -> None:
    """Note a no to what was pressed; what is wrong with a rule is named by the row in which it was typed."""
    audience = form.value("act").partition(":")[2]
    if not isinstance(refusal, InvalidInput) or audience not in list(Audience):
        form.refuse(refusal)
        return
    rows = _filled(form, Audience(audience))
    form.refuse(
        InvalidInput([(_at_row(one["field"], audience, rows), one["reason"]) for one in refusal.facts["errors"]])
    )
    for name, sentences in form.errors.items():
        if found := _OF_ROW.fullmatch(name):
            where = {"number": int(found["row"]) + 1, "audience": says.AUDIENCES[Audience(found["audience"])]}
            form.errors[name] = [
                gettext("Rule %(number)s (%(audience)s), %(problem)s", **where, problem=one) for one in sentences
            ]


def _filled(form: Form, audience: Audience) -> list[int]:
    return [row for row in range(MOST_RULES + BLANK) if form.value(f"amount-{audience}-{row}").strip()]


def _at_row(field: str, audience: str, rows: list[int]) -> str:
    found = _OF_RULE.fullmatch(field)
    if found is None or int(found["rule"]) >= len(rows):
        return field
    return f"{_IN_ROW.get(found['field'], found['field'])}-{audience}-{rows[int(found['rule'])]}"


def _rule(form: Form, row: str) -> SaidRule:
    amount, unit = form.value(f"amount-{row}").strip(), form.value(f"unit-{row}")
    if not re.fullmatch(r"[0-9]{1,6}", amount):
        raise InvalidInput({f"amount-{row}": say("must be a whole number such as 2")})
    if unit not in says.UNITS:
        raise InvalidInput({f"unit-{row}": say("Choose one from the list.")})
    anchor, _, unit = unit.partition(":")
    is_clock = unit == "clock"
    condition, channel = (form.value(f"{name}-{row}") for name in ("condition", "channel"))
    return SaidRule(
        anchor=Anchor(anchor),
        minutes=None if is_clock else int(amount) * says.MINUTES_IN[unit],
        days=int(amount) if is_clock else None,
        at_minute=minute(form, f"at-{row}") if is_clock else None,
        condition=Condition(condition) if condition in list(Condition) else Condition.ALWAYS,
        channel=Channel(channel) if channel in list(Channel) else Channel.MAIL,
    )
