"""Answers that an office wrote down for somebody, because people answer by telephone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory.models import Office
from eventsvc.domain.invitations.models import Answer, Invitation
from eventsvc.domain.invitations.reply_models import OnBehalf


def note(answer: Answer, office: Office | None, actor: Actor) -> OnBehalf:
    """That this answer was written down by somebody of that office."""
    noted = OnBehalf(answer=answer, office=office, account_id=actor.account_id)
    db.session.add(noted)
    db.session.flush()
    return noted


def last_answers(invitations: Collection[Invitation]) -> dict[int, Answer]:
    """The last answer of each, by the id of the invitation, in one query; who has said nothing is left out."""
    query = select(Answer).where(Answer.invitation_id.in_([one.id for one in invitations])).order_by(Answer.id)
    said = list(db.session.scalars(query)) if invitations else []
    for invitation in invitations:  # nobody need ask for them one by one afterwards
        set_committed_value(invitation, "answers", [one for one in said if one.invitation_id == invitation.id])
    return {one.invitation_id: one for one in said}


def of_answers(answers: Collection[Answer]) -> dict[int, OnBehalf]:
    """By the id of the invitation: through whom those answers came, where an office wrote them down."""
    whose = {one.id: one.invitation_id for one in answers}
    if not whose:
        return {}
    query = select(OnBehalf).where(OnBehalf.answer_id.in_(whose))
    found = db.session.scalars(query.options(joinedload(OnBehalf.office), joinedload(OnBehalf.account)))
    return {whose[one.answer_id]: one for one in found}
