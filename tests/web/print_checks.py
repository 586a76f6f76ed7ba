"""What a page is on paper: no navigation, nothing to press, and every word that stands on it is in the printed file."""

import io
import itertools
import os
import re
import unicodedata
from pathlib import Path

import pypdf
from playwright.sync_api import Page, expect
from test_web_browser import check_at_every_size, keep_picture

NOT_ON_PAPER = (
    ".govuk-service-navigation, .govuk-skip-link, .govuk-back-link, main form, main button, main input, main select"
)
A4_WIDTH = 718
"""Pixels of a sheet between margins of a centimetre."""


def check_print(page: Page) -> None:
    """Hold a page that is open to what a sheet of paper needs; it is not to be used after."""
    page.emulate_media(media="print")
    shown = page.evaluate(
        "(what) => [...document.querySelectorAll(what)].filter(one => one.checkVisibility()).map(one => one.outerHTML)",
        NOT_ON_PAPER,
    )
    assert not shown, f"on paper: {shown[0][:200]}"
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH, "wider than the sheet"
    page.evaluate("document.querySelectorAll('.govuk-visually-hidden').forEach(one => one.remove())")  # read, not drawn
    words = page.locator("body").inner_text()
    sheets = [_letters(one.extract_text()) for one in pypdf.PdfReader(io.BytesIO(page.pdf())).pages]
    parts = {_letters(part) for part in re.split(r"[\n\t]", words)}
    cut = sorted(part for part in parts if not _is_there(part, sheets))
    assert not cut, f"cut off on paper: {cut[:3]}"


def check_paper(page: Page, name: str, title: str) -> None:
    """Wait until the guard has read the print version that was asked for; hold it to screens and to paper.

    Whoever prints it waits with the link of the page, once a second at most.
    """
    for _ in range(60):
        if page.locator("h1").inner_text() != "Print version":
            break
        page.wait_for_timeout(1_000)
        page.locator("a:has-text('Look again')").click()
    expect(page.locator("h1")).to_contain_text(title)
    address = page.url
    check_at_every_size(page, name)
    check_print(page)
    keep_picture(page, f"{name}-printed")
    folder = os.environ.get("BRAID_PICTURES")
    if folder:
        page.pdf(path=str(Path(folder) / f"{name}.pdf"), format="A4")
    page.goto(address)


def _letters(text: str) -> str:
    """Return the letters of a text without blanks, with ligatures taken apart: some fonts draw "fi" as one sign."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _is_there(part: str, sheets: list[str]) -> bool:
    """Whether words stand on one sheet, or begin on one and go on upon the next."""
    if any(part in sheet for sheet in sheets):
        return True
    for sheet, following in itertools.pairwise(sheets):
        begun = next(end for end in range(len(part), -1, -1) if part[:end] in sheet)
        if begun and part[begun:] in following:
            return True
    return False
