"""Fill a demo's database: the directory, then the history of its events, played through the workflows in order.

Every booking, letter, audit entry and reminder of the demo is therefore real: it came about as it would have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from eventsvc.core.db import transaction
from eventsvc.core.links import Links
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord, InvitationState
from eventsvc.domain.outbox.smtp import InboxOnly
from eventsvc.interfaces.demo import answers, asked_for, mail, programme, scenes, tables
from eventsvc.interfaces.demo.days import first_day
from eventsvc.interfaces.demo.programme import Act, Item
from eventsvc.workflows import call_off_event, keep_accounts, keep_directory
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.keep_promises import next_due_at, tick
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event

# The directory is older than the first event that is planned in it.
_DIRECTORY_AGE = timedelta(days=90)
# In these courses nobody is written to because of them, so the post office may rest (it saves a second at start-up).
_SILENT = (Act.DRAFT, Act.PUBLISH, Act.ACCEPT)
_REASONS = {
    Act.TURN_DOWN: "On duty at the harbor that day.",
    Act.CANCEL: "The tide tables say no.",
    Act.POSTPONE: "The room is being painted.",
    Act.DECLINE: "The room is needed for examinations.",
    Act.WITHDRAW: "Planned twice by mistake.",
}


def build(start: datetime, *, links: Links, sender: str) -> None:
    """Fill an empty database at head so that it looks as it would at `start`; opens its own transactions.

    Letters of the past are marked sent and go nowhere: they are read in the inbox.
    """
    _keep_directory(start - _DIRECTORY_AGE)
    post_office = _PostOffice(links, sender)
    for at, is_silent, act in sorted(_acts(start), key=lambda entry: entry[0]):
        post_office.work_until(at)
        with transaction():
            act(at)
        if not is_silent:
            post_office.tick(at)
    post_office.work_until(start)
    post_office.tick(start)


def _acts(start: datetime) -> Iterator[scenes.Act]:
    """Everything that is done, and when; in order only within each of its sources."""
    yield from scenes.acts(start)
    yield from asked_for.acts(first_day(start))
    yield from answers.acts(first_day(start))
    yield from mail.acts(first_day(start))
    for item in programme.items(start):
        event = _Played(item)
        for at, act in item.acts():
            yield at, act in _SILENT, partial(event.play, act)


def _keep_directory(now: datetime) -> None:
    with transaction():
        for topic in tables.topics():
            keep_directory.save_topic(topic, actor=ADMINISTRATOR, now=now)
        for organization in tables.organizations():
            keep_directory.save_organization(organization, actor=ADMINISTRATOR, now=now)
        for office in tables.offices():
            keep_directory.save_office(office, actor=ADMINISTRATOR, now=now)
        for campus in tables.campuses():
            keep_directory.save_campus(campus, actor=ADMINISTRATOR, now=now)
        for room in tables.rooms():
            keep_directory.save_room(room, actor=ADMINISTRATOR, now=now)
        for pool in tables.pools():
            keep_directory.save_pool(pool, actor=ADMINISTRATOR, now=now)
        for expert in tables.experts():
            keep_directory.save_expert(expert, actor=ADMINISTRATOR, now=now)
        for way in tables.ways():
            keep_directory.save_travel(way, actor=ADMINISTRATOR, now=now)
        for account in tables.accounts():
            keep_accounts.add_account(account.email, account.name, actor=ADMINISTRATOR, now=now)
            keep_accounts.give_role(account.email, account.role, office=account.office, actor=ADMINISTRATOR, now=now)


@dataclass(frozen=True, slots=True)
class _PostOffice:
    """The heartbeat of the past: it ticks when something is due."""

    links: Links
    sender: str

    def work_until(self, instant: datetime) -> None:
        """Tick at every instant at which something comes due before that one."""
        while (due_at := next_due_at()) is not None and due_at < instant:
            self.tick(due_at)

    def tick(self, now: datetime) -> None:
        """Do and send what is due."""
        tick(transport=InboxOnly(), links=self.links, sender=self.sender, clock=lambda: now)


class _Played:
    """An event of the programme while its history is played."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self._event_id = ""

    def play(self, act: Act, now: datetime) -> None:
        """Do one thing about it; call inside transaction()."""
        reason = _REASONS.get(act, "")
        if act in (Act.PLAN, Act.DRAFT):
            event = plan_event(self.item.plan, is_draft=act is Act.DRAFT, actor=ADMINISTRATOR, now=now)
            self._event_id = str(event.public_id)
        elif act is Act.PUBLISH:
            publish_event(self._event_id, actor=ADMINISTRATOR, now=now)
        elif act is Act.HOST_YES:
            confirm_as_host(self._event_id, actor=ADMINISTRATOR, now=now)
        elif act is Act.ACCEPT:
            self._answer(AnswerWord.ACCEPT, "", now)
        elif act is Act.TURN_DOWN:
            self._answer(AnswerWord.DECLINE, reason, now)
        elif act is Act.MOVE:
            destination = Destination(time={"starts_local": self.item.moved_to})
            move_event(self._event_id, destination, actor=ADMINISTRATOR, now=now)
        else:
            _CALL_OFF[act](self._event_id, reason=reason, actor=ADMINISTRATOR, now=now)

    def _answer(self, word: AnswerWord, reason: str, now: datetime) -> None:
        """Everybody who was asked says the same."""
        for invitation in asking.of_event(get_event(self._event_id).id):
            if invitation.state is InvitationState.NEEDS_ACTION:
                answer_invitation(str(invitation.public_id), word, turn=invitation.turn, reason=reason, now=now)


_CALL_OFF = {
    Act.POSTPONE: call_off_event.postpone_event,
    Act.CANCEL: call_off_event.cancel_event,
    Act.DECLINE: call_off_event.decline_event,
    Act.WITHDRAW: call_off_event.withdraw_event,
}
