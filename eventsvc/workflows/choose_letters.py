"""What a reader chooses about letters: their language, which kinds come, one in the morning, by which way reminders do.

A choice holds for an address and is known by its digest alone (`domain/outbox/choices.py`), whoever writes to it. The
language is that of the accounts, offices and experts that have this address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from eventsvc.core import tokens
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, WrongState, say
from eventsvc.core.links import is_still, mark_of_reader
from eventsvc.core.times import is_zone
from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, colleagues, ensure_may_run, ensure_somebody, may_plan, signing_in
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.outbox import choices, folding
from eventsvc.domain.outbox.streams import Topic
from eventsvc.domain.reminders import channels
from eventsvc.domain.reminders.models import Channel
from eventsvc.domain.requests import permits
from eventsvc.workflows.keeping import change, write_down

BY_LINK = Actor("reader by link")
# In the place of an account's id: of whoever asks.
OWN = "own"
Record = Account | Office | Expert
Kind = TypeVar("Kind", Account, Office, Expert)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose letters: an address as its digest. `about` is whose it is, for the audit log: a kind and a name."""

    mark: str
    about: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader has chosen. `language` is empty for an address that no record has any more.

    `mornings`: the zone in whose mornings letters come together; empty: each by itself. `channel` None: as rules say.
    """

    language: str
    mornings: str
    stopped: frozenset[Topic]
    channel: Channel | None

    @property
    def tag(self) -> str:
        """The same for the same choice: there is no row that could count versions."""
        said = [self.language, self.mornings, *sorted(self.stopped), "by", str(self.channel or "")]
        return tokens.digest("\n".join(said))[:32]


USUAL: Mapping[str, Any] = {"mornings": "", "stopped": frozenset[Topic](), "channel": None}


def own(actor: Actor) -> tuple[Account, Reader]:
    """The account of whoever asks. Refuses: SignInNeeded; NotFound for the key of the machine, which is nobody's."""
    ensure_somebody(actor)
    account = db.session.get(Account, actor.account_id) if actor.account_id is not None else None
    if account is None:
        raise NotFound(say("The administrator’s token is nobody’s account."))
    return _of(account)


def _of(account: Account) -> tuple[Account, Reader]:
    return account, Reader(mark_of_reader(account.email), ("account", str(account.public_id)))


def of_account(account_id: str, actor: Actor) -> tuple[Account, Reader]:
    """The account of that public id, or `own`: for the person, and for those who run the service.

    Refuses: SignInNeeded, NotAllowed for others, NotFound.
    """
    ensure_somebody(actor)
    mine = db.session.get(Account, actor.account_id) if actor.account_id is not None else None
    if account_id == OWN or (mine is not None and account_id == str(mine.public_id)):
        return own(actor)
    ensure_may_run(actor)
    return _of(colleagues.get(account_id, actor))


def of_address(email: str, actor: Actor) -> tuple[Account, Reader]:
    """The account of that address, for those who run the service. Refuses: SignInNeeded, NotAllowed, NotFound."""
    ensure_may_run(actor)
    account = signing_in.find_account(email)
    if account is None:
        raise NotFound(say("Nobody signs in with this address."))
    return _of(account)


def of_office(slug: str, actor: Actor) -> tuple[Office, Reader]:
    """An office, for who plans for it. Refuses: NotFound, SignInNeeded, NotAllowed."""
    ensure_somebody(actor)
    office = lookup.get(Office, slug)
    permits.ensure_may_plan_for(actor, office)
    return office, Reader(mark_of_reader(office.mailbox) if office.mailbox else "", ("office", office.slug))


def may_choose_for(office: Office, actor: Actor) -> bool:
    """The same as a question, for lists."""
    return may_plan(actor, permits.owner_of(office))


def of_expert_by_link(slug: str, mark: str) -> tuple[Expert, Reader]:
    """Whom a season's link is of. Refuses: NotFound where letters to them go elsewhere by now, or nowhere."""
    expert = lookup.get(Expert, slug)
    if expert.retired_on is not None or not expert.email or not is_still(mark, expert.email):
        raise NotFound(tokens.NOT_OURS)
    return expert, Reader(mark_of_reader(expert.email))


def chosen_by(reader: Reader) -> Choice:
    """What that reader has chosen; for an office without a mailbox, which reads nothing, as if nothing were chosen."""
    return _choice(reader, _records(reader.mark))


