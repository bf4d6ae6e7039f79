"""If-Match: nobody writes over a change that they have not seen; and which routes take which headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventsvc.core.db import transaction
from eventsvc.core.versions import Expected
from eventsvc.interfaces.api import conditions, sent_again
from tests import builders

pytestmark = pytest.mark.usefixtures("still")
NO_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def house(still, bare_app: Flask) -> Flask:
    """A hall of another office, and an expert."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("harbor")
        builders.a_room("lounge", on=campus)
        hall = builders.a_room("hall", on=campus)
        hall.office, hall.needs_approval = builders.an_office("rooms-office", of=campus.organization), True
        builders.an_expert("an-expert")
    return bare_app


def wish(**more: Any) -> dict[str, Any]:
    wanted = {"kind": "info_session", "title": "Careers", "campus": "harbor", "rooms": ["lounge"]}
    return {**wanted, "starts_local": "2027-02-10T14:00", "duration_minutes": 60, **more}


@pytest.fixture
def event(house, admin) -> str:
    """The address of an event."""
    return f"/api/v1/events/{admin.post('/api/v1/events', json=wish()).json['id']}"


def tag(client: FlaskClient, address: str) -> str:
    return client.get(address).headers["ETag"]


def refused(answer, present: str | None) -> bool:
    assert (answer.status_code, answer.json["type"]) == (412, "/problems/stale")
    return answer.json["etag"] == present


VERBS = [
    ("move", {"starts_local": "2027-02-11T14:00"}),
    ("move", {"starts_local": "2027-02-11T14:00", "scope": "following"}),
    ("confirm", {}),
    ("publish", {}),
    ("decline", {}),
    ("withdraw", {}),
    ("withdraw", {"scope": "following"}),
]


@pytest.mark.parametrize(("verb", "body"), VERBS, ids=lambda one: one if isinstance(one, str) else one.get("scope", ""))
def test_a_verb_obeys_the_version_that_it_is_sent_with(house, admin, verb, body):
    series = wish(rule={"kind": "weekly", "count": 2})
    event = f"/api/v1/events/{admin.post('/api/v1/series', json=series).json['events'][0]['id']}"
    old = tag(admin, event)
    assert admin.patch(event, json={"title": "Other"}, headers={"If-Match": old}).status_code == 200
    before, present = admin.get(event).json, tag(admin, event)
    assert refused(admin.post(f"{event}/{verb}", json=body, headers={"If-Match": old}), present)
    assert admin.get(event).json == before
    done = admin.post(f"{event}/{verb}", json=body, headers={"If-Match": present})
    assert done.status_code == 200
    assert done.headers["ETag"] == tag(admin, event) != present


@pytest.mark.parametrize(("first", "verb"), [("", "request"), ("cancel", "restore"), ("", "cancel"), ("", "postpone")])
def test_the_verbs_of_other_states_obey_it_too(house, admin, first, verb):
    event = f"/api/v1/events/{admin.post('/api/v1/events', json=wish(draft=True)).json['id']}"
    old = tag(admin, event)
    for step in ("request", "confirm", first) if verb != "request" else ():
        assert not step or admin.post(f"{event}/{step}", json={}).status_code == 200
    if verb == "request":
        admin.patch(event, json={"title": "Other"}, headers={"If-Match": old})
    present = tag(admin, event)
    assert refused(admin.post(f"{event}/{verb}", json={}, headers={"If-Match": old}), present)
    assert admin.post(f"{event}/{verb}", json={}, headers={"If-Match": present}).status_code == 200


@pytest.mark.parametrize(("verb", "body"), [("grant", {"reference": "R1"}), ("decline", {}), ("nudge", None)])
def test_what_a_rooms_office_says_obeys_the_version_of_the_event(house, admin, still, verb, body):
    event = f"/api/v1/events/{admin.post('/api/v1/events', json=wish(rooms=['hall'])).json['id']}"
    room, old = f"{event}/rooms/hall/{verb}", tag(admin, event)
    admin.patch(event, json={"title": "Other"}, headers={"If-Match": old})
    still.shift(25 * 3600)
    present = tag(admin, event)
    assert refused(admin.post(room, json=body, headers={"If-Match": old}), present)
    done = admin.post(room, json=body, headers={"If-Match": present})
    assert done.status_code == 200
    assert done.headers["ETag"] == tag(admin, event)


