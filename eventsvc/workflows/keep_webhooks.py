"""Keep webhooks: register a target, change it, turn its secret, end it.

An office's are kept by whoever keeps its accounts or places and sees its work; those that are told of everything by the
administrators. The secret is shown when it is made and when it turns, and never again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, Refusal, say
from eventsvc.core.fetch import Fetcher, NotFetched
from eventsvc.core.links import Links
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may, ensure_may_run, ensure_somebody, may
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.words import ensure_plain
from eventsvc.domain.webhooks import signing, targets
from eventsvc.domain.webhooks.models import NOTE_LENGTH, Happening, Off, WebhookTarget

_KEEPING = (Permission.KEEP_ACCOUNTS, Permission.KEEP_PLACES)


@dataclass(frozen=True, slots=True)
class Checked:
    """An address that was looked at: see `check_address`, which alone makes these."""

    url: str


def may_keep(actor: Actor, office: Office | None) -> bool:
    """True for who may keep the webhooks of an office, or, without one, those that are told of everything."""
    try:
        _ensure_may_keep(actor, office)
    except Refusal:
        return False
    return True


def _ensure_may_keep(actor: Actor, office: Office | None) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who do not keep that office."""
    if office is None:
        ensure_may_run(actor)
        return
    owner = Owner(office.id, office.organization_id)
    ensure_may(actor, Permission.SEE_WORK, owner)
    if not any(may(actor, permission, owner) for permission in _KEEPING):
        ensure_may(actor, Permission.KEEP_ACCOUNTS, owner)


def get_office(slug: str | None, actor: Actor) -> Office | None:
    """The office of that slug, None: told of everything. Refuses SignInNeeded, NotFound, NotAllowed."""
    ensure_somebody(actor)
    office = lookup.get(Office, slug) if slug is not None else None
    _ensure_may_keep(actor, office)
    return office


def check_address(url: str, *, of: str | None, fetcher: Fetcher, actor: Actor) -> Checked:
    """Look at an address and at where its name leads today; asks the network, so call it outside of any transaction.

    Refuses: as `get_office`; InvalidInput for an address without https, with a password, or that leads inside.
    """
    get_office(of, actor)
    return _checked(url, fetcher)


def check_new_address(target_id: str, url: str, *, fetcher: Fetcher, actor: Actor) -> Checked:
    """The same for a webhook that there is; refuses NotFound where it is no affair of the actor's."""
    get_target(target_id, actor=actor)
    return _checked(url, fetcher)


def _checked(url: str, fetcher: Fetcher) -> Checked:
    db.session.rollback()  # nothing is read any more while a name is looked up
    try:
        if urlsplit(url.strip()).scheme.lower() in ("webcal", "webcals"):
            raise InvalidInput({"url": say("an address that begins with https:// is needed")})
        checked = fetcher.check(url)
        fetcher.look_up(checked)
    except ValueError:
        raise InvalidInput({"url": say("an address that begins with https:// is needed")}) from None
    except NotFetched as refusal:
        raise InvalidInput({"url": refusal.detail}) from None
    return Checked(checked)


def targets_of(slug: str | None, *, actor: Actor) -> Sequence[WebhookTarget]:
    """Those of an office, or those that are told of everything, the oldest first. Refuses as `get_office`."""
    return targets.of_office(get_office(slug, actor))


def get_target(target_id: str, *, actor: Actor) -> WebhookTarget:
    """One of them. Refuses: SignInNeeded; NotFound, also for what is no affair of the actor's."""
    ensure_somebody(actor)
    return _ensure_own(targets.get_target(target_id), actor)


def make(
    slug: str | None, url: Checked, kinds: Sequence[str], note: str = "", *, links: Links, actor: Actor, now: datetime
) -> WebhookTarget:
    """Register a target of an office, or one that is told of everything; it is on.

    Locks:   the office, so that two who make the last one do not make two.
    Refuses: as `get_office`; InvalidInput for unknown kinds or none, a long note, one target too many.
    """
    office = get_office(slug, actor)
    wanted, said = _kinds(kinds), ensure_plain(note, field="note", limit=NOTE_LENGTH).strip()
    if office is not None:
        db.session.execute(select(Office.id).where(Office.id == office.id).with_for_update(key_share=True))
        if office.retired_on is not None:
            raise InvalidInput({"office": say("%(name)s is out of use", name=office.name)})
    if targets.number_of(office) >= targets.MOST_OF_ONE:
        raise InvalidInput(
            {"url": say("there are %(most)s webhooks already: remove one first", most=targets.MOST_OF_ONE)}
        )
    target = WebhookTarget(
        public_id=uuid4(), office_id=office.id if office else None, url=url.url, kinds=wanted, note=said, turn=1
    )
    target.created_at = target.turned_at = now
    signing.first_secret(target, links.addresses)
    db.session.add(target)
    db.session.flush()
    note_act("make_webhook", target, actor, now, {"url": (None, url.url), "kinds": (None, wanted)})
    return target


