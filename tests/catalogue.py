"""The catalogue of translations: `python -m tests.catalogue` extracts, updates and compiles it; the tests look at it.

The words stand in the sources; `messages.pot` lists them, `es/LC_MESSAGES/messages.po` translates them, and the `.mo`
beside it is what the service reads. All three are committed, because the service runs from its checkout. Nothing in
them depends on the day, the machine or the place of a sentence in its file, so that the same words give the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parents[1]
FOLDER = HERE / "eventsvc" / "translations"
TEMPLATE = FOLDER / "messages.pot"
LANGUAGES = ("es",)
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "say": None,
    "say_many": (1, 2),
}
HEADER = "# Words of eventsvc. Made by `python -m tests.catalogue`; see docs/translating.md."
NEVER_CHANGES = datetime(2026, 11, 22, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "project": "eventsvc",
    "version": "1",
    "charset": "utf-8",
    "creation_date": NEVER_CHANGES,
    "revision_date": NEVER_CHANGES,
    "last_translator": "eventsvc",
    "msgid_bugs_address": "eventsvc",
    "language_team": "eventsvc",
    "fuzzy": False,
}


def po_of(language: str) -> Path:
    """The file of a language's translations."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def extracted() -> Catalog:
    """Every message that the sources hold now."""
    catalog = Catalog(
        project="eventsvc",
        version="1",
        charset="utf-8",
        creation_date=NEVER_CHANGES,
        fuzzy=False,
        header_comment=HEADER,
    )
    with (HERE / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    for _, _, message, comments, context in extract_from_dir(HERE, methods, options, KEYWORDS, ("Translators:",)):
        catalog.add(message, auto_comments=comments, context=context)
    return catalog


def template_text(catalog: Catalog) -> bytes:
    """The catalogue as messages.pot has it."""
    return _written(catalog)


def read(language: str) -> Catalog:
    """The committed translations of a language."""
    path = po_of(language)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, template: Catalog) -> Catalog:
    """The translations of what the sources hold now: what is new is empty, what is gone is dropped."""
    old = read(language)
    new = Catalog(locale=language, header_comment=HEADER, **FACTS)
    for message in messages(template):
        known = old.get(message.id, message.context)
        nothing = ("", "") if message.pluralizable else ""
        words = known.string if known else nothing
        new.add(message.id, words, auto_comments=message.auto_comments, context=message.context)
    return new


def messages(catalog: Catalog) -> Iterator[Message]:
    """The messages of a catalogue without its header."""
    return (message for message in catalog if message.id)


def is_translated(message: Message) -> bool:
    """True when every form has its words."""
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as the service reads it."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def _written(catalog: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, catalog, width=120, no_location=True, sort_output=True)
    return out.getvalue()


def main() -> int:
    """Bring all files up to date and list what still has no translation; returns 1 when something has none."""
    template = extracted()
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(template_text(template))
    missing = 0
    for language in LANGUAGES:
        catalog = updated(language, template)
        po_of(language).parent.mkdir(parents=True, exist_ok=True)
        po_of(language).write_bytes(_written(catalog))
        po_of(language).with_suffix(".mo").write_bytes(compiled(catalog))
        untranslated = [message.id for message in messages(catalog) if not is_translated(message)]
        missing += len(untranslated)
        print(f"{language}: {len(list(messages(catalog)))} messages, {len(untranslated)} without a translation")  # noqa: T201  # a command speaks to a terminal
        for words in untranslated:
            print(f"  {words!r}")  # noqa: T201  # the same
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
