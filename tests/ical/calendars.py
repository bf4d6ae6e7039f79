"""Foreign calendars, made line by line."""

from __future__ import annotations


def calendar(*parts: str | list[str], head: tuple[str, ...] = ()) -> bytes:
    """A calendar of those lines and entries."""
    lines = [line for part in parts for line in ([part] if isinstance(part, str) else part)]
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *head, *lines, "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


def entry(*lines: str, uid: str = "one@test") -> list[str]:
    """An entry of those lines."""
    return ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270101T000000Z", *lines, "END:VEVENT"]


def timed(starts: str, ends: str, *more: str, uid: str = "one@test") -> list[str]:
    """An entry from then until then."""
    return entry(f"DTSTART:{starts}", f"DTEND:{ends}", *more, uid=uid)


def at_ten(*more: str, uid: str = "one@test") -> list[str]:
    """An entry on Tuesday, 12 January 2027, from 10:00 to 11:00 UTC."""
    return timed("20270112T100000Z", "20270112T110000Z", *more, uid=uid)