def test_acts_on_a_series_obey_what_was_seen_of_it_and_of_its_events(house, admin):
    made = admin.post("/api/v1/series", json=wish(rule={"kind": "weekly", "count": 3}))
    series = f"/api/v1/series/{made.json['id']}"
    seen = made.headers["ETag"]
    assert tag(admin, series) == seen
    one = f"/api/v1/events/{made.json['events'][1]['id']}"
    assert admin.patch(one, json={"title": "Other"}, headers={"If-Match": "*"}).status_code == 200
    present = tag(admin, series)
    assert refused(admin.post(f"{series}/publish", headers={"If-Match": seen}), present)
    published = admin.post(f"{series}/publish", headers={"If-Match": present})
    assert (published.status_code, published.headers["ETag"]) == (200, tag(admin, series))
    assert refused(admin.post(f"{series}/withdraw", json={}, headers={"If-Match": present}), tag(admin, series))
    assert {one["status"] for one in admin.get(series).json["events"]} == {"requested"}


def test_a_skipped_date_is_taken_of_the_series_that_was_seen(house, admin):
    blocker = admin.post("/api/v1/events", json=wish(starts_local="2027-02-17T14:00")).json["id"]
    made = admin.post("/api/v1/series?on_conflict=skip", json=wish(rule={"kind": "weekly", "count": 3}))
    admin.post(f"/api/v1/events/{blocker}/withdraw", json={})
    take = f"/api/v1/series/{made.json['id']}/skipped/2027-02-17/take"
    assert refused(admin.post(take, headers={"If-Match": '"v1"'}), made.headers["ETag"])
    taken = admin.post(take, headers={"If-Match": made.headers["ETag"]})
    assert taken.status_code == 201
    assert taken.headers["ETag"] == tag(admin, f"/api/v1/events/{taken.json['id']}")


def test_a_hold_is_given_back_as_long_as_it_holds(house, admin):
    made = admin.post("/api/v1/holds", json={key: wish()[key] for key in ("campus", "rooms", "starts_local")} | LENGTH)
    hold = f"/api/v1/holds/{made.json['id']}"
    assert made.headers["ETag"] == tag(admin, hold)
    assert refused(admin.delete(hold, headers={"If-Match": '"used"'}), made.headers["ETag"])
    assert admin.get(hold).json["standing"] == "held"
    given = admin.delete(hold, headers={"If-Match": made.headers["ETag"]})
    assert (given.json["standing"], given.headers["ETag"]) == ("given_back", tag(admin, hold))


LENGTH = {"duration_minutes": 60}


