"""Import a calendar of another system: read it with nothing open, then take its entries one by one.

Each entry is a transaction of its own, so that one that clashes is refused alone, and an import that was cut off goes
on where it was when it runs again: what was taken is then unchanged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from eventsvc.core import caps
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, Refusal, SlotTaken, say
from eventsvc.core.times import Span, to_wall
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events import imported
from eventsvc.domain.events.imported import Known
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.requests.permits import ensure_may_plan_for
from eventsvc.ical.confined import read_entries_confined
from eventsvc.ical.occurrences import Entries, Occurrence
from eventsvc.workflows.explain_clashes import explain
from eventsvc.workflows.import_entry import Done, Into, Outcome, add_entry, call_off_gone, digest_of, update_entry
from eventsvc.workflows.imported_places import Places

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
MOST_AT_ONCE = 300
LONGEST_WINDOW = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one entry of a file; `line` is where it begins, 0 for one that the file does not hold."""

    line: int
    uid: str
    title: str
    starts: datetime | date | None
    outcome: Outcome
    reason: str = ""
    warnings: tuple[str, ...] = ()
    event_id: UUID | None = None


@dataclass(slots=True)
class Report:
    """What an import did: every entry in its order, and what is said of the file as a whole (line, words)."""

    taken: list[Taken] = field(default_factory=list)
    warnings: tuple[tuple[int, str], ...] = ()

    @property
    def counts(self) -> Counter[Outcome]:
        """How many entries became what."""
        return Counter(one.outcome for one in self.taken)


def window(now: datetime, first: date | None = None, last: date | None = None) -> Span:
    """The time that is imported: from 30 days ago to 400 days ahead, or the days that were chosen (the last one whole).

    Refuses: InvalidInput for an end before the beginning, and for more than five years.
    """
    start = datetime(first.year, first.month, first.day, tzinfo=now.tzinfo) if first else now - BACK
    after = last + timedelta(days=1) if last and last < date.max else None
    end = datetime(after.year, after.month, after.day, tzinfo=now.tzinfo) if after else start + BACK + AHEAD
    if end <= start:
        raise InvalidInput({"until": say("is before the first day")})
    if end - start > LONGEST_WINDOW:
        raise InvalidInput({"until": say("is more than five years after the first day")})
    return Span(start, end)


def into_office(
    office: str,
    *,
    campus: str | None = None,
    kind: EventKind | None = None,
    is_published: bool = False,
    actor: Actor,
) -> Into:
    """What entries become for that office.

    Refuses: SignInNeeded, NotFound, NotAllowed for those who do not plan for it, InvalidInput for its campus.
    """
    found = lookup.get(Office, office)
    ensure_may_plan_for(actor, found, kind)
    lookup.get_in_use(Office, office, field="owner")
    if campus:
        lookup.get_in_use(Campus, campus, field="campus")
    return Into(office_id=found.id, campus=campus or None, kind=kind, is_published=is_published)


def read_calendar(raw: bytes, into: Into, span: Span) -> Entries:
    """What a file holds, floating times read by the clock of the campus or office; ends what the session has read.

    Refuses: TooLarge, UnreadableCalendar with the line.
    """
    caps.CALENDAR.ensure(len(raw))
    zone = _zone(into)
    db.session.rollback()  # nothing stays open while the text is read
    return read_entries_confined(raw, span, zone)


def take_entries(
    entries: Entries, into: Into, span: Span, *, actor: Actor, now: datetime, keep: bool = True
) -> Iterator[Taken]:
    """Take every entry, each in a transaction of its own, and say what became of it, in the order of the file.

    With `keep` False nothing is kept: each entry is then judged by itself, as things stand now.
    A date that is gone from its series is called off; what a file does not hold at all is left alone.
    """
    taking = _Taking(into, Places(into.office_id, into.campus), actor, now, keep)
    known = _known(entries, into)
    for refused in entries.refused:
        yield Taken(refused.line, refused.uid, "", None, Outcome.REFUSED, refused.reason)
    for entry in entries.occurrences:
        done = taking.take(entry, known.pop((entry.uid, entry.recurrence), None))
        starts = entry.starts_at or entry.starts_on
        yield Taken(
            entry.line, entry.uid, entry.title, starts, done.outcome, done.reason, entry.warnings, done.event_id
        )
    for left in known.values():
        is_ahead = left.is_on and now < left.starts_at < span.end
        if left.recurrence and left.uid in entries.whole and is_ahead:
            done = taking.call_off(left)
            yield Taken(0, left.uid, left.title, left.starts_at, done.outcome, done.reason, (), done.event_id)


