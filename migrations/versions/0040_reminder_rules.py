"""reminder rules: by kind, organization and event; local hours, quiet hours, channels, reasons

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_SETS = sa.table(
    "reminder_rule_sets",
    sa.column("id", sa.Integer),
    sa.column("scope", sa.String),
    sa.column("audience", sa.String),
    sa.column("version", sa.Integer),
)
_RULES = sa.table(
    "reminder_rules",
    sa.column("set_id", sa.Integer),
    sa.column("anchor", sa.String),
    sa.column("minutes", sa.Integer),
    sa.column("days", sa.Integer),
    sa.column("at_minute", sa.Integer),
    sa.column("condition", sa.String),
    sa.column("channel", sa.String),
)


def upgrade() -> None:
    make_tables()
    op.execute("UPDATE reminder_rules SET audience = 'host' WHERE audience = 'office'")
    keep_rules_in_sets()
    with op.batch_alter_table("reminder_rules") as rules:
        rules.drop_constraint(op.f("uq_reminder_rules_event_kind_audience_minutes_before"), type_="unique")
        rules.drop_column("event_kind")
        rules.drop_column("audience")
        rules.alter_column("set_id", existing_type=sa.Integer(), nullable=False)
        rules.alter_column(
            "minutes_before",
            new_column_name="minutes",
            existing_type=sa.Integer(),
            nullable=True,
            comment="elapsed, from the anchor",
        )
        rules.create_foreign_key(op.f("fk_reminder_rules_set_id"), "reminder_rule_sets", ["set_id"], ["id"])
        rules.create_check_constraint(op.f("ck_reminder_rules_offset"), "(minutes IS NULL) <> (days IS NULL)")
        rules.create_index(op.f("ix_reminder_rules_set_id"), ["set_id"])
    plant_rules()


def make_tables() -> None:
    op.create_table(
        "reminder_rule_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(120), nullable=False, comment="audience and scope in one word"),
        sa.Column("audience", sa.String(10), nullable=False),
        sa.Column("event_kind", sa.String(20), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column(
            "is_in_force", sa.Boolean(), server_default=sa.true(), nullable=False, comment="else the next counts"
        ),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every change"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_reminder_rule_sets_organization_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_reminder_rule_sets_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule_sets")),
        sa.UniqueConstraint("scope", name=op.f("uq_reminder_rule_sets_scope")),
    )
    op.create_index(op.f("ix_reminder_rule_sets_organization_id"), "reminder_rule_sets", ["organization_id"])
    op.create_index(op.f("ix_reminder_rule_sets_event_id"), "reminder_rule_sets", ["event_id"])
    op.create_table(
        "quiet_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(120), nullable=False, comment="everybody, or the office in a word"),
        sa.Column("office_id", sa.Integer(), nullable=True, comment="None: everybody's"),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every change"),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_quiet_hours_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiet_hours")),
        sa.UniqueConstraint("scope", name=op.f("uq_quiet_hours_scope")),
        sa.UniqueConstraint("office_id", name=op.f("uq_quiet_hours_office_id")),
    )
    op.create_table(
        "reminder_replans",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", _AT, nullable=False, comment="what was ahead then is still to be said"),
        sa.Column("turn", sa.Integer(), nullable=False, comment="rises when it is asked for again"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_reminder_replans_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_reminder_replans")),
    )
    op.add_column("reminder_rules", sa.Column("set_id", sa.Integer(), nullable=True))
    op.add_column("reminder_rules", sa.Column("anchor", sa.String(5), nullable=False, server_default="start"))
    days = "local days from the anchor's, in the reader's zone"
    op.add_column("reminder_rules", sa.Column("days", sa.Integer(), nullable=True, comment=days))
    op.add_column(
        "reminder_rules", sa.Column("at_minute", sa.Integer(), nullable=True, comment="minute of that local day")
    )
    op.add_column("reminder_rules", sa.Column("channel", sa.String(10), nullable=False, server_default="mail"))
    op.add_column("reminder_rules", sa.Column("retired_at", _AT, nullable=True, comment="taken out of its set"))
    op.add_column(
        "reminders", sa.Column("reason", sa.String(15), nullable=True, comment="why it was missed or dropped")
    )
    settled = "when it was posted, missed or dropped"
    op.add_column("reminders", sa.Column("settled_at", _AT, nullable=True, comment=settled))
    say_whom("expert:<slug>, office, or partner:<slug of office>")
    is_missed = sa.text("state = 'missed'")
    op.create_index("ix_reminders_missed", "reminders", ["due_at"], sqlite_where=is_missed, postgresql_where=is_missed)


def say_whom(comment: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(
            "reminders", "recipient", existing_type=sa.String(100), existing_nullable=False, comment=comment
        )


def keep_rules_in_sets() -> None:
    """Rules that are there, the college's own too, stand in the set of their kind; their ids stay."""
    bind = op.get_bind()
    scopes = bind.execute(sa.text("SELECT DISTINCT audience, event_kind FROM reminder_rules ORDER BY 1, 2")).all()
    wanted = {(audience, None) for audience in ("expert", "host", "partner", "student")} | {
        tuple(row) for row in scopes
    }
    make = sa.text(
        "INSERT INTO reminder_rule_sets (scope, audience, event_kind, version) VALUES (:scope, :audience, :kind, 1)"
    )
    for audience, kind in sorted(wanted, key=lambda row: (row[1] or "", row[0])):
        scope = f"{audience}/kind:{kind}" if kind else f"{audience}/everybody"
        bind.execute(make, {"scope": scope, "audience": audience, "kind": kind})
    bind.execute(
        sa.text(
            "UPDATE reminder_rules SET set_id = (SELECT s.id FROM reminder_rule_sets s WHERE s.audience = "
            "reminder_rules.audience AND coalesce(s.event_kind, '') = coalesce(reminder_rules.event_kind, ''))"
        )
    )


