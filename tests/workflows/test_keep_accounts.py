"""Letting people in: who may give what where, who is told, and how nobody is left without an administrator."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, Refusal, SignInNeeded, WrongState
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Actor, Role, acting, colleagues, giving
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.roles import BY_LINK, GRANTED, Permission
from eventsvc.domain.accounts.roles import Scope as TokenScope
from eventsvc.domain.directory.models import Office, Organization, OrganizationKind
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows import keep_accounts as keep
from eventsvc.workflows.forget_names import forget_account
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("story")
WHO = {"actor": ADMINISTRATOR, "now": NOW}


class House:
    """A district with a college of two offices, and another college."""

    def __init__(self) -> None:
        self.district = builders.an_organization("district", kind=OrganizationKind.COLLEGE_DISTRICT)
        self.college = builders.an_organization("college")
        self.college.parent_id = self.district.id
        self.other = builders.an_organization("other")
        self.careers = builders.an_office("careers", of=self.college)
        self.facilities = builders.an_office("facilities", of=self.college)
        self.elsewhere = builders.an_office("elsewhere", of=self.other)
        db.session.flush()

    def account(self, word: str) -> Account:
        return db.session.scalars(select(Account).where(Account.email == f"{word}@example.edu")).one()

    def actor(self, word: str, role: Role, at: Office | Organization | None = None, **more: Any) -> Actor:
        keep.add_account(f"{word}@example.edu", word.title(), **WHO)
        keep.give_role(f"{word}@example.edu", role, **place(at), **more, **WHO)
        return self.again(word)

    def again(self, word: str) -> Actor:
        db.session.flush()
        db.session.expire_all()
        return acting.actor_of(self.account(word))


def place(at: Office | Organization | None) -> dict[str, str]:
    if at is None:
        return {}
    return {"office": at.slug} if isinstance(at, Office) else {"organization": at.slug}


@pytest.fixture
def house(story) -> House:
    return House()


def refused(kind: type[Refusal], story: Any, *args: Any, **more: Any) -> Refusal:
    with pytest.raises(kind) as caught, db.session.begin_nested():
        story(*args, **more)
    return caught.value


def sent() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.letter == "let_in").order_by(Message.id)))


# role: which roles it gives at its own place. Written by hand, beside the rule that works it out.
GIVES = {
    Role.COORDINATOR: {"coordinator", "partner", "expert", "fair_manager", "convener", "counselor", "reports"},
    Role.PARTNER: {"partner", "expert", "fair_manager", "convener", "counselor", "reports"},
    Role.DISTRICT: {"district", "expert", "counselor", "reports"},
    Role.ADMINISTRATOR: {str(role) for role in Role if role not in BY_LINK},
}
GIVES[Role.COORDINATOR] |= {"district"}
GIVES[Role.PARTNER] |= {"district"}


@pytest.mark.parametrize("role", [role for role in Role if role not in BY_LINK])
@pytest.mark.parametrize("given", list(Role))
def test_nobody_gives_more_than_they_have_and_nowhere_else(house, role, given):
    at = None if role is Role.ADMINISTRATOR else house.careers
    actor = house.actor("lee", role, at)
    may_give = given in GIVES.get(role, set())
    careers, elsewhere = giving.Owner(house.careers.id, house.college.id), giving.Owner(house.elsewhere.id, None)
    assert giving.may_give(actor, given, careers) is may_give
    assert giving.may_give(actor, given, elsewhere) is (may_give and role is Role.ADMINISTRATOR)
    assert giving.may_give(PUBLIC, given, careers) is False
    if given in BY_LINK or given is Role.ADMINISTRATOR:
        return
    new = {"role": given, "office": "careers", "actor": actor, "now": NOW}
    if may_give:
        assert keep.let_in("new@example.edu", "New", **new).role is given
        beyond = [one for one in GRANTED[given] if one not in GRANTED[role]]
        assert set(beyond) <= {Permission.PLAN_FAIRS, Permission.PLAN_CONVENINGS}, "whoever plans plans these too"
    else:
        refused(NotAllowed, keep.let_in, "new@example.edu", "New", **new)
    refused_there = {**new, "office": "facilities"}
    if role is not Role.ADMINISTRATOR:
        refused(NotAllowed, keep.let_in, "newer@example.edu", "New", **refused_there)


def test_who_covers_a_whole_organization_lets_in_at_its_offices_and_a_district_at_its_colleges(house):
    lee = house.actor("lee", Role.COORDINATOR, house.college)
    keep.let_in("one@example.edu", "One", role=Role.COORDINATOR, office="facilities", actor=lee, now=NOW)
    keep.let_in("two@example.edu", "Two", role=Role.REPORTS, organization="college", actor=lee, now=NOW)
    district = house.actor("dee", Role.DISTRICT, house.district)
    keep.let_in("three@example.edu", "Three", role=Role.COUNSELOR, office="careers", actor=district, now=NOW)
    refused(NotAllowed, keep.let_in, "x@x.edu", "X", role=Role.COUNSELOR, office="elsewhere", actor=district, now=NOW)
    refused(NotAllowed, keep.let_in, "x@x.edu", "X", role=Role.COORDINATOR, office="careers", actor=district, now=NOW)


def test_only_who_may_override_gives_that_permission_or_takes_it(house):
    plain = house.actor("lee", Role.COORDINATOR, house.careers)
    strong = house.actor("ada", Role.COORDINATOR, house.careers, may_override=True)
    new = {"role": Role.COORDINATOR, "office": "careers", "may_override": True, "now": NOW}
    refused(NotAllowed, keep.let_in, "new@example.edu", "New", actor=plain, **new)
    grant = keep.let_in("new@example.edu", "New", actor=strong, **new)
    assert grant.may_override
    refused(NotAllowed, keep.set_override, grant, False, actor=plain, now=NOW)
    refused(NotAllowed, keep.let_in, "new@example.edu", actor=plain, **{**new, "may_override": False})
    keep.set_override(grant, False, actor=strong, now=NOW)
    assert not grant.may_override


def test_a_program_lets_in_only_by_the_scope_that_manages(house):
    lee = house.actor("lee", Role.COORDINATOR, house.careers)
    wish = {"role": Role.COORDINATOR, "office": "careers", "now": NOW}
    for scope in TokenScope:
        program = Actor(lee.name, lee.held, lee.account_id, frozenset({scope}))
        if scope is TokenScope.MANAGE:
            assert keep.let_in("new@example.edu", "New", actor=program, **wish).role is Role.COORDINATOR
        else:
            refused(NotAllowed, keep.let_in, "new@example.edu", "New", actor=program, **wish)
            refused(NotAllowed, colleagues.page, program, limit=5)


def test_whoever_is_let_in_gets_one_letter_with_the_way_to_sign_in(house, app):
    lee = house.actor("lee", Role.COORDINATOR, house.careers)
    wish = {"role": Role.COORDINATOR, "office": "careers", "actor": lee, "now": NOW}
    keep.let_in(" New@Example.edu", "New Colleague", language="es", **wish)
    keep.let_in("new@example.edu", **wish)
    (letter,) = sent()
    assert (letter.to_address, letter.to_name, letter.language) == ("new@example.edu", "New Colleague", "es")
    letter.language = "en"
    with app.test_request_context():
        from eventsvc.interfaces.services import services

        subject, text = letters.render_text(letter, services().links)
    assert subject == "You were let in: Careers"
    assert "work for Careers, College. Your role there: Career center coordinator." in text
    assert "https://events.example/sign-in" in text
    keep.let_in("new@example.edu", **{**wish, "role": Role.REPORTS})
    assert len(sent()) == 2
    assert house.account("new").name == "New Colleague"


def test_who_had_gone_comes_back_without_the_old_roles(house):
    keep.let_in("new@example.edu", "New", role=Role.COORDINATOR, office="careers", **WHO)
    keep.end_account("new@example.edu", **WHO)
    refused(NotFound, keep.let_in, "new@example.edu", role=Role.REPORTS, office="careers", **WHO)
    keep.let_in("new@example.edu", "Newer", role=Role.REPORTS, office="careers", **WHO)
    assert {one.role for one in house.again("new").held} == {Role.REPORTS}
    assert house.account("new").name == "Newer"


@pytest.mark.parametrize(
    ("email", "name", "field"),
    [
        ("nobody", "New", "email"),
        ("a b@example.edu", "New", "email"),
        ("a@b@example.edu", "New", "email"),
        ("a\r\nBcc: x@example.edu", "New", "email"),
        ("new@example.edu", "New\r\nBcc: x@example.edu", "name"),
        ("new@example.edu", "N" * 121, "name"),
    ],
)
def test_an_address_or_a_name_that_is_none_is_refused(house, email, name, field):
    refusal = refused(InvalidInput, keep.let_in, email, name, role=Role.REPORTS, office="careers", **WHO)
    assert [error["field"] for error in refusal.facts["errors"]] == [field]


def test_the_last_administrator_stays(house):
    ada = house.actor("ada", Role.ADMINISTRATOR)
    refused(WrongState, keep.take_role, "ada@example.edu", Role.ADMINISTRATOR, **WHO)
    refused(WrongState, keep.end_account, "ada@example.edu", **WHO)
    refused(WrongState, keep.end_account, "ada@example.edu", knows_it_is_own=True, actor=ada, now=NOW)
    refused(WrongState, forget_account, house.account("ada"), NOW)
    assert house.account("ada").name == "Ada"
    house.actor("bob", Role.ADMINISTRATOR)
    keep.end_account("ada@example.edu", **WHO)
    refused(WrongState, keep.end_account, "bob@example.edu", **WHO)


def test_nobody_ends_themselves_without_saying_that_they_mean_it(house):
    lee = house.actor("lee", Role.COORDINATOR, house.careers)
    (own,) = house.account("lee").grants
    assert refused(InvalidInput, keep.end_grant, own, actor=lee, now=NOW).facts["errors"][0]["field"] == "own"
    refused(InvalidInput, keep.end_account, "lee@example.edu", actor=lee, now=NOW)
    keep.end_grant(own, knows_it_is_own=True, actor=lee, now=NOW)
    assert house.again("lee").held == ()


def test_an_account_with_roles_elsewhere_is_not_ended_from_here(house):
    lee = house.actor("lee", Role.COORDINATOR, house.careers)
    keep.let_in("two@example.edu", "Two", role=Role.COORDINATOR, office="careers", **WHO)
    keep.let_in("two@example.edu", role=Role.COORDINATOR, office="elsewhere", **WHO)
    two = colleagues.get(house.account("two").public_id, lee)
    refused(NotAllowed, keep.end_account, two.email, actor=lee, now=NOW)
    refused(NotAllowed, keep.change_account, two, name="Too", language="en", actor=lee, now=NOW)
    here = giving.within(giving.reach_of(lee), two.grants)
    assert [grant.office.slug for grant in here] == ["careers"]
    keep.end_grant(colleagues.get_grant(two, here[0].public_id, lee), actor=lee, now=NOW)
    assert {one.office_id for one in house.again("two").held} == {house.elsewhere.id}
    refused(NotFound, colleagues.get, house.account("two").public_id, lee)


def test_other_offices_people_are_not_to_be_found(house):
    lee = house.actor("lee", Role.COORDINATOR, house.careers)
    house.actor("eve", Role.COORDINATOR, house.elsewhere)
    house.actor("fay", Role.ROOM_OFFICE, house.facilities)
    keep.add_account("new@example.edu", "New", **WHO)
    assert [one.email for one in colleagues.page(lee, limit=9)[0]] == ["lee@example.edu"]
    for word in ("eve", "fay", "new"):
        refused(NotFound, colleagues.get, house.account(word).public_id, lee)
    for actor in (house.again("fay"), house.again("new")):
        refused(NotAllowed, colleagues.get, house.account("lee").public_id, actor)
    refused(SignInNeeded, colleagues.page, PUBLIC, limit=9)
    everybody, after = colleagues.page(ADMINISTRATOR, limit=2)
    rest, end = colleagues.page(ADMINISTRATOR, after=after, limit=9)
    assert ({one.name for one in (*everybody, *rest)}, end) == ({"Lee", "Eve", "Fay", "New"}, None)
    found = colleagues.page(ADMINISTRATOR, office=house.elsewhere, limit=9)[0]
    assert [one.name for one in found] == ["Eve"]
    assert [one.name for one in colleagues.page(ADMINISTRATOR, words="EV example", limit=9)[0]] == ["Eve"]
    assert colleagues.page(ADMINISTRATOR, words="%", limit=9)[0] == []


def test_a_change_of_words_raises_the_version(house):
    lee = house.actor("lee", Role.COORDINATOR, house.careers)
    keep.let_in("two@example.edu", "Two", role=Role.REPORTS, office="careers", actor=lee, now=NOW)
    two = house.account("two")
    version = two.version
    keep.change_account(two, name="Too", language="es", actor=lee, now=NOW)
    assert (two.name, two.language, two.version) == ("Too", "es", version + 1)


def test_what_only_a_link_gives_is_given_to_no_account(house):
    refused(InvalidInput, keep.let_in, "x@x.edu", "X", role=Role.DOOR_HELPER, office="careers", **WHO)
    assert db.session.scalars(select(Grant).where(Grant.role == Role.DOOR_HELPER)).all() == []
