"""Before whom somebody speaks: said by file, by JSON and on pages, and heard by the suggestions."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Level
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import match_experts
from tests.conftest import NOW
from tests.interfaces.browser import words_of
from tests.wishes import World, a_request, a_world

LEVELS = "/api/v1/experts/expert-one/levels"


@pytest.fixture
def partner(still, bare_app: Flask) -> World:
    with bare_app.app_context(), transaction():
        return a_world()


def stored(app: Flask, slug: str = "expert-one") -> list[str]:
    with app.app_context():
        return lookup.get(Expert, slug).levels


def ways(app: Flask, partner: World) -> list[list[str]]:
    """What is said of the level of each who is suggested for a wish before pupils, best first."""
    with app.app_context(), transaction():
        wish = a_request(partner, topics=("cranes",), level=Level.K12)
        _, found = match_experts.matches_of(str(wish.public_id), actor=partner.of_partner, now=NOW)
        return [
            [one.expert.slug, *(str(reason.facts["fits"]) for reason in one.reasons if reason.kind == "level")]
            for one in found
        ]


def test_json_says_levels_by_the_version_and_suggestions_hear_it(partner, bare_app, admin, public):
    found = admin.get("/api/v1/experts/expert-one")
    assert found.json["levels"] == []
    assert ways(bare_app, partner) == [["expert-one", "True"], ["expert-two", "True"]]
    assert admin.put(LEVELS, json={"levels": ["alumni"]}).status_code == 428
    same = {"headers": {"If-Match": found.headers["ETag"]}}
    kept = admin.put(LEVELS, json={"levels": ["alumni", "college", "alumni"]}, **same)
    assert (kept.json["levels"], kept.headers["ETag"]) == (["college", "alumni"], '"v2"')
    assert admin.put(LEVELS, json={"levels": ["k12"]}, **same).status_code == 412
    assert ways(bare_app, partner) == [["expert-two", "True"], ["expert-one", "False"]]
    assert public.put(LEVELS, json={"levels": []}, headers={"If-Match": "*"}).status_code == 401
    with bare_app.app_context():
        said = select(AuditEntry.verb).where(AuditEntry.subject == "expert-one")
        assert db.session.scalars(said).all() == ["edit"]


def test_what_is_no_level_is_refused_by_its_field(partner, admin):
    refused = admin.put(LEVELS, json={"levels": ["k12", "kindergarten"]}, headers={"If-Match": "*"})
    assert (refused.status_code, [one["field"] for one in refused.json["errors"]]) == (422, ["levels[1]"])


def test_a_dry_run_keeps_nothing(partner, bare_app, admin):
    said = admin.put(f"{LEVELS}?dry_run=true", json={"levels": ["k12"]}, headers={"If-Match": "*"})
    assert (said.json["levels"], stored(bare_app)) == (["k12"], [])


def test_the_public_is_not_told(partner, public):
    assert "levels" not in public.get("/api/v1/experts/expert-one").json


def test_a_file_says_levels_and_names_what_is_none(partner, bare_app, database_url, tmp_path):
    def load(levels: str) -> Result:
        file = tmp_path / "experts.csv"
        file.write_text(f"name,organization,slug,levels\nExpert One,port,expert-one,{levels}\n")
        environment = {"SECRET_KEY": "a key for tests", "DATABASE_URL": database_url}
        return CliRunner().invoke(cli, ["import", "experts", str(file)], env=environment)

    assert (load("alumni; k12").exit_code, stored(bare_app)) == (0, ["k12", "alumni"])
    loaded = load("grown-ups")
    assert loaded.exit_code == 1
    assert "'grown-ups' is none of k12, college, alumni" in loaded.output
    assert stored(bare_app) == ["k12", "alumni"]


def test_the_page_of_a_person_says_them_and_changes_them(partner, bare_app, planner):
    page = planner.get("/experts/expert-one/week")
    assert "Before whom they speak Before everybody" in words_of(page.select_one("#known").parent)
    planner.submit("Save", within="section[aria-labelledby=known]", values={"levels": ["alumni", "k12"]})
    assert "Before whom they speak Pupils of schools, Alumni" in planner.text
    assert [box["value"] for box in planner.page.select("input[name=levels][checked]")] == ["k12", "alumni"]
    assert stored(bare_app) == ["k12", "alumni"]
    planner.submit("Save", within="section[aria-labelledby=known]", values={"levels": []})
    assert stored(bare_app) == []
