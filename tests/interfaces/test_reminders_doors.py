"""Reminders at the doors: rules, quiet hours, the preview of an event and what was missed; pages, JSON and command."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import plan_event
from tests import builders, databases
from tests.conftest import NOW
from tests.interfaces.browser import Browser, words_of
from tests.stories.test_hand_over import ANA, ROOMS, house, signed_in

__all__ = ["house"]
RULES, QUIET = "/api/v1/reminders/rules", "/api/v1/reminders/quiet-hours"
FIRST = {"If-None-Match": "*"}


@pytest.fixture
def event_id(bare_app, still):
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("valley", of=builders.an_organization("college"))
        plan = builders.a_plan(campus, experts=[builders.an_expert("ada")])
        return str(plan_event.plan_event(plan, actor=ADMINISTRATOR, now=NOW).public_id)


def test_rules_of_an_event_are_said_shown_and_taken_back(event_id, admin):
    mine = f"{RULES}/host?event={event_id}"
    before = admin.get(mine)
    assert (before.json["is_own"], before.json["version"]) == (False, 0)
    one_morning = {"rules": [{"days": 1, "at": "08:00"}]}
    said = admin.put(mine, json=one_morning, headers=FIRST)
    assert (said.status_code, said.json["is_own"], said.json["rules"][0]["at"]) == (200, True, "08:00")
    preview = admin.get(f"/api/v1/events/{event_id}/reminders").json["items"]
    assert [line["due_local"] for line in preview if line["audience"] == "host"] == ["2027-02-09T08:00"]
    assert admin.put(mine, json=one_morning, headers=FIRST).status_code == 412
    assert admin.put(mine, json=one_morning).status_code == 428
    back = admin.put(mine, json={"rules": None}, headers={"If-Match": said.headers["ETag"]})
    assert back.json["rules"] == before.json["rules"]


def test_a_dry_run_changes_nothing(event_id, admin):
    mine = f"{RULES}/host?event={event_id}"
    assert admin.put(f"{mine}&dry_run=true", json={"rules": []}, headers=FIRST).json["rules"] == []
    assert admin.get(mine).json["version"] == 0


@pytest.mark.parametrize(
    ("address", "body", "status", "field"),
    [
        (f"{RULES}/host", {"rules": [{"minutes": 5, "days": 1, "at": "08:00"}]}, 422, "rules[0].minutes"),
        (f"{RULES}/host", {"rules": [{"days": 1, "at": "8"}]}, 422, "rules[0].at"),
        (f"{RULES}/host", {"rules": [{"days": 1, "at": "24:00"}]}, 422, "rules[0].at"),
        (f"{RULES}/host", {"rules": "no"}, 422, "rules"),
        (f"{RULES}/host", {}, 422, "rules"),
        (f"{RULES}/host?kind=ball", {"rules": []}, 422, "kind"),
        (f"{RULES}/nobody", {"rules": []}, 404, None),
        (f"{RULES}/host?organization=nowhere", {"rules": []}, 404, None),
        (f"{RULES}/host?event=nowhere", {"rules": []}, 404, None),
        (QUIET, {"from": "21:00", "until": "25:00"}, 422, "until"),
        (f"{QUIET}?office=nowhere", {"from": "21:00", "until": "07:00"}, 404, None),
    ],
)
def test_what_cannot_be_is_refused_by_name(app, admin, address, body, status, field):
    answer = admin.put(address, json=body, headers={"If-Match": "*"})
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    if field:
        assert answer.json["errors"][0]["field"] == field


def test_strangers_learn_nothing(event_id, public):
    for address in ("/api/v1/reminders", RULES, QUIET, f"/api/v1/events/{event_id}/reminders"):
        assert public.get(address).status_code == 401
    for page in ("/reminders", "/reminders/rules", "/organizations/college/reminders", f"/events/{event_id}/reminders"):
        assert public.get(page).status_code == 303


def test_quiet_hours_are_kept_and_shown(event_id, admin):
    everybody = admin.get(QUIET)
    assert everybody.json == {"office": None, "is_own": True, "from": "21:00", "until": "07:00"}
    changed = admin.put(
        QUIET, json={"from": "22:00", "until": "06:30"}, headers={"If-Match": everybody.headers["ETag"]}
    )
    assert changed.json["from"] == "22:00"


def test_a_page_says_rules_row_by_row(event_id, planner):
    page = f"/events/{event_id}/reminders"
    planner.get(page)
    assert "Rules for this event alone" in planner.text
    row = {"amount-host-0": "2", "unit-host-0": "start:hours", "condition-host-0": "always", "channel-host-0": "mail"}
    planner.post(page, {"act": "save:host", "version": "0", **row})
    assert "2 hours before the start, always, by mail" in planner.text
    for typed, wrong in {
        "x": "Rule 1 (The office in charge), Number: must be a whole number such as 2",
        "-5": "Rule 1 (The office in charge), Number: must be a whole number such as 2",
        "0": "Rule 1 (The office in charge), Number: must be from 1 to 129600",
    }.items():
        planner.post(page, {"act": "save:host", "version": "1", **row, "amount-host-0": typed})
        assert (planner.status, wrong in planner.text) == (422, True)
    twice = {name.replace("-0", "-2"): value for name, value in row.items()}  # a row between them is empty
    planner.post(page, {"act": "save:host", "version": "1", **row, **twice})
    assert (planner.status, "Rule 3 (The office in charge), Number: is said twice" in planner.text) == (422, True)
    planner.post(page, {"act": "general:host", "version": "1"})
    assert planner.text.count("These rules are said here") == 0


@pytest.mark.parametrize("page", ["/reminders/rules", "/organizations/college/reminders"])
def test_pages_of_rules_keep_rules_and_quiet_hours(event_id, planner, page):
    row = {"amount-expert-0": "1", "unit-expert-0": "start:clock", "at-expert-0": "08:30"}
    row |= {"condition-expert-0": "always", "channel-expert-0": "both", "act": "save:expert"}
    planner.get(f"{page}?kind=workshop")
    planner.post(f"{page}?kind=workshop", {"version": "0", **row})
    assert "1 day before, at 8:30 AM, always, by mail and webhook" in planner.text
    planner.post(page, {"act": "nonsense"})
    assert planner.status == 422
    planner.get(page)
    slug = planner.page.select_one("button[value^='quiet:']")["value"].removeprefix("quiet:")
    hours = {f"from-{slug}": "20:00", f"until-{slug}": "06:00", "act": f"quiet:{slug}"}
    planner.post(page, {**hours, "version": "0" if slug else "1"})
    assert planner.page.select_one(f"input[name='from-{slug}']")["value"] == "20:00"


def test_the_audit_log_names_whose_rules_were_changed_in_the_readers_words(event_id, admin, planner):
    now = admin.get(f"{RULES}/expert")
    said = {"json": {"rules": now.json["rules"][:1]}, "headers": {"If-Match": now.headers["ETag"]}}
    assert admin.put(f"{RULES}/expert", **said).status_code == 200
    for language, words in {"en": "The whole service Who comes", "es": "Todo el servicio Quién asiste"}.items():
        planner.get(f"/audit?kind=service&lang={language}")
        assert words in words_of(planner.page.select_one("main .box h2"))
        assert planner.page.select_one("main .box h2 a[href^='/reminders/rules']")


def test_the_list_shows_states(event_id, planner, admin):
    planner.get("/reminders")
    assert "There is none." in planner.text
    planner.get("/reminders?state=planned")
    assert "Careers at the port" in planner.text
    items = admin.get("/api/v1/reminders?state=planned&limit=1").json
    assert [one["recipient"] for one in items["items"]] == ["office"]


def test_commands_say_and_show_the_same(event_id, database_url):
    def command(*words: str) -> str:
        done = CliRunner().invoke(cli, ["reminders", *words], env=databases.environment(database_url))
        assert done.exit_code == 0, done.output
        return done.output

    said = command("rules", "--event", event_id, "--audience", "host", "--set", '[{"minutes": 60}]')
    assert json.loads(said)["rules"][0]["minutes"] == 60
    assert "office" in command("list", "--planned")
    assert command("list", "--missed") == "None.\n"
    assert "planned" in command("preview", event_id)
    assert json.loads(command("preview", event_id, "--json"))["event"] == event_id
    assert command("quiet", "--set", "22:00", "06:00") == "22:00 – 06:00\n"


def test_who_says_rules_finds_them_from_the_desk_and_nobody_else_does(house):
    ana, rooms, root = signed_in(house, ANA), signed_in(house, ROOMS), Browser(house)
    root.sign_in()
    with house.app_context():
        slug = lookup.get(Office, "career-center").organization.slug
    of_college, of_all = f"/organizations/{slug}/reminders", "/reminders/rules"
    found = {}
    for name, browser in (("ana", ana), ("rooms", rooms), ("root", root)):
        for page in ("/home", "/reminders"):
            links = {one["href"] for one in browser.get(page).select("main a")}
            found[name, page] = [one for one in (of_college, of_all) if one in links]
    assert found == {
        **{("ana", page): [of_college] for page in ("/home", "/reminders")},
        **{("rooms", page): [] for page in ("/home", "/reminders")},
        **{("root", page): [of_all] for page in ("/home", "/reminders")},
    }
    for page in ("/offices/career-center/monday", f"/setup/{slug}"):
        assert of_college in {one["href"] for one in ana.get(page).select("main a")}
    ana.get(of_college)
    assert ana.status == 200
    ana.get("/reminders?state=missed")
    assert "Nothing was missed." in ana.text


# Nine on the morning before, in Los Angeles; the event is on February 10, 2027, at 14:00 there.
MORNING_BEFORE = [{"days": 1, "at": "09:00"}]


@pytest.mark.parametrize("scope", ["event={event}", "organization=college", "kind=info_session", ""])
def test_a_dry_run_says_who_would_be_reminded_when_and_in_whose_zone(event_id, admin, scope):
    about = scope.format(event=event_id)
    planned = admin.get("/api/v1/reminders?state=planned").json["items"]
    for show in ("", f"&show={event_id}"):
        said = admin.put(
            f"{RULES}/host?{about}&dry_run=true{show}",
            json={"rules": MORNING_BEFORE},
            headers={"If-Match": "*", **FIRST},
        )
        (seen,) = said.json["would_remind"]
        assert (seen["event"], seen["title"]) == (event_id, "Careers at the port")
        lines = [(one["audience"], one["due_local"], one["zone"], one["fate"]) for one in seen["items"]]
        assert lines == [("host", "2027-02-09T09:00", "America/Los_Angeles", "planned")]
    nobody = admin.put(f"{RULES}/host?{about}&dry_run=true", json={"rules": []}, headers={"If-Match": "*", **FIRST})
    assert [one["items"] for one in nobody.json["would_remind"]] == [[]]
    assert admin.get("/api/v1/reminders?state=planned").json["items"] == planned
    assert "would_remind" not in admin.get(f"{RULES}/host?{about}").json
    gone = f"{RULES}/host?{about}&dry_run=true&show=00000000-0000-4000-8000-000000000000"
    assert admin.put(gone, json={"rules": []}, headers={"If-Match": "*", **FIRST}).status_code == 404


@pytest.mark.parametrize("page", ["/reminders/rules", "/organizations/college/reminders", "/events/EVENT/reminders"])
def test_a_page_shows_who_would_be_reminded_before_rules_are_saved(event_id, planner, page):
    page = page.replace("EVENT", event_id)
    planner.get(page)
    row = {"amount-host-0": "1", "unit-host-0": "start:clock", "at-host-0": "09:00", "condition-host-0": "always"}
    version = planner.page.select_one("section[aria-labelledby=r-host] [name=version]")["value"]
    form = {"act": "check:host", "version": version, "channel-host-0": "mail", "show": "", **row}
    for name in planner.page.select("section[aria-labelledby=r-host] input[name^=amount]")[1:]:
        form[name["name"]] = ""
    planner.post(page, form)
    seen = planner.page.select_one("#rehearsed")
    assert planner.status == 200
    assert [one.get_text() for one in seen.select("time")] == ["Tuesday, February 9, 2027, 9:00\xa0AM"]
    assert "Careers at the port" in seen.get_text()
    assert planner.page.select_one("[name=at-host-0]")["value"] == "09:00"
    planner.post(page, {**form, "amount-host-0": "x"})
    assert (planner.status, planner.page.select_one("#rehearsed")) == (422, None)
    planner.post(page, {**form, "act": "check:nobody"})
    assert planner.status == 422
    planner.get(page)
    assert planner.page.select_one("[name=at-host-0]")["value"] != "09:00"


def test_a_command_rehearses_rules_and_saves_nothing(event_id, database_url):
    def command(*words: str) -> list[str]:
        said = ["reminders", "rules", "--audience", "host", *words]
        done = CliRunner().invoke(cli, said, env=databases.environment(database_url))
        assert done.exit_code == (2 if "--dry-run" in words and "--set" not in words else 0), done.output
        return done.output.splitlines()

    before = command()
    shown = command("--set", json.dumps(MORNING_BEFORE), "--dry-run", "--show", event_id)
    assert [one["due_local"] for one in json.loads(shown[-1])["items"]] == ["2027-02-09T09:00"]
    assert command() == before
    command("--dry-run")


@pytest.fixture
def new_event(bare_app, still):
    """What somebody plans at a college in Los Angeles with an expert of Denver."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("valley", of=builders.an_organization("college"))
        builders.an_office("desk", of=campus.organization)
        builders.an_expert("ada").zone = "America/Denver"
    wish = {"kind": "info_session", "title": "Careers at the port", "campus": "valley", "experts": ["ada"]}
    return {**wish, "starts_local": "2027-02-10T14:00", "duration_minutes": 60}


