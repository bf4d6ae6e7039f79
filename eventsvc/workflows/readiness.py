"""What a college still lacks before its students should see it.

Each check is said in one sentence, whether it is done or not. What is needed keeps students away while it is missing;
the rest makes a calendar better. The pages, the JSON and the command ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.errors import say, say_many
from eventsvc.domain.directory.models import Organization
from eventsvc.workflows.college_standing import Standing, standing_of

LEAST_ROOMS, LEAST_PEOPLE = 2, 2


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What only the running service knows: can others reach its address, has it a mail server, a page on privacy."""

    is_reachable: bool
    has_mail_server: bool
    sender: str  # the environment's, which counts until another one is chosen


@dataclass(frozen=True, slots=True)
class Check:
    """One thing: is it there, must it be, what is to be said of it, and at which step it is mended."""

    name: str
    is_done: bool
    is_needed: bool
    says: str
    step: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """All checks of one college."""

    college: Organization
    checks: tuple[Check, ...]

    @property
    def missing(self) -> list[Check]:
        """What is needed and not there."""
        return [check for check in self.checks if check.is_needed and not check.is_done]

    @property
    def is_ready(self) -> bool:
        """True when students may see it."""
        return not self.missing


def readiness_of(college: Organization, around: Surroundings, now: datetime) -> Readiness:
    """Look at everything."""
    return judged(standing_of(college, around.sender, now), around)


def judged(has: Standing, around: Surroundings) -> Readiness:
    """The same of what was read already."""
    asked: tuple[Callable[[Standing, Surroundings], Iterator[Check]], ...]
    asked = (_office, _campus, _rooms, _experts, _letters, _people, _public, _events, _feed)
    return Readiness(has.college, tuple(check for ask in asked for check in ask(has, around)))


def _office(has: Standing, around: Surroundings) -> Iterator[Check]:
    silent = [office.name for office in has.offices if not office.mailbox]
    is_done = bool(has.offices) and not silent
    says = (
        say("Every office has a mailbox.")
        if is_done
        else say("An office has no mailbox, so nobody reads what is written to it: %(names)s.", names=", ".join(silent))
        if silent
        else say("There is no office yet.")
    )
    yield Check("mailbox", is_done, True, says, "office")
    mute = [office.name for office in has.offices if not office.telephone]
    yield Check(
        "contact",
        bool(has.offices) and not mute,
        False,
        say("Every office can be called.")
        if not mute
        else say("No telephone is known of: %(names)s.", names=", ".join(mute)),
        "office",
    )


def _campus(has: Standing, around: Surroundings) -> Iterator[Check]:
    lost = [campus.name for campus in has.campuses if not (campus.address and campus.city)]
    is_done = bool(has.campuses) and not lost
    says = (
        say("Every campus has an address and a time zone.")
        if is_done
        else say("Nobody finds the way without an address: %(names)s.", names=", ".join(lost))
        if lost
        else say("There is no campus yet.")
    )
    yield Check("campus", is_done, True, says, "campus")
    off_map = [campus.name for campus in has.campuses if campus.latitude is None or campus.longitude is None]
    yield Check(
        "map",
        bool(has.campuses) and not off_map,
        False,
        say("Every campus stands on the map.")
        if has.campuses and not off_map
        else say("Without coordinates a campus is on no map, and ways of experts are guessed."),
        "campus",
    )


def _rooms(has: Standing, around: Surroundings) -> Iterator[Check]:
    count, unknown = len(has.rooms), [room.name for room in has.rooms if room.capacity is None]
    says = (
        say_many(
            "There is %(num)d room only; with one, two events at once have no place.", "There are %(num)d rooms.", count
        )
        if count
        else say("There is no room yet.")
    )
    yield Check("rooms", count >= LEAST_ROOMS, True, says, "rooms")
    yield Check(
        "capacity",
        bool(count) and not unknown,
        True,
        say("Every room says how many people it seats.")
        if count and not unknown
        else say("Nobody has said how many people these seat: %(names)s.", names=", ".join(unknown[:5]))
        if unknown
        else say("No room says yet how many people it seats."),
        "rooms",
    )
    at_home = {campus.id for campus in has.campuses if campus.hours}
    timeless = [room.name for room in has.rooms if not room.hours and room.campus_id not in at_home]
    yield Check(
        "hours",
        bool(count) and not timeless,
        False,
        say("Every room or its campus has opening hours.")
        if count and not timeless
        else say("Rooms without opening hours can be booked at three in the morning."),
        "rooms",
    )


def _experts(has: Standing, around: Surroundings) -> Iterator[Check]:
    says = say_many("There is %(num)d expert to ask.", "There are %(num)d experts to ask.", has.experts)
    yield Check(
        "experts", has.experts > 0, True, says if has.experts else say("There is no expert to ask yet."), "expert"
    )
    is_done = has.experts > 0 and has.experts_with_topics == has.experts
    silent = has.experts - has.experts_with_topics
    yield Check(
        "topics",
        is_done,
        False,
        say("Every expert has topics, by which they are found.")
        if is_done
        else say("Without topics nobody is found by what they speak about.")
        if not has.experts
        else say_many(
            "%(num)d expert has no topic and is found by name alone.",
            "%(num)d experts have no topics and are found by name alone.",
            silent,
        ),
        "expert",
    )


def _letters(has: Standing, around: Surroundings) -> Iterator[Check]:
    is_done = around.has_mail_server and has.is_sender_proved
    says = (
        say("The mail server has taken a test letter from the present sender.")
        if is_done
        else say("No test letter has left yet from the present sender: send one.")
        if around.has_mail_server
        else say("There is no mail server, so no letter leaves: set SMTP_URL.")
    )
    yield Check("sender", is_done, True, says, "sender")


def _people(has: Standing, around: Surroundings) -> Iterator[Check]:
    count = len(has.people)
    says = (
        say_many("%(num)d person can act for the college.", "%(num)d people can act for the college.", count)
        if count >= LEAST_PEOPLE
        else say_many(
            "Only %(num)d person can act for the college: on a day of illness nobody answers.",
            "%(num)d people can act for the college.",
            count,
        )
        if count
        else say("Nobody can act for the college yet.")
    )
    yield Check("people", count >= LEAST_PEOPLE, True, says, "colleague")


def _public(has: Standing, around: Surroundings) -> Iterator[Check]:
    says = (
        say("People reach the service at a safe address of its own.")
        if around.is_reachable
        else say("Nobody else reaches this address: set PUBLIC_URL to the one that people use, with https.")
    )
    yield Check("address", around.is_reachable, True, says, "feed")


def _events(has: Standing, around: Surroundings) -> Iterator[Check]:
    tries = [title for _, title in has.tries]
    yield Check(
        "tries",
        not tries,
        True,
        say("No event that looks like a try is public.")
        if not tries
        else say("This is public and looks like a try: %(names)s.", names=", ".join(tries[:5])),
        "events",
    )
    count = len(has.events) - len(tries)
    yield Check(
        "events",
        count > 0,
        True,
        say_many("%(num)d event is public.", "%(num)d events are public.", count)
        if count
        else say("No event is public yet: students would find an empty page."),
        "events",
    )


def _feed(has: Standing, around: Surroundings) -> Iterator[Check]:
    is_done = bool(has.fetched)
    says = (
        say("A program has asked for the calendar of the campus.")
        if is_done
        else say("No program has asked for the calendar yet: subscribe to it on your phone.")
    )
    yield Check("feed", is_done, False, says, "feed")
