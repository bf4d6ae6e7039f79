"""How names are compared: a folded form in which the usual ways of writing the same thing are equal."""

from __future__ import annotations

import re
import unicodedata

SLUG_PATTERN, LONGEST_SLUG = "[a-z0-9]+(-[a-z0-9]+)*", 80
# What districts write short. Keys and values are already folded.
_LONG_FORMS = {
    "ccd": "community college district",
    "jccd": "joint community college district",
    "usd": "unified school district",
}


def folded(text: str) -> str:
    """The form in which two spellings of one name are equal.

    Case, accents, punctuation and spacing do not count; "CCD" and "USD" are written out, and a name that ends in
    "Unified" is a unified school district: "Los Angeles CCD" equals "Los Angeles Community College District".
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", " ", plain.replace("'", "").replace("&", " and ")).split()
    long = " ".join(_LONG_FORMS.get(word, word) for word in words)
    return f"{long} school district" if long.endswith(" unified") else long


def slugged(text: str) -> str:
    """A slug made from a name: lower-case ASCII words joined by hyphens, at most 80 characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:LONGEST_SLUG].strip("-") or "unnamed"


def is_slug(text: str) -> bool:
    """True for a well-formed slug."""
    return re.fullmatch(SLUG_PATTERN, text) is not None and len(text) <= LONGEST_SLUG