def plant_rules() -> None:
    """What is new for everybody: who lends people is told two mornings before, students will be; nobody at night."""
    bind = op.get_bind()
    ids = dict(bind.execute(sa.select(_SETS.c.audience, _SETS.c.id).where(_SETS.c.scope.like("%/everybody"))).all())
    morning = 8 * 60
    same = {"anchor": "start", "condition": "always", "channel": "mail"}
    op.bulk_insert(
        _RULES,
        [
            {**same, "set_id": ids["partner"], "minutes": None, "days": 2, "at_minute": morning},
            {**same, "set_id": ids["student"], "minutes": None, "days": 1, "at_minute": morning},
            {**same, "set_id": ids["student"], "minutes": 120, "days": None, "at_minute": None},
        ],
    )
    bind.execute(
        sa.text("INSERT INTO quiet_hours (scope, from_minute, until_minute, version) VALUES ('everybody', :f, :u, 1)"),
        {"f": 21 * 60, "u": 7 * 60},
    )


def downgrade() -> None:
    """Rules that the older service cannot read go, with what was planned by them."""
    op.drop_index("ix_reminders_missed", "reminders")
    gone = (
        "SELECT r.id FROM reminder_rules r JOIN reminder_rule_sets s ON s.id = r.set_id WHERE r.minutes IS NULL "
        "OR r.anchor <> 'start' OR r.retired_at IS NOT NULL OR r.condition = 'no_count' "
        "OR s.audience NOT IN ('expert', 'host') OR s.organization_id IS NOT NULL OR s.event_id IS NOT NULL"
    )
    op.execute(f"DELETE FROM reminders WHERE rule_id IN ({gone})")
    op.execute(f"DELETE FROM reminder_rules WHERE id IN ({gone})")
    say_whom("expert:<slug>, or office")
    op.drop_column("reminders", "settled_at")
    op.drop_column("reminders", "reason")
    op.add_column("reminder_rules", sa.Column("event_kind", sa.String(20), nullable=True))
    op.add_column("reminder_rules", sa.Column("audience", sa.String(10), nullable=True))
    of_set = "FROM reminder_rule_sets s WHERE s.id = reminder_rules.set_id"
    op.execute(f"UPDATE reminder_rules SET event_kind = (SELECT s.event_kind {of_set})")
    op.execute(f"UPDATE reminder_rules SET audience = (SELECT s.audience {of_set})")
    op.execute("UPDATE reminder_rules SET audience = 'office' WHERE audience = 'host'")
    with op.batch_alter_table("reminder_rules") as rules:
        rules.drop_index(op.f("ix_reminder_rules_set_id"))
        rules.drop_constraint(op.f("ck_reminder_rules_offset"), type_="check")
        rules.drop_constraint(op.f("fk_reminder_rules_set_id"), type_="foreignkey")
        for name in ("set_id", "anchor", "days", "at_minute", "channel", "retired_at"):
            rules.drop_column(name)
        rules.alter_column("audience", existing_type=sa.String(10), nullable=False)
        rules.alter_column(
            "minutes", new_column_name="minutes_before", existing_type=sa.Integer(), nullable=False, comment=None
        )
    with op.batch_alter_table("reminder_rules") as rules:  # by itself: in the batch that renames a column it is lost
        rules.create_unique_constraint(
            op.f("uq_reminder_rules_event_kind_audience_minutes_before"),
            ["event_kind", "audience", "minutes_before"],
        )
    for table in ("reminder_replans", "quiet_hours", "reminder_rule_sets"):
        op.drop_table(table)
