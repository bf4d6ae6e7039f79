"""What was kept long enough ends, in batches, as counts in the log; a legal hold keeps what it covers, and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, WrongState
from eventsvc.domain.accounts import Actor
from eventsvc.domain.accounts.absences import Absence
from eventsvc.domain.accounts.elsewhere import Identity, OnTheWay
from eventsvc.domain.accounts.models import Account, ApiToken, Session, SignIn
from eventsvc.domain.accounts.passwords import LocalPassword
from eventsvc.domain.audit import AuditEntry, AuditValue, chain
from eventsvc.domain.booking.blocks import Block
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event, Series, SkippedDate
from eventsvc.domain.invitations.models import Answer
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.privacy.kinds import KINDS
from eventsvc.domain.privacy.models import Access
from eventsvc.domain.privacy.terms import kept_days
from eventsvc.workflows import keep_accounts, keep_holds, keep_retention
from eventsvc.workflows.keep_retention import end_nightly, end_old_records
from eventsvc.workflows.retention_rules import RULES
from tests import poured, privacy_world
from tests.conftest import NOW
from tests.privacy_world import EMAIL, REASON, WHO


@pytest.fixture
def world(app):
    return poured.told("what may not be kept for ever", somebody_gone)


def somebody_gone():
    with transaction():
        made = privacy_world.make()
        keep_accounts.end_account(EMAIL, **WHO)
        db.session.get_one(Expert, made.ada).retired_on = NOW.date()
        event = db.session.get_one(Event, made.event_id)
        event.online_url, event.description = "https://meet.example/abc", "Call 555-0100 or write to a@b.example."
        for letter in db.session.scalars(select(Message)):
            letter.state = MessageState.SENT
    return made


def after(days: int):
    return NOW + timedelta(days=days)


def count(thing) -> int:
    return db.session.scalar(select(func.count()).select_from(thing)) or 0


def test_every_kind_that_ends_has_a_rule_and_every_rule_a_kind():
    assert {rule.kind for rule in RULES} == {kind.name for kind in KINDS if kind.kept_days}


def test_nothing_ends_before_its_time(world):
    assert set(end_old_records({}, after(0))) - {"kept_answers"} == set()
    assert count(Session) == 1


def test_each_kind_ends_when_its_own_time_is_over(world):
    ended = end_old_records({}, after(8))
    assert set(ended) - {"kept_answers"} == {"sign_in_letters", "ways_there"}
    assert count(SignIn) == 0
    assert set(end_old_records({}, after(60))) == {"sessions"}
    assert count(Session) == 0
    assert set(end_old_records({}, after(150))) == {"tokens", "absences", "holds"}
    assert (count(ApiToken), count(Block)) == (0, 0)
    assert set(end_old_records({}, after(400))) == {"accounts"}
    assert db.session.scalars(select(Account.email).where(Account.id == world.account)).one().endswith("erased.invalid")
    db.session.rollback()
    assert set(end_old_records({}, after(800))) == {"experts", "answers", "bookings", "feedback", "requests", "letters"}
    assert db.session.get_one(Expert, world.ada).email == ""
    assert REASON not in db.session.scalars(select(Answer.reason)).all()
    event = db.session.get_one(Event, world.event_id)
    assert (event.online_url, event.description) == ("", "Call [erased] or write to [erased]")
    assert {(one.to_address, str(one.facts)) for one in db.session.scalars(select(Message))} == {("", "{}")}
    db.session.rollback()
    ended = end_old_records({}, after(1200))
    assert {"audit_values", "access_log"} <= set(ended)
    assert count(Access) == 0
    assert end_old_records({}, after(1200)) == {}
    db.session.rollback()
    with transaction():
        chain.seal_some(after(1200))
    assert chain.verify().wrong == []


def test_who_was_away_is_forgotten_as_when_experts_were(world):
    account = {"account_id": world.account, "zone": "UTC", "starts_at": NOW}
    with transaction():
        db.session.execute(delete(Absence))
        db.session.add_all([Absence(**account, ends_at=after(1)), Absence(**account, ends_at=after(100))])
    end_old_records({}, after(92))
    assert [one.ends_at for one in db.session.scalars(select(Absence))] == [after(100)]


def test_an_account_that_is_forgotten_is_known_by_no_provider_and_no_password(world):
    with transaction():  # as from before passwords ended with the account
        db.session.add(LocalPassword(account_id=world.account, hash="x", set_at=NOW, tried_since=NOW))
    assert (count(Identity), count(LocalPassword)) == (1, 1)
    db.session.rollback()
    end_old_records({}, after(400))
    assert (count(Identity), count(LocalPassword)) == (0, 0)


def test_what_was_typed_on_the_way_to_a_provider_does_not_outlive_the_way(world):
    """Nobody may ever set out again, so that the next one cannot be the one who sweeps."""
    assert count(OnTheWay) == 1
    db.session.rollback()
    end_old_records({}, after(2))
    assert count(OnTheWay) == 0


def test_dates_that_could_not_be_had_lose_their_contacts_too(world):
    plan = {"title": "Write to a@b.example", "online_url": "https://meet.example/abc", "when": {"zone": "UTC"}}
    with transaction():
        skipped = db.session.scalars(select(SkippedDate)).one()
        skipped.plan, skipped.reasons = plan, {"clashes": ["ask 555-010-0100"]}
        db.session.get_one(Series, skipped.series_id).title = "Call 555-0100"
    end_old_records({}, after(800))
    skipped = db.session.scalars(select(SkippedDate)).one()
    assert skipped.plan == {"title": "Write to [erased]", "online_url": "", "when": {"zone": "UTC"}}
    assert skipped.reasons == {"clashes": ["ask [erased]"]}
    assert db.session.get_one(Series, skipped.series_id).title == "Call [erased]"


def test_what_ended_stands_in_the_log_as_counts(world):
    end_old_records({}, after(8))
    ours = select(AuditEntry).where(AuditEntry.subject_kind == "records", AuditEntry.subject == "sign_in_letters")
    entry = db.session.scalars(ours).first()
    assert (entry.verb, entry.subject, entry.actor) == ("end", "sign_in_letters", "retention")
    assert entry.changes["rows"] == [None, 1]
    assert EMAIL not in str(entry.changes)


def test_the_house_may_say_other_days(world):
    assert "sessions" not in end_old_records({"sessions": 400}, after(60))
    assert "sessions" in end_old_records({}, after(60))
    assert kept_days({"sessions": 400})["sessions"] == 400


def test_a_round_that_is_broken_off_goes_on_where_it_was(world, monkeypatch):
    monkeypatch.setattr(keep_retention, "AT_ONCE", 3)
    calls = []

    def end_some(rule, before, last, now):
        calls.append(rule.kind)
        if len(calls) > 14:
            raise RuntimeError("the machine is switched off")
        return whole(rule, before, last, now)

    whole = keep_retention._end_some
    monkeypatch.setattr(keep_retention, "_end_some", end_some)
    with pytest.raises(RuntimeError):
        end_old_records({}, after(1200))
    db.session.rollback()
    done = count(AuditEntry)
    assert count(AuditValue) > 0
    db.session.rollback()
    monkeypatch.setattr(keep_retention, "_end_some", whole)
    assert sum(end_old_records({}, after(1200)).values()) > 0
    assert end_old_records({}, after(1200)) == {}
    assert count(AuditEntry) > done


def test_it_is_done_once_a_night_by_one_of_many(world):
    night = after(8).replace(hour=11)
    assert end_nightly({}, lambda: night) is not None
    assert end_nightly({}, lambda: night) is None
    assert end_nightly({}, lambda: night.replace(hour=9)) is None


@pytest.mark.parametrize("scope", ["person", "office", "days", "other person"])
def test_a_hold_keeps_what_it_covers_until_it_is_lifted(world, scope):
    scopes = {
        "person": {"email": EMAIL.upper()},
        "office": {"office": "outreach"},
        "days": {"starts_on": NOW.date(), "ends_on": NOW.date()},
        "other person": {"email": "bo@port.example"},
    }
    with transaction():
        hold = keep_holds.place_hold(reason="case 27-114", **scopes[scope], **WHO)
    end_old_records({}, after(1000))
    to_her = select(func.count()).where(Message.to_address.icontains(EMAIL), Message.letter != "sign_in")
    left = {
        "account": db.session.get_one(Account, world.account).email == EMAIL,
        "expert": db.session.get_one(Expert, world.ada).email != "",
        "letters": db.session.scalar(to_her) > 0,
    }
    is_held = {"person": (True, True, True), "office": (True, True, True), "days": (True, True, True)}
    # Letters about an event to which Bo comes concern him as well.
    assert tuple(left.values()) == is_held.get(scope, (False, False, True))
    db.session.rollback()
    with transaction():
        keep_holds.lift_hold(str(hold.public_id), actor=WHO["actor"], now=after(1000))
    end_old_records({}, after(1000))
    assert db.session.get_one(Account, world.account).email != EMAIL
    assert db.session.scalar(to_her) == 0


def test_a_hold_on_an_office_lets_the_others_end(world):
    with transaction():
        keep_holds.place_hold(reason="case 27-114", office="outreach", **WHO)
        elsewhere = keep_accounts.add_account("cy@elsewhere.example", "Cy Example", **WHO)
        keep_accounts.end_account("cy@elsewhere.example", **WHO)
    end_old_records({}, after(400))
    assert db.session.get_one(Account, elsewhere.id).email.endswith("erased.invalid")
    assert db.session.get_one(Account, world.account).email == EMAIL


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": " ", "email": EMAIL}, "reason"),
        ({"reason": "because"}, "email"),
        ({"reason": "because", "starts_on": NOW.date()}, "ends_on"),
        ({"reason": "because", "starts_on": NOW.date(), "ends_on": (NOW - timedelta(days=2)).date()}, "ends_on"),
        ({"reason": "because", "office": "nowhere"}, "office"),
    ],
)
def test_a_hold_needs_a_reason_and_a_scope(world, wrong, field):
    with pytest.raises(InvalidInput) as refused, transaction():
        keep_holds.place_hold(**wrong, **WHO)
    assert [error["field"] for error in refused.value.facts["errors"]] == [field]


def test_holds_are_the_administrators_and_lifted_once(world):
    with pytest.raises(NotAllowed), transaction():
        keep_holds.place_hold(reason="because", email=EMAIL, actor=Actor("account x"), now=NOW)
    with transaction():
        hold = keep_holds.place_hold(reason="because", email=EMAIL, **WHO)
        keep_holds.lift_hold(str(hold.public_id), **WHO)
    with pytest.raises(WrongState), transaction():
        keep_holds.lift_hold(str(hold.public_id), **WHO)
