"""No column that may say something of a person escapes: every one is named in one home, and so is every table."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import JSON, LargeBinary, String, Text

from eventsvc.core.db import Word
from eventsvc.domain.audit.log import PRIVATE_FIELDS
from eventsvc.domain.privacy import columns, kinds, terms
from eventsvc.domain.privacy.people import tables_below
from eventsvc.interfaces.schema import METADATA

DOCS = Path(__file__).parents[3] / "docs" / "privacy.md"


def columns_of_words() -> set[str]:
    """Every column that holds words: texts, JSON and bytes, but not those of our own few words."""
    return {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text | JSON | LargeBinary) and not isinstance(column.type, Word)
    }


def not_personal() -> set[str]:
    return {f"{table}.{column}" for table, (_, names) in columns.NOT_PERSONAL.items() for column in names}


def test_every_column_of_words_is_named_as_personal_or_not():
    named = set(kinds.PERSONAL) | not_personal()
    missing = columns_of_words() - named
    assert missing == set(), (
        "say in domain/privacy/kinds.py what they may hold of a person, or in columns.py why nothing"
    )
    assert named - columns_of_words() == set(), "named in domain/privacy/kinds.py and no column any more"
    assert set(kinds.PERSONAL) & not_personal() == set()


def test_every_table_with_rows_of_a_person_says_what_becomes_of_them():
    below = {table.name for table in tables_below()} - {"accounts", "experts"}
    assert below == set(columns.PERSON_ROWS), "say in domain/privacy/columns.py whether erasing deletes or keeps them"


def test_every_kind_says_all_that_there_is_to_say():
    for kind in kinds.KINDS:
        assert all((kind.what, kind.purpose, kind.basis, kind.seen_by, kind.erased)), kind.name
        assert bool(kind.kept_days) == bool(kind.kept_from) == bool(kind.at_the_end), kind.name
    assert len({kind.name for kind in kinds.KINDS}) == len(kinds.KINDS)
    assert len(kinds.PERSONAL) == sum(len(kind.columns) for kind in kinds.KINDS), "a column stands in one kind"


def test_the_audit_log_takes_no_personal_column_in_the_clear():
    # Of a letter nothing goes into the log, and these are written by nobody's edit.
    never = {
        "to_address",
        "to_name",
        "facts",
        "error",
        "tries",
        "recipient",
        "before",
        "after",
        "promised",
        "plan",
        "reasons",
    }
    # A slug is public, a rule says days, and what the search knows is made of the rest.
    never |= {"slug", "rule", "title_words", "public_words", "planner_words", "device"}
    # A provider's word for somebody, and what was typed on the way there, are in no change.
    never |= {"subject", "kept", "body"}
    # What a look at a calendar elsewhere brought.
    never |= {"report"}
    # For whom an address of a private calendar was made: the log says of whom the calendar is.
    never |= {"made_for"}
    # Mail that came in.
    never |= {"envelope_to", "from_address", "raw"}
    named = {column.split(".")[1] for column in kinds.PERSONAL}
    assert named - never - PRIVATE_FIELDS == set()


def test_no_table_is_about_students():
    assert [name for name in METADATA.tables if "student" in name or "pupil" in name] == []
    known = {f"{table.name}.{column.name}" for table in METADATA.tables.values() for column in table.columns}
    about = {name for name in known if "student" in name or "pupil" in name or "heads" in name}
    assert about == {
        "campuses.students",
        "campuses.students_is_lower_bound",
        "events.expected_heads",
        "requests.expected_heads",
        "head_counts.heads",  # how many came, never who
        "attendances.heads",  # the same, as the host says
        "attendances.students",  # a part of it
    }
    for name in ("campuses.students", "events.expected_heads"):
        table, column = name.split(".")
        assert METADATA.tables[table].c[column].type.python_type is int


def test_the_document_says_what_the_code_says():
    assert terms.as_markdown() in DOCS.read_text()


@pytest.mark.parametrize("wrong", [{"unknown": 3}, {"audit_log": 3}, {"letters": 0}])
def test_other_terms_than_ours_must_make_sense(wrong):
    with pytest.raises(ValueError, match="RETENTION_DAYS"):
        terms.kept_days(wrong)


def test_the_house_may_keep_things_for_another_time():
    assert terms.kept_days({"letters": 30})["letters"] == 30
    assert terms.kept_days({})["letters"] == 730