@pytest.mark.parametrize(("kind", "slug"), [("rooms", "hall"), ("experts", "an-expert"), ("campuses", "harbor")])
def test_an_outside_calendar_is_replaced_by_who_has_seen_it(house, admin, kind, slug):
    calendar = f"/api/v1/{kind}/{slug}/calendar"
    sent = [{"url": f"https://feeds.example/{name}.ics"} for name in "abc"]
    assert refused(admin.put(calendar, json=sent[0], headers={"If-Match": "*"}), None)
    first = admin.put(calendar, json=sent[0], headers={"If-None-Match": "*"})
    assert first.status_code == 200
    assert refused(admin.put(calendar, json=sent[1], headers={"If-None-Match": "*"}), first.headers["ETag"])
    second = admin.put(calendar, json=sent[1], headers={"If-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert tag(admin, calendar) == second.headers["ETag"] != first.headers["ETag"]
    assert refused(admin.put(calendar, json=sent[2], headers={"If-Match": first.headers["ETag"]}), tag(admin, calendar))
    assert refused(admin.delete(calendar, headers={"If-Match": first.headers["ETag"]}), tag(admin, calendar))
    assert admin.get(calendar).json["url"] == sent[1]["url"]
    assert admin.delete(calendar, headers={"If-Match": second.headers["ETag"]}).status_code == 204
    third = admin.put(calendar, json=sent[1], headers={"If-None-Match": "*"})
    assert third.headers["ETag"] not in (first.headers["ETag"], second.headers["ETag"])


@pytest.mark.parametrize("said", ['"v2"', '"v1", "v2"', "*", '"v2", W/"v2"'])
def test_one_of_several_versions_or_any_at_all_may_be_named(event, admin, said):
    assert tag(admin, event) == '"v2"'
    assert admin.patch(event, json={"title": "Other"}, headers={"If-Match": said}).status_code == 200


@pytest.mark.parametrize("said", ['W/"v2"', '"v1"', '"V2"', "v20", '"w"', '""', '"v2 "'])
def test_weak_tags_and_those_of_nothing_never_match(event, admin, said):
    assert refused(admin.patch(event, json={"title": "Other"}, headers={"If-Match": said}), '"v2"')


def test_if_none_match_is_no_way_around_it(event, admin):
    assert admin.patch(event, json={"title": "Other"}, headers={"If-None-Match": "*"}).status_code == 428
    assert refused(admin.post(f"{event}/publish", headers={"If-None-Match": "*"}), '"v2"')


def test_where_nothing_has_an_etag_it_is_refused_and_not_passed_over(house, admin):
    answer = admin.post("/api/v1/events", json=wish(), headers={"If-Match": '"v1"'})
    assert answer.status_code == 400
    assert "If-Match" in answer.json["detail"]
    assert admin.get("/api/v1/events").json["items"] == []


def test_who_may_not_change_it_is_told_that_and_not_its_version(event, public):
    for headers in ({}, {"If-Match": '"v0"'}):
        assert public.patch(event, json={"title": "Other"}, headers=headers).status_code == 401
    answer = public.post(f"{event}/publish", headers={"If-Match": '"v0"'})
    assert (answer.status_code, "etag" in answer.json) == (401, False)


def test_entries_of_the_directory_carry_their_version(house, admin):
    for entry in ("campuses/harbor", "rooms/hall", "experts/an-expert"):
        assert tag(admin, f"/api/v1/{entry}") == '"v1"'


def test_nothing_is_expected_of_nothing():
    assert Expected(is_nothing=True).is_met(None)
    assert not Expected(is_nothing=True).is_met("v1")
    assert not Expected(is_any=True).is_met(None)


def routes(app: Flask, *methods: str) -> Iterator[tuple[str, str, str]]:
    """Every route of the JSON door with one of those methods: its method, its rule and an address that leads there."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & set(methods):
            if rule.rule.startswith("/api/v1/"):
                kind = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
                found.append((method, rule.rule, re.sub(r"<(\w+)>", lambda name: IN_PATHS.get(name[1], NO_ID), kind)))
    return iter(sorted(found))


IN_PATHS = {"slug": "nobody", "token": "no-token", "skipped_id": "2027-02-10", "leave_id": "none"}


def test_every_put_patch_and_delete_needs_if_match(bare_app, admin):
    found = list(routes(bare_app, "PUT", "PATCH", "DELETE"))
    assert {method for method, _, _ in found} == {"PUT", "PATCH", "DELETE"}
    for method, rule, address in found:
        answer = admin.open(address, method=method, json={})
        assert (answer.status_code, answer.mimetype) == (428, "application/problem+json"), rule
        assert (answer.json["type"], answer.json["header"]) == ("/problems/condition-missing", "If-Match"), rule
        sent = admin.open(address, method=method, json={}, headers={"If-Match": '"v1"'})
        assert sent.status_code in (404, 422), rule


# What can be asked without naming anything.
NEEDS_NOTHING = ("/api/v1/outbox/pause", "/api/v1/outbox/resume")


def test_every_post_and_patch_takes_a_key(bare_app, admin):
    found = list(routes(bare_app, "POST", "PATCH"))
    assert len(found) > 15
    for method, rule, address in found:
        headers = {"If-Match": "*"} if method == "PATCH" else {}
        no_key = admin.open(address, method=method, json={}, headers={**headers, "Idempotency-Key": "two words"})
        assert no_key.status_code == 422, rule
        assert [error["field"] for error in no_key.json["errors"]] == ["Idempotency-Key"], rule
        call = {"method": method, "json": {}, "headers": {**headers, "Idempotency-Key": rule}}
        first, again = admin.open(address, **call), admin.open(address, **call)
        assert first.status_code in (404, 422) or rule in NEEDS_NOTHING, rule
        assert (again.status_code, again.data) == (first.status_code, first.data), rule
        assert again.headers["Idempotency-Replayed"] == "true", rule


# In whose path a thing stands that is shown with an ETag.
VERSIONED = ("{event_id}", "{series_id}", "{request_id}", "{offer_id}", "{round_id}", "/approvals/{employer}")
VERSIONED += ("{calendar_id}", "{webhook_id}")


def test_the_document_names_both_headers_where_they_count(bare_app, public):
    paths = public.get("/api/v1/openapi.json").json["paths"]
    seen = set()
    for path, entry in paths.items():
        for method in entry.keys() - {"parameters"}:
            operation, where = entry[method], f"{method} {path}"
            headers = {one["name"]: one for one in operation.get("parameters", ()) if one.get("in") == "header"}
            assert (sent_again.HEADER in headers) is (method in ("post", "patch")), where
            needs = method in ("put", "patch", "delete")
            on_a_version = method == "post" and any(name in path for name in VERSIONED)
            assert (conditions.HEADER in headers) is (needs or on_a_version), where
            assert headers.get(conditions.HEADER, {}).get("required", False) is (method in ("patch", "delete")), where
            assert all(one["description"] for one in headers.values())
            if headers:
                seen.add(method)
                assert {"409", "412"} <= operation["responses"].keys(), where
            assert ("428" in operation["responses"]) is needs, where
    assert seen == {"post", "put", "patch", "delete"}
