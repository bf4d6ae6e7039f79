"""The pages' door: server-rendered, semantic, each works without JavaScript.

One blueprint, `pages`; `guests` is apart because invited people have no session.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from eventsvc.interfaces.web import (
    account_page,
    answer_page,
    api_docs_page,
    ask_page,
    asked_page,
    asking_page,
    assets,
    audit_page,
    board_page,
    calendars_page,
    change_page,
    combine_page,
    conversation_page,
    count_page,
    doctor_page,
    door_page,
    employers_page,
    event_page,
    feed_statistics_page,
    feedback_page,
    frame,
    glance_page,
    home_page,
    imports_page,
    letters_page,
    listing,
    mail_page,
    monday_page,
    offered_page,
    offices_page,
    our_round_page,
    outside_page,
    pairings_page,
    partner_dates_page,
    partner_page,
    partner_rounds_page,
    pause_page,
    people_page,
    person_page,
    plan_page,
    plan_series_page,
    privacy_notice_page,
    privacy_page,
    private_calendars_page,
    problem_pages,
    reached_page,
    register_page,
    reminders_page,
    replies_page,
    request_page,
    requests_page,
    room_answer_page,
    rooms_page,
    sample_letters_page,
    search_page,
    season_calendars_page,
    season_page,
    seats_page,
    series_page,
    setup_page,
    sign_in,
    sign_in_elsewhere,
    sign_in_password,
    stale_forms,
    standing_page,
    unsubscribe_page,
    webhooks_page,
)

_OF_PAGES = (
    listing,
    event_page,
    combine_page,
    calendars_page,
    feed_statistics_page,
    imports_page,
    plan_page,
    plan_series_page,
    series_page,
    change_page,
    conversation_page,
    asked_page,
    replies_page,
    mail_page,
    ask_page,
    seats_page,
    partner_page,
    pairings_page,
    reached_page,
    reminders_page,
    partner_dates_page,
    pause_page,
    standing_page,
    partner_rounds_page,
    asking_page,
    offered_page,
    our_round_page,
    employers_page,
    request_page,
    requests_page,
    doctor_page,
    door_page,
    count_page,
    register_page,
    audit_page,
    outside_page,
    webhooks_page,
    rooms_page,
    sign_in,
    sign_in_elsewhere,
    sign_in_password,
    account_page,
    offices_page,
    letters_page,
    monday_page,
    sample_letters_page,
    privacy_page,
    private_calendars_page,
    privacy_notice_page,
    people_page,
    home_page,
    problem_pages,
    search_page,
    board_page,
    person_page,
    glance_page,
    setup_page,
    api_docs_page,
)


def register_pages(app: Flask) -> None:
    """Add the pages."""
    # Made anew for each app: routes cannot be added to a blueprint that some app has registered already.
    pages, guests = Blueprint("pages", __name__), Blueprint("guests", __name__)
    for module in _OF_PAGES:
        module.add_routes(pages)
    answer_page.add_routes(guests)
    room_answer_page.add_routes(guests)
    door_page.add_guest_routes(guests)
    count_page.add_guest_routes(guests)
    feedback_page.add_guest_routes(guests)
    season_page.add_guest_routes(guests)
    letters_page.add_guest_routes(guests)
    season_calendars_page.add_guest_routes(guests)
    unsubscribe_page.add_guest_routes(guests)
    assets.register(app)
    frame.furnish(app)
    stale_forms.register(app)
    app.register_blueprint(pages)
    app.register_blueprint(guests)
    # An invited person has no session to ride on: the signed token in the address is the authority, and a forged
    # request would have to know it. The page must also work for people who refuse cookies. Where somebody is signed in,
    # the audit log names the account: its cookie is SameSite=Lax, so no other site's form can answer in its name.
    app.extensions["csrf"].exempt(guests)
