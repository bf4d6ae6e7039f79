"""ical.js, which reads calendars in Thunderbird and Nextcloud, as a parser that is not ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.live_demo import CHECKOUT

VARIABLE = "EVENTSVC_ICAL_JS"
ABSENT = f"no ical.js here: npm install --prefix .node ical.js@2, or name its folder in {VARIABLE}"
_SECONDS = 60
_PROGRAM = """
import ICAL from {module};
import {{ readFileSync }} from "node:fs";
const root = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const [event, ...others] = root.getAllSubcomponents("vevent");
if (others.length) throw new Error("more than one VEVENT");
const said = (name) => event.getFirstPropertyValue(name);
console.log(JSON.stringify({{
  method: root.getFirstPropertyValue("method"),
  uid: said("uid"), sequence: said("sequence"), summary: said("summary"), location: said("location"),
  organizer: said("organizer"), status: said("status"), starts: said("dtstart")?.toString() ?? null,
  attendees: event.getAllProperties("attendee").map((one) => ({{
    value: one.getFirstValue(), cn: one.getParameter("cn"), partstat: one.getParameter("partstat"),
  }})),
}}));
"""


_OF_ALL = """
import ICAL from {module};
import {{ readFileSync }} from "node:fs";
const root = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const said = (one, name) => one.getFirstPropertyValue(name);
console.log(JSON.stringify({{
  entries: root.getAllSubcomponents("vevent").map((one) => [
    said(one, "uid"), said(one, "summary"), said(one, "dtstart").toString(), said(one, "dtend").toString(),
  ]),
  whole: root.getAllSubcomponents("vevent").map((one) => [
    ...["uid", "summary", "status", "transp", "location", "description"].map((name) => said(one, name)),
    String(said(one, "sequence")), said(one, "dtstart").toString(), said(one, "dtend").toString(),
    said(one, "last-modified").toString(),
  ]),
  busy: root.getAllSubcomponents("vfreebusy").flatMap((one) => one.getAllProperties("freebusy").map((times) => [
    times.getParameter("fbtype"), times.getFirstValue().start.toICALString(), times.getFirstValue().end.toICALString(),
  ])),
}}));
"""


def read(body: bytes) -> dict[str, Any]:
    """What ical.js finds in a calendar with one event; skips the test where it is not there."""
    return dict(_run(_PROGRAM, body))


def entries(body: bytes) -> list[tuple[str, ...]]:
    """UID, title, start and end of every entry of a calendar."""
    return [tuple(one) for one in _run(_OF_ALL, body)["entries"]]


def whole_entries(body: bytes) -> list[tuple[str | None, ...]]:
    """UID, SUMMARY, STATUS, TRANSP, LOCATION, DESCRIPTION, SEQUENCE, start, end and LAST-MODIFIED of every entry."""
    return [tuple(one) for one in _run(_OF_ALL, body)["whole"]]


def free_busy(body: bytes) -> list[tuple[str, ...]]:
    """The sort of each period of the calendar's free and busy times, its start and its end."""
    return [tuple(one) for one in _run(_OF_ALL, body)["busy"]]


def _run(text: str, body: bytes) -> Any:
    node, folder = shutil.which("node"), _folder()
    if node is None or folder is None:
        pytest.skip(ABSENT)
    program = text.format(module=json.dumps((folder / "dist" / "ical.js").as_uri()))
    command = [node, "--input-type=module", "--eval", program]
    done = subprocess.run(command, input=body, capture_output=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def _folder() -> Path | None:
    named = os.environ.get(VARIABLE)
    candidates = ([Path(named)] if named else []) + [CHECKOUT / ".node" / "node_modules" / "ical.js"]
    return next((one for one in candidates if (one / "dist" / "ical.js").exists()), None)
