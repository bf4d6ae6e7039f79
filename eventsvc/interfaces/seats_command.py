"""`eventsvc seats …`: who holds the seats of an event, and who is asked next."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat, SeatRole
from eventsvc.domain.invitations import asking
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.seat_schemas import seats_facts
from eventsvc.workflows import keep_line_up
from eventsvc.workflows.line_ups import SaidSeat


@click.group()
def seats() -> None:
    """Seats of an event: who is named, who is asked next, what is open.

    Example: eventsvc seats show 3f6c7f0e-…
    """


@seats.command()
@click.argument("event")
def show(event: str) -> None:
    """Each seat by its number, with who is named and who is asked next.

    Example: eventsvc seats show 3f6c7f0e-…
    """
    with in_app():
        for line in _lines(get_event(event)):
            click.echo(line)


@seats.command("line-up")
@click.argument("event")
@click.argument("number", type=int)
@click.argument("experts", nargs=-1)
@click.option("--understudy", "understudies", multiple=True, help="Who of them agreed beforehand to step in.")
def line_up(event: str, number: int, experts: tuple[str, ...], understudies: tuple[str, ...]) -> None:
    """Say who is asked next for seat NUMBER, in order; nobody where no EXPERTS are named.

    Example: eventsvc seats line-up 3f6c7f0e-… 1 pelican-example heron-example --understudy heron-example
    """
    with in_app(), transaction():
        seat = str(_numbered(get_event(event), number).public_id)
        done = keep_line_up.keep_line_up(event, seat, experts, understudies, actor=ADMINISTRATOR, now=clock.now())
        lines = _lines(done)
    for line in lines:
        click.echo(line)


@seats.command()
@click.argument("event")
@click.option("--role", type=click.Choice([str(role) for role in SeatRole]), default=str(SeatRole.PRESENTER))
@click.option("--then", multiple=True, help="Who is asked, in order; nobody: the seat is left open.")
def add(event: str, role: str, then: tuple[str, ...]) -> None:
    """One more seat.

    Example: eventsvc seats add 3f6c7f0e-… --role interpreter --then heron-example
    """
    with in_app(), transaction():
        said = SaidSeat(role=SeatRole(role), then=then)
        lines = _lines(keep_line_up.add_seat(event, said, actor=ADMINISTRATOR, now=clock.now()))
    for line in lines:
        click.echo(line)


@seats.command()
@click.argument("event")
@click.argument("number", type=int)
def free(event: str, number: int) -> None:
    """Who is named for seat NUMBER need not come; the next is asked, or the seat is open.

    Example: eventsvc seats free 3f6c7f0e-… 1
    """
    with in_app(), transaction():
        seat = str(_numbered(get_event(event), number).public_id)
        lines = _lines(keep_line_up.free_seat(event, seat, actor=ADMINISTRATOR, now=clock.now()))
    for line in lines:
        click.echo(line)


@seats.command()
@click.argument("event")
@click.argument("number", type=int)
def remove(event: str, number: int) -> None:
    """Take seat NUMBER away; who is named for it is told.

    Example: eventsvc seats remove 3f6c7f0e-… 2
    """
    with in_app(), transaction():
        seat = str(_numbered(get_event(event), number).public_id)
        lines = _lines(keep_line_up.take_seat_away(event, seat, actor=ADMINISTRATOR, now=clock.now()))
    for line in lines:
        click.echo(line)


def _numbered(event: Event, number: int) -> Seat:
    if not 1 <= number <= len(event.seats):
        raise InvalidInput({"number": say("The event has no such seat.")})
    return event.seats[number - 1]


def _lines(event: Event) -> list[str]:
    lines = []
    for number, seat in enumerate(seats_facts(event, asking.of_event(event.id)), 1):
        invitation = seat["invitation"]
        who = seat["expert"] or "nobody"
        state = f" ({invitation['state']})" if invitation else ""
        line = ", ".join(slug + ("*" if slug in seat["understudies"] else "") for slug in seat["then"]) or "nobody"
        lines.append(f"{number}\t{seat['role']}\t{who}{state}{' OPEN' if seat['is_open'] else ''}\tthen: {line}")
    return lines
