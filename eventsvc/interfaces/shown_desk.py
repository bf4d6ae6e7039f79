"""How doors show a desk: what lacks, in words, with the address where one acts on it; JSON-ready facts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from eventsvc.core.times import iso
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import SeatRole
from eventsvc.domain.requests.employers import EmployerApproval
from eventsvc.domain.requests.models import RequestState
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web.kind_words import ROLES
from eventsvc.workflows.show_desk import Desk, Lack, Need, Wish

# Headings, in the order in which a page has them: what is hardest to mend late comes first.
HEADINGS = {
    Lack.SEAT_OPEN: lazy_gettext("Nobody comes yet"),
    Lack.TIME_PROPOSED: lazy_gettext("Other times are proposed: decide"),
    Lack.NO_ANSWER: lazy_gettext("Asked, and silent"),
    Lack.NOT_RELEASED: lazy_gettext("Not released by their office"),
    Lack.ROOM_DECLINED: lazy_gettext("Rooms that were declined"),
    Lack.ROOM_NOT_GRANTED: lazy_gettext("Rooms that are not granted"),
    Lack.COUNT_MISSING: lazy_gettext("How many came is not known"),
}
_WITH_NAME = {
    Lack.SEAT_OPEN: lazy_gettext("%(name)s does not come: name somebody else."),
    Lack.TIME_PROPOSED: lazy_gettext("%(name)s proposes another time: take it, or say no."),
    Lack.NO_ANSWER: lazy_gettext("%(name)s has not answered: telephone, and write down what you are told."),
    Lack.NOT_RELEASED: lazy_gettext("%(name)s has not been asked yet: their office must release them."),
    Lack.ROOM_DECLINED: lazy_gettext("%(name)s cannot be had: take another room."),
    Lack.ROOM_NOT_GRANTED: lazy_gettext("%(name)s is not granted: ask its office, or take another room."),
}
STATES = {
    RequestState.OPEN: lazy_gettext("waits for the partner’s answer"),
    RequestState.OFFERED: lazy_gettext("another date is offered: take it, or say no"),
}


def sentence(need: Need) -> str:
    """What lacks, and what to do about it."""
    if need.of_role:
        return str(gettext("Nobody is named yet: %(role)s.", role=ROLES[SeatRole(need.name)]))
    if need.lack is Lack.COUNT_MISSING:
        return str(gettext("Say how many came; it is one number."))
    return str(_WITH_NAME[need.lack]) % {"name": need.name}


def address(need: Need) -> str:
    """Where one acts on it: an absolute address."""
    page = services().links.event_page(str(need.event.public_id))
    return f"{page}/count" if need.lack is Lack.COUNT_MISSING else page


def desk_facts(desk: Desk) -> dict[str, Any]:
    """A desk as JSON-ready facts."""
    return {
        "requests": [_wish(one) for one in desk.wishes],
        "from": iso(desk.span.start),
        "until": iso(desk.span.end),
        "events": [_event(one) for one in desk.ahead],
        "needs": [_need(one) for one in desk.needs],
        "mails": desk.mails,
        "employers": [_employer(one) for one in desk.employers],
        "is_more": desk.is_more,
    }


def _employer(approval: EmployerApproval) -> dict[str, Any]:
    return {
        "college": approval.college.slug,
        "employer": approval.employer.slug,
        "name": approval.employer.name,
        "since": iso(approval.asked_at),
        "url": services().links.employers_page(approval.college.slug),
    }


def _wish(wish: Wish) -> dict[str, Any]:
    request = wish.request
    return {
        "id": str(request.public_id),
        "title": request.title,
        "state": str(request.state),
        "partner": request.partner.organization.slug,
        "age_working_days": wish.age_working_days,
        "answer_by": request.answer_by.isoformat(),
        "is_late": wish.is_late,
        "url": services().links.request_page(str(request.public_id)),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.public_id),
        "title": event.title,
        "status": str(event.status),
        "starts_at": iso(event.starts_at),
        "ends_at": iso(event.ends_at),
        "zone": event.zone,
        "url": services().links.event_page(str(event.public_id)),
    }


def _need(need: Need) -> dict[str, Any]:
    return {
        "kind": str(need.lack),
        "event": _event(need.event),
        "since": iso(need.since),
        "says": sentence(need),
        "url": address(need),
    }
