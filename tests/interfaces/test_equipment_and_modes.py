"""Equipment, online seats and travel through HTTP: JSON in and out, the forms, letters, refusals."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, PoolKind
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.services import services
from eventsvc.workflows.keep_directory import PoolRow, save_pool
from tests import builders
from tests.conftest import NOW
from tests.interfaces.pages import HARBOR, PASADENA

WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def things(world):
    """Three projectors and ten booths at Pasadena, an interpreter anywhere, a projector at Harbor."""
    with world.app.app_context(), transaction():
        pasadena = {"campus": PASADENA}
        save_pool(PoolRow(name="Projector", slug="projector", quantity=3, **pasadena), **WHO)
        save_pool(PoolRow(name="Fair booth", slug="booth", kind=PoolKind.BOOTH, quantity=10, **pasadena), **WHO)
        owner = {"organization": "port-of-los-angeles"}
        kind = {"kind": PoolKind.ACCESS}
        save_pool(PoolRow(name="ASL interpreter", slug="asl", quantity=1, notice_days=5, **kind, **owner), **WHO)
        save_pool(PoolRow(name="Far projector", slug="far-projector", quantity=1, campus=HARBOR), **WHO)
    return world


def body(**more):
    wish = {"kind": "info_session", "title": "Careers", "campus": PASADENA}
    return {**wish, "starts_local": "2027-02-10T14:00", "duration_minutes": 60, **more}


def asked(*pairs: tuple[str, object]) -> list[dict]:
    return [{"slug": slug, "quantity": quantity} for slug, quantity in pairs]


def planned(admin, **more):
    response = admin.post("/api/v1/events", json=body(**more))
    assert response.status_code == 201, response.json
    return response.json


def refused(admin, status: int, **more):
    response = admin.post("/api/v1/events", json=body(**more))
    assert response.status_code == status, response.json
    return response.json


def test_pools_are_listed_by_campus_and_kind(things, public):
    slugs = lambda query: [one["slug"] for one in public.get(f"/api/v1/pools{query}").json["items"]]  # noqa: E731  # one line, used below
    assert slugs("") == ["asl", "booth", "far-projector", "projector"]
    assert slugs(f"?campus={PASADENA}") == ["asl", "booth", "projector"]
    assert slugs(f"?campus={PASADENA}&kind=booth") == ["booth"]
    assert public.get("/api/v1/pools?kind=elephant").status_code == 422
    shown = public.get("/api/v1/pools/asl").json
    assert (shown["kind"], shown["campus"], shown["quantity"], shown["notice_days"]) == ("access", None, 1, 5)
    assert public.get("/api/v1/pools/nothing").status_code == 404


def test_an_event_takes_its_equipment_and_changes_and_gives_it_back(things, admin, public):
    event = planned(admin, equipment=asked(("projector", 2), ("asl", 1)))
    assert sorted((one["slug"], one["quantity"]) for one in event["equipment"]) == [("asl", 1), ("projector", 2)]
    clash = refused(admin, 409, equipment=asked(("projector", 2)))["clashes"][0]
    assert (clash["resource"], clash["kind"], clash["free"], clash["quantity"]) == (
        {"type": "pool", "slug": "projector", "name": "Projector"},
        "overlap",
        1,
        3,
    )
    move = f"/api/v1/events/{event['id']}/move"
    fewer = admin.post(move, json={"equipment": asked(("projector", 1))}).json
    assert fewer["equipment"] == asked(("projector", 1))
    planned(admin, equipment=asked(("projector", 2)))
    assert admin.post(move, json={"equipment": asked(("projector", 2))}).status_code == 409
    assert admin.post(move, json={"equipment": []}).json["equipment"] == []
    admin.post(f"/api/v1/events/{event['id']}/publish")
    assert "equipment" not in public.get(f"/api/v1/events/{event['id']}").json


def test_at_another_campus_the_things_of_the_first_stay_behind(things, admin):
    event = planned(admin, equipment=asked(("projector", 2), ("asl", 1)))
    moved = admin.post(f"/api/v1/events/{event['id']}/move", json={"campus": HARBOR}).json
    assert moved["equipment"] == asked(("asl", 1))


def test_what_needs_notice_is_refused_on_short_notice(things, admin):
    clash = refused(admin, 409, starts_local="2027-01-14T14:00", equipment=asked(("asl", 1)))["clashes"][0]
    assert (clash["kind"], clash["notice_days"], clash["days_left"]) == ("notice", 5, 3)
    assert planned(admin, starts_local="2027-01-17T14:00", equipment=asked(("asl", 1)))


@pytest.mark.parametrize(
    ("equipment", "field"),
    [
        (asked(("elephant", 1)), "equipment[0]"),
        (asked(("projector", 0)), "equipment[0].quantity"),
        (asked(("projector", -1)), "equipment[0].quantity"),
        (asked(("projector", "2")), "equipment[0].quantity"),
        (asked(("projector", 10_001)), "equipment[0].quantity"),
        (asked(("Projector!", 1)), "equipment[0].slug"),
        (asked(("projector", 1), ("projector", 1)), "equipment[1]"),
        (asked(("far-projector", 1)), "equipment[0]"),
        ([{"quantity": 1}], "equipment[0].slug"),
        ("projector", "equipment"),
        (asked(*((f"thing-{number}", 1) for number in range(51))), "equipment"),
    ],
)
def test_equipment_that_cannot_be_is_refused_by_its_field(things, admin, equipment, field):
    assert refused(admin, 422, equipment=equipment)["errors"][0]["field"] == field
    event = planned(admin)
    moved = admin.post(f"/api/v1/events/{event['id']}/move", json={"equipment": equipment})
    assert (moved.status_code, moved.json["errors"][0]["field"]) == (422, field)


def test_more_than_there_are_is_a_clash_also_where_none_is_taken(things, admin, planner):
    assert refused(admin, 409, equipment=asked(("projector", 4)))["clashes"][0]["free"] == 3
    planner.get("/plan")
    planner.submit("Go on", values={"campus": PASADENA})
    typed = {"title": "Fair", "date": "2027-02-10", "time": "10:00", "equipment-projector": "4"}
    planner.submit("Plan", values=typed)
    assert "Projector: not enough of them" in planner.text
    assert planner.page.select_one("#pool-projector")["aria-invalid"] == "true"


def test_the_form_asks_by_kind_and_keeps_what_was_typed(things, planner, admin):
    planner.get("/plan")
    planner.submit("Go on", values={"campus": PASADENA})
    legends = [one.get_text() for one in planner.page.select("fieldset.things legend")]
    assert legends == ["Equipment", "Booths", "Access services"]
    typed = {"title": "Fair", "date": "2027-02-10", "time": "10:00", "equipment-projector": "two"}
    planner.submit("Plan", values=typed)
    assert "how many must be a whole number" in planner.text
    assert planner.page.select_one("#pool-projector")["value"] == "two"
    planner.submit("Plan", values={"equipment-projector": "2", "equipment-booth": "0", "equipment-asl": "1"})
    assert "2 × Projector" in planner.text
    assert "Provided: ASL interpreter" in planner.text
    assert "Fair booth" not in planner.text


def seat(admin, **more):
    return planned(admin, experts=["expert-one", "expert-two"], **more)


def letters_to(app, name: str) -> list[tuple[str, str]]:
    """The letter's name and text of each message that is owed to an expert."""
    with app.app_context():
        rows = db.session.scalars(
            select(Message).where(Message.to_address == f"{name}@port.example").order_by(Message.id)
        )
        return [(row.letter, letters.render_text(row, services().links)[1]) for row in rows]


