"""Signing in at a provider in a real browser: there and back, and what Back shows before and after signing out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright

from tests.e2e import browsers
from tests.e2e.conftest import PATIENCE
from tests.e2e.world import World

# Playwright switches off what people's browsers do: keep whole pages for Back.
AS_PEOPLE_HAVE_IT = ["--disable-back-forward-cache"]


@pytest.fixture(params=[[], AS_PEOPLE_HAVE_IT], ids=["pages are not kept", "pages are kept"])
def page(playwright: Playwright, chromium_path: str, world: World, request) -> Iterator[Page]:
    """A window that may go to the provider, too."""
    running = playwright.chromium.launch(
        executable_path=chromium_path, args=browsers.ARGUMENTS, ignore_default_args=request.param
    )
    context = running.new_context(base_url=world.origin, locale="en-US")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    running.close()


def sign_in(page: Page, following: str) -> None:
    page.goto(f"/sign-in?next={following}")
    page.get_by_role("button", name="Sign in with Pasadena City College").click()
    page.wait_for_url(f"**{following}**")


def go_back(page: Page) -> None:
    """As by the button; Playwright's own waits for a load that a kept page does not have."""
    page.evaluate("setTimeout(() => history.back(), 0)")


def test_a_button_leads_there_and_back_signed_in_and_back_after_signing_out_shows_nothing(page: Page):
    sign_in(page, "/account")
    assert "heron@pcc.example" in page.get_by_role("main").inner_text()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/signed-out/pcc")
    assert page.get_by_role("link", name="Sign out at Pasadena City College").get_attribute("href")
    go_back(page)
    page.wait_for_url("**/sign-in?next=/account")
    assert "heron@pcc.example" not in page.content()


@pytest.mark.parametrize("page", [AS_PEOPLE_HAVE_IT], indirect=True, ids=["pages are kept"])
def test_back_finds_a_half_filled_form_as_it_was_while_signed_in(page: Page):
    sign_in(page, "/plan?campus=pasadena-city-college")
    page.get_by_label("Title").first.fill("Half a thought")
    page.get_by_role("link", name="Calendars").first.click()
    page.wait_for_url("**/calendars")
    go_back(page)
    page.wait_for_url("**/plan?campus=pasadena-city-college**", wait_until="commit")
    assert page.get_by_label("Title").first.input_value() == "Half a thought"
