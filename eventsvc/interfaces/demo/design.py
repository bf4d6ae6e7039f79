"""The component sheet: each part of the pages in all its states, made by the macros that the pages use."""

from __future__ import annotations

from pathlib import Path

from flask import current_app, render_template

from eventsvc.core import clock
from eventsvc.interfaces.demo import colors, examples
from eventsvc.interfaces.demo.people import PEOPLE
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import calendar_links, calendars_page, letter_words


def sheet() -> str:
    """Colors with their contrast, type, buttons, fields, notices, events, letters."""
    now = clock.now()
    return render_template(
        "design.html",
        pairs=list(colors.pairs(Path(str(current_app.static_folder)))),
        events=examples.events(now),
        kinds=examples.of_each_kind(now),
        statuses=examples.of_each_status(now),
        hidden=examples.of_each_hiding(now),
        letters=examples.letters(now),
        form=examples.form(),
        reasons=examples.reasons(now),
        add=calendar_links.for_event(examples.event(now), services().links),
        qr=calendars_page.qr_code(services().links.to("/design")),
        choices=examples.choices(),
        people=list(PEOPLE.items())[2:],
        says=letter_words,
    )
