"""Rules of reminders: the most specific ones count, reminders follow them, and nobody is reminded twice or too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, NotAllowed, Stale
from eventsvc.core.versions import Expected, these
from eventsvc.domain.accounts import ADMINISTRATOR, Actor, Role
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.attendance.counting import Count
from eventsvc.domain.directory.models import Expert, Office, OrganizationKind
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.reminders import replanning
from eventsvc.domain.reminders.models import Anchor, Audience, Channel, Condition, Reason, Reminder, ReminderState
from eventsvc.domain.reminders.saying import SaidRule
from eventsvc.workflows import (
    after_event,
    call_off_event,
    confirm_event,
    edit_event,
    keep_organizations,
    keep_people,
    keep_promises,
    keep_reminders,
    move_event,
    one_by_one,
    plan_event,
    remind,
)
from eventsvc.workflows.keep_reminders import Whose
from eventsvc.workflows.preview_reminders import Fate, WantedReminders, list_reminders, preview
from tests import builders
from tests.conftest import NOW

START = datetime(2027, 2, 10, 22, 0, tzinfo=UTC)  # 14:00 in Los Angeles
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHO = {"actor": ADMINISTRATOR, "now": NOW}
NOBODY: list[SaidRule] = []


def minutes(number: int, **more) -> SaidRule:
    return SaidRule(minutes=number, **more)


def morning(days: int, **more) -> SaidRule:
    return SaidRule(days=days, at_minute=480, **more)


@pytest.fixture
def event_id(app):
    """A confirmed event of a college with one expert of the port."""
    return planned_event()


def an_expert_of_the_port() -> Expert:
    port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
    return builders.an_expert("ada", of=port, office=builders.an_office("port-outreach", of=port))


def planned_event(**more) -> str:
    with transaction():
        expert = db.session.scalar(select(Expert).where(Expert.slug == "ada")) or an_expert_of_the_port()
        plan = builders.a_plan(builders.a_campus(), experts=[expert], **more)
        event = plan_event.plan_event(plan, **WHO)
        event_id, number = str(event.public_id), event.id
    invitation = db.session.scalars(select(Invitation).where(Invitation.event_id == number)).one()
    with transaction():
        confirm_event.answer_invitation(str(invitation.public_id), AnswerWord.ACCEPT, turn=invitation.turn, now=NOW)
    with transaction():
        confirm_event.confirm_as_host(event_id, **WHO)
    return event_id


def keep(audience: Audience, said: list[SaidRule] | None, now: datetime = NOW, **whose) -> None:
    with transaction():
        keep_reminders.keep_rules(Whose(**whose), audience, said, actor=ADMINISTRATOR, now=now)
    remind.plan_waiting(now)


def due(recipient: str = "expert:ada", state: ReminderState = ReminderState.PLANNED) -> list[timedelta]:
    """How long before the start of its event each reminder is due."""
    db.session.rollback()
    rows = db.session.scalars(select(Reminder).where(Reminder.state == state, Reminder.recipient == recipient))
    return sorted(row.starts_at - row.due_at for row in rows)


def reasons(recipient: str) -> list[Reason]:
    """Why reminders were not sent that the rules still want."""
    rows = db.session.scalars(select(Reminder).where(Reminder.recipient == recipient).order_by(Reminder.id))
    return [row.reason for row in rows if row.reason not in (None, Reason.NOT_WANTED)]


def letters(name: str = "reminder") -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.letter == name).order_by(Message.id)))


SCOPES = [
    # what is said beside the rules for everybody, from the general to the special, and the minutes that count
    ([{"kind": EventKind.INFO_SESSION}], [10]),
    ([{"kind": EventKind.WORKSHOP}], [1]),
    ([{"kind": EventKind.INFO_SESSION}, {"organization": "theirs"}], [20]),
    ([{"organization": "hosts"}], [1]),
    ([{"organization": "theirs"}, {"organization": "theirs", "kind": EventKind.INFO_SESSION}], [20]),
    ([{"organization": "theirs", "kind": EventKind.WORKSHOP}], [1]),
    ([{"organization": "theirs"}, {"event": "this"}], [20]),
]


@pytest.mark.parametrize(("scopes", "counts"), SCOPES)
def test_the_most_specific_rules_count_alone(event_id, scopes, counts):
    event = db.session.scalars(select(Event)).one()
    names = {"theirs": event.experts[0].organization.slug, "hosts": event.owner.organization.slug, "this": event_id}
    keep(Audience.EXPERT, [minutes(1)])
    for number, scope in enumerate(scopes, start=1):
        keep(Audience.EXPERT, [minutes(number * 10)], **{key: names.get(word, word) for key, word in scope.items()})
    assert due() == [timedelta(minutes=one) for one in counts]


def test_none_at_all_is_a_rule_and_going_back_brings_the_general_ones(event_id):
    before = due()
    keep(Audience.EXPERT, NOBODY, event=event_id)
    assert due() == []
    keep(Audience.EXPERT, None, event=event_id)
    assert due() == before != []


def test_a_rule_said_again_after_it_was_taken_out_sends_nothing_twice(event_id):
    keep(Audience.EXPERT, [minutes(1440)], event=event_id)
    remind.post_due_reminders(START - DAY)
    keep(Audience.EXPERT, NOBODY, START - DAY, event=event_id)
    keep(Audience.EXPERT, [minutes(1440), minutes(60)], START - DAY, event=event_id)
    remind.post_due_reminders(START - 23 * HOUR)
    assert len(letters()) == 1
    assert due() == [HOUR]


def test_a_corrected_title_sends_nothing_twice(event_id):
    remind.post_due_reminders(START - 7 * DAY)
    with transaction():
        edit_event.edit_event(event_id, {"title": "Careers at the harbor"}, actor=ADMINISTRATOR, now=START - 7 * DAY)
    remind.post_due_reminders(START - 7 * DAY + HOUR)
    assert len(letters()) == 1


def test_a_rule_for_everybody_is_planned_by_the_ticks_a_few_events_at_a_time(event_id, monkeypatch):
    for day in (11, 12):
        planned_event(when=builders.at(f"2027-02-{day}T14:00", 90))
    monkeypatch.setattr(one_by_one, "BATCH", 1)
    monkeypatch.setattr(remind, "PLANNED_IN_A_TICK", 2)
    with transaction():
        keep_reminders.keep_rules(Whose(), Audience.EXPERT, [minutes(45)], **WHO)
    assert replanning.count() == 3
    assert keep_promises.next_due_at() == NOW
    assert [remind.plan_waiting(NOW), remind.plan_waiting(NOW), remind.plan_waiting(NOW)] == [2, 1, 0]
    assert due() == [timedelta(minutes=45)] * 3


def test_what_came_due_while_the_planning_waited_goes_out_by_the_new_rules(event_id):
    said_at = START - 3 * HOUR
    with transaction():
        keep_reminders.keep_rules(Whose(), Audience.EXPERT, [minutes(170)], actor=ADMINISTRATOR, now=said_at)
    remind.post_due_reminders(START - 2 * HOUR)
    assert len(letters()) == 1
    assert due(state=ReminderState.POSTED) == [timedelta(minutes=170)]


def test_a_note_that_was_renewed_while_somebody_planned_stays(event_id):
    with transaction():
        replanning.ask(replanning.of_kind(None), NOW)
        replanning.ask(replanning.of_kind(None), NOW)
    event = db.session.scalars(select(Event)).one().id
    with transaction():
        replanning.done(event, turn=1)
    assert replanning.count() == 1


def test_reminders_follow_the_readers_zone(event_id):
    keep(Audience.EXPERT, [morning(1)])
    assert due() == [30 * HOUR]  # 8:00 in Los Angeles
    expert = db.session.scalars(select(Expert)).one()
    row = keep_people.ExpertRow(name=expert.name, organization=expert.organization.slug, zone="America/New_York")
    with transaction():
        keep_people.save_expert(row, **WHO)
    remind.plan_waiting(NOW)
    assert due() == [33 * HOUR]


def test_reminders_follow_the_zone_of_the_office_that_lends(event_id):
    recipient = f"partner:{partner().slug}"
    assert due(recipient) == [54 * HOUR]  # two mornings before
    office = partner()
    row = keep_organizations.OfficeRow(
        organization=office.organization.slug, name=office.name, slug=office.slug, zone="Pacific/Honolulu"
    )
    with transaction():
        keep_organizations.save_office(row, **WHO)
    remind.plan_waiting(NOW)
    assert due(recipient) == [52 * HOUR]


def partner() -> Office:
    return db.session.scalars(select(Office).where(Office.slug == "port-outreach")).one()


def test_who_lends_is_told_of_its_own_people_and_of_nobody_else(event_id):
    remind.post_due_reminders(START - 54 * HOUR)
    (letter,) = letters("partner_reminder")
    assert letter.to_address == partner().mailbox
    assert letter.facts["coming"] == [{"person": db.session.scalars(select(Expert.name)).one(), "is_open": False}]


def test_quiet_hours_of_the_lending_office_count_for_its_people(event_id):
    keep(Audience.EXPERT, [minutes(120)])
    with transaction():
        keep_reminders.keep_quiet(partner().slug, 11 * 60, 12 * 60 + 30, **WHO)  # due at 12:00
    remind.plan_waiting(NOW)
    assert due() == [90 * timedelta(minutes=1)]


def test_a_webhooks_rule_writes_no_letter(event_id):
    keep(Audience.EXPERT, [minutes(60, channel=Channel.WEBHOOK)])
    remind.post_due_reminders(START - HOUR)
    assert letters() == []
    assert due(state=ReminderState.POSTED) == [HOUR]


@pytest.mark.parametrize("is_counted", [False, True])
def test_after_the_end_the_host_is_asked_for_a_count_that_is_missing_and_for_no_other(event_id, is_counted):
    keep(Audience.HOST, [minutes(180, anchor=Anchor.END, condition=Condition.NO_COUNT)])
    ends = START + timedelta(minutes=90)
    if is_counted:
        with transaction():
            after_event.say_count(event_id, Count(heads=30), None, actor=ADMINISTRATOR, now=ends + HOUR)
    remind.post_due_reminders(ends + 3 * HOUR)
    assert len(letters("count_wanted")) == (not is_counted)
    assert reasons("office") == ([Reason.COUNTED] if is_counted else [])


def test_who_has_answered_is_not_reminded_of_the_answer(event_id):
    keep(Audience.EXPERT, [minutes(60, condition=Condition.UNANSWERED)])
    remind.post_due_reminders(START - HOUR)
    assert letters() == []
    assert reasons("expert:ada") == [Reason.ANSWERED]


def test_students_rules_are_kept_and_shown_and_nothing_is_planned_by_them(event_id):
    keep(Audience.STUDENT, [morning(1), minutes(60)])
    found = preview(event_id, **WHO)
    assert [(rule.days, rule.minutes) for rule in found.for_students] == [(1, None), (None, 60)]
    assert not [line for line in found.lines if line.audience is Audience.STUDENT]


def test_the_one_that_applies_is_sent_where_a_later_one_does_not(event_id):
    keep(Audience.HOST, [minutes(2880), minutes(1440, condition=Condition.UNANSWERED)])
    remind.post_due_reminders(START - HOUR)
    assert due("office", ReminderState.POSTED) == [2 * DAY]
    assert due("office", ReminderState.DROPPED)[0] == DAY


@pytest.mark.parametrize(
    ("woken", "sent", "missed"),
    [
        (START - 7 * DAY + 3 * HOUR, [7 * DAY], []),
        (START - DAY + 3 * HOUR, [DAY], [7 * DAY]),
        (START - timedelta(minutes=1), [2 * HOUR], [DAY, 7 * DAY]),
        (START, [], [2 * HOUR, DAY, 7 * DAY]),
        (START + 3 * DAY, [], [2 * HOUR, DAY, 7 * DAY]),
    ],
)
def test_after_hours_and_days_of_silence_what_helps_goes_out_and_the_rest_is_listed(event_id, woken, sent, missed):
    remind.post_due_reminders(woken)
    assert due(state=ReminderState.POSTED) == sent
    assert due(state=ReminderState.MISSED) == missed
    found, _ = list_reminders(WantedReminders(), after=None, limit=50, actor=ADMINISTRATOR)
    reason = Reason.TOO_LATE if woken >= START else Reason.OVERTAKEN
    assert {one.reason for one in found if one.recipient == "expert:ada"} == ({reason} if missed else set())


def test_what_goes_out_late_goes_in_the_order_in_which_it_was_due(event_id):
    later = planned_event(when=builders.at("2027-02-09T18:00", 60))
    keep(Audience.EXPERT, [minutes(60)])
    keep(Audience.EXPERT, [minutes(1500)], event=event_id)
    remind.post_due_reminders(START - 21 * HOUR)
    assert [one.event for one in letters()] == [event_id, later]


def fates(event_id: str, now: datetime = NOW) -> dict[int | None, tuple[Fate, Reason | None]]:
    db.session.rollback()
    lines = preview(event_id, actor=ADMINISTRATOR, now=now).lines
    return {line.rule.minutes: (line.fate, line.reason) for line in lines if line.audience is Audience.EXPERT}


def test_the_preview_says_who_gets_what_when_and_why_not(event_id):
    late = START - 30 * HOUR
    assert fates(event_id) == dict.fromkeys((10080, 1440, 120), (Fate.PLANNED, None))
    assert fates(event_id, START - 2 * DAY)[10080] == (Fate.PLANNED, None)
    with transaction():
        call_off_event.cancel_event(event_id, actor=ADMINISTRATOR, now=NOW)
    assert {fate for fate, _ in fates(event_id).values()} == {Fate.WAITS}
    with transaction():
        call_off_event.restore_event(event_id, actor=ADMINISTRATOR, now=late)
    assert fates(event_id, late)[10080] == (Fate.PASSED, None)


def test_the_preview_shows_both_ways_out_of_quiet_hours(event_id):
    keep(Audience.EXPERT, [SaidRule(days=1, at_minute=5 * 60), SaidRule(days=0, at_minute=15 * 60)], event=event_id)
    lines = [one for one in preview(event_id, **WHO).lines if one.audience is Audience.EXPERT]
    assert [(one.shift, one.fate, one.zone) for one in lines] == [
        ("later", Fate.PLANNED, "America/Los_Angeles"),
        ("", Fate.AFTER_START, "America/Los_Angeles"),
    ]
    assert lines[0].due_at - lines[0].nominal_at == 2 * HOUR


WRONG = [
    (Audience.EXPERT, [minutes(0)], "rules[0].minutes"),
    (Audience.EXPERT, [minutes(10**9)], "rules[0].minutes"),
    (Audience.EXPERT, [SaidRule()], "rules[0].minutes"),
    (Audience.EXPERT, [SaidRule(minutes=5, days=1, at_minute=0)], "rules[0].minutes"),
    (Audience.EXPERT, [SaidRule(minutes=5, at_minute=0)], "rules[0].at"),
    (Audience.EXPERT, [SaidRule(days=1)], "rules[0].at"),
    (Audience.EXPERT, [SaidRule(days=91, at_minute=1)], "rules[0].days"),
    (Audience.EXPERT, [minutes(5), minutes(5)], "rules[1]"),
    (Audience.EXPERT, [minutes(5, anchor=Anchor.END)], "rules[0].condition"),
    (Audience.EXPERT, [minutes(5, anchor=Anchor.END, condition=Condition.NO_COUNT)], "rules[0].condition"),
    (Audience.HOST, [minutes(5, condition=Condition.NO_COUNT)], "rules[0].condition"),
    (Audience.STUDENT, [minutes(5, condition=Condition.UNANSWERED)], "rules[0].condition"),
    (Audience.EXPERT, [minutes(number) for number in range(1, 14)], "rules"),
]


@pytest.mark.parametrize(("audience", "said", "field"), WRONG)
def test_what_cannot_be_is_refused_by_name(story, audience, said, field):
    with pytest.raises(InvalidInput) as refused:
        keep_reminders.keep_rules(Whose(), audience, said, **WHO)
    assert [one["field"] for one in refused.value.facts["errors"]] == [field]


def test_an_event_is_said_alone(event_id):
    with pytest.raises(InvalidInput):
        keep_reminders.rules_of(Whose(event=event_id, kind=EventKind.WORKSHOP), actor=ADMINISTRATOR)


def test_a_version_that_is_not_the_present_one_is_refused(event_id):
    whose = Whose(event=event_id)
    with transaction():
        keep_reminders.keep_rules(whose, Audience.EXPERT, NOBODY, expected=Expected(is_nothing=True), **WHO)
    for old in (Expected(is_nothing=True), these(7)):
        with pytest.raises(Stale), transaction():
            keep_reminders.keep_rules(whose, Audience.EXPERT, [minutes(5)], expected=old, **WHO)
    with transaction():
        again = keep_reminders.keep_rules(whose, Audience.EXPERT, [minutes(5)], expected=these(1), **WHO)
    assert again.version == 2


def test_who_comes_late_is_told_only_what_is_ahead_and_who_left_nothing(event_id):
    with transaction():
        builders.an_expert("bea")
    late = START - 30 * HOUR
    with transaction():
        move_event.move_event(event_id, move_event.Destination(experts=("bea",)), actor=ADMINISTRATOR, now=late)
    invitation = db.session.scalars(select(Invitation).join(Invitation.expert).where(Expert.slug == "bea")).one()
    with transaction():
        confirm_event.answer_invitation(str(invitation.public_id), AnswerWord.ACCEPT, turn=invitation.turn, now=late)
    assert due() == []
    assert due("expert:bea") == [2 * HOUR, DAY]


@pytest.mark.parametrize("whose", [Whose(), Whose(kind=EventKind.WORKSHOP), Whose(organization="port")])
def test_only_who_keeps_them_changes_rules(event_id, whose):
    owner = db.session.scalars(select(Event)).one().owner
    elsewhere = Actor("coordinator", (Held(Role.COORDINATOR, owner.id, frozenset()),))
    with pytest.raises(NotAllowed):
        keep_reminders.rules_of(whose, actor=elsewhere)
    with pytest.raises(NotAllowed):
        keep_reminders.quiet_of(whose.organization and "port-outreach", actor=elsewhere)
    for mine in (Whose(event=event_id), Whose(organization=owner.organization.slug)):
        assert len(keep_reminders.rules_of(mine, actor=elsewhere)) == len(Audience)
