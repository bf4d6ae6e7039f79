"""The room in which foreign texts are read: a process of its own with little time and memory.

A few lines of calendar can keep the libraries busy for days (a rule for every second of four hundred days), a mail of
ten thousand parts for minutes, and time zones that a text defines stay in a process for as long as it lives. So each
text is read by a fresh child that is killed when its time is over. Children are forked from a server that has the
libraries loaded: about 10 ms each.
"""

from __future__ import annotations

import multiprocessing
import resource
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from eventsvc.core import caps
from eventsvc.core.errors import Refusal, say
from eventsvc.core.times import Span
from eventsvc.ical.entry_reader import read_entries
from eventsvc.ical.imip import Kind, Mail, Problem, read_mail
from eventsvc.ical.occurrences import Entries, Unread
from eventsvc.ical.reader import MAX_BYTES, Reading, UnreadableCalendar, read_busy


@dataclass(frozen=True, slots=True)
class Limits:
    """What a room may use; `memory_bytes` comes on top of what the libraries have."""

    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    memory_bytes: int = 300_000_000


_LIMITS = Limits()
# A mail is read in milliseconds, and there may be many: what takes longer is looked at by people.
_LIMITS_OF_MAIL = Limits(cpu_seconds=5, wall_seconds=15.0)
_rooms = multiprocessing.get_context("forkserver")
# A child would load the script that was started anew; the server does it once.
_rooms.set_forkserver_preload(["__main__", __name__])


def read_confined(raw: bytes, window: Span, zone: str, *, also_free: bool = False, limits: Limits = _LIMITS) -> Reading:
    """`reader.read_busy` in a room of its own: bounded in time and memory, whatever the text is.

    Call it with no transaction open. Refuses: UnreadableCalendar, also when the child ran out of time or memory.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableCalendar(caps.CALENDAR_TOO_LARGE)
    answer = _in_a_room(partial(read_busy, raw, window, zone, also_free=also_free), limits)
    if isinstance(answer, Reading):
        return answer
    refused = answer if isinstance(answer, str) else ""
    raise UnreadableCalendar(refused or say("It takes too much time or memory to work out what repeats in it."))


def read_entries_confined(raw: bytes, window: Span, zone: str, *, limits: Limits = _LIMITS) -> Entries:
    """`entry_reader.read_entries` in a room of its own: bounded in time and memory, whatever the text is.

    Call it with no transaction open. Refuses: UnreadableCalendar with the line, also when time or memory ran out.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableCalendar(caps.CALENDAR_TOO_LARGE, line=1)
    answer = _in_a_room(partial(_entries_or_why, raw, window, zone), limits)
    if isinstance(answer, Entries):
        return answer
    if isinstance(answer, Unread):
        raise UnreadableCalendar(answer.reason, line=answer.line)
    raise UnreadableCalendar(say("It takes too much time or memory to work out what repeats in it."), line=1)


def _entries_or_why(raw: bytes, window: Span, zone: str) -> Entries | Unread:
    try:
        return read_entries(raw, window, zone)
    except UnreadableCalendar as refusal:
        return Unread(refusal.detail, int(refusal.facts.get("line", 1)))


def read_mail_confined(raw: bytes, authserv_id: str = "", *, limits: Limits = _LIMITS_OF_MAIL) -> Mail:
    """`imip.read_mail` in a room of its own. Where time or memory ran out the mail is UNREADABLE by `too-much`.

    Call it with no transaction open. Never raises for what a mail holds.
    """
    if len(raw) > caps.MAIL.most_bytes:
        return Mail(kind=Kind.UNREADABLE, problem=Problem.TOO_LARGE)
    answer = _in_a_room(partial(read_mail, raw, authserv_id=authserv_id), limits)
    return answer if isinstance(answer, Mail) else Mail(kind=Kind.UNREADABLE, problem=Problem.TOO_MUCH)


def _in_a_room(read: Callable[[], object], limits: Limits) -> object:
    """What `read` returns in a fresh child, the sentence of its refusal, or None when it ran out of something."""
    ours, theirs = _rooms.Pipe(duplex=False)
    child = _rooms.Process(target=_in_the_room, args=(theirs, limits, read), daemon=True)
    with ours:
        child.start()
        theirs.close()
        try:
            return ours.recv() if ours.poll(limits.wall_seconds) else None
        except EOFError:  # the child is dead
            return None
        finally:
            child.kill()
            child.join()
            child.close()


def _in_the_room(door: Connection, limits: Limits, read: Callable[[], object]) -> None:
    _confine(limits)
    warnings.simplefilter("ignore")  # of the libraries about the text: nobody here could mend it
    answer: object
    try:
        answer = read()
    except Refusal as refusal:
        answer = refusal.detail
    except MemoryError:
        answer = None
    door.send(answer)


def _confine(limits: Limits) -> None:
    """From here on this process has so much time of the processor and so much memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, ValueError):  # not every system counts it; time is bounded there all the same
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
