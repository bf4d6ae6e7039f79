"""Why a mail was applied, noted, put before somebody, or left alone: a word for machines, a sentence for people."""

from __future__ import annotations

from enum import StrEnum

from eventsvc.core.errors import say


class Reason(StrEnum):
    """Kept at the mail; `SENTENCES` says it to people."""

    # Applied.
    ANSWERED = "answered"
    PROPOSED = "proposed"
    DELEGATED = "delegated"
    # Noted: nothing to decide.
    CONVERSATION = "conversation"
    BOUNCED = "bounced"
    DELAYED = "delayed"
    SENT_AGAIN = "sent-again"
    EVENT_OFF = "event-off"
    EVENT_PUT_OFF = "event-put-off"
    EVENT_OVER = "event-over"
    NOT_NEEDED = "not-needed"
    # Left alone.
    AUTOMATIC = "automatic"
    SEEN_BEFORE = "seen-before"
    OLDER_ANSWER = "older-answer"
    NO_ANSWER = "no-answer"
    NOT_AN_EVENT = "not-an-event"
    OTHER_METHOD = "other-method"
    NOTHING_SAID = "nothing-said"
    SENT_AGAIN_LATELY = "sent-again-lately"
    # Somebody has to look at it.
    UNREADABLE = "unreadable"
    NO_ADDRESS = "no-address"
    NEEDS_CHECK = "needs-check"
    NOT_INVITED = "not-invited"
    ANOTHER_EVENT = "another-event"
    ANOTHER_PERSON = "another-person"
    NOT_ONE_PERSON = "not-one-person"
    SENT_BY_ANOTHER = "sent-by-another"
    NOT_VERIFIED = "not-verified"
    WORDS_OF_ANOTHER = "words-of-another"
    NEWER_VERSION = "newer-version"
    OLDER_VERSION = "older-version"
    OUTDATED = "outdated"
    ANSWERED_SINCE = "answered-since"
    CONTRADICTS = "contradicts"
    NO_SUCH_DATE = "no-such-date"
    NO_TIME = "no-time"
    OTHER_LENGTH = "other-length"
    UNKNOWN_DELEGATE = "unknown-delegate"
    SLOT_TAKEN = "slot-taken"
    REFUSED = "refused"
    UNKNOWN_BOUNCE = "unknown-bounce"


SENTENCES = {
    Reason.ANSWERED: say("The answer was taken."),
    Reason.PROPOSED: say("Another time was proposed; the office in charge decides."),
    Reason.DELEGATED: say("A colleague was named, who is asked next."),
    Reason.CONVERSATION: say("The words went into the conversation."),
    Reason.BOUNCED: say("A letter came back: it did not arrive."),
    Reason.DELAYED: say("A mail server is still trying to deliver a letter."),
    Reason.SENT_AGAIN: say("The calendar program asked for the invitation again; it was sent."),
    Reason.EVENT_OFF: say("The event is off; nothing was changed."),
    Reason.EVENT_PUT_OFF: say("The event has been put off; the person is asked again when there is a new time."),
    Reason.EVENT_OVER: say("The event is over; nothing was changed."),
    Reason.NOT_NEEDED: say("The person is no longer asked to come; nothing was changed."),
    Reason.AUTOMATIC: say("A machine wrote it, such as an out-of-office notice."),
    Reason.SEEN_BEFORE: say("The same mail, or the same answer, was read before."),
    Reason.OLDER_ANSWER: say("The person has answered anew since."),
    Reason.NO_ANSWER: say("It holds no yes, perhaps or no."),
    Reason.NOT_AN_EVENT: say("It is about a task or a journal, not about an event."),
    Reason.OTHER_METHOD: say("It is no answer: somebody else’s invitation or notice."),
    Reason.NOTHING_SAID: say("It holds no words."),
    Reason.SENT_AGAIN_LATELY: say("The invitation was sent again less than an hour ago."),
    Reason.UNREADABLE: say("It cannot be read."),
    Reason.NO_ADDRESS: say("It was sent to no address of an invitation."),
    Reason.NEEDS_CHECK: say("It was not sent to the invitation’s own address; only its words tell whose answer it is."),
    Reason.NOT_INVITED: say("Of those who were asked to this event nobody has that address, or several have."),
    Reason.ANOTHER_EVENT: say("It names another event than the invitation to whose address it was sent."),
    Reason.ANOTHER_PERSON: say("It answers for somebody else than the person who was invited."),
    Reason.NOT_ONE_PERSON: say("It does not name exactly one person who answers."),
    Reason.SENT_BY_ANOTHER: say("Somebody else sent it in the person’s name."),
    Reason.NOT_VERIFIED: say("Our mail server could not confirm that it comes from its sender."),
    Reason.WORDS_OF_ANOTHER: say("Somebody else than the person who was invited wrote it."),
    Reason.NEWER_VERSION: say("It answers a version of the invitation that we never sent."),
    Reason.OLDER_VERSION: say("It answers an older version: the event has another time by now."),
    Reason.OUTDATED: say("It proposes another time for an older version of the event."),
    Reason.ANSWERED_SINCE: say("The person has answered in another way since it was written."),
    Reason.CONTRADICTS: say(
        "It says something else than the answer that was taken; nobody can tell which of them came last."
    ),
    Reason.NO_SUCH_DATE: say("It is about a date that the event does not have."),
    Reason.NO_TIME: say("It proposes no time that could be planned."),
    Reason.OTHER_LENGTH: say("The time that it proposes is longer or shorter than the event."),
    Reason.UNKNOWN_DELEGATE: say("It names somebody to come instead who is none of the person’s colleagues here."),
    Reason.SLOT_TAKEN: say("Something is booked at that time."),
    Reason.REFUSED: say("It could not be applied as things stand."),
    Reason.UNKNOWN_BOUNCE: say("A letter came back, and it is not known which."),
}
