"""Away, with a named cover: letters follow it, colleagues see it, and a cover who cannot is refused with facts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import keep_accounts
from tests import databases
from tests.conftest import NOW
from tests.interfaces.browser import Browser
from tests.stories.test_hand_over import ANA, BEN, ROOMS, house, letters_to, planned, program
from tests.stories.test_sign_in import ask

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}
CAS = "cas@harbor.example"
DAYS = {"from": "2027-01-18", "until": "2027-01-22", "cover": BEN}  # NOW is Monday, January 11


def test_letters_follow_the_cover_while_somebody_is_away_and_come_back_with_them(house, admin, still):
    hers = program(house, ANA)
    first, second, third = (planned(hers, day=f"2027-03-{day}") for day in (10, 11, 12))
    added = hers.post("/api/v1/absences", json=DAYS)
    assert added.status_code == 201
    assert (added.json["account"]["name"], added.json["cover"]["name"]) == ("Ana Example", "Ben Example")
    assert (added.json["starts_at"], added.json["ends_at"]) == ("2027-01-18T08:00:00Z", "2027-01-23T08:00:00Z")
    (to_cover,) = letters_to(house, BEN, "cover")
    assert to_cover.startswith("You cover for Ana Example")

    def declined(event: str) -> None:
        assert admin.post(f"/api/v1/events/{event}/rooms/hall/decline", json={}).status_code == 200

    declined(first)  # before
    still.move_to(NOW + timedelta(days=8))
    shown = admin.get(f"/api/v1/events/{second}").json["coordinator"]
    assert (shown["name"], shown["cover"]["name"], shown["away_until"]) == (
        "Ana Example",
        "Ben Example",
        "2027-01-23T08:00:00Z",
    )
    declined(second)
    still.move_to(NOW + timedelta(days=13))
    declined(third)
    assert len(letters_to(house, ANA, "room_answer")) == 2
    (covered,) = letters_to(house, BEN, "room_answer")
    assert "Careers 2027-03-11" in covered
    assert "because you cover for Ana Example, who is away and in charge of this event." in covered
    assert len(letters_to(house, "career@harbor.example", "room_answer")) == 3  # the mailbox gets every one


def test_a_letter_that_signs_in_never_follows_the_cover(house, still):
    assert program(house, ANA).post("/api/v1/absences", json=DAYS).status_code == 201
    still.move_to(NOW + timedelta(days=8))
    ask(Browser(house), ANA)
    with house.app_context():
        found = db.session.scalars(select(Message.to_address).where(Message.letter == "sign_in")).all()
    assert found == [ANA]


@pytest.fixture
def cas(house) -> str:
    """Another coordinator."""
    with house.app_context(), transaction():
        keep_accounts.add_account(CAS, "Cas Example", **WHO)
        keep_accounts.give_role(CAS, Role.COORDINATOR, office="career-center", **WHO)
        keep_accounts.give_role(CAS, Role.ROOM_OFFICE, office="facilities", **WHO)
    return CAS


REFUSED = {
    "itself": ({"cover": ANA}, "cover", "is the same person"),
    "without the role": ({"cover": ROOMS}, "cover", "has no role at career-center by which to plan events"),
    "unknown": ({"cover": "x@x.example"}, "cover", "is nobody who signs in"),
    "backwards": ({"until": "2027-01-17"}, "until", "is before it begins"),
    "past": ({"from": "2027-01-01", "until": "2027-01-05"}, "until", "is past"),
    "no day": ({"from": "soon"}, "from", "is not a local time"),
    "too long": ({"until": "2031-01-01"}, "until", "more than three years"),
    "no role there": ({"office": "outreach"}, "office", "is no place where they have a role"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_cannot_be_is_refused_with_its_field(house, admin, case):
    more, field, reason = REFUSED[case]
    refused = admin.post("/api/v1/absences", json={"account": ANA, **DAYS, **more})
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json["errors"]} == {field}
    assert reason in " ".join(error["reason"] for error in refused.json["errors"])
    assert admin.get("/api/v1/absences").json["items"] == []


def test_absences_and_covers_do_not_collide(house, admin, cas):
    def noted(who: str, cover: str, **more: str) -> tuple[int, str]:
        answer = admin.post("/api/v1/absences", json={"account": who, **DAYS, **more, "cover": cover})
        return answer.status_code, answer.json["errors"][0]["reason"] if "errors" in answer.json else ""

    assert noted(ANA, BEN) == (201, "")
    assert noted(ANA, BEN) == (201, "")  # the same again is the one that is there
    assert noted(ANA, cas) == (422, "lies in an absence that is noted already (2027-01-18 to 2027-01-22)")
    assert noted(cas, ANA) == (422, "is away as well (2027-01-18 to 2027-01-22)")
    assert noted(BEN, cas) == (
        422,
        "covers for Ana Example then: let somebody else do that first (2027-01-18 to 2027-01-22)",
    )
    assert noted(BEN, cas, **{"from": "2027-01-23", "until": "2027-01-24"}) == (201, "")
    assert len(admin.get("/api/v1/absences").json["items"]) == 2


def test_each_office_may_have_a_cover_of_its_own(house, admin):
    there = {"account": ANA, **DAYS, "cover": ROOMS, "office": "facilities"}
    assert admin.post("/api/v1/absences", json=there).status_code == 201
    here = {"account": ANA, **DAYS, "office": "career-center"}
    assert admin.post("/api/v1/absences", json=here).status_code == 201
    everywhere = admin.post("/api/v1/absences", json={"account": ANA, **DAYS})
    assert everywhere.status_code == 422


def test_who_sees_and_who_ends_an_absence(house, admin, public):
    added = program(house, ANA).post("/api/v1/absences", json=DAYS)
    path = f"/api/v1/absences/{added.json['id']}"
    assert added.headers["Location"].endswith(path)
    condition = {"If-Match": added.headers["ETag"]}
    assert public.get("/api/v1/absences").status_code == 401
    rooms = program(house, ROOMS)
    assert len(rooms.get("/api/v1/absences").json["items"]) == 1  # they share an office
    assert rooms.delete(path, headers=condition).status_code == 403
    assert rooms.delete(path).status_code == 428
    assert program(house, BEN).delete(path, headers=condition).status_code == 403  # not the rooms' part of it
    assert admin.delete(path, headers={"If-Match": '"another"'}).status_code == 412
    assert admin.delete(path, headers=condition).status_code == 204
    assert admin.get(path).status_code == 404


def test_handing_over_moves_what_was_covered_and_ends_ones_own_absence(house, admin, cas):
    assert admin.post("/api/v1/absences", json={"account": ANA, **DAYS}).status_code == 201
    assert admin.post("/api/v1/hand-overs", json={"from": BEN, "to": cas}).json["moved"]["covers"] == 1
    (one,) = admin.get("/api/v1/absences").json["items"]
    assert one["cover"]["name"] == "Cas Example"
    assert admin.post("/api/v1/hand-overs", json={"from": cas, "to": ANA}).status_code == 200
    (one,) = admin.get("/api/v1/absences").json["items"]
    assert one["cover"] is None  # nobody covers for themselves


def test_the_commands(house, database_url):
    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["accounts", *words], env=databases.environment(database_url))
        assert done.exit_code == 0, done.output
        return done.output

    planned(program(house, ANA, name="Our web site"))
    line = run("away", ANA, "2090-03-01", "2090-03-05", "--cover", BEN)
    assert "Ana Example: 2090-03-01 00:00 to 2090-03-06 00:00 America/Los_Angeles, cover: Ben Example" in line
    assert run("who-is-away") == line
    run("back", line.split()[0])
    assert run("who-is-away") == "Nobody.\n"
    preview = run("hand-over", ANA, BEN, "--dry-run").splitlines()
    assert preview[0].startswith(
        "Would hand over from Ana Example, who leaves to Ben Example: 0 covers, 0 chases, 0 reply_addresses, 1 events"
    )
    assert "  ends: coordinator at career-center" in preview
    done = run("hand-over", ANA, BEN, "--json")
    assert '"is_leaving": true' in done
