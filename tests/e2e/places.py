"""Every page of the service, by its route, and how a person comes to stand on it.

The list is held against the routes of the app: a new page without an entry fails a test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from eventsvc.interfaces.demo import answers
from eventsvc.interfaces.feeds import KINDS_OF_FEEDS
from tests.e2e.person import Person
from tests.e2e.world import PASADENA, World, today

# Of the demo: hosts and speakers who have been asked how many came and how it was, and have not said it, or have.
UNCOUNTED, COUNTED = "careers@wlac.example", "careers@elac.example"
UNANSWERED, ANSWERED = "gull@port.example", "osprey@port.example"

Way = Callable[[Person, World], object]


@dataclass(frozen=True, slots=True)
class Place:
    """One state of one page: its route, its name in the list of tests, who stands there, and the way."""

    rule: str
    name: str
    way: Way
    role: str = "student"
    status: int = 200
    says: str = ""  # words by which one knows that this is the state it is about
    has_own_language: bool = False  # a letter speaks that of whom it was written to, a frame that of its address
    is_very_long: bool = False  # axe takes half a minute for each width: the short form asks it less

    def __str__(self) -> str:
        return self.name


def _to(path: str) -> Way:
    return lambda person, world: person.go(path)


def _event(state: str, ending: str = "") -> Way:
    return lambda person, world: person.go(f"/events/{world.event(state)}{ending}")


def _mail(person: Person, world: World) -> None:
    person.go("/mail")
    person.page.locator("ol.waiting h2 a").first.click()


def _answer(state: str) -> Way:
    titles = {
        "proposed": "Proposed",
        "accepted": "Accepted",
        "cancelled": "Cancelled",
        "declined": "Turned down",
        "postponed": "Postponed",
    }

    def way(person: Person, world: World) -> None:
        world.event(state)
        # A letter is written in the expert's language, and so is the page that it leads to, unless one chooses.
        chosen = "" if person.language == "en" else f"?lang={person.language}"
        person.go(world.answer_path(f"{titles.get(state, 'Requested')}: careers at the port") + chosen)

    return way


def _past_proposed(person: Person, world: World) -> None:
    _answer("requested")(person, world)
    person.page.locator("details.otherwise summary").first.click()
    person.page.locator("#f-date_1").fill("2020-01-02")
    person.page.locator("#f-clock_1").fill("10:00")
    person.press("Propose these times")


def _week_asked(person: Person, world: World) -> None:
    found = json.loads(world.call(f"/api/v1/events/{world.event('requested')}"))
    person.go(f"/asked/{found['starts_on']}")


def _asked_for_nothing(person: Person, world: World) -> None:
    person.go("/requests/new")
    person.press("Ask")


_PORT, _DISTRICT = "/offices/port-outreach", "/offices/laccd-workforce"
_IMPORTS = "/offices/pcc-career-center/imports"
_ASKING = "/organizations/port-of-los-angeles/asking"


def _partners_board(person: Person, world: World) -> None:
    world.request()
    person.go(f"{_PORT}/requests")


def _offered(person: Person, world: World) -> None:
    world.offered()
    person.go(f"{_PORT}/dates")


def _offered_nothing(person: Person, world: World) -> None:
    person.go(f"{_PORT}/dates")
    person.press("Offer these dates")


def _opened_nothing(person: Person, world: World) -> None:
    person.go(f"{_PORT}/rounds")
    person.press("Open the round")


def _asked_too_soon(person: Person, world: World) -> None:
    person.go(_ASKING)
    person.field("Ask the next of the line-up after so many working days").fill("1")
    person.press("Save")


def _offered_date(person: Person, world: World) -> None:
    person.go(f"/offered-dates/{world.offered()}")


def _claimed_for_many(person: Person, world: World) -> None:
    _offered_date(person, world)
    person.page.locator("#f-expected_heads").fill("1000000")
    person.press("Claim this date")


def _our_round(person: Person, world: World) -> None:
    person.go(f"/rounds/{world.round()}/ours")


def _nobody_approved(person: Person, world: World) -> None:
    person.go(f"/employers/{PASADENA}")
    person.press("Approve", within=person.page.locator("form.form"))


def _nobody_ticked(person: Person, world: World) -> None:
    _week_asked(person, world)
    person.press("They come")


def _by_letter(page: str, to: str) -> Way:
    """A page that takes the link of a letter of the demo; in the language of whom it was written to, unless chosen."""
    return lambda person, world: person.go(world.path_in_letter(page, to) + f"?lang={person.language}")


def _of_the_demo(title: str, ending: str = "") -> Way:
    return lambda person, world: person.go(f"/events/{world.of_the_demo(title)}{ending}")


def _no_number(person: Person, world: World) -> None:
    _by_letter("count", UNCOUNTED)(person, world)
    person.field("How many came?").fill("")
    person.press("Keep the number")


def _unreleased_week(person: Person, world: World) -> None:
    found = json.loads(world.call(f"/api/v1/events/{world.of_the_demo(answers.TO_RELEASE[0][0])}"))
    person.go(f"/asked/{found['starts_on']}")


def _season(person: Person, world: World) -> None:
    world.event("requested")
    person.go(world.season_path() + f"?lang={person.language}")


def _season_calendars(person: Person, world: World) -> None:
    world.event("requested")
    person.go(world.season_path() + f"/calendars?lang={person.language}")
    if not person.page.locator("input[type=url]").count():
        person.field("Who or what is it for?").fill("my telephone")
        person.press("Make the address")
        person.go(world.season_path() + f"/calendars?lang={person.language}")


def _season_letters(person: Person, world: World) -> None:
    world.event("requested")
    person.go(world.season_path() + f"/letters?lang={person.language}")


def _private_calendar(person: Person, world: World) -> None:
    person.go("/offices/pcc-career-center/calendars")
    person.field("Who or what is it for?").fill("my telephone")
    person.press("Make the address")


def _webhook(person: Person, world: World) -> None:
    person.go("/offices/pcc-career-center/webhooks")
    person.field("Address").fill("https://127.0.0.1/hooks")
    person.page.locator("input[name=kinds]").first.check()
    person.press("Make the webhook")


def _room_asked(person: Person, world: World) -> None:
    world.event("asks_for_a_room")
    # The page is in the language of the office, unless one chooses.
    person.go(world.room_answer_path() + f"?lang={person.language}")


def _expired(person: Person, world: World) -> None:
    person.go(world.oldest_answer_path("osprey@port.example") + f"?lang={person.language}")


def _over(person: Person, world: World) -> None:
    """A link that outlives its event: the clock of the event ran, the link was made for later."""
    path = world.made_to_last(world.oldest_answer_path("osprey@port.example"))
    person.go(path + f"?lang={person.language}")


def _nothing_left_of_the_title(person: Person, world: World) -> None:
    person.go(f"/events/{world.event('requested')}/edit")
    person.field("Title").fill("")
    person.press("Save the words")


def _asked_to_sign_in(person: Person, world: World) -> str:
    """Returns the address to which the letter goes."""
    email = world.an_account()
    person.go("/sign-in")
    person.field("E-mail address").fill(email)
    person.press("Send me the letter")
    return email


def _wrong_code(person: Person, world: World) -> None:
    code, _ = world.sign_in_keys(_asked_to_sign_in(person, world))
    person.field("Code").fill("000000" if code != "000000" else "000001")
    person.press("Sign in")


def _sign_in_link(person: Person, world: World) -> None:
    _, link = world.sign_in_keys(_asked_to_sign_in(person, world))
    # The page is in the language of the account, unless one chooses.
    person.go(link + f"?lang={person.language}")


def _account(person: Person, world: World) -> None:
    """Signed in by the code of the letter, with a token for a program."""
    code, _ = world.sign_in_keys(_asked_to_sign_in(person, world))
    person.field("Code").fill(code)
    person.press("Sign in")
    person.go("/account")
    person.field("What is it for?").fill("A web site")
    person.page.get_by_role("checkbox").first.check()
    person.press("Make a token")


def _own_letters(person: Person, world: World) -> None:
    code, _ = world.sign_in_keys(_asked_to_sign_in(person, world))
    person.field("Code").fill(code)
    person.press("Sign in")
    person.go("/account/letters")


def _handed_to_nobody(person: Person, world: World) -> None:
    person.go("/hand-over")
    person.field("Who hands over").fill("nobody@pcc.example")
    person.field("Who takes over").fill("planner@pcc.example")
    person.press("Show what would happen")


def _inside_subscribed(person: Person, world: World) -> None:
    person.go(_IMPORTS)
    person.field("Address").fill("https://10.0.0.1/a.ics")
    person.press("Subscribe to the address")


def _nobody_let_in(person: Person, world: World) -> None:
    person.go("/people")
    person.field("E-mail address").fill("new@pcc.example")
    person.page.locator("#f-name").fill("New Example")
    person.press("Let in, and send the letter")


def _a_colleague(person: Person, world: World) -> None:
    person.go("/people?q=planner@pcc.example")
    person.act(person.page.locator(".people h2 a").first.click)


def _wrong_sign_in(person: Person, world: World) -> None:
    person.go("/sign-in")
    person.field("Token").fill("not the token")
    person.press("Sign in")


def _wrong_password(person: Person, world: World) -> None:
    person.go("/sign-in")
    person.field("Administrator’s e-mail address").fill("nobody@pcc.example")
    person.field("Password").fill("not the password")
    person.press("Sign in by password")


def _refused_walk(person: Person, world: World) -> None:
    """The demo's own first walk: two reasons stand against it."""
    person.go("/demo")
    person.press("Open the filled form")
    person.press("Plan")


