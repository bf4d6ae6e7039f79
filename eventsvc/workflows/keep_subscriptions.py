"""Subscribe an office to a calendar elsewhere, change that, pause it, end it. The scheduler looks, no request does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.core.fetch import Fetcher, NotFetched
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody, may_plan
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events import imported, subscriptions
from eventsvc.domain.events.imported import ImportedEntry, Known
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.subscriptions import EventSubscription
from eventsvc.domain.requests.permits import ensure_may_plan_for, owner_of

MOST_OF_AN_OFFICE = 50
_MOST_OFFICES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribing:
    """What somebody wishes to subscribe an office to."""

    office: str
    url: str
    campus: str | None = None
    kind: EventKind | None = None
    is_published: bool = False
    refresh_minutes: int = subscriptions.USUAL_MINUTES


def subscribe(wish: Subscribing, *, fetcher: Fetcher, actor: Actor, now: datetime) -> EventSubscription:
    """From now on the entries of that calendar are events of the office; it is looked at soon, not now.

    Refuses: SignInNeeded, NotFound, NotAllowed for those who do not plan for the office, InvalidInput: an address that
             may not be read (see core.fetch) or is subscribed to already, a campus that is not known, other minutes.
    """
    office = lookup.get(Office, wish.office)
    ensure_may_plan_for(actor, office, wish.kind)
    try:
        url = fetcher.check(wish.url)
    except NotFetched as refusal:
        raise InvalidInput({"url": refusal.detail}) from None
    lookup.get_in_use(Office, wish.office, field="office")
    own = subscriptions.subscriptions_of([office.id])
    if any(one.url == url for one in own):
        raise InvalidInput({"url": say("is subscribed to already")})
    if len(own) >= MOST_OF_AN_OFFICE:
        raise InvalidInput({"url": say("is one too many: an office has at most %(most)d", most=MOST_OF_AN_OFFICE)})
    made = EventSubscription(
        office=office,
        url=url,
        campus=_campus(wish.campus),
        kind=wish.kind,
        is_published=wish.is_published,
        refresh_minutes=_minutes(wish.refresh_minutes),
        is_paused=False,
        etag="",
        last_modified="",
        failures=0,
        error="",
        report={},
        next_at=now,
        created_at=now,
        version=1,
    )
    db.session.add(made)
    db.session.flush()
    _record("subscribe", made, {"url": (None, url)}, actor, now)
    return made


def change_subscription(
    subscription_id: str,
    changes: Mapping[str, Any],
    *,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> EventSubscription:
    """Change what its entries become (`campus`, `kind`, `is_published`), how often it is looked at, or pause it.

    What its entries become is looked at again soon. Refuses: SignInNeeded, NotFound, NotAllowed, Stale, InvalidInput.
    """
    found = _claimed(subscription_id, expected, actor)
    before = _picture(found)
    if "campus" in changes:
        found.campus = _campus(changes["campus"])
    if "refresh_minutes" in changes:
        found.refresh_minutes = _minutes(changes["refresh_minutes"])
    for name in ("kind", "is_published", "is_paused"):
        if name in changes:
            setattr(found, name, changes[name])
    ensure_may_plan_for(actor, found.office, found.kind)
    after = _picture(found)
    if after == before:
        return found
    found.version += 1
    found.etag = found.last_modified = ""  # "not changed" would answer for what the entries became before
    found.next_at = None if found.is_paused else now
    turned = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    _record("change", found, turned, actor, now)
    db.session.flush()
    return found


def look_soon(subscription_id: str, *, actor: Actor, now: datetime) -> EventSubscription:
    """Let it be looked at within minutes. Refuses: SignInNeeded, NotFound, NotAllowed, InvalidInput while paused."""
    found = _claimed(subscription_id, None, actor)
    if found.is_paused:
        raise InvalidInput({"is_paused": say("It is paused: let it go on first.")})
    found.next_at, found.failures = now, 0
    db.session.flush()
    return found


def end_subscription(subscription_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> None:
    """Look at it no more; its events stay. Refuses: SignInNeeded, NotFound, NotAllowed, Stale."""
    found = _claimed(subscription_id, expected, actor)
    theirs = update(ImportedEntry).where(ImportedEntry.subscription_id == found.id)
    db.session.execute(theirs.values(subscription_id=None, gone_at=None))
    _record("unsubscribe", found, {"url": (found.url, None)}, actor, now)
    db.session.delete(found)
    db.session.flush()


def subscription_seen(subscription_id: str, *, actor: Actor) -> EventSubscription:
    """One subscription, for those who plan for its office. Refuses: SignInNeeded, NotFound."""
    ensure_somebody(actor)
    found = subscriptions.get_subscription(subscription_id)
    if not may_plan(actor, owner_of(found.office)):
        raise NotFound(say("There is no such subscription."))
    return found


def subscriptions_seen(office: str, *, actor: Actor) -> list[EventSubscription]:
    """The subscriptions of an office, those that fail first. Refuses: SignInNeeded, NotFound, NotAllowed."""
    found = lookup.get(Office, office)
    ensure_may_plan_for(actor, found)
    return subscriptions.subscriptions_of([found.id])


def offices_planned(*, actor: Actor) -> list[Office]:
    """The offices in use for which one plans, by slug. Refuses: SignInNeeded."""
    ensure_somebody(actor)
    offices, _ = lookup.page(Office, after_slug=None, limit=_MOST_OFFICES)
    return [office for office in offices if may_plan(actor, owner_of(office))]


def gone_of(found: Sequence[EventSubscription]) -> dict[int, list[Known]]:
    """By subscription (id): the events that its calendar does not hold any more and that still stand here."""
    return {one.id: [row for row in imported.known_through(one.id) if row.is_gone and row.is_on] for one in found}


def tag_of_subscription(found: EventSubscription) -> str:
    """What people have chosen, whatever the looks at it have brought since."""
    return tag_of(found.version)


def _claimed(subscription_id: str, expected: Expected | None, actor: Actor) -> EventSubscription:
    subscription_seen(subscription_id, actor=actor)
    found = subscriptions.claim_subscription(subscription_id)
    ensure_met(expected, tag_of_subscription(found))
    return found


def _campus(slug: str | None) -> Campus | None:
    return lookup.get_in_use(Campus, slug, field="campus") if slug else None


def _minutes(minutes: int) -> int:
    low, high = subscriptions.REFRESH_MINUTES
    if not low <= minutes <= high:
        raise InvalidInput({"refresh_minutes": say("must be between %(low)s and %(high)s", low=low, high=high)})
    return minutes


def _picture(found: EventSubscription) -> dict[str, Any]:
    return {
        "campus": found.campus.slug if found.campus else None,
        "kind": str(found.kind) if found.kind else None,
        "is_published": found.is_published,
        "is_paused": found.is_paused,
        "refresh_minutes": found.refresh_minutes,
    }


def _record(
    verb: str, found: EventSubscription, changes: Mapping[str, audit.Change], actor: Actor, now: datetime
) -> None:
    audit.record(verb, "subscription", found.public_id, actor=actor.name, now=now, changes=dict(changes))
