"""The audit log proves itself: what was altered, taken out or made anew is found; what is erased leaves it whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, select, text

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit import AuditEntry, AuditValue, chain, record
from eventsvc.interfaces.cli import cli
from eventsvc.workflows.seal_audit import seal_audit
from tests import databases
from tests.conftest import NOW


def write(count: int, *, first: int = 0) -> None:
    with transaction():
        for number in range(first, first + count):
            changes = {"title": (None, f"Careers {number}"), "capacity": (number, None)}
            record("plan", "event", f"event-{number}", actor="administrator", now=NOW, changes=changes)


def verified() -> chain.Verified:
    db.session.rollback()
    return chain.verify()


@pytest.fixture
def sealed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Ten entries, sealed three at a time."""
    monkeypatch.setattr(chain, "AT_ONCE", 3)
    write(10)
    assert seal_audit(NOW) == 10
    return app


def test_what_waits_is_counted_and_sealed_in_order(sealed):
    assert verified() == chain.Verified(10, 0, verified().last_seal)
    write(2, first=10)
    assert (verified().sealed, verified().waiting) == (10, 2)
    assert seal_audit(NOW) == 2
    assert seal_audit(NOW) == 0
    found = verified()
    assert (found.sealed, found.waiting, found.wrong) == (12, 0, [])


ALTERED = {
    "actor": "UPDATE audit_entries SET actor = 'nobody' WHERE id = (SELECT entry_id FROM audit_seals WHERE number = 4)",
    "verb": "UPDATE audit_entries SET verb = 'move' WHERE id = (SELECT entry_id FROM audit_seals WHERE number = 4)",
    "subject": "UPDATE audit_entries SET subject = 'x' WHERE id = (SELECT entry_id FROM audit_seals WHERE number = 4)",
    "changes": "UPDATE audit_entries SET changes = '{}' WHERE id = (SELECT entry_id FROM audit_seals WHERE number = 4)",
}


@pytest.mark.parametrize("how", list(ALTERED))
def test_an_altered_entry_is_named(sealed, how):
    with transaction():
        altered = db.session.scalar(select(chain.AuditSeal.entry_id).where(chain.AuditSeal.number == 4))
        db.session.execute(text(ALTERED[how]))
    assert verified().wrong == [f"entry {altered} (seal 4) is not what was sealed"]


def test_a_seal_made_anew_does_not_match_the_next(sealed):
    with transaction():
        db.session.execute(text(ALTERED["actor"]))
        fourth = db.session.get_one(chain.AuditSeal, 4)
        before = db.session.get_one(chain.AuditSeal, 3).seal
        fourth.seal = chain._seal(before, db.session.get_one(AuditEntry, fourth.entry_id))
    fifth = db.session.scalar(select(chain.AuditSeal.entry_id).where(chain.AuditSeal.number == 5))
    assert verified().wrong == [f"entry {fifth} (seal 5) is not what was sealed"]


def test_entries_and_seals_that_are_taken_out_are_missed(sealed):
    with transaction():
        db.session.execute(delete(chain.AuditSeal).where(chain.AuditSeal.number.in_((5, 6))))
    assert verified().wrong[0] == "seals 5 to 6 are missing"
    assert verified().waiting == 2


def test_an_entry_slipped_in_among_old_ones_is_no_waiting_one(sealed, monkeypatch):
    """It would wait for ever: what comes so late is sealed by nobody."""
    monkeypatch.setattr(chain, "_LOOKS_BACK", 5)
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO audit_entries (id, at, actor, verb, subject_kind, subject, changes) "
                "VALUES (-3, :at, 'administrator', 'plan', 'event', 'forged', '{}')"
            ),
            {"at": "2027-01-01 00:00:00.000000"},
        )
    assert seal_audit(NOW) == 0
    assert verified().wrong == ["entry -3 was never sealed, and stands before sealed ones"]


def test_a_seal_that_was_noted_tells_a_tail_that_was_cut_off_and_sealed_anew(sealed):
    noted = verified().last_seal
    write(2, first=10)
    seal_audit(NOW)
    db.session.rollback()
    assert chain.verify(noted).wrong == []
    with transaction():
        last = db.session.get_one(chain.AuditSeal, 10).entry_id
        db.session.execute(delete(chain.AuditSeal).where(chain.AuditSeal.number >= 10))
        db.session.execute(text("UPDATE audit_entries SET actor = 'nobody' WHERE id = :id"), {"id": last})
    assert seal_audit(NOW) == 3
    assert verified().wrong == [], "the chain alone cannot know"
    db.session.rollback()
    assert chain.verify(noted).wrong == ["the seal that was noted is in the chain no more"]


def test_erasing_the_values_leaves_the_chain_whole(sealed):
    with transaction():
        db.session.execute(delete(AuditValue))
    assert verified().wrong == []


def test_many_who_seal_at_once_make_one_chain(sealed):
    write(30, first=10)

    def sealing(_: int) -> int:
        with sealed.app_context():
            return seal_audit(NOW)

    with ThreadPoolExecutor(6) as racers:
        assert sum(racers.map(sealing, range(6))) <= 30
    seal_audit(NOW)
    found = verified()
    assert (found.sealed, found.waiting, found.wrong) == (40, 0, [])


def test_the_command_says_so_and_fails(sealed, database_url, monkeypatch):
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)
    whole = CliRunner().invoke(cli, ["audit", "verify"])
    assert (whole.exit_code, whole.output.startswith("10 sealed, 0 waiting; last seal ")) == (0, True)
    noted = whole.output.split()[-1]
    assert CliRunner().invoke(cli, ["audit", "verify", "--noted", noted]).exit_code == 0
    assert CliRunner().invoke(cli, ["audit", "verify", "--noted", noted[:-1] + "x"]).exit_code == 1
    with transaction():
        db.session.execute(text(ALTERED["verb"]))
    db.session.remove()
    broken = CliRunner().invoke(cli, ["audit", "verify"])
    assert broken.exit_code == 1
    assert "is not what was sealed" in broken.output
