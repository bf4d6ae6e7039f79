"""Search: events, rooms and, for those who plan, people and pools of things. What is asked stands in the address."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup, escape

from eventsvc.core import clock
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.words import as_text
from eventsvc.domain.search.folding import LONGEST_QUESTION, begins_all, pieces, words_asked, words_in
from eventsvc.interfaces import found, requests
from eventsvc.interfaces.web.forms import THINGS

MOST_OF_A_GROUP = 10
EXCERPT_LENGTH = 200
_BEFORE_THE_WORD = 60


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/search", view_func=search)


def search() -> str:
    """What the words of `q` lead to, in groups; without a word, how to ask."""
    question = request.args.get("q", "")[:LONGEST_QUESTION].replace("\x00", "")
    asked = words_asked(question)
    groups = found.groups(question, actor=requests.actor(), now=clock.now(), most=MOST_OF_A_GROUP) if asked else []
    return render_template(
        "search.html",
        question=question,
        has_words=bool(asked),
        groups=groups,
        total=sum(group.total for group in groups),
        marked=lambda text: marked(text, asked),
        excerpt=lambda event: excerpt(event, asked),
        plan_with=plan_with,
        longest=LONGEST_QUESTION,
    )


def plan_with(pool: Pool) -> str:
    """A planning form that asks for one of the pool: there one sees how many there are and when they are free."""
    asked = {f"{THINGS}{pool.slug}": "1"} | ({"campus": pool.campus.slug} if pool.campus else {})
    return url_for("pages.plan", _anchor="f-equipment", **asked)  # type: ignore[arg-type]  # values of the address


def marked(text: str, asked: tuple[str, ...]) -> Markup:
    """The text with the words that match in <mark>."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if is_match else escape(piece)
        for piece, is_match in pieces(text, asked)
    )


def excerpt(event: Event, asked: tuple[str, ...]) -> str:
    """The description around the first word that matches; nothing where the title has all that was asked for."""
    if begins_all(asked, words_in(event.title)):
        return ""
    before = ""
    text = " ".join(as_text(event.description).split())
    for piece, is_match in pieces(text, asked):
        if is_match:
            return _around(text, len(before))
        before += piece
    return ""


def _around(text: str, place: int) -> str:
    """Some 200 characters of the text about that place, cut between words."""
    first = 0 if place <= _BEFORE_THE_WORD else text.find(" ", place - _BEFORE_THE_WORD, place) + 1 or place
    shown = text[first : first + EXCERPT_LENGTH]
    last = len(shown) if first + len(shown) == len(text) else shown.rfind(" ") if " " in shown else len(shown)
    return f"{'… ' if first else ''}{shown[:last]}{' …' if first + last < len(text) else ''}"
