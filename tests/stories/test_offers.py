"""A no with a useful answer: whole offers, ranked, in words, each of which can be held and becomes the event."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.directory.models import Campus, OrganizationKind, Room
from tests import builders
from tests.conftest import NOW
from tests.stories.test_holds import a_pool, a_wish, counts, plan, world

__all__ = ["world"]
PASADENA = "pasadena-city-college"


@pytest.fixture
def town(bare_app: Flask, world) -> None:
    """More rooms at Pasadena, another campus, and people who know a topic or do not."""
    with bare_app.app_context(), transaction():
        campus = db.session.query(Campus).filter_by(slug=PASADENA).one()
        harbor = builders.a_campus("harbor")
        builders.a_way(campus, harbor, 70)
        for name, seats, step_free in (("closet", 8, True), ("round-room", 70, True), ("steps", 65, False)):
            builders.a_room(name, on=campus, capacity=seats).step_free = step_free
        lounge = db.session.query(Room).filter_by(slug="lounge").one()
        lounge.step_free = True
        port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
        topic = builders.a_topic("zero-emission")
        for name, topics in (("knows", [topic]), ("also-knows", [topic]), ("colleague", [])):
            builders.an_expert(name, of=port, topics=topics)


def refused(admin: FlaskClient, query: str = "", **more: object) -> dict:
    wish = {"kind": "info_session", "title": "Careers", **a_wish(**more)}
    answer = admin.post(f"/api/v1/events{query}", json=wish)
    assert answer.status_code == 409, answer.json
    return answer.json


def taken(admin: FlaskClient, **more: object) -> None:
    answer = plan(admin, **more)
    assert answer.status_code == 201, answer.json


def kinds(offer: dict) -> dict[str, str]:
    return {reason["kind"]: reason["detail"] for reason in offer["reasons"]}


def test_a_taken_room_is_offered_again_at_other_times_and_others_instead(town, admin):
    taken(admin, experts=[], expected_heads=50)
    offers = refused(admin, experts=[], expected_heads=50)["offers"]
    assert len(offers) == 5
    best = offers[0]
    assert (best["starts_local"], best["rooms"]) == ("2027-02-10T14:00", ["round-room"])
    assert kinds(best) == {
        "time": "At the time that was wished.",
        "room": "Round Room instead of Lounge.",
        "capacity": "It seats 70; 50 are expected.",
        "step_free": "It is step-free.",
    }
    # 15 minutes of take-down and 30 of set-up lie between two in the lounge.
    assert sorted(
        (one["starts_local"] for one in offers if one["rooms"] == ["lounge"] and "-10T" in one["starts_local"]),
        reverse=True,
    )[:2] == ["2027-02-10T16:15", "2027-02-10T11:45"]
    assert not {"steps", "closet"} & {room for offer in offers for room in offer["rooms"]}


def test_who_stands_in_knows_the_topic_and_a_colleague_without_it_never_comes_first(town, admin):
    taken(admin, rooms=[], experts=["knows"])
    offers = refused(admin, rooms=[], experts=["knows"], topics=["zero-emission"])["offers"]
    assert (offers[0]["starts_local"], offers[0]["experts"]) in [
        ("2027-02-10T14:00", ["also-knows"]),
        ("2027-02-10T12:15", ["knows"]),
    ]
    stands_in = next(offer for offer in offers if offer["experts"] == ["also-knows"])
    assert kinds(stands_in) == {
        "time": "At the time that was wished.",
        "expert": "Also Knows instead of Knows.",
        "topic": "Speaks about Zero Emission.",
        "organization": "Of the same organization.",
        "fairness": "Not booked around then.",
    }
    assert ["colleague"] not in [offer["experts"] for offer in offers]


def test_the_same_hour_of_next_week_comes_before_another_day(town, admin, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.query(Campus).filter_by(slug=PASADENA).one()
        campus.hours = [(weekday, 14 * 60, 15 * 60 + 30) for weekday in range(5)]
    taken(admin, rooms=["great-hall"], experts=["first-expert"])
    offers = refused(admin, rooms=["great-hall"], experts=["first-expert"], expected_heads=150)["offers"]
    assert [offer["starts_local"] for offer in offers] == [
        "2027-02-03T14:00",
        "2027-02-17T14:00",
        "2027-01-27T14:00",
        "2027-02-24T14:00",
        "2027-02-09T14:00",
    ]
    assert [kinds(offer)["time"] for offer in offers[:4]] == [
        "At the same time a week earlier.",
        "At the same time a week later.",
        "At the same time 2 weeks earlier.",
        "At the same time 2 weeks later.",
    ]
    assert kinds(offers[4])["time"] == "At the same time on Tue Feb 9, 2027."


def test_every_offer_can_be_held_by_its_own_body_and_becomes_the_event(town, admin, bare_app):
    wish = {"rooms": ["lounge", "great-hall-east"], "experts": ["knows"], "topics": ["zero-emission"]}
    wish["equipment"] = [{"slug": "projectors", "quantity": 1}]
    taken(admin, rooms=wish["rooms"], experts=wish["experts"])
    wish.pop("equipment")
    offers = refused(admin, **wish)["offers"]
    assert len(offers) == 5
    before = counts(bare_app)
    for offer in offers:
        hold = admin.post("/api/v1/holds", json=offer["hold"])
        assert hold.status_code == 201, (offer, hold.json)
        said = {name: offer[name] for name in ("starts_local", "rooms", "experts")}
        planned = plan(admin, **{**wish, **said}, hold=hold.json["id"])
        assert planned.status_code == 201, planned.json
        assert admin.post(f"/api/v1/events/{planned.json['id']}/withdraw", json={}).status_code == 200
    assert counts(bare_app)[3] == before[3]


def test_offers_can_be_left_out_or_fewer(town, admin):
    taken(admin)
    assert "offers" not in refused(admin, "?alternatives=0")
    assert len(refused(admin, "?alternatives=2")["offers"]) == 2
    assert len(refused(admin, "?dry_run=true")["offers"]) == 5
    wish = {"kind": "info_session", "title": "Careers", **a_wish()}
    assert admin.post("/api/v1/events?alternatives=6", json=wish).status_code == 422
    assert admin.post("/api/v1/events?alternatives=-1", json=wish).status_code == 422


def test_looking_for_offers_writes_nothing(town, admin, bare_app):
    taken(admin)
    before = counts(bare_app)
    refused(admin)
    assert counts(bare_app) == before


def test_offers_are_said_in_spanish(town, admin):
    taken(admin, experts=[])
    wish = {"kind": "info_session", "title": "Careers", **a_wish(experts=[])}
    answer = admin.post("/api/v1/events", json=wish, headers={"Accept-Language": "es"})
    assert kinds(answer.json["offers"][0])["time"] == "A la hora deseada."


def test_a_move_that_is_refused_carries_offers_past_its_own_reservations(town, admin):
    taken(admin, starts_local="2027-02-11T09:00", experts=[])
    mine = plan(admin, experts=[]).json["id"]
    answer = admin.post(f"/api/v1/events/{mine}/move", json={"starts_local": "2027-02-11T10:00"})
    assert answer.status_code == 409
    offers = answer.json["offers"]
    assert len(offers) == 5
    assert "hold" not in offers[0]
    for offer in offers:
        there = {"starts_local": offer["starts_local"], "rooms": offer["rooms"]}
        dry = admin.post(f"/api/v1/events/{mine}/move?dry_run=true", json=there)
        assert dry.status_code == 200, (offer, dry.json)


def test_closed_weeks_and_the_past_are_never_offered(town, admin, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.query(Campus).filter_by(slug=PASADENA).one()
        opens, closes = NOW.replace(month=2, day=10, hour=8), NOW.replace(month=3, day=10)
        finals = {"kind": BlockKind.FINALS, "title": "Finals", "starts_at": opens, "ends_at": closes}
        db.session.add(Block(campus_id=campus.id, **finals))
    document = refused(admin, accommodations_due_on="2027-02-05")
    assert [clash["kind"] for clash in document["clashes"]] == ["closed"]
    days = [offer["starts_local"][:10] for offer in document["offers"]]
    assert len(days) == 5
    assert all("2027-02-05" <= day <= "2027-02-09" for day in days)


def test_equipment_that_needs_notice_moves_the_offers_to_later(town, admin, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.query(Campus).filter_by(slug=PASADENA).one()
        a_pool("interpreters", campus, 1, notice_days=7)
    hold = a_wish(starts_local="2027-01-13T14:00", equipment=[{"slug": "interpreters"}])
    answer = admin.post("/api/v1/holds", json=hold)
    assert [clash["kind"] for clash in answer.json["clashes"]] == ["notice"]
    offers = answer.json["offers"]
    assert len(offers) == 5
    assert all(offer["starts_at"] >= "2027-01-18T17:00:00Z" for offer in offers)
    assert admin.post("/api/v1/holds", json=offers[0]["hold"]).status_code == 201


def test_a_wish_for_which_nothing_can_be_had_is_offered_nothing(town, admin, bare_app):
    answer = admin.post("/api/v1/holds", json=a_wish(equipment=[{"slug": "projectors", "quantity": 3}]))
    assert (answer.status_code, answer.json["offers"]) == (409, [])


def test_no_offer_meets_another_employers_students(town, admin):
    taken(admin, experts=["first-expert"], rooms=["great-hall"], audience=["Students"])
    wish = {"experts": ["knows"], "rooms": ["lounge"], "audience": ["students"]}
    document = refused(admin, **wish)
    assert [clash["kind"] for clash in document["clashes"]] == ["audience"]
    assert len(document["offers"]) == 5
    for offer in document["offers"]:
        said = {name: offer[name] for name in ("starts_local", "rooms", "experts")}
        rehearsed = {"kind": "info_session", "title": "Careers", **a_wish(**{**wish, **said})}
        assert admin.post("/api/v1/events?dry_run=true", json=rehearsed).status_code == 200


def test_offers_keep_the_equipment_and_who_joins_from_afar(town, admin):
    taken(admin, experts=["knows"])
    equipment = [{"slug": "projectors", "quantity": 2}]
    offers = refused(admin, experts=["knows"], online_experts=["knows"], equipment=equipment)["offers"]
    for offer in offers:
        assert (offer["equipment"], offer["online_experts"]) == (equipment, offer["experts"])
        assert admin.post("/api/v1/holds?dry_run=true", json=offer["hold"]).status_code == 200
