"""Which of a file's columns is which of ours: by our names, by names that other lists are known to use, by `--map`.

A mapping is kept as a named profile and used again with `--profile NAME`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.directory.models import ImportProfile
from eventsvc.domain.directory.names import folded
from eventsvc.interfaces.importing.files import refusal

_PLACES = {
    "latitude": ("lat",),
    "longitude": ("lon", "lng", "long"),
    "postal_code": ("zip", "zip code", "postcode"),
    "zone": ("timezone", "time zone", "tz"),
    "parent": ("district",),
    "students": ("size_band", "enrollment"),
    "address": ("street", "street address"),
    "website": ("url", "web site"),
}
# Ours → what the lists of the federal and state directories, of partners and of career offices call it.
KNOWN_AS: dict[str, dict[str, tuple[str, ...]]] = {
    "organizations": {
        "parent": ("district",),
        "website": ("url", "web site"),
        "aliases": ("also known as",),
        "paired_with": ("pairings",),
    },
    "offices": {"mailbox": ("email", "e-mail"), "telephone": ("phone",), "zone": ("timezone", "tz")},
    "campuses": _PLACES,
    "rooms": {
        "capacity": ("seats",),
        "setup_minutes": ("setup",),
        "takedown_minutes": ("takedown",),
        "parent": ("part_of", "hall"),
    },
    "pools": {
        "kind": ("type",),
        "quantity": ("count", "how many", "number"),
        "notice_days": ("notice", "lead_days"),
        "setup_minutes": ("setup",),
        "takedown_minutes": ("takedown",),
    },
    "experts": {"organization": ("employer",), "home": ("home_campus", "home base"), "zone": ("timezone", "tz")},
    "topics": {
        "kind": ("type",),
        "slug": ("code",),
        "name": ("label",),
        "words": ("words_in_seed",),
        "source": ("seed_doc",),
    },
    "travel": {
        "origin": ("from_slug", "from"),
        "destination": ("to_slug", "to"),
        "minutes": ("estimated_minutes",),
    },
    "campus-calendar": {
        "kind": ("type",),
        "title": ("name", "event", "summary"),
        "first": ("from", "starts", "starts_on", "start", "begins", "date"),
        "last": ("until", "ends", "ends_on", "end", "to"),
        "uid": ("id",),
    },
    "events": {
        "source_uid": ("uid", "id"),
        "title": ("name", "summary", "employer"),
        "starts": ("start", "starts_local", "starts_at", "dtstart"),
        "ends": ("end", "ends_local", "ends_at", "dtend"),
        "duration_minutes": ("minutes", "duration"),
        "zone": ("tz", "timezone", "time zone"),
        "rooms": ("room", "location"),
        "audience": ("track",),
        "languages": ("language",),
        "expected_heads": ("heads",),
        "online_url": ("website", "url", "link"),
    },
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Their column → ours, and the columns nobody uses."""

    ours: dict[str, str]
    unused: list[str]


def match(
    kind: str, columns: Sequence[str], fields: Collection[str], mapping: Mapping[str, str], needed: Iterable[str]
) -> Columns:
    """Find our fields among a file's columns; `mapping` goes before our own names, those before other known ones.

    Refuses: InvalidInput for a mapping to a field that is not ours, and for a file without a column that is needed.
    """
    strangers = sorted(set(mapping.values()) - set(fields))
    if strangers:
        raise refusal(f"{kind} have no {strangers[0]!r}; they have {', '.join(sorted(fields))}")
    ours = {their: our for their, our in mapping.items() if their in columns}
    known_as = {field: (field, *KNOWN_AS[kind].get(field, ())) for field in fields}
    for field, names in known_as.items():
        if field not in ours.values():
            ours |= _first(names, [column for column in columns if column not in ours], field)
    missing = [field for field in needed if field not in ours.values()]
    if missing:
        raise refusal(f"no column for {missing[0]!r} among {', '.join(columns)}; say --map 'their column={missing[0]}'")
    return Columns(ours, [column for column in columns if column not in ours])


def _first(names: Sequence[str], columns: Sequence[str], field: str) -> dict[str, str]:
    for name in names:
        for column in columns:
            if folded(column) == folded(name):
                return {column: field}
    return {}


def parse_pairs(pairs: Sequence[str], *, option: str) -> dict[str, str]:
    """`theirs=ours` pairs of a command line; refuses InvalidInput for text without an equals sign."""
    parsed = {}
    for pair in pairs:
        theirs, sign, ours = pair.rpartition("=")
        if not sign or not theirs.strip() or not ours.strip():
            raise InvalidInput({option: say("%(pair)r is not of the form 'theirs=ours'", pair=pair)})
        parsed[theirs.strip()] = ours.strip()
    return parsed


def ensure_in_file(mapping: Mapping[str, str], columns: Sequence[str]) -> None:
    """Refuses InvalidInput for a mapped column that the file does not have: a typing error, most likely."""
    missing = [their for their in mapping if their not in columns]
    if missing:
        raise InvalidInput(
            {
                "--map": say(
                    "the file has no column %(column)r; it has %(columns)s",
                    column=missing[0],
                    columns=", ".join(columns),
                )
            }
        )


def find_profile(name: str) -> dict[str, str] | None:
    """The mapping kept under a name, or None."""
    profile = db.session.get(ImportProfile, name)
    return dict(profile.columns) if profile else None


def keep_profile(name: str, mapping: Mapping[str, str]) -> None:
    """Keep a mapping under a name, in place of an earlier one; call inside transaction()."""
    if not 0 < len(name) <= 60:
        raise InvalidInput({"--profile": say("a name has 1 to 60 characters")})
    profile = db.session.get(ImportProfile, name)
    if profile is None:
        db.session.add(ImportProfile(name=name, columns=dict(mapping)))
    else:
        profile.columns = dict(mapping)


def profile_names() -> list[str]:
    """The names of all kept profiles."""
    return list(db.session.scalars(select(ImportProfile.name).order_by(ImportProfile.name)))
