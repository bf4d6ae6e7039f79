"""Runs migrations on the app's own engine, on SQLite and PostgreSQL alike.

On SQLite foreign keys are off while tables are rebuilt (a batch drops and re-creates them, which would cascade),
and a foreign_key_check at the end proves that nothing was lost.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import text

from eventsvc.core.db import UtcDateTime, Word, db, transaction
from eventsvc.interfaces.schema import METADATA, is_a_models, is_at_head
from eventsvc.workflows.keep_search import fill_if_empty


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write our column types as what they are in the database, so that old migrations need no present code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Word):
        return f"sa.String(length={item.impl_instance.length})"
    return False


def run_migrations() -> None:
    """Upgrade or downgrade, as Alembic was asked."""
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=is_sqlite,
            compare_type=True,
            render_item=render_item,
            include_object=is_a_models,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise RuntimeError("the migration would leave rows that point nowhere")
        connection.commit()
        if is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")


def fill_search() -> None:
    """Write the search's words by the present code, which only the present schema fits."""
    if is_at_head():
        with transaction():
            fill_if_empty()
        db.session.remove()


if context.is_offline_mode():
    raise SystemExit("eventsvc migrates a live database only")
run_migrations()
fill_search()
