"""Saying rules: what can be said, and how it becomes rows without a reminder being sent twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, Said, say
from eventsvc.domain.reminders import rule_book
from eventsvc.domain.reminders.models import Anchor, Audience, Channel, Condition, Rule, RuleSet

MOST_RULES, MOST_DAYS = 12, 90
MOST_MINUTES = MOST_DAYS * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidRule:
    """A rule as people say it: minutes from the anchor, or days from it and a minute of that local day."""

    anchor: Anchor = Anchor.START
    minutes: int | None = None
    days: int | None = None
    at_minute: int | None = None
    condition: Condition = Condition.ALWAYS
    channel: Channel = Channel.MAIL

    @property
    def offset(self) -> tuple[Anchor, int | None, int | None, int | None]:
        """By what a rule is the same again: when it is due."""
        return self.anchor, self.minutes, self.days, self.at_minute


def as_said(rule: Rule) -> SaidRule:
    """A stored rule in the same words."""
    return SaidRule(
        anchor=rule.anchor,
        minutes=rule.minutes,
        days=rule.days,
        at_minute=rule.at_minute,
        condition=rule.condition,
        channel=rule.channel,
    )


def put(rule_set: RuleSet, said: Sequence[SaidRule], now: datetime) -> None:
    """Let the set, locked, hold these rules. A rule that is due as before stays the same one, with its reminders."""
    known = {as_said(rule).offset: rule for rule in rule_book.every_rule_of(rule_set)}
    wanted = {one.offset: one for one in said}
    for offset, rule in known.items():
        if offset not in wanted:
            rule.retired_at = rule.retired_at or now
    for offset, one in wanted.items():
        found = known.get(offset) or Rule(
            set_id=rule_set.id, anchor=one.anchor, minutes=one.minutes, days=one.days, at_minute=one.at_minute
        )
        found.condition, found.channel, found.retired_at = one.condition, one.channel, None
        db.session.add(found)
    db.session.flush()


def ensure_sound(audience: Audience, said: Sequence[SaidRule]) -> None:
    """Refuses InvalidInput naming each rule that cannot be."""
    errors: list[tuple[str, Said]] = []
    if len(said) > MOST_RULES:
        errors.append(("rules", say("at most %(most)s rules", most=MOST_RULES)))
    seen = set()
    for number, one in enumerate(said):
        place = f"rules[{number}]"
        errors += [(f"{place}.{field}", why) for field, why in _wrong_in(one)]
        errors += [(f"{place}.{field}", why) for field, why in _wrong_for(audience, one)]
        if one.offset in seen:
            errors.append((place, say("is said twice")))
        seen.add(one.offset)
    if errors:
        raise InvalidInput(errors)


def _wrong_in(one: SaidRule) -> list[tuple[str, Said]]:
    if (one.minutes is None) == (one.days is None):
        return [("minutes", say("say minutes, or days and an hour, and not both"))]
    if one.minutes is not None:
        if one.at_minute is not None:
            return [("at", say("goes with days, not with minutes"))]
        if not 1 <= one.minutes <= MOST_MINUTES:
            return [("minutes", say("must be from %(least)s to %(most)s", least=1, most=MOST_MINUTES))]
        return []
    wrong: list[tuple[str, Said]] = []
    if not 0 <= (one.days or 0) <= MOST_DAYS:
        wrong.append(("days", say("must be from %(least)s to %(most)s", least=0, most=MOST_DAYS)))
    if one.at_minute is None or not 0 <= one.at_minute < 24 * 60:
        wrong.append(("at", say("is an hour such as 09:00")))
    return wrong


def _wrong_for(audience: Audience, one: SaidRule) -> list[tuple[str, Said]]:
    """After the end there is one thing to be reminded of: how many came. Students answer nothing."""
    asks_count, is_after = one.condition is Condition.NO_COUNT, one.anchor is Anchor.END
    if asks_count != is_after:
        return [("condition", say("after the end one is reminded of a missing count, and of nothing else"))]
    if asks_count and audience is not Audience.HOST:
        return [("condition", say("only the host’s office says how many came"))]
    if one.condition is Condition.UNANSWERED and audience is Audience.STUDENT:
        return [("condition", say("students are asked for no answer"))]
    return []
