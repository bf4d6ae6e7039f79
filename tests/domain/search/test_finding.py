"""Finding: the same answers on both databases, and those of a search that reads every entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventsvc.core.db import db, transaction
from eventsvc.domain.search import entries, finding
from eventsvc.domain.search.entries import Entry
from eventsvc.domain.search.finding import Group, Hit
from eventsvc.domain.search.folding import words_asked, words_in
from eventsvc.domain.search.models import Kind, SearchEntry
from tests.conftest import NOW

HOSTILE = [
    '"',
    "'",
    "port'; DROP TABLE search_entries; --",
    'port" OR "fair',
    "port OR fair",
    "NOT port",
    "port NEAR fair",
    "NEAR(port fair, 5)",
    "title_words : port",
    "-port",
    "port*",
    "^port",
    "(port",
    "port)",
    "port & ! fair",
    "port | fair",
    "port:*B",
    "port <-> fair",
    "%",
    "_",
    "\\",
    "\x00",
    "po\x00rt",
    "\ud800",
    "🎉",
    "\u202eport",
    "-- ;",
    "x" * 10_000,
    "x " * 5_000,
    "' " * 5_000,
    "\u0301",
    "½ ² ﬁ",
]


@dataclass(frozen=True)
class Oracle:
    """Reads every entry, each time."""

    kept: tuple[Entry, ...]

    def find(self, question: str, *, for_planners: bool) -> list[Hit]:
        asked = words_asked(question)
        found = [entry for entry in self.kept if asked and self._matches(entry, asked, for_planners)]
        found.sort(key=lambda entry: self._place(entry, asked))
        return [Hit(entry.kind, entry.ref_id, self._is_over(entry)) for entry in found]

    def _matches(self, entry: Entry, asked: tuple[str, ...], for_planners: bool) -> bool:
        more = entry.for_planners if for_planners else ""
        words = words_in(f"{entry.title} {entry.words} {more}")
        return (for_planners or entry.is_public) and begins_all(asked, words)

    def _place(self, entry: Entry, asked: tuple[str, ...]) -> tuple[object, ...]:
        seconds = (entry.starts_at - NOW).total_seconds() if entry.starts_at else 0
        is_over = self._is_over(entry)
        in_title = begins_all(asked, words_in(entry.title))
        title = " ".join(words_in(entry.title)).encode()
        number = self.kept.index(entry)
        return (list(Kind).index(entry.kind), not in_title, is_over, -seconds if is_over else seconds, title, number)

    @staticmethod
    def _is_over(entry: Entry) -> bool:
        return entry.ends_at is not None and entry.ends_at <= NOW


def begins_all(asked: tuple[str, ...], words: list[str]) -> bool:
    return all(any(word.startswith(wanted) for word in words) for wanted in asked)


def event(number: int, title: str, words: str = "", *, days: int = 1, **more: object) -> Entry:
    start = NOW + timedelta(days=days)
    facts = {"is_public": True, "starts_at": start, "ends_at": start + timedelta(hours=1), **more}
    return Entry(kind=Kind.EVENT, ref_id=number, title=title, words=words, **facts)


@pytest.fixture
def keep(app: Flask):
    """Fills the index with just these entries, and answers with an oracle over them."""

    def kept(*wanted: Entry) -> Oracle:
        with transaction():
            entries.drop_all(*Kind)
            entries.keep(wanted)
        # The order of ids is that of kind and number, as `keep` writes them.
        return Oracle(tuple(sorted(wanted, key=lambda entry: (entry.kind, entry.ref_id))))

    return kept


def find(question: str, *, for_planners: bool = False, kinds=tuple(Kind), limit: int = 100, skip: int = 0, now=NOW):
    return finding.find(question, kinds=kinds, for_planners=for_planners, now=now, limit=limit, skip=skip)


def numbers(question: str, **more) -> list[int]:
    return [hit.ref_id for hit in find(question, **more)]


def test_every_word_must_begin_a_word(keep):
    keep(event(1, "Careers at the port"), event(2, "Port tour"), event(3, "Career fair", "by the airport"))
    assert numbers("port") == [1, 2]
    assert numbers("CAREÉR") == [3, 1]
    assert numbers("port car") == [1]
    assert numbers("port zebra") == []
    assert numbers("ort") == []


def test_a_title_comes_first_then_what_is_coming_then_what_is_nearest(keep):
    keep(
        event(1, "A talk", "about the port", days=1),
        event(2, "Port, long ago", days=-20),
        event(3, "Port, just now", days=-1),
        event(4, "Port in a month", days=30),
        event(5, "Port tomorrow", days=1),
        event(6, "Running now: port", days=0, ends_at=NOW + timedelta(minutes=1)),
    )
    assert numbers("port") == [6, 5, 4, 3, 2, 1]
    later = NOW + timedelta(days=10)
    assert numbers("port", now=later) == [4, 5, 6, 3, 2, 1]
    assert [hit.is_over for hit in find("port")] == [False, False, False, True, True, False]


def test_everybody_finds_public_words_of_public_entries_only(keep):
    keep(
        event(1, "Careers", "engineers", for_planners="Ana Ruiz"),
        event(2, "Careers, not published", is_public=False),
        Entry(kind=Kind.EXPERT, ref_id=1, title="Ana Ruiz", words="careers", is_public=False),
    )
    assert numbers("careers") == [1]
    assert numbers("ana") == []
    assert find("ana", for_planners=True) == [Hit(Kind.EVENT, 1, False), Hit(Kind.EXPERT, 1, False)]
    assert numbers("careers", for_planners=True, kinds=[Kind.EVENT]) == [1, 2]


def test_what_is_kept_again_is_found_by_its_new_words_only(keep):
    keep(event(1, "Careers", "engineers"), event(2, "Fair"))
    with transaction():
        entries.keep([event(1, "Workshop", is_public=False)])
        entries.drop(Kind.EVENT, [2])
    assert numbers("careers") == numbers("engin") == numbers("fair", for_planners=True) == []
    assert numbers("work") == []
    assert numbers("work", for_planners=True) == [1]


def test_a_roll_back_takes_the_words_back(keep):
    keep(event(1, "Careers"))
    with transaction(keep=False):
        entries.keep([event(1, "Workshop"), event(2, "Fair")])
        assert numbers("fair") == [2]
    assert (numbers("careers"), numbers("work"), numbers("fair")) == ([1], [], [])


@pytest.mark.parametrize("question", HOSTILE, ids=lambda text: repr(text[:30]))
def test_a_hostile_question_is_answered_as_its_words_are(keep, question):
    oracle = keep(
        event(1, "port"), event(2, "fair"), event(3, "port or fair near not and"), event(4, "'port' \"fair\" x\x00x")
    )
    assert find(question) == oracle.find(question, for_planners=False)
    assert db.session.query(SearchEntry).count() == 4


def test_a_question_without_a_word_finds_nothing(keep):
    keep(event(1, "!!! 🎉"), event(2, ""))
    assert find("!!!") == find("") == find("🎉") == []
    assert finding.overview("?", kinds=[*Kind], for_planners=True, now=NOW, most=5) == []


def test_pages_of_hits_join_without_a_gap(keep):
    oracle = keep(*(event(number, "Port", days=number % 5 - 2) for number in range(25)))
    pages = [hit for skip in range(0, 30, 7) for hit in find("port", limit=7, skip=skip)]
    assert pages == oracle.find("port", for_planners=False)
    assert len(pages) == 25


ALPHABET = [
    "port",
    "Pórt",
    "portal",
    "fair",
    "FAIR",
    "a",
    "ab",
    "abc",
    "señor",
    "2218",
    "tc2218",
    "שלום",
    "شركة",
    "東京",
]
texts = st.lists(st.sampled_from(ALPHABET) | st.text(max_size=4), max_size=4).map(" ".join)
days = st.integers(-3, 3)
dated = st.builds(lambda title, words, names, day, is_public: event(
    0, title, words, days=day, for_planners=names, is_public=is_public
), texts, texts, texts, days, st.booleans())  # fmt: skip
undated = st.builds(
    lambda kind, title, words, is_public: Entry(kind=kind, ref_id=0, title=title, words=words, is_public=is_public),
    st.sampled_from([Kind.ROOM, Kind.EXPERT]),
    texts,
    texts,
    st.booleans(),
)
questions = texts | st.text(max_size=8) | st.sampled_from(["p", "po", "por", "f", "ab a", "2", "tc", "שלו", "東"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(dated | undated, max_size=8), questions, st.booleans())
def test_it_finds_what_reading_every_entry_finds(keep, kept, question, for_planners):
    numbered = [Entry(**{**facts_of(entry), "ref_id": number}) for number, entry in enumerate(kept, start=1)]
    expected = keep(*numbered).find(question, for_planners=for_planners)
    assert find(question, for_planners=for_planners) == expected
    groups = finding.overview(question, kinds=[*Kind], for_planners=for_planners, now=NOW, most=2)
    # A group is a kind, what is coming apart from what is over; inside it the order is that of the list.
    assert groups == [
        Group(kind, is_over, tuple(ids[:2]), len(ids))
        for (kind, is_over), hits in groupby(
            sorted(expected, key=lambda hit: (list(Kind).index(hit.kind), hit.is_over)),
            key=lambda hit: (hit.kind, hit.is_over),
        )
        if (ids := [hit.ref_id for hit in hits])
    ]


def facts_of(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def test_the_instants_are_aware(keep):
    keep(event(1, "Port"))
    (kept,) = db.session.query(SearchEntry).all()
    assert isinstance(kept.starts_at, datetime)
    assert kept.starts_at == NOW + timedelta(days=1)
