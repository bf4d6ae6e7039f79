"""Mail in the demo: two mails that wait for a decision, and answers that one writes as a calendar program would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.mail import incoming
from eventsvc.ical import imip
from eventsvc.ical.imip import Family
from eventsvc.ical.reply_writer import Question, write_reply
from eventsvc.interfaces.demo import answers
from eventsvc.interfaces.demo.asked_for import days_ago
from eventsvc.interfaces.demo.days import at
from eventsvc.interfaces.demo.scenes import Act
from eventsvc.interfaces.services import services
from eventsvc.workflows import read_mail
from eventsvc.workflows.take_in_mail import take_in

MAILBOX = "answers@demo.example"
TITLES = {"ACCEPTED": "Accepted", "TENTATIVE": "Tentative", "DECLINED": "Declined"}
LOST = "Parking on Wednesday"


def acts(today: date) -> Iterator[Act]:
    """Somebody answers from a private address, and somebody writes to us about nothing that we know."""
    yield at(days_ago(today, 1), time(18)), True, _from_home
    yield at(days_ago(today, 1), time(19)), True, partial(_arrives, _lost_mail())


def _from_home(now: datetime) -> None:
    """Whoever was asked after a no answers by the calendar of another address, and not to their own reply address."""
    event = db.session.scalars(select(Event).where(Event.title == answers.DECLINED)).one()
    invitation = asking.of_event(event.id)[-1]
    question = Question(
        uid=str(event.public_id),
        sequence=event.sequence,
        organizer=MAILBOX,
        attendee=invitation.expert.email,
        starts=event.starts_at,
        ends=event.ends_at,
        summary=event.title,
    )
    mail = answer(question, "ACCEPTED", Family.GOOGLE, sender="tern.at.home@mail.example", at=now)
    _arrives(mail, now)


def _lost_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "somebody@mail.example", MAILBOX, LOST
    mail["Message-ID"] = "<parking@mail.example>"
    mail.set_content("Is there a place for the van near the hall?\n")
    return mail


def _arrives(mail: EmailMessage, now: datetime) -> None:
    """It is taken in and read at once; what we wrote ourselves needs no process of its own."""
    raw = mail.as_bytes()
    take_in(raw, door="demo", now=now)
    db.session.flush()
    claimed = incoming.claim_next(now)
    if claimed is not None:
        read_mail.settle(claimed, imip.read_mail(claimed.raw), services().links, now)


def answer(question: Question, partstat: str, family: Family, *, sender: str, at: datetime) -> EmailMessage:
    """A mail as Google's or Microsoft's calendar sends an answer, to the ORGANIZER of the question."""
    calendar = write_reply(question, partstat, family, stamp=at.replace(microsecond=0))
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, question.organizer
    mail["Subject"] = f"{TITLES[partstat]}: {question.summary}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{question.uid}.{question.sequence}.{partstat}.{at.timestamp():.0f}@mail.example>"
    mail.set_content(f"{sender}: {TITLES[partstat]}.\n")
    mail.add_alternative(calendar.decode(), subtype="calendar", charset="utf-8", params={"method": "REPLY"})
    if family is Family.GOOGLE:
        mail.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")
    return mail
