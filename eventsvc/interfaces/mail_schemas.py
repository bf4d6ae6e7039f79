"""Schemas of mail that came in, of the mail log and of its counts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.domain.invitations.models import AnswerWord, InvitationState
from eventsvc.domain.mail.models import MailState
from eventsvc.domain.mail.reasons import Reason
from eventsvc.interfaces.fields import SLUG, a_word, an_instant
from eventsvc.interfaces.mail_words import ENDS
from eventsvc.interfaces.paging import PageSchema


class MailEventSchema(Schema):
    """The event that a mail is about."""

    id = fields.String()
    title = fields.String()
    url = fields.String()


class ReceivedMailSchema(Schema):
    """A mail that came in, and what became of it."""

    id = fields.String()
    received_at = an_instant()
    door = fields.String(metadata={"description": "How it came in: imap, maildir, pipe, http, demo"})
    state = a_word(MailState)
    reason = fields.String(metadata={"description": "A word; empty until it is read", "examples": [Reason.NEEDS_CHECK]})
    says = fields.String(metadata={"description": "The same in a sentence, in the language that was asked for"})
    from_address = fields.String()
    subject = fields.String()
    family = fields.String(metadata={"description": "Which sort of program wrote it"})
    is_verified = fields.Boolean(
        allow_none=True, metadata={"description": "Our own mail server vouches for the sender; null: it says nothing"}
    )
    event = fields.Nested(MailEventSchema, allow_none=True)
    expert = fields.String(allow_none=True, metadata=SLUG)
    name = fields.String(allow_none=True)
    settled_at = an_instant(allow_none=True)
    resolution = fields.String(allow_none=True)
    ends = fields.List(
        fields.String(validate=validate.OneOf(ENDS)), metadata={"description": "How you may end its review"}
    )
    url = fields.String()


class WholeMailSchema(ReceivedMailSchema):
    """The same with what was read in it."""

    from_name = fields.String()
    words = fields.String(metadata={"description": "As it was written, without quoted mail"})
    calendar = fields.Dict(metadata={"description": "What a calendar program said: method, word, starts …"})
    problem = fields.String(metadata={"description": "Why it cannot be read"})
    diagnosis = fields.String(metadata={"description": "Of a letter that came back: what the other server said"})
    refusals = fields.List(fields.String(), metadata={"description": "Why it could not be taken, in sentences"})
    is_told = fields.Boolean(metadata={"description": "A letter has told the sender so"})


class ReviewQuerySchema(PageSchema):
    """Which mail."""

    event = fields.String(load_default="", metadata={"description": "id of one event that you may change"})


class SettleSchema(Schema):
    """How the review of a mail ends."""

    end = fields.String(
        required=True,
        validate=validate.OneOf(ENDS),
        metadata={
            "description": "`accept`, `tentative`, `decline`: count it as that answer of the invited person; "
            "`conversation`: put its words into the conversation about the event; `dismiss`: nothing is to be done",
        },
    )


class LogLineSchema(Schema):
    """A letter that went out, or a mail that came in."""

    at = an_instant()
    way = fields.String(validate=validate.OneOf(["out", "in"]))
    id = fields.String()
    state = fields.String(metadata={"description": "Of a letter: queued, sent, failed …; of a mail: applied, review …"})
    what = fields.String(metadata={"description": "Which letter; of a mail: the reason of its state"})
    says = fields.String(metadata={"description": "In a sentence; of a letter: what a mail server answered"})
    address = fields.String(metadata={"description": "To whom, or from whom"})
    family = fields.String(metadata={"description": "Which program wrote it; of a letter: METHOD of its calendar part"})
    is_verified = fields.Boolean(allow_none=True)


class LogOfPersonSchema(Schema):
    """The mail with one person; `expert` null: mail about the event that is nobody's."""

    expert = fields.String(allow_none=True, metadata=SLUG)
    name = fields.String(allow_none=True)
    state = a_word(InvitationState, allow_none=True)
    lines = fields.List(fields.Nested(LogLineSchema))


class MailLogSchema(Schema):
    """The mail about an event."""

    event = fields.Nested(MailEventSchema)
    people = fields.List(fields.Nested(LogOfPersonSchema))


class ReasonCountSchema(Schema):
    """How often mail ended so."""

    state = a_word(MailState)
    reason = fields.String()
    number = fields.Integer()


_WORDS: dict[str, fields.Field[Any]] = {str(one): fields.Integer() for one in (*AnswerWord, *MailState)}


class _FamilySchema(Schema):
    """What came from one family of mail programs: answers by word, mails by state."""

    family = fields.String()
    mails = fields.Integer()
    verified = fields.Integer()
    reasons = fields.List(fields.Nested(ReasonCountSchema))


FamilySchema = _FamilySchema.from_dict(_WORDS, name="FamilySchema")


class WaysSchema(Schema):
    """How answers of one word were given."""

    word = a_word(AnswerWord)
    by_mail = fields.Integer()
    by_link = fields.Integer()
    on_behalf = fields.Integer()


class ClientsSchema(Schema):
    """By which programs and ways people answer."""

    families = fields.List(fields.Nested(FamilySchema))
    answers = fields.List(fields.Nested(WaysSchema))
