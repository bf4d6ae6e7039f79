"""A calendar program that is not ours subscribes to the live server: vdirsyncer fetches, khal shows."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus
from eventsvc.workflows import call_off_event, move_event, plan_event, publish_event
from eventsvc.workflows.move_event import Destination
from tests import builders, databases, servers

_SECONDS = 120
_SYNCER = """
[general]
status_path = "{folder}/status"

[pair port]
a = "here"
b = "there"
collections = null
conflict_resolution = "b wins"

[storage here]
type = "filesystem"
path = "{folder}/events"
fileext = ".ics"

[storage there]
type = "http"
url = "{address}"
"""
_KHAL = """
[calendars]
[[port]]
path = {folder}/events
type = calendar
readonly = True

[locale]
local_timezone = America/Los_Angeles
default_timezone = America/Los_Angeles
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M

[sqlite]
path = {folder}/khal.db
"""


class Subscriber:
    """A folder with the two programs' settings."""

    def __init__(self, folder: Path, address: str) -> None:
        (folder / "events").mkdir()
        self._syncer, self._khal = folder / "vdirsyncer", folder / "khal"
        self._syncer.write_text(_SYNCER.format(folder=folder, address=address))
        self._khal.write_text(_KHAL.format(folder=folder))
        self._run("vdirsyncer", "-c", str(self._syncer), "discover")

    def shown(self, day: datetime) -> list[str]:
        """What khal shows for the eight weeks from a day on, after another fetch: a line an event."""
        self._run("vdirsyncer", "-c", str(self._syncer), "sync")
        line = "{start-date} {start-time}-{end-time} {title} @ {location} {status}"
        until = (day + timedelta(weeks=8)).date()
        asked = ["--once", "--day-format", "", "--format", line, day.date().isoformat(), until.isoformat()]
        out = self._run("khal", "-c", str(self._khal), "list", *asked)
        return [one.strip() for one in out.splitlines() if one.strip()]

    @staticmethod
    def _run(program: str, *arguments: str) -> str:
        command = [str(Path(sys.executable).parent / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, input="y\n")
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def served(database_url):
    """The app for its stories, and a server on the same database."""
    app = create_app(databases.settings(database_url))
    with servers.serving(databases.environment(database_url)) as server:
        yield app, server
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_subscriber_sees_what_is_published_moved_and_cancelled(served, tmp_path):
    app, server = served
    day = datetime.now(ZoneInfo(builders.PACIFIC)) + timedelta(days=14)
    week_later = day + timedelta(weeks=1)
    first, later = (
        builders.at(f"{day:%Y-%m-%d}T14:00"),
        {"starts_local": datetime.fromisoformat(f"{week_later:%Y-%m-%d}T09:30")},
    )

    def story(act):
        with app.app_context(), transaction():
            return act()

    def plan():
        campus = lookup.get(Campus, "harbor-college")
        room = builders.a_room("hall-a", on=campus)
        event = plan_event.plan_event(
            builders.a_plan(campus, rooms=[room], title="Ñandú; ships, boats", when=first),
            actor=ADMINISTRATOR,
            now=clock.now(),
        )
        publish_event.publish_event(event.public_id, actor=ADMINISTRATOR, now=clock.now())
        return str(event.public_id)

    story(lambda: builders.a_campus("harbor-college"))
    subscriber = Subscriber(tmp_path, f"{server.url}/feeds/campus/harbor-college.ics")
    assert subscriber.shown(day) == []
    event = story(plan)
    (line,) = subscriber.shown(day)
    assert line.startswith(f"{day:%Y-%m-%d} 14:00-15:00 Ñandú; ships, boats @ ")
    story(lambda: move_event.move_event(event, Destination(time=later), actor=ADMINISTRATOR, now=clock.now()))
    (line,) = subscriber.shown(day)
    assert line.startswith(f"{week_later:%Y-%m-%d} 09:30-10:30 Ñandú; ships, boats @ ")
    story(lambda: call_off_event.withdraw_event(event, actor=ADMINISTRATOR, now=clock.now()))
    (line,) = subscriber.shown(day)
    assert "Cancelled: Ñandú; ships, boats" in line
    assert line.endswith("CANCELLED")
