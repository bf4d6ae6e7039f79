"""The list of yeses that an event still needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.asking import of_event
from eventsvc.domain.invitations.models import Invitation, InvitationState


@dataclass(frozen=True, slots=True)
class MissingYes:
    """A yes the event still needs: the host's, an expert's, or that of a room's office (`who` is "room").

    The expert or the room stands there by slug and by name. A seat for which nobody is named (`who` is "seat") has its
    role for a name.
    """

    who: str
    expert: str | None
    name: str | None
    state: str
    room: str | None = None


def missing_yes(
    event: Event, invitations: Sequence[Invitation], room_approvals: Sequence[RoomApproval]
) -> list[MissingYes]:
    """Every yes that the event still needs: the host's own, each expert's and each room's for the present time."""
    missing = []
    if event.host_confirmed_at is None:
        missing.append(MissingYes("host", None, None, "needs_action"))
    states = {invitation.expert_id: invitation.state for invitation in invitations}
    for seat in event.seats:
        if seat.expert is None:
            missing.append(MissingYes("seat", None, str(seat.role), "open"))
            continue
        state = states.get(seat.expert.id, InvitationState.NEEDS_ACTION)
        if state is not InvitationState.ACCEPTED:
            missing.append(MissingYes("expert", seat.expert.slug, seat.expert.name, str(state)))
    wanted = {room.id for room in event.rooms}
    for approval in room_approvals:
        if approval.room_id in wanted and approval.state is not ApprovalState.GRANTED:
            missing.append(MissingYes("room", None, approval.room.name, str(approval.state), approval.room.slug))
    return missing


def missing_now(event: Event) -> list[MissingYes]:
    """The same, read from what stands in the database now."""
    return missing_yes(event, of_event(event.id), rooms.of_event(event.id))
