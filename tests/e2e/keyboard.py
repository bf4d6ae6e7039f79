"""A person who has a keyboard and nothing else."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import ElementHandle, Locator, expect

from tests.e2e.person import Person

MOST_STOPS = 250
# What shows where one is: an outline of the element, of the label that stands for a hidden input, or of the card around
# it. A shadow does not count: resting cards have one, too.
_FOCUS = """(target) => {
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    if (here instanceof HTMLIFrameElement) return {framed: here.src};
    const drawn = one => {
        const style = getComputedStyle(one);
        const thick = style.outlineStyle === 'auto' || parseFloat(style.outlineWidth) >= 2;
        return style.outlineStyle !== 'none' && thick && !/^rgba.*, 0\\)$|transparent/.test(style.outlineColor);
    };
    const around = [here.nextElementSibling];
    for (let one = here; one && one !== document.body; one = one.parentElement) around.push(one);
    const box = here.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, innerHeight / 2));
    return {
        reached: here === target,
        what: here.outerHTML.slice(0, 160),
        visible: around.some(one => one && drawn(one)),
        inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 1,
        covered: !!top && !here.contains(top) && !top.contains(here) && !here.closest('label')?.contains(top),
    };
}"""


class Keyboard:
    """The person's keys."""

    def __init__(self, person: Person) -> None:
        self.person, self.keys = person, person.page.keyboard

    def to(self, target: Locator) -> None:
        """Go on with Tab until the target has the focus; at each stop one sees where one is."""
        expect(target).to_have_count(1)
        sought = target.element_handle()
        for _ in range(MOST_STOPS):
            self.keys.press("Tab")
            if self._stop(sought).get("reached"):
                return
        raise AssertionError(f"{MOST_STOPS} stops do not lead to {target}")

    def press(self, words: str, within: Locator | None = None) -> None:
        """Go to the button with those words and press it."""
        self.to(self.person.button(words, within))
        self.person.act(lambda: self.keys.press("Enter"))

    def follow(self, link: Locator) -> None:
        """Go to that link and follow it."""
        self.to(link)
        self.person.act(lambda: self.keys.press("Enter"))

    def type(self, label: str, text: str) -> None:
        """Go to the field of that label and write over what it says."""
        self.to(self.person.field(label))
        self.keys.press("Control+A")
        self.keys.type(text)

    def _stop(self, sought: ElementHandle) -> dict[str, Any]:
        """Where the keyboard is now; empty between the page's end and its beginning, where the browser's bar has it."""
        page = self.person.page
        stop = page.evaluate(_FOCUS, sought) or {}
        if "framed" in stop:
            stop = next(frame for frame in page.frames if frame.url == stop["framed"]).evaluate(_FOCUS) or {}
        if stop:
            assert stop["visible"], f"nothing shows the focus on {stop['what']}"
            assert stop["inView"], f"the focus is out of sight on {stop['what']}"
            assert not stop["covered"], f"something covers the focused {stop['what']}"
        return stop
