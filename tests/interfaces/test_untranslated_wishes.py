"""The page of a request in a language without Latin letters."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Organization, OrganizationKind
from eventsvc.domain.requests.windows import SaidWindow
from eventsvc.workflows import answer_request, grant_rounds, offer_dates
from eventsvc.workflows.answer_request import OtherDate
from eventsvc.workflows.ask_partner import AskedFor, ask_partner
from tests import builders
from tests.conftest import NOW
from tests.interfaces.pages import PASADENA
from tests.interfaces.test_untranslated import Reader, greek, in_pseudo, pressed, reader, signed_in

__all__ = ["greek", "in_pseudo", "reader", "signed_in"]


def test_the_page_of_a_request_in_every_state(greek, signed_in, reader: Reader):
    with greek.app.app_context(), transaction():
        desk = builders.an_office("greek-desk", of=lookup.get(Organization, "port"))
        desk.name = "Γραφείο"
        window = SaidWindow(first_on=date(2027, 2, 1), last_on=date(2027, 2, 12), weekdays=(1, 3))
        wish = AskedFor(
            partner="port",
            partner_office="greek-desk",
            campus=PASADENA,
            title="Καριέρα",
            windows=(window,),
            topics=(),
            language="el",
            description="ναι",
            accommodations="ναι",
            audience=("Όλοι",),
            expected_heads=30,
        )
        paths = [f"/requests/{ask_partner(wish, actor=ADMINISTRATOR, now=NOW).public_id}" for _ in range(3)]
    reader.read(signed_in, paths[0], about="waits")
    pressed(signed_in, "Decline", values={"reason": ""})
    reader.look(signed_in, "a decline without a word")
    pressed(signed_in, "Make it an event", values={"starts_local": "2027-03-01T10:00"})
    reader.look(signed_in, "outside of the wishes")
    pressed(signed_in, "Make it an event", values={"starts_local": "2027-02-02T10:00"})
    reader.look(signed_in, "planned")
    for label, path in (("Decline", paths[1]), ("Not this term", paths[2])):
        signed_in.get(path)
        pressed(signed_in, label, values={"reason": "όχι"})
        reader.look(signed_in, label)
    assert reader.found == {}


def test_asking_and_the_list_of_what_was_asked(greek, signed_in, reader: Reader):
    reader.read(signed_in, "/requests/mine", about="nothing asked")
    reader.read(signed_in, "/requests/mine?show=answered", about="nothing answered")
    reader.read(signed_in, "/requests/new")
    wrong = {
        "title": "",
        "expected_heads": "ξ",
        "duration_minutes": "900",
        "last_on_1": "ξ",
        "until_1": "ξ",
        "campus": PASADENA,
    }
    pressed(signed_in, "Ask", values=wrong)
    reader.look(signed_in, "wrong fields of a wish")
    days = {"first_on_1": "2027-02-05", "last_on_1": "2027-02-01", "first_on_2": "2020-02-01", "until_2": "09:10"}
    wish = {"title": "Καριέρα", "partner": "outreach", "campus": PASADENA, "first_on_1": "2027-02-05"}
    pressed(
        signed_in, "Ask", values={**wish, "expected_heads": "", "duration_minutes": "60", "until_1": "17:00", **days}
    )
    reader.look(signed_in, "wishes that cannot be")
    pressed(signed_in, "Ask", values={**wish, "campus": "", "last_on_1": "", "first_on_2": ""})
    reader.look(signed_in, "no campus")
    pressed(signed_in, "Ask", values={**wish, "last_on_1": "", "first_on_2": "", "until_2": "17:00"})
    reader.look(signed_in, "asked")
    reader.read(signed_in, "/requests/mine", about="one waits")
    assert reader.found == {}
    assert {"pages.ask", "pages.my_requests"} <= reader.seen


def test_dates_rounds_employers_and_the_colleges_part_of_a_request(greek, signed_in, reader: Reader):
    with greek.app.app_context(), transaction():
        who = {"actor": ADMINISTRATOR, "now": NOW}
        said = {"office": "outreach", "title": "Ξενάγηση", "duration_minutes": 60, "note": "ναι", "topics": ("topic",)}
        at = datetime(2027, 3, 2, 14, 0)
        dates = [offer_dates.Publication(**said, starts_local=at.replace(day=day)) for day in (2, 3, 4)]
        paths = [f"/offered-dates/{offer_dates.publish_date(one, **who).public_id}" for one in dates]
        offer_dates.take_back_date(paths[2].rpartition("/")[2], **who)
        made = grant_rounds.open_round("outreach", "Άνοιξη", date(2027, 1, 29), **who)
        ended = grant_rounds.open_round("outreach", "Χθες", date(2027, 1, 11), **who)
        window = SaidWindow(first_on=date(2027, 2, 1), last_on=date(2027, 2, 12))
        more = {"partner": "port", "partner_office": "outreach", "campus": PASADENA, "title": "Καριέρα"}
        wishes = [
            ask_partner(AskedFor(**more, windows=(window,), round=one), **who) for one in (None, str(made.public_id))
        ]
        wish = f"/requests/{wishes[0].public_id}"
        other = OtherDate(starts_local=at.replace(day=9), note="ναι")
        answer_request.offer_other(str(wishes[0].public_id), other, **who)
        ended.closes_on = date(2027, 1, 8)
        rounds = [f"/rounds/{one.public_id}/ours" for one in (made, ended)]
        company = builders.an_organization("greek-company", kind=OrganizationKind.EMPLOYER)
        company.name, company.website = "Εταιρεία", "https://company.example"
        builders.an_office("greek-company-office", of=company).name = "Γραφείο εταιρείας"
        college = lookup.get(Campus, PASADENA).organization
        slug = college.slug
        for one in db.session.scalars(select(Organization).where(Organization.name.regexp_match("^[A-Z]"))):
            one.name = "Όνομα"
    for path in ("/offered-dates", *paths, *rounds, wish):
        reader.read(signed_in, path)
    pressed(signed_in, "Withdraw the request", values={"our_words": "α" * 1001})
    reader.look(signed_in, "too many words")
    pressed(signed_in, "Write", values={"words": " "})
    reader.look(signed_in, "no words")
    pressed(signed_in, "Write", values={"words": "ναι"})
    reader.look(signed_in, "written")
    pressed(signed_in, "It does not suit us", values={"our_words": "ναι"})
    reader.look(signed_in, "the other date is not taken")
    signed_in.get(paths[0])
    pressed(signed_in, "Claim this date", values={"campus": PASADENA, "expected_heads": "ξ"})
    reader.look(signed_in, "a claim that cannot be")
    pressed(signed_in, "Claim this date", values={"campus": PASADENA, "expected_heads": "", "title": "Ξενάγηση"})
    for path in (paths[0], "/requests/mine", "/employers", f"/employers/{slug}"):
        reader.read(signed_in, path, about=f"{path} afterwards")
    pressed(signed_in, "Approve")
    reader.look(signed_in, "no employer chosen")
    pressed(signed_in, "Do not admit", values={"employer": "greek-company", "reason": "όχι"})
    reader.look(signed_in, "not admitted")
    signed_in.get(paths[1])
    reader.read(signed_in, "/employers", about="employers")
    pressed(signed_in, "Ask to be admitted")
    reader.look(signed_in, "no college chosen")
    assert reader.found == {}
    assert {
        "pages.offered_dates",
        "pages.offered_date",
        "pages.our_round",
        "pages.employers",
        "pages.employers_of",
    } <= (reader.seen)
