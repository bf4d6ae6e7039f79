"""Tables of the directory."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, Word

SLUG_LENGTH = 80


class OrganizationKind(StrEnum):
    """What an organization is."""

    PUBLIC_EMPLOYER = "public_employer"
    EMPLOYER = "employer"
    COLLEGE = "college"
    COLLEGE_DISTRICT = "college_district"
    K12_DISTRICT = "k12_district"
    SCHOOL = "school"
    CITY = "city"
    LABOR_COUNCIL = "labor_council"
    HOSPITAL = "hospital"
    STATE_OFFICE = "state_office"


DISTRICTS = (OrganizationKind.COLLEGE_DISTRICT, OrganizationKind.K12_DISTRICT)
EMPLOYERS = (OrganizationKind.EMPLOYER, OrganizationKind.PUBLIC_EMPLOYER)


class TopicKind(StrEnum):
    """Where a topic stands in the agreements: what is talked about, what a school offers, or what is done."""

    TOPIC = "topic"
    OPPORTUNITY = "opportunity"
    ACTIVITY = "activity"


class PoolKind(StrEnum):
    """What a pool is of."""

    EQUIPMENT = "equipment"
    BOOTH = "booth"
    ACCESS = "access"


class Level(StrEnum):
    """Before whom somebody speaks."""

    K12 = "k12"
    COLLEGE = "college"
    ALUMNI = "alumni"


# Weekly windows as (weekday, from, until): Monday is 0, minutes of the local day, up to 1440.
Hours = list[tuple[int, int, int]]


class Entry:
    """What every directory entry has; one with `retired_on` is out of use, for it is never a day yet to come."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    retired_on: Mapped[date | None] = mapped_column(comment="last day of use is the day before")
    version: Mapped[int] = mapped_column(default=1, comment="rises with every edit")


class Organization(Entry, Base):
    """A partner: an employer, a college, a district, a school, a council."""

    __tablename__ = "organizations"

    kind: Mapped[OrganizationKind] = mapped_column(Word(OrganizationKind, 20))
    website: Mapped[str] = mapped_column(String(300), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), comment="a college's district")

    parent: Mapped[Organization | None] = relationship(remote_side="Organization.id")
    aliases: Mapped[list[OrganizationAlias]] = relationship(cascade="all, delete-orphan")


class OrganizationAlias(Base):
    """Another way in which people write an organization's name, in the folded form of `names.folded`."""

    __tablename__ = "organization_aliases"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    folded: Mapped[str] = mapped_column(String(200), unique=True)


class Office(Entry, Base):
    """A desk with a mailbox that owns events and outlives the people behind it."""

    __tablename__ = "offices"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    mailbox: Mapped[str] = mapped_column(String(254))
    telephone: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(
        String(10), default="en", server_default="en", comment="of letters, a BCP 47 tag"
    )
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone")

    organization: Mapped[Organization] = relationship()


class Campus(Entry, Base):
    """A place with an address and a clock; rooms stand on it and people travel to it."""

    __tablename__ = "campuses"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone")
    students: Mapped[int | None] = mapped_column(comment="head count, or the lower bound of a size band")
    students_is_lower_bound: Mapped[bool] = mapped_column(default=False)
    parking: Mapped[str] = mapped_column(String(500), default="", comment="for visitors, in letters only")
    hours: Mapped[Hours | None] = mapped_column(JSON, comment="weekly opening in `zone`; None: always open")

    organization: Mapped[Organization] = relationship()


class Room(Entry, Base):
    """A place on a campus that can be reserved; one that other rooms are part of is reserved by reserving these."""

    __tablename__ = "rooms"
    __table_args__ = (
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
        CheckConstraint("setup_minutes >= 0 AND takedown_minutes >= 0", name="minutes"),
        CheckConstraint("NOT needs_approval OR office_id IS NOT NULL", name="approver"),
    )

    campus_id: Mapped[int] = mapped_column(ForeignKey("campuses.id"), index=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), comment="who looks after the room")
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("rooms.id"), index=True, comment="the divisible hall that this is a part of"
    )
    # That office is asked for each event of another one.
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    outside_reference: Mapped[str] = mapped_column(
        String(120), default="", server_default="", comment="the room's id in the office's own system: 25Live, EMS"
    )
    capacity: Mapped[int | None] = mapped_column(comment="seats; None while nobody has said")
    layout: Mapped[str] = mapped_column(String(60), default="")
    equipment: Mapped[list[str]] = mapped_column(JSON, default=list)
    step_free: Mapped[bool | None] = mapped_column(comment="None while nobody has said")
    setup_minutes: Mapped[int] = mapped_column(default=0)
    takedown_minutes: Mapped[int] = mapped_column(default=0)
    hours: Mapped[Hours | None] = mapped_column(JSON, comment="weekly opening in the campus's zone; None: the campus's")

    campus: Mapped[Campus] = relationship()
    parent: Mapped[Room | None] = relationship(remote_side="Room.id")
    office: Mapped[Office | None] = relationship()
    aliases: Mapped[list[RoomAlias]] = relationship(cascade="all, delete-orphan")


