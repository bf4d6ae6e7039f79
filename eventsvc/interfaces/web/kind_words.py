"""Tables of words: what each kind, status, role and answer is called on pages. Templates find them under `words`."""

from __future__ import annotations

from flask_babel import lazy_gettext

from eventsvc.domain.directory.models import Level, PoolKind
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.models import EventKind, Status, Visibility
from eventsvc.domain.events.seats import SeatRole
from eventsvc.domain.invitations.models import InvitationState

KINDS = {
    EventKind.INFO_SESSION: lazy_gettext("Information session"),
    EventKind.RECRUITMENT_FAIR: lazy_gettext("Recruitment fair"),
    EventKind.CONVENING: lazy_gettext("Convening"),
    EventKind.WORKSHOP: lazy_gettext("Workshop"),
    EventKind.SITE_VISIT: lazy_gettext("Site visit"),
    EventKind.RESEARCH_ACTIVITY: lazy_gettext("Research activity"),
    EventKind.SCHOOL_NIGHT: lazy_gettext("School night"),
    EventKind.MEETING: lazy_gettext("Meeting"),
}
KINDS_PLURAL = {
    EventKind.INFO_SESSION: lazy_gettext("Information sessions"),
    EventKind.RECRUITMENT_FAIR: lazy_gettext("Recruitment fairs"),
    EventKind.CONVENING: lazy_gettext("Convenings"),
    EventKind.WORKSHOP: lazy_gettext("Workshops"),
    EventKind.SITE_VISIT: lazy_gettext("Site visits"),
    EventKind.RESEARCH_ACTIVITY: lazy_gettext("Research activities"),
    EventKind.SCHOOL_NIGHT: lazy_gettext("School nights"),
    EventKind.MEETING: lazy_gettext("Meetings"),
}
STATUSES = {
    Status.DRAFT: lazy_gettext("Draft"),
    Status.REQUESTED: lazy_gettext("Not confirmed yet"),
    Status.CONFIRMED: lazy_gettext("Confirmed"),
    Status.POSTPONED: lazy_gettext("Postponed"),
    Status.CANCELLED: lazy_gettext("Cancelled"),
    Status.DECLINED: lazy_gettext("Declined"),
    Status.WITHDRAWN: lazy_gettext("Withdrawn"),
    Status.COMPLETED: lazy_gettext("Took place"),
}
VISIBILITIES = {
    Visibility.PUBLIC: lazy_gettext("Everybody"),
    Visibility.ORGANIZATIONS: lazy_gettext("The organizations that take part"),
    Visibility.PRIVATE: lazy_gettext("Only those who plan"),
}
POOLS = {
    PoolKind.EQUIPMENT: lazy_gettext("Equipment"),
    PoolKind.BOOTH: lazy_gettext("Booths"),
    PoolKind.ACCESS: lazy_gettext("Access services"),
}
# Before whom somebody speaks.
LEVELS = {
    Level.K12: lazy_gettext("Pupils of schools"),
    Level.COLLEGE: lazy_gettext("Students of colleges"),
    Level.ALUMNI: lazy_gettext("Alumni"),
}
ANSWERS = {
    InvitationState.AWAITS_RELEASE: lazy_gettext("waits for the partner’s office, and was not asked yet"),
    InvitationState.NEEDS_ACTION: lazy_gettext("has not answered yet"),
    InvitationState.TENTATIVE: lazy_gettext("may come"),
    InvitationState.ACCEPTED: lazy_gettext("comes"),
    InvitationState.DECLINED: lazy_gettext("cannot come"),
    InvitationState.PASSED_OVER: lazy_gettext("has not answered for too long"),
    InvitationState.UNDERSTUDY: lazy_gettext("would come if needed"),
    InvitationState.WITHDRAWN: lazy_gettext("is not asked any more"),
}
ROLES = {
    SeatRole.PRESENTER: lazy_gettext("presenter"),
    SeatRole.RECRUITER: lazy_gettext("recruiter"),
    SeatRole.INTERPRETER: lazy_gettext("interpreter"),
}
MOVES = {
    Move.REQUEST: lazy_gettext("Request: reserve and ask everybody"),
    Move.CONFIRM: lazy_gettext("Record the host’s yes"),
    Move.DECLINE: lazy_gettext("Decline this request"),
    Move.WITHDRAW: lazy_gettext("Withdraw this request"),
    Move.POSTPONE: lazy_gettext("Postpone this event"),
    Move.CANCEL: lazy_gettext("Cancel this event"),
    Move.RESTORE: lazy_gettext("Bring this event back"),
}
