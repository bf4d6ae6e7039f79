"""Who may change what, asked of one event and of a whole list: the two rules are one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.accounts import ADMINISTRATOR, Actor, Role
from eventsvc.domain.accounts.actors import Held, may_run
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.mail import lookup
from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.workflows.plan_event import plan_event
from tests import builders, received
from tests.conftest import NOW

KINDS = (EventKind.INFO_SESSION, EventKind.RECRUITMENT_FAIR, EventKind.CONVENING)
# Of which office or which organizations somebody holds a role: by their places in the lists of the world; no place at
# all is everywhere for who runs the service, and nowhere for others.
PLACES = st.one_of(
    st.tuples(st.integers(0, 3), st.just(frozenset[int]())),
    st.tuples(st.none(), st.frozensets(st.integers(0, 1), max_size=2)),
)
ROLES = st.lists(st.tuples(st.sampled_from(Role), PLACES), max_size=3)
SCOPES = st.none() | st.frozensets(st.sampled_from(Scope), min_size=1)


@pytest.fixture
def events(story: None) -> Sequence[Event]:
    """An event of each kind for each of two offices of two colleges, with a mail about it."""
    made = []
    for college in (builders.an_organization(), builders.an_organization()):
        campus = builders.a_campus(of=college)
        for office in (builders.an_office(of=college), builders.an_office(of=college)):
            plan = builders.a_plan(campus, owner=office.slug)
            for kind in KINDS:
                event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
                event.kind = kind
                received.a_mail(about=event)
                made.append(event)
    db.session.flush()
    return made


def an_actor(
    events: Sequence[Event],
    roles: Sequence[tuple[Role, tuple[int | None, frozenset[int]]]],
    scopes: frozenset[Scope] | None,
) -> Actor:
    offices = list(dict.fromkeys(one.owner_id for one in events))
    colleges = list(dict.fromkeys(one.owner.organization_id for one in events))
    held = (
        Held(role, None if office is None else offices[office], frozenset(colleges[one] for one in within))
        for role, (office, within) in roles
    )
    return Actor("somebody", tuple(held), scopes=scopes)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roles=ROLES, scopes=SCOPES)
def test_a_list_holds_what_one_may_change_one_by_one(events, roles, scopes):
    actor = an_actor(events, roles, scopes)
    found = set(db.session.scalars(select(Event.id).where(permits.is_changed_by(actor))))
    assert found == {one.id for one in events if permits.may_change(actor, one)}
    about = set(db.session.scalars(select(ReceivedMail.event).where(lookup.of_events(permits.is_changed_by(actor)))))
    assert about == {str(one.public_id) for one in events if one.id in found}
    assert found or not may_run(actor) or scopes is not None


def test_the_generated_people_differ_in_what_they_change(events):
    """Else the property above says nothing."""
    by_role = {
        role: len(
            [one for one in events if permits.may_change(an_actor(events, [(role, (0, frozenset()))], None), one)]
        )
        for role in Role
    }
    assert {by_role[role] for role in (Role.COORDINATOR, Role.FAIR_MANAGER, Role.COUNSELOR)} == {3, 1, 0}
    assert by_role[Role.ADMINISTRATOR] == len(events)
