"""The outbox over JSON and on the command line: letters, how delivery stands, what would leave while it is paused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import iso
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.pause import DeliveryPause, PauseReason
from eventsvc.domain.outbox.post import Wanted
from eventsvc.domain.reminders.tries import WorkKind
from eventsvc.interfaces.fields import Instant, Line, YesOrNo, a_word, an_instant
from eventsvc.interfaces.paging import MAX_LIMIT, PageSchema
from eventsvc.workflows.delivery_standing import Standing
from eventsvc.workflows.pause_delivery import Dropped


class LettersWantedSchema(Schema):
    """Which letters. What is left out does not narrow."""

    state = fields.String(load_default=None, validate=validate.OneOf([str(one) for one in MessageState]))
    letter = Line(most=40, load_default="", metadata={"description": "Its name, such as invitation"})
    to = Line(most=254, load_default="", metadata={"description": "A part of the address"})
    event = Line(most=40, load_default="", metadata={"description": "Public id of the event or series"})
    owed_before = Instant(load_default=None)


class PageOfLettersSchema(PageSchema, LettersWantedSchema):
    """Which letters, and how many of them at once."""


class LettersChosenSchema(LettersWantedSchema):
    """Which letters; at least one member must narrow."""

    ids = fields.List(fields.String(), load_default=list, validate=validate.Length(max=MAX_LIMIT))


class LettersTriedAgainSchema(LettersChosenSchema):
    """The same, and whether other work that was set aside is tried again, all of it."""

    work = YesOrNo(load_default=False)


class LetterSchema(Schema):
    """A letter that is owed or was; its words are read on its page."""

    id = fields.String()
    letter = fields.String(metadata={"description": "The name of its template, such as invitation"})
    to = fields.String()
    event = fields.String(metadata={"description": "Public id of what it is about; empty for nothing of that kind"})
    state = a_word(MessageState)
    owed_at = an_instant()
    next_attempt_at = an_instant()
    sent_at = an_instant(allow_none=True)
    attempts = fields.Integer()
    error = fields.String(metadata={"description": "The last thing that went wrong, or why it was not sent"})


class TriedAgainSchema(Schema):
    """What is tried again, or would be in a dry run."""

    letters = fields.List(fields.Nested(LetterSchema))
    work = fields.Integer(metadata={"description": "How much beside letters"})


class DroppedLettersSchema(Schema):
    """What is not owed any more, or would not be after a dry run."""

    letters = fields.List(fields.Nested(LetterSchema))


CountsSchema = Schema.from_dict({str(state): fields.Integer() for state in MessageState}, name="LetterCountsSchema")


class WorkSchema(Schema):
    """Something beside letters that was set aside."""

    kind = a_word(WorkKind)
    row = fields.Integer()
    tries = fields.Integer()
    reason = fields.String()
    set_aside_at = an_instant(allow_none=True)
    event = fields.String(allow_none=True)
    title = fields.String()


class PutOffLettersSchema(Schema):
    """So many letters are tried again by themselves, for one reason."""

    error = fields.String()
    letters = fields.Integer()
    since = an_instant(metadata={"description": "when the oldest of them was written"})


class WebhookSetAsideSchema(Schema):
    """How much of what a webhook is owed was set aside; whoever keeps it sends it again."""

    webhook = fields.String(metadata={"description": "Its id"})
    office = fields.String(allow_none=True, metadata={"description": "null: it is told of everything"})
    set_aside = fields.Integer()


class DeliveryPauseSchema(Schema):
    """Whether delivery is paused; what is said of the pause is null where it is not."""

    paused = fields.Boolean()
    since = an_instant(allow_none=True)
    reason = a_word(PauseReason, allow_none=True)
    by = fields.String(allow_none=True)
    taken_at = an_instant(allow_none=True, metadata={"description": "when the backup was taken that was restored"})


class DeliveryStandingSchema(Schema):
    """How delivery stands."""

    counts = fields.Nested(CountsSchema)
    oldest_due_seconds = fields.Integer(
        allow_none=True, metadata={"description": "For how long the oldest row that is due has waited"}
    )
    paused = fields.Boolean()
    pause = fields.Nested(DeliveryPauseSchema)
    work_set_aside = fields.List(fields.Nested(WorkSchema))
    webhooks_set_aside = fields.List(fields.Nested(WebhookSetAsideSchema))
    waiting = fields.List(fields.Nested(PutOffLettersSchema))
    newest_errors = fields.List(fields.Nested(LetterSchema))


class OwedQuerySchema(Schema):
    """How many letters, and how many reminders, are listed."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))


