"""What the libraries say in English: marshmallow's reasons and HTTP's errors, as messages of our catalogue.

marshmallow hands out finished sentences; here each is found again by its form, with its facts, so that it can be said
in another language. A test walks through the libraries' own tables and finds what is missing here.
"""

from __future__ import annotations

import re
from functools import cache

from eventsvc.core.errors import Said, say

_REASONS = (
    say("Missing data for required field."),
    say("Field may not be null."),
    say("Invalid value."),
    say("Invalid input type."),
    say("Invalid type."),
    say("Unknown field."),
    say("Not a valid string."),
    say("Not a valid utf-8 string."),
    say("Not a valid list."),
    say("Not a valid mapping type."),
    say("Not a valid boolean."),
    say("Not a valid integer."),
    say("Not a valid number."),
    say("Number too large."),
    say("Not a valid date."),
    say("Not a valid datetime."),
    say("Not a valid aware datetime."),
    say("Must be one of: %(choices)s."),
    say("Shorter than minimum length %(min)s."),
    say("Longer than maximum length %(max)s."),
    say("Length must be between %(min)s and %(max)s."),
    say("Must be greater than or equal to %(min)s."),
    say("Must be less than or equal to %(max)s."),
    say("Must be greater than or equal to %(min)s and less than or equal to %(max)s."),
)
_HTTP = (
    say("Bad Request"),
    say("Unauthorized"),
    say("Forbidden"),
    say("Not Found"),
    say("Method Not Allowed"),
    say("Not Acceptable"),
    say("Request Timeout"),
    say("Conflict"),
    say("Precondition Failed"),
    say("Request Entity Too Large"),
    say("Unsupported Media Type"),
    say("Unprocessable Entity"),
    say("Precondition Required"),
    say("Too Many Requests"),
    say("Internal Server Error"),
    say("Service Unavailable"),
    say("The browser (or proxy) sent a request that this server could not understand."),
    say(
        "The server could not verify that you are authorized to access the URL requested. You either supplied the "
        "wrong credentials (e.g. a bad password), or your browser doesn't understand how to supply the credentials "
        "required."
    ),
    say(
        "You don't have the permission to access the requested resource. It is either read-protected or not readable "
        "by the server."
    ),
    say(
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling "
        "and try again."
    ),
    say("The method is not allowed for the requested URL."),
    say(
        "The resource identified by the request is only capable of generating response entities which have content "
        "characteristics not acceptable according to the accept headers sent in the request."
    ),
    say(
        "The server closed the network connection because the browser didn't finish the request within the specified "
        "time."
    ),
    say(
        "A conflict happened while processing the request. The resource might have been modified while the request "
        "was being processed."
    ),
    say("The precondition on the request for the URL failed positive evaluation."),
    say("The data value transmitted exceeds the capacity limit."),
    say("The server does not support the media type transmitted in the request."),
    say("The request was well-formed but was unable to be followed due to semantic errors."),
    say('This request is required to be conditional; try using "If-Match" or "If-Unmodified-Since".'),
    say("This user has exceeded an allotted request count. Try again later."),
    say(
        "The server encountered an internal error and was unable to complete your request. Either the server is "
        "overloaded or there is an error in the application."
    ),
    say(
        "The server is temporarily unable to service your request due to maintenance downtime or capacity problems. "
        "Please try again later."
    ),
)
MESSAGES = frozenset(_REASONS + _HTTP)


def recognized(text: str) -> Said:
    """What a library said, as it would have been said here; any other text as itself."""
    for pattern, message in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return say(message, **found.groupdict())
    return say(text)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.sub(r"%\\\((\w+)\\\)s|%\((\w+)\)s", _group, re.escape(message)), re.DOTALL), message)
        for message in _REASONS
        if "%(" in message
    )


def _group(found: re.Match[str]) -> str:
    return f"(?P<{found[1] or found[2]}>.*)"
