"""The page of a request in a language without Latin letters."""

from __future__ import annotations

from datetime import date

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Organization
from eventsvc.domain.requests.windows import SaidWindow
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
