"""Where somebody's day begins: what waits for them, and what they may do here, by their roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor, Permission, may, may_plan
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.invitations import asking
from eventsvc.domain.requests.models import Request
from eventsvc.interfaces import requests, shown_desk
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import reminder_words
from eventsvc.interfaces.web.frame import asks_partners, somebody_only
from eventsvc.workflows import request_board, show_desk
from eventsvc.workflows.keeping import keeps_something

# Whose Monday letters are linked; who runs everything finds the others by their addresses.
MOST_OFFICES = 10


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/home", view_func=home)


@somebody_only
def home() -> str:
    """What needs attention, rooms to grant, own engagements, and the ways on; each of them opens."""
    actor, now, links = requests.actor(), clock.now(), services().links
    waiting = rooms.waiting_for(actor, now)
    engaged = asking.of_experts(actor.expert_ids, now) if actor.expert_ids else []
    # Only the path: the visitor may have come by another name of this machine.
    to_grant = [(one, _path(links.room_answer(str(one.public_id), one.turn, one.event.ends_at))) for one in waiting]
    to_answer = [(one, _path(links.answer(str(one.public_id), one.turn, one.event.ends_at))) for one in engaged]
    return render_template(
        "home.html",
        to_grant=to_grant,
        to_answer=to_answer,
        answers_for_rooms=may(actor, Permission.GRANT_ROOMS),
        is_expert=bool(actor.expert_ids),
        desk=_desk(actor, now),
        ways=_ways(actor),
    )


def _desk(actor: Actor, now: datetime) -> dict[str, Any] | None:
    """What whoever plans begins the day with; None for others."""
    if not may_plan(actor):
        return None
    desk = show_desk.desk_of(actor, now)
    needs = [(words, [one for one in desk.needs if one.lack is lack]) for lack, words in shown_desk.HEADINGS.items()]
    return {
        "found": desk,
        "offices": desk.offices[:MOST_OFFICES],
        "needs": [
            (words, [(one, shown_desk.sentence(one), _path(shown_desk.address(one))) for one in some])
            for words, some in needs
            if some
        ],
        "states": shown_desk.STATES,
        "request_path": {one.request.id: _path(_request_page(one.request)) for one in desk.wishes},
    }


def _request_page(asked: Request) -> str:
    return services().links.request_page(str(asked.public_id))


def _path(link: str) -> str:
    return urlsplit(link).path


def _ways_of_askers() -> list[tuple[str, str]]:
    return [
        (url_for("pages.ask"), gettext("Ask a partner")),
        (url_for("pages.my_requests"), gettext("Our requests")),
        (url_for("pages.offered_dates"), gettext("Offered dates")),
    ]


def _ways(actor: Actor) -> list[tuple[str, str]]:
    """What somebody may do here: address and words."""
    ways = []
    for expert_id in sorted(actor.expert_ids):
        expert = db.session.get_one(Expert, expert_id)
        ways.append(
            (url_for("pages.person_week", slug=expert.slug), gettext("My week: where I am and how I get there"))
        )
    if may_plan(actor):
        ways += [
            (url_for("pages.plan"), gettext("Plan an event")),
            *(_ways_of_askers() if asks_partners(actor) else []),
            *([(url_for("pages.partner_boards"), gettext("Requests to us"))] if request_board.answers(actor) else []),
            (url_for("pages.employers"), gettext("Employers")),
            (url_for("pages.waiting"), gettext("Open requests")),
            (url_for("pages.board"), gettext("Rooms")),
            (url_for("pages.mail_for_review"), gettext("Mail to decide about")),
            (url_for("pages.feed_statistics"), gettext("How calendars are fetched")),
            (url_for("pages.imports"), gettext("Calendars of other systems")),
            (url_for("pages.reminders"), gettext("Reminders")),
        ]
    ways += reminder_words.ways_of(actor)
    if may(actor, Permission.KEEP_PEOPLE):
        ways.append((url_for("pages.asked_now"), gettext("What is asked of our people")))
    if may(actor, Permission.KEEP_PLACES):
        ways.append((url_for("pages.all_paired"), gettext("Schools and their colleges")))
    if keeps_something(actor):
        ways.append((url_for("pages.outside_calendars"), gettext("Outside calendars")))
    if may(actor, Permission.KEEP_ACCOUNTS):
        ways.append((url_for("pages.people"), gettext("People")))
    if may(actor, Permission.READ_REPORTS):
        ways.append((url_for("pages.register"), gettext("Engagement register")))
        ways.append((url_for("pages.mail_clients"), gettext("By which programs people answer")))
        ways.append((url_for("pages.missing"), gettext("Where somebody is missing")))
    ways.append((url_for("pages.absences"), gettext("Who is away, and who covers")))
    ways.append((url_for("pages.listing"), gettext("Upcoming events")))
    if actor.account_id is not None:
        ways.append((url_for("pages.account"), gettext("Your account")))
    return ways
