"""Signatures hold before a verifier that was written from the standard alone, and nothing else holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from eventsvc.domain.webhooks import signing
from tests.receiver import Call, is_ours

SECRETS = st.binary(min_size=24, max_size=64)
IDS = st.uuids().map(lambda one: f"msg_{one.hex}")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2120, 1, 1), timezones=st.just(UTC))  # bounds


def signed(webhook_id: str, at: datetime, body: bytes, *secrets: bytes) -> Call:
    return Call("/", signing.headers_of(webhook_id, at, body, secrets), body)


@given(IDS, MOMENTS, st.binary(max_size=300), st.lists(SECRETS, min_size=1, max_size=2), SECRETS)
def test_every_secret_that_signs_is_recognized_and_no_other(webhook_id, at, body, secrets, other):
    call = signed(webhook_id, at, body, *secrets)
    assert all(is_ours(signing.in_words(one), call, now=at.timestamp()) for one in secrets)
    assert is_ours(signing.in_words(other), call) is (other in secrets)
    assert call.headers["webhook-signature"].isascii()
    assert call.headers["webhook-timestamp"].isdecimal()


@given(IDS, MOMENTS, st.binary(min_size=1, max_size=300), SECRETS, st.data())
def test_one_bit_more_or_less_is_a_forgery(webhook_id, at, body, secret, data):
    call, words = signed(webhook_id, at, body, secret), signing.in_words(secret)
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    turned = bytearray(body)
    turned[bit // 8] ^= 1 << bit % 8
    assert not is_ours(words, replace(call, body=bytes(turned)))
    assert not is_ours(words, replace(call, body=body + b"\n"))
    later = str(int(call.headers["webhook-timestamp"]) + data.draw(st.integers(1, 10**6)))
    for header, word in (("webhook-timestamp", later), ("webhook-id", call.id[:-1])):
        assert not is_ours(words, replace(call, headers={**call.headers, header: word}))


def test_the_example_that_libraries_of_the_standard_are_tested_with_is_signed_alike():
    at = datetime.fromtimestamp(1_614_265_330, UTC)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # published
    call = Call("/", {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek"}, b'{"test": 2432232314}')
    known = bytes.fromhex("31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0")
    assert signing.in_words(known) == secret
    assert signing.headers_of(call.id, at, call.body, [known]) == {
        **call.headers,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
