"""In which language people and offices are written to, and how early they are asked to be there."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.schedule import When
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows.confirm_event import answer_invitation
from eventsvc.workflows.keep_directory import OfficeRow, save_office
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW


def planned(**more: object) -> tuple[list[Message], object]:
    """An event with one expert of the Port, at a college; the letters that were written, and the event."""
    port = builders.an_organization("port")
    office = builders.an_office("port-outreach", of=port)
    office.language = "es"
    expert = builders.an_expert("expert-one", of=port, office=office, lead=20, email=more.pop("email", None))
    expert.language = "vi"
    campus = builders.a_campus("college")
    event = plan_event(builders.a_plan(campus, experts=[expert], **more), actor=ADMINISTRATOR, now=NOW)
    return list(db.session.scalars(select(Message))), event


@pytest.mark.parametrize(("email", "language"), [("one@port.example", "vi"), ("", "es")])
def test_an_invitation_is_in_the_language_of_whoever_gets_it(app: Flask, email: str, language: str):
    letters, _ = planned(email=email)
    assert [letter.language for letter in letters] == [language]


def test_each_office_is_told_in_its_own_language(app: Flask):
    _, event = planned()
    invitation = asking.of_event(event.id)[0]
    answer_invitation(str(invitation.public_id), AnswerWord.DECLINE, turn=0, reason="", now=NOW)
    told = db.session.scalars(select(Message).where(Message.letter == "answer_declined"))
    assert {letter.to_name: letter.language for letter in told} == {event.owner.name: "en", "Port Outreach": "es"}


@pytest.mark.parametrize(
    ("when", "minutes"),
    [(builders.at("2027-02-10T14:00"), 20), (When(all_day=True, starts_on=date(2027, 2, 10)), 0)],
)
def test_who_comes_at_a_time_of_day_is_asked_to_be_there_early(app: Flask, when: When, minutes: int):
    letters, _ = planned(when=when)
    assert [letter.facts["lead_minutes"] for letter in letters] == [minutes]


def test_a_row_of_an_office_may_say_its_language(app: Flask):
    row = OfficeRow(name="Enlace", organization=builders.an_organization().slug, zone="America/Los_Angeles")
    assert save_office(row, actor=ADMINISTRATOR, now=NOW).language == "en"
    spanish = OfficeRow(name="Enlace", organization=row.organization, language="es")
    assert save_office(spanish, actor=ADMINISTRATOR, now=NOW).language == "es"
