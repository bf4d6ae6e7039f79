"""The pages about calendars in a made-up language: no word of ours goes past the translations."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from eventsvc.core.db import transaction
from eventsvc.domain.feeds import versions
from eventsvc.domain.feeds.families import Family
from eventsvc.domain.feeds.polls import STEPS, Tally
from eventsvc.workflows.count_polls import add_counted
from tests.conftest import NOW
from tests.interfaces.test_untranslated import FEEDS, Reader, greek, in_pseudo, reader, signed_in

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
    assert FEEDS - reader.seen == set()
