"""Place legal holds and lift them: what one covers is neither ended by time nor erased on request."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.accounts.models import EMAIL_LENGTH, written_small
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.domain.events.words import ensure_plain
from eventsvc.domain.privacy import holds
from eventsvc.domain.privacy.models import LegalHold


def place_hold(
    *,
    reason: str,
    email: str = "",
    office: str | None = None,
    organization: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> LegalHold:
    """Keep what concerns a person (address), an office or organization (slugs), a span of days, or all of these.

    Refuses: SignInNeeded, NotAllowed; InvalidInput without a reason, without any scope, with half a span, or for a slug
             that nobody has.
    """
    ensure_may_run(actor)
    words = ensure_plain(reason, field="reason", limit=500)
    if not words:
        raise InvalidInput({"reason": say("is needed: whoever asks for erasing is told")})
    if not (email or office or organization or starts_on or ends_on):
        raise InvalidInput({"email": say("name a person, an office, an organization or a span of days")})
    _ensure_span(starts_on, ends_on)
    hold = LegalHold(
        email=written_small(ensure_plain(email, field="email", limit=EMAIL_LENGTH)),
        office_id=lookup.get_in_use(Office, office, field="office").id if office else None,
        organization_id=lookup.get_in_use(Organization, organization, field="organization").id
        if organization
        else None,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=words,
        placed_by=actor.name,
        placed_at=now,
    )
    db.session.add(hold)
    db.session.flush()
    audit.record("place", "legal hold", hold.public_id, actor=actor.name, now=now, changes={"reason": (None, words)})
    return hold


def _ensure_span(starts_on: date | None, ends_on: date | None) -> None:
    if (starts_on is None) != (ends_on is None):
        raise InvalidInput({"starts_on" if starts_on is None else "ends_on": say("a span of days has two ends")})
    if starts_on and ends_on and ends_on < starts_on:
        raise InvalidInput({"ends_on": say("lies before the first day")})


def lift_hold(hold_id: str | UUID, *, actor: Actor, now: datetime) -> LegalHold:
    """From now on what it covered ends with time again, and may be erased. Refuses: NotFound, WrongState."""
    ensure_may_run(actor)
    hold = holds.claim_hold(hold_id)
    if hold.lifted_at is not None:
        raise WrongState(say("This legal hold was lifted already."))
    hold.lifted_at, hold.lifted_by = now, actor.name
    audit.record("lift", "legal hold", hold.public_id, actor=actor.name, now=now)
    return hold
