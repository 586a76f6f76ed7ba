"""The pictures of the manual: which steps of each cycle are shown, and how a test in the browser keeps them.

They are kept only where BRAID_PICTURES names a folder. `tools/manual_pictures.py` runs the test so, and puts them where
the pages of the manual look for them; `test_manual` holds the pages to this list.
"""

import base64
import os
from pathlib import Path

from playwright.sync_api import Page

STEPS = (
    "open",
    "offer",
    "accept",
    "case",
    "beside",
    "agenda",
    "return",
    "present",
    "seen",
    "decide",
    "decided",
    "minutes",
    "work",
    "closed",
)
"""In the order in which the test comes to them."""
CYCLES = {"marac": "risk-conference", "family_readiness": "readiness-meeting", "placement_panel": "placement-panel"}
"""The page of the manual for each kind of case that the test plays."""
WIDTH, MARGIN, PADDING, SCALE, QUALITY = 1000, 16, 36, 0.8, 62
"""Of a picture: how wide on the page, what is left around, what the main part has above and below; how it is kept."""


def name_of(case_type: str, step: str) -> str:
    """Return the name of the file of a step."""
    return f"{case_type.replace('_', '-')}-{STEPS.index(step) + 1:02}-{step}.webp"


class Album:
    """The pictures of one cycle; of a step that comes more than once, the first."""

    def __init__(self, case_type: str) -> None:
        self.case_type = case_type
        self.kept: list[str] = []

    def keep(self, page: Page, step: str, first: str = "main", last: str = "", most: int = 1200) -> None:
        """Keep the part of a page from one element to another, at most so many pixels of it, as the step."""
        if step in self.kept:
            return
        self.kept.append(step)
        folder = os.environ.get("BRAID_PICTURES")
        if folder:
            path = Path(folder) / "manual" / name_of(self.case_type, step)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_picture(page, first, last or first, most))

    def is_whole(self) -> bool:
        """Whether each step was come to, in its order."""
        return tuple(self.kept) == STEPS


def _picture(page: Page, first: str, last: str, most: int) -> bytes:
    """Return part of a page as WebP: the browser writes it itself, so that nothing else is needed."""
    find = (
        "element => { const box = element.getBoundingClientRect(); return [box.top + scrollY, box.bottom + scrollY] }"
    )
    top, _ = page.locator(first).first.evaluate(find)
    _, bottom = page.locator(last).first.evaluate(find)
    top, bottom = top + (PADDING if first == "main" else 0), bottom - (PADDING if last == "main" else 0)
    width = page.evaluate("document.documentElement.clientWidth")
    clip = {
        "x": (width - WIDTH) / 2,
        "y": max(0, top - MARGIN),
        "width": WIDTH,
        "height": min(bottom - top + 2 * MARGIN, most),
        "scale": SCALE,
    }
    session = page.context.new_cdp_session(page)
    wanted = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
    data = session.send("Page.captureScreenshot", wanted)["data"]
    session.detach()
    return base64.b64decode(data)
