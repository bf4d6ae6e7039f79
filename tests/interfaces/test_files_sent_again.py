"""A call that is answered by a file may carry an Idempotency-Key; the file is made anew and kept nowhere."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("still")


def test_a_file_is_made_anew_for_a_call_that_is_sent_again(admin):
    body = {"first": "2027-01-01", "last": "2027-06-30", "purpose": "Request 27-14"}
    answers = [admin.post("/api/v1/privacy/records", json=body, headers={"Idempotency-Key": "27-14"}) for _ in range(2)]
    assert [(answer.status_code, answer.data[:2]) for answer in answers] == [(200, b"PK")] * 2
    assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [False, False]
