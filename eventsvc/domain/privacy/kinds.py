"""The kinds of records, and every column of the database that may hold something about a person: the one home.

A test walks all tables and fails for a column of words that stands neither in a kind nor among `NOT_PERSONAL`, and for
a table with rows of a person that is missing in `PERSON_ROWS` (both in `columns`). docs/privacy.md is made of this page
(`eventsvc privacy kinds`). There is no table of students: events know expected heads, which are numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a column may say of a person. Of one who is erased, own rows are emptied, other rows' words blacked out."""

    NAME = "name"
    ADDRESS = "address"
    TELEPHONE = "telephone"
    NOTE = "note"  # why somebody cannot come, why a room was declined …
    LINK = "link"  # an address that is a key: where to join online, a private calendar
    TEXT = "text"  # words of a booking, of which the record is public
    FACTS = "facts"  # JSON: what a letter says, what a field was before


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """Records of one kind. `kept_days` counts from `kept_from`; None keeps them as long as the service runs."""

    name: str
    what: str
    purpose: str
    basis: str
    seen_by: str
    kept_from: str
    kept_days: int | None = None
    at_the_end: str = ""
    erased: str
    columns: Mapping[str, Sort]


_DUTY = "performance of a public duty: to plan and announce events under the agreements"
_SECURITY = "security of the service"
_RECORDS = "Public Records Act (Gov. Code 7920 ff.): bookings, letters and logs are public records"