def change(
    target_id: str,
    *,
    url: Checked | None = None,
    kinds: Sequence[str] | None = None,
    note: str | None = None,
    is_on: bool | None = None,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> WebhookTarget:
    """Change what is not None; switched off, it is owed nothing any more, switched on, it is told from now on.

    What waits goes to the new address.

    Locks:   the target, then its deliveries.
    Refuses: SignInNeeded, NotFound, Stale, InvalidInput.
    """
    target = claim_own(target_id, expected, actor)
    wished = {
        "url": url.url if url else None,
        "kinds": _kinds(kinds) if kinds is not None else None,
        "note": ensure_plain(note, field="note", limit=NOTE_LENGTH).strip() if note is not None else None,
    }
    changes: dict[str, audit.Change] = {}
    for name, value in wished.items():
        if value is not None and value != (before := getattr(target, name)):
            setattr(target, name, value)
            changes[name] = (before, value)
    if changes:
        target.version += 1
    if "url" in changes:
        target.resting_until = None
    if is_on is not None and is_on is not target.is_on:
        changes["on"] = (target.is_on, is_on)
        if is_on:
            targets.switch_on(target)
        else:
            targets.switch_off(target, Off.BY_HAND, now)
    if changes:
        db.session.flush()
        note_act("change_webhook", target, actor, now, changes)
    return target


def turn(
    target_id: str,
    overlap_hours: int = signing.OVERLAP_HOURS,
    *,
    links: Links,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> WebhookTarget:
    """Give it a new secret; the one before signs beside it for so many hours (0: it was seen by others, end it now).

    Locks:   the target.
    Refuses: SignInNeeded, NotFound, Stale, InvalidInput.
    """
    if not 0 <= overlap_hours <= signing.MOST_OVERLAP_HOURS:
        most = signing.MOST_OVERLAP_HOURS
        raise InvalidInput({"overlap_hours": say("must be a number from 0 to %(most)s", most=most)})
    target = claim_own(target_id, expected, actor)
    signing.turn(target, links.addresses, timedelta(hours=overlap_hours), now)
    target.version += 1
    db.session.flush()
    note_act("turn_webhook", target, actor, now, {"overlap_hours": (None, overlap_hours)})
    return target


def secret_in_words(target: WebhookTarget, links: Links) -> str:
    """The present secret, for the one answer that shows it."""
    return signing.in_words(signing.secret_of(target, links.addresses))


def end(target_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> WebhookTarget:
    """Forget a target, its secret and its log; returns what it was. Locks: the target. Refuses as `turn`."""
    target = claim_own(target_id, expected, actor)
    note_act("end_webhook", target, actor, now, {"url": (target.url, None)})
    targets.remove(target)
    return target


def _kinds(wanted: Sequence[str]) -> list[str]:
    """In the order of the list; refuses InvalidInput for unknown ones and for none."""
    unknown = sorted(set(wanted) - set(Happening))
    if unknown:
        raise InvalidInput({"kinds": say("%(word)r is none of what can be told", word=unknown[0])})
    if not wanted:
        raise InvalidInput({"kinds": say("say at least one thing that it is to be told of")})
    return [str(kind) for kind in Happening if kind in wanted]


def claim_own(target_id: str, expected: Expected | None, actor: Actor) -> WebhookTarget:
    """One of them, locked. Refuses as `get_target`, and Stale."""
    ensure_somebody(actor)
    target = _ensure_own(targets.claim_target(target_id), actor)
    ensure_met(expected, tag_of(target.version))
    return target


def _ensure_own(target: WebhookTarget, actor: Actor) -> WebhookTarget:
    """That there is a webhook at all is known to those who keep it."""
    try:
        _ensure_may_keep(actor, target.office)
    except NotAllowed:
        raise NotFound(say("There is no such webhook.")) from None
    return target


def note_act(verb: str, target: WebhookTarget, actor: Actor, now: datetime, changes: dict[str, audit.Change]) -> None:
    """Write down who did what to a target; the secret is written down nowhere."""
    of: dict[str, audit.Change] = {"of": (None, target.office.slug if target.office else "everything")}
    audit.record(verb, "webhook", target.public_id, actor=actor.name, now=now, changes={**of, **changes})
