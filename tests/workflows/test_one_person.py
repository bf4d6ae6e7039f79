"""All that is held on one person turns up in her export, and is gone after erasing; bookings and the log stay right."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from eventsvc.domain import audit
from eventsvc.domain.accounts import ADMINISTRATOR, Role, acting
from eventsvc.domain.accounts.absences import Absence
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.passwords import LocalPassword
from eventsvc.domain.audit import AuditEntry, AuditValue, chain
from eventsvc.domain.booking.models import Reservation, Resource
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.models import Event
from eventsvc.domain.feeds.entries import all_events
from eventsvc.domain.feeds.shelf import Shelf
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.privacy import people
from eventsvc.domain.privacy.columns import PERSON_ROWS
from eventsvc.domain.privacy.holds import Held
from eventsvc.domain.privacy.kinds import PERSONAL
from eventsvc.domain.privacy.models import LegalHold
from eventsvc.interfaces.schema import METADATA
from eventsvc.interfaces.services import services
from eventsvc.workflows import doctor, keep_accounts
from eventsvc.workflows.erase_person import erase_person
from eventsvc.workflows.export_person import export_person
from eventsvc.workflows.keep_search import index_events
from eventsvc.workflows.seal_audit import seal_audit
from tests import poured, privacy_world
from tests.conftest import NOW
from tests.privacy_world import EMAIL, NAME, REASON, WHO

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def world(app):
    return poured.told("a person and who stands beside her", somebody_known)


def somebody_known():
    with transaction():
        made = privacy_world.make()
    with transaction():
        seal_audit_now()
    return made


def seal_audit_now() -> None:
    chain.seal_some(NOW)


def exported() -> dict:
    with transaction():
        found = export_person(EMAIL, purpose="she asked for it", links=services().links, **WHO)
    assert json.loads(json.dumps(found.document)) == found.document
    return found.document


def feed() -> bytes:
    links = services().links
    return Shelf().copy_of("all", all_events, links, NOW).body


def everything() -> str:
    """Every value of every row, as words; the search's own shadow tables too on SQLite."""
    words = []
    for table in METADATA.sorted_tables:
        for row in db.session.execute(select(table)):
            words.append(json.dumps([str(value) for value in row], ensure_ascii=False))
    return "\n".join(words)


def test_an_export_holds_every_table_that_can_hold_her(world):
    document = exported()
    expected = set(PERSON_ROWS) | {"accounts", "experts", "messages", "audit_entries", "audit_values", "search_entries"}
    assert set(document["records"]) == expected
    mentioned = {(one["table"], column) for one in document["mentions"] for column in one["columns"]}
    assert {"series", "holds", "legal_holds", "overrides", "room_approvals", "skipped_dates", "events"} <= {
        table for table, _ in mentioned
    }
    assert [one["purpose"] for one in document["names_taken_out"]] == ["print the program"]
    assert len(document["events"]) == 1
    assert "digest" not in json.dumps(document["records"]["api_tokens"][0])
    assert any(row["reason"] == REASON for row in document["records"]["answers"])


def test_an_export_finds_her_in_every_column_that_can_hold_words(world):
    """Put a sentence about her into each column in turn, by raw SQL, and look."""
    missed = []
    for column in sorted(PERSONAL):
        name, field = column.split(".")
        if name == "search_entries":  # made of the others
            continue
        with transaction(keep=False):
            put_words_about_her(name, field)
            document = export_person(EMAIL, purpose="she asked for it", links=services().links, **WHO).document
        found = {(one["table"], field) for one in document["mentions"] if field in one["columns"]}
        found |= {(table, field) for table, rows in document["records"].items() if EMAIL in json.dumps(rows)}
        if (name, field) not in found:
            missed.append(column)
    assert missed == []


def put_words_about_her(name: str, field: str) -> None:
    table = METADATA.tables[name]
    keys = list(table.primary_key)
    row = db.session.execute(select(table).order_by(*(key.desc() for key in keys)).limit(1)).one()
    length = getattr(table.c[field].type, "length", None)
    words = f"see {EMAIL}" if not length or length > 30 else EMAIL
    is_json = type(table.c[field].type).__name__ == "JSON"
    is_bytes = type(table.c[field].type).__name__ == "LargeBinary"
    value = {"deep": [{"words": words}]} if is_json else words.encode() if is_bytes else words[:length]
    where = [key == row._mapping[key.name] for key in keys]
    db.session.execute(table.update().where(*where).values({field: value}))
    db.session.expire_all()


def test_no_digest_of_a_credential_goes_along(world):
    with transaction():
        db.session.get_one(LocalPassword, world.account).hash = "$argon2id$v=19$hers"
    assert "argon2id" not in json.dumps(exported())


