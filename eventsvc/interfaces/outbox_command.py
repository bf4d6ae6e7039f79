"""`eventsvc outbox`: the group; its commands stand in modules of their own."""

from __future__ import annotations

import click

from eventsvc.interfaces import pause_command


@click.group()
def outbox() -> None:
    """Letters that are owed: pause delivery, see what would leave, and let it go on.

    Example: eventsvc outbox resume --show
    """


for one in pause_command.COMMANDS:
    outbox.add_command(one)
