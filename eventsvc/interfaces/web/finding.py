"""How people narrow the lists: filters by slug, kept in the page's address so that a list can be shared."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from flask import request, url_for
from sqlalchemy import exists, select

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.domain.accounts import sight_of
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.distance import campuses_near
from eventsvc.domain.directory.models import Campus, Expert, Room, Topic
from eventsvc.domain.events import found_under
from eventsvc.domain.events.found_under import is_tag
from eventsvc.domain.events.lookup import Filter, matching
from eventsvc.domain.events.models import Event, EventKind, EventTopic
from eventsvc.domain.feeds.dimensions import DIMENSIONS
from eventsvc.interfaces import requests
from eventsvc.interfaces.match_words import language_name
from eventsvc.interfaces.web import words
from eventsvc.interfaces.web.frame import is_planner

# Miles as the crow flies that one may be ready to go.
DISTANCES = ("5", "10", "25", "50")
_MOST_GROUPS = 50
MOST_WORDS = 200  # characters of a search


@dataclass(frozen=True)
class Chosen:
    """The filters of the address; empty ones do not narrow."""

    campus: str = ""
    within: str = ""
    kind: str = ""
    topic: str = ""
    audience: str = ""
    language: str = ""
    q: str = ""
    room: str = ""
    expert: str = ""  # for planners only: who comes where is not the public's affair

    @classmethod
    def from_address(cls) -> Chosen:
        """What is unknown in the address besides the filters is left alone."""
        typed = {field.name: request.args.get(field.name, "").strip() for field in fields(cls)}
        if not is_planner():
            typed["expert"] = ""
        # No word holds a NUL, and PostgreSQL takes none in any text.
        return cls(**{**typed, "q": typed["q"].replace("\x00", "")[:MOST_WORDS]})

    @property
    def query(self) -> dict[str, str]:
        """For links that keep the filters."""
        return {name: value for name, value in asdict(self).items() if value}

    def link(self, endpoint: str, **values: Any) -> str:
        """An address that keeps the filters, but for those that `values` names anew."""
        return url_for(endpoint, **{**self.query, **values})

    @property
    def subscribing(self) -> str:
        """The page of the calendar of what is chosen; of several, where they are put together. Empty without any.

        Words, a distance, a room and a person are nothing that calendars select by.
        """
        said: dict[str, Any] = {of: word for of in DIMENSIONS if (word := self.query.get(of))}
        if len(said) == 1:
            ((of, word),) = said.items()
            return url_for("pages.subscribe", of=of, word=word.lower())
        return url_for("pages.combine", **said) if said else ""

    @property
    def is_folded(self) -> bool:
        """True while nothing is chosen that the folded form would hide."""
        return not {"campus", "within", "kind", "audience", "language", "q"} & set(self.query)

    @cached_property
    def near(self) -> dict[int, float]:
        """Miles from the chosen campus, by id, of those that the distance takes in; empty without a distance."""
        if self.campus and self.within in DISTANCES:
            return campuses_near(self.place, float(self.within))
        return {}

    @cached_property
    def place(self) -> Campus:
        """The chosen campus; refuses NotFound for a slug that nothing has."""
        return directory.get(Campus, self.campus)

    def _tag(self) -> str:
        if not is_tag(self.language.lower()):
            raise NotFound(say("There is no language %(tag)r.", tag=self.language))
        return self.language

    def wanted(self, **more: Any) -> Filter:
        """What to look for; refuses NotFound for a slug that nothing has."""
        if self.kind and self.kind not in list(EventKind):
            raise NotFound(say("There is no kind of event “%(kind)s”.", kind=self.kind))
        return Filter(
            sight=sight_of(requests.actor()),
            campus_ids=(self.place.id,) if self.campus else (),
            near_campus_ids=tuple(self.near),
            kinds=(EventKind(self.kind),) if self.kind else (),
            topic_ids=(directory.get(Topic, self.topic).id,) if self.topic else (),
            audiences=(self.audience,) if self.audience else (),
            languages=(self._tag(),) if self.language else (),
            words=self.q,
            room_id=directory.get(Room, self.room).id if self.room else None,
            expert_id=directory.get(Expert, self.expert).id if self.expert else None,
            **more,
        )


def choices(chosen: Chosen) -> dict[str, Any]:
    """What the filter form offers: places and topics that have events, and what is chosen."""
    campuses = select(Campus).where(exists().where(Event.campus_id == Campus.id)).order_by(Campus.name)
    seen = matching(Filter(sight=sight_of(requests.actor())))
    in_events = exists().where(EventTopic.topic_id == Topic.id)
    return {
        "chosen": chosen,
        "campuses": list(db.session.scalars(campuses)),
        "topics": list(db.session.scalars(select(Topic).where(in_events).order_by(Topic.name))),
        "audiences": _with(chosen.audience, found_under.groups_of(seen, most=_MOST_GROUPS)),
        "held_in": [(tag, language_name(tag)) for tag in found_under.languages_of(seen)],
        "kinds": words.KINDS,
        "distances": DISTANCES,
        "only_room": directory.get(Room, chosen.room) if chosen.room else None,
        "only_expert": directory.get(Expert, chosen.expert) if chosen.expert else None,
    }


def _with(chosen: str, groups: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The groups, and the one that somebody chose though few events are for it."""
    return groups if not chosen or chosen in dict(groups) else [*groups, (chosen, chosen)]