def _no_reason(person: Person, world: World) -> None:
    person.go("/privacy")
    person.field("Reason").fill(" ")
    person.press("Place a legal hold")


def _free_plan(person: Person, world: World) -> None:
    person.go(f"/plan?campus={PASADENA}&title=Free&date={world.a_day()}&time=10:00&duration_minutes=60&lasts=hours")
    person.press("Check only")


def _checked_series(person: Person, world: World) -> None:
    """Three dates that nothing stands against, as they are shown before anything is reserved."""
    query = f"campus={PASADENA}&title=Weekly&date={world.a_day()}&time=10:00&duration_minutes=60&lasts=hours&count=3"
    person.go(f"/plan/series?{query}")
    person.press("Check only")


def _series(person: Person, world: World) -> None:
    person.go(f"/series/{world.series()}")


def _nothing_filled(person: Person, world: World) -> None:
    person.go(f"/plan?campus={PASADENA}")
    person.press("Plan")


def _letter(person: Person, world: World) -> None:
    person.go(world.newest_letter())


def _college_again(person: Person, world: World) -> None:
    person.go("/setup/new")
    person.field("Name of the college").fill("Pasadena City College")
    person.field("Mailbox of the office").fill("careers@pcc.example")
    person.press("Save and go on")


def _test_letter(person: Person, world: World) -> None:
    person.go(f"/setup/{PASADENA}/sender")
    person.field("Send it to").fill("planner@pcc.example")
    person.press("Send a test letter")


