"""Two streams: which letters say how to unsubscribe, which lead to a page where they stop, and which always arrive."""

from __future__ import annotations

from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest

from eventsvc.domain.outbox import letters, streams
from eventsvc.domain.outbox.streams import Stream, Topic
from tests.domain.outbox.test_letters import LETTERS, LINKS, SENDER, a_message


@pytest.mark.parametrize("letter", sorted(LETTERS))
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_letter_has_the_parts_and_headers_of_its_stream(letter, language):
    message = a_message(letter)
    message.language = language
    raw = letters.render(message, LINKS, SENDER).as_bytes()
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail.defects == []
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert {part.get_content_charset() for part in (text, html)} == {"utf-8"}
    assert mail["Content-Language"] == language
    names = [name.lower() for name in mail.keys()]  # noqa: SIM118  # a mail yields its headers' names more than once
    assert len(names) == len(set(names))
    sort = streams.sort_of(letter)
    if sort.stream is Stream.SUBSCRIBED:
        page = str(mail["List-Unsubscribe"]).strip("<>")
        assert urlsplit(page).scheme == "https"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert page in text.get_content()
    else:
        assert "list-unsubscribe" not in names
        assert "list-unsubscribe-post" not in names
    assert ("/unsubscribe/" in text.get_content()) == ("/unsubscribe/" in html.get_content()) == bool(sort.topic)


def test_what_is_subscribed_can_be_stopped_and_every_topic_stops_letters_that_there_are():
    sorts = {letter: streams.sort_of(letter) for letter in LETTERS}
    assert [letter for letter, sort in sorts.items() if sort.stream is Stream.SUBSCRIBED and not sort.topic] == []
    for topic in Topic:
        stops = streams.letters_of(topic)
        assert stops, topic
        assert set(stops) <= set(LETTERS)


@pytest.mark.parametrize("letter", ["invitation", "changed", "called_off", "sign_in", "chase", "room_request"])
def test_what_somebody_has_to_know_or_to_answer_always_arrives(letter):
    assert streams.sort_of(letter) == (Stream.TRANSACTIONAL, None)