class OwedLetterSchema(Schema):
    """A letter that would leave at once."""

    id = fields.String()
    letter = fields.String()
    to = fields.String()
    about = fields.String()
    event = fields.String(allow_none=True)
    due_at = an_instant()
    may_have_left = fields.Boolean(metadata={"description": "After the backup was taken that was restored"})


class OwedReminderSchema(Schema):
    """A reminder that would be written at once."""

    to = fields.String()
    about = fields.String()
    event = fields.String()
    due_at = an_instant()
    may_have_left = fields.Boolean()


class OwedSchema(Schema):
    """What would leave at once, the longest due first."""

    pause = fields.Nested(DeliveryPauseSchema)
    letters_in_all = fields.Integer()
    letters = fields.List(fields.Nested(OwedLetterSchema))
    reminders_in_all = fields.Integer()
    reminders = fields.List(fields.Nested(OwedReminderSchema))


class NotOwedSchema(Schema):
    """What is not to leave: letters by their ids, or all that was due before an instant; one of the two."""

    ids = fields.List(fields.String(), load_default=list, validate=validate.Length(max=MAX_LIMIT))
    before = Instant(load_default=None)


class DroppedSchema(Schema):
    """How many are owed no longer."""

    letters = fields.Integer()
    reminders = fields.Integer()


def wanted_letters(said: Mapping[str, Any]) -> Wanted:
    """Which letters a query or a body means."""
    return Wanted(
        to=said["to"],
        state=MessageState(said["state"]) if said["state"] else None,
        event=said["event"],
        letter=said["letter"],
        owed_before=said["owed_before"],
        ids=tuple(said.get("ids", ())),
    )


def chosen_letters(said: Mapping[str, Any]) -> Wanted:
    """The same; refuses InvalidInput where nothing narrows: nobody means every letter there ever was."""
    wanted = wanted_letters(said)
    if not wanted.conditions():
        raise InvalidInput({"body": say("say which letters: by ids, state, letter, to, event or owed_before")})
    return wanted


def letter_facts(message: Message) -> dict[str, Any]:
    """A letter as the doors say it."""
    return {
        "id": str(message.public_id),
        "letter": message.letter,
        "to": message.to_address,
        "event": message.event,
        "state": str(message.state),
        "owed_at": iso(message.created_at),
        "next_attempt_at": iso(message.next_attempt_at),
        "sent_at": iso(message.sent_at) if message.sent_at else None,
        "attempts": message.attempts,
        "error": message.error,
    }


def pause_facts(stands: DeliveryPause | None) -> dict[str, Any]:
    """The pause that stands, or that none does."""
    return {
        "paused": stands is not None,
        "since": iso(stands.since) if stands else None,
        "reason": str(stands.reason) if stands else None,
        "by": stands.by_whom if stands else None,
        "taken_at": iso(stands.taken_at) if stands and stands.taken_at else None,
    }


def standing_facts(stands: Standing) -> dict[str, Any]:
    """How delivery stands."""
    return {
        "counts": {str(state): stands.counts.get(str(state), 0) for state in MessageState},
        "oldest_due_seconds": None if stands.oldest_due is None else int(stands.oldest_due.total_seconds()),
        "paused": stands.pause is not None,
        "pause": pause_facts(stands.pause),
        "work_set_aside": [
            {
                "kind": str(one.attempt.kind),
                "row": one.attempt.row,
                "tries": one.attempt.begun,
                "reason": one.attempt.reason,
                "set_aside_at": iso(one.attempt.set_aside_at) if one.attempt.set_aside_at else None,
                "event": str(one.event_id) if one.event_id else None,
                "title": one.title,
            }
            for one in stands.set_aside
        ],
        "webhooks_set_aside": [
            {
                "webhook": str(target.public_id),
                "office": target.office.slug if target.office else None,
                "set_aside": number,
            }
            for target, number in stands.webhooks_set_aside
        ],
        "waiting": [{"error": one.error, "letters": one.letters, "since": iso(one.since)} for one in stands.waiting],
        "newest_errors": [letter_facts(one) for one in stands.newest_errors],
    }


def dropped_facts(dropped: Dropped) -> dict[str, int]:
    """How many are owed no longer."""
    return {"letters": dropped.letters, "reminders": dropped.reminders}
