"""MAIL_IN_URL: what it says, and that a mistake in it never shows the password."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsvc.domain.mail.places import ImapPlace, MaildirPlace, place_of

READ = {
    "": None,
    "imaps://events:secret@mail.example": ImapPlace("mail.example", 993, True, "events", "secret", "INBOX"),
    "imaps://events:secret@mail.example/": ImapPlace("mail.example", 993, True, "events", "secret", "INBOX"),
    "imap://events:secret@mail.example/INBOX": ImapPlace("mail.example", 143, False, "events", "secret", "INBOX"),
    "imaps://events%40calendar.example:p%2F%40%23%3A%C3%BC@mail.example:1993/Answers/2027": ImapPlace(
        "mail.example", 1993, True, "events@calendar.example", "p/@#:ü", "Answers/2027"
    ),
    "imaps://a:b@[::1]/A%20b": ImapPlace("::1", 993, True, "a", "b", "A b"),
    "maildir:///var/mail/eventsvc": MaildirPlace(Path("/var/mail/eventsvc")),
    "maildir:///var/mail/A%20box": MaildirPlace(Path("/var/mail/A box")),
}
REFUSED = (
    "pop3://events:secret@mail.example",
    "events:secret@mail.example",
    "imaps://mail.example",
    "imaps://events@mail.example",
    "imaps://:secret@mail.example",
    "imaps://events:secret@",
    "imaps://events:secret@mail.example:many/INBOX",
    "imaps://events:secret@mail.example:99999/INBOX",
    "imaps://events:secret@[::1/INBOX",
    "imaps://events:secret#1@mail.example",
    "imaps://events:secret?1@mail.example",
    "imaps://events:secret%0D%0AA1%20DELETE@mail.example",
    "imaps://events:secret@mail.example/IN%00BOX",
    "imaps://events:secret@mail.example/INBOX?secret",
    "maildir://var/mail/secret",
    "maildir:secret",
    "maildir:///secret%00",
)


@pytest.mark.parametrize("url", list(READ))
def test_a_place_is_read(url):
    assert place_of(url) == READ[url]


@pytest.mark.parametrize("url", REFUSED)
def test_a_mistake_is_a_sentence_without_the_password(url):
    with pytest.raises(ValueError, match="MAIL_IN_URL") as refused:
        place_of(url)
    assert "secret" not in str(refused.value)


def test_a_place_that_is_shown_does_not_show_its_password():
    assert "secret" not in repr(place_of("imaps://events:secret@mail.example"))
