"""Builders around requests: a college with people, a partner with experts, and a wish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from eventsvc.domain.accounts import ADMINISTRATOR, Actor, Role
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, OrganizationKind, Topic
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.windows import SaidWindow
from eventsvc.workflows.ask_partner import AskedFor, ask_partner
from tests import builders
from tests.conftest import NOW

WHO = {"actor": ADMINISTRATOR, "now": NOW}
FIRST = date(2027, 2, 1)  # a Monday


@dataclass
class World:
    """One partner with two experts, and a college."""

    partner: Organization
    office: Office
    ships: Topic
    cranes: Topic
    one: Expert
    two: Expert
    college: Organization
    asker: Office
    campus: Campus

    @property
    def of_partner(self) -> Actor:
        """Somebody who plans for the partner's office."""
        return Actor("partner", (Held(Role.PARTNER, self.office.id, frozenset()),))

    @property
    def of_college(self) -> Actor:
        """Somebody who plans for the college's office."""
        return Actor("coordinator", (Held(Role.COORDINATOR, self.asker.id, frozenset()),))


def a_world(*, kind: OrganizationKind = OrganizationKind.PUBLIC_EMPLOYER) -> World:
    partner = builders.an_organization("port", kind=kind)
    office = builders.an_office("outreach", of=partner, mailbox="outreach@port.example")
    ships, cranes = builders.a_topic("ships"), builders.a_topic("cranes")
    one = builders.an_expert("expert-one", of=partner, office=office, topics=[ships, cranes])
    two = builders.an_expert("expert-two", of=partner, office=office, topics=[cranes])
    college = builders.an_organization("a-college")
    asker = builders.an_office("careers", of=college, mailbox="careers@college.example")
    campus = builders._added(Campus(slug="harbor", name="Harbor", organization=college, zone=builders.PACIFIC))
    return World(partner, office, ships, cranes, one, two, college, asker, campus)


def days(first: int, last: int, hours: tuple[int, int] = (9, 17), weekdays: tuple[int, ...] = ()) -> SaidWindow:
    """From so many days after the first Monday of February until so many."""
    return SaidWindow(
        first_on=FIRST + timedelta(days=first),
        last_on=FIRST + timedelta(days=last),
        from_minute=hours[0] * 60,
        until_minute=hours[1] * 60,
        weekdays=weekdays,
    )


def a_wish(world: World, **more: object) -> AskedFor:
    said: dict[str, object] = {
        "partner": world.partner.slug,
        "title": "Careers at the port",
        "windows": (days(0, 4),),
        "campus": world.campus.slug,
        "asker": world.asker.slug,
        "topics": (world.ships.slug,),
        "expected_heads": 30,
    }
    return AskedFor(**{**said, **more})  # type: ignore[arg-type]  # a test says any field


def a_request(world: World, **more: object) -> Request:
    return ask_partner(a_wish(world, **more), actor=world.of_college, now=NOW)