def test_who_joins_online_is_told_so_and_needs_no_way(things, admin, visitor):
    link = "https://meet.example/1"
    event = seat(admin, online_experts=["expert-two"], online_url=link)
    assert event["online_experts"] == ["expert-two"]
    (_, in_person), (_, online) = letters_to(things.app, "expert-one")[0], letters_to(things.app, "expert-two")[0]
    assert "15 minutes before the start" in in_person
    assert "You join online" not in in_person
    assert "You join online." in online
    assert link in online
    assert "before the start" not in online
    assert "kiosk" not in online
    visitor.get(things.answer_path(event["id"], "expert-two"))
    assert "You join online." in visitor.text
    assert "Please be there" not in visitor.text
    # At the other campus, 70 minutes away, half an hour later.
    later = {"campus": HARBOR, "starts_local": "2027-02-10T15:30"}
    assert refused(admin, 409, experts=["expert-one"], **later)["clashes"][0]["kind"] == "travel"
    planned(admin, experts=["expert-two"], **later)


def test_another_mode_is_another_place_and_nobody_is_asked_anew(things, admin):
    event = seat(admin)
    with things.app.app_context(), transaction():
        for message in db.session.scalars(select(Message)):
            message.state = "sent"
    moved = admin.post(f"/api/v1/events/{event['id']}/move", json={"online_experts": ["expert-one"]}).json
    assert moved["online_experts"] == ["expert-one"]
    told = letters_to(things.app, "expert-one")
    assert [letter for letter, _ in told] == ["invitation", "changed"]
    assert "You join online. The link follows." in told[-1][1]
    assert [letter for letter, _ in letters_to(things.app, "expert-two")] == ["invitation"]
    kept = admin.post(f"/api/v1/events/{event['id']}/move", json={"experts": ["expert-one"]}).json
    assert kept["online_experts"] == ["expert-one"], "a seat that stays keeps its mode"


