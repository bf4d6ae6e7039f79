"""`eventsvc register`: the engagement register on the command line."""

from __future__ import annotations

from datetime import datetime

import click

from eventsvc.core import clock
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.reports.periods import By
from eventsvc.interfaces.command_app import in_app
from eventsvc.interfaces.registered import as_csv, wish_of
from eventsvc.workflows.engagement_register import read_register

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--of", help="A partner or a college, by its slug; all without it.")
@click.option("--from", "first", type=_DAY, help="First day; the first of January without it.")
@click.option("--until", "last", type=_DAY, help="Last day, which counts; today without it.")
@click.option("--by", type=click.Choice([str(by) for by in By]), default=str(By.WHOLE), help="A line for each.")
def register(of: str | None, first: datetime | None, last: datetime | None, by: str) -> None:
    """What partners and colleges did together, as CSV: asked, answered, served, people reached, counts missing.

    Example: eventsvc register --of port-of-los-angeles --from 2027-01-01 --until 2027-06-30 --by quarter
    """
    days = {"first": first.date() if first else None, "last": last.date() if last else None}
    with in_app():
        wish = wish_of({**days, "of": of, "partner": None, "college": None, "by": By(by)}, clock.now().date())
        for line in as_csv(read_register(wish, actor=ADMINISTRATOR)):
            click.echo(line, nl=False)
