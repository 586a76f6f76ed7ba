"""A walk by keyboard alone through pages in a real browser: Tab, Enter, Space, arrows and letters, never a click.

At every stop of the tab key the walk holds the page to what somebody without a mouse needs: the focus shows, it stands
on the screen, and it goes down the page in the order in which the page is read.
"""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

MOST_STOPS = 400
"""Stops after which a walk is lost: no page of joint work has as many."""

_LOOKS = """
    const looks = element => {
        const style = getComputedStyle(element);
        const label = element.type === "radio" || element.type === "checkbox"
            ? getComputedStyle(element.labels[0], "::before") : style;
        const drawn = one => [one.outlineStyle, one.outlineWidth, one.outlineColor, one.boxShadow,
                              one.backgroundColor, one.color, one.borderTopWidth, one.borderTopColor].join(" ");
        return drawn(style) + "|" + drawn(label);
    };
"""
_STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
REMEMBER = f"""() => {{
    {_LOOKS}
    window.unfocused = new Map();
    for (const one of document.querySelectorAll("{_STOPS}")) {{
        if (one !== document.activeElement) window.unfocused.set(one, looks(one));
    }}
}}"""
"""Keep how everything looks that could have the focus and has it not."""
STOP = f"""() => {{
    {_LOOKS}
    const here = document.activeElement;
    if (here === document.body || here === null) return null;
    const box = here.getBoundingClientRect();
    const before = window.unfocused && window.unfocused.get(here);
    const last = window.lastStop;
    window.lastStop = here;
    return {{
        what: here.outerHTML.slice(0, 160),
        shows: before === undefined || before !== looks(here),
        known: before !== undefined,
        top: box.top + scrollY, bottom: box.bottom + scrollY,
        onScreen: box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0,
        ahead: !last || !last.isConnected
            || Boolean(last.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING),
        tabIndex: here.tabIndex,
        isFirst: here.classList.contains("govuk-skip-link"),
    }};
}}"""
"""What stands at the stop: whether it looks otherwise than without the focus, where it is, and whether it comes after
the last one in the page."""


@dataclass
class Walk:
    """Somebody at the keyboard of one page: how many stops they made, and how often they came round to the top."""

    page: Page
    stops: int = 0
    rounds: int = 0
    _bottom: float = field(default=-1, repr=False)

    def begin(self) -> None:
        """Look at a page that has just opened."""
        self.page.evaluate(REMEMBER)
        self.page.evaluate("window.lastStop = document.activeElement === document.body ? null : document.activeElement")
        self._bottom = -1

    def go(self, address: str) -> Page:
        """Open a page by its address."""
        self.page.goto(address)
        self.begin()
        return self.page

    def tab(self) -> None:
        """Press Tab once; what gets the focus must show it, on the screen, further down than the last."""
        self.page.keyboard.press("Tab")
        stop = self.page.evaluate(STOP)
        if stop is None or (stop["isFirst"] and not stop["ahead"]):  # past the last of the page: the first again
            self.begin()
            self.rounds += 1
            return
        self.stops += 1
        assert stop["known"], f"not there when the page opened: {stop['what']}"
        assert stop["shows"], f"the focus does not show on {stop['what']}"
        assert stop["onScreen"], f"the focus is off the screen on {stop['what']}"
        assert stop["tabIndex"] == 0, f"an order of its own: {stop['what']}"
        assert stop["ahead"] and stop["bottom"] >= self._bottom - 1, f"the focus goes back up to {stop['what']}"
        self._bottom = stop["top"]

    def tab_to(self, selector: str) -> None:
        """Press Tab until what the selector finds first has the focus."""
        wanted, rounds = self.page.locator(selector).first, self.rounds
        for _ in range(MOST_STOPS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            if self.rounds > rounds + 1:
                break
            self.tab()
        raise AssertionError(f"the tab key does not reach {selector}")

    def press(self, selector: str, key: str = "Enter") -> None:
        """Reach something and press a key on it. A button or a link leads to a page, for which this waits."""
        self.tab_to(selector)
        if self.page.locator(selector).first.evaluate("element => ['BUTTON', 'A'].includes(element.tagName)"):
            with self.page.expect_navigation():
                self.page.keyboard.press(key)
            self.begin()
        else:
            self.page.keyboard.press(key)

    def unfold(self, words: str) -> None:
        """Open a folded form by the words of its summary."""
        self.press(f"summary:has(span:text-is('{words}'))", "Space")
        self.page.evaluate(REMEMBER)

    def choose(self, selector: str, value: str) -> None:
        """Reach a list and go down it by arrow keys to a value."""
        self.tab_to(selector)
        self.page.keyboard.press("Home")
        values = self.page.locator(selector).first.evaluate("list => [...list.options].map(one => one.value)")
        for _ in range(values.index(value)):
            self.page.keyboard.press("ArrowDown")
        expect(self.page.locator(selector).first).to_have_value(value)

    def pick(self, name: str, value: str) -> None:
        """Reach a group of radio buttons, of which Tab reaches one, and go by arrow keys to a value."""
        values = self.page.locator(f"input[name={name}]").evaluate_all("all => all.map(one => one.value)")
        self.tab_to(f"input[name={name}]")
        self.page.keyboard.press("Space")
        for _ in range(values.index(value)):
            self.page.keyboard.press("ArrowDown")
        expect(self.page.locator(f"input[name={name}][value={value}]")).to_be_checked()
        self.page.evaluate("window.lastStop = document.activeElement")

    def choose_second(self, selector: str) -> None:
        """Choose the first of a list that is more than a request to choose."""
        self.tab_to(selector)
        self.page.keyboard.press("Home")
        self.page.keyboard.press("ArrowDown")

    def write(self, selector: str, words: str) -> None:
        """Reach a field and type, over whatever stands in it."""
        self.tab_to(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)


def check_skip_link(walk: Walk) -> None:
    """The first stop of a page leads past the navigation: the next after it is inside the main part."""
    walk.begin()
    walk.page.keyboard.press("Tab")
    first = walk.page.locator(":focus")
    expect(first).to_have_text("Skip to main content")
    expect(first).to_be_in_viewport()
    walk.page.keyboard.press("Enter")
    walk.page.keyboard.press("Tab")
    assert walk.page.evaluate("document.querySelector('main').contains(document.activeElement)")
    walk.begin()


def check_error_is_reached(walk: Walk, words: str, field_selector: str) -> None:
    """After a form that was refused: the focus is on the summary, one Tab is on its link, Enter is at the field.

    Whoever came by the skip link is at the top of the main part instead, where the summary stands first.
    """
    page = walk.page
    expect(page.locator(".govuk-error-summary")).to_contain_text(words)
    if "#" not in page.url:
        expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    page.keyboard.press("Tab")
    expect(page.locator(".govuk-error-summary a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(field_selector).first).to_be_focused()
    expect(page.locator(field_selector).first).to_be_in_viewport()
    walk.begin()


def walk_to_the_end(page: Page) -> None:
    """Tab through a page that is opened anew: every stop shows the focus, on the screen, in the order of reading."""
    page.goto(page.url.partition("#")[0])
    walk = Walk(page)
    walk.begin()
    for _ in range(MOST_STOPS):
        walk.tab()
        if walk.rounds and walk.stops:
            assert walk.stops > 5, f"the tab key reaches {walk.stops} of {page.url}"
            return
    raise AssertionError(f"the tab key does not come to the end of {page.url}")