def _wrong_step(person: Person, world: World) -> None:
    """A form that was tampered with: the token is taken out of it."""
    person.go("/sign-in")
    person.page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(one => one.remove())")
    person.field("Token").fill("anything")
    person.press("Sign in")


PLACES = [
    Place("/", "list", _to("/")),
    Place("/", "list of one campus", _to(f"/?campus={PASADENA}")),
    Place("/", "list with nothing in it", _to("/?campus=pasadena-city-college&kind=site_visit")),
    Place("/", "list, planner", _to("/"), role="planner"),
    Place("/month/<month>", "month", lambda person, world: person.go(f"/month/{today():%Y-%m}")),
    Place("/month/<month>", "month with nothing in it", _to("/month/2090-01")),
    Place("/week/<day>", "week", lambda person, world: person.go(f"/week/{today()}")),
    Place("/week/<day>", "week with nothing in it", _to("/week/2090-01-02")),
    *(
        Place("/events/<event_id>", f"event, {state}", _event(state))
        for state in ("requested", "confirmed", "cancelled", "postponed", "all_day", "online")
    ),
    *(
        Place("/events/<event_id>", f"event, {state}, planner", _event(state), role="planner")
        for state in ("requested", "proposed", "confirmed", "cancelled", "postponed")
    ),
    Place("/search", "search, nothing asked", _to("/search")),
    Place("/search", "search, found", _to("/search?q=port")),
    Place("/search", "search, nothing found", _to("/search?q=zebra")),
    Place("/search", "search, planner", _to("/search?q=p"), role="planner"),
    Place("/board", "board, where", _to("/board")),
    Place("/board", "board of a day, visitor", _to(f"/board?campus={PASADENA}")),
    Place("/board", "board of a day", lambda p, w: p.go(f"/board?campus={PASADENA}&day={w.a_day()}"), role="planner"),
    Place("/board", "board of a week", lambda p, w: p.go(f"/board?campus={PASADENA}&week={today()}"), role="planner"),
    Place("/experts/<slug>/week", "week of an expert", _to("/experts/pelican-example/week"), role="planner"),
    Place("/calendars", "calendars", _to("/calendars")),
    Place("/calendars/all", "subscribe to all", _to("/calendars/all")),
    Place("/calendars/combine", "calendars together", _to(f"/calendars/combine?campus={PASADENA}&q=a")),
    Place(
        f"/calendars/<any({','.join(KINDS_OF_FEEDS)}):of>/<word>",
        "subscribe to a campus",
        _to(f"/calendars/campus/{PASADENA}"),
    ),
    Place("/calendars/statistics", "how calendars are fetched", _to("/calendars/statistics"), role="planner"),
    Place("/embed/all", "frame with all events", _to("/embed/all"), has_own_language=True),
    Place(
        f"/embed/<any({','.join(KINDS_OF_FEEDS)}):of>/<word:word>",
        "frame of a campus",
        _to(f"/embed/campus/{PASADENA}"),
        has_own_language=True,
    ),
    Place(
        f"/calendars/<any({','.join(KINDS_OF_FEEDS)}):of>/<word>",
        "subscribe to a kind",
        _to("/calendars/kind/workshop"),
    ),
    Place("/plan", "plan, where", _to("/plan"), role="planner"),
    Place("/plan", "plan, empty", _to(f"/plan?campus={PASADENA}"), role="planner"),
    Place("/plan", "plan, nothing filled", _nothing_filled, role="planner", status=422),
    Place(
        "/plan", "plan, refused", _refused_walk, role="planner", status=409, says="This cannot be planned as it stands"
    ),
    Place("/plan", "plan, free", _free_plan, role="planner", says="Everything is free"),
    Place("/plan/series", "series, where", _to("/plan/series"), role="planner"),
    Place("/plan/series", "series, empty", _to(f"/plan/series?campus={PASADENA}"), role="planner"),
    Place(
        "/plan/series",
        "series, a campaign",
        _to(f"/plan/series?campus={PASADENA}&repeats=campaign&stops={PASADENA}"),
        role="planner",
    ),
    Place("/plan/series", "series, free", _checked_series, role="planner", says="3 dates, and all are free"),
    Place("/series", "all series", _to("/series"), role="planner"),
    Place("/series/<series_id>", "a series that lacks a date", _series, role="planner", says="1 date could not be had"),
    Place("/events/<event_id>/move", "move", _event("requested", "/move"), role="planner"),
    Place("/events/<event_id>/edit", "edit", _event("requested", "/edit"), role="planner"),
    Place("/events/<event_id>/edit", "edit, refused", _nothing_left_of_the_title, role="planner", status=422),
    Place("/answer/<token>", "answer, open", _answer("requested")),
    Place("/season/<token>", "an expert’s season", _season),
    Place("/season/<token>/calendars", "an expert’s private calendars", _season_calendars, says="my telephone"),
    Place("/season/<token>/letters", "an expert’s letters", _season_letters, says="Kinds that come"),
    Place("/season/<token>", "an expert’s season, cut off", _to("/season/cut-o"), status=404),
    Place("/answer/<token>", "answer, accepted", _answer("accepted")),
    Place("/answer/<token>", "answer, other times proposed", _answer("proposed"), says="What you proposed"),
    Place("/answer/<token>", "answer, a time that is past", _past_proposed, status=422),
    Place("/answer/<token>", "answer, declined", _answer("declined")),
    Place("/answer/<token>", "answer, cancelled", _answer("cancelled"), says="This event does not take place"),
    Place("/answer/<token>", "answer, postponed", _answer("postponed"), says="This event is postponed"),
    Place("/answer/<token>", "answer, over", _over, says="This event is over"),
    Place("/answer/<token>", "answer, expired", _expired, status=410, says="The time for this link is over"),
    Place("/answer/<token>", "answer, cut off", _to("/answer/cut-o"), status=404),
    Place("/room-answer/<token>", "a room's office, asked", _room_asked, says="College Theater"),
    Place("/room-answer/<token>", "a room's office, cut off", _to("/room-answer/cut-o"), status=404),
    Place("/events/<event_id>", "event that asks for a room, planner", _event("asks_for_a_room"), role="planner"),
    Place("/sign-in", "sign-in", _to("/sign-in")),
    Place("/sign-in", "sign-in, wrong", _wrong_sign_in, status=401, says="This is not the administrator’s token"),
    Place("/sign-in", "sign-in, wrong password", _wrong_password, status=401, says="let nobody in"),
    Place(
        "/sign-in/with/<provider>/back",
        "back from elsewhere, too late",
        _to("/sign-in/with/pcc/back?state=none"),
        status=410,
        says="Signing in with Pasadena City College did not work",
    ),
    Place("/signed-out/<provider>", "signed out, and perhaps not elsewhere", _to("/signed-out/pcc")),
    Place("/sign-in/code", "sign-in, code", _asked_to_sign_in),
    Place("/sign-in/code", "sign-in, wrong code", _wrong_code, status=401),
    Place("/sign-in/<token>", "sign-in, link", _sign_in_link, says="Planner Example"),
    Place(
        "/<any(experts,rooms,offices):kind>/<slug>/calendars",
        "private calendars",
        _to("/experts/pelican-example/calendars"),
        role="planner",
    ),
    Place("/private-calendars/<calendar_id>", "a private calendar", _private_calendar, role="planner"),
    Place("/offices/<slug>/webhooks", "webhooks", _to("/offices/pcc-career-center/webhooks"), role="planner"),
    Place("/webhooks", "webhooks, of everything", _to("/webhooks"), role="planner"),
    Place("/webhooks/<webhook_id>", "a webhook", _webhook, role="planner", says="whsec_"),
    Place("/account", "account, with a new token", _account, says="evt_"),
    Place("/account/letters", "letters to oneself", _own_letters, says="Letters that you get"),
    Place("/offices/<slug>/letters", "letters to an office", _to("/offices/pcc-career-center/letters"), role="planner"),
    Place("/hand-over", "hand over", _to("/hand-over"), role="planner"),
    Place("/hand-over", "hand over, to nobody known", _handed_to_nobody, role="planner", status=404),
    Place("/absences", "who is away", _to("/absences"), role="planner"),
    Place("/missing", "where somebody is missing", _to("/missing"), role="planner"),
    Place("/home", "desk of a planner", _to("/home"), role="planner"),
    Place("/count/<token>", "how many came", _by_letter("count", UNCOUNTED), says="One number"),
    Place("/count/<token>", "how many came, no number", _no_number, status=422),
    Place("/count/<token>", "how many came, kept", _by_letter("count", COUNTED), says="the number is kept"),
    Place("/feedback/<token>", "two questions", _by_letter("feedback", UNANSWERED), says="How well was it prepared"),
    Place("/feedback/<token>", "two questions, answered", _by_letter("feedback", ANSWERED), says="It is kept"),
    Place(
        "/unsubscribe/<token>", "letters chosen", _by_letter("unsubscribe", UNANSWERED), says="You get these letters"
    ),
    Place("/unsubscribe/<token>", "letters chosen, cut off", _to("/unsubscribe/cut-o"), status=404),
    Place("/count/<token>", "how many came, cut off", _to("/count/cut-o"), status=404),
    Place("/feedback/<token>", "two questions, cut off", _to("/feedback/cut-o"), status=404),
    Place("/events/<event_id>/count", "how many came, planner", _event("requested", "/count"), role="planner"),
    Place(
        "/events/<event_id>/count",
        "how many came, counted, planner",
        _of_the_demo(answers.COUNTED[0].title, "/count"),
        role="planner",
        says=answers.COUNTED[0].title,
    ),
    Place(
        "/events/<event_id>",
        "event that was counted, planner",
        _of_the_demo(answers.COUNTED[0].title),
        role="planner",
        says="41",
    ),
    *(
        Place("/events/<event_id>", f"event, {name}, planner", _of_the_demo(title), role="planner", says=says)
        for name, title, says in (
            ("with an understudy", answers.UNDERSTUDIED, "the time is held softly"),
            ("after a no", answers.DECLINED, "I am at a conference that week."),
            ("after silence", answers.PASSED_OVER, "has not answered for too long"),
            ("of the past that nobody counted", answers.MISSING, "missing"),
            ("before a release", answers.TO_RELEASE[0][0], "was not asked yet"),
        )
    ),
    Place("/mail", "mail to decide about", _to("/mail"), role="planner", says="Counts as yes of"),
    Place("/mail/<mail_id>", "one mail", _mail, role="planner", says="What the calendar program said"),
    Place("/mail/clients", "programs people answer by", _to("/mail/clients"), role="planner"),
    Place("/events/<event_id>/mail", "mail about an event", _event("requested", "/mail"), role="planner"),
    Place("/register", "engagement register", _to("/register"), role="planner"),
    Place("/register", "engagement register, refused", _to("/register?by=day"), role="planner", status=422),
    Place("/register/behind", "behind a number", _to("/register/behind?number=asked"), role="planner"),
    Place("/door/<token>", "door, cut off", _to("/door/cut-o"), status=404),
    Place("/people", "people", _to("/people"), role="planner"),
    Place("/people", "people, nobody like that", _to("/people?q=zebra"), role="planner", says="Nobody like that"),
    Place("/people", "people, refused", _nobody_let_in, role="planner", status=422),
    Place("/people/<account_id>", "a colleague", _a_colleague, role="planner", says="planner@pcc.example"),
    Place("/sign-in", "sign-in, form without its token", _wrong_step, status=400),
    Place("/docs/api", "the API", _to("/docs/api"), says="How to get a token", is_very_long=True),
    Place("/problems/<slug>", "problem kind", _to("/problems/slot-taken")),
    Place("/problems/<slug>", "problem, no such kind", _to("/problems/none"), status=404),
    Place("/", "no such page", _to("/nowhere"), status=404, says="There is no page at this address"),
    Place("/sign-in", "no such method", _to("/sign-out"), status=405),
    Place("/demo", "demo start", _to("/demo"), says="From a wish to a person who comes"),
    Place("/setup", "colleges to set up", _to("/setup"), role="planner"),
    Place("/setup/new", "a new college", _to("/setup/new"), role="planner"),
    Place("/setup/new", "a new college, refused", _college_again, role="planner", status=422),
    Place("/setup/<slug>", "steps of a college", _to(f"/setup/{PASADENA}"), role="planner"),
    Place("/setup/<slug>/ready", "what a college lacks", _to(f"/setup/{PASADENA}/ready"), role="planner"),
    *(
        Place("/setup/<slug>/<step>", f"setting up, {step}", _to(f"/setup/{PASADENA}/{step}"), role="planner")
        for step in ("office", "campus", "rooms", "expert", "sender", "colleague", "feed")
    ),
    Place("/setup/<slug>/<step>", "setting up, test letter", _test_letter, role="planner", says="What became of it"),
    Place("/asked", "this week of our people", _to("/asked"), role="planner"),
    Place("/asked/<day>", "a week to release", _unreleased_week, role="planner", says="To be released"),
    Place("/asked/<day>", "a week of our people", _week_asked, role="planner", says="Not answered yet"),
    Place("/asked/<day>", "a week of our people, nobody ticked", _nobody_ticked, role="planner", status=422),
    Place("/asked/<day>", "a week of our people, empty", _to("/asked/2090-01-01"), role="planner"),
    Place(
        "/requests/<request_id>",
        "a request",
        lambda person, world: person.go(f"/requests/{world.request()}"),
        role="planner",
        says="Careers at the port",
    ),
    Place("/requests/new", "asking a partner", _to("/requests/new"), role="planner"),
    Place("/requests/new", "asking a partner, refused", _asked_for_nothing, role="planner", status=422),
    Place("/requests/mine", "our requests", _to("/requests/mine"), role="planner", says="Our requests"),
    Place("/requests/mine", "our answered requests", _to("/requests/mine?show=answered"), role="planner"),
    Place("/requests/board", "boards of partners", _to("/requests/board"), role="planner", says="Requests to us"),
    Place("/offices/<slug>/requests", "a partner’s board", _partners_board, role="planner", says="Who could go"),
    Place("/offices/<slug>/requests", "a board where nothing waits", _to(f"{_DISTRICT}/requests"), role="planner"),
    Place("/offices/<slug>/dates", "dates that a partner offers", _offered, role="planner", says="Can be claimed"),
    Place("/offices/<slug>/dates", "dates, nothing typed", _offered_nothing, role="planner", status=422),
    Place("/offices/<slug>/dates", "dates, none offered", _to(f"{_DISTRICT}/dates?show=all"), role="planner"),
    Place("/offices/<slug>/rounds", "rounds of a partner", _to(f"{_PORT}/rounds"), role="planner"),
    Place("/offices/<slug>/rounds", "rounds, nothing typed", _opened_nothing, role="planner", status=422),
    Place(
        "/offices/<slug>/rounds/<round_id>",
        "a round and its ranking",
        lambda person, world: person.go(f"{_PORT}/rounds/{world.round()}"),
        role="planner",
        says="The ranking as it stands now",
    ),
    Place("/organizations/<slug>/asking", "how people are asked", _to(_ASKING), role="planner"),
    Place("/organizations/<slug>/asking", "how people are asked, refused", _asked_too_soon, role="planner", status=422),
    Place("/offered-dates", "offered dates", _to("/offered-dates"), role="planner", says="Offered dates"),
    Place("/offered-dates/<offer_id>", "claim a date", _offered_date, role="planner", says="For whom you claim it"),
    Place("/offered-dates/<offer_id>", "claim a date, refused", _claimed_for_many, role="planner", status=422),
    Place("/rounds/<round_id>/ours", "our round", _our_round, role="planner", says="Ask in this round"),
    Place("/employers", "employers", _to("/employers"), role="planner"),
    Place("/employers/<slug>", "employers of a college", _to(f"/employers/{PASADENA}"), role="planner"),
    Place("/employers/<slug>", "employers, nobody chosen", _nobody_approved, role="planner", status=422),
    Place("/requests", "open requests", _to("/requests"), role="planner"),
    Place("/audit", "who did what", _to("/audit"), role="planner"),
    Place("/audit/verified", "was the log altered", _to("/audit/verified"), role="planner"),
    Place("/privacy-notice", "what is kept of people", _to("/privacy-notice")),
    Place("/privacy", "privacy", _to("/privacy"), role="planner"),
    Place("/privacy", "privacy, refused", _no_reason, role="planner", status=422),
    Place(
        "/offices/<slug>/take-out", "take everything out", _to("/offices/pcc-career-center/take-out"), role="planner"
    ),
    Place("/doctor", "is everything in order", _to("/doctor"), role="planner"),
    Place("/outside-calendars", "outside calendars", _to("/outside-calendars"), role="planner"),
    Place("/reminders", "reminders that were missed", _to("/reminders"), role="planner"),
    Place("/reminders/rules", "rules of reminders", _to("/reminders/rules"), role="planner"),
    Place(
        "/organizations/<slug>/reminders",
        "rules of a college's readers",
        _to(f"/organizations/{PASADENA}/reminders"),
        role="planner",
    ),
    Place("/events/<event_id>/reminders", "reminders of an event", _event("confirmed", "/reminders"), role="planner"),
    Place("/events/<event_id>", "event, changed late", _event("changed_late"), role="planner"),
    Place("/events/<event_id>/reached", "who has been reached", _event("changed_late", "/reached"), role="planner"),
    Place("/events/<event_id>/sign", "a sign for the door", _event("changed_late", "/sign"), role="planner"),
    Place("/pairings", "whose pairings", _to("/pairings"), role="planner"),
    Place(
        "/organizations/<slug>/pairings",
        "pairings of a college",
        _to(f"/organizations/{PASADENA}/pairings"),
        role="planner",
    ),
    Place("/imports", "whose calendars of other systems", _to("/imports"), role="planner"),
    Place("/offices/<slug>/imports", "calendars of other systems", _to(_IMPORTS), role="planner"),
    Place("/offices/<slug>/imports", "a subscription that cannot be", _inside_subscribed, role="planner", status=422),
    Place("/design", "component sheet", _to("/design")),
    Place("/outbox", "inbox", _to("/outbox")),
    Place("/outbox/paused", "delivery", _to("/outbox/paused"), role="planner"),
    Place("/outbox/state", "how delivery stands", _to("/outbox/state"), role="planner"),
    Place("/outbox", "inbox of nobody", _to("/outbox?to=nobody")),
    Place("/outbox/<message_id>", "letter", _letter),
    Place("/offices/<slug>/monday", "Monday letter", _to("/offices/pcc-career-center/monday"), role="planner"),
    Place(
        "/offices/<slug>/monday/html",
        "Monday letter, its own HTML",
        _to("/offices/pcc-career-center/monday/html"),
        role="planner",
        has_own_language=True,
    ),
    Place("/letters", "samples of letters", _to("/letters"), role="planner"),
    Place("/letters/<name>/<language>", "sample of a letter", _to("/letters/thanks/es"), role="planner"),
    Place(
        "/letters/<name>/<language>/html",
        "sample of a letter, its own HTML",
        _to("/letters/thanks/en/html"),
        role="planner",
        has_own_language=True,
    ),
    Place("/letters/<name>/<language>", "no such sample", _to("/letters/x/es"), role="planner", status=404),
    Place(
        "/outbox/<message_id>/html",
        "letter, its own HTML",
        lambda person, world: person.go(world.newest_letter() + "/html"),
        has_own_language=True,
    ),
]


def place(name: str) -> Place:
    """The place of that name."""
    return next(one for one in PLACES if one.name == name)
