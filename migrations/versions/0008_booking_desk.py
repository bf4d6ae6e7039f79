"""booking desk

Divisible halls, pools, opening hours, terms, times that cannot be booked, holds without an event, overrides.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ONE_HOLDER = {"one_holder": "(event_id IS NULL) <> (hold_id IS NULL)"}
ONE_OF_TWO = {"one_thing": "(room_id IS NULL) <> (expert_id IS NULL)"}
_COUNTED = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in ("room_id", "expert_id", "unit_id"))
ONE_OF_THREE = {"one_thing": f"{_COUNTED} = 1"}

ASKED_ROOM = "the hall that was asked for, where the resource is a part of one"

# A column of its own, with its constraint, needs no rebuilding of the table on SQLite: table, column, comment.
NEW_COLUMNS = (
    ("campuses", "hours JSON", "weekly opening in `zone`; None: always open"),
    ("rooms", "hours JSON", "weekly opening in the campus's zone; None: the campus's"),
    (
        "rooms",
        "parent_id INTEGER CONSTRAINT fk_rooms_parent_id REFERENCES rooms (id)",
        "the divisible hall that this is a part of",
    ),
    ("experts", "hours JSON", "weekly hours in `zone`; None: any time"),
    (
        "experts",
        "online_buffer_minutes INTEGER DEFAULT '5' NOT NULL "
        "CONSTRAINT ck_experts_online_buffer_minutes CHECK (online_buffer_minutes >= 0)",
        "ready this long before an event online",
    ),
    (
        "experts",
        "max_per_month INTEGER CONSTRAINT ck_experts_max_per_month CHECK (max_per_month IS NULL OR max_per_month > 0)",
        "",
    ),
    (
        "experts",
        "max_travel_minutes INTEGER "
        "CONSTRAINT ck_experts_max_travel_minutes CHECK (max_travel_minutes IS NULL OR max_travel_minutes >= 0)",
        "on the way in a day, from home and back included",
    ),
    ("seats", "is_online BOOLEAN DEFAULT false NOT NULL", "joins from afar an event that takes place somewhere"),
)
NEW_TABLES = ("blocks", "outside_calendars", "pool_units", "overrides", "event_pools", "terms", "pools", "holds")


def upgrade() -> None:
    create_tables()
    for table, column, comment in NEW_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        if comment and op.get_bind().dialect.name == "postgresql":
            quoted = comment.replace("'", "''")
            op.execute(f"COMMENT ON COLUMN {table}.{column.split()[0]} IS '{quoted}'")
    op.create_index("ix_rooms_parent_id", "rooms", ["parent_id"])
    with rebuilt("resources", gone=ONE_OF_TWO, new=ONE_OF_THREE) as resources:
        resources.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        resources.create_foreign_key("fk_resources_unit_id", "pool_units", ["unit_id"], ["id"])
        resources.create_unique_constraint("uq_resources_unit_id", ["unit_id"])
    with triggers_set_aside(), rebuilt("reservations", gone={}, new=ONE_HOLDER) as reservations:
        reservations.add_column(sa.Column("hold_id", sa.Integer(), nullable=True))
        reservations.add_column(sa.Column("asked_room_id", sa.Integer(), nullable=True, comment=ASKED_ROOM))
        reservations.alter_column(
            "event_id",
            existing_type=sa.Integer(),
            nullable=True,
            comment="the holder, or a hold",
            existing_comment="the holder",
        )
        reservations.create_foreign_key("fk_reservations_hold_id", "holds", ["hold_id"], ["id"])
        reservations.create_foreign_key("fk_reservations_asked_room_id", "rooms", ["asked_room_id"], ["id"])
        reservations.create_index("ix_reservations_hold_id", ["hold_id"])


def downgrade() -> None:
    """What an older version knows nothing of is given up: holds without an event, and units of pools."""
    op.execute("DELETE FROM reservations WHERE event_id IS NULL")
    units = "(SELECT id FROM resources WHERE unit_id IS NOT NULL)"
    op.execute(f"DELETE FROM reservations WHERE resource_id IN {units}")
    op.execute(f"DELETE FROM blocks WHERE resource_id IN {units}")
    op.execute(f"DELETE FROM outside_calendars WHERE resource_id IN {units}")
    op.execute("DELETE FROM resources WHERE unit_id IS NOT NULL")
    with triggers_set_aside(), rebuilt("reservations", gone=ONE_HOLDER, new={}) as reservations:
        reservations.drop_index("ix_reservations_hold_id")
        reservations.drop_constraint("fk_reservations_asked_room_id", type_="foreignkey")
        reservations.drop_constraint("fk_reservations_hold_id", type_="foreignkey")
        reservations.alter_column(
            "event_id",
            existing_type=sa.Integer(),
            nullable=False,
            comment="the holder",
            existing_comment="the holder, or a hold",
        )
        reservations.drop_column("asked_room_id")
        reservations.drop_column("hold_id")
    with rebuilt("resources", gone=ONE_OF_THREE, new=ONE_OF_TWO) as resources:
        resources.drop_constraint("uq_resources_unit_id", type_="unique")
        resources.drop_constraint("fk_resources_unit_id", type_="foreignkey")
        resources.drop_column("unit_id")
    op.drop_index("ix_rooms_parent_id", "rooms")
    with rebuilt("rooms", gone={}, new={}) as rooms:
        rooms.drop_column("parent_id")
    for table, column, _ in NEW_COLUMNS:
        if (name := column.split()[0]) != "parent_id":
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table in NEW_TABLES:
        op.drop_table(table)


@contextmanager
def rebuilt(table: str, *, gone: dict[str, str], new: dict[str, str]) -> Iterator[BatchOperations]:
    """Alter a table and its CHECKs; on SQLite it is built anew."""
    with op.batch_alter_table(table) as batch:
        for name in gone:
            batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        yield batch
        for name, rule in new.items():
            batch.create_check_constraint(op.f(f"ck_{table}_{name}"), rule)


@contextmanager
def triggers_set_aside() -> Iterator[None]:
    """Rebuilding a table on SQLite drops its triggers: they are written again as they were."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'reservations' ORDER BY name")
    triggers = op.get_bind().scalars(query).all()
    yield
    for trigger in triggers:
        op.execute(trigger)


