"""Keep private calendars: make an address, turn it, end it; each by itself, though several are of one thing.

An expert keeps their own. Who keeps people or places does so for these, and whoever sees an office's work has the
office's desk; a program does so only with the scope that manages. An address ends with its holder's right to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, Refusal, say
from eventsvc.core.links import Links, is_still
from eventsvc.core.tokens import NOT_OURS
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, acting, ensure_may, ensure_somebody
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.events.words import ensure_plain
from eventsvc.domain.feeds import private
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.private import LABEL_LENGTH, MOST_OF_ONE, PrivateFeed, Shows, Thing
from eventsvc.domain.feeds.private_calendars import feed_of
from eventsvc.workflows.keeping import ensure_may_keep

KINDS: dict[str, Any] = {"experts": Expert, "rooms": Room, "offices": Office}


def ensure_may_have(actor: Actor, thing: Thing) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who may not have calendars of that thing."""
    if not isinstance(thing, Office):
        ensure_may_keep(actor, thing)
        return
    ensure_may(actor, Permission.SEE_WORK, Owner(thing.id, thing.organization_id))
    if actor.scopes is not None and Scope.MANAGE not in actor.scopes:
        raise NotAllowed(say("This token may look at the work, and not leave an address behind that shows it."))


def may_have(actor: Actor, thing: Thing) -> bool:
    """The same as a question, for pages."""
    try:
        ensure_may_have(actor, thing)
    except Refusal:
        return False
    return True


def get_thing(kind: str, slug: str, actor: Actor) -> Thing:
    """The expert, room or office of that slug. Refuses: SignInNeeded, NotFound, NotAllowed."""
    ensure_somebody(actor)
    thing: Thing = lookup.get(KINDS[kind], slug)
    ensure_may_have(actor, thing)
    return thing


def feeds_of(kind: str, slug: str, *, actor: Actor) -> Sequence[PrivateFeed]:
    """The addresses there are of a thing, the oldest first. Refuses: SignInNeeded, NotFound, NotAllowed."""
    return private.of_thing(get_thing(kind, slug, actor))


def get_feed(feed_id: str, *, actor: Actor) -> PrivateFeed:
    """One of them. Refuses: SignInNeeded; NotFound, also for what is no affair of the actor's."""
    ensure_somebody(actor)
    return _ensure_own(private.get(feed_id), actor)


def make(
    kind: str, slug: str, made_for: str, shows: Shows, *, links: Links, actor: Actor, now: datetime
) -> PrivateFeed:
    """A new address of a thing, held by who makes it.

    Refuses: SignInNeeded, NotFound, NotAllowed; InvalidInput without a word on whom it is for, or for one too many.
    """
    return _make(
        get_thing(kind, slug, actor), made_for, shows, links=links, holder=actor.account_id, actor=actor, now=now
    )


def turn(feed_id: str, *, links: Links, expected: Expected | None = None, actor: Actor, now: datetime) -> PrivateFeed:
    """Give it a new address, held by who turns it; the one before leads nowhere from the commit on.

    Locks:   the row.
    Refuses: SignInNeeded, NotFound, Stale.
    """
    feed = _claim(feed_id, expected, actor)
    feed.holder_id = actor.account_id
    _turn(feed, links, actor.name, now)
    return feed


