"""The browser on this machine: where it is, and how it is started so that it talks to nobody but us."""

from __future__ import annotations

import os
import shutil

# The same engine without a window to draw: a new context costs a quarter of the processor's time. It reads no
# settings of a profile, which some tests need.
HEADLESS_SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "EVENTSVC_CHROMIUM"
ABSENT = f"no Chromium here: install Debian's chromium, or name one in {VARIABLE}"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    # Even a request that our tests did not see could reach nobody.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


def windowless() -> str | None:
    """The path of the browser that only draws pages, where it is installed; else of the whole browser, or None."""
    named = os.environ.get(VARIABLE)
    return (None if named else shutil.which(HEADLESS_SHELL)) or chromium()


def chromium() -> str | None:
    """The path of the whole browser, or None."""
    named = os.environ.get(VARIABLE)
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path), None)
