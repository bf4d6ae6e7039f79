"""What every page shares: the words and filters of the templates, and the guard of planners' pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from eventsvc.core.errors import SignInNeeded
from eventsvc.domain.accounts import (
    PUBLIC,
    Actor,
    Permission,
    Role,
    colleagues,
    ensure_may_plan,
    ensure_may_run,
    ensure_somebody,
    may,
    may_plan,
    may_run,
    signing_in,
)
from eventsvc.interfaces import languages, requests, signed_in
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import kept, words
from eventsvc.interfaces.web.filters import FILTERS
from eventsvc.workflows.keeping import ensure_keeps_something, keeps_something

SEE_OTHER = 303


def furnish(app: Flask) -> None:
    """Give templates their words; call before the blueprint is registered."""
    # A planning form may stay open all morning; its token lives as long as the session does.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.context_processor(_context)
    for name, function in FILTERS.items():
        app.add_template_filter(function, name)


def _context() -> dict[str, Any]:
    return {
        "lang": languages.present(),
        "is_planner": is_planner(),
        "is_administrator": may_run(requests.actor()),
        "keeps_accounts": may(requests.actor(), Permission.KEEP_ACCOUNTS),
        "reads_reports": may(requests.actor(), Permission.READ_REPORTS),
        "may_set_up": may(requests.actor(), Permission.KEEP_PLACES),
        "keeps_things": keeps_something(requests.actor()),
        "is_signed_in": requests.actor() is not PUBLIC,
        # A role or an id: whom a page was made for, so that Back shows it to nobody else (app.js).
        "who": requests.actor().name,
        "has_account": requests.actor().account_id is not None,
        "asks_partners": asks_partners(requests.actor()),
        "is_demo": services().is_demo,
        "nav_link": nav_link,
        "words": words,
    }


def is_planner() -> bool:
    """True when the asker may plan."""
    return may_plan(requests.actor())


# Who plans for an employer or agency is asked; these ask.
_ASKING = (Role.COORDINATOR, Role.FAIR_MANAGER, Role.CONVENER, Role.ADMINISTRATOR)


def asks_partners(actor: Actor) -> bool:
    """True for those whose pages lead to asking partners; the form itself is for whoever plans."""
    return may_plan(actor) and any(one.role in _ASKING for one in actor.held)


def nav_link(endpoint: str, label: str) -> Markup:
    """A list item of the main navigation; the present page says so to screen readers."""
    current = Markup(' aria-current="page"') if request.endpoint == endpoint else Markup("")
    return Markup('<li><a href="{}"{}>{}</a></li>').format(url_for(endpoint), current, escape(label))


def planner_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Send those who may not plan to the sign-in page, and back afterwards; what they typed goes with them."""
    return _only(view, ensure_may_plan)


def administrator_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same for what only those who run the service may do; who is signed in and may not is told so."""
    return _only(view, ensure_may_run)


def keeper_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same for those who keep accounts somewhere."""
    return _only(view, colleagues.ensure_keeps_accounts)


def keeper_of_things_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same for those who keep people or places, or are experts themselves."""
    return _only(view, ensure_keeps_something)


def somebody_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same for whoever is signed in."""
    return _only(view, ensure_somebody)


def account_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Send those who have no account here to the sign-in page: the administrator's token has none either."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if signed_in.session() is None:
            return redirect(url_for("pages.sign_in", next=way_back()), SEE_OTHER)
        return view(*args, **kwargs)

    return guarded


def _only(view: Callable[..., Any], ensure_may: Callable[[Actor], None]) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            ensure_may(requests.actor())
        except SignInNeeded:
            if request.method == "POST" and (found := kept.of_this_request()):
                return sign_in_page(way_back(), kept=found), 401
            return redirect(url_for("pages.sign_in", next=way_back()), SEE_OTHER)
        return view(*args, **kwargs)

    return guarded


def forgetting(response: AnyResponse) -> AnyResponse:
    """Have the browser throw away the pages that it keeps of ours: nobody finds them by Back after signing out.

    While somebody is signed in they stay, so that Back finds a form as it was (W3C Clear Site Data, 3.1).
    """
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def sign_in_page(
    following: str,
    *,
    error: str = "",
    error_of_letter: str = "",
    error_elsewhere: str = "",
    error_of_password: str = "",
    kept: kept.Kept | None = None,
) -> str:
    """The page that asks who it is; it carries along where the person was going and what they had typed."""
    return render_template(
        "sign_in.html",
        following=following,
        error=error,
        error_of_letter=error_of_letter,
        error_elsewhere=error_elsewhere,
        error_of_password=error_of_password,
        places=[place.provider for place in services().sign_in_places.values()],
        takes_passwords=services().takes_passwords,
        kept=kept.as_text() if kept else "",
        has_token=bool(services().admin_token),
        may_anybody=bool(services().admin_token or services().sign_in_places) or signing_in.has_accounts(),
    )


def way_back() -> str:
    """Where to go on after signing in; what can only be posted leads to the page that had the button."""
    readable = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return request.full_path.rstrip("?") if readable else request.path.rpartition("/")[0]


def go_to_event(event_id: str) -> AnyResponse:
    """To an event's page, so that reloading it repeats nothing."""
    return redirect(url_for("pages.event", event_id=event_id), SEE_OTHER)
