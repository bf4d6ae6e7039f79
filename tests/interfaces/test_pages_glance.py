"""The day at a glance while one plans: it follows the form, says what the desk would say, and takes nothing."""

from __future__ import annotations

from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.models import Reservation
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.workflows.said_wish import SaidEquipment
from tests import builders
from tests.counting import counted
from tests.interfaces.browser import rectangles_of, words_of
from tests.interfaces.pages import HARBOR, PASADENA

FORM = f"/plan?campus={PASADENA}"
WISH = {"campus": PASADENA, "date": "2027-02-10", "time": "14:00", "duration_minutes": "60", "rooms": "harbor-hall"}


def part_of(planner, **wish):
    """The part as it comes while somebody fills the form."""
    planner.get(FORM)
    planner.post("/plan/day", {**WISH, **wish})
    assert planner.status == 200
    return planner.page.select_one("#the-day")


def lines_of(part):
    return [words_of(line) for line in part.select(".glance-lines > li")]


def wishes_of(part):
    return [(x, width) for svg in part.select("svg") for kind, x, width in rectangles_of(svg) if kind == "wish"]


def test_it_says_what_is_taken_and_draws_the_wish_over_it(world, planner):
    world.plan(builders.at("2027-02-10T09:00", 90), rooms=("creveling-lounge",), title="Morning")
    part = part_of(planner, rooms=["harbor-hall", "creveling-lounge"])
    assert words_of(part.select_one("[role=status]")) == "Everything that you chose can be had then."
    assert lines_of(part) == [
        "Creveling Lounge Morning 9:00 AM – 10:30 AM (8:30 AM – 10:45 AM with set-up · Not confirmed yet)",
        "Harbor Hall",
    ]
    assert wishes_of(part) == [("467", "66")] * 2  # 14:00 to 15:00 of the hours from 7:00 to 22:00
    drawn = [(kind, x) for kind, x, _ in rectangles_of(part.select_one("svg")) if kind != "wish"]
    assert drawn == [("part-setup", "100"), ("part-presence", "133"), ("part-takedown", "233")]


def test_it_says_no_for_the_reasons_of_the_desk(world, planner):
    world.plan(builders.at("2027-02-10T13:00", 90), campus=HARBOR, experts=("expert-one",), title="At the harbor")
    world.plan(builders.at("2027-02-10T14:30", 60), rooms=("harbor-hall",), title="Here")
    part = part_of(planner, experts=["expert-one", "expert-two"], time="15:00")
    assert words_of(part.select_one("[role=status]")) == "2 of what you chose cannot be had then."
    hall, one, two = lines_of(part)
    assert hall.startswith("Harbor Hall Busy 2:30 PM – 3:30 PM.")
    assert one.startswith(
        "Expert One Booked at Los Angeles Harbor College: 12:45 PM – 2:30 PM. The way takes 1 hour 10"
    )
    assert two == "Expert Two"
    assert part_of(planner, experts="expert-one", time="15:55", rooms="").select(".error") == []


def pools_of(world):
    """Four projectors at Pasadena with 30 minutes of set-up, two interpreters anywhere, and carts at the harbor."""
    with world.app.app_context(), transaction():
        pasadena, harbor = (directory.get(Campus, slug) for slug in (PASADENA, HARBOR))
        builders.a_pool("projectors", quantity=4, on=pasadena, setup=30)
        builders.a_pool("asl", quantity=2, notice_days=60)
        builders.a_pool("harbor-hall", quantity=1, on=pasadena)  # called like the room
        builders.a_pool("carts", on=harbor)


def things(**wanted):
    return tuple(SaidEquipment(slug, quantity) for slug, quantity in wanted.items())


def test_of_a_pool_it_says_when_too_few_are_free_and_how_many_are(world, planner):
    pools_of(world)
    world.plan(builders.at("2027-02-10T09:00", 90), equipment=things(projectors=2), title="Morning")
    world.plan(builders.at("2027-02-10T10:00", 90), equipment=things(projectors=1), title="Later")
    part = part_of(planner, rooms="", time="09:30", **{"equipment-projectors": "2", "equipment-carts": "1"})
    (line,) = lines_of(part)
    # With set-up, two are taken from 8:30 on, and three from 9:30 to 10:30.
    assert line == "2 × Projectors 1 of 4 are free then. 1 of 4 free 9:30 AM – 10:30 AM"
    drawn = [one for one in rectangles_of(part.select_one("svg")) if one[0] != "wish"]
    assert drawn == [("part-too_few", "167", "66")]
    assert words_of(part.select_one("[role=status]")) == "1 of what you chose cannot be had then."
    (line,) = lines_of(part_of(planner, rooms="", time="09:30", **{"equipment-projectors": "1"}))
    assert line == "1 × Projectors At least 1 of 4 free all day"
    (line,) = lines_of(part_of(planner, rooms="", time="", **{"equipment-projectors": "3"}))
    assert line == "3 × Projectors 2 of 4 free 8:30 AM – 9:30 AM 1 of 4 free 9:30 AM – 10:30 AM"


