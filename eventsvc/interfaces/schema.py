"""The schema: every package that owns tables, where the migrations lie, and whether a database is at head."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from eventsvc.core import clock
from eventsvc.core.db import Base, db
from eventsvc.domain.audit import log as audit
from eventsvc.domain.booking import models as booking
from eventsvc.domain.directory import models as directory
from eventsvc.domain.events import models as events
from eventsvc.domain.feeds import models as feeds
from eventsvc.domain.invitations import models as invitations
from eventsvc.domain.outbox import models as outbox
from eventsvc.domain.reminders import models as reminders

# Importing these fills the metadata; a package that owns tables and is missing here has none in the database.
OWNERS = (clock, audit, booking, directory, events, feeds, invitations, outbox, reminders)
METADATA = Base.metadata

MIGRATIONS = Path(__file__).parents[2] / "migrations"


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
