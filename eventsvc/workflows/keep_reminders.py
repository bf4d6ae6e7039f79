"""Say by which rules people are reminded: for everybody, a kind of events, an organization's readers, or one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Permission, ensure_may_run, ensure_somebody, may, may_run
from eventsvc.domain.accounts.roles import GRANTED
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import claim_to_change, get_event
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.reminders import planning, replanning, rule_book, saying
from eventsvc.domain.reminders.models import Audience, QuietHours, RuleSet
from eventsvc.domain.reminders.rule_book import EVERYBODY, RuleBook, Scope
from eventsvc.domain.reminders.saying import SaidRule, as_said
from eventsvc.workflows.keeping import ensure_may_keep_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """For what rules are said, in words: an event's public id, or an organization's slug and a kind; else everybody."""

    event: str = ""
    organization: str = ""
    kind: EventKind | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The rules of a scope for an audience: its own, or those that count instead; `version` 0: it never had any."""

    audience: Audience
    scope: Scope
    own: RuleSet | None
    counts: RuleSet | None
    version: int

    @property
    def rules(self) -> list[SaidRule]:
        """The rules that count."""
        return [as_said(rule) for rule in self.counts.rules] if self.counts else []


def rules_of(whose: Whose, *, actor: Actor) -> list[Standing]:
    """What counts in a scope, for each audience; for those who may change it.

    Refuses: SignInNeeded, NotFound, NotAllowed, InvalidInput for an event named beside something else.
    """
    scope = _scope(whose, actor)
    return [_standing(audience, scope) for audience in Audience]


def may_say_for_all(actor: Actor) -> bool:
    """True for who says rules for everybody and for a kind of events."""
    return may_run(actor)


def organizations_of(actor: Actor) -> Sequence[Organization]:
    """The organizations for whose readers somebody says rules by a role there, by name."""
    if not may(actor, Permission.KEEP_PEOPLE):
        return []
    held = [one for one in actor.held if Permission.KEEP_PEOPLE in GRANTED[one.role]]
    whole = {number for one in held for number in one.organization_ids}
    offices = [one.office_id for one in held if one.office_id is not None]
    if not whole and not offices:
        return []
    by_office = select(Office.organization_id).where(Office.id.in_(offices))
    is_theirs = or_(Organization.id.in_(whole), Organization.id.in_(by_office))
    query = select(Organization).where(is_theirs, Organization.retired_on.is_(None))
    return db.session.scalars(query.order_by(Organization.name)).all()