def test_more_than_there_are_and_too_late_are_said_in_words(world, planner):
    pools_of(world)
    lines = lines_of(part_of(planner, **{"equipment-asl": "3", "equipment-harbor-hall": "1"}))
    assert lines == [
        "Harbor Hall",
        "3 × Asl 2 of 2 are free then. It must be asked for 60 days before. 30 days are left. 2 of 2 free all day",
        "1 × Harbor Hall At least 1 of 1 free all day",
    ]


def test_nonsense_for_equipment_or_heads_is_left_to_the_form(world, planner):
    pools_of(world)
    odd = {"equipment-projectors": "many", "equipment-nowhere": "2", "equipment-asl": "-1", "expected_heads": "ξ"}
    assert lines_of(part_of(planner, **odd)) == ["Harbor Hall"]
    assert "Choose a day" in words_of(part_of(planner, rooms="", **odd))


def test_a_room_that_is_too_small_says_so_even_without_a_start(world, planner):
    with world.app.app_context(), transaction():
        for slug, capacity in (("harbor-hall", 40), ("creveling-lounge", 50)):
            db.session.scalars(select(Room).where(Room.slug == slug)).one().capacity = capacity
    small = "Harbor Hall Too small: It seats 40, and 60 people are expected."
    for time in ("14:00", ""):
        assert lines_of(part_of(planner, time=time, expected_heads="60")) == [small]
    both = ["harbor-hall", "creveling-lounge"]
    assert part_of(planner, rooms=both, expected_heads="90").select(".error") == []
    assert len(part_of(planner, rooms=both, expected_heads="91").select(".error")) == 2


def test_who_joins_online_needs_no_way(world, planner):
    world.plan(builders.at("2027-02-10T13:00", 90), campus=HARBOR, experts=("expert-one",), title="At the harbor")
    wish = {"experts": "expert-one", "time": "15:00", "rooms": ""}
    assert part_of(planner, **wish).select(".error")
    assert part_of(planner, **wish, online_experts="expert-one").select(".error") == []


def test_a_time_before_the_hours_that_are_drawn_is_looked_at_all_the_same(world, planner):
    assert words_of(part_of(planner, time="03:00").select_one("[role=status]")).endswith("chose can be had then.")


def test_without_a_start_the_day_is_shown_and_without_a_day_it_is_asked_for(world, planner):
    world.plan(builders.at("2027-02-10T09:00", 90), rooms=("harbor-hall",), title="Morning")
    part = part_of(planner, time="")
    assert "choose a start" in words_of(part)
    assert "Morning" in words_of(part)
    assert not part.select(".wish")
    for nothing in ({"date": ""}, {"date": "2027-02-31"}, {"rooms": ""}, {"rooms": "nowhere"}, {"date": "9999-12-31"}):
        assert "Choose a day" in words_of(part_of(planner, **nothing))
    assert part_of(planner, duration_minutes="ξ").select(".wish") == []
    assert wishes_of(part_of(planner, lasts="days", days="1"))[0][1] == "1000"


def test_a_night_that_has_an_hour_twice_or_not_at_all_is_drawn(world, planner):
    assert part_of(planner, date="2027-11-07", time="01:30").select(".wish") == []  # before the first hour shown
    assert part_of(planner, date="2027-03-14", time="02:30").select(".wish") == []  # there is no such time
    assert wishes_of(part_of(planner, date="2027-11-07", time="08:00"))[0][0] == "67"


def test_it_is_in_the_form_after_a_check_and_nothing_is_reserved(world, planner):
    planner.get(FORM)
    assert "Choose a day" in words_of(planner.page.select_one("#the-day"))
    planner.submit("Check only", values={**WISH, "title": "Perhaps"})
    assert planner.page.select_one("#the-day .wish")
    part_of(planner)
    with world.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Reservation)) == 0


def test_only_planners_get_it_and_a_forged_form_does_not(world, visitor, admin):
    visitor.get("/sign-in")
    visitor.post("/plan/day", WISH)
    assert visitor.page.select_one("#the-day") is None
    assert admin.post("/plan/day", data=WISH).status_code == 400


def test_it_costs_the_same_queries_with_1_and_with_30_rooms_and_bookings(bare_app, world, planner):
    def more(first, last):
        slugs = []
        for number in range(first, last):
            with bare_app.app_context(), transaction():
                slugs.append(builders.a_room(on=directory.get(Campus, PASADENA)).slug)
            world.plan(builders.at("2027-02-10T14:30"), rooms=(slugs[-1],), title=f"Event {number}")
        return slugs

    def queries(rooms):
        planner.get(FORM)
        with counted(bare_app) as run:
            planner.post("/plan/day", {**WISH, "rooms": rooms})
        assert len(planner.page.select(".glance-lines > li")) == len(rooms)
        return len(run)

    rooms = more(0, 1)
    with_one = queries(rooms)
    rooms += more(1, 30)
    assert queries(rooms) == with_one <= 12
