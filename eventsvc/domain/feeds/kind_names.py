"""What the kinds of events are called in calendars, which speak English."""

from __future__ import annotations

from eventsvc.domain.events.models import EventKind

KIND_WORDS = {
    EventKind.INFO_SESSION: "Information session",
    EventKind.RECRUITMENT_FAIR: "Recruitment fair",
    EventKind.CONVENING: "Convening",
    EventKind.WORKSHOP: "Workshop",
    EventKind.SITE_VISIT: "Site visit",
    EventKind.RESEARCH_ACTIVITY: "Research activity",
    EventKind.SCHOOL_NIGHT: "School night",
    EventKind.MEETING: "Meeting",
}
# As a feed of one kind is called.
OF_MANY = {kind: f"{words}s" for kind, words in KIND_WORDS.items()} | {
    EventKind.RESEARCH_ACTIVITY: "Research activities"
}
