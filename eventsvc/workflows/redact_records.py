"""Black out the rows of a public-records request, column by column, always the same in the same way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select, union_all

from eventsvc.core.db import db
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.domain.privacy.redaction import Reason, Redactor
from eventsvc.workflows.sheets import Column, Sheet

_WHOLE = {
    Sort.NAME: Reason.NAME,
    Sort.ADDRESS: Reason.ADDRESS,
    Sort.TELEPHONE: Reason.TELEPHONE,
    Sort.NOTE: Reason.NOTE,
    Sort.LINK: Reason.KEY,
}
# Members of letters and of the log that hold such things, whatever they say.
_MEMBERS = {
    "person": Reason.NAME,
    "reason": Reason.NOTE,
    "note": Reason.NOTE,
    "online_url": Reason.KEY,
    "mailbox": Reason.ADDRESS,
    "telephone": Reason.TELEPHONE,
    "email": Reason.ADDRESS,
}
# Numbers of the database are no telephone numbers, and ids and instants must stay whole for whoever reads the log.
_PLAIN_MEMBERS = frozenset(
    {
        "id",
        "digests",
        "starts_at",
        "ends_at",
        "starts_on",
        "expires_at",
        "helps_until",
        "invitation",
        "approval",
        "feedback",
    }
)


def redactor() -> Redactor:
    """One that knows the names, addresses, telephone numbers and telling slugs of everybody who is known now."""
    names = union_all(
        select(Account.name), select(Expert.name), select(Expert.slug), select(Message.to_name).distinct()
    )
    addresses = union_all(
        select(Account.email), select(Expert.email), select(Office.mailbox), select(Message.to_address).distinct()
    )
    offices = set(db.session.scalars(select(Office.name)))
    people = [name for name in db.session.scalars(names) if name not in offices]
    return Redactor.knowing(people, db.session.scalars(addresses), db.session.scalars(select(Office.telephone)))


def redacted(sheet: Sheet[Any], rows: Iterator[Sequence[Any]], by: Redactor) -> Iterator[Sequence[Any]]:
    """The rows with everything personal blacked out; words of what is not public go whole."""
    open_at = next((number for number, column in enumerate(sheet.columns) if column.name == "is_public"), None)
    for row in rows:
        is_open = open_at is None or row[open_at] == "yes"
        yield [_cell(column, cell, by, is_open) for column, cell in zip(sheet.columns, row, strict=True)]


def _cell(column: Column, cell: Any, by: Redactor, is_open: bool) -> Any:
    if not isinstance(cell, str) or column.sort is None:
        return cell
    if column.sort in _WHOLE:
        return "" if cell in ("", "{}") else by.whole(cell, _WHOLE[column.sort])
    if not is_open and column.name != "experts":
        return by.whole(cell, Reason.NOTE)
    if column.sort is Sort.FACTS and column.name != "audience":
        return json.dumps(_member("", json.loads(cell), by), ensure_ascii=False, sort_keys=True)
    return by.words(cell)


def _member(name: str, value: Any, by: Redactor) -> Any:
    if name in _MEMBERS and value and not isinstance(value, dict):
        return by.whole(str(value), _MEMBERS[name])
    if isinstance(value, dict):
        return {key: _member(key, one, by) for key, one in value.items()}
    if isinstance(value, list):
        return [_member(name, one, by) for one in value]
    return by.words(value) if isinstance(value, str) and name not in _PLAIN_MEMBERS else value
