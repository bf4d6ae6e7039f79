"""What the steps of setting up a college are called, and what they are for."""

from __future__ import annotations

from flask_babel import lazy_gettext

from eventsvc.domain.accounts import Role
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.workflows.set_up import State, Step

TITLES = {
    Step.OFFICE: lazy_gettext("College and office"),
    Step.CAMPUS: lazy_gettext("Campus"),
    Step.ROOMS: lazy_gettext("Two rooms"),
    Step.EXPERT: lazy_gettext("First expert"),
    Step.SENDER: lazy_gettext("Letters"),
    Step.COLLEAGUE: lazy_gettext("First colleague"),
    Step.FEED: lazy_gettext("Calendar address"),
    Step.READY: lazy_gettext("What is still missing"),
}
LEADS = {
    Step.OFFICE: lazy_gettext(
        "Events belong to an office, not to a person: it has a mailbox and stays when people go."
    ),
    Step.CAMPUS: lazy_gettext("Where events take place. Its clock is the one by which they begin."),
    Step.ROOMS: lazy_gettext("Rooms that can be reserved for events. Two are enough to begin with; more can follow."),
    Step.EXPERT: lazy_gettext("Somebody whom an employer sends to speak. Planning an event asks them by letter."),
    Step.SENDER: lazy_gettext("Everything here lives by letters: invitations, reminders, changes. See them arrive."),
    Step.COLLEAGUE: lazy_gettext("Two people at least should be able to act, so that nothing waits when one is away."),
    Step.FEED: lazy_gettext("Students subscribe to this address once, and events appear in their calendars."),
    Step.READY: lazy_gettext("What a college should have before its students see it."),
}
STATES = {
    State.DONE: lazy_gettext("Done"),
    State.SKIPPED: lazy_gettext("Left for later"),
    State.OPEN: lazy_gettext("To do"),
}
# Who lends experts.
EMPLOYERS = {
    OrganizationKind.PUBLIC_EMPLOYER: lazy_gettext("Public employer: a port, a utility, an agency"),
    OrganizationKind.EMPLOYER: lazy_gettext("Company"),
    OrganizationKind.HOSPITAL: lazy_gettext("Hospital"),
    OrganizationKind.CITY: lazy_gettext("City"),
    OrganizationKind.LABOR_COUNCIL: lazy_gettext("Labor council"),
    OrganizationKind.STATE_OFFICE: lazy_gettext("State office"),
}
# Whom a college's office lets in, the usual one first.
ROLES = (Role.COORDINATOR, Role.ROOM_OFFICE, Role.FAIR_MANAGER, Role.CONVENER, Role.REPORTS)
