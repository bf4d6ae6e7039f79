"""All rows of the database that are about one person: found by following foreign keys, so new tables turn up too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, Row, Table, Text, and_, cast, false, func, or_, select

from eventsvc.core.db import Base, db, is_postgresql
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.mail_addresses import is_mail_address
from eventsvc.domain.accounts.models import Account, written_small
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.privacy.kinds import PERSONAL
from eventsvc.domain.search.models import Kind, SearchEntry

GONE = "[erased]"
# Names of one word, or of a few letters, are words of the language too: found as addresses only.
_SHORTEST_NAME = 5
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Traces:
    """What a person is recognized by in words that others wrote: mail addresses and full names."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds them whatever the case, as whole words."""
        names = (r"\s+".join(map(re.escape, name.split())) for name in self.names)
        words = [rf"(?<![\w.+-]){re.escape(address)}(?!\w|[-.]\w)" for address in self.addresses]
        words += [rf"(?<!\w){name}(?!\w)" for name in names]
        return re.compile("|".join(words) or r"(?!)", re.IGNORECASE)

    def seeds(self) -> list[str]:
        """For each, a part that a database finds whatever the case: the longest run of plain letters and digits."""
        return [max(re.findall(r"[A-Za-z0-9]+", word), key=len, default="") for word in self.addresses + self.names]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked about: her accounts and entries among the experts, and what she is recognized by."""

    email: str
    account_ids: tuple[int, ...]
    expert_ids: tuple[int, ...]
    traces: Traces

    @property
    def is_known(self) -> bool:
        """True where she has an account, or is an expert."""
        return bool(self.account_ids or self.expert_ids)


# That she decided about a mail does not make it hers.
_OF_OTHERS = frozenset({"received_mails.settled_by_id"})
Owned = dict[str, list[dict[str, Any]]]


def find_person(email: str) -> Person:
    """Whoever that address belongs to; nobody may be behind it, and letters may know it all the same.

    Refuses: InvalidInput for what is no address. An empty one would be everybody's who has none.
    """
    address = written_small(email)
    if not is_mail_address(address):
        raise InvalidInput({"email": say("is not a mail address")})
    accounts = db.session.scalars(select(Account).where(Account.email == address)).all()
    experts = db.session.scalars(select(Expert).where(func.lower(Expert.email) == address).order_by(Expert.id)).all()
    known = [*(one.name for one in accounts), *(one.name for one in experts)]
    names = dict.fromkeys(name for name in known if _is_telling(name))
    traces = Traces((address,), tuple(names))
    return Person(address, tuple(one.id for one in accounts), tuple(one.id for one in experts), traces)


def _is_telling(name: str) -> bool:
    return len(name) >= _SHORTEST_NAME and len(name.split()) > 1


def tables_below(roots: Collection[str] = ("accounts", "experts")) -> list[Table]:
    """The tables whose rows belong to rows of those, parents first."""
    below = set(roots)
    for table in Base.metadata.sorted_tables:
        if table.name not in below and any(_pointed_at(key) in below for key in table.foreign_keys):
            below.add(table.name)
    return [table for table in Base.metadata.sorted_tables if table.name in below]


def _pointed_at(key: ForeignKey) -> str:
    return key.target_fullname.split(".")[0]


def own_rows(person: Person) -> Owned:
    """Every row that belongs to her, by table: her accounts and expert entries, and all that hangs on them."""
    keys: dict[str, set[Any]] = {"accounts": set(person.account_ids), "experts": set(person.expert_ids)}
    rows: Owned = {}
    for table in tables_below():
        where = or_(_belongs(table, keys), _is_written_by(person, table))
        found = [dict(row._mapping) for row in db.session.execute(select(table).where(where))]
        if found:
            rows[table.name] = found
            keys.setdefault(table.name, set()).update(row["id"] for row in found if "id" in row)
    return rows


def _belongs(table: Table, keys: Mapping[str, set[Any]]) -> ColumnElement[bool]:
    if table.name in ("accounts", "experts"):
        return table.c.id.in_(keys[table.name])
    own = (key for key in table.foreign_keys if f"{table.name}.{key.parent.name}" not in _OF_OTHERS)
    pointing = ((key.parent, keys.get(_pointed_at(key))) for key in own)
    return or_(false(), *(column.in_(ids) for column, ids in pointing if ids is not None))


def _is_written_by(person: Person, table: Table) -> ColumnElement[bool]:
    """Mail from her address, also where nobody knew to whose thread it belongs."""
    if table.name != "received_mails":
        return false()
    return func.lower(table.c.from_address) == person.email


def letters_to(person: Person) -> Sequence[Message]:
    """The letters to her address, the oldest first."""
    to_her = func.lower(Message.to_address) == person.email
    return db.session.scalars(select(Message).where(to_her).order_by(Message.id)).all()


def search_entries_of(person: Person) -> Sequence[SearchEntry]:
    """What she is found by."""
    hers = SearchEntry.kind == Kind.EXPERT, SearchEntry.ref_id.in_(person.expert_ids)
    return db.session.scalars(select(SearchEntry).where(*hers)).all()


def audit_entries_about(person: Person, own: Owned) -> list[AuditEntry]:
    """What was done to her records, and what she did herself, the oldest first."""
    acting = [AuditEntry.actor.startswith(f"account {row['public_id']}") for row in own.get("accounts", [])]
    return _entries([*_about_records(own), *acting])


def audit_entries_about_records(own: Owned) -> list[AuditEntry]:
    """What was done to her records, the oldest first."""
    return _entries(_about_records(own))


def _about_records(own: Owned) -> list[ColumnElement[bool]]:
    ids = [str(row["public_id"]) for rows in own.values() for row in rows if row.get("public_id")]
    slugs = [row["slug"] for row in own.get("experts", [])]
    # A room or an office may have the slug that she has.
    is_expert = AuditEntry.subject_kind.in_(("expert", "expert_calendar"))
    return [AuditEntry.subject.in_(some) for some in _some(ids)] + [
        and_(is_expert, AuditEntry.subject.in_(some)) for some in _some(slugs)
    ]


def _entries(conditions: Sequence[ColumnElement[bool]]) -> list[AuditEntry]:
    found: dict[int, AuditEntry] = {}
    for one in conditions:
        found |= {entry.id: entry for entry in db.session.scalars(select(AuditEntry).where(one))}
    return [found[number] for number in sorted(found)]


def invitations_of(person: Person) -> Sequence[Invitation]:
    """To which events she was asked."""
    return db.session.scalars(select(Invitation).where(Invitation.expert_id.in_(person.expert_ids))).all()


def mentions(traces: Traces) -> Iterator[tuple[Table, Row[Any], list[str]]]:
    """Rows in whose words she occurs, her own too, with the names of those columns; search entries are left out."""
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for column in PERSONAL:
        of_table, name = column.split(".")
        if of_table != "search_entries":
            columns[of_table].append(name)
    pattern = traces.pattern
    for table in Base.metadata.sorted_tables:
        if names := columns.get(table.name):
            for row in db.session.execute(select(table).where(_may_mention(table, names, traces))):
                if found := [name for name in names if pattern.search(as_words(row._mapping[name]))]:
                    yield table, row, found


def _may_mention(table: Table, names: Sequence[str], traces: Traces) -> ColumnElement[bool]:
    seeds = traces.seeds()
    texts = [_as_text(table.c[name]) for name in names]
    return or_(false(), *(text.icontains(seed, autoescape=True) for text in texts for seed in seeds))


def _as_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The column as text; bytes as the letters that they are, where they are letters."""
    if isinstance(column.type, LargeBinary) and is_postgresql():
        return func.encode(column, "escape")
    return cast(column, Text)


def as_words(value: Any) -> str:
    """All words of a value, also of those within a JSON one."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, dict):
        return "\n".join(as_words(one) for one in value.values())
    return "\n".join(map(as_words, value)) if isinstance(value, list) else ""


def without(pattern: re.Pattern[str], value: Any, word: str = GONE) -> Any:
    """The value with another word wherever the pattern finds something, also within a JSON one."""
    if isinstance(value, str):
        return pattern.sub(word, value)
    if isinstance(value, dict):
        return {key: without(pattern, one, word) for key, one in value.items()}
    return [without(pattern, one, word) for one in value] if isinstance(value, list) else value


def _some(words: Sequence[str]) -> Iterator[Sequence[str]]:
    return (words[first : first + _AT_ONCE] for first in range(0, len(words), _AT_ONCE))
