"""Ask a partner for an event: a wish with up to three windows and nobody named, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.times import local_day
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody, may_plan
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Level, Office, Organization, Topic
from eventsvc.domain.events import words
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.requests import employers, keepers, lookup, permits, standing, windows
from eventsvc.domain.requests.models import Format, Request, RequestState, Side, Window
from eventsvc.domain.requests.rounds import Round, RoundStanding
from eventsvc.domain.requests.standing import Step
from eventsvc.domain.requests.windows import SaidWindow
from eventsvc.workflows import close_offers, tell_of_requests
from eventsvc.workflows.admit_employers import note_waiting

MOST_DESCRIPTION = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """What a college's office wishes for; names are slugs. `partner` is an organization, `partner_office` one of its.

    Without `asker` it is the first office of the campus's organization for which the actor plans.
    """

    partner: str
    title: str
    windows: tuple[SaidWindow, ...]
    partner_office: str | None = None
    asker: str | None = None
    campus: str | None = None
    round: str | None = None
    kind: EventKind = EventKind.INFO_SESSION
    description: str = ""
    audience: tuple[str, ...] = ()
    level: Level | None = None
    language: str = "en"
    format: Format = Format.IN_PERSON
    duration_minutes: int = 60
    expected_heads: int | None = None
    accommodations: str = ""
    topics: tuple[str, ...] = field(default=())


def ask_partner(asked: AskedFor, *, submission: str | None = None, actor: Actor, now: datetime) -> Request:
    """Put a request on the partner's board, and tell both offices; with a round, among those of the round.

    An employer that is new to the college goes on the college's list at once; the request can be answered, and becomes
    an event once the college has approved the employer.

    Locks:   the account; the round, if there is one.
    Refuses: SignInNeeded, NotAllowed for another office, InvalidInput naming the field, WrongState for a round that is
             not open, NotAdmitted for an employer that the college has declined.
    """
    ensure_somebody(actor)
    actor = hold_still(actor)
    request = new_request(asked, actor, now)
    _ensure_not_declined(request.asker, request.partner, actor, now)
    request.submission = submission
    if asked.round is not None:
        request.round = _open_round(asked.round, request.partner, now)
    db.session.add(request)
    db.session.flush()
    keepers.note(request, Side.COLLEGE, actor, now)
    audit.record("ask", "request", request.public_id, actor=actor.name, now=now, changes=_as_new(request))
    tell_of_requests.tell_both(request, "asked", now)
    return request


def new_request(asked: AskedFor, actor: Actor, now: datetime, *, is_claim: bool = False) -> Request:
    """A request of that wish, not yet in the session; one that claims a date has its window from elsewhere.

    Refuses: NotAllowed for another office, InvalidInput naming the field.
    """
    campus = directory.get_in_use(Campus, asked.campus, field="campus") if asked.campus else None
    asker = _asker(asked, campus, actor)
    permits.ensure_may_plan_for(actor, asker, asked.kind)
    partner = _partner(asked, asker)
    if campus is None and asked.format is not Format.ONLINE:
        raise InvalidInput({"campus": say("is needed, unless the event is online")})
    zone = campus.zone if campus is not None and asked.format is not Format.ONLINE else asker.zone
    windows.ensure_length(asked.duration_minutes)
    if not is_claim:
        windows.ensure_possible(asked.windows, minutes=asked.duration_minutes, today=local_day(now, zone))
    return _new(asked, asker, partner, campus, zone, now)


def _asker(asked: AskedFor, campus: Campus | None, actor: Actor) -> Office:
    if asked.asker:
        office = directory.get_in_use(Office, asked.asker, field="asker")
        if campus is not None and campus.organization_id != office.organization_id:
            raise InvalidInput({"campus": say("is not one of your organization")})
        return office
    if campus is None:
        raise InvalidInput({"asker": say("name the office that asks, where there is no campus")})
    offices = permits.offices_of(campus.organization)
    own = [office for office in offices if may_plan(actor, permits.owner_of(office), asked.kind)]
    if not offices:
        raise InvalidInput({"asker": say("%(name)s has no office yet", name=campus.organization.name)})
    return (own or offices)[0]


def _partner(asked: AskedFor, asker: Office) -> Office:
    organization = directory.get_in_use(Organization, asked.partner, field="partner")
    if organization.id == asker.organization_id:
        raise InvalidInput({"partner": say("is your own organization: plan the event yourselves")})
    if asked.partner_office:
        office = directory.get_in_use(Office, asked.partner_office, field="partner_office")
        if office.organization_id != organization.id:
            raise InvalidInput({"partner_office": say("is no office of %(name)s", name=organization.name)})
        return office
    offices = permits.offices_of(organization)
    if not offices:
        raise InvalidInput({"partner": say("%(name)s has no office that could answer", name=organization.name)})
    return offices[0]


def _ensure_not_declined(asker: Office, partner: Office, actor: Actor, now: datetime) -> None:
    college, employer = asker.organization, partner.organization
    state = employers.state_of(college, employer)
    if state is employers.EmployerState.DECLINED:
        employers.ensure_admitted(college, employer)
    if state is employers.EmployerState.WAITING:
        note_waiting(college, employer, actor, now)


def _open_round(round_id: str, partner: Office, now: datetime) -> Round:
    found = lookup.claim_round(round_id)
    if found.office_id != partner.id:
        raise InvalidInput({"round": say("is a round of another office")})
    if found.standing(now) is not RoundStanding.OPEN:
        raise WrongState(say("This round is closed: it takes no more requests."), state=str(found.standing(now)))
    return found


def _new(asked: AskedFor, asker: Office, partner: Office, campus: Campus | None, zone: str, now: datetime) -> Request:
    return Request(
        asker=asker,
        partner=partner,
        campus=campus,
        kind=asked.kind,
        title=words.ensure_title(asked.title),
        description=words.ensure_plain(asked.description, field="description", limit=MOST_DESCRIPTION, lines=True),
        audience=list(asked.audience),
        level=asked.level,
        language=words.ensure_plain(asked.language, field="language", limit=10) or "en",
        format=asked.format,
        duration_minutes=asked.duration_minutes,
        expected_heads=asked.expected_heads,
        accommodations=words.ensure_advice(asked.accommodations, field="accommodations"),
        zone=zone,
        state=RequestState.OPEN,
        asked_at=now,
        answer_by=standing.answer_by(now, partner),
        version=1,
        topics=directory.get_all_in_use(Topic, asked.topics, field="topics"),
        windows=[window_of(one, rank) for rank, one in enumerate(asked.windows, start=1)],
    )


def window_of(said: SaidWindow, rank: int) -> Window:
    """The row of a window."""
    return Window(
        rank=rank,
        first_on=said.first_on,
        last_on=said.last_on,
        from_minute=said.from_minute,
        until_minute=said.until_minute,
        weekdays=sorted(set(said.weekdays)),
    )


def _as_new(request: Request) -> dict[str, audit.Change]:
    return {
        "title": (None, request.title),
        "asker": (None, request.asker.slug),
        "partner": (None, request.partner.slug),
        "campus": (None, request.campus.slug if request.campus else None),
        "topics": (None, [topic.slug for topic in request.topics]),
        "windows": (None, [[one.first_on.isoformat(), one.last_on.isoformat()] for one in request.windows]),
    }


def withdraw_request(
    request_id: str, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Request:
    """The college takes its request back; dates that were offered for it are offered no more.

    Locks:   the account, the dates offered for it, the request.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState once it was answered.
    """
    actor = hold_still(actor)
    request = lookup.claim_request(request_id, Side.COLLEGE, actor, expected)
    standing.ensure_can(request, Step.WITHDRAW, now)
    close_offers.close_for(request, now)
    standing.make(request, Step.WITHDRAW, now, reason=words.ensure_advice(reason, field="reason"))
    keepers.note(request, Side.COLLEGE, actor, now)
    changes: dict[str, audit.Change] = {"reason": (None, request.reason)} if request.reason else {}
    audit.record("withdraw", "request", request.public_id, actor=actor.name, now=now, changes=changes)
    tell_of_requests.tell_both(request, "withdrawn", now)
    return request
