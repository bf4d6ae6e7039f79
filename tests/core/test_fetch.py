"""The way out: what is read, how much of it, and what never is."""

from __future__ import annotations

import gzip
import ssl
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventsvc.core.fetch import MAX_BYTES, Fetched, Fetcher, NotFetched
from tests.web_server import Page, WebServer, web_server

CERTIFICATE = Path(__file__).with_name("feeds.test.pem")
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def here(server: WebServer, **more: object) -> Fetcher:
    """A fetcher that may reach that server."""
    return Fetcher(allowed=(server.place,), **more)


def no(fetcher: Fetcher, link: str) -> str:
    """The sentence with which that link is refused."""
    with pytest.raises(NotFetched) as refusal:
        fetcher.fetch(link)
    assert refusal.value.status == 422
    return refusal.value.detail


def test_a_calendar_is_read_with_what_the_server_says_of_its_age(server):
    server.pages["/a.ics"] = Page(CALENDAR, headers={"ETag": '"1"', "Last-Modified": "Mon, 11 Jan 2027 17:00:00 GMT"})
    got = here(server).fetch(server.at("/a.ics"))
    assert got == Fetched(CALENDAR, '"1"', "Mon, 11 Jan 2027 17:00:00 GMT")
    (path, headers) = server.asked[0]
    assert path == "/a.ics"
    assert headers["Host"] == server.place
    assert headers["User-Agent"] == "eventsvc/0.1"
    assert {"Cookie", "Authorization"} & set(headers) == set()


def test_what_has_not_changed_is_not_sent_again(server):
    def answer(headers: dict[str, str]) -> Page:
        assert headers["If-Modified-Since"] == "Mon, 11 Jan 2027 17:00:00 GMT"
        return Page(status=304) if headers["If-None-Match"] == '"1"' else Page(CALENDAR)

    server.pages["/a.ics"] = answer
    asked = {"last_modified": "Mon, 11 Jan 2027 17:00:00 GMT"}
    assert here(server).fetch(server.at("/a.ics"), etag='"1"', **asked) is None
    assert here(server).fetch(server.at("/a.ics"), etag='"0"', **asked).body == CALENDAR


def test_a_packed_calendar_is_unpacked(server):
    server.pages["/a.ics"] = Page(gzip.compress(CALENDAR), headers={"Content-Encoding": "gzip"})
    assert here(server).fetch(server.at("/a.ics")).body == CALENDAR


def test_a_path_and_a_query_go_out_as_they_were_given(server):
    fetcher = here(server)
    no(fetcher, server.at("/böse%20räume.ics?token=a%2Fb&x=ü#frag"))
    assert server.asked[0][0] == "/b%C3%B6se%20r%C3%A4ume.ics?token=a%2Fb&x=%C3%BC"


@pytest.mark.parametrize("status", [204, 401, 403, 404, 500])
def test_any_other_status_is_named(server, status):
    server.pages["/a.ics"] = Page(status=status)
    assert no(here(server), server.at("/a.ics")) == f"It answered with status {status}."


