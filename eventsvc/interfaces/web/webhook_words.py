"""What the fields of a webhook's form are called where they are refused."""

from __future__ import annotations

from flask_babel import lazy_gettext

FIELDS = {
    "url": lazy_gettext("Address"),
    "kinds": lazy_gettext("Of what it is told"),
    "overlap_hours": lazy_gettext("Hours for which both secrets sign"),
}
