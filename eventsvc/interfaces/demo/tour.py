"""What the start page leads to beside the first walk: from a wish to a person who comes, as it stands in this demo."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event
from eventsvc.interfaces.demo import answers, tables


class Tour(NamedTuple):
    """Addresses of pages."""

    board: str
    release: str
    understudy: str
    declined: str
    silent: str
    register: str
    away: str
    mail: str


def tour() -> Tour | None:
    """Where it all stands, or None in a database without the demo's events."""
    titles = (answers.TO_RELEASE[0][0], answers.UNDERSTUDIED, answers.DECLINED, answers.PASSED_OVER)
    query = select(Event.title, Event.public_id, Event.starts_on).where(Event.title.in_(titles))
    found = {title: (public_id, day) for title, public_id, day in db.session.execute(query)}
    if len(found) < len(titles):
        return None
    release, *events = (found[title] for title in titles)
    understudy, declined, silent = (url_for("pages.event", event_id=public_id) for public_id, _ in events)
    return Tour(
        board=url_for("pages.partner_board", slug=tables.PORT_OFFICE),
        release=url_for("pages.asked", day=release[1].isoformat()),
        understudy=understudy,
        declined=declined,
        silent=silent,
        register=url_for("pages.register"),
        away=url_for("pages.absences"),
        mail=url_for("pages.mail_for_review"),
    )
