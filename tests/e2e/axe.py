"""axe-core on a page as it stands, under the page's own Content-Security-Policy."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# WCAG 2.5.8; axe leaves it out unless it is asked for.
RULES = {"target-size": {"enabled": True}}
_RUN = """async (options) => (await axe.run(document, options)).violations
    .map(one => `${one.id}: ` + one.nodes.slice(0, 3)
        .map(node => node.target.join(' ') + ' – ' + node.failureSummary.split('\\n').slice(1).join(' ').trim())
        .join(' | '))"""


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, a line each; evaluated over the debugger, so that the CSP stays on."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    options = {
        "runOnly": {"type": "tag", "values": list(TAGS)},
        "rules": RULES,
        "resultTypes": ["violations"],
        # A frame that may run no scripts does not answer axe; what it shows is a place of its own.
        "iframes": False,
    }
    return page.evaluate(_RUN, options)
