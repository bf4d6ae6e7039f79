"""The things of an office that are nobody else's affair: one of every kind, and what each is called in addresses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions, tokens
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.requests import lookup
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.answer_request import OtherDate, offer_other
from eventsvc.workflows.grant_rounds import open_round
from tests import builders, poured
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN
from tests.received import a_mail

WHO = {"actor": ADMINISTRATOR, "now": NOW}
TITLE = "Nobody's affair"
_LEE, _KIM = "lee@other.example", "kim@other.example"
_WHEN = {"starts_local": "2027-02-10T14:00", "duration_minutes": 60}


def fill(app: Flask) -> dict[str, str]:
    """Make them, as a coordinator of that office would; returns the real id for each parameter of an address."""
    with app.app_context():
        return poured.told("the things of another office", partial(_made, app))


def _made(app: Flask) -> dict[str, str]:
    names: dict[str, str] = {}
    with app.app_context(), transaction():
        secret = names["token"] = _fill_directory(names)
    client = app.test_client()

    def ask(path: str, *, by: str = secret, **body: Any) -> Any:
        answer = client.post(f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {by}"})
        assert answer.status_code == 201, (path, answer.text)
        return answer.json

    wish = {"kind": "info_session", "title": TITLE, "campus": "other-campus", "visibility": "private", **_WHEN}
    event = ask("/events", **wish, rooms=["other-room"], experts=["other-expert"])
    rule = {"kind": "dates", "dates": ["2027-02-09", "2027-02-10"]}
    early = {"starts_local": "2027-02-09T14:00", "experts": ["other-expert"]}
    series = ask("/series?on_conflict=skip", **{**wish, **early}, rule=rule)
    held = {"starts_local": "2027-02-12T14:00", "duration_minutes": 60, "campus": "other-campus"}
    days = {"from": "2027-04-05", "until": "2027-04-09"}
    names |= {
        "event_id": event["id"],
        "version": str(event["version"]),
        "series_id": series["id"],
        "skipped_id": series["skipped"][0]["id"],
        "link_id": ask(f"/events/{event['id']}/door-links", day="2027-02-10")["id"],
        "hold_id": ask("/holds", **held, rooms=["other-room"])["id"],
        "absence_id": ask("/absences", account=_LEE, cover=_KIM, **days)["id"],
        "leave_id": ask("/experts/other-expert/leave", by=ADMIN_TOKEN, **days)["id"],
    }
    asked = ask("/requests", **_wish())
    names |= {"request_id": asked["id"], "employer": "other-employer"}
    with app.app_context(), transaction():
        names |= _answers(asked["id"])
        names["mail_id"] = str(a_mail(about=get_event(event["id"])).public_id)
    with app.app_context():
        names["message_id"] = str(db.session.scalars(select(Message.public_id)).first())
    return names


def _wish() -> dict[str, Any]:
    days = {"first_on": "2027-03-01", "last_on": "2027-03-12"}
    whose = {"partner": "other-port", "asker": "other-office", "campus": "other-campus"}
    return {**whose, "title": TITLE, "windows": [days]}


def _answers(request_id: str) -> dict[str, str]:
    """The date that is offered in answer to a request is nobody else's affair either; a round is everybody's."""
    other = OtherDate(starts_local=datetime(2027, 4, 6, 14, 0))
    request = offer_other(request_id, other, **WHO)
    (offer,) = lookup.offers_of([request.id])[request.id]
    opened = open_round("other-port-office", "Spring", date(2027, 1, 20), **WHO)
    return {"offer_id": str(offer.public_id), "round_id": str(opened.public_id)}


def _fill_directory(names: dict[str, str]) -> str:
    """Returns the value of a token of the coordinator."""
    campus = builders.a_campus("other-campus")
    rooms_office = builders.an_office("other-rooms-office", of=campus.organization)
    room = builders.a_room("other-room", on=campus)
    room.office, room.needs_approval = rooms_office, True
    office = builders.an_office("other-office", of=campus.organization)
    builders.an_office("other-port-office", of=builders.an_organization("other-port"))
    builders.an_organization("other-employer", kind=OrganizationKind.EMPLOYER)
    builders.an_expert("other-expert", of=campus.organization, office=office)
    for email in (_LEE, _KIM):
        place = {"organization": campus.organization.slug}
        grant = keep_accounts.let_in(email, "Other", role=Role.COORDINATOR, **place, **WHO)
    names |= {"account_id": str(grant.account.public_id), "grant_id": str(grant.public_id), "slug": "other-room"}
    names["of"] = campus.organization.slug
    lee = db.session.scalars(select(Account).where(Account.email == _LEE)).one()
    sessions.begin(grant.account, device="", now=NOW)
    names["session_id"] = str(sessions.of_account(grant.account_id, NOW)[0].public_id)
    token, secret = tokens.make(lee.id, "a program", list(Scope), NOW + timedelta(days=9), NOW)
    names["token_id"] = str(token.public_id)
    return secret
