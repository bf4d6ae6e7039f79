"""The first view of each main page, with an empty cache, weighs less than 150 kB on the wire."""

from __future__ import annotations

import pytest

from tests.e2e.places import Place, place

MOST_BYTES = 150_000
MAIN = ("list", "month", "event, confirmed", "calendars", "plan, empty", "plan, refused", "answer, open", "demo start")


@pytest.mark.parametrize("shown", [place(name) for name in MAIN], ids=str)
def test_the_first_view_is_light(shown: Place, new_person, world):
    shown.way(new_person(role=shown.role), world)  # whatever has to be planned first is planned
    person = new_person(role=shown.role)
    shown.way(person, world)
    address = person.page.url
    if shown.status != 200:
        address = f"{world.origin}/plan?campus=pasadena-city-college"
    assert weight_of(new_person(role=shown.role), address) < MOST_BYTES


def weight_of(person, address: str) -> int:
    """Bytes that came over the wire, headers included, until nothing more was loading."""
    wire = person.context.new_cdp_session(person.page)
    arrived = []
    wire.on("Network.loadingFinished", lambda event: arrived.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    person.go(address)
    person.page.wait_for_load_state("networkidle")
    assert len(arrived) >= 2, "a page and its stylesheet"
    return sum(arrived)
