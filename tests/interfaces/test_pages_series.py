"""Series on the pages: the form, the look at every date, the page of a series, and changes of several dates."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.events.models import Event, Series, Status
from tests.interfaces.browser import words_of
from tests.interfaces.pages import HARBOR, PASADENA


@pytest.fixture
def form(world, planner):
    """The form, begun at Pasadena."""
    planner.get("/plan/series")
    planner.submit("Go on", values={"campus": PASADENA})
    return planner


def wish(**more):
    values = {"title": "Careers every week", "date": "2027-02-10", "time": "14:00", "duration_minutes": "90"}
    return {**values, "count": "4", "rooms": ["creveling-lounge"], **more}


def count(app, table) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def dates(page) -> list[str]:
    return [words_of(one) for one in page.select(".dates > li")]


def block(planner, day: str) -> None:
    """Somebody else takes the lounge on that day."""
    planner.get(f"/plan?campus={PASADENA}")
    planner.submit("Plan", values={**wish(title="In the way", date=day), "count": ""})
    assert planner.status == 200


def test_the_form_of_an_event_goes_on_as_a_series_with_everything_typed(world, planner):
    planner.get(f"/plan?campus={PASADENA}")
    planner.post("/plan/series", {**wish(title="Typed before"), "campus": PASADENA, "act": "rooms"})
    assert planner.page.find("h1").string == "Plan a series"
    assert planner.page.select_one("input[name=title]")["value"] == "Typed before"
    assert planner.page.select_one("input[value=creveling-lounge]").has_attr("checked")


def test_a_look_shows_every_date_and_reserves_nothing(form, bare_app):
    page = form.submit("Check only", values=wish())
    assert "4 dates, and all are free" in form.text
    assert len(dates(page)) == 4
    assert "Wednesday, February 17, 2027" in dates(page)[1]
    assert count(bare_app, Event) == 0


def test_planning_all_leads_to_the_page_of_the_series_with_every_date(form, bare_app):
    form.submit("Plan all", values=wish(weekdays=["wednesday", "friday"]))
    assert "4 dates are planned." in form.text
    assert "Every week on Wednesday and Friday, 4 times" in form.text
    assert ["Friday, February 12, 2027" in date for date in dates(form.page)] == [False, True, False, False]
    assert (count(bare_app, Event), count(bare_app, Series)) == (4, 1)


def test_the_same_form_sent_twice_plans_once(form, bare_app):
    sent = form._filled(form.page.select_one("#planning")) | wish() | {"act": "plan"}
    form.post("/plan/series", sent)
    form.post("/plan/series", sent)
    assert "This was planned already: here it is." in form.text
    assert (count(bare_app, Event), count(bare_app, Series)) == (4, 1)


def test_a_no_names_the_date_and_the_rest_can_be_booked_and_the_missing_one_tried_again(world, planner, bare_app):
    block(planner, "2027-02-17")
    planner.get(f"/plan/series?campus={PASADENA}")
    page = planner.submit("Plan all", values=wish())
    assert planner.status == 409
    assert "1 date cannot be had" in planner.text
    (refused,) = [date for date in dates(page) if "is taken at that time" in date]
    assert "Wednesday, February 17, 2027" in refused
    assert "In the way" in refused
    assert count(bare_app, Series) == 0

    book = page.select_one("button[value=rest]")
    assert (words_of(book), book["form"]) == ("Book the rest: 3 dates", "planning")
    sent = planner._filled(page.select_one("#planning")) | {"act": "rest"}
    planner.post("/plan/series", sent)
    assert "3 dates are planned. 1 could not be had and can be tried again below." in planner.text
    planner.submit("Try again")
    assert planner.status == 409
    assert "is taken at that time" in planner.text
    with bare_app.app_context(), transaction():
        other = db.session.scalar(select(Event.public_id).where(Event.title == "In the way"))
    planner.get(f"/events/{other}")
    planner.submit("Withdraw this request")
    with bare_app.app_context():
        series = db.session.scalar(select(Series.public_id))
    planner.get(f"/series/{series}")
    planner.submit("Try again")
    assert "The date is planned now." in planner.text
    assert len(dates(planner.page)) == 4


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"count": ""}, "#f-count", "Say how many dates there are, or the last day."),
        ({"count": "10000"}, "#f-count", "The number of dates must be a whole number between 1 and 200."),
        ({"count": "many"}, "#f-count", "The number of dates must be a whole number between 1 and 200."),
        ({"ends": "until", "until": "2027-02-01"}, "#f-until", "The last day lies before the first date."),
        ({"ends": "until", "until": "2090-02-01"}, "#f-until", "Until that day there would be more than 200 dates."),
        ({"interval": "0"}, "#f-interval", "Every so many weeks or months: a whole number between 1 and 99."),
        (
            {"repeats": "dates", "dates": ["2027-02-01"]},
            "#f-dates",
            "One of the further days lies before the first day.",
        ),
        ({"title": ""}, "#f-title", "The title is missing."),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(form, more, field, words):
    form.submit("Check only", values=wish(**more))
    assert form.status == 422
    assert {link["href"]: words_of(link) for link in form.page.select(".refusal .errors a")}[field] == words
    assert form.page.select_one(field)


def test_a_campaign_asks_each_campus_for_its_room_and_hour(form, bare_app):
    form.submit("Show the rooms of these campuses", values=wish(repeats="campaign", stops=[PASADENA, HARBOR]))
    assert len(form.page.select(".stop")) == 2
    values = {"stop_rooms": ["creveling-lounge"], f"stop-time-{HARBOR}": "16:30"}
    form.submit("Plan all", values=values)
    assert "2 dates are planned." in form.text
    assert "A campaign of several stops" in form.text
    with bare_app.app_context():
        rows = db.session.scalars(select(Event).order_by(Event.starts_at))
        assert [(row.campus.slug, f"{row.starts_local:%H:%M}", [room.slug for room in row.rooms]) for row in rows] == [
            (PASADENA, "14:00", ["creveling-lounge"]),
            (HARBOR, "16:30", []),
        ]


def test_an_event_leads_to_its_series_and_the_others_follow_a_change(form, bare_app):
    form.submit("Plan all", values=wish())
    form.get(form.page.select(".dates a")[1]["href"])
    path = form.path
    assert form.page.select_one(".panel a[href^='/series/']").string == "Careers every week"
    others = form.page.select("section[aria-labelledby=e-others] a")
    assert len(others) == 3
    form.get(f"{path}/move")
    form.submit("Move", values={"date": "2027-02-18", "scope": "following"})
    form.get(f"{path}/edit")
    form.submit("Save the words", values={"title": "Careers on Thursdays", "scope": "following"})
    with bare_app.app_context():
        rows = db.session.scalars(select(Event).order_by(Event.starts_at)).all()
    assert [(str(row.starts_on), row.title) for row in rows] == [
        ("2027-02-10", "Careers every week"),
        ("2027-02-18", "Careers on Thursdays"),
        ("2027-02-25", "Careers on Thursdays"),
        ("2027-03-04", "Careers on Thursdays"),
    ]
    form.get(path)
    form.submit("Withdraw this request", values={"scope": "following"})
    with bare_app.app_context():
        statuses = db.session.scalars(select(Event.status).order_by(Event.starts_at)).all()
    assert statuses == [Status.REQUESTED, *[Status.WITHDRAWN] * 3]


def test_a_move_of_several_that_meets_a_clash_names_the_dates(form, planner, bare_app):
    block(planner, "2027-02-18")
    planner.get(f"/plan/series?campus={PASADENA}")
    planner.submit("Plan all", values=wish())
    first = planner.page.select(".dates a")[0]["href"]
    planner.get(f"{first}/move")
    page = planner.submit("Move", values={"date": "2027-02-11", "scope": "following"})
    assert planner.status == 409
    (named,) = dates(page)
    assert "Thursday, February 18, 2027" in named
    assert "In the way" in named


def test_all_dates_are_published_and_withdrawn_by_one_button_each(form, bare_app, public):
    form.submit("Plan all", values=wish())
    path = form.path
    form.submit("Publish all")
    assert len(public.get("/api/v1/events?from=2027-01-01T00:00:00Z").json["items"]) == 4
    form.submit("Withdraw all requests", values={"reason": "No speaker"})
    with bare_app.app_context():
        assert set(db.session.scalars(select(Event.status))) == {Status.WITHDRAWN}
    assert form.path == path
    assert form.page.select("details") == []


def test_series_are_listed_for_planners_only(form, public):
    form.submit("Plan all", values=wish())
    path = form.path
    form.get("/series")
    assert "Careers every week" in form.text
    assert "4 dates" in form.text
    assert public.get(path).status_code == 303


def test_it_leads_to_its_calendar_once_the_public_sees_a_date(form, public):
    form.submit("Plan all", values=wish())
    path = form.path
    assert form.page.select_one('a[href^="/calendars/series/"]') is None
    form.get(form.page.select(".dates a")[0]["href"])
    form.submit("Publish")
    page = form.get(path).select_one('a[href^="/calendars/series/"]')["href"]
    assert page == f"/calendars{path}"
    assert public.get(page).status_code == 200


def test_the_public_sees_the_other_published_dates_and_nothing_of_the_series(form, bare_app, public):
    form.submit("Plan all", values=wish())
    first = form.page.select(".dates a")[0]["href"]
    form.get(first)
    form.submit("Publish")
    page = public.get(first).get_data(as_text=True)
    assert "Other dates of this series" not in page
    assert 'href="/series/' not in page
