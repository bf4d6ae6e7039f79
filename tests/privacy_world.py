"""A world in which one person stands in every table that can hold somebody."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, select

from eventsvc.core.db import Word, db
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions, signing_in
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval
from eventsvc.domain.booking.blocks import Block, BlockKind, OutsideCalendar, Override
from eventsvc.domain.booking.models import Hold, Resource
from eventsvc.domain.events.models import Series, SkippedDate
from eventsvc.domain.feeds.private import PrivateFeed, Shows
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.domain.privacy.columns import PERSON_ROWS
from eventsvc.domain.privacy.kinds import PERSONAL
from eventsvc.domain.privacy.models import LegalHold
from eventsvc.domain.reminders.models import Reminder, Rule
from eventsvc.domain.webhooks.models import WebhookDelivery, WebhookTarget
from eventsvc.interfaces.schema import METADATA
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.confirm_event import answer_invitation
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.keep_access_log import note_access
from eventsvc.workflows.keep_leave import add_leave
from eventsvc.workflows.keep_people import ExpertRow, save_expert
from eventsvc.workflows.keep_tokens import make_token
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW

EMAIL, NAME, REASON = "ada@port.example", "Ada Example", "my hip needs surgery"
WHO = {"actor": ADMINISTRATOR, "now": NOW}


def make() -> SimpleNamespace:
    """Call inside a transaction. Ada is an expert with an account; Bo stands beside her and must stay as he is."""
    campus = builders.a_campus("harbor")
    hall = builders.a_room("hall", on=campus)
    office = builders.an_office("outreach", mailbox="outreach@port.example")
    row = ExpertRow(
        name=NAME,
        organization=office.organization.slug,
        slug="ada-example",
        office="outreach",
        email="Ada@port.example",
        zone=builders.PACIFIC,
        hours=[[day, 480, 1200] for day in range(7)],
        topics=(builders.a_topic("cranes").slug,),
    )
    ada = save_expert(row, **WHO)
    bo = builders.an_expert("bo", office=office, of=office.organization, email="bo@port.example")
    account = keep_accounts.add_account(EMAIL, NAME, **WHO)
    keep_accounts.add_account("bo@port.example", "Bo Example", **WHO)
    keep_accounts.give_role(EMAIL, Role.PARTNER, office="outreach", **WHO)
    make_token(EMAIL, "her own script", [Scope.READ], days=30, **WHO)
    sessions.begin(account, device="Firefox on Linux", now=NOW)
    signing_in.ask(account, NOW)
    event = plan_event(builders.a_plan(campus, rooms=[hall], experts=[ada, bo]), **WHO)
    publish_event(str(event.public_id), **WHO)
    named = plan_event(
        builders.a_plan(campus, when=builders.at("2027-02-11T14:00"), experts=[bo], title=f"An hour with {NAME}"), **WHO
    )
    publish_event(str(named.public_id), **WHO)
    edit_event(str(event.public_id), {"description": f"Write to {EMAIL}, please."}, **WHO)
    edit_event(str(event.public_id), {"description": "Write to us."}, **WHO)
    invitation = db.session.scalars(select(Invitation).where(Invitation.expert_id == ada.id)).one()
    answer_invitation(str(invitation.public_id), AnswerWord.DECLINE, turn=invitation.turn, reason=REASON, now=NOW)
    add_leave(ada.slug, "2027-03-01", "2027-03-05", **WHO)
    _the_rest(ada.id, event, hall.id)
    note_access("experts", purpose="print the program", number=2, account_ids=[account.id], expert_ids=[ada.id], **WHO)
    other = db.session.scalars(select(Account.id).where(Account.id != account.id)).one()
    ids = {"accounts": account.id, "another": other, "experts": ada.id, "events": event.id}
    ids["invitations"] = invitation.id
    for name in [*PERSON_ROWS, *dict.fromkeys(column.split(".")[0] for column in PERSONAL)]:
        if name != "search_entries" and db.session.execute(select(METADATA.tables[name]).limit(1)).first() is None:
            fill(name, ids)
    return SimpleNamespace(
        event=str(event.public_id),
        event_id=event.id,
        named=str(named.public_id),
        ada=ada.id,
        bo=bo.id,
        account=account.id,
    )


def fill(name: str, ids: dict[str, int]) -> None:
    """A row of that table, made of its columns: hers where it points at somebody, her address in every word."""
    table = METADATA.tables[name]
    values: dict[str, Any] = {}
    ids = dict(ids)
    for number, column in enumerate(table.columns):
        if column.name != "id" or column.foreign_keys:
            values[column.name] = _value(column, number, ids)
        if "accounts.id" in {key.target_fullname for key in column.foreign_keys}:
            ids["accounts"] = ids["another"]  # nobody covers for herself
    db.session.execute(table.insert().values(**{key: one for key, one in values.items() if one is not ...}))


# Digests, and what a program made up.
NEVER_ABOUT_HER = {f"idempotency_keys.{name}" for name in ("whose", "key", "request", "headers")}


def _value(column: Column, number: int, ids: dict[str, int]) -> Any:
    for key in column.foreign_keys:
        target = key.target_fullname.split(".")[0]
        if target in ids:
            return ids[target]
        if column.nullable and target == "organizations":
            return None  # one place, and an office is one
        found = db.session.scalar(select(key.column).limit(1))
        if found is None and not column.nullable:
            fill(target, ids)
            found = db.session.scalar(select(key.column).limit(1))
        return found
    if isinstance(column.type, Word):
        return next(iter(column.type.words))
    kind = type(column.type).__name__
    if f"{column.table.name}.{column.name}" in NEVER_ABOUT_HER:
        return {} if kind == "JSON" else f"{number}"
    if kind in ("String", "Text"):
        words = EMAIL if f"{column.table.name}.{column.name}" in PERSONAL else f"word {number}"
        return words[: column.type.length or 100]
    made = {
        "JSON": {"words": EMAIL if f"{column.table.name}.{column.name}" in PERSONAL else "none"},
        "UtcDateTime": NOW + timedelta(minutes=number),
        "DateTime": NOW.replace(tzinfo=None),
        "Date": NOW.date() + timedelta(days=number),
        "Boolean": False,
        "Uuid": uuid4(),
        "Integer": number,
    }
    return made.get(kind, ...)


def _the_rest(ada: int, event, hall: int) -> None:
    """One row, with her address in it, for each table that the stories above leave empty."""
    at = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    resource = db.session.scalars(select(Resource.id).where(Resource.expert_id == ada)).one()
    calendar = OutsideCalendar(resource_id=resource, url=f"https://calendars.example/{EMAIL}/private.ics")
    db.session.add(calendar)
    db.session.flush()
    words = f"ask {EMAIL}"
    feed = PrivateFeed(expert_id=ada, shows=Shows.DETAILS, made_for=words, digest="d" * 64, created_at=NOW)
    feed.turned_at = NOW
    db.session.add(feed)
    series = Series(title=words, rule={"note": words}, owner_id=event.owner_id, created_at=NOW)
    db.session.add_all(
        [
            Block(kind=BlockKind.BUSY_ELSEWHERE, resource_id=resource, outside_calendar_id=calendar.id, **at),
            Hold(held_by="administrator", note=words, wish={"title": words}, created_at=NOW, hold_until=NOW),
            Override(event_id=event.id, kind="closed", starts_at=NOW, reason=words, given_by="administrator", at=NOW),
            RoomApproval(
                event_id=event.id,
                room_id=hall,
                state=ApprovalState.DECLINED,
                asked_at=NOW,
                reason=words,
                reference=words,
            ),
            series,
            WebhookDelivery(
                target=WebhookTarget(
                    url=f"https://sms.example/?for={EMAIL}",
                    kinds=[],
                    note=words,
                    seal="",
                    created_at=NOW,
                    turned_at=NOW,
                ),
                key="for tests",
                kind="reminder.due",
                expert_id=ada,
                body=words,
                happened_at=NOW,
                next_attempt_at=NOW,
                give_up_at=NOW,
                tries=[{"said": words}],
            ),
            Reminder(
                event_id=event.id,
                rule_id=db.session.scalars(select(Rule.id).limit(1)).one(),
                recipient="expert:ada-example",
                expert_id=ada,
                starts_at=NOW,
                due_at=NOW,
            ),
            LegalHold(email=EMAIL, reason=words, placed_by="administrator", placed_at=NOW, lifted_at=NOW),
        ]
    )
    db.session.flush()
    plan = {"title": words}
    db.session.add(
        SkippedDate(
            series_id=series.id, position=0, starts_on=date(2027, 2, 1), plan=plan, reasons={"clashes": [words]}
        )
    )
    db.session.flush()