def end(feed_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> PrivateFeed:
    """Let an address lead nowhere for ever. Locks: the row. Refuses: SignInNeeded, NotFound, Stale."""
    feed = _claim(feed_id, expected, actor)
    _end(feed, actor.name, now)
    return feed


def is_holder(feed: PrivateFeed, actor: Actor) -> bool:
    """True for whom the address is shown to; those who run the machine hold what nobody by name does."""
    return feed.holder_id == actor.account_id and (actor.account_id is not None or actor.is_administrator)


def at_address(token: str, links: Links) -> Feed:
    """The calendar of an address, found by its digest alone.

    Refuses: NotFound for any other, also for one whose holder has left or has lost the right to it.
    """
    feed = private.find_by_address(token)
    if feed.holder is not None and not _is_rightful(feed.holder, feed):
        raise NotFound(NOT_OURS)
    return feed_of(feed, links)


def _is_rightful(holder: Account, feed: PrivateFeed) -> bool:
    return holder.ended_at is None and may_have(acting.actor_of(holder), feed.thing)


def of_expert_by_link(slug: str, mark: str) -> tuple[Expert, Sequence[PrivateFeed]]:
    """Whom a season's link is of, and the addresses that were made by it.

    Refuses: NotFound where letters to that expert go elsewhere by now, or nowhere.
    """
    expert = lookup.get(Expert, slug)
    if expert.retired_on is not None or not expert.email or not is_still(mark, expert.email):
        raise NotFound(NOT_OURS)
    return expert, [feed for feed in private.of_thing(expert) if feed.holder_id is None]


def make_by_link(slug: str, mark: str, made_for: str, shows: Shows, *, links: Links, now: datetime) -> PrivateFeed:
    """A new address of one's own calendar, by the season's link. Refuses: NotFound, InvalidInput as `make`."""
    expert, _ = of_expert_by_link(slug, mark)
    return _make(expert, made_for, shows, links=links, holder=None, actor=None, now=now)


def turn_by_link(slug: str, mark: str, feed_id: str, *, links: Links, now: datetime) -> PrivateFeed:
    """A new address in place of one that was made by the link. Locks: the row. Refuses: NotFound."""
    feed = _claim_by_link(slug, mark, feed_id)
    _turn(feed, links, _BY_LINK, now)
    return feed


def end_by_link(slug: str, mark: str, feed_id: str, *, now: datetime) -> None:
    """Let such an address lead nowhere. Locks: the row. Refuses: NotFound."""
    _end(_claim_by_link(slug, mark, feed_id), _BY_LINK, now)


_BY_LINK = "expert by link"


def _claim_by_link(slug: str, mark: str, feed_id: str) -> PrivateFeed:
    _, own = of_expert_by_link(slug, mark)
    feed = private.claim(feed_id)
    if feed.id not in [one.id for one in own]:
        raise NotFound(say("There is no such calendar."))
    return feed


def _make(
    thing: Thing, made_for: str, shows: Shows, *, links: Links, holder: int | None, actor: Actor | None, now: datetime
) -> PrivateFeed:
    label = ensure_plain(made_for, field="made_for", limit=LABEL_LENGTH)
    if not label.strip():
        raise InvalidInput({"made_for": say("say which person or program it is for")})
    if thing.retired_on is not None:
        raise InvalidInput({"made_for": say("%(name)s is out of use", name=thing.name)})
    # Locked, so that two who make the last one do not make two.
    db.session.execute(select(type(thing).id).where(type(thing).id == thing.id).with_for_update(key_share=True))
    if len(private.of_thing(thing)) >= MOST_OF_ONE:
        raise InvalidInput({"made_for": say("there are %(most)s addresses already: end one first", most=MOST_OF_ONE)})
    feed = PrivateFeed(holder_id=holder, shows=shows, made_for=label.strip(), created_at=now, turned_at=now, turn=0)
    feed.version = 0
    _put(feed, thing)
    db.session.add(feed)
    db.session.flush()
    private.give_address(feed, links, now)
    db.session.refresh(feed)
    changes: dict[str, audit.Change] = {"shows": (None, str(shows))}
    _record("make_calendar", feed, actor.name if actor else _BY_LINK, now, changes)
    return feed


def _put(feed: PrivateFeed, thing: Thing) -> None:
    if isinstance(thing, Expert):
        feed.expert_id = thing.id
    elif isinstance(thing, Room):
        feed.room_id = thing.id
    else:
        feed.office_id = thing.id


def _turn(feed: PrivateFeed, links: Links, by: str, now: datetime) -> None:
    private.give_address(feed, links, now)
    _record("turn_calendar", feed, by, now)


def _end(feed: PrivateFeed, by: str, now: datetime) -> None:
    private.end(feed, now)
    _record("end_calendar", feed, by, now)


def _claim(feed_id: str, expected: Expected | None, actor: Actor) -> PrivateFeed:
    ensure_somebody(actor)
    feed = _ensure_own(private.claim(feed_id), actor)
    ensure_met(expected, tag_of(feed.version))
    return feed


def _ensure_own(feed: PrivateFeed, actor: Actor) -> PrivateFeed:
    """That there is an address at all is known to those who may have one."""
    try:
        ensure_may_have(actor, feed.thing)
    except NotAllowed:
        raise NotFound(say("There is no such calendar.")) from None
    return feed


def _record(
    verb: str, feed: PrivateFeed, by: str, now: datetime, changes: dict[str, audit.Change] | None = None
) -> None:
    """The address itself is written down nowhere."""
    of = {"of": (None, f"{type(feed.thing).__name__.lower()} {feed.thing.slug}")}
    audit.record(verb, "private_calendar", feed.public_id, actor=by, now=now, changes={**of, **(changes or {})})
