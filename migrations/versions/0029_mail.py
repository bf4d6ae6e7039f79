"""mail: the thread with each invited person, and what came in

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


WAITS = sa.text("state = 'waiting'")
IN_REVIEW = sa.text("state = 'review'")


def upgrade() -> None:
    op.create_table(
        "mail_threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, comment="turning it ends the address"),
        sa.Column(
            "digest",
            sa.String(64),
            nullable=True,
            comment="by which its address is found; None until a letter leaves",
        ),
        sa.Column(
            "mailbox",
            sa.String(254),
            nullable=True,
            comment="ORGANIZER without the +address; set when the first letter leaves, and kept",
        ),
        sa.Column("takes_answers", sa.Boolean(), nullable=False, comment="the mailbox is ours: answers are read"),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="SEQUENCE of the last calendar part owed"),
        sa.Column(
            "asked_sequence",
            sa.Integer(),
            nullable=False,
            comment="SEQUENCE with which the time was told",
        ),
        sa.Column("answered_sequence", sa.Integer(), nullable=True, comment="SEQUENCE of the newest answer taken"),
        sa.Column(
            "answered_stamp", sa.DateTime(timezone=True), nullable=True, comment="DTSTAMP of the newest answer taken"
        ),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_mail_threads_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_threads")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_mail_threads_invitation_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_mail_threads_digest")),
    )
    op.create_table(
        "received_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, comment="of the bytes"),
        sa.Column("raw", sa.LargeBinary(), nullable=True, comment="RFC 5322; None once forgotten"),
        sa.Column("door", sa.String(10), nullable=False, comment="imap, maildir, pipe, http, demo"),
        sa.Column("envelope_to", sa.String(254), nullable=False, comment="RCPT TO, where the door was told"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column(
            "attempts",
            sa.Integer(),
            nullable=False,
            comment="readings begun; what kills its reader is for review",
        ),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True, comment="somebody is reading it"),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(300), nullable=False),
        sa.Column("from_address", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False, comment="what was read in it"),
        sa.Column("family", sa.String(20), nullable=False, comment="client family: google, microsoft, apple, …"),
        sa.Column(
            "is_verified", sa.Boolean(), nullable=True, comment="our own server vouches for the sender; None: no word"
        ),
        sa.Column("reason", sa.String(40), nullable=False, comment="why it was applied, noted, put off or ignored"),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(36), nullable=False, comment="public id"),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("resolution", sa.String(20), nullable=False, comment="how the review ended"),
        sa.ForeignKeyConstraint(["thread_id"], ["mail_threads.id"], name=op.f("fk_received_mails_thread_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["accounts.id"], name=op.f("fk_received_mails_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_mails")),
        sa.UniqueConstraint("public_id", name=op.f("uq_received_mails_public_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_received_mails_digest")),
    )
    for column in ("message_id", "thread_id", "event", "settled_by_id"):
        op.create_index(f"ix_received_mails_{column}", "received_mails", [column])
    for name, which in (("waiting", WAITS), ("review", IN_REVIEW)):
        op.create_index(
            f"ix_received_mails_{name}", "received_mails", ["id"], sqlite_where=which, postgresql_where=which
        )


def downgrade() -> None:
    op.drop_table("received_mails")
    op.drop_table("mail_threads")