def test_a_dry_run_of_planning_says_who_is_then_reminded_when_and_in_whose_zone(new_event, admin):
    tried = admin.post("/api/v1/events?dry_run=true", json=new_event)
    assert tried.status_code == 200
    assert admin.get("/api/v1/reminders?state=planned").json["items"] == []
    waits = admin.post("/api/v1/events?dry_run=true", json={**new_event, "draft": True}).json["would_remind"]
    assert {one["fate"] for one in waits} == {"waits"}
    assert [one["due_at"] for one in waits] == [one["due_at"] for one in tried.json["would_remind"]]
    made = admin.post("/api/v1/events", json=new_event)
    assert (made.status_code, "would_remind" in made.json) == (201, False)
    then = admin.get(f"/api/v1/events/{made.json['id']}/reminders").json["items"]
    assert tried.json["would_remind"] == then
    zones = {one["recipient"]: one["zone"] for one in then}
    assert zones == {"expert:ada": "America/Denver", "office": "America/Los_Angeles"}


def test_a_dry_run_of_a_series_says_of_each_date_who_is_then_reminded_and_leaves_a_long_rest_out(new_event, admin):
    wish = {**new_event, "rule": {"kind": "weekly", "count": 30}}
    tried = admin.post("/api/v1/series?dry_run=true", json=wish)
    assert tried.status_code == 200, tried.json
    dates = tried.json["would_remind"]
    made = admin.post("/api/v1/series", json=wish).json
    assert ("would_remind" in made, [one["starts_at"] for one in dates]) == (
        False,
        [one["starts_at"] for one in made["events"]],
    )
    told = [admin.get(f"/api/v1/events/{one['id']}/reminders").json["items"] for one in made["events"]]
    assert [len(one["items"]) + one["not_shown"] for one in dates] == [len(lines) for lines in told]
    shown = [line for one in dates for line in one["items"]]
    assert shown == [line for lines in told for line in lines][:60]
    assert dates[-1]["not_shown"] > 0


