"""What the rules promise for an event: who is to be reminded, when, in whose zone, and why not. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.domain.directory.lending import partner_offices
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.reminders.models import Anchor, Audience, Condition, Rule, RuleSet
from eventsvc.domain.reminders.offsets import Quiet, Shift, begins_at, instant_of, out_of_quiet
from eventsvc.domain.reminders.rule_book import NEVER_QUIET, RuleBook, quiet_hours

HOST = "office"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a reminder is for; `office_id` is whose quiet hours count, `address` whose choice of the channel."""

    audience: Audience
    recipient: str
    name: str
    zone: str
    organization_id: int
    office_id: int | None
    address: str = ""
    expert_id: int | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """One reminder as the rules want it: due at `due_at`, `nominal_at` where there were no quiet hours.

    `is_too_late`: it would go out when the event has begun; it is never planned.
    """

    rule: Rule
    reader: Reader
    nominal_at: datetime
    due_at: datetime
    shift: Shift
    is_too_late: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is promised for an event, and which sets of rules say so, by reader."""

    event: Event
    promises: list[Promise]
    sets: dict[str, RuleSet | None]


def outlooks(events: Sequence[Event], *, whatever_state: bool = False) -> dict[int, Outlook]:
    """The outlook of each event, by its id; with `whatever_state` as if everything were confirmed.

    The number of queries does not grow with the events or their people.
    """
    lenders = partner_offices({expert for event in events for expert in event.experts})
    readers = {event.id: list(_readers(event, lenders)) for event in events}
    everybody = [one for several in readers.values() for one in several]
    book = RuleBook([event.id for event in events], {one.organization_id for one in everybody})
    quiet = quiet_hours({one.office_id for one in everybody if one.office_id is not None})
    return {event.id: _outlook(event, readers[event.id], book, quiet, whatever_state) for event in events}


def _readers(event: Event, lenders: dict[int, Office]) -> Iterator[Reader]:
    """The office in charge, who comes, and the offices that lend them; an office that lends to itself is one reader."""
    owner = event.owner
    yield Reader(Audience.HOST, HOST, owner.name, owner.zone, owner.organization_id, owner.id, owner.mailbox)
    offices = {}
    for expert in event.experts:
        office = lenders.get(expert.id)
        yield _person(expert, office)
        if office is not None and office.id != owner.id:
            offices[office.id] = office
    for one in offices.values():
        yield Reader(
            Audience.PARTNER, f"partner:{one.slug}", one.name, one.zone, one.organization_id, one.id, one.mailbox
        )


def _person(expert: Expert, office: Office | None) -> Reader:
    lender = office.id if office else None
    name, zone, organization = expert.name, expert.zone, expert.organization_id
    return Reader(Audience.EXPERT, f"expert:{expert.slug}", name, zone, organization, lender, expert.email, expert.id)


def _outlook(
    event: Event, readers: list[Reader], book: RuleBook, quiet: dict[int | None, Quiet], whatever_state: bool
) -> Outlook:
    """Readers of one zone, with the same quiet hours, are reminded by a rule at the same instant."""
    begins, promises, sets = begins_at(event), [], {}
    known: dict[tuple[int, str, Quiet], tuple[datetime, datetime, Shift]] = {}
    for reader in readers:
        found = sets[reader.recipient] = book.of(reader.audience, event, reader.organization_id)
        hours = quiet.get(reader.office_id) or quiet.get(None) or NEVER_QUIET
        for rule in found.rules if found else ():
            if not (whatever_state or counts(rule, reader.audience, event)):
                continue
            key = rule.id, reader.zone, hours
            if key not in known:
                nominal = instant_of(rule, event, reader.zone)
                is_before = rule.anchor is Anchor.START
                moved = out_of_quiet(nominal, hours, reader.zone, begins=begins if is_before else None)
                known[key] = nominal, *moved
            nominal, due_at, shift = known[key]
            is_too_late = rule.anchor is Anchor.START and due_at >= begins
            promises.append(Promise(rule, reader, nominal, due_at, shift, is_too_late))
    return Outlook(event, promises, sets)


def counts(rule: Rule, audience: Audience, event: Event) -> bool:
    """True where a rule counts for an event as it stands.

    The host's office is reminded from the request on; others of an answer that is open, and of the event itself once
    it is certain. After the end counts what has taken place or is certain to.
    """
    if rule.anchor is Anchor.END:
        return event.status in (Status.CONFIRMED, Status.COMPLETED)
    if event.status is Status.COMPLETED or not event.holds_resources:
        return False
    return event.status is Status.CONFIRMED or audience is Audience.HOST or rule.condition is Condition.UNANSWERED
