"""Keep experts and the topics they speak about: add them, or update what a row knows better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count as numbers

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain.accounts import Actor, Permission, ensure_may_run, ensure_somebody
from eventsvc.domain.booking import resources
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import SLUG_LENGTH, Expert, Level, Office, Organization, Topic, TopicKind
from eventsvc.domain.directory.names import folded
from eventsvc.domain.reminders import replanning
from eventsvc.workflows.keep_organizations import get_organization
from eventsvc.workflows.keep_places import get_campus
from eventsvc.workflows.keeping import (
    Tally,
    change,
    clean,
    count,
    ensure_known,
    ensure_may_keep,
    ensure_may_keep_of,
    new_slug,
    write_down,
)
from eventsvc.workflows.revise_shown import revise_events_showing

_EXPERT_FIELDS = (
    "name",
    "slug",
    "email",
    "language",
    "languages",
    "zone",
    "lead_minutes",
    "max_per_day",
    "max_per_week",
    "max_per_month",
    "max_travel_minutes",
    "online_buffer_minutes",
    "hours",
    "retired_on",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """What is known of a topic; None is not known. `words` are the agreement's own, `source` says which."""

    name: str
    slug: str | None = None
    kind: TopicKind | None = None
    words: str | None = None
    source: str | None = None
    retired_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertRow:
    """What is known of an expert; None is not known.

    `organization` is a slug, a name or an alias, `office` a slug, `home` a campus by slug or name, `topics` slugs or
    names; given topics, languages and levels replace the stored ones. Without a zone, the home's counts, then the
    office's. A new expert without a slug is numbered within the organization: slugs are public, names are not.
    """

    name: str
    organization: str
    slug: str | None = None
    office: str | None = None
    email: str | None = None
    language: str | None = None
    languages: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    home: str | None = None
    zone: str | None = None
    lead_minutes: int | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_per_month: int | None = None
    max_travel_minutes: int | None = None
    online_buffer_minutes: int | None = None
    hours: list[list[int]] | None = None
    retired_on: date | None = None


def save_topic(row: TopicRow, *, actor: Actor, now: datetime, tally: Tally | None = None) -> Topic:
    """Add a topic, or update the one of that slug or name; a changed name revises the events that show it.

    Refuses: SignInNeeded, InvalidInput naming each field.
    """
    ensure_may_run(actor)
    wanted = {"name": row.name, "slug": row.slug, "words": row.words, "source": row.source}
    known = clean(Topic, wanted | {"retired_on": row.retired_on})
    found = find_topic(row.slug or row.name)
    slug = known.pop("slug", None)
    topic = found or Topic(slug=new_slug(Topic, slug, row.name), kind=TopicKind.TOPIC)
    changes = change(topic, known | ({"kind": row.kind} if row.kind else {}))
    outcome = write_down(topic, changes, is_new=found is None, actor=actor, now=now)
    if found and "name" in changes:
        revise_events_showing(topic, now)
    count(tally, outcome)
    return topic


def find_topic(words: str) -> Topic | None:
    """The topic of that slug or name, or None."""
    by_slug = lookup.find(Topic, words)
    if by_slug is not None:
        return by_slug
    return next((topic for topic in db.session.scalars(select(Topic)) if folded(topic.name) == folded(words)), None)


def get_topic(words: str) -> Topic:
    """The topic of that slug or name; refuses InvalidInput."""
    found = find_topic(words)
    if found is None:
        raise InvalidInput({"topics": lookup.unknown(Topic, words)})
    return found


