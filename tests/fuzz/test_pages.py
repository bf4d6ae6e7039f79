"""Forms with whatever a machine can think of: no page answers with a 5xx, signed in and not.

The names of a form's fields are read off the page itself, so that what is sent reaches what reads it; the words are
made up. Pages have no document, so the status is all that is asked here: what a refusal says is `test_pages_*`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from eventsvc import create_app
from tests import databases
from tests.databases import ADMIN_TOKEN
from tests.fuzz.trying import House

pytestmark = pytest.mark.usefixtures("still")
_RULES = create_app(databases.settings("sqlite:////nowhere/to/be/opened")).url_map.iter_rules()
POSTED = sorted({rule.rule for rule in _RULES if "POST" in (rule.methods or ()) and "/api/" not in rule.rule})
# Words that mean something somewhere, beside anything at all.
KNOWN = (
    "",
    "0",
    "-1",
    "1",
    "2027-02-10",
    "2027-02-10T14:00",
    "weekly",
    "following",
    "this",
    "on",
    "pasadena-city-college",
)
WORDS = st.one_of(st.sampled_from(KNOWN), st.text(max_size=40), st.integers().map(str))


@pytest.fixture
def forms(house: House) -> Iterator[House]:
    """The house without the check against forged forms, which would answer every one of them."""
    house.app.config["WTF_CSRF_ENABLED"] = False
    yield house
    house.app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize("who", ["administrator", "stranger"])
@pytest.mark.parametrize("rule", POSTED)
def test_no_form_breaks_a_page(forms, rule, who, request):
    client = Client(forms)
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"} if who == "administrator" else {}
    addresses = forms.pages(rule)
    names = sorted({*_names(client, addresses, headers), "reason", "confirm", "submission"})

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=100 if request.config.option.matrix else 5,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        form = data.draw(st.dictionaries(st.sampled_from(names), st.lists(WORDS, min_size=1, max_size=3)))
        answer = client.post(data.draw(st.sampled_from(addresses)), data=form, headers=headers)
        assert answer.status_code < 500, (form, answer.status)

    send()


def _names(client: Client, addresses: list[str], headers: dict[str, str]) -> set[str]:
    """The fields of the forms on those pages."""
    pages = [client.get(address, headers={**headers, "Accept": "text/html"}).text for address in addresses[:3]]
    found = [tag.get("name") for page in pages for tag in BeautifulSoup(page, "html.parser").find_all(True)]
    return {str(name) for name in found if name}
