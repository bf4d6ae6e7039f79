"""The doctor at its doors: JSON and the page, for planners."""

from __future__ import annotations

from sqlalchemy import update

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.booking.models import Reservation
from eventsvc.interfaces.web import doctor_page
from tests import builders


def test_json_names_each_finding_with_its_event(world, admin, public, bare_app):
    event = world.plan(builders.at("2027-02-10T14:00", 90), rooms=("harbor-hall",), published=False)
    assert public.get("/api/v1/doctor").status_code == 401
    assert admin.get("/api/v1/doctor").json["findings"] == []
    with bare_app.app_context(), transaction():
        db.session.execute(update(Reservation).values(state="released"))
    (finding,) = admin.get("/api/v1/doctor").json["findings"]
    assert (finding["kind"], finding["event"]["id"]) == ("not_reserved", event)
    assert finding["detail"] == "Harbor Hall is wanted and not reserved."


def test_the_page_links_to_each_event_and_says_when_all_is_well(world, planner, visitor, bare_app):
    page = planner.get("/doctor")
    assert "Everything is in order." in planner.text
    event = world.plan(builders.at("2027-02-10T14:00", 90), rooms=("harbor-hall",))
    with bare_app.app_context(), transaction():
        db.session.execute(update(Reservation).values(state="released"))
    page = planner.get("/doctor")
    assert "1 thing is not in order." in planner.text
    assert [link["href"] for link in page.select("main .box h2 a")] == [f"/events/{event}"]
    visitor.get("/doctor")
    assert visitor.path.startswith("/sign-in")


def test_whatever_the_desk_can_say_no_to_has_a_name_on_the_page_but_for_notice():
    assert {str(kind) for kind in ClashKind} - {"notice"} <= set(doctor_page.KINDS)
