"""The zip of an office's take-out, for the page, JSON and the command line."""

from __future__ import annotations

from typing import IO

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import Actor
from eventsvc.interfaces.services import services
from eventsvc.interfaces.zipped import Archive, Progress, in_silence
from eventsvc.workflows import take_out
from eventsvc.workflows.keep_access_log import ensure_purpose
from eventsvc.workflows.office_sheets import SHEETS


def write(target: IO[bytes], slug: str, *, purpose: str, actor: Actor, progress: Progress = in_silence) -> Archive:
    """Write everything of an office into a file, then the line in the access log; no transaction is open meanwhile.

    Refuses: SignInNeeded, NotAllowed, NotFound; InvalidInput without a purpose.
    """
    office = take_out.get_taken_out(slug, actor)
    ensure_purpose(purpose)
    of, name = take_out.of_office(office), office.name
    with Archive(target, progress=progress) as archive:
        for sheet in SHEETS:
            archive.add_sheet(sheet, sheet.rows(of))
        archive.add("events.ics", take_out.calendar_of(of, name, services().links))
    db.session.rollback()
    with transaction():
        take_out.note_taken_out(slug, archive.rows, purpose=purpose, actor=actor, now=clock.now())
    return archive
