"""Webhooks on pages: the systems of others that an office lets be told what happens, and what each was sent.

The secret stands on the page that made it, once; no cache keeps that page.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Stale, say
from eventsvc.core.versions import Expected, these
from eventsvc.domain.accounts.models import Grant
from eventsvc.domain.directory.models import Office
from eventsvc.domain.webhooks import deliveries
from eventsvc.domain.webhooks.models import TEST, DeliveryState, Happening, WebhookTarget
from eventsvc.interfaces import downloads, paging, requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import frame, kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import keep_webhooks as keep
from eventsvc.workflows import webhook_log as log

KINDS = {
    Happening.CREATED: lazy_gettext("An event is planned, or comes back"),
    Happening.MOVED: lazy_gettext("An event is at another time or place"),
    Happening.CANCELLED: lazy_gettext("An event is called off or put off"),
    Happening.CONFIRMED: lazy_gettext("An event is confirmed"),
    Happening.ANSWERED: lazy_gettext("Somebody has answered"),
    Happening.REMINDER: lazy_gettext("A reminder is due"),
    TEST: lazy_gettext("A test"),
}
STATES = {
    DeliveryState.QUEUED: lazy_gettext("waits"),
    DeliveryState.LEASED: lazy_gettext("is being sent"),
    DeliveryState.DONE: lazy_gettext("was taken"),
    DeliveryState.FAILED: lazy_gettext("was given up"),
    DeliveryState.SET_ASIDE: lazy_gettext("was set aside"),
    DeliveryState.DROPPED: lazy_gettext("was dropped"),
}
_ASKED = {kind: words for kind, words in KINDS.items() if kind != TEST}
_SHOWN = 50


def add_routes(blueprint: Blueprint) -> None:
    """Add the list of an office, the one of everything, and the page of each."""
    blueprint.add_url_rule("/offices/<slug>/webhooks", view_func=webhooks, methods=["GET", "POST"])
    blueprint.add_url_rule(
        "/webhooks", endpoint="all_webhooks", view_func=webhooks, methods=["GET", "POST"], defaults={"slug": None}
    )
    blueprint.add_url_rule("/webhooks/<webhook_id>", view_func=webhook, methods=["GET", "POST"])


@kept.shows_again
@frame.somebody_only
def webhooks(slug: str | None) -> ResponseReturnValue:
    """Which systems are told, and a form for one more."""
    form = Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return _page(slug, form)
    actor, now, made = requests.actor(), clock.now(), services()
    try:
        url = keep.check_address(form.value("url"), of=slug, fetcher=made.fetcher, actor=actor)
        with transaction():
            target = keep.make(slug, url, form.all("kinds"), form.value("note"), links=made.links, actor=actor, now=now)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(slug, form), refusal.status
    return _one(target, secret=keep.secret_in_words(target, made.links))


@kept.shows_again
@frame.somebody_only
def webhook(webhook_id: str) -> ResponseReturnValue:
    """One of them with a page of its log; change it, test it, turn its secret, switch it off or on, end it, send again.

    Every act says which version of the webhook its page showed: what a colleague has changed since is looked at first.
    """
    form = Form(kept.sent())
    if request.method == "POST" and not kept.is_again():
        try:
            return _acted(webhook_id, form)
        except (InvalidInput, Stale) as refusal:
            form.refuse(refusal)
            return _one(keep.get_target(webhook_id, actor=requests.actor()), form=form), refusal.status
    return _one(keep.get_target(webhook_id, actor=requests.actor()), form=form if kept.is_again() else None)


def _acted(webhook_id: str, form: Form) -> ResponseReturnValue:
    """Do what was pressed, to the version that was shown. Refuses as the stories, and InvalidInput for other acts."""
    act, expected, actor, now = form.value("act"), _shown_version(form), requests.actor(), clock.now()
    if act in ("turn", "turn_now"):
        links, hours = services().links, 0 if act == "turn_now" else 24
        with transaction():
            target = keep.turn(webhook_id, hours, links=links, expected=expected, actor=actor, now=now)
        return _one(target, secret=keep.secret_in_words(target, links))
    if act == "end":
        with transaction():
            slug = _slug_of(keep.end(webhook_id, expected=expected, actor=actor, now=now))
        flash(gettext("The webhook is removed."), "good")
        return redirect(_list_of(slug), frame.SEE_OTHER)
    flash(_changed(webhook_id, form, expected) if act == "change" else _done(webhook_id, form, expected), "good")
    page = url_for(".webhook", webhook_id=webhook_id, cursor=request.args.get("cursor"))
    return redirect(page, frame.SEE_OTHER)


def _shown_version(form: Form) -> Expected:
    """Without a readable version nothing is known to have been read: refused like an old one."""
    version = form.value("version")
    return these(int(version) if version.isdecimal() and len(version) < 10 else 0)


def _changed(webhook_id: str, form: Form, expected: Expected) -> str:
    actor = requests.actor()
    url = keep.check_new_address(webhook_id, form.value("url"), fetcher=services().fetcher, actor=actor)
    wish: dict[str, Any] = {"url": url, "kinds": form.all("kinds"), "note": form.value("note")}
    with transaction():
        keep.change(webhook_id, **wish, expected=expected, actor=actor, now=clock.now())
    return str(gettext("The webhook is changed."))


def _done(webhook_id: str, form: Form, expected: Expected) -> str:
    act, actor, now = form.value("act"), requests.actor(), clock.now()
    with transaction():
        if act == "test":
            log.send_test(webhook_id, expected=expected, actor=actor, now=now)
            return str(gettext("A test is on its way. Load this page again in a moment."))
        if act == "again":
            log.send_again(webhook_id, form.value("delivery"), expected=expected, actor=actor, now=now)
            return str(gettext("It is sent again, with the same id."))
        if act not in ("on", "off"):
            raise InvalidInput({"act": say("is not one of what can be done here")})
        keep.change(webhook_id, is_on=act == "on", expected=expected, actor=actor, now=now)
        is_on = act == "on"
    return str(gettext("The webhook is on.") if is_on else gettext("The webhook is off; nothing waits for it."))


def ways_of(grants: list[Grant]) -> list[tuple[str, str]]:
    """Name and page of every office whose webhooks somebody keeps; and of those told of everything."""
    actor = requests.actor()
    offices = list(dict.fromkeys(grant.office for grant in grants if grant.office is not None))
    ways = [(one.name, _list_of(one.slug)) for one in offices if keep.may_keep(actor, one)]
    return [*ways, *([(gettext("All offices"), _list_of(None))] if keep.may_keep(actor, None) else [])]


def _slug_of(target: WebhookTarget) -> str | None:
    return target.office.slug if target.office else None


def _list_of(slug: str | None) -> str:
    return url_for("pages.webhooks", slug=slug) if slug else url_for("pages.all_webhooks")


def _name_of(office: Office | None) -> str:
    return office.name if office else gettext("All offices")


def _page(slug: str | None, form: Form) -> str:
    actor = requests.actor()
    found = keep.targets_of(slug, actor=actor)
    office = keep.get_office(slug, actor)
    return render_template(
        "webhooks.html",
        form=form,
        name=_name_of(office),
        targets=found,
        counts=deliveries.counts(found),
        zone=office.zone if office else "UTC",
        kinds=_ASKED,
    )


def _filled_from(target: WebhookTarget) -> Form:
    return Form(MultiDict([("url", target.url), *(("kinds", kind) for kind in target.kinds), ("note", target.note)]))


def _one(target: WebhookTarget, secret: str = "", form: Form | None = None) -> Response:
    """Its page; `form` is what somebody has sent and is not done: what was typed in it stands there again."""
    is_typed = form is not None and form.value("act") == "change"
    shown = form if form is not None and is_typed else _filled_from(target)
    if form is not None:
        shown.errors, shown.sentence = form.errors, form.sentence
    cursor = request.args.get("cursor") or None
    found, following = log.deliveries_of(
        str(target.public_id), limit=_SHOWN, before=paging.number_key(cursor), actor=requests.actor()
    )
    body = render_template(
        "webhook.html",
        target=target,
        secret=secret,
        name=_name_of(target.office),
        back=_list_of(_slug_of(target)),
        zone=target.office.zone if target.office else "UTC",
        kinds=KINDS,
        asked=_ASKED,
        states=STATES,
        deliveries=found,
        cursor=cursor,
        following=paging.encode(following) if following is not None else None,
        form=shown,
        is_again=is_typed,
    )
    return downloads.not_stored(make_response(body))
