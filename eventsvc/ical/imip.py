"""What comes back by mail (RFC 6047): answers of calendar programs, plain words, bounces.

It trusts nothing, and is still Python that a foreign text can keep busy: call it by `ical.confined`. What a mail *says*
is read here, whoever wrote it; what that means for an event is decided in `domain/mail/matching.py`.

`imip_parts` finds the parts, `imip_headers` who wrote to whom, `imip_trust` whether our server vouches for them,
`imip_text` and `imip_entries` read the calendar, `imip_bounces` what servers report, `imip_words` what people write.
"""

from __future__ import annotations

from dataclasses import replace

from eventsvc.core import caps
from eventsvc.ical import imip_bounces, imip_entries, imip_headers, imip_parts, imip_trust, imip_words
from eventsvc.ical.imip_mail import CalendarAnswer, Family, Kind, Mail, Problem, Unreadable

__all__ = ["CalendarAnswer", "Family", "Kind", "Mail", "Problem", "read_mail"]


def read_mail(raw: bytes, *, authserv_id: str = "") -> Mail:
    """What a mail says; of one that cannot be read, too: its `problem` then names the reason. Never raises
    (but MemoryError, with which the room of `confined` ends)."""
    if len(raw) > caps.MAIL.most_bytes:
        return Mail(kind=Kind.UNREADABLE, problem=Problem.TOO_LARGE)
    try:
        found = imip_parts.found_in(raw)
        head = imip_headers.head_of(found, imip_trust.vouches(found.headers, authserv_id))
        return _filled(head, found)
    except Unreadable as reason:
        return Mail(kind=Kind.UNREADABLE, problem=reason.problem)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # a mail may do anything to the libraries; it must stay one row of a list
        return Mail(kind=Kind.UNREADABLE, problem=Problem.BROKEN_MAIL)


def _filled(head: Mail, found: imip_parts.Found) -> Mail:
    """The head with what the parts say, by the first of them that counts: bounce, calendar, automatic, words."""
    try:
        if imip_headers.senders(found.headers) > 1:
            raise Unreadable(Problem.TWO_SENDERS)
        if report := imip_bounces.report_in(found, head):
            return report
        chosen = imip_entries.chosen_part(found.calendars)
        # A program's own invitation answers nothing; with a person's words that answer ours, it is what they answer.
        if chosen and (chosen.is_answer or not found.headers.first("In-Reply-To")):
            answers = imip_entries.answers_in(chosen, head.from_address)
            read = replace(head, kind=Kind.CALENDAR, answers=answers, family=imip_headers.family_of(found, chosen.text))
            has_words = not (chosen.is_answer or imip_headers.is_automatic(found.headers))
            return replace(read, words=imip_words.new_words(found)) if has_words else read
        return _in_words(head, found)
    except Unreadable as reason:
        return replace(head, kind=Kind.UNREADABLE, problem=reason.problem, words=imip_words.new_words(found))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # whatever its parts do to the libraries, its head says whose it is
        return replace(head, kind=Kind.UNREADABLE, problem=Problem.BROKEN_MAIL)


def _in_words(head: Mail, found: imip_parts.Found) -> Mail:
    words = imip_words.new_words(found)
    if imip_headers.is_automatic(found.headers):
        return replace(head, kind=Kind.AUTOMATIC, words=words)
    if found.has_tnef:
        return replace(head, kind=Kind.UNREADABLE, problem=Problem.TNEF, words=words)
    if not words:
        return replace(head, kind=Kind.UNREADABLE, problem=Problem.NO_METHOD if found.calendars else Problem.EMPTY)
    return replace(head, kind=Kind.WORDS, words=words)
