"""The engagement register: a line for each partner and college, and behind every number what it is made of."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import lazy_gettext

from eventsvc.core import clock
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.reports.periods import By
from eventsvc.interfaces import registered, requests
from eventsvc.interfaces.registered import BehindQuerySchema, wish_of
from eventsvc.interfaces.web import forms
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import somebody_only
from eventsvc.workflows import engagement_register
from eventsvc.workflows.engagement_register import Number, Register, Wish

PERIODS = {
    By.WHOLE: lazy_gettext("In one"),
    By.MONTH: lazy_gettext("By month"),
    By.QUARTER: lazy_gettext("By quarter"),
}
NUMBERS = {
    Number.ASKED: lazy_gettext("Asked"),
    Number.ANSWERED: lazy_gettext("Answered"),
    Number.SERVED: lazy_gettext("Served"),
    Number.COUNTED: lazy_gettext("Counted"),
    Number.AWAITED: lazy_gettext("Number awaited"),
    Number.MISSING: lazy_gettext("Number missing"),
}
_ASKED_FOR = ("from", "until", "of", "partner", "college", "by", "number")


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/register", view_func=register)
    blueprint.add_url_rule("/register.csv", view_func=register_csv)
    blueprint.add_url_rule("/register/behind", view_func=register_behind)


@somebody_only
def register() -> tuple[str, int]:
    """The lines, and all together; days that make no sense are said, and the register of this year shown."""
    form = Form(request.args)
    status, found, wish = 200, None, _wish({})
    try:
        wish = _wish(_typed())
        found = engagement_register.read_register(wish, actor=requests.actor())
    except InvalidInput as refusal:
        form.refuse(refusal)
        status = refusal.status
    page = render_template(
        "register/register.html",
        found=found,
        form=form,
        wish=wish,
        periods=PERIODS,
        readable=engagement_register.organizations_read(requests.actor()),
        query=_query(wish),
        lines=_lines(found) if found else [],
        total=registered.sums_facts(found.total) if found else {},
    )
    return page, status


@somebody_only
def register_csv() -> Response:
    """The same lines as a file."""
    found = engagement_register.read_register(_wish(_typed()), actor=requests.actor())
    response = Response("".join(registered.as_csv(found)), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="register.csv"'
    return response


@somebody_only
def register_behind() -> str:
    """What stands behind one number."""
    typed = _loaded(_typed())
    wish = wish_of(typed, clock.now().date())
    rows = engagement_register.read_behind(wish, typed["number"], actor=requests.actor())
    return render_template(
        "register/behind.html", rows=rows, wish=wish, number=typed["number"], numbers=NUMBERS, query=_query(wish)
    )


def _typed() -> dict[str, str]:
    return {name: request.args[name] for name in _ASKED_FOR if request.args.get(name)}


def _loaded(typed: dict[str, str]) -> Any:
    return forms.load(BehindQuerySchema(), typed)


def _wish(typed: dict[str, str]) -> Wish:
    return wish_of(_loaded(typed), clock.now().date())


def _query(wish: Wish) -> dict[str, str]:
    """The address of the same register."""
    asked = {"from": wish.first.isoformat(), "until": wish.last.isoformat(), "of": wish.of, "by": str(wish.by)}
    asked |= {"partner": wish.partner, "college": wish.college}
    return {name: value for name, value in asked.items() if value}


def _lines(found: Register) -> list[tuple[Any, dict[str, Any]]]:
    return [(line, registered.line_facts(line, found)) for line in found.lines]
