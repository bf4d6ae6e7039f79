"""The partner's pages in a language without Latin letters: board, dates, rounds, settings."""

from __future__ import annotations

from datetime import date, timedelta

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.requests.rounds import Round
from eventsvc.domain.requests.windows import SaidWindow
from eventsvc.workflows import grant_rounds
from eventsvc.workflows.ask_partner import AskedFor, ask_partner
from tests import builders
from tests.interfaces.pages import PASADENA
from tests.interfaces.test_untranslated import Reader, greek, in_pseudo, pressed, reader, signed_in

__all__ = ["greek", "in_pseudo", "reader", "signed_in"]
OFFICE = "/offices/outreach"
WINDOW = SaidWindow(first_on=date(2027, 2, 1), last_on=date(2027, 2, 12), weekdays=(1, 3))


def asked(app, title: str, *, days_ago: int = 0, round_id: str | None = None) -> None:
    wish = AskedFor(
        partner="port",
        partner_office="outreach",
        campus=PASADENA,
        title=title,
        windows=(WINDOW,),
        topics=("topic",),
        language="el",
        expected_heads=30,
        round=round_id,
    )
    with app.app_context(), transaction():
        ask_partner(wish, actor=ADMINISTRATOR, now=clock.now() - timedelta(days=days_ago))


def test_the_board_in_every_state(greek, signed_in, reader: Reader):
    reader.read(signed_in, f"{OFFICE}/requests", about="nothing waits")
    reader.read(signed_in, "/requests/board", about="nothing waits anywhere")
    asked(greek.app, "Καριέρα")
    asked(greek.app, "Παλιά", days_ago=14)
    with greek.app.app_context(), transaction():
        lookup.get(Expert, "expert-two").topics = []
        builders.an_office("second", of=lookup.get(Expert, "expert-one").organization).name = "Δεύτερο"
    reader.read(signed_in, f"{OFFICE}/requests", about="two wait")
    reader.read(signed_in, f"{OFFICE}/requests?cursor=WyIyMDk5LTAxLTAxVDAwOjAwOjAwWiIsMV0", about="no more")
    reader.read(signed_in, "/requests/board", about="several boards")
    assert reader.found == {}
    assert {"pages.partner_board", "pages.partner_boards"} <= reader.seen


def test_dates_that_are_offered(greek, signed_in, reader: Reader):
    page = f"{OFFICE}/dates"
    reader.read(signed_in, page, about="none")
    reader.read(signed_in, f"{page}?show=all", about="none at all")
    pressed(signed_in, "Offer these dates", values={"title": "", "duration_minutes": "ξ", "starts_1": "ξ"})
    reader.look(signed_in, "wrong fields")
    said = {"title": "Περιήγηση", "duration_minutes": "60", "expert": "expert-one", "note": "Μπότες"}
    pressed(signed_in, "Offer these dates", values={**said, "starts_1": "2027-11-07T01:30"})
    reader.look(signed_in, "an hour that comes twice")
    dates = {"starts_1": "2027-03-02T10:00", "starts_2": "2027-03-03T10:00", "closes_on": "2027-02-20"}
    pressed(signed_in, "Offer these dates", values={**said, **dates, "starts_side": ""})
    reader.look(signed_in, "offered")
    form = signed_in.page.select_one(".sessions form")
    sent = {field["name"]: field["value"] for field in form.select("input")} | {"act": "take_back"}
    signed_in.post(page, sent)
    signed_in.post(page, sent)
    reader.look(signed_in, "taken back twice")
    reader.read(signed_in, f"{page}?show=all", about="one taken back")
    assert reader.found == {}
    assert "pages.partner_dates" in reader.seen


def test_rounds_from_opening_to_the_result(greek, signed_in, reader: Reader):
    page = f"{OFFICE}/rounds"
    reader.read(signed_in, page, about="none")
    pressed(signed_in, "Open the round", values={"title": "", "closes_on": "ξ"})
    reader.look(signed_in, "wrong fields")
    pressed(signed_in, "Open the round", values={"title": "Άνοιξη", "closes_on": "2027-01-20"})
    reader.look(signed_in, "open")
    round_id = signed_in.path.rpartition("/")[2]
    for number in range(4):
        asked(greek.app, f"Καριέρα {number}", round_id=round_id)
    reader.read(signed_in, f"{page}/{round_id}", about="four requests")
    reader.read(signed_in, f"{OFFICE}/requests", about="a board with a round")
    signed_in.post(f"{page}/{round_id}", {"act": "grant", "version": "1"})
    reader.look(signed_in, "granted too early")
    with greek.app.app_context(), transaction():
        found = db.session.query(Round).one()
        found.closes_on = date(2027, 1, 10)
    reader.read(signed_in, f"{page}/{round_id}", about="closed")
    with greek.app.app_context(), transaction():
        grant_rounds.grant_round(round_id, actor=ADMINISTRATOR, now=clock.now())
    reader.read(signed_in, f"{page}/{round_id}", about="granted")
    reader.read(signed_in, page, about="one granted")
    assert reader.found == {}
    assert {"pages.partner_round", "pages.partner_rounds"} <= reader.seen


def test_how_people_are_asked(greek, signed_in, reader: Reader):
    page = "/organizations/port/asking"
    reader.read(signed_in, page)
    wrong = {"chase_after_working_days": "ξ", "tell_after_working_days": "ξ", "works_from_minute": "ξ"}
    pressed(signed_in, "Save", values=wrong)
    reader.look(signed_in, "wrong fields")
    usual = {"chase_after_working_days": "3", "tell_after_working_days": "7", "works_from_minute": "18:00"}
    pressed(signed_in, "Save", values={**usual, "pass_on_after_working_days": "2", "chase_before_days": "99"})
    reader.look(signed_in, "settings that cannot be")
    usual |= {"works_from_minute": "08:00", "pass_on_after_working_days": "8", "chase_before_days": "7"}
    pressed(signed_in, "Save", values=usual)
    reader.look(signed_in, "saved")
    assert reader.found == {}
    assert "pages.asking" in reader.seen
