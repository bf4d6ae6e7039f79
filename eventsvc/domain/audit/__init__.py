"""Who did what, when: an append-only log whose personal values can be erased without touching the log."""

from eventsvc.domain.audit.log import AuditEntry, AuditValue, Change, record

__all__ = ["AuditEntry", "AuditValue", "Change", "record"]
