"""Whom our own mail server vouches for. Nobody else's word counts."""

from __future__ import annotations

import pytest

from eventsvc.ical.imip import read_mail
from tests.ical.mails import a_mail

OURS = "mx.events.example.edu"


def verdict(*results: str, authserv_id: str = OURS, sample: str = "google_reply") -> bool | None:
    """What is believed of a mail with those headers on top, the topmost first."""
    return read_mail(
        a_mail(sample, headers=[f"Authentication-Results: {each}" for each in results]), authserv_id=authserv_id
    ).is_verified


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=partner.example", True),
        ("dmarc=PASS header.from=Partner.Example", True),
        ("dmarc=pass", True),
        ("dmarc=pass header.from=elsewhere.example", None),
        ("dkim=pass (2048-bit key; unprotected) header.d=partner.example header.s=s1 header.b=AbC/d+=", True),
        ("dkim=pass header.i=@mail.partner.example header.b=abc", True),
        ("dkim=pass header.d=elsewhere.example", None),
        ("dkim=pass header.d=notpartner.example", None),
        ("dkim=pass header.d=example", None),
        ("dkim=pass", None),
        ("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=ana.diaz@partner.example", True),
        ("spf=pass smtp.mailfrom=bounce@elsewhere.example", None),
        ("spf=pass smtp.helo=partner.example", None),
        ("dkim=fail header.d=partner.example", None),
        ("dmarc=fail (p=REJECT) header.from=partner.example", False),
        ("dkim=pass header.d=partner.example; dmarc=fail header.from=partner.example", False),
        ("dkim=pass header.d=elsewhere.example; spf=pass smtp.mailfrom=partner.example; dmarc=none", True),
        ("dmarc=temperror header.from=partner.example", None),
        ("none", None),
        ("(dmarc=pass header.from=partner.example) spf=none", None),
        ("dkim=pass header.d=partner.example;", True),
        ("dmarc=fail header.from=p\u00e4rtner.example", False),
        ("dmarc=pass header.from=p\u00e4rtner.example", None),
        (";;;===", None),
        ("", None),
    ],
)
def test_our_servers_results_are_read(result, expected):
    assert verdict(f"{OURS}; {result}") is expected


PASS = "dmarc=pass header.from=partner.example"


@pytest.mark.parametrize(
    ("headers", "authserv_id", "expected"),
    [
        ([f"mx.stranger.example; {PASS}"], OURS, None),
        ([f"{OURS}.stranger.example; {PASS}"], OURS, None),
        ([f"stranger {OURS}; {PASS}"], OURS, None),
        ([f"{OURS}; {PASS}"], "", None),
        ([f"{OURS.upper()}; {PASS}"], OURS, True),
        ([f"{OURS} 1; {PASS}"], OURS, True),
        ([f"(a comment) {OURS}; {PASS}"], OURS, True),
        ([f"{OURS}; dmarc=fail", f"{OURS}; {PASS}"], OURS, False),
        (["mx.stranger.example; dmarc=fail", f"{OURS}; {PASS}"], OURS, True),
        ([f"{OURS}; none", f"{OURS}; {PASS}"], OURS, None),
        ([PASS], OURS, None),
        ([], OURS, None),
    ],
)
def test_only_the_topmost_header_of_our_own_server_is_believed(headers, authserv_id, expected):
    assert verdict(*headers, authserv_id=authserv_id) is expected
