"""What would work instead, after a no: a later start on the same day, and other rooms of the campus.

Each is rehearsed against the desk before it is offered, so a button never leads to the same no. Alternatives of every
kind, and ranked, come with part 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from flask_babel import gettext, ngettext
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import Refusal, SlotTaken
from eventsvc.core.times import local_day, side_of, to_wall
from eventsvc.domain.booking.conflicts import Clash, ClashKind
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.interfaces.web import forms, words
from eventsvc.interfaces.web.forms import Form

# Says what stands against a form, or None; nothing of it is kept.
Rehearse = Callable[[Form], Refusal | None]

MOST_STARTS = 6
MOST_ROOMS_LOOKED_AT, MOST_ROOMS = 40, 3
ROUND_TO = timedelta(minutes=5)
# Free is not the same as reasonable: nobody would come to a session that begins at night.
LATEST = time(20, 0)
# The one that a later start can end.
_PASSING = (ClashKind.OVERLAP, ClashKind.TRAVEL)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A button: `value` is what it sends, `label` what it says."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What would work: a start at which everything is free, and rooms to take instead, by the slug of the taken one."""

    start: Suggestion | None = None
    rooms: dict[str, list[Suggestion]] = field(default_factory=dict)


def of(form: Form, campus: Campus | None, zone: str | None, rehearse: Rehearse) -> Suggestions:
    """What would work instead of a refused form; call after the roll-back."""
    if not form.taken:
        return Suggestions()
    return Suggestions(_later_start(form, zone, rehearse), _other_rooms(form, campus, rehearse) if campus else {})


def follow(form: Form) -> Form:
    """The form with the suggestion of the button that was pressed; the form itself when it is none of ours."""
    match form.value("suggestion").split():
        case ["start", clock, side]:
            return form.with_values(time=clock, starts_side=side if side != "once" else "")
        case ["room", taken, other]:
            return form.with_values(rooms=[other if slug == taken else slug for slug in form.all("rooms")])
    return form


def _later_start(form: Form, zone: str | None, rehearse: Rehearse) -> Suggestion | None:
    possible = forms.starts(form, zone)
    if zone is None or not possible:
        return None
    first = start = possible[-1] if form.value("starts_side") == "later" else possible[0]
    clashes: Sequence[Clash] = form.taken
    for _ in range(MOST_STARTS):
        delay = _delay(clashes)
        start = _rounded_up(start + delay) if delay else first
        if start <= first or _is_too_late(start, first, zone):
            return None
        suggestion = _start_at(start, zone)
        refusal = rehearse(follow(form.with_values(suggestion=suggestion.value)))
        if refusal is None:
            return suggestion
        if not isinstance(refusal, SlotTaken):
            return None
        clashes = refusal.clashes
    return None


def _is_too_late(start: datetime, first: datetime, zone: str) -> bool:
    return local_day(start, zone) != local_day(first, zone) or to_wall(start, zone).time() > LATEST


def _delay(clashes: Sequence[Clash]) -> timedelta | None:
    """How much later it must start to get past everything in the way, or None where no later start helps."""
    if any(clash.kind not in _PASSING or clash.busy is None for clash in clashes):
        return None
    return max((_delay_past(clash) for clash in clashes), default=None)


def _delay_past(clash: Clash) -> timedelta:
    assert clash.busy is not None
    if clash.kind is ClashKind.TRAVEL and clash.busy.start < clash.wanted.start:
        known = dict(clash.facts)
        return timedelta(minutes=known["travel_minutes"] - known["gap_minutes"])
    return clash.busy.end - clash.wanted.start


def _rounded_up(moment: datetime) -> datetime:
    return moment + (datetime.min.replace(tzinfo=moment.tzinfo) - moment) % ROUND_TO


def _start_at(start: datetime, zone: str) -> Suggestion:
    label = gettext("Start at %(time)s", time=words.clock_time(start, zone))
    return Suggestion(f"start {to_wall(start, zone):%H:%M} {side_of(start, zone) or 'once'}", label)


def _other_rooms(form: Form, campus: Campus, rehearse: Rehearse) -> dict[str, list[Suggestion]]:
    chosen, refused = form.all("rooms"), _rooms_in(form.taken)
    if not refused:
        return {}
    looked_at = _rooms_of(campus, without=chosen)
    kept = [slug for slug in chosen if slug not in refused]
    # One rehearsal with all of them shows which are taken; those that are offered seat everybody by themselves.
    taken = _refused_rooms(rehearse(form.with_values(rooms=[*kept, *(room.slug for room in looked_at)])))
    if taken is None:
        return {}
    free = [room for room in looked_at if room.slug not in taken]
    fitting = [(room, _room_in_words(room)) for room in _by_fit(free, form)]
    return {
        slug: [Suggestion(f"room {slug} {room.slug}", label) for room, label in fitting]
        for slug in refused[:MOST_ROOMS]
    }


def _by_fit(rooms: list[Room], form: Form) -> list[Room]:
    """The few that seat everybody by themselves most closely."""
    heads = forms.whole(form.value("expected_heads"))
    least = heads if isinstance(heads, int) else 0
    fitting = [room for room in rooms if (room.capacity or 0) >= least]
    return sorted(fitting, key=lambda room: (room.capacity or 0, room.name))[:MOST_ROOMS]


def _rooms_in(clashes: Sequence[Clash]) -> list[str]:
    things = (clash.thing for clash in clashes)
    return list(dict.fromkeys(thing.slug for thing in things if isinstance(thing, Room)))


def _refused_rooms(refusal: Refusal | None) -> list[str] | None:
    """The rooms that a rehearsal was refused; None when it was refused for something else than a clash."""
    if refusal is None:
        return []
    return _rooms_in(refusal.clashes) if isinstance(refusal, SlotTaken) else None


def _rooms_of(campus: Campus, *, without: Sequence[str]) -> list[Room]:
    # Not the parts of halls: a hall and a part of it cannot be asked for at once.
    is_whole = (Room.retired_on.is_(None), Room.parent_id.is_(None))
    query = select(Room).where(Room.campus_id == campus.id, *is_whole, Room.slug.not_in(without))
    return list(db.session.scalars(query.order_by(Room.capacity.desc(), Room.name).limit(MOST_ROOMS_LOOKED_AT)))


def _room_in_words(room: Room) -> str:
    if room.capacity is None:
        return str(gettext("Use %(room)s", room=room.name))
    return str(ngettext("Use %(room)s (%(num)d seat)", "Use %(room)s (%(num)d seats)", room.capacity, room=room.name))
