"""What readers may switch off, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext

from eventsvc.domain.outbox.streams import Stream, Topic

NAMES = {
    Topic.REMINDERS: lazy_gettext("Reminders of an event"),
    Topic.OPEN_ANSWERS: lazy_gettext("Answers that are still missing"),
    Topic.COUNTS: lazy_gettext("Questions how many came"),
    Topic.OPEN_SEATS: lazy_gettext("Seats for which nobody is named"),
    Topic.THANKS: lazy_gettext("Thanks after an event"),
    Topic.MONDAY: lazy_gettext("The Monday letter"),
    Topic.DIGEST: lazy_gettext("One letter in the morning instead of several"),
    Topic.FINDINGS: lazy_gettext("What does not fit together in the calendar"),
}
HINTS = {
    Topic.REMINDERS: lazy_gettext("Some days or hours before you are expected somewhere."),
    Topic.OPEN_ANSWERS: lazy_gettext("To offices, before an event: who has not answered yet."),
    Topic.COUNTS: lazy_gettext("To the host, after an event."),
    Topic.OPEN_SEATS: lazy_gettext("To offices, when nobody is left to ask."),
    Topic.THANKS: lazy_gettext("With two questions; answering is never needed."),
    Topic.MONDAY: lazy_gettext("To offices, at seven: the week, and what still stands in the way."),
    Topic.DIGEST: lazy_gettext("For those who have chosen it below; without it, each one comes by itself."),
    Topic.FINDINGS: lazy_gettext("To offices, in the morning after the nightly examination."),
}
STREAMS = {
    Stream.TRANSACTIONAL: lazy_gettext("transactional"),
    Stream.SUBSCRIBED: lazy_gettext("subscribed"),
}
# How the form of a reader's choice calls its fields.
FIELDS = {
    "mornings": lazy_gettext("One letter in the morning, by the clock of"),
    "channel": lazy_gettext("Reminders reach me"),
}
