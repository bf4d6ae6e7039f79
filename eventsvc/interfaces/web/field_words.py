"""What is wrong with a field, as a whole sentence that names it.

The schemas and the domain speak to programs; these are the same reasons in the words of the form. A reason that nobody
has put into words here is shown as it came, after the field's label.
"""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext, lazy_gettext

from eventsvc.interfaces.web import partner_words, reminder_words, topic_words, webhook_words, wish_words, words

LABELS = {
    **wish_words.ROWS,
    **partner_words.FIELDS,
    **{**reminder_words.FIELDS, **webhook_words.FIELDS, **topic_words.FIELDS},
    "made_for": lazy_gettext("Who or what is it for?"),
    "with": lazy_gettext("School or college"),
    "shows": lazy_gettext("What it shows"),
    "title": lazy_gettext("Title"),
    "campus": lazy_gettext("Campus"),
    "owner": lazy_gettext("Office in charge"),
    "partner": lazy_gettext("Whom you ask"),
    "our_words": lazy_gettext("In your words"),
    "college_asked": lazy_gettext("College"),
    "asker": lazy_gettext("Office that asks"),
    "round": lazy_gettext("Round"),
    "level": lazy_gettext("Level"),
    "format": lazy_gettext("How people meet"),
    "starts_local": lazy_gettext("Day and start"),
    "starts_side": lazy_gettext("Which of the two hours"),
    "starts_on": lazy_gettext("First day"),
    "duration_minutes": lazy_gettext("Length"),
    "days": lazy_gettext("Number of days"),
    "rooms": lazy_gettext("Rooms"),
    "experts": lazy_gettext("Experts"),
    "online_experts": lazy_gettext("Experts who join online"),
    "equipment": lazy_gettext("Equipment and services"),
    "topics": lazy_gettext("Topics"),
    "expected_heads": lazy_gettext("Expected number of people"),
    "audience": lazy_gettext("Audience"),
    "languages": lazy_gettext("Languages"),
    "description": lazy_gettext("Description"),
    "bring": lazy_gettext("What to bring"),
    "accommodations": lazy_gettext("Accommodations"),
    "accommodations_due_on": lazy_gettext("Last day to ask for accommodations"),
    "visibility": lazy_gettext("Who may see it"),
    "co_hosts": lazy_gettext("Co-hosts"),
    "online_url": lazy_gettext("Online link"),
    "reason": lazy_gettext("Reason"),
    "override": lazy_gettext("Plan all the same"),
    "repeats": lazy_gettext("Repeats"),
    "interval": lazy_gettext("Every so many weeks or months"),
    "count": lazy_gettext("Number of dates"),
    "until": lazy_gettext("Last day"),
    "dates": lazy_gettext("Further days"),
    "stops": lazy_gettext("Campuses of the campaign"),
    "words": lazy_gettext("What you write"),
    "time_1": lazy_gettext("First other time"),
    "time_2": lazy_gettext("Second other time"),
    "time_3": lazy_gettext("Third other time"),
    "colleague": lazy_gettext("Colleague"),
    "late_minutes": lazy_gettext("Minutes late"),
    "invitation": lazy_gettext("Whom"),
    "act": lazy_gettext("Button"),
    "reference": lazy_gettext("Number of the reservation"),
    "name": lazy_gettext("Name"),
    "role": lazy_gettext("Role"),
    "place": lazy_gettext("Where it counts"),
    "email": lazy_gettext("E-mail address"),
    "account": lazy_gettext("Who is away"),
    "giver": lazy_gettext("Who hands over"),
    "taker": lazy_gettext("Who takes over"),
    "from": lazy_gettext("From"),
    "cover": lazy_gettext("Who covers"),
    "expert": lazy_gettext("Expert"),
    "leave_from": lazy_gettext("First day"),
    "leave_until": lazy_gettext("Last day"),
    "from_time": lazy_gettext("From what time"),
    "until_time": lazy_gettext("Until what time"),
    "leave_from_time": lazy_gettext("From what time"),
    "leave_until_time": lazy_gettext("Until what time"),
    "leave_cover": lazy_gettext("Whom to ask instead"),
    "language": lazy_gettext("Language of letters"),
    "own": lazy_gettext("What is your own"),
    "scopes": lazy_gettext("What it may do"),
    "purpose": lazy_gettext("What it is needed for"),
    "ends_on": lazy_gettext("Last day"),
    "first": lazy_gettext("First day"),
    "last": lazy_gettext("Last day"),
    "organization": lazy_gettext("Organization"),
    "records": lazy_gettext("Which list"),
    "college": lazy_gettext("Name of the college"),
    "office_name": lazy_gettext("Name of the office"),
    "mailbox": lazy_gettext("Mailbox of the office"),
    "telephone": lazy_gettext("Telephone"),
    "zone": lazy_gettext("Time zone"),
    "campus_name": lazy_gettext("Name of the campus"),
    "address": lazy_gettext("Address"),
    "city": lazy_gettext("City"),
    "postal_code": lazy_gettext("ZIP code"),
    "coordinates": lazy_gettext("Place on the map"),
    "parking": lazy_gettext("Parking for visitors"),
    "hours": lazy_gettext("Opening hours"),
    "room_name": lazy_gettext("Name of the room"),
    "capacity": lazy_gettext("Seats"),
    "employer": lazy_gettext("Employer"),
    "employer_name": lazy_gettext("Name of the new employer"),
    "employer_mailbox": lazy_gettext("Mailbox of the new employer"),
    "expert_name": lazy_gettext("Name of the expert"),
    "expert_email": lazy_gettext("The expert’s e-mail address"),
    "levels": lazy_gettext("Before whom they speak"),
    "topic_words": lazy_gettext("Topics"),
    "sender_name": lazy_gettext("Name of the sender"),
    "to": lazy_gettext("Test letter to"),
    "person_name": lazy_gettext("Name of the colleague"),
    "person_email": lazy_gettext("The colleague’s e-mail address"),
    "office": lazy_gettext("Office"),
    "note": lazy_gettext("Why it is left for later"),
    "heads": lazy_gettext("How many came"),
    "students": lazy_gettext("Students"),
    "families": lazy_gettext("Families"),
    "community": lazy_gettext("Others of the community"),
    "spoke": lazy_gettext("Who spoke"),
    "others": lazy_gettext("Somebody else of the partner"),
    "score": lazy_gettext("The first question"),
    "comment": lazy_gettext("The second question"),
    "who": lazy_gettext("Who was told"),
}
_LISTS = ("rooms", "experts", "equipment", "topics", "co_hosts")
_DAY_AND_TIME = lazy_gettext("Say on which day and at what time it starts.")

