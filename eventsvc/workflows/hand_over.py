"""Hand over: all that somebody owns goes to a colleague in one step, and the rest of what they had ends.

Events, approvals and covers move. Tokens do not: a secret that one person knew is no colleague's, so they end, and the
colleague's letter names the programs that need a new one. Sessions and letters that sign in end, and the roles there.
Nobody is given a role by it: a colleague who may not carry what moves is refused, by name of what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Role, absences, acting, giving, passwords, sessions, signing_in, tokens
from eventsvc.domain.accounts.carrying import CannotCarry
from eventsvc.domain.accounts.models import Account, ApiToken, Grant
from eventsvc.domain.accounts.places import Place, grants_at, place_of
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events import coordinators
from eventsvc.domain.events.models import Event
from eventsvc.workflows import owned, tell_of_hand_over
from eventsvc.workflows.colleagues import claim_two, ensure_has_role, ensure_may_act_for, telling_only_colleagues
from eventsvc.workflows.owned import HandOver


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What a hand-over does, or would do: what moves, by kind; what ends; who is told."""

    giver: Account
    taker: Account
    at: str
    is_leaving: bool
    moved: dict[str, int]
    events: Sequence[Event]
    roles: Sequence[Grant]
    programs: Sequence[ApiToken]
    sessions: int
    told: Sequence[Office]


def hand_over(
    giver: str, taker: str, *, office: str | None = None, organization: str | None = None, actor: Actor, now: datetime
) -> HandedOver:
    """All that `giver` owns there becomes `taker`'s; both are addresses. Without a place the giver leaves: all of it,
    wherever it is, and the account ends.

    Both are told, and each partner's and room's office once, of the coming events that they have a part in.

    Locks:   both accounts by id, then events by id. A story of the giver's that has begun is waited for, and what it
             made moves too; one that begins later finds the account ended (see `standing.hold_still`).
    Refuses: SignInNeeded, NotFound, NotAllowed; InvalidInput for one who is no colleague, and a place without a role;
             CannotCarry naming each permission that the taker has not got; WrongState for the last administrator.
    """
    leaver, colleague = claim_two(giver, taker, actor, field="to")
    place = place_of(office, organization)
    ensure_may_act_for(actor, leaver, place)
    ensure_has_role(leaver, place)
    with telling_only_colleagues(actor, colleague, field="to"):
        _ensure_carries(colleague, leaver, place)
    over = HandOver(leaver, colleague, place, actor, now)
    coming = [event for event in coordinators.claim(leaver.id, place) if not event.has_ended(now)]
    moved = {kind.name: kind.move(over) for kind in owned.KINDS}
    roles, programs = grants_at(leaver, place), list(tokens.of_account(leaver.id, now))
    signed_in = len(sessions.of_account(leaver.id, now))
    _end(over, roles)
    is_news = bool(roles or programs or signed_in or any(moved.values()))
    done = HandedOver(
        giver=leaver,
        taker=colleague,
        at=place.name,
        is_leaving=place.is_everywhere,
        moved=moved,
        events=coming,
        roles=roles,
        programs=programs,
        sessions=signed_in,
        told=tell_of_hand_over.tell(over, coming, moved, programs) if is_news else [],
    )
    if is_news:
        _write_down(done, actor, now)
    return done


def _ensure_carries(taker: Account, giver: Account, place: Place) -> None:
    carrier = acting.actor_of(taker)
    if lacking := [lack for kind in owned.KINDS for lack in kind.lacks(carrier, giver, place)]:
        raise CannotCarry("to", lacking)


def _end(over: HandOver, roles: Sequence[Grant]) -> None:
    """Sign the giver out everywhere and end what they could act by there."""
    account, now = over.giver, over.now
    if any(grant.role is Role.ADMINISTRATOR for grant in roles):
        giving.ensure_another_administrator(account.id)
    for grant in roles:
        grant.ended_at = now
    passwords.drop_unless_due(account)
    sessions.end_all(account.id, now)
    signing_in.end_all(account.id, now)
    tokens.end_all(account.id, now)
    absences.cut_short(account.id, over.place, now)
    if over.place.is_everywhere:
        account.ended_at = account.ended_at or now
    account.version += 1
    db.session.flush()


def _write_down(done: HandedOver, actor: Actor, now: datetime) -> None:
    counts: dict[str, audit.Change] = {kind: (None, number) for kind, number in done.moved.items()}
    ended: dict[str, audit.Change] = {
        "roles": (None, [str(grant.role) for grant in done.roles]),
        "tokens": (None, len(done.programs)),
        "sessions": (None, done.sessions),
    }
    whom: dict[str, audit.Change] = {"to": (None, done.taker.public_id), "at": (None, done.at or None)}
    audit.record(
        "hand_over", "account", done.giver.public_id, actor=actor.name, now=now, changes={**whom, **counts, **ended}
    )