def test_she_herself_reads_no_rows_of_others(world):
    """Her name may stand in anybody's words, and what her name is she may have said herself."""
    with transaction():
        grant = db.session.scalars(select(Grant).where(Grant.account_id == world.account)).one()
        actor = acting.actor_of(grant.account)
    with transaction():
        document = export_person(EMAIL, purpose="to see it", links=services().links, actor=actor, now=NOW).document
    named = {(one["table"], tuple(one["columns"])) for one in document["mentions"]}
    assert ("legal_holds", ("email", "reason")) in named
    assert {tuple(one) for one in document["mentions"]} == {("table", "columns")}
    assert all("row" in one for one in exported()["mentions"]), "administrators look at what they hand out"


def test_the_calendar_beside_it_holds_what_she_was_asked_to(world):
    with transaction():
        calendar = export_person(EMAIL, purpose="she asked for it", links=services().links, **WHO).calendar
    assert calendar.count(b"BEGIN:VEVENT") == 1
    assert world.event.encode() in calendar


def test_only_she_and_administrators_may_have_it_and_only_for_a_purpose(world):
    def asked(email: str, by: str, purpose: str = "to see it"):
        account = db.session.scalars(select(Account).where(Account.email == by)).one()
        actor = acting.actor_of(account)
        db.session.rollback()
        with transaction():
            return export_person(email, purpose=purpose, links=services().links, actor=actor, now=NOW)

    assert asked(EMAIL, EMAIL).document["email"] == EMAIL
    with pytest.raises(NotAllowed):
        asked(EMAIL, "bo@port.example")
    with pytest.raises(InvalidInput):
        asked(EMAIL, EMAIL, purpose=" ")
    with pytest.raises(NotFound), transaction():
        export_person("nobody@port.example", purpose="to see it", links=services().links, **WHO)


def erased(**more) -> object:
    with transaction(**more):
        return erase_person(EMAIL, actor=ADMINISTRATOR, now=LATER)


def test_erasing_leaves_no_word_of_her_and_the_chain_valid(world):
    before = db.session.execute(select(Reservation.__table__).order_by(Reservation.id)).all()
    findings = {(one.event_id, str(one.kind)) for one in doctor.examine(NOW).findings}
    db.session.rollback()
    done = erased()
    left = everything().lower()
    assert [
        line for line in left.splitlines() if EMAIL in line or NAME.lower() in line or "ada" in line.split('"')
    ] == []
    assert REASON not in left
    assert chain.verify().wrong == []
    assert seal_audit(LATER) > 0
    assert chain.verify().wrong == []
    assert db.session.execute(select(Reservation.__table__).order_by(Reservation.id)).all() == before
    assert {(one.event_id, str(one.kind)) for one in doctor.examine(NOW).findings} == findings
    assert done.rows["accounts"] == done.rows["experts"] == 1
    assert any("public record" in words for words in done.kept)
    db.session.rollback()
    with pytest.raises(NotFound):
        erased()


def test_erasing_leaves_others_as_they_are(world):
    bo = db.session.get_one(Expert, world.bo)
    before = (bo.name, bo.email, bo.slug, bo.retired_on)
    db.session.rollback()
    erased()
    bo = db.session.get_one(Expert, world.bo)
    assert (bo.name, bo.email, bo.slug, bo.retired_on) == before
    assert db.session.scalars(select(Account.name).where(Account.email == "bo@port.example")).one() == "Bo Example"
    to_bo = db.session.scalars(select(Message).where(Message.to_address == "bo@port.example")).all()
    assert to_bo
    assert all(letter.facts for letter in to_bo)


def test_what_was_written_about_a_room_stays_though_it_has_her_slug(world):
    slug = db.session.scalars(select(Expert.slug).where(Expert.name == NAME)).one()
    with transaction():
        audit.record("update", "room", slug, actor="somebody", now=NOW, changes={"parking": ("Lot 1", "Lot 2")})
    erased()
    about = select(AuditValue.after).join(AuditEntry).where(AuditEntry.subject == slug)
    assert list(db.session.scalars(about)) == ["Lot 2"]


def test_whom_she_covers_stays_away_with_nobody_to_cover(world):
    with transaction():
        bo = db.session.scalars(select(Account).where(Account.email == "bo@port.example")).one()
        db.session.execute(delete(Absence))
        his = {"account_id": bo.id, "starts_at": LATER, "ends_at": LATER + timedelta(days=3), "zone": "UTC"}
        hers = {**his, "account_id": world.account, "cover_id": bo.id}
        db.session.add_all([Absence(**his, cover_id=world.account), Absence(**hers)])
    erased()
    (left,) = db.session.scalars(select(Absence)).all()
    assert (left.account.email, left.cover_id) == ("bo@port.example", None)