# Of one field: what its reason begins with, and the sentence; parts of the reason go into it by name.
_PART = [(r"", lazy_gettext("%(label)s: a whole number between 0 and 100,000, or nothing."))]
_OF_FIELD: dict[str, list[tuple[str, Any]]] = {
    "title": [(r"is empty|Missing|Field may not", lazy_gettext("The title is missing."))],
    "kind": [(r"", lazy_gettext("Choose one of the kinds."))],
    "late_minutes": [(r"", lazy_gettext("Say by how many minutes you will be late, from 1 to 240."))],
    "answer": [(r"", lazy_gettext("Press one of the buttons: yes, perhaps or no."))],
    "visibility": [(r"", lazy_gettext("Choose who may see it."))],
    "partner": [
        (r"is your own", lazy_gettext("This is your own organization: plan the event yourselves.")),
        (r"is not on|Missing|there is no", lazy_gettext("Choose whom you ask.")),
    ],
    "employer": [(r"is not on", lazy_gettext("Choose an employer from the list."))],
    "college_asked": [(r"is not on", lazy_gettext("Choose a college from the list."))],
    "asker": [(r"name the office", lazy_gettext("Without a campus, choose the office that asks."))],
    "campus": [
        (r"is needed, unless", lazy_gettext("Choose a campus, or let people meet online.")),
        (r"is not one of", lazy_gettext("This campus is none of the organization whose office asks.")),
        (r"", lazy_gettext("Choose one of the campuses: the one that was sent is not in use.")),
    ],
    "owner": [
        (r"an event without", lazy_gettext("Without a campus, choose the office in charge.")),
        (r".* has no office", lazy_gettext("This campus has no office yet: choose the office in charge.")),
        (r"", lazy_gettext("Choose one of the offices: the one that was sent is not in use.")),
    ],
    "accommodations_due_on": [
        (r"is after", lazy_gettext("The last day to ask for accommodations lies after the event.")),
        (r"", lazy_gettext("The last day to ask for accommodations is not a day.")),
    ],
    "starts_local": [
        (r"is in the past", lazy_gettext("The day and start lie in the past.")),
        (r"must lie", lazy_gettext("The day must lie between the years 2000 and 2099.")),
        (
            r"lies in none of the windows",
            lazy_gettext("This lies in none of the wishes. Choose a time within one, or offer it as another date."),
        ),
        (
            r".* does not exist",
            lazy_gettext("That time does not exist: the clock is put forward that night and skips it."),
        ),
        (
            r".* comes twice",
            lazy_gettext("That time comes twice, because the clock is put back that night: choose which one you mean."),
        ),
        (r"is offered already", lazy_gettext("You offer this date already, by that title and for the same person.")),
        (r"", _DAY_AND_TIME),
    ],
    "starts_side": [(r"", lazy_gettext("Choose the first or the second of the two hours."))],
    "starts_on": [
        (r"is in the past", lazy_gettext("The first day lies in the past.")),
        (r"must lie", lazy_gettext("The day must lie between the years 2000 and 2099.")),
        (r"", lazy_gettext("Say on which day it begins.")),
    ],
    "duration_minutes": [
        (r"is needed", lazy_gettext("Say how many minutes it lasts.")),
        (r"must be between 1 and 720", lazy_gettext("The length must be between 1 minute and 12 hours (720 minutes).")),
        (r"must be between", lazy_gettext("The length must be between 1 minute and 14 days (20,160 minutes).")),
        (r"", lazy_gettext("The length must be a whole number of minutes, for instance 90.")),
    ],
    "days": [
        (r"is needed", lazy_gettext("Say how many days it lasts.")),
        (r"must be between", lazy_gettext("The number of days must be between 1 and 60.")),
        (r"", lazy_gettext("The number of days must be a whole number, for instance 2.")),
    ],
    "interval": [(r"", lazy_gettext("Every so many weeks or months: a whole number between 1 and 99."))],
    "count": [
        (r"a series needs", lazy_gettext("Say how many dates there are, or the last day.")),
        (r"reaches beyond", lazy_gettext("So many dates would reach beyond the year 2099.")),
        (r"", lazy_gettext("The number of dates must be a whole number between 1 and 200.")),
    ],
    "until": [
        (r"lies before", lazy_gettext("The last day lies before the first date.")),
        (r"makes more", lazy_gettext("Until that day there would be more than 200 dates.")),
        (r"", lazy_gettext("The last day is not a day.")),
    ],
    "dates": [
        (r"lies before", lazy_gettext("One of the further days lies before the first day.")),
        (r"", lazy_gettext("One of the further days is not a day.")),
    ],
    "expected_heads": [
        (r"Must be", lazy_gettext("The expected number of people must be between 0 and 100,000.")),
        (r"", lazy_gettext("The expected number of people must be a whole number, for instance 40.")),
    ],
    "heads": [
        (r"is less than", lazy_gettext("How many came is less than its parts together.")),
        (r"Must be|must be", lazy_gettext("How many came must be between 0 and 100,000.")),
        (r"", lazy_gettext("Say how many came: a whole number, 0 where nobody did.")),
    ],
    "students": _PART,
    "families": _PART,
    "community": _PART,
    "score": [(r"", lazy_gettext("Choose a number from 1 to 5."))],
    "equipment": [
        (r"Must be|must be at least", lazy_gettext("Equipment and services: ask for at least 1 and at most 10,000.")),
        (
            r"Not a valid|Missing",
            lazy_gettext("Equipment and services: how many must be a whole number, for instance 2."),
        ),
    ],
    "audience": [
        (
            r"is [\d,]+ characters",
            lazy_gettext("One group of the audience is too long: 60 characters fit, set commas between groups."),
        ),
        (r"Longer than", lazy_gettext("The audience may name 20 groups at most.")),
    ],
    "override": [
        (r"is needed|Missing|Field may not", lazy_gettext("Say why the rule does not count this time.")),
        (r"is [\d,]+ characters", lazy_gettext("The reason for overriding is too long: 500 characters fit.")),
        (r"holds control", lazy_gettext("The reason for overriding holds characters that nobody can read.")),
        (r"", lazy_gettext("This rule is never overridden.")),
    ],
    "online_url": [
        (r"must be an address", lazy_gettext("The online link must be an address that starts with https://.")),
        (
            r"holds (?P<mark>a space|'.*'|\".*\"), which",
            lazy_gettext(
                "The online link holds %(mark)s, which no web address may: copy it from the browser’s address line."
            ),
        ),
    ],
}
_OF_LIST: list[tuple[str, Any]] = [
    (
        r"'(?P<slug>.*)' is not on campus",
        lazy_gettext("Rooms: “%(slug)s” is not a room of this campus. Choose one of its rooms."),
    ),
    (
        r"'(?P<slug>.*)' is a part of another",
        lazy_gettext("Rooms: “%(slug)s” is a part of a hall that you chose too. Choose the hall or its parts."),
    ),
    (r".*'(?P<slug>.*)' is out of use", lazy_gettext("%(label)s: “%(slug)s” is not in use any more. Choose another.")),
    (r"'(?P<slug>.*)' is named twice", lazy_gettext("%(label)s: “%(slug)s” was chosen twice.")),
    (r"Longer than maximum length (?P<most>\d+)", lazy_gettext("%(label)s: at most %(most)s can be chosen.")),
    (r"there is no \w+ '(?P<slug>.*)'", lazy_gettext("%(label)s: “%(slug)s” does not exist. Choose from the list.")),
    (r"is not a slug", lazy_gettext("%(label)s: what was sent is not on the list. Choose from it.")),
]
_OF_TEXT: list[tuple[str, Any]] = [
    (
        r"is (?P<long>[\d,]+) characters long; at most (?P<most>[\d,]+)",
        lazy_gettext("%(label)s: this is %(long)s characters long, and %(most)s fit."),
    ),
    (
        r"holds control characters",
        lazy_gettext("%(label)s: it holds characters that cannot be seen, often from copying. Type it anew."),
    ),
]


def sentence(field: str, reason: str) -> str:
    """The reason against a field as a sentence for people."""
    label = str(LABELS.get(field) or LABELS.get(field.partition("-")[0], field))  # rows are numbered: amount-host-0
    for pattern, said in _patterns_of(field):
        if found := re.match(pattern, reason, re.DOTALL):
            return str(said) % {"label": label, **found.groupdict()} if "%(" in str(said) else str(said)
    return str(gettext("%(label)s: %(reason)s", label=label, reason=words.translated(reason)))


def _patterns_of(field: str) -> list[tuple[str, Any]]:
    of_kind = _OF_LIST if field in _LISTS else wish_words.OF_ROW if field in wish_words.ROWS else []
    return [*_OF_TEXT, *of_kind, *_OF_FIELD.get(partner_words.LIKE.get(field, field), [])]
