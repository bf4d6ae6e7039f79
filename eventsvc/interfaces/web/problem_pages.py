"""What each kind of refusal means (problem documents name these pages as their type), and what robots may read."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask_babel import gettext, lazy_gettext

from eventsvc.core.errors import NotFound
from eventsvc.interfaces.web import problem_words

# slug: (what it is called, what it means, the way on)
KINDS = {
    "refused": (
        lazy_gettext("Refused"),
        lazy_gettext("The service understood what was asked and cannot do it."),
        lazy_gettext("Read the detail: it says what stands against it."),
    ),
    "invalid-input": (
        lazy_gettext("Some of what was sent cannot be accepted"),
        lazy_gettext("A field is missing, unknown, or holds something it cannot hold. Nothing was written."),
        lazy_gettext("Each field is named in “errors” with its reason; correct it and send everything again."),
    ),
    "unreadable": (
        lazy_gettext("Bad request"),
        lazy_gettext("The body could not be read as JSON. Nothing was written."),
        lazy_gettext("Send valid JSON with the content type application/json."),
    ),
    "not-found": (
        lazy_gettext("Not found"),
        lazy_gettext("Nothing answers to that name, or you may not see it."),
        lazy_gettext("Check the address; it may have been cut off when it was copied."),
    ),
    "not-allowed": (
        lazy_gettext("Not allowed"),
        lazy_gettext("You are known to the service, and this is not yours to do."),
        lazy_gettext("Ask the office that is in charge."),
    ),
    "sign-in-needed": (
        lazy_gettext("Sign in first"),
        lazy_gettext("This can be done only by somebody who is signed in."),
        lazy_gettext("Sign in on the page, or send the token as “Authorization: Bearer …”."),
    ),
    "form-expired": (
        lazy_gettext("This form cannot be accepted"),
        lazy_gettext("It did not come from a page that was opened in this browser since you signed in."),
        lazy_gettext("Open the page anew, with cookies allowed, and send the form again."),
    ),
    "wrong-state": (
        lazy_gettext("Not possible in this state"),
        lazy_gettext("An event moves from draft to requested to confirmed, and only certain moves lead on from each."),
        lazy_gettext("“possible” lists the moves that can be made now."),
    ),
    "stale": (
        lazy_gettext("Somebody else changed this meanwhile"),
        lazy_gettext("Your change was made to an older version, so that it would overwrite somebody’s work."),
        lazy_gettext("Read it again, look at what changed, and send your change with the new version."),
    ),
    "condition-missing": (
        lazy_gettext("Say which version you have read"),
        lazy_gettext(
            "What others may have changed is only written over by somebody who has seen it. Nothing was written."
        ),
        lazy_gettext("Read it first, and send the ETag of that answer in the header that “header” names."),
    ),
    "under-way": (
        lazy_gettext("This call is under way already"),
        lazy_gettext("A call with the same Idempotency-Key has not been answered yet."),
        lazy_gettext(
            "Send the same again after as many seconds as “Retry-After” says: you get the answer of the first."
        ),
    ),
    "key-reused": (
        lazy_gettext("This key belongs to another call"),
        lazy_gettext("An Idempotency-Key stands for one call with one body for a day. Nothing was written."),
        lazy_gettext("Take a new key for a new call."),
    ),
    "link-expired": (
        lazy_gettext("This link has expired"),
        lazy_gettext("Links in letters work until their event is over."),
        lazy_gettext("Ask the office that wrote the letter."),
    ),
    "not-vouched-for": (
        lazy_gettext("That did not sign you in"),
        lazy_gettext("Somebody came back from a place where people sign in, and what it said lets nobody in here."),
        lazy_gettext("Sign in by a letter, or ask whoever lets people in at your office."),
    ),
    "provider-away": (
        lazy_gettext("The place where you sign in cannot be reached"),
        lazy_gettext("It did not answer in time, or not in the way it should. Nothing was written."),
        lazy_gettext("Sign in by a letter, or try again later."),
    ),
    "hold-ended": (
        lazy_gettext("This hold has ended"),
        lazy_gettext("What it held was given back, or has become an event. Nothing was written."),
        lazy_gettext("Plan without the hold: what is still free can still be had."),
    ),
    "busy": (
        lazy_gettext("Busy for a moment"),
        lazy_gettext(
            "Two changes of the same things met in the database, and one had to give way or waited too long. "
            "Nothing was written."
        ),
        lazy_gettext("Send the same again after as many seconds as “Retry-After” says."),
    ),
    "not-prepared": (
        lazy_gettext("Being prepared"),
        lazy_gettext(
            "After an upgrade the entries of all calendars are written anew, and this one has too many of them."
        ),
        lazy_gettext("Ask again in a minute. Whoever runs the service can hurry it: “eventsvc feeds render”."),
    ),
    "too-large": (
        lazy_gettext("Too much at once"),
        lazy_gettext("The body is longer than the service reads, or has more fields. Nothing was written."),
        lazy_gettext("“kind” says of what, and “limit_bytes” or “limit_fields” how much is taken at once."),
    ),
    "too-many-requests": (
        lazy_gettext("Too many requests"),
        lazy_gettext(
            "One credential, or one address where there is none, sent more than the service answers in that time. "
            "Nothing was written."
        ),
        lazy_gettext("Send it again after as many seconds as “Retry-After” says; “RateLimit” says what is left."),
    ),
    "slot-taken": (
        lazy_gettext("Not everything is free at that time"),
        lazy_gettext("At least one room or person cannot be had. Nothing was reserved, and nothing was changed."),
        lazy_gettext(
            "“clashes” names every room and person, why, and when they are busy. Change the time, room or people."
        ),
    ),
}
ROBOTS = "User-agent: *\nDisallow: /answer/\nDisallow: /plan\nDisallow: /sign-in\nAllow: /feeds/\n"


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages, and the words that every page of a refusal shares."""
    blueprint.add_url_rule("/problems/<slug>", view_func=problem_kind)
    blueprint.add_url_rule("/robots.txt", view_func=robots)
    blueprint.add_app_template_global(problem_words.problem_words, "problem_words")
    blueprint.add_app_template_global(problem_words.search_url, "search_url")


def problem_kind(slug: str) -> str:
    """What a refusal of that kind means."""
    if slug not in KINDS:
        raise NotFound(gettext("There is no refusal of that name."))
    title, meaning, way_on = KINDS[slug]
    return render_template("problem_kind.html", title=title, meaning=meaning, way_on=way_on)


def robots() -> Response:
    """Calendar importers obey this (Google's does), so feeds are allowed in so many words."""
    return Response(ROBOTS, mimetype="text/plain")
