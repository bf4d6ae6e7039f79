"""Whether our own mail server vouches for the sender (RFC 8601). Nobody else's word counts: anybody can write such a
header, so only the topmost one that bears our server's name is read. That server must strip those that come from
outside under its own name, as RFC 8601 section 5 asks; docs say so where the name is set.
"""

from __future__ import annotations

import re
from email.utils import getaddresses

import authres

from eventsvc.ical.imip_parts import Headers

_SAYS_FAIL = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)


def vouches(headers: Headers, authserv_id: str) -> bool | None:
    """True: DMARC passed, or DKIM or SPF did for the domain of From. False: DMARC failed. None: nothing certain."""
    ours = authserv_id.strip().lower()
    if not ours:
        return None
    for text in headers.raw("Authentication-Results"):
        if _named(text) == ours:
            return _verdict(text.strip().rstrip("; \t"), _from_domain(headers))
    return None


def _named(text: str) -> str:
    """Whose header it is, without reading the rest, which may be broken."""
    return re.sub(r"\([^()]*\)", " ", text).replace(";", " ").strip().split(" ")[0].lower()


def _verdict(text: str, domain: str) -> bool | None:
    try:
        results = authres.AuthenticationResultsHeader.parse_value(text).results
    except Exception:  # noqa: BLE001  # our own server's line, and still an address of a stranger may break it
        return False if _SAYS_FAIL.search(text) else None
    dmarc = [result for result in results if result.method.lower() == "dmarc"]
    if any(result.result.lower() == "fail" for result in dmarc):
        return False
    if any(_passed(result) and _is_for(result, ("from",), domain, or_silent=True) for result in dmarc):
        return True
    aligned = {"dkim": ("d", "i"), "spf": ("mailfrom", "from")}
    if any(_passed(result) and _is_for(result, aligned.get(result.method.lower(), ()), domain) for result in results):
        return True
    return None


def _passed(result: authres.AuthenticationResult) -> bool:
    return bool(result.result.lower() == "pass")


def _is_for(
    result: authres.AuthenticationResult, names: tuple[str, ...], domain: str, *, or_silent: bool = False
) -> bool:
    """True if that was checked for the domain of From: the same, or one below the other (RFC 7489 3.1, relaxed)."""
    checked = [
        str(each.value).rpartition("@")[2].lower().strip(".") for each in result.properties if each.name in names
    ]
    if not checked or not domain:
        return or_silent and bool(domain)
    return any(each == domain or _is_below(each, domain) or _is_below(domain, each) for each in checked)


def _is_below(lower: str, upper: str) -> bool:
    return "." in upper and lower.endswith(f".{upper}")


def _from_domain(headers: Headers) -> str:
    senders = headers.raw("From")
    pairs = getaddresses(senders[:1]) if len(senders) == 1 else []
    return pairs[0][1].rpartition("@")[2].lower() if len(pairs) == 1 else ""
