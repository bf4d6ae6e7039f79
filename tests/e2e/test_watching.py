"""The watch on every page sees what it is there to see."""

from __future__ import annotations

import pytest

from tests.e2e import axe

SINS = {
    "leaves the origin": ("location = 'https://elsewhere.example/'", "left the origin: GET https://elsewhere.example/"),
    "loads a picture from elsewhere": (
        "new Image().src = 'https://elsewhere.example/x.png'",
        "Content Security Policy",
    ),
    "an inline script": (
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
        "script",
    ),
    "an error of the console": ("console.error('that went wrong')", "console error: that went wrong"),
    "a warning of the console": ("console.warn('that is old')", "console warning: that is old"),
    "a script that breaks": ("setTimeout(() => { throw new Error('broken') })", "broken"),
    "a dialog": ("setTimeout(() => alert('hello'))", "a dialog opened: hello"),
    "a missing picture": ("new Image().src = '/static/none.png'", "404 for"),
    "too wide": ("document.querySelector('main').style.minWidth = '2000px'", "scrolls sideways"),
    "another language": ("document.documentElement.lang = 'fr'", "says lang='fr'"),
    "what somebody typed": ("window.executed = 'that'", "executed what somebody typed: that"),
}


@pytest.mark.parametrize(("sin", "noted"), SINS.values(), ids=SINS)
def test_a_page_that_does_it_is_noted(sin, noted, new_person):
    person = new_person()
    person.go("/")
    assert person.watch.found == []
    person.page.evaluate(f"() => {{ {sin}; }}")
    person.page.wait_for_load_state("networkidle")
    if "location" not in sin:  # there is nothing to look at where it went
        person.page.evaluate("() => new Promise(done => setTimeout(done))")  # what was put off has been done
        person.look()
    found, person.watch.found[:] = list(person.watch.found), []
    assert [one for one in found if noted in one] != [], found


def test_axe_sees_a_button_without_words(new_person):
    person = new_person()
    person.go("/")
    person.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [fault for fault in axe.violations(person.page) if fault.startswith("button-name")] != []
