"""The file of providers: what it must hold, said in a sentence where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from eventsvc.interfaces import providers_file
from tests.providers_toml import a_provider, written

ISSUER = "https://login.example"
RULE = {"claim": "groups", "values": ["staff"], "role": "coordinator", "office": "career-center"}


@pytest.fixture(autouse=True)
def secret(monkeypatch) -> None:
    monkeypatch.setenv("TEST_OIDC_SECRET", "a secret")


def test_providers_come_in_the_order_of_the_file_and_their_secrets_are_shown_nowhere(tmp_path):
    path = written(tmp_path, a_provider(ISSUER, "z"), a_provider(ISSUER, "a", trusts_addresses=True))
    places = providers_file.read(path, allowed=())
    assert list(places) == ["z", "a"]
    assert (places["z"].provider.trusts_addresses, places["a"].provider.trusts_addresses) == (False, True)
    assert places["a"].client.scopes == ("openid", "email", "profile")
    assert "a secret" not in repr(places)


def test_no_file_is_no_provider():
    assert providers_file.read("", allowed=()) == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "http://login.example"}, "does not begin with https://"),
        ({"issuer": "login.example"}, "does not begin with https://"),
        ({"client_secret_env": "NOT_SET_ANYWHERE"}, "the environment variable NOT_SET_ANYWHERE is empty"),
        ({"client_secret": "in the file"}, "Unknown field"),
        ({"slug": "a/b"}, "slug"),
        ({"domains": ["PCC.example"]}, "is not a domain in small letters"),
        ({"domains": ["*"]}, "is not a domain in small letters"),
        ({"roles": [{**RULE, "office": None}]}, "roles"),
        ({"roles": [{**RULE, "organization": "pcc"}]}, "needs an office or an organization"),
        ({"roles": [{**RULE, "role": "administrator"}]}, "needs everywhere = true"),
        ({"roles": [{"claim": "g", "values": ["s"], "role": "administrator"}]}, "needs everywhere = true"),
        ({"roles": [{"claim": "g", "values": ["s"], "role": "partner", "everywhere": True}]}, "needs an office"),
        ({"roles": [{**RULE, "role": "king"}]}, "Must be one of"),
        ({"roles": [{**RULE, "values": []}]}, "Shorter than minimum length"),
    ],
    ids=str,
)
def test_a_provider_that_makes_no_sense_keeps_the_service_from_starting(tmp_path, change: dict[str, Any], why: str):
    changed = {name: value for name, value in {**a_provider(ISSUER), **change}.items() if value is not None}
    changed["roles"] = [{name: one for name, one in rule.items() if one is not None} for rule in changed["roles"]]
    with pytest.raises(ValueError, match=why):
        providers_file.read(written(tmp_path, changed), allowed=())


def test_a_file_that_is_not_there_or_no_toml_or_says_a_slug_twice_is_named(tmp_path):
    path = tmp_path / "strange.toml"
    with pytest.raises(ValueError, match="strange"):
        providers_file.read(str(path), allowed=())
    path.write_text("[[provider")
    with pytest.raises(ValueError, match="cannot be read"):
        providers_file.read(str(path), allowed=())
    with pytest.raises(ValueError, match="two providers have one slug"):
        providers_file.read(written(tmp_path, a_provider(ISSUER), a_provider(ISSUER)), allowed=())