class RoomAlias(Base):
    """Another way in which a campus writes a room's name; remembered when an import is merged."""

    __tablename__ = "room_aliases"
    __table_args__ = (UniqueConstraint("campus_id", "folded"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campuses.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    folded: Mapped[str] = mapped_column(String(200), comment="the form of names.folded")


class ExpertTopic(Base):
    """What an expert can speak about."""

    __tablename__ = "expert_topics"

    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True, index=True)


class Topic(Entry, Base):
    """A subject, an opportunity or an activity that the agreements name; new ones are data."""

    __tablename__ = "topics"

    kind: Mapped[TopicKind] = mapped_column(Word(TopicKind, 20), default=TopicKind.TOPIC)
    words: Mapped[str] = mapped_column(String(400), default="", comment="the agreement's own words")
    source: Mapped[str] = mapped_column(String(200), default="", comment="which agreement says so")


class Expert(Entry, Base):
    """A person whom an employer lends: speaks, recruits, advises."""

    __tablename__ = "experts"
    __table_args__ = (
        CheckConstraint("lead_minutes >= 0", name="lead_minutes"),
        CheckConstraint("max_per_day IS NULL OR max_per_day > 0", name="max_per_day"),
        CheckConstraint("max_per_week IS NULL OR max_per_week > 0", name="max_per_week"),
        CheckConstraint("max_per_month IS NULL OR max_per_month > 0", name="max_per_month"),
        CheckConstraint("online_buffer_minutes >= 0", name="online_buffer_minutes"),
        CheckConstraint("max_travel_minutes IS NULL OR max_travel_minutes >= 0", name="max_travel_minutes"),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), comment="the partner's coordinators")
    email: Mapped[str] = mapped_column(String(254), default="", comment="empty: letters go to the office")
    language: Mapped[str] = mapped_column(String(10), default="en", comment="of letters, a BCP 47 tag")
    languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["en"], comment="spoken, BCP 47 tags")
    levels: Mapped[list[str]] = mapped_column(
        JSON, default=list, server_default="[]", comment="before whom they speak; none: before everybody"
    )
    home_campus_id: Mapped[int | None] = mapped_column(ForeignKey("campuses.id"), comment="where the day begins")
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone in which days and weeks are counted")
    lead_minutes: Mapped[int] = mapped_column(default=15, comment="there this long before an event in person")
    online_buffer_minutes: Mapped[int] = mapped_column(
        default=5, server_default="5", comment="ready this long before an event online"
    )
    max_per_day: Mapped[int | None]
    max_per_week: Mapped[int | None] = mapped_column(comment="weeks run Monday to Sunday (ISO 8601)")
    max_per_month: Mapped[int | None]
    max_travel_minutes: Mapped[int | None] = mapped_column(comment="on the way in a day, from home and back included")
    hours: Mapped[Hours | None] = mapped_column(JSON, comment="weekly hours in `zone`; None: any time")

    organization: Mapped[Organization] = relationship()
    office: Mapped[Office | None] = relationship()
    home_campus: Mapped[Campus | None] = relationship()
    topics: Mapped[list[Topic]] = relationship(secondary="expert_topics", order_by="Topic.slug")


class Travel(Base):
    """Minutes from one place to another; one row a direction."""

    __tablename__ = "travel"
    __table_args__ = (CheckConstraint("minutes >= 0", name="minutes"),)

    from_campus_id: Mapped[int] = mapped_column(ForeignKey("campuses.id"), primary_key=True)
    to_campus_id: Mapped[int] = mapped_column(ForeignKey("campuses.id"), primary_key=True)
    minutes: Mapped[int]
    method: Mapped[str] = mapped_column(String(200), default="", comment="how the figure was come by")


class ImportProfile(Base):
    """A remembered column mapping for files of one make."""

    __tablename__ = "import_profiles"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON, comment="their column -> ours")