def keep_rules(
    whose: Whose,
    audience: Audience,
    said: Sequence[SaidRule] | None,
    *,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> Standing:
    """Let a scope have these rules for an audience: none at all, too. None takes its own away: the more general count.

    Reminders follow: those of one event at once, of many by the next ticks, a few at a time.

    Locks:   the event, the set, the events' notes.
    Refuses: as `rules_of`, Stale, InvalidInput naming each rule.
    """
    scope = _scope(whose, actor)
    if said is not None:
        saying.ensure_sound(audience, said)
    if scope.event is not None:
        claim_to_change(scope.event.public_id, actor)
    own = rule_book.claim(audience, scope)
    ensure_met(expected, None if _is_first(expected, own.version) else tag_of(own.version))
    before = _standing(audience, scope).rules if own.is_in_force else None
    if _as_list(before) != _as_list(said):
        saying.put(own, said or (), now)
        own.is_in_force, own.version = said is not None, own.version + 1
        db.session.flush()
        changes: dict[str, audit.Change] = {"rules": (_as_list(before), _as_list(said))}
        audit.record("remind", *_subject(scope, audience), actor=actor.name, now=now, changes=changes)
        _plan_anew(scope, now)
    return _standing(audience, scope)


def quiet_of(office: str, *, actor: Actor) -> QuietHours:
    """The quiet hours of an office's readers, or everybody's for no office; version 0 where it has none of its own.

    Refuses: NotFound, SignInNeeded, NotAllowed.
    """
    found = _office(office, actor)
    return db.session.scalar(_own_quiet(found)) or _copied(found)


def keep_quiet(
    office: str,
    from_minute: int,
    until_minute: int,
    *,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> QuietHours:
    """Change when nobody is reminded: minutes of the reader's local day; the same twice for never quiet.

    Locks:   the row, the events' notes.
    Refuses: as `quiet_of`, Stale, InvalidInput.
    """
    errors = [
        (name, say("is an hour such as 09:00"))
        for name, minute in (("from", from_minute), ("until", until_minute))
        if not 0 <= minute < 24 * 60
    ]
    if errors:
        raise InvalidInput(errors)
    found = _office(office, actor)
    if found is not None:  # two who are the first must not both be
        db.session.execute(select(Office.id).where(Office.id == found.id).with_for_update(key_share=True))
    own = db.session.scalar(_own_quiet(found).with_for_update(of=QuietHours)) or _copied(found)
    ensure_met(expected, None if _is_first(expected, own.version) else tag_of(own.version))
    before = None if own.version == 0 else [own.from_minute, own.until_minute]
    if before != [from_minute, until_minute]:
        own.from_minute, own.until_minute, own.version = from_minute, until_minute, own.version + 1
        db.session.add(own)
        db.session.flush()
        subject = ("office", found.slug) if found else ("service", "everybody")
        changes: dict[str, audit.Change] = {"quiet": (before, [from_minute, until_minute])}
        audit.record("quiet", *subject, actor=actor.name, now=now, changes=changes)
        replanning.ask(replanning.of_office(found) if found else replanning.of_kind(None), now)
    return own


def _is_first(expected: Expected | None, version: int) -> bool:
    return expected is not None and expected.is_nothing and version == 0


def _scope(whose: Whose, actor: Actor) -> Scope:
    ensure_somebody(actor)
    if whose.event:
        if whose.organization or whose.kind:
            raise InvalidInput({"event": say("stands alone: one event has one kind and its own readers")})
        event = get_event(whose.event)
        permits.ensure_may_change(actor, event)
        return Scope(event=event)
    if whose.organization:
        organization = lookup.get(Organization, whose.organization)
        ensure_may_keep_of(actor, Permission.KEEP_PEOPLE, organization)
        return Scope(organization=organization, kind=whose.kind)
    ensure_may_run(actor)
    return Scope(kind=whose.kind)


def _standing(audience: Audience, scope: Scope) -> Standing:
    own = rule_book.find(audience, scope)
    version = own.version if own else 0
    if own is not None and own.is_in_force:
        return Standing(audience, scope, own, own, version)
    return Standing(audience, scope, None, _more_general(audience, scope), version)


def _more_general(audience: Audience, scope: Scope) -> RuleSet | None:
    """What counts instead; for one event the general rules: its readers' organizations may each have their own."""
    if scope.event is not None:
        organizations = [scope.event.owner.organization_id] if audience is Audience.HOST else []
        book = RuleBook([scope.event.id], organizations)
        return book.in_scope(audience, organizations[0] if organizations else None, scope.event.kind)
    mine = [scope.organization.id] if scope.organization else []
    return RuleBook([], mine).in_scope(audience, mine[0] if mine else None, scope.kind)


def _subject(scope: Scope, audience: Audience) -> tuple[str, str]:
    if scope.event is not None:
        return "event", str(scope.event.public_id)
    if scope.organization is not None:
        return "organization", scope.organization.slug
    return "service", str(audience)


def _as_list(said: Sequence[SaidRule] | None) -> list[str] | None:
    """Rules in an order of their own, as the audit keeps them."""
    if said is None:
        return None
    return sorted(
        " ".join(str(part) for part in (*one.offset, one.condition, one.channel) if part is not None) for one in said
    )


def events_of(whose: Whose, *, actor: Actor) -> ColumnElement[bool]:
    """The events on which rules of that scope may count. Refuses as `rules_of`."""
    return _affected(_scope(whose, actor))


def _affected(scope: Scope) -> ColumnElement[bool]:
    if scope.event is not None:
        return Event.id == scope.event.id
    where: list[ColumnElement[bool]] = [replanning.of_kind(scope.kind)]
    if scope.organization is not None:
        where.append(replanning.of_organization(scope.organization.id))
    return and_(*where)


def _plan_anew(scope: Scope, now: datetime) -> None:
    if scope.event is not None:
        planning.plan(scope.event, now)
    else:
        replanning.ask(_affected(scope), now)


def _office(slug: str, actor: Actor) -> Office | None:
    ensure_somebody(actor)
    if not slug:
        ensure_may_run(actor)
        return None
    office = lookup.get(Office, slug)
    ensure_may_keep_of(actor, Permission.KEEP_PEOPLE, office.organization)
    return office


def _own_quiet(office: Office | None) -> Select[QuietHours]:
    scope = QuietHours.office_id == office.id if office else QuietHours.office_id.is_(None)
    return select(QuietHours).where(scope)


def _copied(office: Office | None) -> QuietHours:
    """What counts for an office without quiet hours of its own, not saved."""
    usual = rule_book.quiet_hours([]).get(None, rule_book.NEVER_QUIET)
    return QuietHours(
        scope=f"office:{office.id}" if office else EVERYBODY,
        office_id=office.id if office else None,
        from_minute=usual.from_minute,
        until_minute=usual.until_minute,
        version=0,
    )


def ensure_sees_work(event_id: str, actor: Actor) -> Event:
    """The event, for those whom it concerns. Refuses: SignInNeeded, NotFound."""
    ensure_somebody(actor)
    event = get_event(event_id)
    if not permits.may_see_work_of(actor, event):
        raise NotFound(say("There is no such event."))
    return event