def choose(
    reader: Reader, wish: Mapping[str, Any], *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Choice:
    """Choose some of `language`, `mornings` (a zone, or empty), `stopped` (all topics that are) and `channel`.

    What the wish leaves out stays; the same again changes nothing. Letters that are owed and not begun follow.

    Locks:   the records of that address: accounts, offices, experts, each by id.
    Refuses: NotAllowed for a token that only reads; Stale; InvalidInput; WrongState without an address.
    """
    return _keep(reader, lambda _: wish, expected, actor, now)


def switch(
    reader: Reader, topic: Topic, *, on: bool, expected: Expected | None = None, actor: Actor, now: datetime
) -> Choice:
    """Switch letters of one kind on or off, and leave the others as they are. Locks and refuses as `choose`."""

    def wish_of(before: Choice) -> Mapping[str, Any]:
        return {"stopped": before.stopped - {topic} if on else before.stopped | {topic}}

    return _keep(reader, wish_of, expected, actor, now)


def _keep(
    reader: Reader,
    wish_of: Callable[[Choice], Mapping[str, Any]],
    expected: Expected | None,
    actor: Actor,
    now: datetime,
) -> Choice:
    if actor.scopes is not None and actor.scopes <= {Scope.READ}:
        raise NotAllowed(say("This token may only read."))
    if not reader.mark:
        raise WrongState(say("The office has no mailbox, so no letter reaches it."))
    records = _records(reader.mark, for_update=True)
    before = _choice(reader, records)
    ensure_met(expected, before.tag)
    wish = wish_of(before)
    _ensure_sound(wish, records)
    if "mornings" in wish:
        folding.choose(reader.mark, wish["mornings"])
        if wish["mornings"]:
            choices.resume(reader.mark, [Topic.DIGEST])
    if "stopped" in wish:
        choices.stop(reader.mark, wish["stopped"], now)
        choices.resume(reader.mark, set(Topic) - set(wish["stopped"]))
    if "channel" in wish:
        channels.choose(reader.mark, wish["channel"])
    if "language" in wish:
        for record in records:
            _speak(record, wish["language"], actor, now)
    after = _choice(reader, records)
    changes = {name: _change(before, after, name) for name in USUAL if getattr(before, name) != getattr(after, name)}
    if reader.about is not None and changes:
        audit.record("choose_letters", *reader.about, actor=actor.name, now=now, changes=changes)
    return after


def _change(before: Choice, after: Choice, name: str) -> audit.Change:
    if name == "stopped":
        return sorted(map(str, before.stopped)), sorted(map(str, after.stopped))
    was, is_now = (getattr(one, name) for one in (before, after))
    return str(was or "usual"), str(is_now or "usual")


def _ensure_sound(wish: Mapping[str, Any], records: list[Record]) -> None:
    zone = wish.get("mornings")
    if zone and not is_zone(zone):
        raise InvalidInput({"mornings": say("%(text)r is not an IANA zone such as America/Los_Angeles", text=zone)})
    if "language" in wish and not records:
        raise InvalidInput({"language": say("nobody here has that address any more")})


def _choice(reader: Reader, records: list[Record]) -> Choice:
    language = records[0].language if records else ""
    channel = channels.chosen([reader.mark]).get(reader.mark)
    return Choice(language, folding.zone_of(reader.mark), frozenset(choices.stopped(reader.mark)), channel)


def _records(mark: str, *, for_update: bool = False) -> list[Record]:
    """Who has that address, in use; a digest leads back only by looking at every one, which are some thousands."""
    if not mark:
        return []
    accounts = _of_kind(Account, Account.email, Account.ended_at.is_(None), mark, for_update)
    offices = _of_kind(Office, Office.mailbox, Office.retired_on.is_(None), mark, for_update)
    return [*accounts, *offices, *_of_kind(Expert, Expert.email, Expert.retired_on.is_(None), mark, for_update)]


def _of_kind(
    kind: type[Kind],
    address: InstrumentedAttribute[str],
    is_there: ColumnElement[bool],
    mark: str,
    for_update: bool,
) -> Sequence[Kind]:
    rows = db.session.execute(select(kind.id, address).where(address != "", is_there))
    mine = [number for number, written in rows if mark_of_reader(written) == mark]
    if not mine:
        return []
    query = select(kind).where(kind.id.in_(mine)).order_by(kind.id)
    if for_update:
        query = query.with_for_update(of=kind, key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def _speak(record: Record, language: str, actor: Actor, now: datetime) -> None:
    if not isinstance(record, Account):
        write_down(record, change(record, {"language": language}), is_new=False, actor=actor, now=now)
        return
    if record.language != language:
        changes: dict[str, audit.Change] = {"language": (record.language, language)}
        record.language, record.version = language, record.version + 1
        audit.record("edit", "account", record.public_id, actor=actor.name, now=now, changes=changes)
