"""Keep the directory: one row in, one entry added or updated, all of it audited.

The stories stand in `keep_organizations`, `keep_places`, `keep_travel`, `keep_pools` and `keep_people`; this is the
door to all of them. Each runs inside the caller's transaction, leaves alone what its row does not know (None), keeps
slugs for good, and makes a new room, expert or unit of a pool bookable.
"""

from __future__ import annotations

from eventsvc.workflows.keep_organizations import OfficeRow, OrganizationRow, save_office, save_organization
from eventsvc.workflows.keep_people import ExpertRow, TopicRow, save_expert, save_topic
from eventsvc.workflows.keep_places import (
    CampusRow,
    RoomRow,
    remember_room_alias,
    save_campus,
    save_room,
)
from eventsvc.workflows.keep_pools import PoolRow, save_pool
from eventsvc.workflows.keep_travel import TravelRow, save_travel
from eventsvc.workflows.keeping import Outcome, Tally

__all__ = [
    "CampusRow",
    "ExpertRow",
    "OfficeRow",
    "OrganizationRow",
    "Outcome",
    "PoolRow",
    "RoomRow",
    "Tally",
    "TopicRow",
    "TravelRow",
    "remember_room_alias",
    "save_campus",
    "save_expert",
    "save_office",
    "save_organization",
    "save_pool",
    "save_room",
    "save_topic",
    "save_travel",
]
