"""Minutes, counts and buffers below what can be: refused in words at every door, and nothing is written."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.interfaces.cli import cli
from tests import builders

ROOM, EXPERT = {"name": "Hall", "campus": "harbor"}, {"name": "Presenter", "organization": "port"}
POOL = {"name": "Projector", "campus": "harbor", "quantity": "2"}
ROWS = [
    ("rooms", ROOM | {"setup_minutes": "-1"}, "setup_minutes"),
    ("rooms", ROOM | {"takedown_minutes": "-15"}, "takedown_minutes"),
    ("rooms", ROOM | {"setup_minutes": "1441"}, "setup_minutes"),
    ("rooms", ROOM | {"capacity": "-40"}, "capacity"),
    ("experts", EXPERT | {"lead_minutes": "-1"}, "lead_minutes"),
    ("experts", EXPERT | {"online_buffer_minutes": "-5"}, "online_buffer_minutes"),
    ("experts", EXPERT | {"max_travel_minutes": "-1"}, "max_travel_minutes"),
    ("experts", EXPERT | {"max_per_day": "0"}, "max_per_day"),
    ("experts", EXPERT | {"max_per_week": "-1"}, "max_per_week"),
    ("experts", EXPERT | {"max_per_month": "-1"}, "max_per_month"),
    ("pools", POOL | {"setup_minutes": "-1"}, "setup_minutes"),
    ("pools", POOL | {"takedown_minutes": "-1"}, "takedown_minutes"),
    ("pools", POOL | {"notice_days": "-1"}, "notice_days"),
    ("pools", POOL | {"quantity": "-2"}, "quantity"),
    ("travel", {"origin": "harbor", "destination": "hill", "minutes": "-70"}, "minutes"),
]


@pytest.fixture
def directory(bare_app):
    with bare_app.app_context(), transaction():
        builders.a_campus("harbor")
        builders.a_campus("hill")
        builders.an_organization("port")
    return bare_app


def acts(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEntry))


@pytest.mark.parametrize(
    ("kind", "row", "field"), ROWS, ids=[f"{kind} {field} {row[field]}" for kind, row, field in ROWS]
)
def test_an_import_refuses_the_line_and_says_why(directory, database_url, tmp_path, kind, row, field):
    path = tmp_path / "rows.csv"
    path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    environment = {"SECRET_KEY": "a key for tests", "DATABASE_URL": database_url}
    result = CliRunner().invoke(cli, ["import", kind, str(path)], env=environment)
    assert result.exit_code == 1
    assert f"line 2: refused: {field}: must be between" in result.stdout
    assert acts(directory) == 0


def test_the_options_of_an_import_refuse_them_too(directory, database_url, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("title,kind,start,minutes\n")
    environment = {"SECRET_KEY": "a key for tests", "DATABASE_URL": database_url}
    for option in ("--setup", "--takedown"):
        result = CliRunner().invoke(cli, ["import", "events", str(path), option, "-1"], env=environment)
        assert result.exit_code == 2
        assert "is not in the range 0<=x<=1440" in result.output


@pytest.mark.parametrize(
    ("path", "more", "field"),
    [
        ("events", {"duration_minutes": -60}, "duration_minutes"),
        ("events", {"duration_minutes": 0}, "duration_minutes"),
        ("events", {"expected_heads": -1}, "expected_heads"),
        ("events", {"equipment": [{"slug": "projector", "quantity": -1}]}, "equipment[0].quantity"),
        ("holds", {"duration_minutes": -60}, "duration_minutes"),
        ("holds", {"minutes": -5}, "minutes"),
        ("holds", {"minutes": 0}, "minutes"),
        ("holds", {"equipment": [{"slug": "projector", "quantity": 0}]}, "equipment[0].quantity"),
    ],
)
def test_json_refuses_them_by_their_field(directory, admin, path, more, field):
    own = {"title": "Careers", "kind": "workshop"} if path == "events" else {}
    wish = {"campus": "harbor", "starts_local": "2099-02-10T14:00", "duration_minutes": 60, **own}
    response = admin.post(f"/api/v1/{path}", json={**wish, **more})
    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == [field]
    assert acts(directory) == 0
