"""Two do the same at one moment, over real connections: one of them does it, and nothing breaks."""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import func, select, text

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, LinkExpired, NotFound
from eventsvc.domain.accounts import ADMINISTRATOR, Role, acting
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows import keep_absences, keep_accounts, keep_door, keep_leave
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.put_in_charge import put_in_charge
from tests import builders
from tests.conftest import NOW
from tests.stories.test_door import DAY, ON_THE_DAY
from tests.stories.test_hand_over import ANA, BEN, house
from tests.stories.test_hand_over_races import together

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("still")
WHO: dict[str, Any] = {"actor": ADMINISTRATOR, "now": NOW}


def meet_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Let both come to that step before either goes on; who waits for a lock does not come, and is not waited for."""
    barrier, step = Barrier(2), getattr(module, name)

    def waiting(*args: Any, **more: Any) -> Any:
        found = step(*args, **more)
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=0.5)
        return found

    monkeypatch.setattr(module, name, waiting)


def written(verb: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditEntry.verb == verb)) or 0


def test_an_absence_is_taken_back_once(house, monkeypatch):
    with house.app_context(), transaction():
        absence = keep_absences.add_absence(ANA, "2027-01-18", "2027-01-22", cover=BEN, **WHO)
        number = str(absence.public_id)
    meet_at(monkeypatch, keep_absences, "ensure_met")
    ends = [lambda: keep_absences.end_absence(number, **WHO)] * 2
    results = together(house, *ends)
    assert [type(one) for one in results if one is not None] == [NotFound]
    with house.app_context():
        assert written("end_absence") == 1


def test_a_leave_is_taken_back_once(house, monkeypatch):
    with house.app_context(), transaction():
        builders.an_expert("expert-one")
        block, _ = keep_leave.add_leave("expert-one", "2027-03-01", "2027-03-05", **WHO)
        number = block.uid
    meet_at(monkeypatch, keep_leave, "ensure_met")
    results = together(house, *[lambda: keep_leave.remove_leave("expert-one", number, **WHO)] * 2)
    assert [type(one) for one in results if one is not None] == [NotFound]
    with house.app_context():
        assert written("remove_leave") == 1


def test_a_colleague_is_let_in_once_however_often_the_button_is_pressed(house, monkeypatch):
    meet_at(monkeypatch, keep_accounts, "_find")
    new: dict[str, Any] = {"role": Role.COORDINATOR, "office": "career-center", **WHO}
    grants = together(house, *[lambda: keep_accounts.let_in("new@harbor.example", "New Example", **new).id] * 2)
    assert grants[0] == grants[1]
    with house.app_context():
        assert db.session.scalar(select(func.count()).where(Message.letter == "let_in")) == 1
        assert db.session.scalar(select(func.count()).where(Account.email == "new@harbor.example")) == 1


def test_a_link_for_the_door_that_is_ended_meanwhile_counts_nobody(app, monkeypatch):
    with transaction():
        office = builders.an_office("careers")
        campus = builders.a_campus("harbor", of=office.organization)
        plan = builders.a_plan(campus, rooms=[builders.a_room("hall", on=campus)], owner="careers")
        event = planned(plan)
        link = str(keep_door.make_door_link(event, DAY, **WHO).public_id)
    claim = keep_door.claim_event

    def ended_before(*args: Any) -> Any:
        db.session.execute(text("UPDATE door_links SET revoked_at = made_at"))
        return claim(*args)

    monkeypatch.setattr(keep_door, "claim_event", ended_before)
    with pytest.raises(LinkExpired), transaction():
        keep_door.count_at_door(link, 1, now=ON_THE_DAY)


def planned(plan: Any) -> str:
    return str(plan_event(plan, **WHO).public_id)


def test_what_accounts_other_houses_have_is_not_told(app):
    """Who plans may put a colleague in charge; an address of another house is answered as one that nobody has."""
    with transaction():
        office = builders.an_office("careers")
        campus = builders.a_campus("harbor", of=office.organization)
        builders.an_office("elsewhere", of=builders.an_organization("other"))
        for email, place in ((ANA, "careers"), ("cy@elsewhere.example", "elsewhere")):
            keep_accounts.add_account(email, "Somebody Example", **WHO)
            keep_accounts.give_role(email, Role.COORDINATOR, office=place, **WHO)
        event = planned(builders.a_plan(campus, owner="careers"))
    with transaction():
        actor = acting.actor_of(db.session.scalars(select(Account).where(Account.email == ANA)).one())

    def said(email: str) -> dict[str, Any]:
        with pytest.raises(InvalidInput) as refused, transaction():
            put_in_charge(event, email, actor=actor, now=NOW)
        return {"words": str(refused.value.detail), **refused.value.facts}

    assert said("cy@elsewhere.example") == said("nobody@elsewhere.example")
