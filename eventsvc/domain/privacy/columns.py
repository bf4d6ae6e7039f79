"""The rest of the database beside `kinds`: whose rows are a person's own, and which words say nothing of anybody."""

from __future__ import annotations

from enum import StrEnum


class Rows(StrEnum):
    """What becomes of a person's own rows when she is erased."""

    DELETED = "deleted"
    KEPT = "kept, without words about her"


PERSON_ROWS: dict[str, Rows] = {
    # Tables that point at an account or an expert, or at such a table's rows.
    "absences": Rows.DELETED,
    "accessed_accounts": Rows.DELETED,
    "accessed_experts": Rows.DELETED,
    "answers": Rows.KEPT,
    "answers_on_behalf": Rows.KEPT,
    "api_tokens": Rows.DELETED,
    "approval_takers": Rows.DELETED,
    "arrivals": Rows.DELETED,
    "blocks": Rows.DELETED,
    "event_speakers": Rows.KEPT,
    "feedback": Rows.KEPT,
    "event_coordinators": Rows.DELETED,
    "expert_topics": Rows.DELETED,
    "grants": Rows.KEPT,
    "identities": Rows.DELETED,
    "invitations": Rows.KEPT,
    "local_passwords": Rows.DELETED,
    "mail_threads": Rows.KEPT,
    "leave_covers": Rows.DELETED,
    "outside_calendars": Rows.DELETED,
    "private_feeds": Rows.DELETED,
    "offered_dates": Rows.KEPT,
    "offered_topics": Rows.KEPT,
    "proposals": Rows.KEPT,
    "received_mails": Rows.KEPT,
    "remarks": Rows.KEPT,
    "reminders": Rows.KEPT,
    "request_keepers": Rows.DELETED,
    "reservations": Rows.KEPT,
    "resources": Rows.KEPT,
    "seat_candidates": Rows.KEPT,
    "seats": Rows.KEPT,
    "sessions": Rows.DELETED,
    "sign_ins": Rows.DELETED,
}

# Columns of words that say nothing of a person, by table; each with the reason that holds for all of its columns.
NOT_PERSONAL: dict[str, tuple[str, tuple[str, ...]]] = {
    "absences": ("a zone", ("zone",)),
    "accounts": ("a language", ("language",)),
    "accesses": ("a role or an id, and our own words", ("by", "records")),
    "api_tokens": ("our own words and a digest", ("scopes", "digest")),
    "attendances": ("a role or an id", ("counted_by",)),
    "audit_entries": ("ids, roles, digests", ("actor", "verb", "subject_kind", "subject", "changes")),
    "audit_seals": ("a digest", ("seal",)),
    "audit_values": ("our own words, and chance", ("field", "salt")),
    "blocks": ("marks of another system", ("uid",)),
    "campuses": ("places", ("address", "city", "postal_code", "zone", "hours", "slug", "name")),
    "chores": ("our own words", ("name",)),
    "delivery_pause": ("a role or an id", ("by_whom",)),
    "employer_approvals": ("a role or an id", ("decided_by",)),
    "door_links": ("a role or an id", ("made_by",)),
    "event_audiences": ("made of the event's groups whenever they change", ("slug", "word")),
    "event_languages": ("languages", ("tag",)),
    "event_subscriptions": ("marks of another system", ("etag", "last_modified")),
    "events": (
        "marks of another system, digests, zones, languages",
        ("source_uid", "submission", "zone", "starts_side", "languages"),
    ),
    "experts": ("languages, levels and zones", ("language", "languages", "levels", "zone")),
    "feed_entries": ("what public calendars say of an event, made anew when it changes", ("written_by", "body")),
    "feed_lags": ("slugs of places, random ids", ("key",)),
    "feed_polls": ("slugs of places, random ids", ("key",)),
    "feed_versions": ("slugs of places, numbers of rows", ("key",)),
    "saved_filters": ("choices out of public lists, and digests of them", ("word", "digest", "wanted")),
    "grants": ("a role or an id", ("given_by",)),
    "holds": ("a role or an id", ("held_by",)),
    "identities": ("names of providers", ("issuer", "provider")),
    "idempotency_keys": ("digests, and marks of another system", ("whose", "key", "request", "headers")),
    "imported_entries": ("marks of another system, and a digest", ("uid", "recurrence", "digest")),
    "import_profiles": ("names of columns", ("name", "columns")),
    "legal_holds": ("a role or an id", ("placed_by", "lifted_by")),
    "local_passwords": ("a digest", ("hash",)),
    "mail_looks": ("our own words", ("door", "why")),
    "mail_sender": ("the service's own name and address", ("name", "address")),
    "mail_threads": ("digests, and mailboxes of offices", ("digest", "mailbox")),
    "received_mails": (
        "digests, marks of another system, our own words",
        ("digest", "door", "message_id", "family", "reason", "event", "resolution"),
    ),
    "messages": ("ids and our own words", ("key", "letter", "language", "event")),
    "offices": ("languages, zones, slugs of offices", ("language", "zone", "slug")),
    "on_the_way": (
        "digests, chance, a provider, a path of ours",
        ("digest", "browser", "nonce", "verifier", "provider", "following"),
    ),
    "organization_aliases": ("names of organizations", ("folded",)),
    "organizations": ("names of organizations", ("website", "slug", "name")),
    "outside_calendars": ("marks of another system", ("etag", "last_modified")),
    "offered_dates": ("zones", ("zone",)),
    "overrides": ("our own words, a role or an id", ("kind", "given_by")),
    "partner_settings": ("numbers of days", ("chase_after_working_days", "chase_before_days")),
    "pools": ("names of things", ("slug", "name")),
    "quiet_hours": ("our own words", ("scope",)),
    "reminder_rule_sets": ("our own words", ("scope",)),
    "request_windows": ("days of the week", ("weekdays",)),
    "requests": ("digests, languages and zones", ("submission", "language", "zone")),
    "private_feeds": ("a digest", ("digest",)),
    "proposals": ("zones", ("zone", "starts_side")),
    "room_aliases": ("names of rooms", ("folded",)),
    "rooms": ("names and traits of rooms", ("layout", "equipment", "hours", "slug", "name")),
    "series": ("a digest", ("submission",)),
    "sessions": ("digests", ("digest", "digest_before")),
    "skipped_steps": ("our own words", ("step",)),
    "terms": ("names of terms", ("name",)),
    "topics": ("subjects", ("words", "source", "slug", "name")),
    "travel": ("how a figure was come by", ("method",)),
}
