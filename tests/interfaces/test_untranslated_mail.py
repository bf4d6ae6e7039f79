"""The pages of mail in a language without Latin letters; each reason, state and family once."""

from __future__ import annotations

from sqlalchemy import select

from eventsvc.core import kept_words
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import say
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.reasons import Reason
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.ical.imip import Family
from eventsvc.workflows import replies
from tests.conftest import NOW
from tests.interfaces.test_untranslated import GREEK, MAIL, Reader, greek, in_pseudo, pressed, reader, signed_in
from tests.received import a_mail, invitation_of

__all__ = ["greek", "in_pseudo", "reader", "signed_in"]


def test_mail_in_every_state_and_for_every_reason(greek, signed_in, reader: Reader):
    reader.read(signed_in, "/mail", about="nothing waits")
    reader.read(signed_in, "/mail/clients", about="nothing came")
    event_id = greek.plan(**GREEK)
    refusal = {"slug": "slot-taken", "reasons": [kept_words.keep(say("Something is booked at that time."))]}
    said = {"words": "ναι", "word": "", "method": "", "comment": "ίσως", "guests": 2, "starts": "2027"}
    said["refusal"] = refusal
    with greek.app.app_context(), transaction():
        event = get_event(event_id)
        asked = invitation_of(event)
        for number, reason in enumerate(Reason):
            family = list(Family)[number % len(Family)]
            a_mail(
                asked, reason=reason, family=family, is_verified=(True, False, None)[number % 3], subject="ν", **said
            )
        for state in MailState:
            a_mail(asked, state=state, reason=Reason.ANSWERED, subject="ν", **said)
        a_mail(subject="ν", **said)
        replies.reply(str(asked.public_id), AnswerWord.ACCEPT, turn=asked.turn, now=NOW)
        for mail in db.session.scalars(select(ReceivedMail)):
            mail.from_address = "α@β.γ"
        for letter in db.session.scalars(select(Message)):
            letter.state, letter.error = MessageState.FAILED, ""
        paths = [f"/mail/{mail.public_id}" for mail in db.session.scalars(select(ReceivedMail))]
    for path in (*paths, "/mail", "/mail/clients", f"/events/{event_id}", f"/events/{event_id}/mail", "/home"):
        reader.read(signed_in, path, about=path)
    for label in ("Counts as perhaps of Άλφα (ν)", "Put into the conversation (ν)", "Nothing to do (ν)"):
        signed_in.get("/mail")
        pressed(signed_in, label)
        reader.look(signed_in, label)
    assert reader.found == {}
    assert MAIL - reader.seen == set()
