"""When people who sign in are away, and which colleague covers for them. It changes nobody's roles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, Said, say
from eventsvc.core.times import Span, iso
from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Permission, absences, acting, ensure_somebody, may
from eventsvc.domain.accounts.absences import Absence
from eventsvc.domain.accounts.carrying import ensure_carries
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.places import Place, grants_at, owner_of, place_of
from eventsvc.domain.directory.models import Office
from eventsvc.domain.outbox import post
from eventsvc.workflows.colleagues import claim_two, ensure_has_role, ensure_may_act_for, telling_only_colleagues
from eventsvc.workflows.keep_leave import away, with_days


def add_absence(
    email: str,
    first: str,
    last: str,
    *,
    cover: str,
    office: str | None = None,
    organization: str | None = None,
    actor: Actor,
    now: datetime,
) -> Absence:
    """From `first` until `last` somebody is away, from all duties or those of a place, and `cover` stands in.

    Both are days (the last one counts whole) or local times, by the clock of the person's office. The cover is told.
    The same absence again is the one that is there.

    Locks:   both accounts by id.
    Refuses: SignInNeeded, NotFound, NotAllowed; InvalidInput for unreadable or past times, another absence at that
             time, a cover who is away then or is no colleague, and for one who covers for somebody else then;
             CannotCarry naming each permission that the cover has not got.
    """
    account, colleague = claim_two(email, cover, actor, field="cover")
    place = place_of(office, organization)
    ensure_may_act_for(actor, account, place)
    ensure_has_role(account, place)
    zone = zone_of(account, place)
    span = away(first, last, zone)
    if span.end <= now:
        raise InvalidInput({"until": say("is past")})
    with telling_only_colleagues(actor, colleague, field="cover"):
        ensure_carries(acting.actor_of(colleague), grants_at(account, place), field="cover")
    known = _same(account, colleague, place, span)
    if known is not None:
        return known
    with telling_only_colleagues(actor, colleague, field="cover"):
        _ensure_free(account, colleague, place, span)
    absence = Absence(account=account, cover=colleague, zone=zone, starts_at=span.start, ends_at=span.end)
    absence.office_id = place.office_id
    absence.organization_id = None if place.office_id else place.organization_id
    db.session.add(absence)
    db.session.flush()
    _tell_cover(absence, now)
    changes: dict[str, audit.Change] = {"from": (None, span.start), "until": (None, span.end)}
    _record("add_absence", absence, actor, now, changes)
    return absence


def get_absence(absence_id: str, *, actor: Actor) -> Absence:
    """One absence of one's own or a colleague's. Refuses: SignInNeeded, NotFound."""
    ensure_somebody(actor)
    absence = absences.get(absence_id)
    if not may_see_absences_of(actor, absence.account):
        raise NotFound(say("There is no such absence."))
    return absence


def tag_of_absence(absence: Absence) -> str:
    """Its end and its cover may change."""
    return f"{absence.ends_at:%Y%m%dT%H%M%S}-{absence.cover_id or 'no-cover'}"


def end_absence(absence_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> None:
    """Somebody is there after all, or back early: what is left of the absence is forgotten.

    Locks:   the absence.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale.
    """
    get_absence(absence_id, actor=actor)
    absence = absences.claim(absence_id)
    ensure_met(expected, tag_of_absence(absence))
    ensure_may_act_for(actor, absence.account, absence.place)
    _record("end_absence", absence, actor, now, {})
    if absence.starts_at >= now:
        post.drop_unsent("", [_key(absence)])
        db.session.delete(absence)
    else:
        absence.ends_at = max(min(absence.ends_at, now), absence.starts_at)
    db.session.flush()


def absences_seen(*, actor: Actor, now: datetime) -> Sequence[Absence]:
    """Who is away, now and later, and who covers: one's own and one's colleagues'; a fixed number of queries.

    Refuses: SignInNeeded.
    """
    ensure_somebody(actor)
    return [one for one in absences.seen_whole(now) if may_see_absences_of(actor, one.account)]


def may_see_absences_of(actor: Actor, account: Account) -> bool:
    """True for oneself, and for those who see the work of a place where somebody has a role."""
    if actor.account_id == account.id or may(actor, Permission.RUN_SERVICE):
        return True
    owners = [owner_of(grant) for grant in account.grants if grant.ended_at is None]
    return any(may(actor, Permission.SEE_WORK, owner) for owner in owners if owner is not None)


def zone_of(account: Account, place: Place) -> str:
    """The clock by which somebody's days are counted: of their first office there, else of their organization's."""
    grants = grants_at(account, place)
    for grant in grants:
        if grant.office is not None:
            return grant.office.zone
    organizations = [grant.organization_id for grant in grants if grant.organization_id is not None]
    query = select(Office.zone).where(Office.organization_id.in_(organizations)).order_by(Office.id)
    return db.session.scalar(query.limit(1)) or db.session.scalar(select(Office.zone).order_by(Office.id)) or "UTC"


def _same(account: Account, cover: Account, place: Place, span: Span) -> Absence | None:
    for one in absences.during(account.id, span):
        is_mine = (one.account_id, one.cover_id, one.place) == (account.id, cover.id, place)
        if is_mine and (one.starts_at, one.ends_at) == (span.start, span.end):
            return one
    return None


def _ensure_free(account: Account, cover: Account, place: Place, span: Span) -> None:
    """Refuses InvalidInput for an absence on top of another, and where who covers would be away themselves."""
    for one in absences.during(account.id, span):
        if one.account_id == account.id and one.place.meets(place):
            raise InvalidInput({"from": _with_days(say("lies in an absence that is noted already"), one)})
        if one.cover_id == account.id:
            words = say("covers for %(name)s then: let somebody else do that first", name=one.account.name)
            raise InvalidInput({"from": _with_days(words, one)})
    for one in absences.during(cover.id, span):
        if one.account_id == cover.id:
            raise InvalidInput({"cover": _with_days(say("is away as well"), one)})


def _with_days(words: Said, one: Absence) -> Said:
    return with_days(words, Span(one.starts_at, one.ends_at), one.zone)


def _tell_cover(absence: Absence, now: datetime) -> None:
    cover = absence.cover
    assert cover is not None, "just named"
    post.post(
        "cover",
        key=_key(absence),
        to_address=cover.email,
        to_name=cover.name,
        language=cover.language,
        facts={
            "name": absence.account.name,
            "at": place.name if (place := absence.office or absence.organization) else "",
            "away": {
                "starts_at": iso(absence.starts_at),
                "ends_at": iso(absence.ends_at),
                "zone": absence.zone,
                "all_day": False,
            },
        },
        now=now,
    )


def _key(absence: Absence) -> str:
    return f"cover:{absence.public_id}"


def _record(verb: str, absence: Absence, actor: Actor, now: datetime, changes: dict[str, audit.Change]) -> None:
    named = {"cover": (None, absence.cover.public_id if absence.cover else None), "at": (None, absence.place.name)}
    audit.record(verb, "account", absence.account.public_id, actor=actor.name, now=now, changes={**named, **changes})