def create_tables() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("held_by", sa.String(length=120), nullable=False, comment="a role or an id, never a person's name"),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False, comment="free for everyone from here on"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="given back, or turned into an event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_holds_public_id")),
    )
    op.create_table(
        "pools",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False, comment="whose they are"),
        sa.Column("campus_id", sa.Integer(), nullable=True, comment="where they are used; None: anywhere, also online"),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="how many there are; its first units, by number"),
        sa.Column("notice_days", sa.Integer(), nullable=False, comment="to be asked for at least this long before"),
        sa.Column("setup_minutes", sa.Integer(), nullable=False),
        sa.Column("takedown_minutes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True, comment="last day of use is the day before"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every edit"),
        sa.CheckConstraint("notice_days >= 0", name=op.f("ck_pools_notice_days")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_pools_quantity")),
        sa.CheckConstraint("setup_minutes >= 0 AND takedown_minutes >= 0", name=op.f("ck_pools_minutes")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_pools_campus_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_pools_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint("slug", name=op.f("uq_pools_slug")),
    )
    op.create_index("ix_pools_campus_id", "pools", ["campus_id"], unique=False)

    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="the last day"),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_terms_days")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_terms_campus_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
    )
    op.create_index("uq_terms_campus_id_name", "terms", ["campus_id", "name"], unique=True)

    op.create_table(
        "event_pools",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_event_pools_quantity")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_pools_event_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_event_pools_pool_id")),
        sa.PrimaryKeyConstraint("event_id", "pool_id", name=op.f("pk_event_pools")),
    )
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="a ClashKind that is soft"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False, comment="the start it was given for"),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("given_by", sa.String(length=120), nullable=False, comment="a role or an id, never a person's name"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_overrides_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index("ix_overrides_event_id", "overrides", ["event_id"], unique=False)

    op.create_table(
        "pool_units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="from 1"),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_pool_units_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_units")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_pool_units_pool_id_number")),
    )
    op.create_table(
        "outside_calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(length=1000), nullable=False, comment="empty: uploaded by hand"),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("last_modified", sa.String(length=60), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True, comment="when it was last read whole"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True, comment="when to look again; a lease too"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("error", sa.String(length=300), nullable=False, comment="why the last look failed"),
        sa.CheckConstraint("(resource_id IS NULL) <> (campus_id IS NULL)", name=op.f("ck_outside_calendars_one_owner")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_outside_calendars_campus_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_outside_calendars_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_calendars")),
        sa.UniqueConstraint("campus_id", name=op.f("uq_outside_calendars_campus_id")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_outside_calendars_resource_id")),
    )
    op.create_index("ix_outside_calendars_next_at", "outside_calendars", ["next_at"], unique=False)

    op.create_table(
        "blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False, comment="of a campus's day; a person's stays empty"),
        sa.Column("outside_calendar_id", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(length=255), nullable=True, comment="in the calendar or file that it came from"),
        sa.CheckConstraint("(resource_id IS NULL) <> (campus_id IS NULL)", name=op.f("ck_blocks_one_owner")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_blocks_span")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_blocks_campus_id")),
        sa.ForeignKeyConstraint(
            ["outside_calendar_id"], ["outside_calendars.id"], name=op.f("fk_blocks_outside_calendar_id")
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_blocks_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    op.create_index("ix_blocks_campus_id_ends_at", "blocks", ["campus_id", "ends_at"], unique=False)
    op.create_index("ix_blocks_outside_calendar_id", "blocks", ["outside_calendar_id"], unique=False)
    op.create_index("ix_blocks_resource_id_ends_at", "blocks", ["resource_id", "ends_at"], unique=False)
