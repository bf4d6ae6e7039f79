"""Reminders on pages: who is reminded of an event and when, by which rules, in which hours never; what was missed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.versions import Expected, these
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.reminders.models import Audience, QuietHours, ReminderState
from eventsvc.domain.reminders.saying import MOST_RULES
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.web import kept, kind_words, reminder_rows, words
from eventsvc.interfaces.web import reminder_words as says
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, administrator_only, keeper_of_things_only, somebody_only
from eventsvc.workflows import keep_reminders, preview_reminders
from eventsvc.workflows.keep_reminders import Standing, Whose
from eventsvc.workflows.preview_reminders import Preview, WantedReminders, next_events, would_remind

_A_PAGE = 50
_CHECK = "check:"


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/reminders", view_func=reminders)
    blueprint.add_url_rule("/reminders/rules", view_func=reminder_rules, methods=both)
    blueprint.add_url_rule("/organizations/<slug>/reminders", view_func=reminders_of_organization, methods=both)
    blueprint.add_url_rule("/events/<event_id>/reminders", view_func=reminders_of_event, methods=both)


@somebody_only
def reminders() -> str:
    """Reminders of events that concern one: those missed, or of another state."""
    state = request.args.get("state", "")
    wanted = WantedReminders(state=ReminderState(state) if state in list(ReminderState) else ReminderState.MISSED)
    after = paging.event_key(request.args.get("cursor") or None)
    found, following = preview_reminders.list_reminders(wanted, after=after, limit=_A_PAGE, actor=requests.actor())
    cursor = paging.encode(paging.event_cursor(following)) if following else ""
    ways = says.ways_of(requests.actor())
    return render_template("reminders/list.html", found=found, wanted=wanted, cursor=cursor, says=says, ways=ways)


@kept.shows_again
@administrator_only
def reminder_rules() -> ResponseReturnValue:
    """The rules for everybody, or for a kind of events, and everybody's quiet hours."""
    return _rules_page(Whose(kind=_kind()), None)


@kept.shows_again
@keeper_of_things_only
def reminders_of_organization(slug: str) -> ResponseReturnValue:
    """The rules for an organization's people and offices, and the quiet hours of each office."""
    return _rules_page(Whose(organization=slug, kind=_kind()), lookup.get(Organization, slug))


@kept.shows_again
@somebody_only
def reminders_of_event(event_id: str) -> ResponseReturnValue:
    """Who is reminded of an event, when and why not; whoever plans it says rules for it alone."""
    found = preview_reminders.preview(event_id, actor=requests.actor(), now=clock.now())
    if not permits.may_change(requests.actor(), found.event):
        return _show(Form(), [], preview=found)
    return _rules_page(Whose(event=event_id), None, found)


def _kind() -> EventKind | None:
    kind = request.args.get("kind", "")
    return EventKind(kind) if kind in list(EventKind) else None


def _rules_page(whose: Whose, organization: Organization | None, found: Preview | None = None) -> ResponseReturnValue:
    actor, form = requests.actor(), Form(kept.sent())
    standings = keep_reminders.rules_of(whose, actor=actor)
    offices = _quiet_of(whose, organization)
    if request.method != "POST" or kept.is_again():
        shown = form if kept.is_again() else _filled(standings, offices)
        return _show(shown, standings, organization=organization, whose=whose, offices=offices, preview=found)
    again = _filled(standings, offices).with_values(**{name: form.all(name) for name in form.values})
    around = {"organization": organization, "whose": whose, "offices": offices, "preview": found}
    try:
        if form.value("act").startswith(_CHECK):
            return _show(again, standings, rehearsed=_rehearsed(whose, form), **around)
        with transaction():
            _change(whose, form)
    except Refusal as refusal:
        reminder_rows.refuse(form, refusal)
        again.errors, again.sentence = form.errors, form.sentence
        return _show(again, standings, **around), refusal.status
    flash(gettext("Saved. Reminders that are ahead follow within minutes."), "good")
    return _back(whose)


