"""Lighthouse (npm, beside Node) on one address: what it says of each category, and why not more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.e2e.browsers import ARGUMENTS
from tests.live_demo import CHECKOUT

VARIABLE = "EVENTSVC_LIGHTHOUSE"
ABSENT = f"no Lighthouse here: npm install --prefix .node lighthouse@12, or name the program in {VARIABLE}"
OWN = CHECKOUT / ".node" / "node_modules" / ".bin" / "lighthouse"
SECONDS = 180


def program() -> str | None:
    """The path of the program, or None."""
    candidates = (os.environ.get(VARIABLE), str(OWN), "lighthouse")
    return next((found for name in candidates if name and (found := shutil.which(name))), None)


def audit(address: str, categories: Iterable[str], *, token: str, chromium: str, report: Path) -> dict[str, Any]:
    """The report on a page as a phone of the middle range loads it (Lighthouse's default), read by a planner.

    The token goes along as a header, since the browser that Lighthouse starts is nobody's.
    """
    command = [
        program() or "lighthouse",
        address,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--only-categories={','.join(categories)}",
        f"--extra-headers={json.dumps({'Authorization': f'Bearer {token}'})}",
        f"--chrome-flags=--headless=new {' '.join(flag for flag in ARGUMENTS if ' ' not in flag)}",
        "--no-enable-error-reporting",
    ]
    done = subprocess.run(
        command,
        env={**os.environ, "CHROME_PATH": chromium, "CI": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"lighthouse: {done.stderr[-2000:]}")
    return json.loads(report.read_text())


def score(report: dict[str, Any], category: str) -> int:
    """From 0 to 100."""
    return round(100 * report["categories"][category]["score"])


def lost(report: dict[str, Any], category: str) -> list[str]:
    """The audits of a category that cost points."""
    audits = (report["audits"][ref["id"]] for ref in report["categories"][category]["auditRefs"] if ref["weight"])
    return [f"{audit['id']}: {audit['title']}" for audit in audits if audit["score"] is not None and audit["score"] < 1]
