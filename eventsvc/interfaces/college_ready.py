"""What a college still lacks, as the pages, the JSON and the command show it: where each thing is mended."""

from __future__ import annotations

from typing import Any

from eventsvc.interfaces.languages import translated
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web.calendar_links import is_local_only
from eventsvc.workflows.readiness import Check, Readiness, Surroundings


def surroundings() -> Surroundings:
    """What the running service knows of itself."""
    made = services()
    return Surroundings(
        is_reachable=made.links.public_url.startswith("https://") and not is_local_only(made.links),
        has_mail_server=bool(made.smtp_url),
        sender=made.sender,
    )


def mending_path(check: Check, college: str) -> str:
    """The page on which it is mended."""
    if check.step == "events":
        return "/plan" if check.name == "events" else "/"
    return f"/setup/{college}/{check.step}"


def facts_of(found: Readiness) -> dict[str, Any]:
    """For JSON, in the language of the answer."""
    college = found.college
    return {
        "college": college.slug,
        "name": college.name,
        "is_ready": found.is_ready,
        "checks": [
            {
                "name": check.name,
                "is_done": check.is_done,
                "is_needed": check.is_needed,
                "says": translated(check.says),
                "url": services().links.to(mending_path(check, college.slug)),
            }
            for check in found.checks
        ],
        "url": services().links.to(f"/setup/{college.slug}/ready"),
    }