def test_the_last_administrator_is_not_erased(world):
    with transaction():
        keep_accounts.give_role(EMAIL, Role.ADMINISTRATOR, **WHO)
    with pytest.raises(WrongState):
        erased()
    with transaction():
        keep_accounts.give_role("bo@port.example", Role.ADMINISTRATOR, **WHO)
    assert erased().rows["accounts"] == 1


def test_letters_to_her_that_wait_never_leave(world):
    waiting = select(Message.id).where(Message.to_address.icontains(EMAIL), Message.state == MessageState.QUEUED)
    ids = db.session.scalars(waiting).all()
    assert ids
    db.session.rollback()
    erased()
    states = db.session.scalars(select(Message.state).where(Message.id.in_(ids))).all()
    assert set(states) == {MessageState.DROPPED}


def test_calendars_change_only_where_her_name_stood(world):
    before = feed().decode().split("BEGIN:VEVENT")
    marks = {
        str(one.public_id): (one.sequence, one.revised_at, one.version) for one in db.session.scalars(select(Event))
    }
    db.session.rollback()
    erased()
    after = feed().decode().split("BEGIN:VEVENT")
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert len(changed) == 1
    assert world.named in changed[0][1]
    assert "SUMMARY:An hour with [erased]" in changed[0][1]
    now = {str(one.public_id): (one.sequence, one.revised_at, one.version) for one in db.session.scalars(select(Event))}
    assert now[world.event] == marks[world.event]
    assert now[world.named][0] == marks[world.named][0], "nothing moved: SEQUENCE stays"
    assert now[world.named][1] == LATER


def test_the_search_is_what_one_built_anew_would_be(world):
    erased()
    query = text(
        "SELECT kind, ref_id, title, title_words, public_words, planner_words FROM search_entries ORDER BY 1, 2"
    )
    before = db.session.execute(query).all()
    db.session.rollback()
    with transaction():
        index_events(db.session.scalars(select(Event)).all())
    assert db.session.execute(query).all() == before


@pytest.mark.parametrize("email", ["", " ", "osprey", "@port.example", "two words@port.example"])
def test_what_is_no_address_is_nobodys(world, email):
    """An empty one would be that of everybody who has none."""
    before = everything()
    db.session.rollback()
    with pytest.raises(InvalidInput), transaction():
        erase_person(email, **WHO)
    with pytest.raises(InvalidInput), transaction():
        export_person(email, purpose="whose?", links=services().links, **WHO)
    assert everything() == before


def test_a_dry_run_says_what_would_go_and_writes_nothing(world):
    before = everything()
    db.session.rollback()
    done = erased(keep=False)
    assert done.rows["messages"] > 0
    assert everything() == before


@pytest.mark.parametrize("scope", ["person", "office", "organization", "days"])
def test_a_legal_hold_refuses_with_its_reason_and_lifting_it_lets_go(world, scope):
    with transaction():
        office = db.session.scalars(select(Office).where(Office.slug == "outreach")).one()
        scopes = {
            "person": {"email": EMAIL},
            "office": {"office_id": office.id},
            "organization": {"organization_id": office.organization_id},
            "days": {"starts_on": NOW.date(), "ends_on": NOW.date()},
        }
        hold = LegalHold(**scopes[scope], reason="case 27-114", placed_by="administrator", placed_at=NOW)
        db.session.add(hold)
    before = everything()
    db.session.rollback()
    with pytest.raises(Held, match="case 27-114"):
        erased()
    assert everything() == before
    db.session.rollback()
    with transaction():
        db.session.get_one(LegalHold, hold.id).lifted_at = NOW
    assert erased().rows["experts"] == 1


def test_a_hold_on_others_does_not_stand_in_the_way(world):
    with transaction():
        hold = LegalHold(email="bo@port.example", reason="another case", placed_by="administrator", placed_at=NOW)
        db.session.add(hold)
    assert erased().rows["experts"] == 1


def test_an_address_that_only_letters_know_is_erased_too(world):
    with transaction():
        db.session.scalars(select(Message).order_by(Message.id)).first().to_address = "Only@letters.example"
    with transaction():
        done = erase_person("only@letters.example", actor=ADMINISTRATOR, now=LATER)
    assert dict(done.rows) == {"messages": 1}


def test_an_office_that_uses_the_address_is_named_and_keeps_its_mailbox(world):
    with transaction():
        db.session.scalars(select(Office).where(Office.slug == "outreach")).one().mailbox = EMAIL
    done = erased()
    assert any("mailbox" in words for words in done.kept)
    assert db.session.scalars(select(Office.mailbox).where(Office.slug == "outreach")).one() == EMAIL


def test_her_events_keep_a_seat_for_nobody(world):
    erased()
    ada = db.session.get_one(Expert, world.ada)
    assert (ada.name, ada.email, ada.hours) == (people.GONE, "", None)
    assert ada.slug.endswith("-expert-1")
    assert db.session.scalars(select(Resource.id).where(Resource.expert_id == ada.id)).one()
