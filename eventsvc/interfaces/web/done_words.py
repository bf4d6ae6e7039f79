"""What was done, exactly: how many rooms are held, how many people are written to, and who has no address at all."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from eventsvc.domain.events.models import Event
from eventsvc.workflows.letters_to_people import address_of


def requested(event: Event) -> str:
    """After an event was planned or requested."""
    rooms, people = len(event.rooms), [expert for expert in event.experts if address_of(expert)]
    unreachable = [expert.name for expert in event.experts if not address_of(expert)]
    said = [gettext("Planned.")]
    if rooms:
        said.append(ngettext("%(num)d room is held.", "%(num)d rooms are held.", rooms))
    if people:
        said.append(
            ngettext(
                "%(num)d expert is held and asked by mail.", "%(num)d experts are held and asked by mail.", len(people)
            )
        )
    if unreachable:
        said.append(_unreachable(unreachable))
    if not event.rooms and not event.experts:
        said.append(gettext("It needs no room and nobody, so nothing had to be reserved and nobody was asked."))
    return " ".join(str(sentence) for sentence in said)


def _unreachable(names: list[str]) -> str:
    return str(
        ngettext(
            "%(names)s is held too, but has no address and no office with one: ask them yourself.",
            "%(names)s are held too, but have no address and no office with one: ask them yourself.",
            len(names),
            names=", ".join(names),
        )
    )


def moved(event: Event, *, is_changed: bool) -> str:
    """After a move; `is_changed` is False when it stood there already."""
    if not is_changed:
        return str(gettext("The event stands at this time and place already; nothing was changed."))
    if not event.holds_resources:
        return str(gettext("Moved. It reserves nothing yet, so nobody had to be told."))
    if not event.experts:
        return str(gettext("Moved. Nobody is invited, so nobody had to be told."))
    return str(gettext("Moved. Everybody concerned is told by mail."))
