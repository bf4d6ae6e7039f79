"""Every role and every act, cell by cell: at the own office, at another one of the organization, and elsewhere."""

from __future__ import annotations

import pytest

from eventsvc.core.errors import NotAllowed, SignInNeeded
from eventsvc.domain.accounts import (
    ADMINISTRATOR,
    PUBLIC,
    Actor,
    Owner,
    Permission,
    Role,
    ensure_may,
    ensure_may_plan,
    may,
    may_override,
    may_plan,
    may_run,
    may_see,
    may_see_work,
    sight_of,
)
from eventsvc.domain.accounts.actors import Held

OFFICE, SIBLING, ORGANIZATION = 1, 2, 10
OWN = Owner(OFFICE, ORGANIZATION)
BESIDE = Owner(SIBLING, ORGANIZATION)
ELSEWHERE = Owner(3, 30)

# role: what it may do where it counts. A second table, written by hand from issue 5, beside the one in the sources.
P = Permission
ACTS = {
    Role.COORDINATOR: {
        P.SEE_WORK,
        P.WRITE_REMARKS,
        P.PLAN,
        P.KEEP_PLACES,
        P.KEEP_PEOPLE,
        P.READ_REPORTS,
        P.KEEP_ACCOUNTS,
    },
    Role.PARTNER: {P.SEE_WORK, P.WRITE_REMARKS, P.PLAN, P.KEEP_PEOPLE, P.READ_REPORTS, P.KEEP_ACCOUNTS},
    Role.EXPERT: set(),
    Role.ROOM_OFFICE: {P.SEE_WORK, P.WRITE_REMARKS, P.GRANT_ROOMS, P.KEEP_PLACES},
    Role.FAIR_MANAGER: {P.SEE_WORK, P.WRITE_REMARKS, P.PLAN_FAIRS},
    Role.CONVENER: {P.SEE_WORK, P.WRITE_REMARKS, P.PLAN_CONVENINGS},
    Role.COUNSELOR: {P.SEE_WORK, P.WRITE_REMARKS},
    Role.DISTRICT: {P.SEE_WORK, P.WRITE_REMARKS, P.READ_REPORTS, P.KEEP_ACCOUNTS},
    Role.REPORTS: {P.READ_REPORTS},
    Role.ADMINISTRATOR: set(Permission),
    Role.DOOR_HELPER: {P.COUNT_HEADS},
}


def at_office(role: Role, **more) -> Actor:
    return Actor("somebody", (Held(role, OFFICE, **more),), 7)


def in_organization(role: Role) -> Actor:
    return Actor("somebody", (Held(role, None, frozenset({ORGANIZATION})),), 7)


def test_the_table_names_every_role():
    assert set(ACTS) == set(Role)


@pytest.mark.parametrize("permission", list(Permission))
@pytest.mark.parametrize("role", list(Role))
def test_every_cell(role, permission):
    expected = permission in ACTS[role]
    everywhere = role is Role.ADMINISTRATOR
    assert may(at_office(role), permission) is expected
    assert may(at_office(role), permission, OWN) is expected
    assert may(at_office(role), permission, BESIDE) is (expected and everywhere)
    assert may(at_office(role), permission, ELSEWHERE) is (expected and everywhere)
    assert may(in_organization(role), permission, OWN) is expected
    assert may(in_organization(role), permission, BESIDE) is expected
    assert may(in_organization(role), permission, ELSEWHERE) is (expected and everywhere)
    assert may(PUBLIC, permission) is False
    if expected:
        ensure_may(at_office(role), permission, OWN)
    else:
        with pytest.raises(NotAllowed):
            ensure_may(at_office(role), permission, OWN)


KINDS = ("info_session", "recruitment_fair", "convening", "workshop")


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.COORDINATOR, KINDS),
        (Role.PARTNER, KINDS),
        (Role.FAIR_MANAGER, ("recruitment_fair",)),
        (Role.CONVENER, ("convening",)),
        (Role.ADMINISTRATOR, KINDS),
        *(
            (role, ())
            for role in (Role.DOOR_HELPER, Role.EXPERT, Role.ROOM_OFFICE, Role.COUNSELOR, Role.DISTRICT, Role.REPORTS)
        ),
    ],
)
def test_who_plans_what(role, kinds):
    actor = at_office(role)
    assert tuple(kind for kind in KINDS if may_plan(actor, OWN, kind)) == kinds
    assert may_plan(actor) is bool(kinds)
    if role is not Role.ADMINISTRATOR:
        assert not any(may_plan(actor, ELSEWHERE, kind) for kind in KINDS)


def test_overriding_is_a_permission_of_its_own():
    assert not may_override(at_office(Role.COORDINATOR), OWN)
    given = at_office(Role.COORDINATOR, may_override=True)
    assert may_override(given, OWN)
    assert not may_override(given, ELSEWHERE)
    assert may_override(ADMINISTRATOR, ELSEWHERE)


def test_strangers_are_asked_to_sign_in_and_colleagues_are_told_no():
    with pytest.raises(SignInNeeded):
        ensure_may_plan(PUBLIC)
    with pytest.raises(NotAllowed):
        ensure_may_plan(at_office(Role.COORDINATOR), ELSEWHERE, "info_session")
    assert not may_run(at_office(Role.COORDINATOR))
    assert may_run(ADMINISTRATOR)


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("is_published", [True, False])
def test_what_is_not_public_is_seen_by_those_whom_it_concerns(is_public, is_published):
    facts = {"is_public": is_public, "is_published": is_published}
    assert may_see(PUBLIC, **facts, concerned=[OWN]) is (is_public and is_published)
    assert may_see(at_office(Role.COUNSELOR), **facts, concerned=[ELSEWHERE, OWN])
    assert may_see(at_office(Role.COUNSELOR), **facts, concerned=[ELSEWHERE]) is (is_public and is_published)
    assert may_see(at_office(Role.REPORTS), **facts, concerned=[OWN]) is (is_public and is_published)
    assert may_see(ADMINISTRATOR, **facts)


def test_sight_is_what_may_see_work_says():
    for actor in (PUBLIC, ADMINISTRATOR, *(make(role) for role in Role for make in (at_office, in_organization))):
        sight = sight_of(actor)
        for owner in (OWN, BESIDE, ELSEWHERE):
            is_seen = sight.is_whole or (
                owner.office_id in sight.office_ids or owner.organization_id in sight.organization_ids
            )
            assert is_seen is may_see_work(actor, [owner]), (actor, owner)
