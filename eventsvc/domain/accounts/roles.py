"""The roles of people, and what each may do: one table, of which a test walks every cell."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is to an office or an organization."""

    COORDINATOR = "coordinator"  # of a career center
    PARTNER = "partner"  # of an employer or agency: lends experts
    EXPERT = "expert"
    ROOM_OFFICE = "room_office"
    FAIR_MANAGER = "fair_manager"
    CONVENER = "convener"
    COUNSELOR = "counselor"  # of a school
    DISTRICT = "district"
    REPORTS = "reports"
    ADMINISTRATOR = "administrator"
    DOOR_HELPER = "door_helper"  # one event, one day


# Who has these has no account: a link makes them so.
BY_LINK = frozenset({Role.DOOR_HELPER})


class Permission(StrEnum):
    """Something that can be done at an office or in an organization."""

    SEE_WORK = "see_work"  # what is not public: drafts, private events, who comes
    PLAN = "plan"  # make events of an office and change them
    PLAN_FAIRS = "plan_fairs"  # the same, recruitment fairs alone
    PLAN_CONVENINGS = "plan_convenings"  # the same, convenings alone
    GRANT_ROOMS = "grant_rooms"  # answer for rooms that the office looks after
    KEEP_PEOPLE = "keep_people"  # experts, their leave and calendars
    KEEP_PLACES = "keep_places"  # campuses, rooms, pools and their days
    KEEP_ACCOUNTS = "keep_accounts"  # let colleagues in, and hand over
    READ_REPORTS = "read_reports"
    COUNT_HEADS = "count_heads"  # at the door of one event; whoever plans it may as well
    WRITE_REMARKS = "write_remarks"  # write to the other offices about an event or a request
    RUN_SERVICE = "run_service"  # the whole directory, letters, audit, upkeep


_SAYS = frozenset({Permission.SEE_WORK, Permission.WRITE_REMARKS})
_DESK = _SAYS | {Permission.READ_REPORTS, Permission.KEEP_ACCOUNTS}
GRANTED: dict[Role, frozenset[Permission]] = {
    Role.COORDINATOR: _DESK | {Permission.PLAN, Permission.KEEP_PLACES, Permission.KEEP_PEOPLE},
    Role.PARTNER: _DESK | {Permission.PLAN, Permission.KEEP_PEOPLE},
    Role.EXPERT: frozenset(),
    Role.ROOM_OFFICE: _SAYS | {Permission.GRANT_ROOMS, Permission.KEEP_PLACES},
    Role.FAIR_MANAGER: _SAYS | {Permission.PLAN_FAIRS},
    Role.CONVENER: _SAYS | {Permission.PLAN_CONVENINGS},
    Role.COUNSELOR: _SAYS,
    Role.DISTRICT: _DESK,
    Role.REPORTS: frozenset({Permission.READ_REPORTS}),
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.DOOR_HELPER: frozenset({Permission.COUNT_HEADS}),
}


class Scope(StrEnum):
    """How far an API token goes; it never goes further than the roles of whoever made it."""

    READ = "read"
    BOOK = "book"
    ANSWER = "answer"
    MANAGE = "manage"


_READING = frozenset({Permission.SEE_WORK, Permission.READ_REPORTS})
WITHIN: dict[Scope, frozenset[Permission]] = {
    Scope.READ: _READING,
    Scope.BOOK: _READING
    | {Permission.PLAN, Permission.PLAN_FAIRS, Permission.PLAN_CONVENINGS, Permission.WRITE_REMARKS},
    Scope.ANSWER: _READING | {Permission.GRANT_ROOMS, Permission.WRITE_REMARKS},
    Scope.MANAGE: _READING
    | {Permission.KEEP_PEOPLE, Permission.KEEP_PLACES, Permission.KEEP_ACCOUNTS, Permission.RUN_SERVICE},
}