def import_at_once(raw: bytes, into: Into, span: Span, *, actor: Actor, now: datetime, keep: bool = True) -> Report:
    """Read a file and take its entries, for a door at which somebody waits; opens its own transactions.

    Refuses: as `read_calendar`; InvalidInput for more than 300 dates.
    """
    entries = read_calendar(raw, into, span)
    if len(entries.occurrences) > MOST_AT_ONCE:
        words = say("It holds more than %(most)d dates: choose fewer days, or subscribe to it.", most=MOST_AT_ONCE)
        raise InvalidInput({"text": words})
    return Report(list(take_entries(entries, into, span, actor=actor, now=now, keep=keep)), entries.warnings)


@dataclass(frozen=True, slots=True)
class _Taking:
    """How the entries of one import are taken."""

    into: Into
    places: Places
    actor: Actor
    now: datetime
    keep: bool

    def take(self, entry: Occurrence, known: Known | None) -> Done:
        """Add it, bring it up to date, or leave it where it says what it said before."""
        who: dict[str, Any] = {"actor": self.actor, "now": self.now}
        if known is None:
            return self._tried(lambda: add_entry(entry, self.into, self.places, **who))
        is_kept_up = self.into.subscription_id in (None, known.subscription_id)
        if known.digest == digest_of(entry, self.into) and is_kept_up and not known.is_gone:
            return Done(Outcome.UNCHANGED, known.public_id)
        return self._tried(lambda: update_entry(known.public_id, entry, self.into, self.places, **who))

    def call_off(self, known: Known) -> Done:
        """Call off a date that is gone."""
        return self._tried(lambda: call_off_gone(known.public_id, actor=self.actor, now=self.now))

    def _tried(self, story: Callable[[], Done]) -> Done:
        """One story in a transaction of its own; its refusal is what became of the entry."""
        try:
            with transaction(keep=self.keep):
                return story()
        except SlotTaken as refusal:
            clashes = explain(refusal.clashes, actor=self.actor)
            return Done(Outcome.REFUSED, reason=_together([one["detail"] for one in clashes]))
        except InvalidInput as refusal:
            reasons = refusal.facts["errors"]
            named = [say("%(field)s: %(reason)s", field=one["field"], reason=one["reason"]) for one in reasons]
            return Done(Outcome.REFUSED, reason=_together(named))
        except Refusal as refusal:
            return Done(Outcome.REFUSED, reason=refusal.detail)
        except IntegrityError:
            return Done(Outcome.SKIPPED, reason=say("Another import has just taken it."))


def _together(sentences: Sequence[str]) -> str:
    """Several sentences as one that can still be said in another language."""
    return reduce(lambda one, other: say("%(one)s %(other)s", one=one, other=other), sentences)


def _known(entries: Entries, into: Into) -> dict[tuple[str, str], Known]:
    """What is known here, by UID and the date that the file has for it.

    A date whose hour has changed in its rule has another name; of such, those of one local day are the same.
    """
    rows = imported.known_of(into.office_id, entries.uids)
    by_key = {(row.uid, row.recurrence): row for row in rows}
    named = {(entry.uid, entry.recurrence): entry for entry in entries.occurrences}
    zone = _zone(into)
    lost: defaultdict[tuple[str, date], list[Known]] = defaultdict(list)
    new: defaultdict[tuple[str, date], list[Occurrence]] = defaultdict(list)
    for key, row in by_key.items():
        if key not in named:
            lost[row.uid, _day(row.recurrence, row.starts_at, zone)].append(row)
    for key, entry in named.items():
        if key not in by_key:
            new[entry.uid, _day(entry.recurrence, entry.starts_at or entry.starts_on, zone)].append(entry)
    for place, (entry, *more) in new.items():
        rows = lost[place]
        if len(rows) == 1 and not more:
            by_key[entry.uid, entry.recurrence] = by_key.pop((rows[0].uid, rows[0].recurrence))
    return by_key


def _day(recurrence: str, starts: datetime | date | None, zone: str) -> date:
    """The local day of a date of a series, by its rule; of what does not repeat, that of its start."""
    if recurrence:
        form = "%Y%m%dT%H%M%SZ" if "T" in recurrence else "%Y%m%d"
        starts = datetime.strptime(recurrence, form).replace(tzinfo=UTC)
        if "T" not in recurrence:
            return starts.date()
    if isinstance(starts, datetime):
        return to_wall(starts, zone).date()
    assert starts is not None
    return starts


def _zone(into: Into) -> str:
    if into.campus:
        return lookup.get(Campus, into.campus).zone
    return db.session.get_one(Office, into.office_id).zone
