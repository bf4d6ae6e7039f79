"""The main job, end to end: plan, publish, answer by link, confirm, remind, receive."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from eventsvc.core.db import db, transaction
from tests import builders
from tests.conftest import NOW


@pytest.fixture
def world(bare_app: Flask) -> None:
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("pasadena-city-college")
        builders.a_room("creveling-lounge", on=campus, setup=30, takedown=15)
        port = builders.an_office("port-outreach")
        builders.an_expert("expert-one", office=port, topics=[builders.a_topic("zero-emission")])
        db.session.flush()


def a_wish(**more):
    return {
        "kind": "info_session",
        "title": "Zero-emission careers",
        "campus": "pasadena-city-college",
        "starts_local": "2027-02-10T14:00",
        "duration_minutes": 90,
        "rooms": ["creveling-lounge"],
        "experts": ["expert-one"],
        "topics": ["zero-emission"],
        "expected_heads": 30,
        **more,
    }


@time_machine.travel(NOW, tick=False)
def test_planning_reserves_and_a_second_plan_is_refused_with_every_clash(world, admin):
    made = admin.post("/api/v1/events", json=a_wish())
    assert made.status_code == 201, made.json
    refused = admin.post("/api/v1/events", json=a_wish(title="Another"))
    assert refused.status_code == 409, refused.json
    assert refused.mimetype == "application/problem+json"
    assert [(clash["resource"]["slug"], clash["kind"]) for clash in refused.json["clashes"]] == [
        ("creveling-lounge", "overlap"),
        ("expert-one", "overlap"),
    ]
