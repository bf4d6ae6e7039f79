"""Which office lends an expert."""

from __future__ import annotations

from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office


def partner_office(expert: Expert) -> Office | None:
    """The office that lends an expert: the one named, else the first of the expert's organization."""
    if expert.office is not None:
        return expert.office
    offices, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == expert.organization_id])
    return offices[0] if offices else None
