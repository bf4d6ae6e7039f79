"""What roles and the scopes of tokens are called."""

from __future__ import annotations

from flask_babel import lazy_gettext

from eventsvc.domain.accounts import Role
from eventsvc.domain.accounts.roles import Scope

ROLES = {
    Role.COORDINATOR: lazy_gettext("Career center coordinator"),
    Role.PARTNER: lazy_gettext("Partner coordinator"),
    Role.EXPERT: lazy_gettext("Expert"),
    Role.ROOM_OFFICE: lazy_gettext("Room office"),
    Role.FAIR_MANAGER: lazy_gettext("Fair manager"),
    Role.CONVENER: lazy_gettext("Organizer of convenings"),
    Role.COUNSELOR: lazy_gettext("School counselor"),
    Role.DISTRICT: lazy_gettext("District administrator"),
    Role.REPORTS: lazy_gettext("Reader of reports"),
    Role.ADMINISTRATOR: lazy_gettext("Administrator"),
    Role.DOOR_HELPER: lazy_gettext("Helper at the door"),
}
SCOPES = {
    Scope.READ: lazy_gettext("read"),
    Scope.BOOK: lazy_gettext("plan and change events"),
    Scope.ANSWER: lazy_gettext("answer for rooms"),
    Scope.MANAGE: lazy_gettext("keep people, places and accounts"),
}
