"""Systems of others are told what happens: what a story has done is written down for each target that may know of it.

What becomes of events is found by comparing, at the end of the story, with how they stood before (`changing` notes
that); answers and reminders are noted where they are taken and posted. The deliveries are written in the story's own
transaction; `deliver_webhooks` sends them. A target of an office is told of what stands on the office's desk, as its
private calendar is; of an event that has left the desk it learns that much, and nothing of what it has become.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eventsvc.core.db import at_the_end, db
from eventsvc.core.times import iso
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.models import Event
from eventsvc.domain.feeds.of_offices import Desks, desks_of
from eventsvc.domain.invitations.models import ASKED, Invitation
from eventsvc.domain.reminders.models import Anchor, Condition, Reminder
from eventsvc.domain.reminders.offsets import begins_at
from eventsvc.domain.webhooks import bodies, targets
from eventsvc.domain.webhooks.bodies import Known, body_of, facts_of
from eventsvc.domain.webhooks.deliveries import Owed, owe
from eventsvc.domain.webhooks.models import Happening, WebhookTarget


@dataclass(frozen=True, slots=True)
class _Before:
    """How an event stood before the story, and on whose desks."""

    known: Known
    desks: Desks


@dataclass(frozen=True, slots=True)
class _Said:
    """Something about an event that is no change of it. `facts` are looked up at the end, after savepoints."""

    kind: Happening
    key: str
    event: Event
    facts: Callable[[], dict[str, Any]]
    expert: Expert | None
    helps_until: datetime | None = None


@dataclass(eq=False)
class Announcements:
    """What a story has to announce; called at its end, it writes the deliveries."""

    has_targets: bool = field(default_factory=targets.is_any_on)
    before: dict[Event, _Before] = field(default_factory=dict)
    said: list[_Said] = field(default_factory=list)
    now: datetime | None = None

    def __call__(self) -> None:
        if not self.before and not self.said:
            return
        assert self.now is not None
        db.session.flush()
        those = targets.those_on()
        for event, before in self.before.items():
            if event in db.session:  # one that was planned in this story may have gone with a savepoint
                _announce_changes(event, before, those, self.now)
        for one in self.said:
            if one.event in db.session:
                _announce(one, those, self.now)


def note(events: Iterable[Event], now: datetime) -> None:
    """Remember how these events stand, before the running story changes them; the first time counts."""
    announcements = _of_this_story(now)
    if announcements.has_targets:
        for event in events:
            if event not in announcements.before:
                announcements.before[event] = _Before(bodies.known_of(event), desks_of(event))


def answered(invitation: Invitation, word: str, now: datetime) -> None:
    """An invited person has said yes, perhaps or no (`word`); it is written down."""
    at = iso(now)
    key = f"answer:{invitation.public_id}:{invitation.answers[-1].id}"
    expert = invitation.expert

    def facts() -> dict[str, Any]:
        return {
            "answer": {
                "of": "person",
                "id": str(invitation.public_id),
                "expert": expert.slug,
                "room": None,
                "organization": expert.organization.slug,
                "word": word,
                "standing": str(invitation.state),
                "at": at,
            }
        }

    _say(_Said(Happening.ANSWERED, key, invitation.event, facts, expert), now)


def room_answered(approval: RoomApproval, word: str, now: datetime) -> None:
    """The office of a room has granted or declined it."""
    at = iso(now)

    def facts() -> dict[str, Any]:
        return {
            "answer": {
                "of": "room",
                "id": str(approval.public_id),
                "expert": None,
                "room": approval.room.slug,
                "organization": approval.room.campus.organization.slug,
                "word": word,
                "standing": str(approval.state),
                "at": at,
            }
        }

    key = f"room:{approval.public_id}:{approval.turn}:{word}:{at}"
    _say(_Said(Happening.ANSWERED, key, approval.event, facts, None), now)


def person_reminded(reminder: Reminder, invitation: Invitation, now: datetime) -> None:
    """A reminder of an invited person is due."""
    expert = invitation.expert

    def facts() -> dict[str, Any]:
        said = {"of": "person", "expert": expert.slug, "organization": expert.organization.slug, "office": None}
        return {"reminder": {**said, "needs_answer": invitation.state in ASKED}}

    _say(_reminded(reminder, facts, expert), now)


def office_reminded(reminder: Reminder, office: Office, now: datetime) -> None:
    """A reminder of the office in charge, or of one that lends people, is due."""

    def facts() -> dict[str, Any]:
        said = {"of": "office", "expert": None, "organization": office.organization.slug, "office": office.slug}
        return {"reminder": {**said, "needs_answer": reminder.rule.condition is Condition.UNANSWERED}}

    _say(_reminded(reminder, facts, None), now)


def _reminded(reminder: Reminder, facts: Callable[[], dict[str, Any]], expert: Expert | None) -> _Said:
    """A reminder before the start helps until the event begins."""
    until = begins_at(reminder.event) if reminder.rule.anchor is Anchor.START else None
    return _Said(Happening.REMINDER, f"reminder:{reminder.id}", reminder.event, facts, expert, until)


def has_reminded_system(event: Event) -> bool:
    """True where some system of others is told when reminders of that event are due."""
    those = [one for one in targets.those_on() if Happening.REMINDER in one.kinds]
    desks = desks_of(event) if those else None
    return desks is not None and any(_is_told(one, desks) for one in those)


def _of_this_story(now: datetime) -> Announcements:
    announcements = at_the_end(Announcements)
    announcements.now = now
    return announcements


def _say(said: _Said, now: datetime) -> None:
    announcements = _of_this_story(now)
    if announcements.has_targets:
        announcements.said.append(said)


def _announce_changes(event: Event, before: _Before, those: Sequence[WebhookTarget], now: datetime) -> None:
    known, desks = bodies.known_of(event), desks_of(event)
    happened = bodies.happened(before.known, known)
    as_new = bodies.happened({**known, "status": "draft"}, known)
    for target in those:
        saw, sees = _is_told(target, before.desks), _is_told(target, desks)
        if saw and sees:
            _owe_changes(event, happened, target, {"event": facts_of(event), "was": dict(before.known)}, now)
        elif sees:
            _owe_changes(event, as_new, target, {"event": facts_of(event), "was": None}, now)
        elif saw and before.known["status"] != "draft":
            left = {"event": {"id": str(event.public_id), "version": event.version}, "was": dict(before.known)}
            _owe_changes(event, [Happening.CANCELLED], target, {**left, "has_left_your_desk": True}, now)


def _owe_changes(
    event: Event, happened: Sequence[Happening], target: WebhookTarget, facts: dict[str, Any], now: datetime
) -> None:
    about = str(event.public_id)
    for kind in happened:
        if kind in target.kinds:
            owed = Owed(key=f"{kind}:{about}:{event.version}", kind=kind, body=body_of(kind, now, **facts), event=about)
            owe(owed, [target], now)


def _announce(said: _Said, those: Sequence[WebhookTarget], now: datetime) -> None:
    desks = desks_of(said.event)
    told = [target for target in those if said.kind in target.kinds and _is_told(target, desks)]
    if told:
        owed = Owed(
            key=said.key,
            kind=said.kind,
            body=body_of(said.kind, now, event=facts_of(said.event), **said.facts()),
            event=str(said.event.public_id),
            expert_id=said.expert.id if said.expert else None,
            helps_until=said.helps_until,
        )
        owe(owed, told, now)


def _is_told(target: WebhookTarget, desks: Desks) -> bool:
    """Those of the administrators are told of everything; an office that is out of use is told of nothing."""
    if target.office is None:
        return True
    return target.office.retired_on is None and desks.has(target.office)