def save_expert(row: ExpertRow, *, actor: Actor, now: datetime, tally: Tally | None = None) -> Expert:
    """Add an expert and make them bookable, or update the one of that slug, or of that name in the organization.

    Refuses: SignInNeeded, InvalidInput naming each field: unknown organization, office, home or topics; a new expert
             needs a zone from somewhere.
    """
    ensure_somebody(actor)
    organization = get_organization(row.organization)
    ensure_may_keep_of(actor, Permission.KEEP_PEOPLE, organization)
    known = clean(Expert, {field: getattr(row, field) for field in _EXPERT_FIELDS}) | _known_entries(row)
    found = _find_expert(row, organization)
    slug = known.pop("slug", None)
    expert = found or Expert(slug=slug or numbered_slug(organization), organization_id=organization.id)
    changes = change(expert, known)
    if found is None and "zone" not in known:
        changes |= change(expert, _zone_of(expert))
    ensure_known(expert, "zone", why=say("is needed, or a home or an office that has one"))
    outcome = write_down(expert, changes, is_new=found is None, actor=actor, now=now)
    resources.register(expert_id=expert.id)
    if found and "name" in changes:
        revise_events_showing(expert, now)
    if found and not changes.keys().isdisjoint(("zone", "office", "organization")):
        replanning.ask(replanning.of_expert(expert.id), now)
    count(tally, outcome)
    return expert


def _known_entries(row: ExpertRow) -> dict[str, object]:
    known: dict[str, object] = {}
    if row.office:
        known["office"] = lookup.get_in_use(Office, row.office, field="office")
    if row.home:
        known["home_campus"] = get_campus(row.home, field="home")
    if row.levels is not None:
        known["levels"] = levels_of(row.levels)
    if row.topics is not None:
        # The stored list comes back by slug, so this one compares equal only in that order.
        known["topics"] = sorted({topic.slug: topic for topic in map(get_topic, row.topics)}.values(), key=_slug)
    return known


def keep_levels(
    slug: str, levels: Iterable[str], *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Expert:
    """Say anew before whom an expert speaks; none: before everybody. Suggestions go by it.

    Locks:   the expert's row.
    Refuses: SignInNeeded, NotFound, NotAllowed for the people of others, Stale, InvalidInput.
    """
    expert = lookup.get(Expert, slug)
    ensure_may_keep(actor, expert)
    db.session.refresh(expert, with_for_update={"key_share": True})
    known = {"levels": levels_of(levels)}
    if known["levels"] != expert.levels:
        ensure_met(expected, tag_of(expert.version))
    write_down(expert, change(expert, known), is_new=False, actor=actor, now=now)
    return expert


def levels_of(said: Iterable[str]) -> list[str]:
    """Before whom somebody speaks, each once and in one order; refuses InvalidInput for what is no level."""
    words = [word for word in said if word not in set(Level)]
    if words:
        known = ", ".join(Level)
        raise InvalidInput({"levels": say("%(value)r is none of %(words)s", value=words[0], words=known)})
    return [str(level) for level in Level if level in set(said)]


def _slug(topic: Topic) -> str:
    return topic.slug


def _zone_of(expert: Expert) -> dict[str, str]:
    source = expert.home_campus or expert.office
    return {"zone": source.zone} if source else {}


def _find_expert(row: ExpertRow, organization: Organization) -> Expert | None:
    by_slug = lookup.find(Expert, row.slug) if row.slug else None
    if by_slug is not None:
        if by_slug.organization_id != organization.id:
            raise InvalidInput({"slug": say("%(slug)r is an expert of another organization", slug=row.slug)})
        return by_slug
    experts = db.session.scalars(select(Expert).where(Expert.organization_id == organization.id))
    return next((expert for expert in experts if _is_same_name(expert.name, row.name)), None)


def _is_same_name(one: str, other: str) -> bool:
    """True for two spellings of a name; names without Latin letters fold to nothing and are compared as they are."""
    return folded(one) == folded(other) if folded(one) else one == other


def numbered_slug(organization: Organization) -> str:
    """ "harbor-water-expert-3": the first number that is free; nothing is deleted, so none is used twice."""
    stem = f"{organization.slug[: SLUG_LENGTH - len('-expert-99999')].rstrip('-')}-expert-"
    taken = set(db.session.scalars(select(Expert.slug).where(Expert.slug.startswith(stem, autoescape=True))))
    return next(slug for number in numbers(1) if (slug := f"{stem}{number}") not in taken)
