"""Which employers a college admits: an employer asks, the college's people say; public employers need not ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.core.errors import NotAllowed, NotFound, WrongState, say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Organization
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.words import ensure_advice
from eventsvc.domain.requests import employers, permits
from eventsvc.domain.requests.employers import EmployerApproval, EmployerState
from eventsvc.workflows import tell_of_requests

_MISSING = say("This employer has not asked there.")
_FOR_ITS_PEOPLE = say("Which employers a college admits is for those who plan there.")


def ask_to_be_admitted(college: str, employer: str, *, actor: Actor, now: datetime) -> EmployerApproval:
    """Put an employer on the list of those that wait for a college; doing it again changes nothing.

    For those who plan for either of the two.

    Refuses: SignInNeeded, NotFound for an unknown college, InvalidInput for an unknown employer; NotAllowed;
             WrongState for employers that need not ask.
    """
    ensure_somebody(actor)
    there = lookup.get(Organization, college)
    who = lookup.get_in_use(Organization, employer, field="employer")
    if not any(permits.may_speak_for(actor, one, permits.offices_of(one)) for one in (there, who)):
        raise NotAllowed(say("This is for those who plan for the college or for the employer."))
    if not employers.needs_approval(who):
        raise WrongState(say("%(name)s need not ask: public employers are admitted everywhere.", name=who.name))
    return note_waiting(there, who, actor, now)


def note_waiting(college: Organization, employer: Organization, actor: Actor, now: datetime) -> EmployerApproval:
    """The same where the roles were looked at already; who was answered before keeps that answer."""
    found = employers.find(college.id, employer.id)
    if found is not None:
        return found
    found = EmployerApproval(college=college, employer=employer, state=EmployerState.WAITING, asked_at=now, version=1)
    db.session.add(found)
    db.session.flush()
    _note("ask", found, None, actor, now)
    tell_of_requests.tell_of_employer(found, now)
    return found


def decide_on_employer(
    college: str,
    employer: str,
    state: EmployerState,
    *,
    reason: str = "",
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> EmployerApproval:
    """Approve an employer, or decline it with a reason; the same again changes nothing. It may be changed any time.

    Locks:   the approval.
    Refuses: SignInNeeded, NotFound, NotAllowed for those who do not plan at the college, Stale; WrongState for public
             employers that a college would approve anew.
    """
    ensure_somebody(actor)
    actor = hold_still(actor)
    there, who = lookup.get(Organization, college), lookup.get(Organization, employer)
    _ensure_may_decide(actor, there)
    found = employers.claim(there.id, who.id)
    if found is None and employers.needs_approval(who):
        raise NotFound(_MISSING)
    if found is None:  # a public employer: only a no is worth a row
        if state is EmployerState.APPROVED:
            raise WrongState(say("%(name)s need not ask: public employers are admitted everywhere.", name=who.name))
        found = EmployerApproval(college=there, employer=who, state=EmployerState.APPROVED, asked_at=now, version=1)
        db.session.add(found)
    ensure_met(expected, tag_of(found.version))
    reason = ensure_advice(reason, field="reason")
    if (found.state, found.reason) == (state, reason):
        return found
    before = found.state
    found.state, found.reason, found.decided_at, found.decided_by = state, reason, now, actor.name
    found.version += 1
    db.session.flush()
    _note("approve" if state is EmployerState.APPROVED else "decline", found, before, actor, now)
    tell_of_requests.tell_of_employer(found, now)
    return found


def employers_of(college: str, *, actor: Actor) -> list[EmployerApproval]:
    """What a college has said of employers, those that wait first; for those who plan there.

    Refuses: SignInNeeded, NotFound, NotAllowed.
    """
    ensure_somebody(actor)
    there = lookup.get(Organization, college)
    _ensure_may_decide(actor, there)
    return employers.of_college(there.id)


def ensure_may_come(event: Event, actor: Actor, people: Sequence[Expert] | None = None) -> None:
    """Refuses NotAdmitted where the college of an event does not admit the employer of somebody whom it asks.

    The college is whose campus it is, online whose office is in charge. Whoever is asked next in a line-up counts too.
    Every story by which somebody plans goes through here, one that names further `people` with those; a request is
    looked at by `employers.ensure_admitted`.
    """
    college = event.campus.organization if event.campus is not None else event.owner.organization
    lined_up = (candidate.expert for seat in event.seats for candidate in seat.candidates)
    asked = [*event.experts, *lined_up] if people is None else people
    senders = {expert.organization_id: expert.organization for expert in asked}
    senders.pop(college.id, None)
    employers.ensure_may_come(college, senders.values(), is_its_own_plan=lambda: _plans_there(event, college, actor))


def _plans_there(event: Event, college: Organization, actor: Actor) -> bool:
    """Whether somebody of the college plans it, or of its district."""
    if event.owner.organization_id in (college.id, college.parent_id):
        return True
    return permits.may_speak_for(actor, college, permits.offices_of(college))


def _ensure_may_decide(actor: Actor, college: Organization) -> None:
    if not permits.may_speak_for(actor, college, permits.offices_of(college)):
        raise NotAllowed(_FOR_ITS_PEOPLE)


def _note(verb: str, approval: EmployerApproval, before: EmployerState | None, actor: Actor, now: datetime) -> None:
    changes: dict[str, audit.Change] = {
        "state": (str(before) if before else None, str(approval.state)),
        "college": (None, approval.college.slug),
    }
    if approval.reason:
        changes["reason"] = (None, approval.reason)
    audit.record(verb, "employer", approval.employer.slug, actor=actor.name, now=now, changes=changes)
