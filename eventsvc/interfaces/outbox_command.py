"""`eventsvc outbox`: the group; its commands stand in modules of their own."""

from __future__ import annotations

import click

from eventsvc.interfaces import kept_outbox_command, pause_command


@click.group()
def outbox() -> None:
    """Letters that are owed: list them, try again or drop them; pause delivery, see what would leave, let it go on.

    \b
    Example: eventsvc outbox resume --show
             eventsvc outbox list --state failed
    """


for one in (*kept_outbox_command.COMMANDS, *pause_command.COMMANDS):
    outbox.add_command(one)
