"""The schema: every package that owns tables, where the migrations lie, and whether a database is at head."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from eventsvc.core import clock
from eventsvc.core.db import Base, db
from eventsvc.domain.accounts import absences, elsewhere, passwords
from eventsvc.domain.accounts import models as accounts
from eventsvc.domain.approvals import models as approvals
from eventsvc.domain.approvals import takers
from eventsvc.domain.attendance import models as attendance
from eventsvc.domain.audit import chain
from eventsvc.domain.audit import log as audit
from eventsvc.domain.booking import blocks
from eventsvc.domain.booking import models as booking
from eventsvc.domain.conversations import models as conversations
from eventsvc.domain.directory import beginnings, pairings, pools
from eventsvc.domain.directory import models as directory
from eventsvc.domain.events import coordinators, found_under, imported, late_changes, subscriptions
from eventsvc.domain.events import models as events
from eventsvc.domain.feeds import models as feeds
from eventsvc.domain.feeds import private, saved
from eventsvc.domain.idempotency import keys as idempotency
from eventsvc.domain.invitations import models as invitations
from eventsvc.domain.invitations import reply_models as replies
from eventsvc.domain.mail import looks
from eventsvc.domain.mail import models as mail
from eventsvc.domain.outbox import choices, folding, pacing, pause, sender
from eventsvc.domain.outbox import models as outbox
from eventsvc.domain.privacy import models as privacy
from eventsvc.domain.reminders import channels, chores, mondays, tries
from eventsvc.domain.reminders import models as reminders
from eventsvc.domain.requests import employers, offered, rounds
from eventsvc.domain.requests import models as requests
from eventsvc.domain.search import models as search
from eventsvc.domain.webhooks import models as webhooks

# Importing these fills the metadata; a package that owns tables and is missing here has none in the database.
OWNERS = (
    clock,
    accounts,
    absences,
    approvals,
    attendance,
    elsewhere,
    passwords,
    takers,
    audit,
    chain,
    choices,
    folding,
    blocks,
    booking,
    conversations,
    directory,
    beginnings,
    pairings,
    pools,
    events,
    found_under,
    coordinators,
    late_changes,
    imported,
    subscriptions,
    feeds,
    idempotency,
    saved,
    invitations,
    replies,
    requests,
    rounds,
    offered,
    employers,
    looks,
    mail,
    outbox,
    pacing,
    pause,
    private,
    privacy,
    sender,
    reminders,
    channels,
    chores,
    mondays,
    tries,
    search,
    webhooks,
)
METADATA = Base.metadata

# Tables and indexes of the databases' own full-text search: the migrations make them, no model names them.
_NO_MODELS = "search_index"

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def is_a_models(_thing: object, name: str | None, *_: object) -> bool:
    """True for what a comparison of database and models is about; Alembic asks it as `include_object`."""
    return not (name or "").startswith(_NO_MODELS)


@cache
def head() -> str | None:
    """The newest revision that this code knows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def is_at_head() -> bool:
    """True when the database has been upgraded to this code's schema."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()
