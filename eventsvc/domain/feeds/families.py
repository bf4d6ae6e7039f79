"""Which family of calendar programs asks, by the name that a program gives itself (User-Agent, RFC 9110 10.1.5).

Only the family is counted. The program's own words are kept nowhere but in this process's memory of what it has
classified, and go when that is full.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Family(StrEnum):
    """Programs that behave alike. `SCRIPT` is curl, a library; `OTHER` what names itself otherwise, or not at all."""

    GOOGLE = "google"
    APPLE = "apple"
    OUTLOOK_WEB = "outlook_web"
    OUTLOOK_DESKTOP = "outlook_desktop"
    THUNDERBIRD = "thunderbird"
    EVOLUTION = "evolution"
    NEXTCLOUD = "nextcloud"
    ICSX5 = "icsx5"
    DAVX5 = "davx5"
    FASTMAIL = "fastmail"
    PROTON = "proton"
    SCRIPT = "script"
    BROWSER = "browser"
    OTHER = "other"


# In this order: programs that are made of a browser also say its name, and Apple's and Thunderbird say Mozilla.
_MARKS: tuple[tuple[Family, tuple[str, ...]], ...] = (
    (Family.GOOGLE, ("google-calendar-importer", "google-calendar")),
    (Family.NEXTCLOUD, ("nextcloud",)),
    (Family.ICSX5, ("icsx5", "icsdroid")),
    (Family.DAVX5, ("davx5", "davdroid")),
    (Family.THUNDERBIRD, ("thunderbird", "lightning/")),
    (Family.EVOLUTION, ("evolution",)),
    (Family.FASTMAIL, ("fastmail", "cyrus")),
    (Family.PROTON, ("proton",)),
    (Family.OUTLOOK_WEB, ("exchange/", "owa", "microsoft exchange", "exchangeservicesclient", "outlook-web")),
    (Family.OUTLOOK_DESKTOP, ("microsoft office", "outlook", "ms-office")),
    (
        Family.APPLE,
        ("calendaragent", "dataaccessd", "accountsd", "calendaruiservice", "iphoneos", "ios/", "macos", "mac os x/"),
    ),
    (
        Family.SCRIPT,
        (*("curl/", "wget/", "python", "httpx", "okhttp", "go-http-client", "libwww", "java/", "ruby", "node"), "khal"),
    ),
    (Family.BROWSER, ("mozilla/",)),
)
_MOST_KNOWN, _MOST_WORDS = 4_096, 300


def family_of(user_agent: str) -> Family:
    """The family of a program by what it calls itself; at most 300 characters of that are looked at."""
    return _known(user_agent[:_MOST_WORDS])


@lru_cache(maxsize=_MOST_KNOWN)
def _known(user_agent: str) -> Family:
    said = user_agent.lower()
    return next((family for family, marks in _MARKS if any(mark in said for mark in marks)), Family.OTHER)
