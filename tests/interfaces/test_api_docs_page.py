"""The API as people read it: all that the document says, nothing from elsewhere, and examples that work."""

from __future__ import annotations

import json
import re
import shlex
from itertools import pairwise

import pytest
from flask import Flask

from eventsvc.interfaces.api import reading
from tests.databases import ADMIN_TOKEN, PUBLIC_URL
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.test_protection import broken

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def shown(bare_app: Flask) -> Browser:
    browser = Browser(bare_app)
    browser.get("/docs/api")
    assert browser.status == 200
    return browser


def test_every_operation_of_the_document_stands_there_with_all_that_goes_in_and_comes_back(shown, public):
    document = public.get("/api/v1/openapi.json").json
    page, told = shown.page, 0
    by_id = {
        tag["id"]: tag for tag in page.find_all(id=True)
    }  # a search through the whole page for each would take half a minute
    for path, entry in document["paths"].items():
        for method in entry.keys() & {"get", "post", "put", "patch", "delete"}:
            operation = entry[method]
            heading = by_id[operation["operationId"]]
            assert words_of(heading) == operation["summary"]
            article = heading.find_parent("article")
            text = words_of(article)
            assert f"{method.upper()} {path}" in text
            for status in operation["responses"]:
                told_of = article.find("dt", string=status)
                assert told_of, (path, method, status)
                leads_to = {one["href"][1:] for one in told_of.find_next("dd").find_all("a")}
                assert operation["responses"][status].get("links", {}).keys() <= leads_to
            given = [*entry.get("parameters", ()), *operation.get("parameters", ())]
            rows = {row.th.code.text for row in article.select("tbody tr")}
            assert len(rows) == len(given), (path, method)
            told += 1
    assert told == len(page.select("article")) > 40
    for name, schema in document["components"]["schemas"].items():
        rows = by_id[f"schema-{name}"].find_next("tbody").find_all("tr")
        assert {row.th.code.text for row in rows} == set(schema.get("properties", {}))


def test_every_link_within_the_page_leads_somewhere_and_every_id_is_there_once(shown):
    ids = [tag["id"] for tag in shown.page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = {tag["href"][1:] for tag in shown.page.find_all("a", href=re.compile("^#."))}
    assert links - set(ids) == set()


def test_it_asks_nobody_else_for_anything(shown):
    assert broken(shown.page) == []
    headings = [int(tag.name[1]) for tag in shown.page.find("main").find_all(re.compile("^h[1-6]$"))]
    assert headings[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(headings)), "none is left out"


def test_each_example_is_understood_by_its_own_door(bare_app, shown):
    """No example is answered as unreadable, as an unknown way in, or as a bug; most find nothing, in an empty house."""
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    client = bare_app.test_client()
    for pre in shown.page.select("article > pre"):
        words = shlex.split(pre.text.replace("\\\n", " "))
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
        headers = {name: value.replace("$TOKEN", ADMIN_TOKEN) for name, value in headers.items()}
        body = words[words.index("-d") + 1] if "-d" in words else None
        assert body is None or isinstance(json.loads(body), dict)
        assert words[-1].startswith(f"{PUBLIC_URL}/api/v1/")
        path = words[-1].removeprefix(PUBLIC_URL)
        answer = client.open(path, method=method, headers=headers, data=body)
        assert answer.status_code not in (400, 401, 405, 415, 428, 500), (method, path, answer.text)


def test_it_is_made_once_in_a_process(bare_app, monkeypatch):
    made = []
    read = reading.read
    monkeypatch.setattr(reading, "read", lambda document: made.append(1) or read(document))
    for _ in range(3):
        Browser(bare_app).get("/docs/api")
    assert made == [1]


def test_it_is_reached_from_every_page_and_speaks_spanish_around_the_document(bare_app):
    browser = Browser(bare_app)
    browser.get("/")
    assert browser.page.select_one("footer a[href='/docs/api']")
    browser.get("/docs/api?lang=es")
    assert browser.page.html["lang"] == "es"
    assert browser.page.select_one("article").find_parent("section")["lang"] == "en"