def test_the_page_of_planning_a_series_shows_who_is_told_and_who_is_then_reminded(new_event, planner):
    planner.get("/plan/series?campus=valley")
    typed = {"title": new_event["title"], "experts": ["ada"], "date": "2027-02-10", "time": "14:00", "count": "20"}
    planner.submit("Check only", values=typed)
    reminded = planner.page.select_one("#reminded")
    assert len(reminded.select(".tokens > li")) == 60
    assert "Wednesday, February 17, 2027" in reminded.get_text()
    assert "more reminders are not shown here." in reminded.get_text()
    assert "Ada" in planner.page.select_one("#told").get_text()


def test_the_page_of_planning_shows_who_is_then_reminded(new_event, planner):
    def times(inside: str) -> list[str]:
        return [one.get_text() for one in planner.page.select(f"{inside} .tokens time")]

    planner.get("/plan?campus=valley")
    typed = {"title": new_event["title"], "experts": ["ada"], "date": "2027-02-10", "time": "14:00"}
    planner.submit("Check only", values=typed)
    shown, words = times("#reminded"), planner.page.select_one("#reminded").get_text()
    assert shown
    assert "Mountain Time" in words
    assert "Pacific Time" in words
    planner.submit("Plan")
    planner.get(f"{planner.path}/reminders")
    assert times("#content") == shown
    planner.get("/plan?campus=valley")
    planner.submit("Check only", values=typed)  # she is taken by now
    assert (planner.status, planner.page.select_one("#reminded")) == (409, None)
