"""What a foreign entry says in words: title, description, place, links, kinds."""

from __future__ import annotations

from typing import Any

from eventsvc.core.errors import say
from eventsvc.ical.foreign_words import MAX_TEXT, as_markdown, is_link, link_in, one_line
from eventsvc.ical.occurrences import Notes

_MOST_CATEGORIES = 20
# Where programs put the address of a meeting online, the likeliest first.
_ONLINE = (
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
)
_NOT_PUBLIC = ("PRIVATE", "CONFIDENTIAL")


def words_of(component: Any, notes: Notes) -> dict[str, Any]:
    """The fields of `Occurrence` that are words; what is cut or left out is named in `notes`."""
    location = one_line(_text(component, "LOCATION"), 500)
    online = _online(component) or (link_in(location) if "://" in location else "")
    is_only_link = bool(online) and location == online
    return {
        "title": _title(component, notes),
        "description": _description(component, notes),
        "location": "" if is_only_link else location,
        "position": _position(component, notes),
        "url": _url(component, notes),
        "online_url": online,
        "categories": _categories(component),
        "is_tentative": one_line(_text(component, "STATUS")).upper() == "TENTATIVE",
        "is_private": one_line(_text(component, "CLASS")).upper() in _NOT_PUBLIC,
    }


def _text(component: Any, name: str) -> str:
    value = component.get(name)
    first = value[0] if isinstance(value, list) and value else value
    return "" if first is None else str(first)


def _title(component: Any, notes: Notes) -> str:
    whole = one_line(_text(component, "SUMMARY"), 10_000)
    if not whole:
        notes.warn(say("It has no title."))
    elif len(whole) > 200:
        notes.warn(say("Its title is cut to %(most)d characters.", most=200))
    return whole[:200].strip()


def _description(component: Any, notes: Notes) -> str:
    """The plain text, which may be HTML all the same; the page beside it only where there is none."""
    text = _text(component, "DESCRIPTION") or _text(component, "X-ALT-DESC")
    found = as_markdown(text)
    if len(found) >= MAX_TEXT - 1:
        notes.warn(say("Its description is cut to %(most)d characters.", most=MAX_TEXT))
    return found


def _online(component: Any) -> str:
    for name in _ONLINE:
        values = component.get(name)
        for value in values if isinstance(values, list) else [values]:
            link = one_line(str(value or ""), 1_000)
            if is_link(link):
                return link
    return ""


def _url(component: Any, notes: Notes) -> str:
    link = one_line(_text(component, "URL"), 1_000)
    if link and not is_link(link):
        notes.warn(say("Its URL is no web address and is left out."))
        return ""
    return link


def _position(component: Any, notes: Notes) -> tuple[float, float] | None:
    value = component.get("GEO")
    if value is None:
        return None
    try:
        north, east = float(value.latitude), float(value.longitude)
    except (AttributeError, TypeError, ValueError):
        north, east = 999.0, 999.0
    if abs(north) > 90 or abs(east) > 180:
        notes.warn(say("Its position is none on earth and is left out."))
        return None
    return north, east


def _categories(component: Any) -> tuple[str, ...]:
    values = component.get("CATEGORIES")
    found = [str(word) for one in (values if isinstance(values, list) else [values]) if one for word in _cats(one)]
    return tuple(dict.fromkeys(filter(None, (one_line(word, 60) for word in found))))[:_MOST_CATEGORIES]


def _cats(value: Any) -> list[Any]:
    return list(getattr(value, "cats", [value]))
