"""axe-core on a page as it stands, under the page's own Content-Security-Policy."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# WCAG 2.5.8; axe leaves it out unless it is asked for.
RULES = {"target-size": {"enabled": True}}
# Nine tenths of axe's time, all of it spent on how an element is drawn.
_OF_LOOKS = ("color-contrast", "link-in-text-block")
_TELL = """const tell = (answer) => answer.violations
    .map(one => `${one.id}: ` + one.nodes.slice(0, 3)
        .map(node => node.target.join(' ') + ' – ' + node.failureSummary.split('\\n').slice(1).join(' ').trim())
        .join(' | '));"""
_RUN = "async (options) => { " + _TELL + "return tell(await axe.run(document, options)); }"
# Entries and rows of which every element stands in a chain of tags and attributes as one before it did: the style sheet
# counts no entries, so each looks as that one.
_RUN_ON_THE_REST = (
    """async (options) => {
    const names = new Set(['id', 'href', 'aria-labelledby']), chains = new Map(), seen = new Set(), alike = [];
    const chain = (one) => {
        if (!one) return '';
        if (!chains.has(one)) {
            const said = [...one.attributes].filter(at => !names.has(at.name)).map(at => `${at.name}=${at.value}`);
            chains.set(one, `${chain(one.parentElement)}>${one.tagName} ${said.sort().join(' ')}`);
        }
        return chains.get(one);
    };
    for (const entry of document.querySelectorAll('article, tr')) {
        if (alike.length && alike.at(-1).contains(entry)) continue;
        const looks = [entry, ...entry.querySelectorAll('*')].map(chain);
        if (looks.every(look => seen.has(look))) alike.push(entry);
        looks.forEach(look => seen.add(look));
    }
    """
    + _TELL
    + "alike.forEach(one => one.remove()); return tell(await axe.run(document, options)); }"
)


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, a line each; evaluated over the debugger, so that the CSP stays on."""
    return _found(page, _RUN, RULES)


def violations_of_a_long_page(page: Page) -> list[str]:
    """The same; of entries that are drawn alike the first is asked how it looks, all of them everything else.

    The others are gone from the page afterwards: axe would reckon with them even where it is not to look at them.
    """
    found = _found(page, _RUN, RULES | {name: {"enabled": False} for name in _OF_LOOKS})
    return found + _found(page, _RUN_ON_THE_REST, {}, only={"type": "rule", "values": list(_OF_LOOKS)})


def _found(page: Page, run: str, rules: dict[str, dict[str, bool]], only: dict[str, object] | None = None) -> list[str]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    options = {
        "runOnly": only or {"type": "tag", "values": list(TAGS)},
        "rules": rules,
        "resultTypes": ["violations"],
        # A frame that may run no scripts does not answer axe; what it shows is a place of its own.
        "iframes": False,
    }
    return page.evaluate(run, options)
