"""Reading a Maildir: each mail once, whoever looks at the same moment, and what is half written is left alone."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from eventsvc.core import caps
from eventsvc.core.errors import say
from eventsvc.domain.mail import maildir
from eventsvc.domain.mail.places import CannotRead, Taken, Why, place_of
from eventsvc.domain.mail.taking_in import NoMail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("tmp", "new", "cur"):
        (tmp_path / "A box" / name).mkdir(parents=True)
    return tmp_path / "A box"


def put(folder: Path, name: str, raw: bytes = b"Subject: a\n\nYes\n") -> bytes:
    (folder / "new" / name).write_bytes(raw)
    return raw


def look(folder: Path, take: Any = None, *, most: int = maildir.MOST) -> tuple[list[bytes], Taken]:
    got: list[bytes] = []
    taken = Taken()
    maildir.take_all(place_of(f"maildir://{folder}".replace(" ", "%20")), take or got.append, taken, most=most)
    return got, taken


def names(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(os.listdir(folder / name)) for name in ("new", "cur")}


def test_what_is_new_is_taken_in_its_order_and_becomes_read(folder):
    second, first = put(folder, "1002.b.host", b"B:\n"), put(folder, "1001.a.host", b"A:\n")
    (folder / "tmp" / "1000.c.host").write_bytes(b"half a ma")
    put(folder, ".hidden")
    assert maildir.waiting(place_of(f"maildir://{folder}")) == 2
    assert look(folder) == ([first, second], Taken(read=2))
    assert names(folder) == {"new": [".hidden"], "cur": ["1001.a.host:2,S", "1002.b.host:2,S"]}
    assert look(folder) == ([], Taken())


def test_pages_are_as_long_as_asked(folder):
    mails = [put(folder, f"{1000 + number}.a.host", b"N: %d\n" % number) for number in range(25)]
    pages = [look(folder, most=10)[0] for _ in range(4)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [raw for page in pages for raw in page] == mails


def test_what_cannot_be_read_holds_up_nothing_behind_it(folder):
    for number in range(3):
        (folder / "new" / f"{1000 + number}.folder.host").mkdir()
    put(folder, "1003.a.host")
    with pytest.raises(CannotRead):
        look(folder, most=2)
    assert names(folder)["cur"] == ["1003.a.host:2,S"]


def test_what_is_not_kept_is_flagged_and_not_marked_as_read(folder):
    put(folder, "1001.none.host")
    put(folder, "1002.large.host", b"S:\n\n" + b"x" * caps.MAIL.most_bytes)
    seen = []

    def take(raw: bytes) -> None:
        seen.append(raw)
        raise NoMail(say("none"))

    assert look(folder, take)[1] == Taken(left=2)
    assert len(seen) == 1, "what is too large is not even read"
    assert names(folder) == {"new": [], "cur": ["1001.none.host:2,F", "1002.large.host:2,F"]}


def test_a_mail_is_moved_after_it_was_kept(folder):
    put(folder, "1001.a.host")

    def crash(raw: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(folder, crash)
    assert names(folder) == {"new": ["1001.a.host"], "cur": []}


def test_what_somebody_else_has_just_moved_is_nobodys_loss(folder):
    put(folder, "1001.a.host")
    put(folder, "1002.b.host")

    def other(raw: bytes) -> None:
        for name in os.listdir(folder / "new"):
            os.rename(folder / "new" / name, folder / "cur" / f"{name}:2,S")

    assert look(folder, other)[1] == Taken(), "the other one counts them"
    assert names(folder)["cur"] == ["1001.a.host:2,S", "1002.b.host:2,S"]


def test_two_who_look_at_once_move_each_mail_once(folder):
    for number in range(200):
        put(folder, f"{1000 + number}.a.host", b"N: %d\n" % number)
    both, counted, got = threading.Barrier(2), [], []

    def come() -> None:
        both.wait(timeout=20)
        counted.append(look(folder, got.append)[1].read)

    lookers = [threading.Thread(target=come) for _ in range(2)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert sum(counted) == 200
    assert len(set(got)) == 200
    assert len(names(folder)["cur"]) == 200


def test_what_cannot_be_read_stops_no_other_and_is_said(folder):
    """A folder where a mail should be: for an administrator's own process every file can be read."""
    (folder / "new" / "1001.a.host").mkdir()
    put(folder, "1002.b.host", b"B:\n")
    got: list[bytes] = []
    with pytest.raises(CannotRead) as refused:
        look(folder, got.append)
    assert (refused.value.why, got) == (Why.UNFETCHABLE, [b"B:\n"])


@pytest.mark.parametrize("missing", ["new", "cur", ""])
def test_what_is_no_maildir_is_said(folder, missing):
    for name in (missing,) if missing else ("new", "cur"):
        (folder / name).rmdir()
    with pytest.raises(CannotRead) as refused:
        look(folder)
    assert refused.value.why is Why.FOLDER


def test_where_nothing_can_be_moved_nothing_goes_on(folder, monkeypatch):
    put(folder, "1001.a.host")
    put(folder, "1002.b.host")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "rename", refuse)
    got: list[bytes] = []
    with pytest.raises(CannotRead) as refused:
        look(folder, got.append)
    assert (refused.value.why, len(got)) == (Why.UNMARKABLE, 1)
