"""Make an account, or an entry among the experts, say nothing of anybody any more; what they did stays theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from eventsvc.core.db import db
from eventsvc.core.times import local_day
from eventsvc.domain.accounts import Role, elsewhere, giving, passwords
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.directory.names import folded
from eventsvc.domain.privacy.people import GONE
from eventsvc.domain.reminders.models import Reminder
from eventsvc.workflows.keep_people import numbered_slug
from eventsvc.workflows.keep_search import index_entry
from eventsvc.workflows.revise_shown import revise_events_showing


def forget_account(account: Account, now: datetime) -> None:
    """Replace its address and name, and end it with its roles; it cannot come back.

    No provider and no password knows it any more: whoever comes from there again is somebody new.

    Refuses: WrongState for the last administrator.
    """
    if any(grant.ended_at is None and grant.role is Role.ADMINISTRATOR for grant in account.grants):
        giving.ensure_another_administrator(account.id)
    elsewhere.unlink(account)
    passwords.remove(account)
    account.email, account.name = f"erased-{account.public_id}@erased.invalid", GONE
    account.ended_at = account.ended_at or now
    account.version += 1
    for grant in account.grants:
        grant.ended_at = grant.ended_at or now
    db.session.flush()


def forget_expert(expert: Expert, now: datetime) -> None:
    """Empty name, address, hours and topics, and end its use from today; a slug made of the name is exchanged.

    What it is booked for stays booked.

    Locks: the events that show it, then search entries and feeds' keys, as `revise_events_showing`.
    """
    if set(folded(expert.name).split()) & set(expert.slug.split("-")):
        expert.slug = numbered_slug(expert.organization)
        recipient = f"expert:{expert.slug}"
        db.session.execute(update(Reminder).where(Reminder.expert_id == expert.id).values(recipient=recipient))
    expert.name, expert.email, expert.hours, expert.topics = GONE, "", None, []
    expert.retired_on = expert.retired_on or local_day(now, expert.zone)
    expert.version += 1
    db.session.flush()
    index_entry(expert)
    revise_events_showing(expert, now)
