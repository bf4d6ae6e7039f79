"""What an office takes out: its events and all that hangs on them, its rooms and experts, its letters, its log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db
from eventsvc.core.times import iso
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.attendance import counting
from eventsvc.domain.attendance.models import Attendance, Feedback
from eventsvc.domain.conversations.models import Remark
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.directory.weekly import hours_text
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, Series, Status
from eventsvc.domain.invitations.models import Answer, Invitation
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.workflows import event_cells, mail_sheets, request_sheets
from eventsvc.workflows.event_cells import parted
from eventsvc.workflows.office_log import OfOffice, as_json, audit_rows, letter_rows, of_experts, of_rooms
from eventsvc.workflows.sheets import Column, Sheet, in_batches


def _events(of: OfOffice, *, drafts: bool) -> Select[Any]:
    is_draft = Event.status == Status.DRAFT
    query = select(Event).where(Event.owner_id == of.office_id, is_draft if drafts else ~is_draft)
    return query.options(*WHOLE)


def events_in_batches(of: OfOffice) -> Iterator[Sequence[Event]]:
    """Its events without drafts, read whole."""
    return in_batches(_events(of, drafts=False), Event.id)


def _event_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    return (event_cells.cells_of(event) for some in events_in_batches(of) for event in some)


def _draft_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    found = in_batches(_events(of, drafts=True), Event.id)
    return (event_cells.cells_of(event) for some in found for event in some)


def _series_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(Series).where(Series.owner_id == of.office_id).options(selectinload(Series.skipped))
    for some in in_batches(query, Series.id):
        for one in some:
            lacking = parted(str(skipped.starts_on) for skipped in one.skipped)
            yield str(one.public_id), one.title, as_json(one.rule), iso(one.created_at), lacking


def _room_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(Room).join(Campus, Campus.id == Room.campus_id).where(of_rooms(of))
    query = query.options(joinedload(Room.campus), joinedload(Room.office), joinedload(Room.parent))
    for some in in_batches(query.options(selectinload(Room.aliases)), Room.id):
        for room in some:
            yield [
                *(room.name, room.campus.slug, room.slug, room.office.slug if room.office else None),
                room.parent.slug if room.parent else None,
                *(_yes_no(room.needs_approval), room.outside_reference, room.capacity, room.layout),
                *(parted(room.equipment), _yes_no(room.step_free), room.setup_minutes, room.takedown_minutes),
                *(hours_text(room.hours), parted(alias.folded for alias in room.aliases), room.retired_on),
            ]


def _expert_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(Expert).where(of_experts(of)).options(joinedload(Expert.organization), joinedload(Expert.office))
    query = query.options(joinedload(Expert.home_campus), selectinload(Expert.topics))
    for some in in_batches(query, Expert.id):
        for one in some:
            yield [
                *(one.name, one.organization.slug, one.slug, one.office.slug if one.office else None, one.email),
                *(one.language, parted(one.languages), parted(one.levels), parted(topic.slug for topic in one.topics)),
                one.home_campus.slug if one.home_campus else None,
                *(one.zone, one.lead_minutes, one.max_per_day, one.max_per_week, one.max_per_month),
                *(one.max_travel_minutes, one.online_buffer_minutes, hours_text(one.hours), one.retired_on),
            ]


def _approval_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    rooms = select(Room.id).where(Room.office_id == of.office_id)
    own = select(Event.id).where(Event.owner_id == of.office_id)
    query = select(RoomApproval).where(or_(RoomApproval.event_id.in_(own), RoomApproval.room_id.in_(rooms)))
    for some in in_batches(
        query.options(joinedload(RoomApproval.event), joinedload(RoomApproval.room)), RoomApproval.id
    ):
        for one in some:
            yield [
                *(str(one.event.public_id), one.event.title, one.room.slug, str(one.state), iso(one.asked_at)),
                iso(one.answered_at) if one.answered_at else None,
                *(one.reference, one.reason),
            ]


def _answer_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(Answer).join(Invitation, Invitation.id == Answer.invitation_id)
    query = query.join(Event, Event.id == Invitation.event_id).where(Event.owner_id == of.office_id)
    for some in in_batches(query, Answer.id):
        asked = _invitations({one.invitation_id for one in some})
        for one in some:
            invitation = asked[one.invitation_id]
            expert, event = invitation.expert, invitation.event
            yield [
                *(str(event.public_id), event.title, expert.slug, expert.name, str(one.word), one.reason),
                *(iso(one.given_for), iso(one.at)),
            ]


def _attendance_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    known = select(Event).join(Attendance, Attendance.event_id == Event.id).where(Event.owner_id == of.office_id)
    for some in in_batches(known, Event.id):
        told = counting.told_of_events([event.id for event in some])
        for event in some:
            row, spoke = told[event.id].row, told[event.id].speakers
            if row is not None:
                yield [
                    *(str(event.public_id), event.title, str(row.standing), row.heads),
                    *(row.students, row.families, row.community, iso(row.counted_at) if row.counted_at else None),
                    None if spoke is None else parted(expert.slug for expert in spoke),
                ]


def _feedback_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(Feedback).join(Feedback.event).where(Event.owner_id == of.office_id, Feedback.given_at.is_not(None))
    query = query.options(joinedload(Feedback.event), joinedload(Feedback.expert))
    for some in in_batches(query, Feedback.id):
        for one in some:
            yield [
                *(str(one.event.public_id), one.event.title, one.expert.slug if one.expert else None),
                *(one.score, one.comment, iso(one.given_at) if one.given_at else None),
            ]


def _invitations(ids: Collection[int]) -> dict[int, Invitation]:
    query = select(Invitation).where(Invitation.id.in_(ids))
    query = query.options(joinedload(Invitation.event), joinedload(Invitation.expert))
    return {one.id: one for one in db.session.scalars(query)}


def _remark_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    query = select(Remark).join(Event, Event.public_id == Remark.subject)
    own = or_(Event.owner_id == of.office_id, Remark.office_id == of.office_id)
    query = query.where(own).options(joinedload(Remark.office), joinedload(Remark.account), joinedload(Remark.expert))
    for some in in_batches(query, Remark.id):
        for one in some:
            by = one.author.name if one.author else None
            yield str(one.subject), iso(one.at), one.office.slug if one.office else None, by, one.words


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


_ROOMS = (
    Column("name", "name"),
    Column("campus", "slug of the campus"),
    Column("slug", "slug"),
    Column("office", "slug of the office that looks after it"),
    Column("parent", "slug of the divisible hall it is a part of"),
    Column("needs_approval", "yes where that office is asked first"),
    Column("outside_reference", "its id in the office's own system", Sort.TEXT),
    Column("capacity", "seats"),
    Column("layout", "how it is set up"),
    Column("equipment", "what is in it"),
    Column("step_free", "yes, no, or empty while nobody has said"),
    Column("setup_minutes", "before an event"),
    Column("takedown_minutes", "after an event"),
    Column("hours", "weekly hours on the campus's clock; empty: the campus's"),
    Column("aliases", "other spellings of the name"),
    Column("retired_on", "out of use from that day on"),
)
_EXPERTS = (
    Column("name", "name", Sort.NAME),
    Column("organization", "slug of the employer"),
    Column("slug", "slug", Sort.NAME),
    Column("office", "slug of the office that lends them"),
    Column("email", "address; empty: letters go to the office", Sort.ADDRESS),
    Column("language", "of letters"),
    Column("languages", "spoken"),
    Column("levels", "before whom they speak; empty: before everybody"),
    Column("topics", "slugs of what they speak about"),
    Column("home", "slug of the campus where the day begins"),
    Column("zone", "IANA zone"),
    Column("lead_minutes", "there this long before an event"),
    Column("max_per_day", "events a day at most"),
    Column("max_per_week", "a week"),
    Column("max_per_month", "a month"),
    Column("max_travel_minutes", "on the way in a day, at most"),
    Column("online_buffer_minutes", "ready this long before an event online"),
    Column("hours", "weekly hours in `zone`; empty: any time"),
    Column("retired_on", "out of use from that day on"),
)
_EVENT, _TITLE = Column("event", "id of the event"), Column("title", "its title", Sort.TEXT)

SHEETS: tuple[Sheet[OfOffice], ...] = (
    Sheet("rooms", "Import again: `eventsvc import rooms rooms.csv`.", _ROOMS, _room_rows),
    Sheet("experts", "Import again: `eventsvc import experts experts.csv`.", _EXPERTS, _expert_rows),
    Sheet(
        "events",
        "Every event of the office that is no draft. Import again: `eventsvc import events events.csv`.",
        event_cells.COLUMNS,
        _event_rows,
    ),
    Sheet(
        "drafts", "Plans that nobody has asked anybody about, in the same columns.", event_cells.COLUMNS, _draft_rows
    ),
    Sheet(
        "series",
        "Events that were planned as one.",
        (
            Column("series_id", "id, as events.csv names it"),
            Column("title", "title", Sort.TEXT),
            Column("rule", "JSON: as it was said", Sort.FACTS),
            Column("created_at", "UTC"),
            Column("lacking", "days that could not be had"),
        ),
        _series_rows,
    ),
    Sheet(
        "approvals",
        "Rooms of others that its events asked for, and what others asked of its rooms.",
        (
            *(_EVENT, _TITLE, Column("room", "slug"), Column("state", "requested, granted, declined, withdrawn")),
            *(Column("asked_at", "UTC"), Column("answered_at", "UTC")),
            Column("reference", "number in the room office's own system", Sort.NOTE),
            Column("reason", "why it was declined", Sort.NOTE),
        ),
        _approval_rows,
    ),
    Sheet(
        "answers",
        "What people said whom its events asked.",
        (
            *(_EVENT, _TITLE, Column("expert", "slug", Sort.NAME), Column("name", "name", Sort.NAME)),
            *(Column("word", "accept or decline"), Column("reason", "in their words", Sort.NOTE)),
            *(Column("given_for", "the start it was given for, UTC"), Column("at", "when, UTC")),
        ),
        _answer_rows,
    ),
    Sheet(
        "remarks",
        "What offices wrote to one another about its events, and what it wrote about those of others.",
        (
            *(_EVENT, Column("at", "UTC"), Column("office", "slug, in whose name")),
            *(Column("name", "who wrote", Sort.NAME), Column("words", "what was written", Sort.TEXT)),
        ),
        _remark_rows,
    ),
    Sheet(
        "attendance",
        "How many came to its events, as it said; no names of those who came.",
        (
            *(_EVENT, _TITLE, Column("standing", "awaited, counted, missing"), Column("heads", "how many came")),
            *(Column("students", "of them"), Column("families", "of them"), Column("community", "of them")),
            *(Column("counted_at", "when it was last said, UTC"), Column("spoke", "slugs of who spoke", Sort.NAME)),
        ),
        _attendance_rows,
    ),
    Sheet(
        "feedback",
        "What its hosts and those who spoke said of its events.",
        (
            *(_EVENT, _TITLE, Column("expert", "slug; empty: the host", Sort.NAME), Column("score", "1 to 5")),
            *(Column("comment", "in their words", Sort.NOTE), Column("given_at", "when, UTC")),
        ),
        _feedback_rows,
    ),
    *request_sheets.SHEETS,
    *mail_sheets.SHEETS,
    Sheet(
        "letters",
        "Letters to its mailbox and about its events; never those that sign somebody in.",
        (
            *(Column("letter", "which letter"), Column("to_address", "to whom", Sort.ADDRESS)),
            *(Column("to_name", "to whom", Sort.NAME), _EVENT, Column("state", "queued, sent, failed, dropped")),
            *(Column("created_at", "when it was owed, UTC"), Column("sent_at", "when it left, UTC")),
            Column("facts", "JSON: what it said", Sort.FACTS),
        ),
        letter_rows,
    ),
    Sheet(
        "audit",
        "The log about its events, series, rooms, experts, answers and approvals.",
        (
            *(Column("at", "UTC"), Column("actor", "a role or an id"), Column("verb", "what was done")),
            *(Column("subject_kind", "to what"), Column("subject", "its id or slug", Sort.TEXT)),
            Column("changes", "JSON: field, before and after, or digests", Sort.FACTS),
            Column("values", "JSON: words and names behind the digests, while they are kept", Sort.FACTS),
        ),
        audit_rows,
    ),
)
