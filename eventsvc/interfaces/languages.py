"""What the floors below have said in English, in the language of whoever asks."""

from __future__ import annotations

from flask_babel import get_domain

from eventsvc.core.errors import Said, say


def translated(text: str) -> str:
    """A sentence made with `say`, or any text that stands in the catalogue, in the language of this request."""
    if not text:
        return ""
    # The catalogue itself: flask_babel's functions would fill the facts in, and not those within facts.
    catalogue = get_domain().get_translations()
    said = text if isinstance(text, Said) else say(text)
    return said.translated(catalogue.ugettext, catalogue.ungettext)
