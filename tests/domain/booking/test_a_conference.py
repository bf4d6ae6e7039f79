"""A real conference of 1,097 sessions in 14 rooms, booked one after another: most of them are in one another's way."""

from __future__ import annotations

import json
from datetime import datetime

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.models import Hold, State
from tests import builders
from tests.conftest import NOW
from tests.left_out import shared

SESSIONS = "events/google-io-2019.jsonl"


def brute_force(sessions: list[dict]) -> dict[int, set[int]]:
    """Session → the booked ones before it that are in its way, for each that cannot be had; instants as text."""
    refused: dict[int, set[int]] = {}
    for number, wanted in enumerate(sessions):
        in_the_way = {
            other
            for other, booked in enumerate(sessions[:number])
            if other not in refused
            and set(booked["rooms"]) & set(wanted["rooms"])
            and booked["start"] < wanted["end"]
            and wanted["start"] < booked["end"]
        }
        if in_the_way:
            refused[number] = in_the_way
    return refused


def test_what_is_refused_is_what_brute_force_refuses(app):
    sessions = [json.loads(line) for line in shared(SESSIONS).read_text().splitlines()]
    assert len(sessions) == 1097
    assert {session["start"][-6:] for session in sessions} == {"+00:00"}, "texts compare as instants do"
    with transaction(keep=False):
        campus = builders.a_campus()
        names = sorted({room for session in sessions for room in session["rooms"]})
        rooms = {name: builders.a_room(f"room-{number}", on=campus).id for number, name in enumerate(names)}
        holds = [Hold(held_by="test", created_at=NOW, hold_until=NOW) for _ in sessions]
        db.session.add_all(holds)
        db.session.flush()
        numbers = {hold.id: number for number, hold in enumerate(holds)}
        refused = {}
        for number, session in enumerate(sessions):
            presence = Span(datetime.fromisoformat(session["start"]), datetime.fromisoformat(session["end"]))
            locked = resources.lock(room_ids=[rooms[name] for name in session["rooms"]])
            asks = [Ask(resource, presence, campus.id) for resource, _ in locked.rooms]
            try:
                desk.take(asks, hold_id=holds[number].id, state=State.CONFIRMED, hold_until=None, now=NOW)
            except SlotTaken as refusal:
                refused[number] = {numbers[clash.hold_id] for clash in refusal.clashes}
    assert refused == brute_force(sessions)
    assert 300 < len(refused) < 1097
