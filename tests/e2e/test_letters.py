"""Every letter as a page: axe finds nothing, and nothing runs over the edge of a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.samples import SAMPLES, a_sample
from tests.e2e import axe
from tests.links import links_of

PHONE = 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_letter_is_clean_and_fits_a_phone(browser: Browser, language, scheme):
    with browser.new_page(viewport={"width": PHONE, "height": 800}, color_scheme=scheme) as page:
        found = {}
        for name in sorted(SAMPLES):
            mail = letters.render(a_sample(name, language), links_of(), "eventsvc <events@events.example>")
            page.set_content(mail.get_body(("html",)).get_content())
            wide = page.evaluate("document.documentElement.scrollWidth")
            found[name] = [*axe.violations(page), *([f"{wide} px wide"] if wide > PHONE else [])]
        assert {name: faults for name, faults in found.items() if faults} == {}
