"""How much of each kind is taken at once: the last byte that is, the first that is not, and no route without a cap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eventsvc.core import caps
from eventsvc.core.caps import Cap, TooLarge
from eventsvc.core.fetch import Fetcher, NotFetched
from eventsvc.interfaces import body_caps
from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.importing import files
from tests import databases
from tests.interfaces.browser import Browser
from tests.test_house import HERE, doors
from tests.web_server import Page, web_server

CALENDAR = "/api/v1/rooms/harbor-hall/calendar"
UPLOADS = "/outside-calendars"
TEMPLATES = sorted((HERE / "eventsvc" / "templates").glob("**/*.html"))

# --- a row a kind ----------------------------------------------------------------------------------------------------


def in_json(admin: FlaskClient, _: Browser, number: int) -> TestResponse:
    return admin.post("/api/v1/events", data=b" " * number, content_type="application/json")


def by_form(_: FlaskClient, browser: Browser, number: int) -> TestResponse:
    return sent(browser, "/sign-in", "email", number)


def calendar_in_json(admin: FlaskClient, _: Browser, number: int) -> TestResponse:
    """Of nothing but ends of lines, which JSON writes with two letters each."""
    return admin.put(CALENDAR, json={"text": "\n" * number}, headers={"If-None-Match": "*"})


def calendar_by_page(_: FlaskClient, browser: Browser, number: int) -> TestResponse:
    browser.get(UPLOADS)
    token = browser.page.select_one("input[name=csrf_token]")["value"]
    fields = {'name="csrf_token"': token, 'name="whose"': "rooms:harbor-hall", 'name="act"': "attach"}
    fields['name="file"; filename="rooms.ics"'] = "a" * number
    lines = [f"--cut\r\nContent-Disposition: form-data; {name}\r\n\r\n{text}\r\n" for name, text in fields.items()]
    body, kind = "".join([*lines, "--cut--\r\n"]).encode(), "multipart/form-data; boundary=cut"
    return browser._client.post(UPLOADS, data=body, content_type=kind, **browser._as_browser())


def sent(browser: Browser, path: str, field: str, number: int) -> TestResponse:
    """A form of exactly so many bytes."""
    browser.get(path)
    token = browser.page.select_one("input[name=csrf_token]")["value"]
    begun = f"csrf_token={token}&{field}=".encode()
    whole = begun + b"x" * (number - len(begun))
    kind = "application/x-www-form-urlencoded"
    return browser._client.post(path, data=whole, content_type=kind, **browser._as_browser())


ROWS: dict[str, tuple[Cap, Callable[[FlaskClient, Browser, int], TestResponse]]] = {
    "JSON": (caps.JSON, in_json),
    "an ordinary form": (caps.FORM, by_form),
    "a calendar in JSON": (caps.CALENDAR_IN_JSON, calendar_in_json),
    "a calendar's file on a page": (caps.CALENDAR, calendar_by_page),
}


@pytest.mark.parametrize("row", list(ROWS))
def test_each_kind_is_taken_up_to_its_cap_and_refused_with_its_name_and_number_beyond(world, admin, planner, row):
    cap, send = ROWS[row]
    taken, refused = (send(admin, planner, number) for number in (cap.most_bytes, cap.most_bytes + 1))
    assert taken.status_code in (200, 400, 422), "whatever it says, it is not too long"
    assert refused.status_code == 413
    said = refused.get_data(as_text=True)
    assert f"{cap.most_bytes:,} bytes" in said
    if refused.is_json:
        assert (refused.json["type"], refused.json["kind"]) == ("/problems/too-large", cap.kind)
        assert refused.json["limit_bytes"] == cap.most_bytes


def test_a_calendar_that_is_fetched_has_the_cap_of_one_that_is_uploaded():
    with web_server() as server:
        fetcher = Fetcher(allowed=(server.place,))
        server.pages["/full"] = Page(b"a" * caps.CALENDAR.most_bytes)
        server.pages["/over"] = Page(b"a" * (caps.CALENDAR.most_bytes + 1))
        assert fetcher.fetch(server.at("/full"))
        with pytest.raises(NotFetched, match="larger than 1 MB"):
            fetcher.fetch(server.at("/over"))
    assert f"It is larger than {caps.CALENDAR.most_bytes // 1_000_000} MB." == caps.CALENDAR_TOO_LARGE


def test_a_file_of_rows_is_taken_up_to_its_cap(tmp_path, database_url):
    path = tmp_path / "rooms.csv"
    path.write_text("slug,name\nhall,Hall\n")
    assert files.read(path).lines
    with path.open("r+b") as opened:
        opened.truncate(caps.TABLE.most_bytes + 1)
    with pytest.raises(TooLarge) as refusal:
        files.read(path)
    assert refusal.value.facts == {"kind": "table", "limit_bytes": 50_000_000}
    done = CliRunner().invoke(cli, ["import", "rooms", str(path)], env=databases.environment(database_url))
    assert done.exit_code == 1
    assert "A file of rows may be 50,000,000 bytes long. Import it in parts." in done.output


# --- no route without one --------------------------------------------------------------------------------------------


def taking(app: Flask) -> Iterator[tuple[str, str, Cap]]:
    """Every route that a body can be sent to: method, address, and what is taken there."""
    for _, method, address in doors(app):
        if method != "GET":
            endpoint, _ = app.url_map.bind("").match(address, method=method)
            yield method, address, body_caps.cap_of(endpoint, address)


def test_no_route_takes_a_body_beyond_its_cap(bare_app, admin):
    """The length that a request says of itself is enough: nothing is read, whoever asks and whatever the form token."""
    seen = set()
    for method, address, cap in taking(bare_app):
        length = {"CONTENT_LENGTH": str(cap.body_bytes + 1)}
        answer = admin.open(address, method=method, environ_overrides=length)
        assert answer.status_code == 413, (method, address)
        assert (answer.json["kind"], answer.json["limit_bytes"]) == (cap.kind, cap.most_bytes), (method, address)
        seen.add(cap.kind)
    assert seen == {"form", "json", "calendar", "mail"}


def test_files_are_taken_where_one_can_be_chosen_and_nowhere_else(bare_app):
    """A page with a file's field, or a JSON body with a calendar's text, has the cap of calendars."""
    routes = {endpoint for endpoint in body_caps._OF_FILES if endpoint in bare_app.view_functions}
    assert routes == set(body_caps._OF_FILES)
    pages = {path.name for path in TEMPLATES if 'type="file"' in path.read_text()}
    assert pages == {"outside_calendars.html", "imports.html"}


def test_no_cap_is_above_the_ceiling_that_is_set(bare_app):
    bodies = [cap.body_bytes for _, _, cap in taking(bare_app)]
    assert max(bodies) <= bare_app.config["MAX_CONTENT_LENGTH"]


# --- other ways to be long -------------------------------------------------------------------------------------------


def test_a_lower_ceiling_counts_for_all_and_is_the_number_that_is_named(bare_app, admin):
    bare_app.config["MAX_CONTENT_LENGTH"] = 2_000
    answer = in_json(admin, Browser(bare_app), 2_001)
    assert (answer.status_code, answer.json["limit_bytes"]) == (413, 2_000)
    assert "2,000 bytes" in answer.json["detail"]


def test_a_body_that_does_not_say_how_long_it_is_is_read_no_further(admin):
    """Chunked: the server in front says that it knows the end."""
    answer = admin.post(
        "/api/v1/events",
        input_stream=BytesIO(b" " * (caps.JSON.most_bytes + 10)),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, answer.json["kind"]) == (413, "json")
    assert answer.json["limit_bytes"] == caps.JSON.most_bytes


def test_the_longest_description_fits_however_it_is_written(world, admin, planner):
    """Twenty thousand signs outside of the basic plane, each as twelve bytes."""
    description = "\N{ROCKET}" * 20_000
    event = world.plan(description="")
    told = admin.get(f"/api/v1/events/{event}")
    sent_as_json = admin.patch(
        f"/api/v1/events/{event}", json={"description": description}, headers={"If-Match": told.headers["ETag"]}
    )
    assert (sent_as_json.status_code, len(sent_as_json.json["description"])) == (200, 20_000)
    planner.get(f"/events/{event}/edit")
    planner.submit("Save the words", values={"title": "Careers, once more", "description": description})
    assert planner.status == 200
    assert admin.get(f"/api/v1/events/{event}").json["title"] == "Careers, once more"
