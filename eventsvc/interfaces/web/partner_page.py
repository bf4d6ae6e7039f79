"""A partner's board: what colleges wish for and waits for an answer, the oldest first, with who could go and why."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eventsvc.core import clock
from eventsvc.domain.accounts import Permission
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.requests.matching import Match
from eventsvc.domain.requests.models import Request
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.match_words import reasons_in_words, turn_in_words
from eventsvc.interfaces.web import words
from eventsvc.interfaces.web.frame import planner_only
from eventsvc.interfaces.web.private_calendars_page import page_for
from eventsvc.interfaces.web.wish_words import FORMATS, said_window
from eventsvc.workflows import request_board
from eventsvc.workflows.keeping import may_keep_of
from eventsvc.workflows.request_board import Line

# On a phone ten stand on some fourteen screens; and each costs a weighing of all people.
PAGE_OF_BOARD = 10


def add_routes(blueprint: Blueprint) -> None:
    """Add the board of an office, and the way to one's own."""
    blueprint.add_url_rule("/requests/board", view_func=partner_boards)
    blueprint.add_url_rule("/offices/<slug>/requests", view_func=partner_board)


@planner_only
def partner_boards() -> ResponseReturnValue:
    """To the board on which one answers; where there are several, to choose."""
    found = request_board.boards_of(requests.actor())
    if len(found) == 1:
        return redirect(url_for("pages.partner_board", slug=found[0].office.slug))
    return render_template("partner/boards.html", boards=found)


@planner_only
def partner_board(slug: str) -> str:
    """One page of what waits for an office."""
    cursor = request.args.get("cursor")
    lines, last = request_board.board_of(
        slug, actor=requests.actor(), after=paging.event_key(cursor), limit=PAGE_OF_BOARD, now=clock.now()
    )
    following = paging.encode(paging.event_cursor(last)) if last else None
    return render_template(
        "partner/board.html",
        **of_office(directory.get(Office, slug)),
        lines=[_shown(line) for line in lines],
        following=url_for("pages.partner_board", slug=slug, cursor=following) if following else None,
        is_first_page=cursor is None,
        formats=FORMATS,
    )


def of_office(office: Office) -> dict[str, Any]:
    """What all pages of a partner's office share: it, its calendars, and whether one keeps how its people are asked."""
    return {
        "office": office,
        "calendars": page_for(office, requests.actor()),
        "keeps_asking": may_keep_of(requests.actor(), Permission.KEEP_PEOPLE, office.organization),
    }


def _shown(line: Line) -> dict[str, Any]:
    wish = line.request
    return {
        "line": line,
        "wish": wish,
        "windows": [said_window(window) for window in wish.windows],
        "had": turn_in_words(line.share, None),
        "people": [shown_match(one, wish) for one in line.suggested],
    }


def shown_match(match: Match, wish: Request) -> dict[str, Any]:
    """Somebody who is suggested: their name, from when they could, and why."""
    starts = words.instant(match.span.start, wish.zone) if match.span else ""
    return {"match": match, "name": match.expert.name, "starts": starts, "reasons": reasons_in_words(match)}
