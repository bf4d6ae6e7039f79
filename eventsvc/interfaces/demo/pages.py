"""The demo's pages: the start page, the clock that can be moved, and the people one can be."""

from __future__ import annotations

from babel.dates import format_skeleton
from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext, ngettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from eventsvc.core import clock
from eventsvc.core.times import to_wall
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.demo import answering, moving, people
from eventsvc.interfaces.demo.days import ZONE
from eventsvc.interfaces.demo.tour import tour
from eventsvc.interfaces.demo.walk import walk
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web.sign_in import own_path
from eventsvc.interfaces.web.words import clock_time

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
SEE_OTHER = 303
answering.add_routes(blueprint)


def register(app: Flask) -> None:
    """Add the routes and what the bar on every page shows."""
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"demo": Bar()})


class Bar:
    """What the bar on every page of a demo shows; asks only when it is shown."""

    zone = ZONE

    @property
    def now(self) -> object:
        """The demo's time."""
        return clock.now()

    @property
    def now_in_words(self) -> str:
        """The same, short enough for a phone: Sat, Nov 21, 5:24 PM. Within some weeks no year is needed."""
        moment = clock.now()
        day = format_skeleton("MMMEd", to_wall(moment, ZONE), locale=get_locale() or "en")
        return f"{day}, {clock_time(moment, ZONE)}"

    families, answer_words = answering.FAMILIES, answering.WORDS

    def asks_calendars(self, message: Message) -> bool:
        """True for a letter that a calendar program could answer."""
        return answering.question_of(message) is not None

    @property
    def person(self) -> str:
        """The name of the person one is, or nothing."""
        return people.present()

    @property
    def role(self) -> object:
        """What that person is, in words; nothing for a passer-by."""
        return people.PEOPLE[self.person].role if self.person else ""

    @property
    def back(self) -> str:
        """Where to return to after the clock has been moved: the page itself, unless it only exists as an answer."""
        return request.full_path.rstrip("?") if request.method == "GET" else url_for("demo.start")


@blueprint.get("")
def start() -> str:
    """What this is, whom one can be, and a first walk."""
    return render_template("demo/start.html", people=people.PEOPLE, walk=walk(), tour=tour(), links=services().links)


@blueprint.post("/clock")
def move_clock() -> Response:
    """Move the demo's clock forward, do what came due on the way, and go back to where one was."""
    step = request.form.get("step", "")
    if step not in moving.STEPS:
        raise NotFound
    letters = moving.move(step, current_app._get_current_object())  # type: ignore[attr-defined]  # Flask's way to the app
    if letters is None:
        flash(gettext("No letter is due at any time: nothing is planned that would cause one."))
    elif letters:
        flash(ngettext("%(num)d letter was written on the way.", "%(num)d letters were written on the way.", letters))
    else:
        flash(gettext("No letter came due on the way."))
    return redirect(_own_path(request.form.get("back", "")), SEE_OTHER)


@blueprint.post("/be/<name>")
def become(name: str) -> Response:
    """Take somebody's place, or be nobody again. `go` leads on from there."""
    if name == people.NOBODY:
        people.be_nobody()
        flash(gettext("You are nobody in particular again: you see what every visitor sees."))
        return redirect(url_for("demo.start"), SEE_OTHER)
    if name not in people.PEOPLE:
        raise NotFound
    person = people.be(name)
    return redirect(_own_path(request.form["go"]) if "go" in request.form else person.begins_at(), SEE_OTHER)


def _own_path(text: str) -> str:
    """A path of this service, or the start page."""
    return own_path(text) if text else url_for("demo.start")
