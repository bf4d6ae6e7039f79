"""`eventsvc availability`."""

from __future__ import annotations

import click

from eventsvc.core import clock
from eventsvc.core.times import parse_wall_time
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.schedule import When
from eventsvc.interfaces.command_app import in_app
from eventsvc.workflows import show_availability
from eventsvc.workflows.said_wish import SaidWish


@click.command()
@click.argument("campus")
@click.argument("starts_local")
@click.option("--minutes", default=60, show_default=True, help="How long, elapsed.")
@click.option("--topic", help="Only experts for this topic.")
@click.option("--heads", type=int, help="How many people a room must seat.")
def availability(campus: str, starts_local: str, minutes: int, topic: str | None, heads: int | None) -> None:
    """Who and what is free at a campus: a line each, with every reason where it is not.

    Example: eventsvc availability pasadena-city-college 2027-02-10T14:00 --minutes 90 --topic zero-emission
    """
    with in_app():
        when = When(starts_local=parse_wall_time(starts_local), duration_minutes=minutes)
        said = SaidWish(when=when, campus=campus, expected_heads=heads)
        facts = show_availability.free_at(said, topic=topic, actor=ADMINISTRATOR, now=clock.now())
    for kind in ("rooms", "experts", "pools"):
        for one in facts[kind]:
            free = "free" if one["is_free"] else "no  "
            notes = [str(reason["detail"]) for reason in one["reasons"]]
            if one.get("is_understudy"):
                notes.append("would step in elsewhere then, if needed: a booking here takes that away")
            click.echo(f"{kind:<8} {free}  {one['slug']}  {' '.join(notes)}".rstrip())
