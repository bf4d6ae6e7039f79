"""Webhooks through doors: pages and the command line; who may, and what is shown once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import Actor
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.domain.webhooks import deliveries
from eventsvc.domain.webhooks.deliveries import Owed
from eventsvc.domain.webhooks.models import DeliveryState, WebhookDelivery, WebhookTarget
from eventsvc.interfaces import paging
from eventsvc.interfaces.cli import main
from eventsvc.workflows import keep_webhooks as keep
from tests import builders, databases
from tests.conftest import NOW

PAGE = "/offices/career-center/webhooks"
ADDRESS = "https://8.8.8.8/hooks?key=theirs"


@pytest.fixture
def office(app):
    with transaction():
        made = builders.an_office("career-center")
        builders.an_office("another")
    return made


@pytest.fixture
def run(office: Any, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    db.session.remove()
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)

    def running(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        return int(ended.value.code or 0), capsys.readouterr().out

    return running


def pressed(client, path: str, **form: Any):
    shown = client.get(path).text
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', shown) for name in ("csrf_token", "version")}
    return client.post(path, data={**{name: one[1] for name, one in found.items() if one}, **form})


def test_the_secret_stands_on_the_page_that_made_it_and_on_no_other(admin, office):
    made = pressed(admin, PAGE, url=ADDRESS, kinds=["event.moved"], note="texts")
    assert made.status_code == 200, made.text
    assert "no-store" in made.headers["Cache-Control"]
    first = re.search(r"whsec_[A-Za-z0-9+/=]{44}", made.text)[0]
    with transaction():
        target = str(db.session.scalars(select(WebhookTarget.public_id)).one())
    page = f"/webhooks/{target}"
    assert "whsec_" not in admin.get(page).text + admin.get(PAGE).text
    assert "key=theirs" in admin.get(page).text
    assert "key=theirs" not in admin.get(PAGE).text
    second = re.search(r"whsec_[A-Za-z0-9+/=]{44}", pressed(admin, page, act="turn").text)[0]
    assert second != first
    changes = {"act": "change", "url": "https://8.8.4.4/", "kinds": ["event.created"], "note": "chat"}
    assert pressed(admin, page, **{**changes, "version": "1"}).status_code == 412
    assert pressed(admin, page, **{**changes, "version": "x"}).status_code == 412
    for field, wrong in (("url", "https://10.0.0.1/"), ("kinds", []), ("note", "x" * 201)):
        refused = pressed(admin, page, **{**changes, field: wrong})
        assert (refused.status_code, f'href="#f-{field}"' in refused.text) == (422, True)
        assert 'value="chat"' in refused.text or field == "note"
    assert pressed(admin, page, **changes).status_code == 303
    with transaction():
        known = db.session.scalars(select(WebhookTarget)).one()
        assert (known.url, known.kinds, known.note) == ("https://8.8.4.4/", ["event.created"], "chat")
    assert pressed(admin, page, act="test").status_code == 303
    assert pressed(admin, page, act="off").status_code == 303
    assert pressed(admin, page, act="test").status_code == 409
    assert pressed(admin, page, act="on").status_code == 303
    with transaction():
        delivery = str(db.session.scalars(select(WebhookDelivery.public_id)).one())
    assert pressed(admin, page, act="again", delivery=delivery).status_code == 303
    assert pressed(admin, page, act="again", delivery=delivery).status_code == 409
    assert pressed(admin, page, act="again", delivery="none").status_code == 404
    assert pressed(admin, page, act="end").status_code == 303
    assert admin.get(page).status_code == 404


ACTS = ("test", "turn", "turn_now", "on", "off", "end", "again", "change")


@pytest.mark.parametrize(("act", "version"), [*((act, "1") for act in ACTS), ("end", ""), ("turn", "x")])
def test_an_act_on_what_a_colleague_has_changed_since_does_nothing(admin, office, act, version):
    pressed(admin, PAGE, url=ADDRESS, kinds=["event.moved"], note="texts")
    with transaction():
        target = str(db.session.scalars(select(WebhookTarget.public_id)).one())
    page, wish = f"/webhooks/{target}", {"url": "https://8.8.4.4/", "kinds": ["event.created"], "note": "mine"}
    pressed(admin, page, act="change", **{**wish, "note": "a colleague’s"})
    refused = pressed(admin, page, act=act, version=version, **wish)
    assert refused.status_code == 412
    assert "It has changed since you read it." in refused.text
    assert 'name="version" value="2"' in refused.text
    with transaction():
        known = db.session.scalars(select(WebhookTarget)).one()
        assert (known.version, known.turn, known.is_on, known.note) == (2, 1, True, "a colleague’s")
        assert db.session.scalars(select(WebhookDelivery)).all() == []


def test_an_act_that_there_is_not_is_refused(admin, office):
    pressed(admin, PAGE, url=ADDRESS, kinds=["event.moved"])
    with transaction():
        page = f"/webhooks/{db.session.scalars(select(WebhookTarget.public_id)).one()}"
    for act in ("burn", ""):
        assert pressed(admin, page, act=act).status_code == 422


def test_the_log_is_read_page_by_page_and_an_act_stays_on_its_page(admin, office):
    pressed(admin, PAGE, url=ADDRESS, kinds=["event.moved"])
    with transaction():
        target = db.session.scalars(select(WebhookTarget)).one()
        page, bodies = (
            f"/webhooks/{target.public_id}",
            [Owed(key=f"call {n}", kind="event.moved", body="{}") for n in range(101)],
        )
        for one in bodies:
            made = deliveries.owe(one, [target], NOW)[0]
            made.state, made.ended_at = DeliveryState.DONE, NOW
    seen, way = [], page
    for number, following in ((50, True), (50, True), (1, False)):
        shown = admin.get(way).text
        seen += (found := re.findall(r'· <code translate="no">([^<]+)</code>', shown))
        link = re.search(r'rel="next" href="([^"#]+)#w-log"', shown)
        assert (len(found), link is not None, "Back to the newest" in shown) == (number, following, way != page)
        last, way = way, link[1] if link else way
    assert len(set(seen)) == 101
    with transaction():
        oldest = db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).first()
        assert seen[-1] == oldest.webhook_id
        oldest_id = str(oldest.public_id)
    assert pressed(admin, last, act="again", delivery=oldest_id).headers["Location"] == last
    beyond = f"{page}?cursor={paging.encode(0)}"
    assert "There are no more." in admin.get(beyond).text
    assert admin.get(f"{page}?cursor=theirs").status_code == 400


@pytest.mark.parametrize(
    "wish", [{"url": "https://10.0.0.1/"}, {"kinds": []}, {"kinds": ["event.eaten"]}, {"note": "x" * 201}, {"url": ""}]
)
def test_what_cannot_be_is_refused_beside_its_field(admin, office, wish):
    refused = pressed(admin, PAGE, **{"url": ADDRESS, "kinds": ["event.moved"], "note": "", **wish})
    assert refused.status_code == 422
    with transaction():
        assert db.session.scalars(select(WebhookTarget)).all() == []


WHO = [
    (Role.COORDINATOR, "own", None, True),
    (Role.PARTNER, "own", None, True),
    (Role.ROOM_OFFICE, "own", None, True),
    (Role.COUNSELOR, "own", None, False),
    (Role.REPORTS, "own", None, False),
    (Role.COORDINATOR, "another", None, False),
    (Role.ADMINISTRATOR, None, None, True),
    (Role.COORDINATOR, "own", frozenset({Scope.READ, Scope.BOOK}), False),
    (Role.COORDINATOR, "own", frozenset({Scope.MANAGE}), True),
]


@pytest.mark.parametrize(("role", "at", "scopes", "may"), WHO)
def test_who_keeps_the_webhooks_of_an_office(office, role, at, scopes, may):
    place = {"own": office.id, "another": office.id + 1, None: None}[at]
    actor = Actor("somebody", (Held(role, place),), scopes=scopes)
    assert keep.may_keep(actor, office) is may
    assert keep.may_keep(actor, None) is (role is Role.ADMINISTRATOR)


def test_strangers_are_led_to_sign_in_and_learn_nothing(public, office):
    assert public.get(PAGE).status_code == 303
    assert public.get("/webhooks").status_code == 303


def test_the_command_makes_lists_turns_tests_and_ends(run, app):
    code, secret = run("webhooks", "make", ADDRESS, "--office", "career-center", "--kind", "event.moved")
    assert (code, secret.startswith("whsec_")) == (0, True)
    target, state, host, kinds, _ = run("webhooks", "list", "--office", "career-center")[1].split("\t")
    assert (state, host, kinds) == ("on", "8.8.8.8", "event.moved")
    assert run("webhooks", "turn", target, "--overlap-hours", "0")[1] != secret
    assert run("webhooks", "change", target, "--url", "https://10.0.0.1/")[0] == 1
    changes = ["--url", "https://8.8.4.4/", "--kind", "event.created", "--kind", "event.moved"]
    assert run("webhooks", "change", target, *changes) == (0, "")
    assert run("webhooks", "change", target, "--note", "chat")[0] == 0
    changed = run("webhooks", "list", "--office", "career-center")[1].strip().split("\t")[2:]
    assert changed == ["8.8.4.4", "event.created,event.moved", "chat"]
    code, delivery = run("webhooks", "test", target)
    assert code == 0
    assert run("webhooks", "log", target)[1].split("\t")[:3] == [delivery.strip(), "queued", "webhook.test"]
    assert run("webhooks", "again", target, delivery.strip())[0] == 1
    assert run("webhooks", "switch", target, "off")[0] == 0
    assert run("webhooks", "list", "--failing") == (0, "")
    assert run("webhooks", "end", target)[0] == 0
    assert run("webhooks", "log", target)[0] == 1