def test_only_who_comes_can_join_online(things, admin):
    errors = refused(admin, 422, experts=["expert-one"], online_experts=["expert-two"])["errors"]
    assert errors == [{"field": "online_experts[0]", "reason": "'expert-two' is not among the experts"}]


def test_a_box_beside_each_expert_says_who_joins_online(things, planner):
    planner.get("/plan")
    planner.submit("Go on", values={"campus": PASADENA})
    wish = {"title": "Talk", "date": "2027-02-10", "time": "10:00", "experts": ["expert-one"]}
    planner.submit("Plan", values={**wish, "online_experts": ["expert-one", "expert-two"]})
    assert "(joins online)" in planner.text


def test_from_harbor_to_pasadena_the_first_legal_start_is_1155(things, admin):
    planned(admin, campus=HARBOR, starts_local="2027-02-10T09:00", duration_minutes=90, experts=["expert-one"])
    for start in ("2027-02-10T10:45", "2027-02-10T11:54"):
        clash = refused(admin, 409, starts_local=start, experts=["expert-one"])["clashes"][0]
        assert (clash["kind"], clash["travel_minutes"]) == ("travel", 70)
        assert "is_estimate" not in clash
    assert planned(admin, starts_local="2027-02-10T11:55", experts=["expert-one"])["status"] == "requested"


def test_an_estimate_by_distance_says_that_it_is_one(things, admin, planner):
    """Hollywood is 10 miles from Pasadena as the crow flies: 10 × 1.3 / 35 mph and 10 minutes are 33."""
    with things.app.app_context(), transaction():
        pasadena = lookup.get(Campus, PASADENA)
        pasadena.latitude, pasadena.longitude = 34.1443, -118.1185
        near = builders.a_campus("hollywood")
        near.latitude, near.longitude = 34.1443 - 10 / 69.0934, -118.1185
    planned(admin, campus="hollywood", starts_local="2027-02-10T09:00", experts=["expert-one"])
    clash = refused(admin, 409, starts_local="2027-02-10T10:30", experts=["expert-one"])["clashes"][0]
    assert (clash["kind"], clash["travel_minutes"], clash["is_estimate"]) == ("travel", 33, True)
    assert "an estimate by distance" in clash["detail"]
    planner.get("/plan")
    planner.submit("Go on", values={"campus": PASADENA})
    typed = {"title": "Talk", "date": "2027-02-10", "time": "10:30", "experts": ["expert-one"]}
    planner.submit("Plan", values=typed)
    assert "about 33 min" in planner.text
    assert "an estimate by distance" in planner.text
    planned(admin, starts_local="2027-02-10T10:48", experts=["expert-one"])


def test_between_two_online_sessions_lies_the_buffer(things, admin):
    with things.app.app_context(), transaction():
        lookup.get(Expert, "expert-one").online_buffer_minutes = 10
    mode = {"experts": ["expert-one"], "online_experts": ["expert-one"]}
    planned(admin, starts_local="2027-02-10T09:00", **mode)
    assert refused(admin, 409, starts_local="2027-02-10T10:09", **mode)["clashes"][0]["kind"] == "overlap"
    planned(admin, starts_local="2027-02-10T10:10", campus=HARBOR, **mode)


def test_a_days_travel_is_capped_with_the_ways_from_home_and_back(things, admin):
    with things.app.app_context(), transaction():
        expert = lookup.get(Expert, "expert-one")
        expert.max_travel_minutes, expert.home_campus = 139, lookup.get(Campus, HARBOR)
    planned(admin, campus=HARBOR, starts_local="2027-02-10T09:00", experts=["expert-one"])
    clash = refused(admin, 409, starts_local="2027-02-10T14:00", experts=["expert-one"])["clashes"][0]
    assert (clash["kind"], clash["per"], clash["limit"], clash["travel_minutes"]) == ("limit", "travel", 139, 140)
    mode = {"experts": ["expert-one"], "online_experts": ["expert-one"]}
    planned(admin, starts_local="2027-02-10T14:00", **mode)
