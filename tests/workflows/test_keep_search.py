"""The search's words are kept with every change: after any story the index is what a rebuilt one would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import flask_migrate
import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.events.models import EventKind, Visibility
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.search import entries, finding
from eventsvc.domain.search.models import Kind, SearchEntry
from eventsvc.workflows import (
    call_off_event,
    confirm_event,
    edit_event,
    import_events,
    keep_directory,
    keep_promises,
    keep_search,
    move_event,
    plan_event,
    publish_event,
)
from eventsvc.workflows.keep_directory import (
    CampusRow,
    ExpertRow,
    OfficeRow,
    OrganizationRow,
    PoolRow,
    RoomRow,
    TopicRow,
)
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.plan_event import Plan
from tests import builders
from tests.conftest import NOW


def kept() -> list[tuple[Any, ...]]:
    """Every entry but its number."""
    columns = [column for column in SearchEntry.__table__.c if column.name != "id"]
    db.session.rollback()
    query = select(*columns).order_by(SearchEntry.kind, SearchEntry.ref_id)
    rows = [tuple(row) for row in db.session.execute(query)]
    db.session.rollback()  # a reader left open would keep a migration waiting
    return rows


def rebuilt() -> list[tuple[Any, ...]]:
    with transaction():
        keep_search.rebuild()
    return kept()


def titles(question: str, *, for_planners: bool = True, kind: Kind = Kind.EVENT) -> list[str]:
    hits = finding.find(question, kinds=[kind], for_planners=for_planners, now=NOW, limit=50)
    by_id = {row.ref_id: row.title for row in db.session.scalars(select(SearchEntry).where(SearchEntry.kind == kind))}
    db.session.rollback()
    return [by_id[hit.ref_id] for hit in hits]


def public(question: str) -> list[str]:
    return titles(question, for_planners=False)


@pytest.fixture
def run(app) -> Callable[..., Any]:
    """Runs a story in a transaction of its own, each a minute after the one before."""
    minutes = count()

    def story(what: Callable[..., Any], *facts: Any, **more: Any) -> Any:
        with transaction():
            return what(*facts, actor=ADMINISTRATOR, now=NOW + timedelta(minutes=next(minutes)), **more)

    return story


@pytest.fixture
def a_world(run) -> None:
    run(keep_directory.save_campus, CampusRow(
        name="Harbor College", slug="harbor", organization="Los Angeles Harbor College", kind=OrganizationKind.COLLEGE,
        city="Wilmington", address="1111 Figueroa Place", zone=builders.PACIFIC,
    ))  # fmt: skip
    run(keep_directory.save_organization, OrganizationRow(name="Port of Call", kind=OrganizationKind.PUBLIC_EMPLOYER))
    run(keep_directory.save_organization, OrganizationRow(name="Valley Council", kind=OrganizationKind.LABOR_COUNCIL))
    run(keep_directory.save_office, OfficeRow(name="Outreach", organization="port-of-call", zone=builders.PACIFIC))
    run(keep_directory.save_topic, TopicRow(name="Zero emission"))
    for name in ("Seahawk Center", "Fish Bowl"):
        run(keep_directory.save_room, RoomRow(name=name, campus="harbor", capacity=50, equipment=("projector",)))
    run(keep_directory.save_expert, ExpertRow(
        name="Ana Ruíz", slug="expert-1", organization="port-of-call", office="outreach", topics=("zero-emission",),
    ))  # fmt: skip


def planned(run, **more: Any) -> str:
    wish: dict[str, Any] = {
        "kind": EventKind.INFO_SESSION,
        "title": "Careers on the water",
        "description": "What **deckhands** do, and [how to apply](https://port.example/jobs).",
        "when": builders.at("2027-02-10T14:00"),
        "campus": "harbor",
        "rooms": ("seahawk-center",),
        "experts": ("expert-1",),
        "topics": ("zero-emission",),
        "co_hosts": ("valley-council",),
        "audience": ("Seniors",),
    }
    return str(run(plan_event.plan_event, Plan(**{**wish, **more})).public_id)


PUBLIC_WORDS = (
    "careers", "deckhands apply", "info session", "seahawk", "harbor college", "wilmington", "figueroa",
    "zero emission", "valley council", "port of call", "seniors", "angeles",
)  # fmt: skip


@pytest.mark.parametrize("words", PUBLIC_WORDS)
def test_everybody_finds_a_published_event_by_what_its_page_shows(run, a_world, words):
    event = planned(run)
    assert public(words) == []
    assert titles(words) == ["careers on the water"]
    run(publish_event.publish_event, event)
    assert public(words) == ["careers on the water"]


def test_only_planners_find_an_event_by_who_comes(run, a_world):
    run(publish_event.publish_event, planned(run))
    assert public("ana") == public("ruiz") == public("port.example") == []
    assert titles("ana ruiz") == ["careers on the water"]


def test_what_is_not_for_everybody_is_found_by_planners_only(run, a_world):
    event = planned(run, visibility=Visibility.ORGANIZATIONS)
    run(publish_event.publish_event, event)
    assert (public("careers"), titles("careers")) == ([], ["careers on the water"])
    run(edit_event.edit_event, event, {"visibility": Visibility.PUBLIC})
    assert public("careers") == ["careers on the water"]
    run(edit_event.edit_event, event, {"visibility": Visibility.PRIVATE})
    assert public("careers") == []


def test_an_event_that_is_off_is_found_where_it_was_promised(run, a_world):
    event = planned(run)
    run(publish_event.publish_event, event)
    run(confirm_event.confirm_as_host, event)
    invitation = asking.of_event(
        db.session.scalars(select(SearchEntry.ref_id).where(SearchEntry.kind == "event")).one()
    )
    run_answer(invitation[0])
    run(call_off_event.postpone_event, event)
    to = Destination(time={"starts_local": builders.at("2027-03-10T09:00").starts_local}, rooms=("fish-bowl",))
    run(move_event.move_event, event, to)
    assert public("seahawk") == ["careers on the water"]
    assert public("fish") == []
    assert titles("fish bowl") == ["careers on the water"]
    entry = db.session.scalars(select(SearchEntry).where(SearchEntry.kind == Kind.EVENT)).one()
    assert entry.starts_at.month == 2


def run_answer(invitation: Any) -> None:
    public_id, turn = str(invitation.public_id), invitation.turn
    with transaction():
        confirm_event.answer_invitation(public_id, AnswerWord.ACCEPT, turn=turn, now=NOW + timedelta(hours=1))


def test_a_room_is_found_by_its_name_place_and_other_spellings_until_it_retires(run, a_world):
    found = {words: titles(words, for_planners=False, kind=Kind.ROOM) for words in ("fish", "wilmington", "projector")}
    assert found == {
        "fish": ["fish bowl"],
        "wilmington": ["fish bowl", "seahawk center"],
        "projector": ["fish bowl", "seahawk center"],
    }
    run(keep_directory.save_room, RoomRow(name="Fish Bowl", campus="harbor", aliases=("DC 1301",)))
    assert titles("1301", kind=Kind.ROOM) == ["fish bowl"]
    run(keep_directory.save_room, RoomRow(name="Fish Bowl", campus="harbor", retired_on=NOW.date()))
    assert titles("fish", kind=Kind.ROOM) == []


def test_an_expert_is_found_by_planners_until_they_retire(run, a_world):
    assert titles("ana", kind=Kind.EXPERT) == titles("zero port", kind=Kind.EXPERT) == ["ana ruiz"]
    assert titles("ana", kind=Kind.EXPERT, for_planners=False) == []
    run(keep_directory.save_expert, ExpertRow(name="Ana Ruíz", organization="port-of-call", retired_on=NOW.date()))
    assert titles("ana", kind=Kind.EXPERT) == []


def a_long_story(run) -> Iterator[str]:
    """Every kind of change; says what happened after each."""
    first = planned(run)
    draft = planned(run, title="A draft", rooms=("fish-bowl",), experts=(), when=builders.at("2027-02-11T10:00"))
    yield "planned"
    run(publish_event.publish_event, first)
    yield "published"
    words = {"title": "Careers ashore", "description": "All *new*", "co_hosts": [], "topics": [], "audience": ["Staff"]}
    run(edit_event.edit_event, first, words)
    yield "edited"
    run(move_event.move_event, first, Destination(rooms=("fish-bowl",), experts=()))
    yield "moved to another room without its expert"
    run(move_event.move_event, first, Destination(experts=("expert-1",)))
    run(confirm_event.confirm_as_host, first)
    run_answer(asking.of_event(db.session.scalars(select(SearchEntry.ref_id).order_by(SearchEntry.id)).all()[-2])[0])
    yield "confirmed"
    run(call_off_event.postpone_event, first)
    yield "postponed"
    run(move_event.move_event, first, Destination(time={"starts_local": builders.at("2027-03-01T09:00").starts_local}))
    yield "planned anew"
    run(call_off_event.cancel_event, first)
    yield "cancelled"
    run(call_off_event.restore_event, first)
    yield "restored"
    run(call_off_event.withdraw_event, draft)
    yield "withdrawn"
    for name, more in (("Beamers", {"campus": "harbor"}), ("Carts", {"campus": "harbor"}), ("ASL interpreters", {})):
        run(keep_directory.save_pool, PoolRow(name=name, quantity=2, organization="port-of-call", **more))
    yield "pools added"
    run(keep_directory.save_pool, PoolRow(name="Projectors", slug="beamers", campus="harbor"))
    assert titles("projectors carson harbor", kind=Kind.POOL) == []
    assert titles("projectors wilmington", kind=Kind.POOL) == ["projectors"]
    assert titles("projectors", kind=Kind.POOL, for_planners=False) == []
    yield "pool renamed"
    run(keep_directory.save_room, RoomRow(name="Fishbowl", slug="fish-bowl", campus="harbor", aliases=("DC 1301",)))
    yield "room renamed"
    run(keep_directory.save_campus, CampusRow(name="Harbor City College", slug="harbor", city="Carson"))
    yield "campus renamed"
    run(keep_directory.save_topic, TopicRow(name="No emission", slug="zero-emission"))
    yield "topic renamed"
    run(keep_directory.save_expert, ExpertRow(name="Ana Cruz", slug="expert-1", organization="port-of-call"))
    yield "expert renamed"
    run(keep_directory.save_office, OfficeRow(name="Front desk", slug="outreach", organization="port-of-call"))
    yield "office renamed"
    run(keep_directory.save_organization, OrganizationRow(name="Harbor Works", slug="port-of-call"))
    yield "organization of an expert renamed"
    run(keep_directory.save_organization, OrganizationRow(name="City of Harbors", slug="los-angeles-harbor-college"))
    yield "owning organization renamed"
    run(keep_directory.save_organization, OrganizationRow(name="Hills Council", slug="valley-council"))
    yield "co-host renamed"
    row = import_events.EventRow(
        source_uid="theirs-1",
        kind=EventKind.WORKSHOP,
        title="Knots",
        when=builders.at("2027-04-01T10:00"),
        campus="harbor",
    )
    run(import_events.import_event, row, is_published=True)
    yield "imported"
    again = import_events.EventRow(**{**slots_of(row), "title": "Knots and lines", "rooms": ("seahawk-center",)})
    run(import_events.import_event, again)
    yield "imported again"
    run(import_events.import_event, import_events.EventRow(**{**slots_of(row), "is_cancelled": True}))
    yield "cancelled by an import"
    run(keep_directory.save_room, RoomRow(name="Seahawk Center", campus="harbor", retired_on=NOW.date()))
    run(keep_directory.save_expert, ExpertRow(name="Ana Cruz", organization="port-of-call", retired_on=NOW.date()))
    run(keep_directory.save_pool, PoolRow(name="Carts", slug="carts", retired_on=NOW.date()))
    yield "retired"
    keep_promises.complete_ended(NOW + timedelta(days=400))
    yield "completed"


def slots_of(row: import_events.EventRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def test_after_every_change_the_index_is_what_a_rebuilt_one_would_be(run, a_world):
    states = []
    for what in a_long_story(run):
        as_kept = kept()
        assert as_kept == rebuilt(), what
        states.append(as_kept)
    assert len(states) > 20
    assert len(states[-1]) == 6  # three events, the room and the two pools that are left


def test_a_refused_story_leaves_the_words_alone(run, a_world):
    event = planned(run)
    before = kept()
    with pytest.raises(InvalidInput):
        run(edit_event.edit_event, event, {"title": "New words", "description": "x" * 30_000})
    assert kept() == before


def test_an_upgrade_fills_the_index_for_what_is_there_already(run, a_world):
    planned(run)
    before = kept()
    flask_migrate.downgrade(revision="0001")
    flask_migrate.upgrade()
    assert kept() == before
    assert titles("deckhands") == ["careers on the water"]


def test_a_rebuild_says_how_far_it_is(run, a_world):
    planned(run)
    heard: list[tuple[int, int]] = []
    with transaction():
        assert keep_search.rebuild(say=lambda done, of: heard.append((done, of))) == 4
    assert heard == [(1, 1)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_rebuild_locks_no_entry_before_its_event(run, a_world, monkeypatch):
    planned(run)
    claim, looked = keep_search.claim_events, []

    def claim_while_another_story_ends(ids):
        with db.engine.begin() as other:  # a story that has locked its event and now writes its entry
            rows = select(SearchEntry.id).where(SearchEntry.kind == Kind.EVENT).with_for_update(nowait=True)
            looked.extend(other.scalars(rows))
        return claim(ids)

    monkeypatch.setattr(keep_search, "claim_events", claim_while_another_story_ends)
    before = kept()
    assert rebuilt() == before
    assert len(looked) == 1


def test_a_rebuild_forgets_an_event_that_is_gone(run, a_world):
    planned(run)
    before = kept()
    with transaction():
        entries.keep([entries.Entry(kind=Kind.EVENT, ref_id=4711, title="Gone", is_public=True)])
    assert len(kept()) == len(before) + 1
    assert rebuilt() == before
