"""What the acts of the audit log and their subjects are called."""

from __future__ import annotations

from flask_babel import lazy_gettext

# Every word that a story writes into the log; tests/interfaces/test_audit_doors.py reads them out of the sources.
VERBS = {
    "plan": lazy_gettext("planned"),
    "request": lazy_gettext("requested"),
    "confirm": lazy_gettext("confirmed"),
    "host-yes": lazy_gettext("the host’s yes"),
    "move": lazy_gettext("moved"),
    "edit": lazy_gettext("changed words"),
    "publish": lazy_gettext("published"),
    "decline": lazy_gettext("declined"),
    "withdraw": lazy_gettext("withdrawn"),
    "postpone": lazy_gettext("postponed"),
    "cancel": lazy_gettext("cancelled"),
    "restore": lazy_gettext("brought back"),
    "complete": lazy_gettext("took place"),
    "override": lazy_gettext("overrode a rule"),
    "import": lazy_gettext("imported"),
    "refresh-zone": lazy_gettext("kept its hour under a new time zone rule"),
    "accept": lazy_gettext("accepted"),
    "grant": lazy_gettext("granted"),
    "nudge": lazy_gettext("asked again"),
    "hold": lazy_gettext("set aside"),
    "use": lazy_gettext("used"),
    "give-back": lazy_gettext("given back"),
    "take-skipped": lazy_gettext("planned a skipped date"),
    "add": lazy_gettext("added"),
    "alias": lazy_gettext("another spelling"),
    "close": lazy_gettext("closed days"),
    "term": lazy_gettext("term days"),
    "add_leave": lazy_gettext("leave added"),
    "remove_leave": lazy_gettext("leave taken back"),
    "attach": lazy_gettext("outside calendar attached"),
    "detach": lazy_gettext("outside calendar detached"),
    "give_role": lazy_gettext("role given"),
    "take_role": lazy_gettext("role taken"),
    "sign_in": lazy_gettext("signed in"),
    "make_token": lazy_gettext("token made"),
    "end_token": lazy_gettext("token ended"),
    "end": lazy_gettext("account ended"),
}
KINDS = {
    "event": lazy_gettext("Event"),
    "series": lazy_gettext("Series"),
    "hold": lazy_gettext("Hold"),
    "invitation": lazy_gettext("Invitation"),
    "room approval": lazy_gettext("A room of another office"),
    "organization": lazy_gettext("Organization"),
    "office": lazy_gettext("Office"),
    "campus": lazy_gettext("Campus"),
    "room": lazy_gettext("Room"),
    "expert": lazy_gettext("Expert"),
    "topic": lazy_gettext("Topic"),
    "pool": lazy_gettext("Equipment and services"),
    "travel": lazy_gettext("Travel time"),
    "campus_calendar": lazy_gettext("Outside calendar of a campus"),
    "room_calendar": lazy_gettext("Outside calendar of a room"),
    "expert_calendar": lazy_gettext("Outside calendar of an expert"),
    "account": lazy_gettext("Account"),
    "token": lazy_gettext("Token"),
}
# Who acts without an account.
ACTORS = {
    "administrator": lazy_gettext("Whoever runs this service"),
    "scheduler": lazy_gettext("The scheduler"),
    "invited person": lazy_gettext("An invited person"),
    "last yes": lazy_gettext("The last yes that was missing"),
}
