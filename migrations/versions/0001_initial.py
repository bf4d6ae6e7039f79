"""initial

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False, comment="a role or an id, never a person's name"),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False, comment="public id or slug"),
        sa.Column("changes", sa.JSON(), nullable=False, comment="field -> [before, after] or digests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject"], unique=False)

    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offset_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_clock")),
    )
    op.create_table(
        "feed_versions",
        sa.Column("key", sa.String(length=120), nullable=False, comment="all, campus:<slug>, kind:<kind>"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, comment="whole seconds, strictly rising"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feed_versions")),
    )
    op.create_table(
        "import_profiles",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False, comment="their column -> ours"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_import_profiles")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False, comment="what is owed; posting it twice is once"),
        sa.Column("letter", sa.String(length=40), nullable=False, comment="name of the template"),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False, comment="public id"),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_messages_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_messages_public_id")),
    )
    op.create_index("ix_messages_event", "messages", ["event"], unique=False)
    op.create_index(
        "ix_messages_owed",
        "messages",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'leased')"),
        postgresql_where=sa.text("state IN ('queued', 'leased')"),
    )

    op.create_table(
        "organizations",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True, comment="a college's district"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True, comment="last day of use is the day before"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every edit"),
        sa.ForeignKeyConstraint(["parent_id"], ["organizations.id"], name=op.f("fk_organizations_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organizations_slug")),
    )
    op.create_table(
        "reminder_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_kind", sa.String(length=20), nullable=True),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rules")),
        sa.UniqueConstraint(
            "event_kind",
            "audience",
            "minutes_before",
            name=op.f("uq_reminder_rules_event_kind_audience_minutes_before"),
        ),
    )
    op.create_table(
        "topics",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False, comment="the agreement's own words"),
        sa.Column("source", sa.String(length=200), nullable=False, comment="which agreement says so"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True, comment="last day of use is the day before"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every edit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("slug", name=op.f("uq_topics_slug")),
    )
    op.create_table(
        "audit_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entries.id"], name=op.f("fk_audit_values_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_values")),
    )
    op.create_index("ix_audit_values_entry_id", "audit_values", ["entry_id"], unique=False)

    op.create_table(
        "campuses",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("postal_code", sa.String(length=20), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="IANA zone"),
        sa.Column("students", sa.Integer(), nullable=True, comment="head count, or the lower bound of a size band"),
        sa.Column("students_is_lower_bound", sa.Boolean(), nullable=False),
        sa.Column("parking", sa.String(length=500), nullable=False, comment="for visitors, in letters only"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True, comment="last day of use is the day before"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every edit"),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_campuses_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_campuses_longitude")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_campuses_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campuses")),
        sa.UniqueConstraint("slug", name=op.f("uq_campuses_slug")),
    )
    op.create_index("ix_campuses_organization_id", "campuses", ["organization_id"], unique=False)

    op.create_table(
        "offices",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("mailbox", sa.String(length=254), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="IANA zone"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True, comment="last day of use is the day before"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every edit"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_offices_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
        sa.UniqueConstraint("slug", name=op.f("uq_offices_slug")),
    )
    op.create_table(
        "organization_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_organization_aliases_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_aliases")),
        sa.UniqueConstraint("folded", name=op.f("uq_organization_aliases_folded")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False, comment="also the iCalendar UID"),
        sa.Column(
            "source_uid",
            sa.String(length=255),
            nullable=True,
            comment="where it was imported from; importing again finds it",
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False, comment="Markdown"),
        sa.Column("visibility", sa.String(length=15), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("expected_heads", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False, comment="the only office that edits"),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("online_url", sa.String(length=500), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="IANA zone of the promise"),
        sa.Column("starts_local", sa.DateTime(), nullable=True, comment="wall clock in `zone`"),
        sa.Column("starts_side", sa.String(length=7), nullable=True, comment="which of two, in a fold"),
        sa.Column("duration_minutes", sa.Integer(), nullable=True, comment="elapsed"),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False, comment="local day of the start"),
        sa.Column("days", sa.Integer(), nullable=False, comment="whole days of an all-day event"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("awaits_time", sa.Boolean(), nullable=False, comment="put off, and no new time yet"),
        sa.Column("status_before_cancel", sa.String(length=10), nullable=True),
        sa.Column("host_confirmed_at", sa.DateTime(timezone=True), nullable=True, comment="the host's own yes"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised", sa.JSON(), nullable=False),
        sa.Column("promised_campus_id", sa.Integer(), nullable=True),
        sa.Column("promised_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="RFC 5546 2.1.4: time, place or status changed"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False, comment="whole seconds, strictly rising"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every change of the row"),
        sa.CheckConstraint("days >= 1", name=op.f("ck_events_days")),
        sa.CheckConstraint("duration_minutes IS NULL OR duration_minutes > 0", name=op.f("ck_events_duration")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_events_span")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_events_campus_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["offices.id"], name=op.f("fk_events_owner_id")),
        sa.ForeignKeyConstraint(["promised_campus_id"], ["campuses.id"], name=op.f("fk_events_promised_campus_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("public_id", name=op.f("uq_events_public_id")),
        sa.UniqueConstraint("source_uid", name=op.f("uq_events_source_uid")),
    )
    op.create_index("ix_events_campus_id", "events", ["campus_id"], unique=False)
    op.create_index("ix_events_kind", "events", ["kind"], unique=False)
    op.create_index("ix_events_published_ends_at", "events", ["published_at", "ends_at"], unique=False)
    op.create_index("ix_events_starts_at", "events", ["starts_at"], unique=False)

    op.create_table(
        "experts",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=True, comment="the partner's coordinators"),
        sa.Column("email", sa.String(length=254), nullable=False, comment="empty: letters go to the office"),
        sa.Column("language", sa.String(length=10), nullable=False, comment="of letters, a BCP 47 tag"),
        sa.Column("languages", sa.JSON(), nullable=False, comment="spoken, BCP 47 tags"),
        sa.Column("home_campus_id", sa.Integer(), nullable=True, comment="where the day begins"),
        sa.Column(
            "zone",
            sa.String(length=64),
            nullable=False,
            comment="IANA zone in which days and weeks are counted",
        ),
        sa.Column("lead_minutes", sa.Integer(), nullable=False, comment="there this long before an event in person"),
        sa.Column("max_per_day", sa.Integer(), nullable=True),
        sa.Column("max_per_week", sa.Integer(), nullable=True, comment="weeks run Monday to Sunday (ISO 8601)"),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True, comment="last day of use is the day before"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every edit"),
        sa.CheckConstraint("lead_minutes >= 0", name=op.f("ck_experts_lead_minutes")),
        sa.CheckConstraint("max_per_day IS NULL OR max_per_day > 0", name=op.f("ck_experts_max_per_day")),
        sa.CheckConstraint("max_per_week IS NULL OR max_per_week > 0", name=op.f("ck_experts_max_per_week")),
        sa.ForeignKeyConstraint(["home_campus_id"], ["campuses.id"], name=op.f("fk_experts_home_campus_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_experts_office_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_experts_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experts")),
        sa.UniqueConstraint("slug", name=op.f("uq_experts_slug")),
    )
    op.create_table(
        "rooms",
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=True, comment="who looks after the room"),
        sa.Column("capacity", sa.Integer(), nullable=True, comment="seats; None while nobody has said"),
        sa.Column("layout", sa.String(length=60), nullable=False),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=True, comment="None while nobody has said"),
        sa.Column("setup_minutes", sa.Integer(), nullable=False),
        sa.Column("takedown_minutes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True, comment="last day of use is the day before"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every edit"),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_rooms_capacity")),
        sa.CheckConstraint("setup_minutes >= 0 AND takedown_minutes >= 0", name=op.f("ck_rooms_minutes")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_rooms_campus_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_rooms_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("slug", name=op.f("uq_rooms_slug")),
    )
    op.create_index("ix_rooms_campus_id", "rooms", ["campus_id"], unique=False)

    op.create_table(
        "travel",
        sa.Column("from_campus_id", sa.Integer(), nullable=False),
        sa.Column("to_campus_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False, comment="how the figure was come by"),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_travel_minutes")),
        sa.ForeignKeyConstraint(["from_campus_id"], ["campuses.id"], name=op.f("fk_travel_from_campus_id")),
        sa.ForeignKeyConstraint(["to_campus_id"], ["campuses.id"], name=op.f("fk_travel_to_campus_id")),
        sa.PrimaryKeyConstraint("from_campus_id", "to_campus_id", name=op.f("pk_travel")),
    )
    op.create_table(
        "event_co_hosts",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_co_hosts_event_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_event_co_hosts_organization_id")
        ),
        sa.PrimaryKeyConstraint("event_id", "organization_id", name=op.f("pk_event_co_hosts")),
    )
    op.create_index("ix_event_co_hosts_organization_id", "event_co_hosts", ["organization_id"], unique=False)

    op.create_table(
        "event_rooms",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_rooms_event_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_event_rooms_room_id")),
        sa.PrimaryKeyConstraint("event_id", "room_id", name=op.f("pk_event_rooms")),
    )
    op.create_table(
        "event_topics",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_topics_event_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_event_topics_topic_id")),
        sa.PrimaryKeyConstraint("event_id", "topic_id", name=op.f("pk_event_topics")),
    )
    op.create_index("ix_event_topics_topic_id", "event_topics", ["topic_id"], unique=False)

    op.create_table(
        "expert_topics",
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_expert_topics_expert_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_expert_topics_topic_id")),
        sa.PrimaryKeyConstraint("expert_id", "topic_id", name=op.f("pk_expert_topics")),
    )
    op.create_index("ix_expert_topics_topic_id", "expert_topics", ["topic_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, comment="rises each time the person is asked"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_invitations_event_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_invitations_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("event_id", "expert_id", name=op.f("uq_invitations_event_id_expert_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitations_public_id")),
    )
    op.create_index("ix_invitations_expert_id", "invitations", ["expert_id"], unique=False)

    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False, comment="expert:<slug>, or office"),
        sa.Column("expert_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False, comment="the start it was planned for"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_reminders_event_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_reminders_expert_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["reminder_rules.id"], name=op.f("fk_reminders_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "event_id",
            "rule_id",
            "recipient",
            "starts_at",
            name=op.f("uq_reminders_event_id_rule_id_recipient_starts_at"),
        ),
    )
    op.create_index(
        "ix_reminders_planned",
        "reminders",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )

    op.create_table(
        "resources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("expert_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(room_id IS NULL) <> (expert_id IS NULL)", name=op.f("ck_resources_one_thing")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_resources_expert_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_resources_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint("expert_id", name=op.f("uq_resources_expert_id")),
        sa.UniqueConstraint("room_id", name=op.f("uq_resources_room_id")),
    )
    op.create_table(
        "room_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=False, comment="the form of names.folded"),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_room_aliases_campus_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_aliases_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_aliases")),
        sa.UniqueConstraint("campus_id", "folded", name=op.f("uq_room_aliases_campus_id_folded")),
    )
    op.create_table(
        "seats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_seats_event_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_seats_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    op.create_index("ix_seats_expert_id", "seats", ["expert_id"], unique=False)
    op.create_index("uq_seats_event_id_expert_id", "seats", ["event_id", "expert_id"], unique=True)

    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "given_for",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the start the answer was given for",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_answers_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_invitation_id", "answers", ["invitation_id"], unique=False)

    op.create_table(
        "reservations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False, comment="the holder"),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("busy_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True, comment="where the presence is; None when online"),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True, comment="a hold is free from here on"),
        sa.CheckConstraint("busy_from < busy_until", name=op.f("ck_reservations_busy_span")),
        sa.CheckConstraint(
            "busy_from <= starts_at AND ends_at <= busy_until", name=op.f("ck_reservations_presence_in_busy")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_reservations_event_id")),
        sa.ForeignKeyConstraint(["place_id"], ["campuses.id"], name=op.f("fk_reservations_place_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_reservations_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reservations_public_id")),
    )
    op.create_index("ix_reservations_event_id", "reservations", ["event_id"], unique=False)
    op.create_index(
        "ix_reservations_live",
        "reservations",
        ["resource_id", "busy_from"],
        unique=False,
        sqlite_where=sa.text("state IN ('held', 'confirmed')"),
        postgresql_where=sa.text("state IN ('held', 'confirmed')"),
    )

    refuse_overlaps()
    plant_reminder_rules()


def refuse_overlaps() -> None:
    """The databases themselves refuse that held or confirmed reservations of a resource overlap."""
    if op.get_bind().dialect.name == "postgresql":
        # No extension needed: a one-value range stands for equality of the resource.
        op.execute(
            "ALTER TABLE reservations ADD CONSTRAINT ex_reservations_overlap EXCLUDE USING gist "
            "(int4range(resource_id, resource_id, '[]') WITH &&, tstzrange(busy_from, busy_until) WITH &&) "
            "WHERE (state IN ('held', 'confirmed'))"
        )
        return
    # Rows of one resource never overlap, so looking at the left neighbour is enough.
    neighbour = """
        SELECT RAISE(ABORT, 'reservations of one resource overlap')
        WHERE (
            SELECT busy_until FROM reservations
            WHERE resource_id = NEW.resource_id AND state IN ('held', 'confirmed')
              AND id IS NOT NEW.id AND busy_from < NEW.busy_until
            ORDER BY busy_from DESC LIMIT 1
        ) > NEW.busy_from;
    """
    op.execute(
        "CREATE TRIGGER reservations_no_overlap_insert BEFORE INSERT ON reservations "
        f"WHEN NEW.state IN ('held', 'confirmed') BEGIN {neighbour} END"
    )
    op.execute(
        "CREATE TRIGGER reservations_no_overlap_update "
        "BEFORE UPDATE OF resource_id, busy_from, busy_until, state ON reservations "
        f"WHEN NEW.state IN ('held', 'confirmed') BEGIN {neighbour} END"
    )


def plant_reminder_rules() -> None:
    """The rules everybody starts with; they are data and may be changed."""
    rules = sa.table(
        "reminder_rules",
        sa.column("event_kind", sa.String),
        sa.column("audience", sa.String),
        sa.column("minutes_before", sa.Integer),
        sa.column("condition", sa.String),
    )
    day = 24 * 60
    op.bulk_insert(
        rules,
        [
            {"event_kind": None, "audience": "expert", "minutes_before": 7 * day, "condition": "always"},
            {"event_kind": None, "audience": "expert", "minutes_before": day, "condition": "always"},
            {"event_kind": None, "audience": "expert", "minutes_before": 120, "condition": "always"},
            {"event_kind": None, "audience": "office", "minutes_before": 3 * day, "condition": "unanswered"},
        ],
    )


def downgrade() -> None:
    op.drop_table("reservations")
    op.drop_table("answers")
    op.drop_table("seats")
    op.drop_table("room_aliases")
    op.drop_table("resources")
    op.drop_table("reminders")
    op.drop_table("invitations")
    op.drop_table("expert_topics")
    op.drop_table("event_topics")
    op.drop_table("event_rooms")
    op.drop_table("event_co_hosts")
    op.drop_table("travel")
    op.drop_table("rooms")
    op.drop_table("experts")
    op.drop_table("events")
    op.drop_table("organization_aliases")
    op.drop_table("offices")
    op.drop_table("campuses")
    op.drop_table("audit_values")
    op.drop_table("topics")
    op.drop_table("reminder_rules")
    op.drop_table("organizations")
    op.drop_table("messages")
    op.drop_table("import_profiles")
    op.drop_table("feed_versions")
    op.drop_table("demo_clock")
    op.drop_table("audit_entries")
