"""The pages about calendars in a made-up language: no word of ours goes past the translations."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

from sqlalchemy import update

from eventsvc.core.db import db, transaction
from eventsvc.domain.directory.models import Organization, OrganizationKind
from eventsvc.domain.feeds import versions
from eventsvc.domain.feeds.families import Family
from eventsvc.domain.feeds.polls import STEPS, Tally
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.count_polls import add_counted
from eventsvc.workflows.move_event import Destination, move_event
from tests import builders
from tests.conftest import NOW
from tests.interfaces.test_untranslated import (
    FEEDS,
    GREEK,
    REACHED,
    REMINDERS,
    Reader,
    greek,
    in_pseudo,
    reader,
    signed_in,
)

PAIRINGS = {"pages.all_paired", "pages.paired"}
__all__ = ["greek", "in_pseudo", "reader", "signed_in"]


def test_how_calendars_are_fetched_by_every_family_and_with_every_lag(greek, signed_in, reader: Reader):
    reader.read(signed_in, "/calendars/statistics", about="nobody has asked yet")
    with greek.app.app_context():
        for family, lag in zip(Family, [*STEPS[:-1], STEPS[-2] + 60, None], strict=True):
            tally, key = Tally(), f"event:{family}"
            for waited in (0, lag):
                with transaction():
                    versions.touch({key}, NOW)
                at = NOW + timedelta(seconds=waited or 0)
                copy = SimpleNamespace(version=versions.latest(), keys=frozenset({key}), is_private=False)
                if waited is not None:
                    tally.count(key, family, at, copy=copy, is_304=False)
                add_counted(tally)
    reader.read(signed_in, "/calendars/statistics", about="all families")
    reader.read(signed_in, "/calendars/all", about="subscribe")
    assert reader.found == {}
    assert FEEDS - PAIRINGS - reader.seen == set()


def test_pairings_from_both_sides_and_their_refusals(greek, signed_in, reader: Reader):
    reader.read(signed_in, "/pairings", about="one college, so its page")
    with greek.app.app_context(), transaction():
        for slug, name, kind in (
            ("school", "Λύκειο", OrganizationKind.SCHOOL),
            ("other-college", "Κολέγιο", OrganizationKind.COLLEGE),
        ):
            db.session.add(Organization(slug=slug, name=name, kind=kind))
    reader.read(signed_in, "/pairings", about="to choose")
    college = signed_in.page.select_one("main li a")["href"]
    for page, with_whom in ((college, "school"), ("/organizations/school/pairings", college.split("/")[2])):
        reader.read(signed_in, page, about="none yet")
        signed_in.post(page, {"act": "pair", "with": "x"})
        reader.look(signed_in, "nobody of that name")
        signed_in.post(page, {"act": "pair", "with": with_whom})
        reader.look(signed_in, "paired")
        reader.read(signed_in, "/calendars/organization/school")
        signed_in.post(page, {"act": "end", "with": with_whom})
        reader.look(signed_in, "ended")
    reader.read(signed_in, "/organizations/port/pairings", about="neither")
    assert reader.found == {}
    assert PAIRINGS - reader.seen == set()


def test_rules_of_reminders_their_preview_and_their_refusals(greek, signed_in, reader: Reader):
    event = greek.plan(**GREEK)
    event = event["id"] if isinstance(event, dict) else event
    reader.read(signed_in, "/reminders/rules")
    reader.read(signed_in, "/organizations/college/reminders", about="with quiet hours of its offices")
    reader.read(signed_in, f"/events/{event}/reminders")
    row = {"version": "0", "act": "save:host", "amount-host-0": "x", "unit-host-0": "start:hours"}
    signed_in.post(f"/events/{event}/reminders", row)
    reader.look(signed_in, "a number that is none")
    for state in ("planned", "missed", "posted", "dropped"):
        reader.read(signed_in, f"/reminders?state={state}")
    assert reader.found == {}
    assert REMINDERS - reader.seen == set()


def test_who_has_been_reached_in_every_standing_and_the_sign(greek, signed_in, reader: Reader):
    event = greek.plan(builders.at("2027-01-12T14:00"), **GREEK)
    reader.read(signed_in, f"/events/{event}/reached", about="nothing has changed late")
    later, elsewhere = datetime(2027, 1, 12, 15, 0), {"campus": "other", "is_campus_told": True, "rooms": ("far",)}
    for to in ({"time": {"starts_local": later}}, {"rooms": ("attic",)}, elsewhere):
        greek.run(move_event, event, to=Destination(**to))
        reader.read(signed_in, f"/events/{event}/reached", about=f"moved: {to}")
        reader.read(signed_in, f"/events/{event}/sign", about=f"sign: {to}")
    for state in MessageState:
        with greek.app.app_context(), transaction():
            db.session.execute(update(Message).values(state=state, error="550"))
        reader.read(signed_in, f"/events/{event}/reached", about=f"letters are {state}")
    reader.read(signed_in, f"/events/{event}", about="the panel")
    signed_in.post(f"/events/{event}/reached", {"who": "x"})
    reader.look(signed_in, "nobody of that name")
    signed_in.get(f"/events/{event}/reached")
    while buttons := signed_in.page.select(".reached [name=who]"):
        signed_in.post(f"/events/{event}/reached", {"who": buttons[0]["value"]})
        reader.look(signed_in, "told")
    reader.read(signed_in, f"/events/{event}", about="the panel when all are reached")
    greek.run(withdraw_event, event)
    reader.read(signed_in, f"/events/{event}/sign", about="withdrawn")
    assert reader.found == {}
    assert REACHED - reader.seen == set()
