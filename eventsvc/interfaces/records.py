"""The zip that answers a public-records request: full, or redacted, with a manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.times import iso
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.privacy.redaction import MEANINGS, Reason, Redactor
from eventsvc.interfaces.zipped import Archive, Progress, in_silence
from eventsvc.workflows import redact_records
from eventsvc.workflows.keep_access_log import ensure_purpose, note_access
from eventsvc.workflows.record_sheets import SHEETS, Request


def write(
    target: IO[bytes],
    asked: Request,
    *,
    is_redacted: bool,
    purpose: str,
    actor: Actor,
    progress: Progress = in_silence,
) -> Archive:
    """Write what was asked for into a file; the whole version is noted in the access log, for it carries names.

    Refuses: SignInNeeded, NotAllowed; InvalidInput without a purpose.
    """
    ensure_may_run(actor)
    ensure_purpose(purpose)
    by = redact_records.redactor() if is_redacted else None
    with Archive(target, progress=progress) as archive:
        withheld: dict[str, dict[str, int]] = {}
        for sheet in SHEETS:
            before = dict(by.counts) if by else {}
            rows = sheet.rows(asked)
            archive.add_sheet(sheet, redact_records.redacted(sheet, rows, by) if by else rows)
            withheld[f"{sheet.name}.csv"] = _since(by, before)
        manifest = _manifest(archive, asked, withheld, by)
        archive.add("manifest.json", [json.dumps(manifest, indent=2, ensure_ascii=False).encode()])
    db.session.rollback()
    records = "public records, redacted" if is_redacted else "public records"
    with transaction():
        note_access(records, purpose=purpose, number=archive.rows, actor=actor, now=clock.now())
    return archive


def _since(by: Redactor | None, before: dict[Reason, int]) -> dict[str, int]:
    if by is None:
        return {}
    return {str(reason): number - before.get(reason, 0) for reason, number in sorted(by.counts.items())}


def _manifest(
    archive: Archive, asked: Request, withheld: dict[str, dict[str, int]], by: Redactor | None
) -> dict[str, Any]:
    return {
        "made_at": iso(clock.now()),
        "from": iso(asked.start),
        "until": iso(asked.end),
        "version": "redacted" if by else "full",
        "files": [
            {"name": one.name, "rows": one.rows, "bytes": one.size, "sha256": one.sha256} for one in archive.files
        ],
        "withheld": {name: {code: count for code, count in codes.items() if count} for name, codes in withheld.items()},
        "reasons": {str(reason): meaning for reason, meaning in MEANINGS.items()},
        "never_held": _never_held(),
    }


def _never_held() -> Iterable[str]:
    return [
        f"{Reason.STUDENT}: there are no students' records: events hold expected heads, which are counts",
        "letters that sign somebody in are keys, and stand in no version",
    ]
