"""What mail servers report about letters of ours (RFC 3464), and read receipts (RFC 8098), which nobody asked for."""

from __future__ import annotations

import re
from dataclasses import replace

from eventsvc.ical import imip_words
from eventsvc.ical.imip_headers import id_in
from eventsvc.ical.imip_mail import Kind, Mail
from eventsvc.ical.imip_parts import Found, Headers, Part, text_of

_MOST_BLOCKS = 50
_MOST_DIAGNOSIS = 500
_AUTOMATIC_REPORTS = ("disposition-notification", "feedback-report")
_RETURNED_ID = re.compile(r"^message-id:\s*<?([^<>\s]{1,300})>?", re.IGNORECASE | re.MULTILINE)


def report_in(found: Found, head: Mail) -> Mail | None:
    """The mail as a server's report, if it is one."""
    if found.report_type in _AUTOMATIC_REPORTS:
        return replace(head, kind=Kind.AUTOMATIC)
    if found.reports:
        return _of_blocks([block for report in found.reports for block in _blocks(report)], found, head)
    if found.report_type == "delivery-status" or "x-failed-recipients" in found.headers.names():
        words = imip_words.new_words(found)[:_MOST_DIAGNOSIS]
        return replace(head, kind=Kind.BOUNCE, returned_id=_returned_id(found), diagnosis=words)
    return None


def _of_blocks(blocks: list[Headers], found: Found, head: Mail) -> Mail:
    """By the worst that is said of anybody: failed, then delayed; that it arrived is no bounce."""
    said = {_action(block): block for block in reversed(blocks)}
    block = said.get("failed") or said.get("delayed")
    if block is None:
        return replace(head, kind=Kind.AUTOMATIC)
    words = block.first("Diagnostic-Code").partition(";")
    diagnosis = " ".join(f"{block.first('Status')} {words[2] or words[0]}".split())[:_MOST_DIAGNOSIS]
    is_final = block is said.get("failed")
    return replace(head, kind=Kind.BOUNCE, returned_id=_returned_id(found), diagnosis=diagnosis, is_final=is_final)


def _action(block: Headers) -> str:
    """The Action; where a server left it out, what the first figure of the Status means (RFC 3463)."""
    action = block.first("Action").strip().lower()
    return action or {"5": "failed", "4": "delayed"}.get(block.first("Status").strip()[:1], "")


def _blocks(report: Part) -> list[Headers]:
    inner = report.get_payload()
    return (
        [Headers(block) for block in inner[:_MOST_BLOCKS] if isinstance(block, Part)] if isinstance(inner, list) else []
    )


def _returned_id(found: Found) -> str:
    """The Message-ID of the letter that came back, from its own headers."""
    for part in found.returned:
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Part):
            return id_in(Headers(inner[0]), "Message-ID")
        head = re.split(r"\r?\n\r?\n", text_of(part).lstrip(), maxsplit=1)[0]
        if written := _RETURNED_ID.search(head):
            return written.group(1)
    return ""
