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


def read(body: bytes) -> dict[str, Any]:
    """What ical.js finds in a calendar with one event; skips the test where it is not there."""
    node, folder = shutil.which("node"), _folder()
    if node is None or folder is None:
        pytest.skip(ABSENT)
    program = _PROGRAM.format(module=json.dumps((folder / "dist" / "ical.js").as_uri()))
    command = [node, "--input-type=module", "--eval", program]
    done = subprocess.run(command, input=body, capture_output=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout))


def _folder() -> Path | None:
    named = os.environ.get(VARIABLE)
    candidates = ([Path(named)] if named else []) + [CHECKOUT / ".node" / "node_modules" / "ical.js"]
    return next((one for one in candidates if (one / "dist" / "ical.js").exists()), None)
