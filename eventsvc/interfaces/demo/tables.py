"""The demo's tables: what stands in `demo_data/`, read into the rows that the workflows take."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from eventsvc.domain.accounts import Role
from eventsvc.domain.directory.distance import miles_between
from eventsvc.domain.directory.models import OrganizationKind, PoolKind
from eventsvc.domain.directory.travel import estimated
from eventsvc.interfaces.demo.days import ZONE
from eventsvc.workflows.keep_directory import (
    CampusRow,
    ExpertRow,
    OfficeRow,
    OrganizationRow,
    PoolRow,
    RoomRow,
    TopicRow,
    TravelRow,
)

FOLDER = Path(__file__).parents[1] / "demo_data"
PORT = "port-of-los-angeles"
PORT_OFFICE = "port-outreach"

_METHOD = "our estimate: great circle x 1.3 at 35 mph + 10 min, rounded up"


def rows(name: str) -> list[dict[str, str]]:
    """The lines of one table, column by column."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(text: str) -> tuple[str, ...]:
    """What a cell lists, parted by semicolons."""
    return tuple(text.split(";")) if text else ()


def descriptions() -> dict[str, str]:
    """Markdown for a title, or for a kind of event."""
    words: dict[str, str] = json.loads((FOLDER / "descriptions.json").read_text(encoding="utf-8"))
    return words


def topics() -> Iterator[TopicRow]:
    """The ten topics of the agreements."""
    return (TopicRow(slug=row["slug"], name=row["name"]) for row in rows("topics"))


def organizations() -> Iterator[OrganizationRow]:
    """The partners; a parent comes before its children."""
    for row in rows("organizations"):
        yield OrganizationRow(
            slug=row["slug"],
            name=row["name"],
            kind=OrganizationKind(row["kind"]),
            parent=row["parent"] or None,
            aliases=listed(row["aliases"]),
        )


def offices() -> Iterator[OfficeRow]:
    """A desk for each partner that plans."""
    for row in rows("offices"):
        yield OfficeRow(
            slug=row["slug"],
            name=row["name"],
            organization=row["organization"],
            mailbox=row["mailbox"],
            telephone=row["telephone"],
            zone=ZONE,
        )


def campuses() -> Iterator[CampusRow]:
    """The ten campuses, and the Port as a place to visit."""
    for row in rows("campuses"):
        students = row["students"]
        yield CampusRow(
            slug=row["slug"],
            name=row["name"],
            organization=row["organization"],
            address=row["address"],
            city=row["city"],
            postal_code=row["postal_code"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            zone=ZONE,
            students=int(students.rstrip("+")) if students else None,
            students_is_lower_bound=students.endswith("+"),
            parking=row["parking"],
        )


def rooms() -> Iterator[RoomRow]:
    """The rooms, with what they need before and after."""
    for row in rows("rooms"):
        yield RoomRow(
            slug=row["slug"],
            name=row["name"],
            campus=row["campus"],
            capacity=int(row["capacity"]),
            layout=row["layout"],
            equipment=listed(row["equipment"]),
            step_free=row["step_free"] == "yes",
            setup_minutes=int(row["setup_minutes"]),
            takedown_minutes=int(row["takedown_minutes"]),
            parent=row["part_of"] or None,
            office=row["office"] or None,
            needs_approval=row["needs_approval"] == "yes",
            outside_reference=row["outside_reference"] or None,
        )


class AccountRow(NamedTuple):
    """Somebody who signs in by a letter, and what they are to which office."""

    email: str
    name: str
    role: Role
    office: str


def accounts() -> Iterator[AccountRow]:
    """Those who may sign in; their letters are in the inbox."""
    return (AccountRow(**{**row, "role": Role(row["role"])}) for row in rows("accounts"))  # type: ignore[arg-type]  # the columns are its fields


def pools() -> Iterator[PoolRow]:
    """What can be asked for by number: equipment, booths, access services."""
    for row in rows("pools"):
        yield PoolRow(
            slug=row["slug"],
            name=row["name"],
            kind=PoolKind(row["kind"]),
            campus=row["campus"] or None,
            organization=row["organization"],
            quantity=int(row["quantity"]),
            notice_days=int(row["notice_days"]),
            setup_minutes=int(row["setup_minutes"]),
            takedown_minutes=int(row["takedown_minutes"]),
        )


def experts() -> Iterator[ExpertRow]:
    """The experts whom the Port lends. They are named after birds of the harbor: none of them is a person.

    Letters to them are in the first of their languages.
    """
    for row in rows("experts"):
        yield ExpertRow(
            slug=row["slug"],
            name=row["name"],
            organization=PORT,
            office=PORT_OFFICE,
            email=row["email"],
            topics=listed(row["topics"]),
            language=listed(row["languages"])[0],
            languages=listed(row["languages"]),
            home=row["home"],
            zone=ZONE,
            lead_minutes=int(row["lead_minutes"]),
            max_per_day=int(row["max_per_day"]),
            max_per_week=int(row["max_per_week"]),
        )


def ways() -> Iterator[TravelRow]:
    """Minutes between every two places, both ways; estimates of our own from their coordinates."""
    for origin, destination in permutations(campuses(), 2):
        miles = miles_between(origin, destination)
        assert miles is not None, "every place of the demo has coordinates"
        minutes = estimated(miles).minutes
        yield TravelRow(origin=str(origin.slug), destination=str(destination.slug), minutes=minutes, method=_METHOD)
