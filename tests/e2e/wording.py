"""The words of the pages in each language, by the catalogues that the pages use: no test copies a translation."""

from __future__ import annotations

from functools import cache

from babel.support import NullTranslations, Translations

from tests.live_demo import CHECKOUT

CATALOGUES = CHECKOUT / "eventsvc" / "translations"
LANGUAGES = ("en", "es") if (CATALOGUES / "es").exists() else ("en",)
LOCALES = {"en": "en-US", "es": "es-US"}


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(CATALOGUES, [language])


def say(language: str, words: str, **values: object) -> str:
    """Those English words as a page in that language says them."""
    said = _catalogue(language).gettext(words)
    return said % values if values else said
