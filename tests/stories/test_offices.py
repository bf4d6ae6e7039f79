"""Two colleges and a port with a coordinator each: who sees, plans and changes what, on pages and in lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import NotAllowed, NotFound
from eventsvc.domain.accounts import ADMINISTRATOR, Actor, Role, acting, sight_of
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Office, OrganizationKind
from eventsvc.domain.events import lookup, permits
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.events.models import Event, EventKind, Visibility
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("story")
WHO = {"actor": ADMINISTRATOR, "now": NOW}


class House:
    """The colleges, the port, and an actor for each of their coordinators."""

    def __init__(self) -> None:
        self.campuses = {name: builders.a_campus(name) for name in ("harbor", "valley")}
        self.halls = {name: builders.a_room(f"{name}-hall", on=campus) for name, campus in self.campuses.items()}
        self.port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
        self.pelican = builders.an_expert("pelican", of=self.port)

    def office_of(self, campus: str) -> Office:
        owner = self.campuses[campus].organization_id
        return db.session.scalars(select(Office).where(Office.organization_id == owner)).first()

    def actor(self, role: Role, *, of: str, **more: Any) -> Actor:
        email = f"{role}-{of}@example.edu"
        keep_accounts.add_account(email, f"{role} {of}", **WHO)
        place = {"office": self.office_of(of).slug} if of in self.campuses else {"organization": of}
        keep_accounts.give_role(email, role, **place, **more, **WHO)
        db.session.flush()
        return acting.actor_of(db.session.scalars(select(Account).where(Account.email == email)).one())

    def plan(self, campus: str, *, actor: Actor = ADMINISTRATOR, **more: Any) -> Event:
        kind = more.pop("kind", EventKind.INFO_SESSION)
        plan = replace(builders.a_plan(self.campuses[campus], **more), kind=kind)
        return plan_event(plan, actor=actor, now=NOW)


@pytest.fixture
def house(story) -> House:
    return House()


def test_a_coordinator_plans_for_the_own_office_and_no_other(house):
    harbor = house.actor(Role.COORDINATOR, of="harbor")
    assert house.plan("harbor", actor=harbor, rooms=[house.halls["harbor"]]).owner.id == house.office_of("harbor").id
    with pytest.raises(NotAllowed), db.session.begin_nested():
        house.plan("valley", actor=harbor, rooms=[house.halls["valley"]])


CHANGES = {
    "edit": lambda event, actor: edit_event(str(event.public_id), {"title": "Other"}, actor=actor, now=NOW),
    "publish": lambda event, actor: publish_event(str(event.public_id), actor=actor, now=NOW),
    "move": lambda event, actor: move_event(
        str(event.public_id), Destination(time={"starts_local": datetime(2027, 2, 11, 14)}), actor=actor, now=NOW
    ),
    "withdraw": lambda event, actor: withdraw_event(str(event.public_id), actor=actor, now=NOW),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_the_office_in_charge_changes_an_event_those_it_concerns_see_it_and_others_do_not_know_of_it(house, change):
    event = house.plan("harbor", experts=[house.pelican])
    with pytest.raises(NotAllowed), db.session.begin_nested():  # its expert comes: seen, but not theirs to change
        CHANGES[change](event, house.actor(Role.PARTNER, of="port"))
    with pytest.raises(NotFound), db.session.begin_nested():  # not public yet
        CHANGES[change](event, house.actor(Role.COORDINATOR, of="valley"))
    CHANGES[change](event, house.actor(Role.COORDINATOR, of="harbor"))


def test_what_is_public_may_be_seen_by_others_and_changed_by_none_of_them(house):
    event = house.plan("harbor")
    publish_event(str(event.public_id), **WHO)
    with pytest.raises(NotAllowed), db.session.begin_nested():
        CHANGES["edit"](event, house.actor(Role.COORDINATOR, of="valley"))


@pytest.mark.parametrize("role", [Role.EXPERT, Role.COUNSELOR, Role.DISTRICT, Role.REPORTS, Role.ROOM_OFFICE])
def test_roles_that_do_not_plan_change_nothing(house, role):
    event = house.plan("harbor")
    for change in CHANGES.values():
        with pytest.raises(NotAllowed), db.session.begin_nested():
            change(event, house.actor(role, of="harbor") if role is not Role.DISTRICT else ADMINISTRATOR_OF_NOTHING)


ADMINISTRATOR_OF_NOTHING = Actor("account x", (), 1)


def test_a_fair_manager_plans_fairs_alone(house):
    manager = house.actor(Role.FAIR_MANAGER, of="harbor")
    fair = house.plan("harbor", actor=manager, kind=EventKind.RECRUITMENT_FAIR)
    assert permits.may_change(manager, fair)
    with pytest.raises(NotAllowed), db.session.begin_nested():
        house.plan("harbor", actor=manager)


def test_lists_show_what_each_may_see_by_the_same_rule_as_one_event(house):
    events = [
        house.plan("harbor"),
        house.plan("harbor", experts=[house.pelican], when=builders.at("2027-02-12T14:00")),
        house.plan("valley", rooms=[house.halls["valley"]], visibility=Visibility.PRIVATE),
        house.plan("valley", when=builders.at("2027-02-13T14:00")),
    ]
    publish_event(str(events[3].public_id), **WHO)
    actors = [
        ADMINISTRATOR,
        ADMINISTRATOR_OF_NOTHING,
        house.actor(Role.COORDINATOR, of="harbor"),
        house.actor(Role.COORDINATOR, of="valley"),
        house.actor(Role.PARTNER, of="port"),
        house.actor(Role.REPORTS, of="harbor"),
    ]
    for actor in actors:
        found, _ = lookup.page(Filter(sight=sight_of(actor)), after=None, limit=50)
        assert {event.id for event in found} == {one.id for one in events if permits.may_see_event(actor, one)}
    assert len({len(lookup.page(Filter(sight=sight_of(a)), after=None, limit=50)[0]) for a in actors}) > 2


def test_a_district_sees_the_work_of_its_colleges(house):
    district = builders.an_organization("district", kind=OrganizationKind.COLLEGE_DISTRICT)
    house.campuses["harbor"].organization.parent_id = district.id
    db.session.flush()
    actor = house.actor(Role.DISTRICT, of="district")
    assert permits.may_see_event(actor, house.plan("harbor"))
    assert not permits.may_see_event(actor, house.plan("valley"))


def test_a_role_ends_with_the_account(house, app: Flask):
    house.actor(Role.COORDINATOR, of="harbor")
    account = keep_accounts.end_account("coordinator-harbor@example.edu", **WHO)
    assert acting.actor_of(account).held == ()
