"""What readers choose about their letters, and the Monday letter: JSON, pages of account, office, season and foot."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from eventsvc.core.db import transaction
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.outbox.streams import Topic
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.services import services
from tests import databases
from tests.conftest import NOW
from tests.stories.test_hand_over import ANA, BEN, ROOMS, house, program, signed_in

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("still")
OWN, OFFICE = "/api/v1/accounts/own/letters", "/api/v1/offices/career-center/letters"
MONDAY = "/api/v1/offices/career-center/monday"
CHOSEN = {"language": "es", "mornings": "America/Denver", "stopped": ["monday", "thanks"], "channel": "both"}
USUAL = {"mornings": None, "stopped": [], "channel": None}
ANY = {"If-Match": "*"}


@pytest.mark.parametrize(("where", "address"), [(OWN, ANA), (OFFICE, "career@harbor.example")])
def test_a_choice_is_read_made_and_taken_back_over_json(house, where, address):
    ana = program(house, ANA)
    before = ana.get(where)
    assert before.json == {"address": address, "language": "en", **USUAL}
    assert ana.patch(where, json=CHOSEN).status_code == 428
    assert ana.patch(f"{where}?dry_run=true", json=CHOSEN, headers=ANY).json == {"address": address, **CHOSEN}
    assert ana.get(where).json == before.json
    made = ana.patch(where, json=CHOSEN, headers={"If-Match": before.headers["ETag"]})
    assert made.json == ana.get(where).json == {"address": address, **CHOSEN}
    assert ana.patch(where, json=USUAL, headers={"If-Match": before.headers["ETag"]}).status_code == 412
    part = ana.patch(where, json={"stopped": []}, headers={"If-Match": made.headers["ETag"]})
    assert part.json == {"address": address, **CHOSEN, "stopped": []}
    back = ana.patch(where, json={"language": "en", **USUAL}, headers=ANY)
    assert (back.json, back.headers["ETag"]) == (before.json, before.headers["ETag"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"language": "tlh"}, "language"),
        ({"mornings": "Mars/Olympus"}, "mornings"),
        ({"mornings": ""}, "mornings"),
        ({"stopped": ["invitation"]}, "stopped[0]"),
        ({"stopped": None}, "stopped"),
        ({"channel": "pigeon"}, "channel"),
        ({"address": "new@example.edu"}, "address"),
    ],
)
def test_what_cannot_be_chosen_is_refused_by_name(house, body, field):
    ana = program(house, ANA)
    for where in (OWN, OFFICE):
        answer = ana.patch(where, json=body, headers=ANY)
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_who_may_choose_is_who_reads_there_or_plans_for_the_office(house, public, admin):
    ana, rooms = program(house, ANA), program(house, ROOMS)
    reads = program(house, BEN, Scope.READ)
    assert [public.get(where).status_code for where in (OWN, OFFICE, MONDAY)] == [401, 401, 401]
    assert [rooms.get(where).status_code for where in (OWN, OFFICE, MONDAY)] == [200, 403, 403]
    assert reads.patch(OWN, json={}, headers=ANY).status_code == 403
    assert reads.patch(MONDAY, json={"is_on": False}, headers=ANY).status_code == 403
    assert (admin.get(OWN).status_code, admin.get(OFFICE).status_code) == (404, 200)
    by_id = [OWN.replace("own", one["id"]) for one in admin.get("/api/v1/accounts").json["items"]]
    assert [admin.get(one).status_code for one in by_id] == [200, 200, 200]
    assert sorted(ana.get(one).status_code for one in by_id) == [200, 403, 404]
    assert ana.get("/api/v1/offices/nowhere/letters").status_code == 404
    with house.app_context(), transaction():
        lookup.get(Office, "career-center").mailbox = ""
    assert ana.get(OFFICE).json == {"address": "", "language": "en", **USUAL}
    assert ana.patch(OFFICE, json={"stopped": []}, headers=ANY).status_code == 409
    assert (ana.get(MONDAY).json["is_on"], ana.patch(MONDAY, json={"is_on": True}, headers=ANY).status_code) == (
        None,
        409,
    )


def test_the_monday_letter_is_read_and_switched_over_json(house, still):
    ana = program(house, ANA)
    plan = {"kind": "info_session", "title": "Careers in water", "campus": "harbor", "experts": ["pelican"]}
    plan |= {"starts_local": "2027-01-15T14:00", "duration_minutes": 60, "owner": "career-center"}
    ana.post("/api/v1/events", json=plan)
    still.move_to(NOW + timedelta(days=3))
    shown = ana.get(MONDAY)
    assert [shown.json[name] for name in ("office", "is_on", "zone")] == ["career-center", True, "America/Los_Angeles"]
    assert "Careers in water" in shown.json["text"]
    assert [one["title"] for one in shown.json["week"]["events"]] == ["Careers in water"]
    assert [one["name"] for one in shown.json["week"]["unanswered"]] == ["Pelican"]
    off = ana.patch(MONDAY, json={"is_on": False}, headers={"If-Match": shown.headers["ETag"]})
    assert off.json == {**shown.json, "is_on": False}
    assert ana.get(OFFICE).json["stopped"] == ["monday"]
    assert ana.patch(MONDAY, json={"is_on": True}, headers={"If-Match": shown.headers["ETag"]}).status_code == 412
    assert ana.patch(MONDAY, json={"is_on": True}, headers={"If-Match": off.headers["ETag"]}).json == shown.json


def test_pages_lead_from_the_account_to_ones_own_letters_and_to_the_offices(house):
    ana = signed_in(house, ANA)
    ana.get("/account")
    own, office = (one["href"] for one in ana.page.select("section[aria-labelledby=letters] a")[:2])
    assert (own, office) == ("/account/letters", "/offices/career-center/letters")
    for page, said in ((own, ANA), (office, "career@harbor.example")):
        ana.get(page)
        assert said in ana.text
        zones = [one.get_text() for one in ana.page.select("[name=zone] option")]
        assert len(zones) == len(set(zones))  # Denver and Phoenix are both of Mountain Time
        ana.submit("Keep this choice", values={"topics": ["reminders", "monday"]})
        assert "Your choice is kept." in ana.text
        ana.submit("Keep this", values={"zone": "America/Denver", "channel": "webhook"})
        told = {name: ana.page.select_one(f"[name={name}] option[selected]")["value"] for name in ("zone", "channel")}
        assert told == {"zone": "America/Denver", "channel": "webhook"}
        ticked = [one["value"] for one in ana.page.select("[name=topics][checked]")]
        assert ticked == ["reminders", "monday", "digest"]  # who chooses mornings means the letter of the morning
        ana.submit("Have it as at first")
        assert len(ana.page.select("[name=topics][checked]")) == len(Topic)
        assert "As it was at first" not in ana.text
        ana.post(page, {"act": "ways", "zone": "Mars/Olympus"})
        assert (ana.status, "Nothing was changed" in ana.text) == (422, True)
    ana.get(office)
    ana.get(ana.page.select_one(".back a")["href"])
    ana.submit("Do not send it to the office any more")
    assert "It is switched off" in ana.text
    ana.submit("Send it again every Monday")
    assert "It is switched off" not in ana.text
    ana.post("/offices/career-center/monday", {"act": "burn"})
    assert ana.status == 422
    with house.app_context(), transaction():
        lookup.get(Office, "career-center").mailbox = ""
    ana.get(office)
    assert "The office has no mailbox" in ana.text


def test_by_the_links_of_a_season_and_of_a_letter_the_same_is_chosen_and_the_language_follows(house):
    with house.app_context():
        pelican, until = lookup.get(Expert, "pelican").email, NOW + timedelta(days=9)
        season = urlsplit(services().links.season("pelican", pelican, until)).path
        foot = urlsplit(services().links.letters(pelican, "reminders", "en", until)).path
    reader = house.test_client()
    page = reader.get(season).text
    assert f'href="{season}/letters"' in page
    ways = {"act": "ways", "language": "es", "zone": "America/Denver", "channel": "mail"}
    assert reader.post(f"{season}/letters", data=ways).status_code == 303
    assert reader.post(f"{season}/letters", data={**ways, "channel": "pigeon"}).status_code == 422
    shown = reader.get(f"{foot}?lang=en").text
    assert all(f'<option value="{one}"' in shown for one in ("es", "mail"))
    with house.app_context():
        assert lookup.get(Expert, "pelican").language == "es"
    assert reader.post(foot, data={"act": "ways", "language": "en"}).status_code == 303
    with house.app_context(), transaction():
        expert = lookup.get(Expert, "pelican")
        assert expert.language == "en"
        expert.email = "moved@port.example"
    assert reader.get(f"{season}/letters").status_code == 404
    assert reader.post(foot, data={"act": "ways", "language": "en"}).status_code == 422  # nobody reads there
    assert 'name="language"' not in reader.get(foot).text


def test_whoever_changed_an_offices_letters_stands_in_its_log(house, admin):
    program(house, ANA).patch(OFFICE, json={"stopped": ["thanks"], "language": "es"}, headers=ANY)
    told = admin.get("/api/v1/audit?subject_kind=office&subject=career-center").json["items"]
    assert {one["verb"] for one in told[:2]} == {"choose_letters", "edit"}


@pytest.fixture
def run(house, database_url):
    def running(*words):
        return CliRunner().invoke(cli, ["letters", "choices", *words], env=databases.environment(database_url))

    return running


@pytest.mark.parametrize(
    ("whose", "where", "address"),
    [(["--account", ANA.upper()], OWN, ANA), (["--office", "career-center"], OFFICE, "career@harbor.example")],
)
def test_the_command_shows_and_changes_what_json_does(run, house, admin, whose, where, address):
    ana, first = program(house, ANA), {"address": address, "language": "en", **USUAL}

    def told(*words):
        answer = run(*whose, "--json", *words)
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    assert told() == ana.get(where).json == first
    said = ["--language", "es", "--mornings", "America/Denver", "--stop", "thanks", "--stop", "monday"]
    chosen = {"address": address, **CHOSEN}
    assert told(*said, "--channel", "both", "--dry-run") == chosen
    assert ana.get(where).json == first
    assert told(*said, "--channel", "both") == ana.get(where).json == chosen
    part = told("--start", "thanks", "--stop", "counts", "--channel", "rules")
    assert part == {**chosen, "stopped": ["counts", "monday"], "channel": None} == ana.get(where).json
    lines = dict(line.partition("\t")[::2] for line in run(*whose).output.splitlines())
    assert lines == {**part, "stopped": "counts,monday", "channel": ""}
    assert told("--no-mornings", "--language", "en") == {**first, "stopped": ["counts", "monday"]}
    assert told("--usual", "--stop", "findings") == {**first, "stopped": ["findings"]}
    assert told("--usual") == first
    written = admin.get("/api/v1/audit?verb=choose_letters").json["items"]
    assert [one["actor"] for one in written] == ["administrator"] * 5


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "Say whose"),
        (["--account", ANA, "--office", "career-center"], 2, "Say whose"),
        (["--account", ANA, "--stop", "invitation"], 2, "'invitation' is not one of"),
        (["--account", ANA, "--stop", "monday", "--start", "monday"], 2, "monday cannot be stopped and started"),
        (["--account", ANA, "--mornings", "America/Denver", "--no-mornings"], 2, "together with --no-mornings"),
        (["--account", ANA, "--language", "tlh"], 2, "'tlh' is not one of"),
        (["--account", "nobody@harbor.example"], 1, "Nobody signs in with this address."),
        (["--account", ANA, "--mornings", "Mars/Olympus"], 1, "is not an IANA zone"),
        (["--account", ANA, "--mornings", ""], 2, "needs a zone"),
        (["--office", "nowhere", "--stop", "monday"], 1, "nowhere"),
    ],
)
def test_what_the_command_cannot_do_is_said_in_a_sentence(run, house, words, code, sentence):
    answer = run(*words)
    said = str(getattr(answer.exception, "detail", "")) or answer.output
    assert (answer.exit_code, sentence in said) == (code, True), said
    assert program(house, ANA).get(OWN).json == {"address": ANA, "language": "en", **USUAL}
