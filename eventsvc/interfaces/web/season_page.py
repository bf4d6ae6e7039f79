"""An expert's season, by the link of a letter: no account, and nothing is said by opening it."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask_babel import lazy_gettext

from eventsvc.core import clock
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.interfaces import languages
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown_season import answer_url
from eventsvc.interfaces.web import guests
from eventsvc.interfaces.web.away_now import since, until
from eventsvc.interfaces.web.board_words import Words
from eventsvc.workflows.show_season import Season, season_of

_SAID = {
    InvitationState.DECLINED: lazy_gettext("You said no."),
    InvitationState.PASSED_OVER: lazy_gettext("Somebody else was asked."),
    InvitationState.UNDERSTUDY: lazy_gettext("Somebody else comes; you would step in."),
    InvitationState.NEEDS_ACTION: lazy_gettext("It is over, without an answer."),
    InvitationState.TENTATIVE: lazy_gettext("It is over, without an answer."),
}


def add_guest_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/season/<token>", view_func=season)


def season(token: str) -> Response:
    """What is asked, what is agreed, and the days around it; refuses NotFound and LinkExpired."""
    now = clock.now()
    found = season_of(*services().links.read_season(token, now), now)
    languages.prefer(found.expert.language)
    zone = found.expert.zone
    leave = [(since(one.block.starts_at, zone), until(one.block.ends_at, zone)) for one in found.leave]
    return guests.page(
        "season.html",
        season=found,
        answer_url=answer_url,
        leave=leave,
        said=_SAID,
        ways=_ways(found),
        calendars=url_for(".season_calendars", token=token),
        letters=url_for(".season_letters", token=token),
    )


def _ways(found: Season) -> list[tuple[object, list[str]]]:
    said = Words(found.expert.zone, {}, for_planner=False)
    return [(way.day, [said.leg(leg, found.places) for leg in way.legs]) for way in found.ways]
