"""A mail scanner fetches every link of every letter there is, by GET and by HEAD: nothing changes."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts.models import SignIn
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.attendance.models import Feedback
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event, Series
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.requests.models import Request
from eventsvc.interfaces import web
from eventsvc.interfaces.schema import METADATA
from eventsvc.interfaces.services import services
from tests import privacy_world
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS

SENDER = "eventsvc <events@events.example>"
# Notes that a page was looked at, not that anything was done: how often feeds are fetched, and that a letter's sign-in
# page was counted, are no part of a letter's links.
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


@pytest.fixture
def real(bare_app: Any) -> dict[str, Any]:
    """The facts of every letter, about things that are really there: its links lead to pages, not to "no such"."""
    with bare_app.app_context(), transaction():
        privacy_world.make()
    with bare_app.app_context():
        ids = {
            name: str(db.session.scalars(select(table.public_id).order_by(table.id)).first())
            for name, table in (
                ("invitation", Invitation),
                ("approval", RoomApproval),
                ("sign_in", SignIn),
                ("series", Series),
                ("feedback", Feedback),
                ("event", Event),
                ("request", Request),
            )
        }
        expert = db.session.scalars(select(Expert.slug).where(Expert.name == privacy_world.NAME)).one()
    season = {"expert": expert, "until": "2027-05-11T23:30:00Z"}
    return {name: _with({**facts, "season": season}, ids) for name, facts in LETTERS.items()}


def _with(facts: Any, ids: dict[str, str]) -> Any:
    """The facts with real ids wherever an example stands."""
    if isinstance(facts, list):
        return [_with(one, ids) for one in facts]
    if not isinstance(facts, dict):
        return facts
    own = {
        name: ids[name] if name in ids and isinstance(value, str) else _with(value, ids)
        for name, value in facts.items()
    }
    return {**own, "id": ids["event"]} if "zone" in own and "id" in own else own


def everything(app: Any) -> dict[str, list[Any]]:
    """Every row of every table, as it stands."""
    with app.app_context():
        tables = METADATA.sorted_tables
        found = {one.name: db.session.execute(select(one).order_by(*one.primary_key)).all() for one in tables}
        db.session.rollback()
    return {name: [tuple(row) for row in rows] for name, rows in found.items()}


def links_of(app: Any, letter: str, facts: Any, language: str) -> list[str]:
    message = Message(
        public_id=privacy_world.uuid4(),
        letter=letter,
        to_address=privacy_world.EMAIL,
        to_name="Expert One",
        language=language,
        created_at=NOW,
        facts=facts,
    )
    with app.test_request_context():
        mail = letters.render(message, services().links, SENDER)
        texts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
        own = urlsplit(services().links.public_url).hostname
    found = {unescape(one).rstrip(".,)") for text in texts for one in _ADDRESS.findall(text)}
    return sorted(urlsplit(one).path for one in found if urlsplit(one).hostname == own)


def test_no_state_changes(bare_app, real, still):
    before = everything(bare_app)
    assert sum(map(len, before.values())) > 50
    scanner, seen = bare_app.test_client(), {}
    for letter, facts in real.items():
        paths = links_of(bare_app, letter, facts, "en")
        for path in paths:
            for method in ("GET", "HEAD", "GET"):
                answer = scanner.open(path, method=method, headers={"User-Agent": "scanner", "Accept": "text/html,*/*"})
                assert answer.status_code < 500, (letter, method, path)
                seen[path] = answer.status_code
    assert everything(bare_app) == before
    kinds = {path.split("/")[1] for path, status in seen.items() if status in (200, 303, 302)}
    # Each kind of page to which a letter leads was really there; those of offices ask strangers to sign in.
    open_to_all = {"answer", "room-answer", "sign-in", "events", "season", "count", "feedback", "unsubscribe"}
    assert (
        open_to_all
        | {"requests", "employers", "asked", "account", "absences", "doctor", "setup", "mail", "home", "webhooks"}
        == kinds
    ), seen


def test_every_letter_was_looked_at(bare_app, real):
    assert set(real) == set(LETTERS) == {path.stem for path in letters.FOLDER.glob("*.txt") if path.stem[0] != "_"}
    with bare_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) > 0


def test_no_page_takes_head_for_post():
    pages = Path(web.__file__).parent.glob("*.py")
    assert [path.name for path in pages if 'request.method == "GET"' in path.read_text()] == []
