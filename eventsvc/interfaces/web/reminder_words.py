"""What rules of reminders, and what becomes of a reminder, are called on pages."""

from __future__ import annotations

from datetime import time

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext

from eventsvc.domain.accounts import Actor
from eventsvc.domain.reminders.models import Anchor, Audience, Channel, Condition, Reason, ReminderState, Rule
from eventsvc.domain.reminders.saying import SaidRule
from eventsvc.interfaces.web import words
from eventsvc.workflows import keep_reminders
from eventsvc.workflows.preview_reminders import Fate

AUDIENCES = {
    Audience.EXPERT: lazy_gettext("Who comes"),
    Audience.HOST: lazy_gettext("The office in charge"),
    Audience.PARTNER: lazy_gettext("The office that lends people"),
    Audience.STUDENT: lazy_gettext("Students"),
}
CONDITIONS = {
    Condition.ALWAYS: lazy_gettext("always"),
    Condition.UNANSWERED: lazy_gettext("only if an answer is missing"),
    Condition.NO_COUNT: lazy_gettext("only if nobody has said how many came"),
}
CHANNELS = {
    Channel.MAIL: lazy_gettext("by mail"),
    Channel.WEBHOOK: lazy_gettext("by webhook"),
    Channel.BOTH: lazy_gettext("by mail and webhook"),
}
STATES = {
    ReminderState.MISSED: lazy_gettext("missed"),
    ReminderState.PLANNED: lazy_gettext("ahead"),
    ReminderState.POSTED: lazy_gettext("sent out"),
    ReminderState.DROPPED: lazy_gettext("not needed"),
}
FATES = {
    Fate.PLANNED: lazy_gettext("ahead"),
    Fate.POSTED: lazy_gettext("sent out"),
    Fate.DROPPED: lazy_gettext("not needed"),
    Fate.MISSED: lazy_gettext("missed"),
    Fate.PASSED: lazy_gettext("left out: its time was over before it could be planned"),
    Fate.AFTER_START: lazy_gettext("left out: it would come when the event has begun"),
    Fate.WAITS: lazy_gettext("waits until the event is certain"),
}
REASONS = {
    Reason.TOO_LATE: lazy_gettext("nothing could be sent before the event began"),
    Reason.OVERTAKEN: lazy_gettext("a later reminder was due as well, and one letter is enough"),
    Reason.ANSWERED: lazy_gettext("everybody has answered"),
    Reason.COUNTED: lazy_gettext("the count is there"),
    Reason.NOT_COMING: lazy_gettext("nobody is expected there"),
    Reason.ASKED_TODAY: lazy_gettext("the same question was asked that day"),
    Reason.TOLD_ALREADY: lazy_gettext("the office reads the reminders of its people already"),
    Reason.NO_ADDRESS: lazy_gettext("there is no address"),
    Reason.NOT_WANTED: lazy_gettext("the event, its people or the rules have changed"),
}
SHIFTS = {
    "later": lazy_gettext("after quiet hours"),
    "earlier": lazy_gettext("before quiet hours begin"),
}
# How a form says when: from where, and in which unit; "clock" is days and an hour.
UNITS = {
    "start:minutes": lazy_gettext("minutes before the start"),
    "start:hours": lazy_gettext("hours before the start"),
    "start:days": lazy_gettext("times 24 hours before the start"),
    "start:clock": lazy_gettext("days before, at the hour beside"),
    "end:minutes": lazy_gettext("minutes after the end"),
    "end:hours": lazy_gettext("hours after the end"),
    "end:clock": lazy_gettext("days after the end, at the hour beside"),
}
FIELDS = {
    "kind": lazy_gettext("Kind"),
    "amount": lazy_gettext("Number"),
    "unit": lazy_gettext("Of what"),
    "at": lazy_gettext("Hour"),
    "condition": lazy_gettext("When"),
    "channel": lazy_gettext("How"),
    "rules": lazy_gettext("Reminders"),
}
MINUTES_IN = {"minutes": 1, "hours": 60, "days": 24 * 60}


def amount_and_unit(rule: SaidRule) -> tuple[int, str]:
    """How a form says a rule: the largest unit in which it is whole."""
    if rule.days is not None:
        return rule.days, f"{rule.anchor}:clock"
    minutes = rule.minutes or 0
    units = ("days", "hours", "minutes") if rule.anchor is Anchor.START else ("hours", "minutes")
    unit = next(one for one in units if minutes % MINUTES_IN[one] == 0)
    return minutes // MINUTES_IN[unit], f"{rule.anchor}:{unit}"


def rule_in_words(rule: SaidRule | Rule) -> str:
    """When a rule reminds: "2 hours before the start", "1 day before, at 8:00 AM"."""
    is_before = rule.anchor is Anchor.START
    if rule.days is not None:
        hour = words.wall_time(time(*divmod(rule.at_minute or 0, 60)))
        if rule.days == 0:
            return str(gettext("the same day, at %(hour)s", hour=hour))
        days = ngettext("%(num)d day", "%(num)d days", rule.days)
        if is_before:
            return str(gettext("%(days)s before, at %(hour)s", days=days, hour=hour))
        return str(gettext("%(days)s after, at %(hour)s", days=days, hour=hour))
    length = _length(rule.minutes or 0)
    said = gettext("%(length)s before the start", length=length)
    return str(said if is_before else gettext("%(length)s after the end", length=length))


def _length(minutes: int) -> str:
    if minutes % 1440 == 0:
        return str(ngettext("%(num)d day", "%(num)d days", minutes // 1440))
    if minutes % 60 == 0:
        return str(ngettext("%(num)d hour", "%(num)d hours", minutes // 60))
    return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))


def ways_of(actor: Actor) -> list[tuple[str, str]]:
    """Pages on which somebody says rules of reminders, and what they are called; none for who may say none."""
    ways = [
        (
            url_for("pages.reminders_of_organization", slug=one.slug),
            gettext("How readers of %(name)s are reminded", name=one.name),
        )
        for one in keep_reminders.organizations_of(actor)
    ]
    if keep_reminders.may_say_for_all(actor):
        ways.append((url_for("pages.reminder_rules"), gettext("How everybody is reminded")))
    return ways