def _rehearsed(whose: Whose, form: Form) -> tuple[Audience, list[Preview]]:
    """For whom, and who of them would be reminded by the rules in the form; nothing is saved."""
    actor, now, subject = requests.actor(), clock.now(), form.value("act").removeprefix(_CHECK)
    if subject not in list(Audience):
        raise InvalidInput({"act": say("Choose one from the list.")})
    audience = Audience(subject)
    with transaction(keep=False):
        keep_reminders.keep_rules(whose, audience, reminder_rows.said(form, audience), actor=actor, now=now)
        return audience, would_remind(whose, audience, about=form.value("show"), actor=actor, now=now)


def _back(whose: Whose) -> Response:
    kind: dict[str, Any] = {"kind": str(whose.kind)} if whose.kind else {}
    if whose.event:
        return redirect(url_for("pages.reminders_of_event", event_id=whose.event), SEE_OTHER)
    if whose.organization:
        return redirect(url_for("pages.reminders_of_organization", slug=whose.organization, **kind), SEE_OTHER)
    return redirect(url_for("pages.reminder_rules", **kind), SEE_OTHER)


def _change(whose: Whose, form: Form) -> None:
    """Do what was pressed: save the rules of an audience, let the more general ones count, or save quiet hours."""
    actor, now = requests.actor(), clock.now()
    act, _, subject = form.value("act").partition(":")
    version = form.value("version")
    expected = these(int(version)) if version.isdecimal() and int(version) else Expected(is_nothing=True)
    if act == "quiet" and not whose.event:
        start, until = (reminder_rows.minute(form, f"{name}-{subject}") for name in ("from", "until"))
        keep_reminders.keep_quiet(subject, start, until, expected=expected, actor=actor, now=now)
    elif act in ("save", "general") and subject in list(Audience):
        audience = Audience(subject)
        said = reminder_rows.said(form, audience) if act == "save" else None
        keep_reminders.keep_rules(whose, audience, said, expected=expected, actor=actor, now=now)
    else:
        raise InvalidInput({"act": say("Choose one from the list.")})


def _quiet_of(whose: Whose, organization: Organization | None) -> list[tuple[Office | None, QuietHours]]:
    """Whose quiet hours the page shows: everybody's, or those of each office; none on the page of an event."""
    actor = requests.actor()
    if whose.event:
        return []
    if organization is None:
        return [(None, keep_reminders.quiet_of("", actor=actor))]
    mine = [Office.organization_id == organization.id]
    offices, _ = lookup.page(Office, after_slug=None, limit=_A_PAGE, where=mine)
    return [(one, keep_reminders.quiet_of(one.slug, actor=actor)) for one in offices]


def _filled(standings: list[Standing], offices: list[tuple[Office | None, QuietHours]]) -> Form:
    """The form as the rules stand."""
    values: dict[str, str | list[str]] = {}
    for standing in standings:
        for row, rule in enumerate(standing.rules):
            amount, unit = says.amount_and_unit(rule)
            at = "" if rule.at_minute is None else clock_text(rule.at_minute)
            told = {"amount": str(amount), "unit": unit, "at": at}
            told |= {"condition": str(rule.condition), "channel": str(rule.channel)}
            values |= {f"{name}-{standing.audience}-{row}": value for name, value in told.items()}
    for office, quiet in offices:
        slug = office.slug if office else ""
        values[f"from-{slug}"], values[f"until-{slug}"] = clock_text(quiet.from_minute), clock_text(quiet.until_minute)
    return Form().with_values(**values)


def _to_show(whose: Whose) -> list[tuple[str, str]]:
    """The events of which one may see what rules would do: ids, and titles with their days."""
    if whose.event:
        return []
    found = next_events(whose, actor=requests.actor(), now=clock.now())
    return [(str(one.public_id), f"{one.title}, {words.own_when(one)}") for one in found]


def _show(form: Form, standings: list[Standing], **more: Any) -> str:
    return render_template(
        "reminders/rules.html",
        form=form,
        standings=standings,
        blank=reminder_rows.BLANK,
        most=MOST_RULES,
        says=says,
        ways=says.ways_of(requests.actor()),
        kinds=kind_words.KINDS,
        choices=_to_show(more.get("whose", Whose())) if standings else [],
        **{"rehearsed": None, "organization": None, "whose": Whose(), "offices": [], "preview": None, **more},
    )
