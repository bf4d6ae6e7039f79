"""The conversation about a request: as `converse` about an event, between the college's office and the partner's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.conversations import remarks
from eventsvc.domain.conversations.models import Remark, Subject
from eventsvc.domain.conversations.remarks import About
from eventsvc.domain.requests import permits
from eventsvc.domain.requests.lookup import get_request
from eventsvc.domain.requests.models import Request, RequestEvent, Side
from eventsvc.workflows.converse import remark_facts, waiting
from eventsvc.workflows.tell_of_requests import tell_side

LETTER = "request_remarks"


def write_about_request(
    request_id: str, words: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Remark:
    """Write to the other office about a request; the same words twice in a row are one remark.

    Locks:   the request.
    Refuses: SignInNeeded, NotFound for whom it does not concern, Stale, NotAllowed, InvalidInput.
    """
    request = get_request(request_id, actor)
    at = select(Request.version).where(Request.id == request.id).with_for_update(key_share=True)
    ensure_met(expected, tag_of(db.session.scalars(at).one()))
    remark, is_new = remarks.write(about_request(request), words, actor=actor, now=now)
    if is_new:
        changes: dict[str, audit.Change] = {"remark": (None, remark.public_id)}
        audit.record("remark", "request", request.public_id, actor=actor.name, now=now, changes=changes)
        _tell_the_other(request, remark, now)
    return remark


def about_request(request: Request) -> About:
    """What the conversation of a request is about: its two offices."""
    offices = [request.asker, request.partner]
    return About(Subject.REQUEST, request.public_id, [permits.owner_of(one) for one in offices], offices)


def read_about_request(
    request_id: str, *, after: int | None, limit: int, actor: Actor
) -> tuple[Sequence[Remark], int | None]:
    """A page of the conversation about a request. Refuses: SignInNeeded, NotFound for whom it does not concern."""
    return remarks.page(get_request(request_id, actor).public_id, after=after, limit=limit)


def get_about_request(request_id: str, remark_id: str, *, actor: Actor) -> Remark:
    """One remark of it; refuses as `read_about_request`."""
    return remarks.get_of_subject(get_request(request_id, actor).public_id, remark_id)


def before_the_event(event_id: int, actor: Actor) -> Sequence[Remark]:
    """What was written while the event was a request, for those whom the request concerns."""
    made_of = select(Request).join(RequestEvent, RequestEvent.request_id == Request.id)
    request = db.session.scalar(made_of.where(RequestEvent.event_id == event_id))
    if request is None or not permits.may_see_request(actor, request):
        return ()
    return remarks.of_subject(request.public_id)


def _tell_the_other(request: Request, remark: Remark, now: datetime) -> None:
    """The two offices but the one in whose name it was written, and who looks after it there.

    What is written before the letter leaves joins it.
    """
    about = str(request.public_id)
    for side in Side:
        office = permits.office_of(request, side)
        if office.id == remark.office_id:
            continue
        key = f"remarks:{about}:{office.slug}:"
        facts = {
            "request": about,
            "title": request.title,
            "college": request.asker.organization.name,
            "partner": request.partner.organization.name,
            "remarks": [*waiting(about, LETTER, key), remark_facts(remark)],
        }
        tell_side(request, side, LETTER, f"{key}{remark.id}", facts, now)