KINDS: tuple[RecordKind, ...] = (
    RecordKind(
        name="accounts",
        what="who may sign in: address, name, language, roles",
        purpose="to let people in and to write to them",
        basis=_DUTY,
        seen_by="the person; whoever keeps accounts at the same office; administrators",
        kept_from="the account was ended",
        kept_days=365,
        at_the_end="name and address are emptied",
        erased="name and address are replaced, roles end, sessions and tokens are deleted",
        columns={"accounts.email": Sort.ADDRESS, "accounts.name": Sort.NAME},
    ),
    RecordKind(
        name="sign_in_letters",
        what="that a letter to sign in was asked for, when, and whether it was used",
        purpose="to sign in once by a letter, and to send nobody too many",
        basis=_SECURITY,
        seen_by="nobody; administrators in an export",
        kept_from="the letter's time was over",
        kept_days=7,
        at_the_end="rows are deleted",
        erased="deleted",
        columns={},
    ),
    RecordKind(
        name="identities",
        what="by which word a provider knows somebody who signs in there; the digest of an administrator's password; "
        "for ten minutes what had been typed before going there",
        purpose="to know them again, and to show them their words again",
        basis=_SECURITY,
        seen_by="nobody",
        kept_from="",
        erased="deleted",
        columns={"identities.subject": Sort.NOTE, "on_the_way.kept": Sort.TEXT},
    ),
    RecordKind(
        name="sessions",
        what="where somebody is or was signed in: browser and system in words, no network address",
        purpose="to stay signed in, and to see and end one's sessions",
        basis=_SECURITY,
        seen_by="the person",
        kept_from="the session ended",
        kept_days=30,
        at_the_end="rows are deleted",
        erased="deleted",
        columns={"sessions.device": Sort.NOTE},
    ),
    RecordKind(
        name="tokens",
        what="what programs act with: a name in its owner's words, the digest of the token",
        purpose="to let programs act in somebody's name",
        basis=_SECURITY,
        seen_by="the person",
        kept_from="the token ended",
        kept_days=90,
        at_the_end="rows are deleted",
        erased="deleted",
        columns={"api_tokens.name": Sort.NOTE},
    ),
    RecordKind(
        name="experts",
        what="people whom employers lend: name, address, languages, hours, limits",
        purpose="to ask them to events and to book nobody twice",
        basis=_DUTY,
        seen_by="whoever plans; their own office; never the public",
        kept_from="their last day of use",
        kept_days=730,
        at_the_end="name, address and hours are emptied",
        erased="name, address, hours and topics are emptied; who is erased is out of use from that day on",
        columns={
            "experts.name": Sort.NAME,
            "experts.slug": Sort.NAME,
            "experts.email": Sort.ADDRESS,
            "experts.hours": Sort.FACTS,
            "reminders.recipient": Sort.NAME,
        },
    ),
    RecordKind(
        name="absences",
        what="when somebody is away or busy elsewhere; never why. Calendars of rooms and campuses keep their titles",
        purpose="to book nobody who is not there",
        basis=_DUTY,
        seen_by="whoever plans sees that, and until when",
        kept_from="it was over",
        kept_days=90,
        at_the_end="rows are deleted",
        erased="deleted, with the address of an outside calendar",
        columns={
            "blocks.title": Sort.TEXT,
            "outside_calendars.url": Sort.LINK,
            "outside_calendars.error": Sort.NOTE,
        },
    ),
    RecordKind(
        name="answers",
        what="yes and no of experts and of rooms' offices, and why not",
        purpose="to know who comes and where",
        basis=_DUTY,
        seen_by="the offices concerned",
        kept_from="the event ended",
        kept_days=730,
        at_the_end="reasons are emptied; that there was an answer, and when, stays",
        erased="her reasons are emptied",
        columns={
            "answers.reason": Sort.NOTE,
            "room_approvals.reason": Sort.NOTE,
            "room_approvals.reference": Sort.NOTE,
            "overrides.reason": Sort.NOTE,
        },
    ),
    RecordKind(
        name="bookings",
        what="events, series and what they were booked for; expected heads are counts, no names of students",
        purpose="to plan and announce events",
        basis=_RECORDS,
        seen_by="what is published: everybody; the rest: the offices concerned",
        kept_from="the event ended",
        kept_days=730,
        at_the_end="online links are emptied, mail addresses and telephone numbers in its words blacked out",
        erased="her name and address in its words are blacked out; that it was booked, when and where, stays public",
        columns={
            "events.title": Sort.TEXT,
            "events.description": Sort.TEXT,
            "events.bring": Sort.TEXT,
            "events.accommodations": Sort.TEXT,
            "events.audience": Sort.FACTS,
            "events.online_url": Sort.LINK,
            "events.promised": Sort.FACTS,
            "series.title": Sort.TEXT,
            "series.rule": Sort.FACTS,
            "skipped_dates.plan": Sort.FACTS,
            "skipped_dates.reasons": Sort.FACTS,
        },
    ),
    RecordKind(
        name="holds",
        what="things set aside for a while, with a note",
        purpose="to think an offer over",
        basis=_DUTY,
        seen_by="whoever set them aside",
        kept_from="the hold ended",
        kept_days=90,
        at_the_end="note and wish are emptied",
        erased="her name and address in them are blacked out",
        columns={"holds.note": Sort.NOTE, "holds.wish": Sort.FACTS},
    ),
    RecordKind(
        name="kept_answers",
        what="what programs were answered when they sent a key along, so that the same call gets the same answer",
        purpose="to do nothing twice that is sent twice",
        basis=_SECURITY,
        seen_by="whoever made the call, with the same token",
        kept_from="the call",
        kept_days=1,
        at_the_end="rows are deleted",
        erased="her name and address in them are blacked out; they are gone after a day",
        columns={"idempotency_keys.body": Sort.TEXT},
    ),
    RecordKind(
        name="letters",
        what="letters that were written: to whom, what about, what became of them",
        purpose="to tell people what concerns them, once",
        basis=_RECORDS,
        seen_by="administrators; letters that sign somebody in: nobody",
        kept_from="the letter was written",
        kept_days=730,
        at_the_end="address, name and body are emptied; that a letter was owed stays, so that none is sent twice",
        erased="address, name and body of letters to her are emptied; in others her name and address are blacked out",
        columns={
            "messages.to_address": Sort.ADDRESS,
            "messages.to_name": Sort.NAME,
            "messages.facts": Sort.FACTS,
            "messages.error": Sort.NOTE,
        },
    ),
    RecordKind(
        name="audit_values",
        what="what fields with names or words in them said before and after a change",
        purpose="to see who changed what",
        basis=_RECORDS,
        seen_by="administrators, and offices about their own records",
        kept_from="the change",
        kept_days=1095,
        at_the_end="rows are deleted; the log itself holds digests only, and its chain stays valid",
        erased="deleted where they are about her; in others her name and address are blacked out",
        columns={"audit_values.before": Sort.FACTS, "audit_values.after": Sort.FACTS},
    ),
    RecordKind(
        name="audit_log",
        what="who (a role or an id), when, which act on what; no names",
        purpose="to prove what was done",
        basis=_RECORDS,
        seen_by="administrators, and offices about their own records",
        kept_from="",
        erased="never: it holds ids and digests, and is sealed; an id leads to nobody any more",
        columns={},
    ),
    RecordKind(
        name="access_log",
        what="who took records with names out of the service, when, why, and whose names",
        purpose="Ed. Code 76222 asks for a log of it for students' records; it is kept for everybody",
        basis=_RECORDS,
        seen_by="the person whose name it was; administrators",
        kept_from="the access",
        kept_days=1095,
        at_the_end="rows are deleted",
        erased="her own line is deleted",
        columns={"accesses.purpose": Sort.NOTE},
    ),
    RecordKind(
        name="legal_holds",
        what="which records must be kept for the law's sake, and why",
        purpose="to keep what a court or a request asks for",
        basis=_RECORDS,
        seen_by="administrators",
        kept_from="",
        erased="not while the hold stands; afterwards her address in it is blacked out",
        columns={"legal_holds.email": Sort.ADDRESS, "legal_holds.reason": Sort.NOTE},
    ),
    RecordKind(
        name="directory",
        what="organizations, offices with mailbox and telephone, campuses, rooms, things",
        purpose="to know where and with whom",
        basis=_DUTY,
        seen_by="everybody, but for mailboxes of those who plan nothing public, parking and references",
        kept_from="",
        erased="her name and address are blacked out; a mailbox that an office still uses is named, and kept",
        columns={
            "offices.name": Sort.TEXT,
            "offices.mailbox": Sort.ADDRESS,
            "offices.telephone": Sort.TELEPHONE,
            "campuses.parking": Sort.TEXT,
            "rooms.outside_reference": Sort.TEXT,
            "skipped_steps.note": Sort.TEXT,
        },
    ),
    RecordKind(
        name="search",
        what="the words by which events, rooms and people are found",
        purpose="to find them",
        basis=_DUTY,
        seen_by="as the records themselves",
        kept_from="",
        erased="made anew of what is left",
        columns={
            "search_entries.title": Sort.TEXT,
            "search_entries.title_words": Sort.TEXT,
            "search_entries.public_words": Sort.TEXT,
            "search_entries.planner_words": Sort.TEXT,
        },
    ),
    RecordKind(
        name="request_logs",
        what="lines on standard error: method, route, status; no address, no name, no words searched for",
        purpose="to run the service",
        basis=_SECURITY,
        seen_by="whoever runs the machine",
        kept_from="",
        erased="there is nothing of a person in them",
        columns={},
    ),
)

PERSONAL: dict[str, Sort] = {column: sort for kind in KINDS for column, sort in kind.columns.items()}
