"""Reading a mailbox of a real IMAP server: in order, once, and nothing of other people's is touched."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from eventsvc.core import caps
from eventsvc.core.errors import say
from eventsvc.domain.mail import imap
from eventsvc.domain.mail.places import CannotRead, Taken, Why, place_of
from eventsvc.domain.mail.taking_in import NoMail
from tests import dovecot as real
from tests.dovecot import CERTIFICATE, Dovecot, Mailbox


@pytest.fixture
def mailbox(imap_server: Dovecot) -> Mailbox:
    return imap_server.user()


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name on the server's certificate leads to this machine; nobody trusts that certificate yet."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *rest: Any, **more: Any) -> Any:
        return resolve("127.0.0.1" if host == "feeds.test" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    return "feeds.test"


def mail(number: int) -> bytes:
    return b"From: osprey@port.example\r\nSubject: Answer %d\r\n\r\nYes.\r\n" % number


def look(url: str, take: Any = None, *, most: int = imap.MOST) -> tuple[list[bytes], Taken]:
    got: list[bytes] = []
    taken = Taken()
    imap.take_all(place_of(url), take or got.append, taken, most=most)
    return got, taken


def why_not(url: str, take: Any = None) -> Why:
    with pytest.raises(CannotRead) as refused:
        look(url, take)
    return refused.value.why


def test_what_is_unread_is_taken_byte_by_byte_in_its_order_and_marked_as_read(mailbox):
    mailbox.put(mail(1), mail(2), mail(3))
    assert imap.waiting(place_of(mailbox.url())) == 3
    assert mailbox.flags() == ["", "", ""], "to count is not to read"
    assert look(mailbox.url()) == ([mail(1), mail(2), mail(3)], Taken(read=3))
    assert mailbox.flags() == [r"\Seen"] * 3
    assert look(mailbox.url()) == ([], Taken())


def test_what_people_have_read_flagged_or_deleted_is_theirs(mailbox):
    mailbox.put(mail(1), flags=r"(\Seen)")
    mailbox.put(mail(2), flags=r"(\Flagged)")
    mailbox.put(mail(3), flags=r"(\Deleted)")
    mailbox.put(mail(4))
    assert look(mailbox.url())[0] == [mail(4)]
    assert mailbox.flags() == [r"\Seen", r"\Flagged", r"\Deleted", r"\Seen"], "nothing is expunged"


@pytest.mark.parametrize(
    ("folder", "written"), [("Answers", "Answers"), ("Answers/2027", "Answers/2027"), ("A b", "A%20b")]
)
def test_a_folder_of_ones_own_is_read_and_no_other(mailbox, folder, written):
    mailbox.make(folder)
    mailbox.put(mail(1))
    mailbox.put(mail(2), folder=folder)
    assert look(mailbox.url(written))[0] == [mail(2)]
    assert mailbox.flags() == [""]


def test_a_full_mailbox_is_walked_in_pages(mailbox):
    mails = [mail(number) for number in range(300)]
    mailbox.put(*mails)
    pages = [look(mailbox.url(), most=120)[0] for _ in range(4)]
    assert [len(page) for page in pages] == [120, 120, 60, 0]
    assert [raw for page in pages for raw in page] == mails


def test_what_is_not_kept_stays_unread_with_a_flag_until_somebody_takes_it_off(mailbox):
    too_large = b"Subject: pictures\r\n\r\n" + b"x" * caps.MAIL.most_bytes
    mailbox.put(mail(1), too_large, mail(3))
    refused = [mail(1)]

    def take(raw: bytes) -> None:
        if raw in refused:
            raise NoMail(say("none"))

    assert look(mailbox.url(), take)[1] == Taken(read=1, left=2)
    assert mailbox.flags() == [r"\Flagged", r"\Flagged", r"\Seen"]
    assert look(mailbox.url(), take)[1] == Taken(), "it is left once"
    refused.clear()
    with mailbox.opened() as client:
        client.store("1", "-FLAGS", r"(\Flagged)")
    assert look(mailbox.url(), take)[1] == Taken(read=1)


@pytest.mark.parametrize("habit", ["disconnect-immediately", "disconnect-after", "no-after"])
def test_a_mail_that_is_not_handed_out_stops_no_other(imap_server, habit):
    """What Dovecot does then is a setting of its own (imap_fetch_failure); by default it hangs up."""
    with real.dovecot(f"imap_fetch_failure = {habit}") as server:
        mailbox = server.user()
        mailbox.put(mail(1), mail(2), mail(3), mail(4))
        for number in (0, 2):
            mailbox.files[number].chmod(0)
        got, taken = look(mailbox.url())
        assert (got, taken) == ([mail(2), mail(4)], Taken(read=2, left=2))
        assert mailbox.flags() == [r"\Flagged", r"\Seen", r"\Flagged", r"\Seen"]


def test_where_no_mail_is_handed_out_none_is_to_blame(imap_server):
    with real.dovecot("imap_fetch_failure = no-after") as server:
        mailbox = server.user()
        mailbox.put(mail(1))
        mailbox.files[0].chmod(0)
        assert why_not(mailbox.url()) is Why.UNFETCHABLE
        assert mailbox.flags() == [""]


def test_a_mail_that_was_kept_and_not_marked_comes_again(mailbox, monkeypatch):
    mailbox.put(mail(1), mail(2))
    with monkeypatch.context() as patch:
        patch.setattr(imap, "_mark", lambda *_: exec("raise KeyboardInterrupt"))
        got: list[bytes] = []
        with pytest.raises(KeyboardInterrupt):
            look(mailbox.url(), got.append)
    assert got == [mail(1)]
    assert look(mailbox.url())[0] == [mail(1), mail(2)]


def test_a_server_that_goes_away_in_the_middle_loses_nothing(imap_server):
    with real.dovecot() as server:
        mailbox = server.user()
        mailbox.put(*[mail(number) for number in range(6)])
        got: list[bytes] = []

        def take(raw: bytes) -> None:
            got.append(raw)
            if len(got) == 3:
                server.stop()

        assert why_not(mailbox.url(), take) is Why.UNREACHABLE
        assert why_not(mailbox.url()) is Why.UNREACHABLE
        server.start()
        assert look(mailbox.url())[0] == [mail(number) for number in range(2, 6)], "the third was kept, and not marked"


def test_a_wrong_password_a_wrong_folder_and_nobody_there_are_told_apart(mailbox):
    good = mailbox.url()
    assert why_not(good.replace("hunter2", "hunter3")) is Why.LOGIN
    assert why_not(good.replace("hunter2", "%C3%BC")) is Why.LOGIN
    assert why_not(mailbox.url("Answers")) is Why.FOLDER
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        assert why_not(f"imap://a:b@127.0.0.1:{port}/") is Why.UNREACHABLE
        assert why_not(f"imaps://a:b@127.0.0.1:{port}/") is Why.UNREACHABLE


def test_a_server_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(imap, "WAIT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        assert why_not(f"imap://a:b@127.0.0.1:{port}/") is Why.UNREACHABLE
        assert why_not(f"imaps://a:b@127.0.0.1:{port}/") is Why.UNREACHABLE


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_a_password_travels_encrypted_and_to_a_trusted_name_alone(mailbox, named, monkeypatch, scheme):
    mailbox.put(mail(1))
    url = mailbox.url(scheme=scheme, host=named)
    assert why_not(url) is Why.CERTIFICATE
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    assert look(url)[0] == [mail(1)]
    if scheme == "imaps":
        assert why_not(mailbox.url(scheme=scheme)) is Why.CERTIFICATE, "a name that the certificate does not have"


def test_no_password_is_sent_to_another_machine_without_encryption(imap_server, named):
    with real.dovecot("ssl = no") as server:
        mailbox = server.user()
        assert why_not(mailbox.url(host=named)) is Why.UNENCRYPTED
        assert mailbox.name not in (server.folder / "log").read_text()
        mailbox.put(mail(1))
        assert look(mailbox.url())[0] == [mail(1)], "to this machine itself it may go"