def test_proxies_of_the_environment_are_not_asked(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.pages["/a.ics"] = Page(CALENDAR)
    assert here(server).fetch(server.at("/a.ics")).body == CALENDAR


# How much


def test_one_megabyte_is_read_and_a_byte_more_is_not(server):
    server.pages["/full"] = Page(b"a" * MAX_BYTES)
    server.pages["/over"] = Page(b"a" * (MAX_BYTES + 1))
    # HTTP/1.0 with no length: nothing says beforehand how much will come.
    server.pages["/silent"] = Page(b"a" * (MAX_BYTES + 1), headers={"Content-Length": ""})
    assert len(here(server).fetch(server.at("/full")).body) == MAX_BYTES
    assert no(here(server), server.at("/over")) == "It is larger than 1 MB."
    assert no(here(server), server.at("/silent")) == "It is larger than 1 MB."


def test_a_gzip_bomb_is_not_unpacked(server):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()
    assert len(bomb) < MAX_BYTES < 200_000_000
    server.pages["/bomb"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    assert no(here(server), server.at("/bomb")) == "It is larger than 1 MB."


@pytest.mark.parametrize("packing", ["br", "zstd", "deflate", "gzip, gzip, gzip"])
def test_other_packings_are_refused(server, packing):
    server.pages["/a"] = Page(b"abc", headers={"Content-Encoding": packing})
    assert no(here(server), server.at("/a")) == "It is packed in a way that was not asked for."


def test_a_broken_packing_is_refused(server):
    server.pages["/a"] = Page(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    assert "did not answer" in no(here(server), server.at("/a"))


def test_a_body_that_ends_too_early_is_refused(server):
    server.pages["/a"] = Page(CALENDAR, headers={"Content-Length": "500"})
    assert "did not answer" in no(here(server), server.at("/a"))


def test_a_server_that_drips_is_cut_off(server):
    server.pages["/slow"] = Page(drips=True)
    assert no(here(server, max_seconds=0.4), server.at("/slow")) == "It took too long to answer."


def test_a_name_that_nobody_answers_for_is_given_up(server):
    def silent(_host: str, _port: int) -> list[str]:
        server.gone.wait()
        return ["127.0.0.1"]

    assert no(Fetcher(resolver=silent, max_seconds=0.2), "https://feeds.test/a") == "It took too long to answer."


def test_a_closed_port_is_named():
    with web_server() as gone:
        place = gone.place
    assert "did not answer (ConnectionRefusedError)" in no(Fetcher(allowed=(place,)), f"http://{place}/")


# Where


@pytest.mark.parametrize(
    "link",
    [
        "ftp://example.edu/a.ics",
        "file:///etc/passwd",
        "http://example.edu/a.ics",
        "gopher://example.edu",
        "data:text/calendar,x:y",
    ],
)
def test_only_https_is_read(link):
    words = no(Fetcher(resolver=never), link)
    assert "https://" in words


@pytest.mark.parametrize(
    "link",
    ["", "https://", "https:///a.ics", "https://exa mple.edu", "https://a\\@b/", "https://a:99999/", "https://a:0/",
     "https://[::1", "calendar", "https://example.edu/\x00", "https://example.edu/" + "a" * 1_000,
     "https://" + "a" * 70 + ".edu/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(link):
    with pytest.raises(NotFetched):
        Fetcher(resolver=never).check(link)


def test_a_password_in_the_address_is_refused():
    for link in ("https://me:secret@example.edu/a.ics", "https://me@example.edu/"):
        assert "password" in no(Fetcher(resolver=never), link)


def never(_host: str, _port: int) -> list[str]:
    raise AssertionError("nothing is resolved for this link")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "[::1]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "localhost",
        "intranet",
    ],
)
def test_an_inner_address_is_refused_before_anything_is_asked(host):
    with pytest.raises(NotFetched) as refusal:
        Fetcher(resolver=never).check(f"https://{host}/a.ics")
    assert "open internet" in refusal.value.detail


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "100.64.0.1", "64:ff9b::7f00:1"]
)
def test_a_name_that_leads_inside_is_refused(address):
    words = no(Fetcher(resolver=lambda host, port: [address]), "https://feeds.test/a.ics")
    assert words == "feeds.test is not an address in the open internet, and only such addresses are used."


def test_a_name_with_one_inner_address_among_many_is_refused():
    words = no(Fetcher(resolver=lambda host, port: ["93.184.216.34", "192.168.0.1"]), "https://feeds.test/a.ics")
    assert "open internet" in words


def test_an_unknown_name_is_named():
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    assert no(Fetcher(resolver=unknown), "https://feeds.test/a.ics") == "The name feeds.test is not known."
    assert (
        no(Fetcher(resolver=lambda host, port: []), "https://feeds.test/a.ics") == "The name feeds.test is not known."
    )


def test_a_name_that_changes_its_answer_is_asked_once_and_talked_to_where_it_was_checked(server):
    answers = [["127.0.0.1"]]  # a second question would find nothing here
    server.pages["/a.ics"] = Page(CALENDAR)
    place = f"feeds.test:{server.server_port}"
    fetcher = Fetcher(allowed=(place,), resolver=lambda host, port: answers.pop())
    assert fetcher.fetch(f"http://{place}/a.ics").body == CALENDAR
    assert answers == []
    assert server.asked[0][1]["Host"] == place


def test_a_name_that_turns_inside_after_a_redirect_is_refused(server):
    """DNS rebinding: public the first time it is asked for, private the second."""
    answers = {"start.test": [["127.0.0.1"]], "turning.test": [["192.168.0.1"]]}
    place = f"start.test:{server.server_port}"
    server.pages["/a.ics"] = Page(status=302, headers={"Location": "https://turning.test/a.ics"})
    fetcher = Fetcher(allowed=(place,), resolver=lambda host, port: answers[host].pop())
    assert "turning.test is not an address in the open internet" in no(fetcher, f"http://{place}/a.ics")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://127.0.0.1/", "open internet"),
        ("https://169.254.169.254/latest/meta-data/", "open internet"),
        ("https://[::1]/", "open internet"),
        ("http://example.edu/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https://me:secret@example.edu/", "password"),
        ("//10.0.0.1/", "https://"),
        ("", "more than 5 redirects"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_checked_like_the_first_address(server, location, words, status):
    server.pages["/a.ics"] = Page(status=status, headers={"Location": location})
    assert words in no(here(server), server.at("/a.ics"))


def test_five_redirects_are_followed_and_six_are_not(server):
    for number in range(6):
        server.pages[f"/{number}"] = Page(status=302, headers={"Location": f"/{number + 1}"})
    server.pages["/6"] = Page(CALENDAR)
    assert here(server).fetch(server.at("/1")).body == CALENDAR
    assert no(here(server), server.at("/0")) == "It leads on and on: more than 5 redirects."


# How it is checked


def test_webcal_is_https_and_the_address_is_kept_tidy():
    fetcher = Fetcher(resolver=never)
    assert fetcher.check(" webcal://Feeds.Example.edu./a.ics#x ") == "https://feeds.example.edu/a.ics"
    assert fetcher.check("https://feeds.example.edu:443/a?b=1") == "https://feeds.example.edu/a?b=1"
    assert fetcher.check("https://feeds.example.edu:8443/") == "https://feeds.example.edu:8443/"
    assert fetcher.check("https://bücher.example/") == "https://xn--bcher-kva.example/"


def test_loopback_is_allowed_by_name_only(server):
    assert Fetcher(allowed=(server.place,)).check(server.at("/a")) == server.at("/a")
    assert Fetcher(allowed=("127.0.0.1",)).check(server.at("/a")) == server.at("/a")
    for link in (f"http://localhost:{server.server_port}/", "http://127.0.0.1:1/"):
        with pytest.raises(NotFetched):
            Fetcher(allowed=(server.place,)).check(link)


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def tls(place: str, **more: object) -> Fetcher:
    return Fetcher(allowed=(place,), resolver=lambda host, port: ["127.0.0.1"], **more)


def test_a_certificate_is_verified_against_the_name_though_an_address_is_talked_to():
    with web_server(str(CERTIFICATE)) as server:
        server.pages["/a.ics"] = Page(CALENDAR)
        good, other = f"feeds.test:{server.server_port}", f"other.test:{server.server_port}"
        assert tls(good, trust=trusting).fetch(f"https://{good}/a.ics").body == CALENDAR
        assert "Hostname mismatch" in no(tls(other, trust=trusting), f"https://{other}/a.ics")
        assert "certificate is not trusted: self-signed" in no(tls(good), f"https://{good}/a.ics")
