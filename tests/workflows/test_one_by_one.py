"""One row that fails holds up no other; a process that dies over a row counts as a try; a person lets it go on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Integer, literal, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.mail.threads import name_addresses
from eventsvc.domain.outbox import leasing, post
from eventsvc.domain.outbox.deliver import deliver_due
from eventsvc.domain.outbox.models import MessageState
from eventsvc.domain.outbox.smtp import InboxOnly
from eventsvc.domain.reminders import tries
from eventsvc.domain.reminders.tries import WorkKind
from eventsvc.workflows import keep_outbox
from eventsvc.workflows.one_by_one import MOST_TURNS, do_each, do_together
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.links import links_of

POISON = 3


class Killed(BaseException):
    """The process dies."""


class Work:
    """Seven rows that are due until they are done; doing one of them goes wrong."""

    def __init__(self, wrong: type[BaseException]) -> None:
        self.wrong, self.due, self.done = wrong, [1, 2, POISON, 4, 5, 6, 7], []

    def find(self, limit, free):
        held = {one for one in self.due if not self._is_free(one, free)}
        return [one for one in self.due if one not in held][:limit]

    def _is_free(self, row, free):
        return bool(db.session.scalar(select(free(literal(row, Integer)))))

    def do(self, rows):
        for row in rows:
            if row == POISON:
                raise self.wrong("what people wrote")
        self.done += rows
        self.due = [one for one in self.due if one not in rows]


@pytest.mark.parametrize("together", [1, 4])
@pytest.mark.parametrize("wrong", [KeyError, Killed])
def test_a_row_is_set_aside_with_its_reason_and_the_others_are_done(app, wrong, together):
    work, now = Work(wrong), NOW
    for _ in range(40):
        try:
            do_together(WorkKind.STEP, work.find, work.do, now, together=together)
        except Killed:
            db.session.rollback()
        now += timedelta(minutes=1)
    assert sorted(work.done) == [1, 2, 4, 5, 6, 7], "each once"
    assert work.due == [POISON]
    (aside,) = tries.set_aside()
    assert (aside.kind, aside.row, aside.begun) == (WorkKind.STEP, POISON, tries.MOST)
    assert "what people wrote" not in aside.reason
    assert aside.reason == tries.DIED if wrong is Killed else aside.reason.startswith("KeyError in ")


def test_what_was_set_aside_is_tried_again_when_somebody_says_so(app):
    work, now = Work(KeyError), NOW
    for _ in range(30):
        do_each(WorkKind.STEP, work.find, lambda row: work.do([row]), now)
        now += timedelta(minutes=1)
    assert tries.count_set_aside() == 1
    work.wrong = None
    work.do = lambda rows: work.due.remove(rows[0])
    do_each(WorkKind.STEP, work.find, lambda row: work.do([row]), now)
    assert work.due == [POISON]
    with transaction():
        assert keep_outbox.retry_work(actor=ADMINISTRATOR, now=now) == 1
    do_each(WorkKind.STEP, work.find, lambda row: work.do([row]), now)
    assert (work.due, tries.count_set_aside()) == ([], 0)


def test_what_is_due_again_however_often_it_is_done_waits_and_holds_up_no_other(app):
    work = Work(KeyError)
    work.due.remove(POISON)
    work.due.insert(0, POISON)
    turns = []

    def do(row):
        turns.append(row)
        if row != POISON:
            work.due.remove(row)

    for later in range(2):
        do_each(WorkKind.STEP, work.find, do, NOW + later * timedelta(minutes=1))
    assert Counter(turns) == {**dict.fromkeys([1, 2, 4, 5, 6, 7], 1), POISON: 2 * MOST_TURNS}
    assert work.due == [POISON]


class Poisoned(InboxOnly):
    def __init__(self, wrong):
        self.wrong, self.sent = wrong, []

    def send(self, mail, *, bounces_to=""):
        if "poison@" in mail["To"]:
            raise self.wrong
        self.sent.append(mail["To"])


@pytest.mark.parametrize("wrong", [KeyError, Killed])
def test_a_letter_over_which_we_fail_or_die_is_set_aside_and_the_others_leave(app, wrong):
    with transaction():
        for name in ("one", "poison", "two", "three"):
            address = f"{name}@port.example"
            post.post("confirmed", key=name, to_address=address, facts=LETTERS["confirmed"], now=NOW)
    transport, now = Poisoned(wrong), NOW
    for _ in range(leasing.MOST_SETBACKS + 2):
        try:
            deliver_due(transport, links_of(), "a <events@events.example>", lambda now=now: now, name_addresses)
        except Killed:
            db.session.rollback()
        now += timedelta(minutes=30)
    assert sorted(transport.sent) == ["one@port.example", "three@port.example", "two@port.example"]
    assert post.counts() == {"sent": 3, "set_aside": 1}
    (letter,) = post.newest(5, wanted=post.Wanted(state=MessageState.SET_ASIDE))
    assert letter.error == (leasing.DIED if wrong is Killed else letter.error)
    assert letter.setbacks == leasing.MOST_SETBACKS


def test_a_lease_from_before_the_clock_was_set_back_is_none(app):
    with transaction():
        post.post("confirmed", key="one", to_address="one@port.example", facts=LETTERS["confirmed"], now=NOW)
    with transaction():
        assert len(leasing.claim(NOW + timedelta(hours=3), limit=10)) == 1
    with transaction():
        assert len(leasing.claim(NOW, limit=10)) == 1


def test_who_waited_for_the_lock_does_not_take_a_lease_for_one_of_before_the_clock_was_set_back(app):
    with transaction():
        post.post("confirmed", key="one", to_address="one@port.example", facts=LETTERS["confirmed"], now=NOW)
    with transaction():
        assert len(leasing.claim(NOW + timedelta(seconds=2), limit=10)) == 1
    with transaction():
        assert leasing.claim(NOW, limit=10) == [], "another process read its clock two seconds before"


def test_a_domain_is_given_its_letters_a_minute_and_others_go_on(app):
    with transaction():
        for number in range(6):
            address = f"{number}@{'gmail.com' if number < 4 else 'port.example'}"
            post.post("confirmed", key=str(number), to_address=address, facts=LETTERS["confirmed"], now=NOW)

    def claimed(now):
        with transaction():
            return [one.key for one in leasing.claim(now, limit=10, paces={"gmail.com": 60})]

    assert claimed(NOW) == ["0", "4", "5"]
    assert claimed(NOW) == []
    assert leasing.next_claim_at(NOW) == NOW + timedelta(seconds=1)
    assert [claimed(NOW + timedelta(seconds=second)) for second in (1, 2, 3, 4)] == [["1"], ["2"], ["3"], []]


def test_what_missed_its_turn_takes_another_and_does_not_leave_with_all_others(app):
    with transaction():
        for number in range(5):
            address = f"{number}@gmail.com"
            post.post("confirmed", key=str(number), to_address=address, facts=LETTERS["confirmed"], now=NOW)
    after = NOW + timedelta(hours=1)
    for now, expected in ((NOW, 1), (after, 1), (after + timedelta(seconds=1), 1)):
        with transaction():
            assert len(leasing.claim(now, limit=10, paces={"*": 60})) == expected
