"""Private calendars: an address that cannot be guessed, for whoever has it, of one expert, room or office.

The address is made of the row and its turn (core/addresses.py); stored is its digest, by which alone it is found.
Who made or turned it last holds it: the address is shown to them and to nobody else, and ends with their right to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from eventsvc.core import public_ids
from eventsvc.core.addresses import is_written_so
from eventsvc.core.db import Base, UtcDateTime, Word, db
from eventsvc.core.errors import NotFound, say
from eventsvc.core.links import Links
from eventsvc.core.tokens import digest
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Expert, Office, Room

Thing = Expert | Room | Office
LABEL_LENGTH = 80
# Of one thing; more addresses than that are a mistake, or somebody's program that makes one at every start.
MOST_OF_ONE = 30


class Shows(StrEnum):
    """How much a private calendar tells."""

    DETAILS = "details"
    BUSY = "busy"  # the times alone, as entries
    FREEBUSY = "freebusy"  # the same as one VFREEBUSY


class PrivateFeed(Base):
    """One address of a private calendar."""

    __tablename__ = "private_feeds"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN expert_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN room_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN office_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_thing",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"), index=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), index=True)
    holder_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id"), index=True, comment="who sees the address; None: the expert, by the season's link"
    )
    shows: Mapped[Shows] = mapped_column(Word(Shows, 10))
    made_for: Mapped[str] = mapped_column(
        String(LABEL_LENGTH), comment="which person or program, in the holder's words"
    )
    turn: Mapped[int] = mapped_column(default=0, comment="rises with every new address")
    digest: Mapped[str | None] = mapped_column(
        String(64), unique=True, comment="of the address; None: it has none until the holder asks for a new one"
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    turned_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when it got its present address, or lost one")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, comment="rises with every change")

    expert: Mapped[Expert | None] = relationship()
    room: Mapped[Room | None] = relationship()
    office: Mapped[Office | None] = relationship()
    holder: Mapped[Account | None] = relationship()

    @property
    def thing(self) -> Thing:
        """Whose calendar it is."""
        found = self.expert or self.room or self.office
        assert found is not None, "the table has exactly one"
        return found


_WHOLE = (
    joinedload(PrivateFeed.expert),
    joinedload(PrivateFeed.room),
    joinedload(PrivateFeed.office),
    joinedload(PrivateFeed.holder),
)
_MISSING = say("There is no such calendar.")


def is_of(thing: Thing) -> ColumnElement[bool]:
    """True for the addresses of one thing."""
    if isinstance(thing, Expert):
        return PrivateFeed.expert_id == thing.id
    return PrivateFeed.room_id == thing.id if isinstance(thing, Room) else PrivateFeed.office_id == thing.id


def of_thing(thing: Thing) -> Sequence[PrivateFeed]:
    """The addresses of a thing that have not ended, the oldest first."""
    query = select(PrivateFeed).where(is_of(thing), PrivateFeed.ended_at.is_(None)).options(*_WHOLE)
    return db.session.scalars(query.order_by(PrivateFeed.id)).all()


def find_by_address(token: str) -> PrivateFeed:
    """The one of an address, by its digest alone; refuses NotFound for any other, whatever it was before."""
    found = None
    if is_written_so(token):
        query = select(PrivateFeed).where(PrivateFeed.digest == digest(token), PrivateFeed.ended_at.is_(None))
        found = db.session.scalar(query.options(*_WHOLE))
    if found is None:
        raise NotFound(_MISSING)
    return found


def claim(feed_id: str | UUID) -> PrivateFeed:
    """The one of that public id, locked; refuses NotFound, also for what has ended."""
    query = select(PrivateFeed).where(PrivateFeed.ended_at.is_(None)).options(*_WHOLE)
    query = query.with_for_update(key_share=True, of=PrivateFeed).execution_options(populate_existing=True)
    return public_ids.get(query, PrivateFeed.public_id, feed_id, _MISSING)


def get(feed_id: str | UUID) -> PrivateFeed:
    """The same, unlocked."""
    query = select(PrivateFeed).where(PrivateFeed.ended_at.is_(None)).options(*_WHOLE)
    return public_ids.get(query, PrivateFeed.public_id, feed_id, _MISSING)


def give_address(feed: PrivateFeed, links: Links, now: datetime) -> None:
    """Let it have a new address; the one before leads nowhere from the commit on."""
    feed.turn += 1
    feed.digest = digest(links.private_token(feed.id, feed.turn))
    feed.turned_at = now
    feed.version += 1
    db.session.flush()


def take_address(feed: PrivateFeed, now: datetime) -> None:
    """Leave it without any address until its holder asks for one."""
    feed.turn += 1
    feed.digest, feed.turned_at = None, now
    feed.version += 1


def end(feed: PrivateFeed, now: datetime) -> None:
    """End it: its address leads nowhere, and it has no other."""
    feed.ended_at, feed.digest = now, None
    feed.version += 1


def address_of(feed: PrivateFeed, links: Links) -> str | None:
    """The address, for its holder; None where it has none."""
    return links.private_feed(feed.id, feed.turn, feed.digest) if feed.digest else None
